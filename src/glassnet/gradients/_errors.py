"""What is probably wrong with a derivative: hypotheses, tried one after the other."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn.gradcheck import central_difference

STEP = 1e-5
"""h of the differences: rounding and truncation together cost about 1e-10."""

ROUNDING = 8 * float(np.finfo(np.float64).eps) / STEP
"""What rounding can do to a difference of values of size 1; smaller differences count as none."""

_SAME = 1e-4  # relative error up to which a hypothesis explains the claimed derivative
_ENOUGH = 10  # points; fewer could be explained by anything


class LikelyError(NamedTuple):
    """Name what is probably wrong with a derivative.

    Attributes
    ----------
    cause : str
        One of ``"not a number"``, ``"gate"``, ``"zero"``, ``"sign"``, ``"factor"``,
        ``"the activation itself"``, ``"derivative of the output"``, ``"derivative at the output"``,
        ``"missing factor"``.
    text : str
        A sentence that says it, and the fix.
    """

    cause: str
    text: str


def relative_errors(analytic: Array, numeric: Array, resolution: Array | float = ROUNDING) -> Array:
    """Return |analytic - numeric| / max(|analytic|, |numeric|), less what the resolution explains."""
    scale = np.maximum(np.abs(analytic), np.abs(numeric))
    with np.errstate(all="ignore"):
        errors = np.maximum(np.abs(analytic - numeric) - resolution, 0) / scale
    is_finite = np.isfinite(analytic) & np.isfinite(numeric)
    return np.asarray(np.where(scale == 0, 0, np.where(is_finite, errors, np.inf)))


def find_likely_error(
    function: Callable[[Array], Array],
    gradient: Callable[[Array], Array],
    z: Array,
    analytic: Array,
    numeric: Array,
    errors: Array,
) -> LikelyError | None:
    """Try hypotheses on all points; then on those alone that are wrong.

    Parameters
    ----------
    function, gradient : callable
        The activation and the derivative that was given for it, element by element.
    z, analytic, numeric, errors : ndarray of shape (n,)
        Where they were compared, the derivative, the differences, and the relative errors.

    Returns
    -------
    LikelyError or None
        None when no hypothesis fits.
    """
    wrong = errors > _SAME
    if not np.isfinite(analytic).all():
        first = z[~np.isfinite(analytic)][0]
        return LikelyError("not a number", f"activation_grad is not finite at z = {first:g}.")
    if not wrong.any():
        return None
    likely = _explain(function, gradient, z, analytic, numeric)
    if likely is not None or wrong.sum() < _ENOUGH:
        return likely
    likely = _explain(function, gradient, z[wrong], analytic[wrong], numeric[wrong])
    if likely is None:
        return None
    low, high = z[wrong].min(), z[wrong].max()
    where = "z < 0" if high <= 0 else "z > 0" if low >= 0 else f"z between {low:g} and {high:g}"
    return LikelyError(likely.cause, f"for {where}, {likely.text}")


def _explain(
    function: Callable[[Array], Array],
    gradient: Callable[[Array], Array],
    z: Array,
    g: Array,
    slope: Array,
) -> LikelyError | None:
    """Return the first hypothesis about the derivative g that holds at all of these points."""
    a = function(z)

    def same(left: Array, right: Array) -> bool:
        return bool((relative_errors(left, right) <= _SAME).all())

    if not slope.any():
        return LikelyError("gate", "activation_grad should be 0: the activation is flat there.")
    if not g.any():
        return LikelyError("zero", "activation_grad is 0 where the activation has a slope.")
    if same(g, -slope):
        return LikelyError("sign", "the sign is wrong; return the negative of it.")
    if same(gradient(-z), slope):
        return LikelyError("sign", "z has the wrong sign inside it: it is right at -z.")
    factor = float(g @ slope / (slope @ slope))
    if factor and same(g, factor * slope):
        return LikelyError(
            "factor", f"it is {factor:.6g} times the derivative; a factor of {1 / factor:.6g} is missing."
        )
    if same(gradient(a), slope):
        return LikelyError(
            "derivative of the output",
            "activation_grad is right as a function of the output a = activation(z), but it is called with "
            "the pre-activation z; use lambda z: activation_grad(activation(z)).",
        )
    if same(g, np.asarray(central_difference(function, a, STEP))):
        return LikelyError(
            "derivative at the output",
            "activation_grad takes the derivative at the output a = activation(z) instead of at z; "
            "apply the activation once less.",
        )
    if same(g, a):
        return LikelyError(
            "the activation itself", "activation_grad returns the activation, not its derivative."
        )
    factors = {"a": a, "(1 - a)": 1 - a, "(1 + a)": 1 + a, "z": z}
    for name, missing in factors.items():
        if same(g * missing, slope):
            return LikelyError(
                "missing factor", f"the factor {name} is missing, with a = activation(z): multiply by it."
            )
    return None
