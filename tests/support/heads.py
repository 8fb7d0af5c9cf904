"""Every head that there is: those of the table, each loss with each other output, and levels of quantiles."""

import numpy as np

from glassnet.errors import InvalidParameterError
from glassnet.nn.losses import LOSSES, Head, head_of, pinball
from glassnet.nn.outputs import OUTPUTS


def _pairs() -> dict[str, Head]:
    found = {}
    for loss in LOSSES:
        for output in OUTPUTS:
            try:
                head = head_of(loss, output)
            except InvalidParameterError:
                continue
            if head is not LOSSES[loss]:
                found[f"{loss}/{output}"] = head
    return found


PAIRS = _pairs()
"""The heads whose chain is written out, by the names of loss and output: ``"squared_error/sigmoid"``."""

LEVELS = {f"pinball({tau})": pinball(tau) for tau in (0.1, 0.9)}
"""Heads of the pinball loss with other levels than the table's, which is the median."""

HEADS = {**LOSSES, **PAIRS, **LEVELS}


def draw_hard_or_soft(head: Head, rng: np.random.Generator, n: int, n_outputs: int, hard: bool) -> np.ndarray:
    """Return targets that a head allows: soft ones, or hard ones (0 or 1, counts)."""
    hard = hard or head.name in ("hinge", "perceptron")
    if head.activation.sums_to_one:
        if hard:
            return np.eye(n_outputs)[rng.integers(n_outputs, size=n)]
        return rng.dirichlet(np.ones(n_outputs), size=n)
    values = head.activation.range if head.chained else head.domain
    if head.name in ("hinge", "perceptron", "sigmoid_cross_entropy") or values.high == 1:
        y = rng.random((n, n_outputs))
        return y.round() if hard else y
    if head.name == "poisson" or values.low == 0:
        return rng.poisson(2, (n, n_outputs)).astype(float) if hard else rng.gamma(2, 1, (n, n_outputs))
    return np.maximum(rng.normal(0, 2, (n, n_outputs)), values.low)
