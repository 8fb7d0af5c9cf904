"""Check the backward pass against central differences, aware of the kinks of ReLU.

This is the engine's own check, and what the checks for users (`glassnet.check_gradient`,
`glassnet.check_network_gradient`) measure and judge with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet._common.words import Word
from glassnet.errors import InvalidParameterError
from glassnet.nn import ops
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.network import backward, forward
from glassnet.nn.workspace import Workspace

GOOD = 1e-7
"""Relative error up to which a gradient is right."""

ACCEPTABLE = 1e-4
"""Relative error up to which a gradient is acceptable where there are kinks."""

WRONG = 1e-2
"""Relative error above which a gradient is wrong."""


class GradientVerdict(Word):
    """Say what a relative error means, see `judge`; of several the last counts, the worst."""

    TOO_SMALL = "too small to measure"
    GOOD = "good"
    ACCEPTABLE = "acceptable"
    SUSPICIOUS = "suspicious"
    WRONG = "wrong"

    @property
    def is_right(self) -> bool:
        """Whether a gradient was measured and can be relied on."""
        return self in (GradientVerdict.GOOD, GradientVerdict.ACCEPTABLE)


def judge(relative_error: float, *, has_kinks: bool) -> GradientVerdict:
    """Return what a relative error between analytic and numeric gradient means.

    Parameters
    ----------
    relative_error : float
        NaN, of a gradient that is not a number, is wrong.
    has_kinks : bool
        Whether an activation or the loss has kinks.

    Returns
    -------
    GradientVerdict
        ``"good"`` up to 1e-7; up to 1e-4 ``"acceptable"`` with kinks, and ``"suspicious"`` without;
        ``"suspicious"`` up to 1e-2; ``"wrong"`` above.

    References
    ----------
    CS231n, Neural Networks Part 3, "Gradient checks".
    """
    if relative_error <= GOOD:
        return GradientVerdict.GOOD
    if relative_error <= ACCEPTABLE and has_kinks:
        return GradientVerdict.ACCEPTABLE
    return GradientVerdict.SUSPICIOUS if relative_error <= WRONG else GradientVerdict.WRONG


def central_difference(function: Callable[[Any], Any], at: Any, step: float) -> Any:
    """Return the slope (f(at + h) - f(at - h)) / 2h.

    Parameters
    ----------
    function : callable
        Of a number, or element by element of an array.
    at : float or ndarray
    step : float
        h. Rounding costs about 1e-16 / h, the difference about h^2.

    Returns
    -------
    float or ndarray
        As the function returns.
    """
    return (function(at + step) - function(at - step)) / (2 * step)


@dataclass(frozen=True)
class GradientCheck:
    """Compare the gradient of the backward pass with central differences.

    Attributes
    ----------
    analytic, numeric : ndarray of shape (n_checked,)
        The gradient's entries by the backward pass, and by differences.
    checked : ndarray of int, shape (n_checked,)
        Which entries of theta.
    skipped : int
        Entries left out because the step across them would pass a kink of an activation.
    loss : float
        The loss at theta; the larger, the more rounding there is in its differences.
    """

    analytic: Array
    numeric: Array
    checked: NDArray[np.intp]
    skipped: int
    loss: float = 0.0

    def __repr__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        compared = f"{len(self.checked)} entries{skipped}"
        return f"<GradientCheck: relative error {self.relative_error:.1e} of {compared}>"

    @property
    def relative_error(self) -> float:
        """Largest |analytic - numeric|, relative to the largest entry of the gradient; NaN if one is NaN."""
        scale = float(np.maximum(np.abs(self.analytic), np.abs(self.numeric)).max(initial=0))
        difference = float(np.abs(self.analytic - self.numeric).max(initial=0))
        return difference / scale if scale else difference


def check_backward(
    architecture: Architecture,
    parameters: Parameters,
    X: Array,
    y: Array,
    *,
    step: float = 1e-6,
    entries: NDArray[np.intp] | None = None,
) -> GradientCheck:
    """Compare entries of the gradient that `backward` computes with (L(theta + h) - L(theta - h)) / 2h.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
        Of float64; unchanged afterwards.
    X : ndarray of shape (n, n_features)
    y : ndarray of shape (n, n_outputs)
    step : float
        h, see `central_difference`.
    entries : ndarray of int, optional
        Which entries of theta; each costs two forward passes. Unless given, all.

    Returns
    -------
    GradientCheck

    Raises
    ------
    InvalidParameterError
        When the parameters are not float64: in float32 the differences drown in rounding.

    Notes
    -----
    At a kink, where the derivative jumps, the difference measures neither side's. An entry is skipped
    when any pre-activation of a layer with kinks is on one side at theta - h and on the other at theta + h.

    References
    ----------
    CS231n, Neural Networks Part 3, "Gradient checks".
    """
    theta = parameters.theta
    if theta.dtype != np.float64:
        raise InvalidParameterError(f"got {theta.dtype} parameters; a gradient check needs float64.")
    ops.ready(theta.dtype)
    workspace = Workspace(architecture, len(X), theta.dtype, keep_z=True)
    gradient = Parameters(architecture, np.empty_like(theta))

    head = architecture.head
    layers = [*architecture.activations, head.activation]
    sides: list[list[NDArray[np.bool_]]] = []

    def loss_with(i: int, value: float) -> float:
        theta[i] = value
        forward(architecture, parameters, X, workspace)
        sides.append(
            [z > kink for activation, z in zip(layers, workspace.z, strict=True) for kink in activation.kinks]
            + [workspace.a[-1] - y > kink for kink in head.kinks]
        )
        return float(head.losses(workspace.z[-1], workspace.a[-1], y).mean())

    forward(architecture, parameters, X, workspace)
    loss = backward(architecture, parameters, X, y, workspace, gradient)
    chosen = np.arange(len(theta)) if entries is None else entries
    numeric = np.empty(len(chosen))
    is_smooth = np.zeros(len(chosen), bool)
    for place, i in enumerate(chosen.tolist()):
        before = float(theta[i])
        numeric[place] = central_difference(partial(loss_with, i), before, step)
        theta[i] = before
        above, below = sides[-2:]
        is_smooth[place] = all(np.array_equal(a, b) for a, b in zip(above, below, strict=True))
        sides.clear()
    checked = chosen[is_smooth]
    skipped = len(chosen) - len(checked)
    return GradientCheck(gradient.theta[checked], numeric[is_smooth], checked, skipped, loss)
