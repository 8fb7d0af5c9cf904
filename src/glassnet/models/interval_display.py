"""PredictionIntervalDisplay: predicted intervals beside the truth, by scikit-learn's Display convention."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from glassnet._common.arrays import Array
from glassnet.errors import InvalidDataError
from glassnet.models.reliability import wilson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class PredictionIntervalDisplay:
    """Show predicted intervals in the order of their predictions, and which of them hold the truth.

    The title says how many do, with Wilson's 95 % interval, beside how many were promised, and how wide the
    intervals are. Of two models that keep the same promise, the one with the narrower intervals knows more.

    Make one with `from_estimator` or `from_predictions`.

    Parameters
    ----------
    lower, upper, middle, y : ndarray of shape (n,)
        The ends of the intervals, what they are sorted by, and the true values.
    promised : float or None
        The share of rows that the intervals are to hold.

    Attributes
    ----------
    coverage : float
        The share of rows whose interval holds the true value.
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure

    Examples
    --------
    >>> import matplotlib; matplotlib.use("agg")
    >>> shown = PredictionIntervalDisplay.from_predictions([1, 2, 3, 9], [0, 1, 2, 3], [2, 3, 4, 5])
    >>> shown.coverage
    0.75
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self, *, lower: Array, upper: Array, middle: Array, y: Array, promised: float | None = None
    ) -> None:
        self.lower = lower
        self.upper = upper
        self.middle = middle
        self.y = y
        self.promised = promised

    @property
    def coverage(self) -> float:
        """The share of rows whose interval holds the true value, ends included."""
        return float(np.mean((self.lower <= self.y) & (self.y <= self.upper)))

    def plot(self, ax: "Axes | None" = None, *, name: str | None = None) -> Self:
        """Draw the intervals, into new axes unless given; return the display.

        Parameters
        ----------
        ax : matplotlib Axes, optional
        name : str, optional
            Stands above the title.
        """
        from glassnet.plots import plot_intervals

        low, high = (float(end) for end in wilson_interval(self.coverage, len(self.y)))
        promise = "" if self.promised is None else f", promised {self.promised:.0%}"
        title = (
            f"{self.coverage:.1%} of {len(self.y):,} rows inside{promise}\n"
            f"95% interval {low:.1%} to {high:.1%}, mean width {np.mean(self.upper - self.lower):.3g}"
        )
        title = title if name is None else f"{name}\n{title}"
        self.ax_ = plot_intervals(self.lower, self.upper, self.middle, self.y, title=title, ax=ax)
        self.figure_ = self.ax_.get_figure(root=True)  # type: ignore[assignment]
        return self

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: ArrayLike, *, name: str | None = None, ax: "Axes | None" = None
    ) -> Self:
        """Draw the intervals of a fitted model of several quantiles, on rows that it was not fitted to.

        Parameters
        ----------
        estimator : regressor
            Whose ``predict`` gives a column for each of at least two quantiles, and whose ``quantiles`` are
            their levels: the first and the last are the ends of the interval, or what ``predict_interval``
            makes of them where the model has conformalised it.
        X : array-like or DataFrame
        y : array-like of shape (n,)
        name : str, optional
            Stands above the title; the name of its class unless given.
        ax : matplotlib Axes, optional

        Raises
        ------
        InvalidDataError
            When it predicts no intervals.
        """
        predicted = np.asarray(estimator.predict(X))
        if predicted.ndim != 2 or predicted.shape[1] < 2:
            raise InvalidDataError(
                f"got predictions of shape {predicted.shape}; expected a column for each of at least two "
                'quantiles: MLPRegressor(loss="pinball", quantiles=(0.1, 0.5, 0.9)).'
            )
        ends = predicted[:, [0, -1]]
        if getattr(estimator, "correction_", None) is not None:
            ends = estimator.predict_interval(X)
        levels = np.ravel(getattr(estimator, "quantiles", ()))
        promised = float(levels[-1] - levels[0]) if len(levels) == predicted.shape[1] else None
        return cls.from_predictions(
            y,
            ends[:, 0],
            ends[:, 1],
            middle=predicted[:, predicted.shape[1] // 2] if predicted.shape[1] > 2 else None,
            promised=promised,
            name=type(estimator).__name__ if name is None else name,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        *,
        middle: ArrayLike | None = None,
        promised: float | None = None,
        name: str | None = None,
        ax: "Axes | None" = None,
    ) -> Self:
        """Draw intervals that were predicted.

        Parameters
        ----------
        y : array-like of shape (n,)
            The true values.
        lower, upper : array-like of shape (n,)
            The ends of the intervals.
        middle : array-like of shape (n,), optional
            What rows are sorted by, and drawn as the prediction; half way between the ends unless given.
        promised : float, optional
            The share of rows that the intervals are to hold, such as 0.8.
        name : str, optional
            Stands above the title.
        ax : matplotlib Axes, optional

        Raises
        ------
        InvalidDataError
            When there are no rows, not as many of each, or numbers that are not finite.
        """
        truth, low, high = (np.asarray(column, dtype=np.float64) for column in (y, lower, upper))
        shapes = [column.shape for column in (truth, low, high)]
        if len(set(shapes)) == 1:
            centre = (low + high) / 2 if middle is None else np.asarray(middle, dtype=np.float64)
            columns = np.concatenate([np.ravel(column) for column in (truth, low, high, centre)])
            if truth.ndim == 1 and len(truth) and centre.shape == truth.shape and np.isfinite(columns).all():
                shown = cls(lower=low, upper=high, middle=centre, y=truth, promised=promised)
                return shown.plot(ax, name=name)
        raise InvalidDataError(
            f"got y, lower and upper of the shapes {', '.join(map(str, shapes))}; expected one finite number "
            "of each, and of middle where it is given, for each of at least one row."
        )
