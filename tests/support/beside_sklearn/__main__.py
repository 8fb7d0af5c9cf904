"""Ask glassnet's estimators and scikit-learn's the same, many times over, and count how they answered.

``make peers`` runs 10,000 cases; ``make peers ARGS="--seed 0 --first 123 --cases 1"`` shows one of them. The
exit code is 1 where a case is neither equal, nor refused by both, nor a difference that docs/scikit-learn.md
names.
"""

import argparse
import collections
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

from beside_sklearn.comparing import judge_many, meanings


def main() -> int:
    """Run the cases, print the counts and every failure; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m beside_sklearn", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    verdicts = judge_many(options.seed, range(options.first, options.first + options.cases), options.jobs)
    endings, names = collections.Counter[str](), collections.Counter[str]()
    for verdict in verdicts:
        endings[verdict.ending] += 1
        names.update(verdict.names if verdict.ending == "named" else ())
        if verdict.ending == "different" or options.cases == 1:
            print(f"--seed {options.seed} --first {verdict.number} --cases 1: {verdict.ending}")
            print(f"  {verdict.report}", flush=True)
    print(f"{options.cases:,} cases, seed {options.seed}")
    for ending, meaning in meanings().items():
        print(f"{endings[ending]:7,}  {meaning}")
    for name, count in names.most_common():
        print(f"{count:11,}  {name}")
    return 1 if endings["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
