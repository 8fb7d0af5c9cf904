"""Ask onnxruntime what it makes of random models: ``python scripts/compare_onnx.py --models 200``."""

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from onnx_peers import answers_of, farthest, random_model

CLOSE = {"float32": 1e-5, "float64": 1e-6}
"""How far answers may be apart; onnxruntime has erf in single precision alone."""


def main() -> int:
    """Compare, print what was seen, and return 1 where an answer differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="The seed of the first model.")
    options = parser.parse_args()
    seen: Counter[str] = Counter()
    worst, failed = dict.fromkeys(CLOSE, 0.0), 0
    for seed in range(options.first, options.first + options.models):
        model, X, encoded = random_model(seed)
        dtype = model.parameters_.theta.dtype.name
        seen[type(model).__name__] += 1
        far = farthest(answers_of(model, X, encoded))
        worst[dtype] = max(worst[dtype], far)
        if far > CLOSE[dtype]:
            failed += 1
            print(f"seed {seed}: {model} is {far:.2g} away")
    print(f"{options.models} models, {failed} differ: {dict(seen)}")
    print("farthest:", {dtype: float(f"{far:.2g}") for dtype, far in worst.items()})
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
