"""Measure how right the doctor is: on half of the data sets and kinds to set rules, on the other to report.

    python -m benchmarks.doctor --half tuning|held-out [--jobs 2] [--show] [--treat] [--json FILE]
    python -m benchmarks.doctor --random 5000 [--jobs 2]

Whoever sets rules or limits looks at the tuning half alone. The held-out half asks for all kinds on the
held-out data sets, and reports those of its own apart. Networks are trained once and kept in a folder
under runs/; asking again costs the diagnoses only.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .cases import Outcome, Slot, examine_all, fingerprint, kinds_of, slots
from .data import DATA_SETS, Half, missing, names_of
from .pairs import examine_pairs
from .report import show, show_misses, summarise, table_of_kinds

SHARE_HEALTHY = 126 / 386


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.doctor",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--half", choices=["tuning", "held-out"], default="tuning")
    parser.add_argument("--kinds", default="", help="tuning, held-out, all, none, or names with ';' between")
    parser.add_argument("--sets", default="", help="names of data sets of the half, with ',' between")
    parser.add_argument("--runs", type=int, default=386, help="a third of them healthy (386)")
    parser.add_argument("--begin", type=int, default=0, help="first seed: others of the kind")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--show", action="store_true", help="print each network that was judged wrongly")
    parser.add_argument("--treat", action="store_true", help="try the cures of the sick ones")
    parser.add_argument("--again", action="store_true", help="train again what is kept")
    parser.add_argument("--cache", type=Path, default=Path("runs/doctor-benchmark"))
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--random", type=int, metavar="N", help="only ask for crashes, on N random pairs")
    parser.add_argument(
        "--list", action="store_true", help="only print the kinds, and which answers are right"
    )
    return parser.parse_args()


def tell(text: str) -> None:
    """Say how far it is, beside what is printed."""
    print(text, file=sys.stderr, flush=True)


def measure(arguments: argparse.Namespace) -> tuple[list[Outcome], list[Slot]]:
    """Return what the doctor said, and what could not be made."""
    half: Half = arguments.half
    sets = [name for name in names_of(half) if not arguments.sets or name in arguments.sets.split(",")]
    if not sets:
        raise SystemExit(f"got --sets {arguments.sets!r}; expected some of {', '.join(names_of(half))}")
    n_healthy = round(arguments.runs * SHARE_HEALTHY)
    kinds = [] if arguments.kinds == "none" else kinds_of(half, arguments.kinds)
    if arguments.kinds not in ("", "tuning", "held-out", "all", "none"):
        n_healthy = 0
    todo = slots(half, kinds, sets, arguments.runs - n_healthy if kinds else 0, n_healthy, arguments.begin)
    folder = arguments.cache / fingerprint()
    outcomes, lacking, start = [], [], time.perf_counter()
    results = examine_all(todo, folder, jobs=arguments.jobs, again=arguments.again, treat=arguments.treat)
    for done, (slot, outcome) in enumerate(results, 1):
        if outcome is None:
            lacking.append(slot)
        else:
            outcomes.append(outcome)
        if done % max(1, len(todo) // 40) == 0 or done == len(todo):
            tell(f"{done}/{len(todo)} networks, {time.perf_counter() - start:.0f} s")
    outcomes.sort(key=lambda o: o.seed)
    return outcomes, lacking


def main() -> None:
    arguments = parse()
    if arguments.list:
        print(table_of_kinds())
        return
    for name, package in missing().items():
        tell(f"left out: the data set {name}, as {package} is not installed")
    if arguments.random is not None:
        sys.exit(examine_pairs(arguments.random, jobs=arguments.jobs, begin=arguments.begin, tell=tell))
    print(f"{arguments.half} half: {', '.join(names_of(arguments.half))}")
    assert not set(names_of("tuning")) & set(names_of("held-out"))
    outcomes, lacking = measure(arguments)
    result: dict[str, Any] = summarise(outcomes)
    if arguments.show:
        show_misses(outcomes)
    show(result)
    if lacking:
        names = ", ".join(f"{slot.kind or 'healthy'} ({', '.join(slot.sets)})" for slot in lacking)
        print(f"\nNo such network could be had, or the fault did no harm: {names}")
    if arguments.json:
        values = {"half": arguments.half, **result, "outcomes": [asdict(o) for o in outcomes]}
        values["packages"] = {name: one.is_there for name, one in DATA_SETS.items()}
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(values, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
