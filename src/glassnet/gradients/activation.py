"""Check the derivative of an activation of one's own, and find the likely error in a wrong one."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from glassnet._common.arrays import Array
from glassnet._common.notebook import render
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.gradients._errors import ROUNDING, STEP, LikelyError, find_likely_error, relative_errors
from glassnet.models.resolving import resolve_activation
from glassnet.nn.activations import Activation
from glassnet.nn.gradcheck import GradientVerdict, central_difference, judge

_RANGE = 10.0  # kinks are looked for in [-10, 10] at least


@dataclass(frozen=True)
class ActivationCheck:
    """Compare a derivative with central differences of its activation.

    Attributes
    ----------
    name : str
    z, analytic, numeric : ndarray of shape (n_checked,)
        Where it was checked, the derivative that was given, and the differences.
    resolution : ndarray of shape (n_checked,)
        How exactly the differences are known: what rounding and the length of the step can do to them.
    kinks : tuple of float
        Where the slope jumps; points whose step would cross one are left out.
    likely_error : LikelyError or None
        Found by trying hypotheses, when the derivative is wrong; None also when none of them fits.
    """

    name: str
    z: Array
    analytic: Array
    numeric: Array
    resolution: Array
    kinks: tuple[float, ...]
    likely_error: LikelyError | None

    @property
    def errors(self) -> Array:
        """The relative error at each z, less what the resolution explains; infinite where not a number."""
        return relative_errors(self.analytic, self.numeric, self.resolution)

    @property
    def relative_error(self) -> float:
        """The largest of `errors`."""
        return float(self.errors.max(initial=0.0))

    @property
    def verdict(self) -> GradientVerdict:
        """What the relative error means, see `glassnet.nn.gradcheck.judge`."""
        return judge(self.relative_error, has_kinks=bool(self.kinks))

    def __repr__(self) -> str:
        return f"<ActivationCheck of {self.name}: {self.verdict}, relative error {self.relative_error:.1e}>"

    def _repr_html_(self) -> str:
        title, *rest = str(self).splitlines()
        return render(title, [line.strip() for line in rest])

    def __str__(self) -> str:
        found = ", ".join(f"{kink:g}" for kink in self.kinks)
        kinks = f"kinks at z = {found} left out" if found else "no kinks"
        error = (
            f"relative error {self.relative_error:.1e}" if self.relative_error else "equal within rounding"
        )
        low, high = self.z.min(), self.z.max()
        lines = [
            f"{self.name}: {self.verdict}, {error} ({len(self.z)} points from {low:g} to {high:g}, {kinks})"
        ]
        if self.verdict != GradientVerdict.GOOD:
            worst = int(self.errors.argmax())
            lines.append(
                f"  worst at z = {self.z[worst]:g}: activation_grad gives {self.analytic[worst]:.6g}, "
                f"the slope is {self.numeric[worst]:.6g}"
            )
        if self.likely_error is not None:
            lines.append(f"  likely error: {self.likely_error.text}")
        return "\n".join(lines)


def check_gradient(
    activation: str | Callable[[Array], Array] | Activation,
    activation_grad: Callable[[Array], Array] | None = None,
    *,
    at: ArrayLike | None = None,
) -> ActivationCheck:
    """Check the derivative of an activation against central differences.

    Parameters
    ----------
    activation : str, callable or Activation
        A function of the pre-activations z, element by element; or a name of the library's.
    activation_grad : callable, optional
        Its derivative, as a function of z too. May be left out for activations of the library.
    at : array-like of float, optional
        The z to check at. Unless given, 241 points from -6 to 6.

    Returns
    -------
    ActivationCheck
        ``print`` it; or ask it for `verdict`, `relative_error`, `likely_error`.

    Raises
    ------
    InvalidParameterError
        When a function is missing, does not work element by element, or computes in less than float64.
    InvalidDataError
        When `at` is no list of finite numbers, or the activation is not finite there.

    Notes
    -----
    The relative error at z is ``|g(z) - d(z)| / max(|g(z)|, |d(z)|)``, with g the derivative given and
    ``d(z) = (f(z + h) - f(z - h)) / 2h``, h = 1e-5; a difference within twice that of d(z) at h and at h/2,
    or within rounding, counts as none. Kinks are found by bisection, and points beside one are left out.

    References
    ----------
    CS231n, Neural Networks Part 3, "Gradient checks".

    Examples
    --------
    >>> import numpy as np
    >>> print(check_gradient(np.tanh, lambda z: 1 - np.tanh(z)**2))
    tanh: good, equal within rounding (241 points from -6 to 6, no kinks)
    >>> check_gradient(np.tanh, lambda a: 1 - a**2).likely_error.cause
    'derivative of the output'
    """
    with np.errstate(all="ignore"):  # it tries the functions; those here choose where they are defined
        entry = resolve_activation(activation, activation_grad)
    z = _points(at)
    function = _checked_function(entry.function)
    gradient = _as_floats(entry.gradient)
    kinks = find_kinks(function, low=min(-_RANGE, z.min() - 1), high=max(_RANGE, z.max() + 1))
    for kink in kinks:
        z = z[np.abs(z - kink) > 2 * STEP]
    if not len(z):
        raise InvalidDataError("every point of `at` is on a kink, where there is no slope; add other points.")
    numeric = np.asarray(central_difference(function, z, STEP))
    if not np.isfinite(numeric).all():
        raise InvalidDataError(
            f"the activation is not finite at z = {z[~np.isfinite(numeric)][0]:g}; "
            "choose the points with at=, inside its domain."
        )
    resolution = ROUNDING + 2 * np.abs(numeric - central_difference(function, z, STEP / 2))
    name = entry.name.removeprefix("custom:")
    check = ActivationCheck(name, z, gradient(z), numeric, resolution, kinks, None)
    if check.verdict.is_right:
        return check
    likely = find_likely_error(function, gradient, z, check.analytic, numeric, check.errors)
    return replace(check, likely_error=likely)


def find_kinks(
    function: Callable[[Array], Array], low: float = -_RANGE, high: float = _RANGE
) -> tuple[float, ...]:
    """Return where the slope of a function jumps, to about 1e-6.

    Parameters
    ----------
    function : callable
        Element by element.
    low, high : float
        Between which to look.

    Notes
    -----
    Each of 400 intervals is halved again and again, always keeping the half whose chord differs more from
    the slopes at its ends. Where the function is smooth, they become equal; at a kink or a jump they do not.
    """
    left = np.linspace(low - 0.0123, high + 0.0377, 401)  # kinks at round numbers fall inside an interval
    left, right = left[:-1], left[1:]
    with np.errstate(all="ignore"):
        while (right - left).max() > 1e-6:
            middle = (left + right) / 2
            goes_left = _bend(function, left, middle) >= _bend(function, middle, right)
            left, right = np.where(goes_left, left, middle), np.where(goes_left, middle, right)
        steepest = np.abs(central_difference(function, left, 1e-7))
        jumps = _bend(function, left, right) > 1e-3 * np.maximum(1, np.nan_to_num(steepest).max())
    found = {round(float(kink), 5) + 0.0 for kink in ((left + right) / 2)[jumps]}
    return tuple(sorted(found))


def _bend(function: Callable[[Array], Array], left: Array, right: Array) -> Array:
    """Return how much the slopes at both ends differ from that of the chord between them."""
    chord = (function(right) - function(left)) / (right - left)
    at_left, at_right = (np.abs(central_difference(function, end, 1e-7) - chord) for end in (left, right))
    return np.asarray(np.nan_to_num(at_left + at_right))


def _points(at: ArrayLike | None) -> Array:
    if at is None:
        return np.linspace(-6, 6, 241)
    try:
        z = np.atleast_1d(np.asarray(at, dtype=np.float64))
    except (TypeError, ValueError):
        z = np.full((0,), np.nan)
    if z.ndim != 1 or not len(z) or not np.isfinite(z).all():
        raise InvalidDataError(
            f"got at={quoted(at)}; expected finite numbers, such as np.linspace(-3, 3, 61)."
        )
    return z


def _as_floats(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Call a function as the network does, with z of shape (n, units)."""

    def call(z: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(function(z.reshape(-1, 1).copy()), dtype=np.float64).reshape(z.shape)

    return call


def _checked_function(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Return the activation as a function of float64, refused if it computes in less or is not finite."""
    z = np.linspace(-6, 6, 241).reshape(-1, 1)
    with np.errstate(all="ignore"):
        values = np.asarray(function(z.copy()))
    if values.dtype in (np.float16, np.float32):
        raise InvalidParameterError(
            f"the activation returned {values.dtype} for z of float64; differences drown in its rounding. "
            "Let it keep the dtype of z."
        )
    return _as_floats(function)
