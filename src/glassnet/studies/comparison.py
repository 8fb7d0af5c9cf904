"""What two engines made of the same models: how far their numbers differ, and how long each took."""

from collections.abc import Sequence

import numpy as np

from glassnet.studies.base import Insight, ModelResult
from glassnet.studies.engines import OWN, PEER
from glassnet.studies.folder import RunFolder

PROMISED = 1e-6
"""How far the numbers of the two engines may differ in float64, see docs/scikit-learn.md."""


def pair_engines(results: Sequence[ModelResult]) -> list[tuple[ModelResult, ModelResult]]:
    """Return (glassnet's, scikit-learn's) result of each model that there are both of."""
    by_key: dict[str, dict[str, ModelResult]] = {}
    for result in results:
        by_key.setdefault(result.spec.key, {})[result.engine] = result
    return [(pair[OWN], pair[PEER]) for pair in by_key.values() if {OWN, PEER} <= pair.keys()]


def compare_engines(results: Sequence[ModelResult], metric: str, folder: RunFolder) -> list[Insight]:
    """State how far the numbers of the two engines differ, and how long each took; nothing without both."""
    pairs = pair_engines([result for result in results if result.state == "finished"])
    if not pairs:
        return []
    rows, largest = [], 0.0
    for own, other in pairs:
        difference = _curve_difference(own.name, other.name, folder)
        largest = max(largest, difference)
        rows.append(
            [
                own.name.removesuffix(f"-{OWN}"),
                *(f"{result.test[metric]:.4f}" for result in (own, other)),
                f"{difference:.1e}",
                *(f"{result.seconds:.1f}" for result in (own, other)),
                f"{other.seconds / own.seconds:.2f} ×",
            ]
        )
    seconds = [sum(result.seconds for result in side) for side in zip(*pairs, strict=True)]
    equal = "the same numbers" if largest <= PROMISED else "different numbers"
    return [
        Insight(
            f"Both engines give {equal}; scikit-learn takes {seconds[1] / seconds[0]:.2f} times as long.",
            "Same data, settings and seed, in float64, in processes with one BLAS thread each. The training "
            f"and validation losses of all epochs differ by at most {largest:.1e}; {PROMISED:g} is promised. "
            f"In this run training took {seconds[0]:.1f} s with glassnet and {seconds[1]:.1f} s with "
            "scikit-learn; both include a validation loss after every epoch.",
            {
                "columns": [
                    "model",
                    f"test {metric}, glassnet",
                    "scikit-learn",
                    "largest difference of a loss",
                    "seconds, glassnet",
                    "scikit-learn",
                    "ratio",
                ],
                "rows": rows,
            },
            topic="The two engines",
        )
    ]


def _curve_difference(name: str, other: str, folder: RunFolder) -> float:
    """Return the largest difference of two models' losses in one epoch; infinity for unequal numbers."""
    histories = [folder.read_history(model) for model in (name, other)]
    curves = [
        np.array([history.column("loss"), history.column("validation_loss")], dtype=float)
        for history in histories
        if history is not None
    ]
    if len(curves) != len(histories) or curves[0].shape != curves[1].shape:
        return float("inf")
    return float(np.abs(curves[0] - curves[1]).max(initial=0.0))
