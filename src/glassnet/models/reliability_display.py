"""ReliabilityDisplay: whether probabilities mean what they say, after scikit-learn's Display convention."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet._common.arrays import Array
from glassnet._common.quoting import listed, quoted
from glassnet.errors import InvalidDataError
from glassnet.models.reliability import N_BINS, ReliabilityBins, as_weight, reliability_bins

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class ReliabilityDisplay:
    """Show how often what a classifier predicts comes true, against how sure it is.

    Of two classes the diagram shows the probability of the second: rows are put into bins of equal counts by
    that probability, and each bin is a point, with the mean probability across and the share of rows of the
    class upwards, and Wilson's 95 % interval of that share. Of several classes it shows the *confidence*, the
    largest probability of a row, and the share of right answers. Points on the dotted line are calibrated;
    below it the classifier is surer than it is right. The histogram below says how many rows are that sure.

    Make one with `from_estimator` or `from_predictions`; with the same `ax`, several are compared.

    Parameters
    ----------
    bins : ReliabilityBins
    confidences, weights : ndarray of shape (n,)
        Of all rows, for the histogram.
    log_loss : float
    name : str
        For the legend.
    axis_labels : tuple of str
        What is predicted, and what came of it.

    Attributes
    ----------
    ax_ : matplotlib Axes
    histogram_ax_ : matplotlib Axes
        Of the histogram, which hangs below ``ax_``: figures of several make room for it with
        ``layout="constrained"``.
    figure_ : matplotlib Figure

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, figure 1.

    Examples
    --------
    Before and after a temperature, on one pair of axes:

    >>> import matplotlib; matplotlib.use("agg")
    >>> import numpy as np
    >>> from glassnet.models import ReliabilityDisplay, apply_temperature, fit_temperature
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(0, 4, 2000)
    >>> y = rng.random(2000) < 1 / (1 + np.exp(-z / 4))
    >>> mended = apply_temperature(z, fit_temperature(z[:1000], y[:1000]))
    >>> def proba(z):
    ...     return 1 / (1 + np.exp(-z))
    >>> first = ReliabilityDisplay.from_predictions(y[1000:], proba(z)[1000:], name="before")
    >>> second = ReliabilityDisplay.from_predictions(
    ...     y[1000:], proba(mended)[1000:], name="after", ax=first.ax_
    ... )
    >>> first.bins.error > 0.1 > 0.05 > second.bins.error
    True
    """

    ax_: "Axes"
    histogram_ax_: "Axes"
    figure_: "Figure"

    def __init__(
        self,
        *,
        bins: ReliabilityBins,
        confidences: Array,
        weights: Array,
        log_loss: float,
        name: str,
        axis_labels: tuple[str, str],
    ) -> None:
        self.bins = bins
        self.confidences = confidences
        self.weights = weights
        self.log_loss = log_loss
        self.name = name
        self.axis_labels = axis_labels

    def plot(self, ax: "Axes | None" = None, *, name: str | None = None) -> Self:
        """Draw the diagram, into new axes unless given; return the display.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            That of another display gets another curve.
        name : str, optional
            For the legend, in place of the display's.
        """
        from glassnet.plots import plot_reliability

        label = f"{name or self.name}\nECE {self.bins.error:.3f}, log loss {self.log_loss:.3f}"
        bins = self.bins
        self.ax_, self.histogram_ax_ = plot_reliability(
            bins.confidence,
            bins.frequency,
            (bins.lower, bins.upper),
            self.confidences,
            self.weights,
            label=label,
            axis_labels=self.axis_labels,
            ax=ax,
        )
        self.figure_ = self.ax_.get_figure(root=True)  # type: ignore[assignment]
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        n_bins: int = N_BINS,
        sample_weight: ArrayLike | None = None,
        name: str | None = None,
        ax: "Axes | None" = None,
    ) -> Self:
        """Draw the diagram of a fitted classifier on labelled rows that it was not fitted to.

        Parameters
        ----------
        estimator : classifier
            Anything that has ``predict_proba`` and ``classes_``: of glassnet, of scikit-learn, a Pipeline.
        X : array-like or DataFrame
            As for its ``predict_proba``.
        y : array-like of shape (n,)
            The true labels.
        n_bins, sample_weight, ax
            As for `from_predictions`.
        name : str, optional
            For the legend; the name of its class unless given.

        Raises
        ------
        InvalidDataError
            When it tells no classes, or labels do not fit them.
        """
        if not (hasattr(estimator, "predict_proba") and hasattr(estimator, "classes_")):
            raise InvalidDataError(
                f"got an object of type {type(estimator).__name__}; expected a fitted classifier with "
                "predict_proba. The probabilities of any other go into ReliabilityDisplay.from_predictions."
            )
        name = type(estimator).__name__ if name is None else name
        return cls.from_predictions(
            y,
            estimator.predict_proba(X),
            labels=estimator.classes_,
            n_bins=n_bins,
            sample_weight=sample_weight,
            name=name,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        proba: ArrayLike,
        *,
        labels: ArrayLike | None = None,
        n_bins: int = N_BINS,
        sample_weight: ArrayLike | None = None,
        name: str = "classifier",
        ax: "Axes | None" = None,
    ) -> Self:
        """Draw the diagram of probabilities.

        Parameters
        ----------
        y : array-like of shape (n,)
            The true labels.
        proba : array-like of shape (n, n_classes), or (n,)
            The probabilities of the classes, or of the second of two.
        labels : array-like of shape (n_classes,), optional
            The classes, in the order of the columns; those in y, sorted, unless given.
        n_bins : int
            How many bins at most. All have the same number of rows.
        sample_weight : array-like of shape (n,), optional
        name : str
            For the legend.
        ax : matplotlib Axes, optional
            Where to draw: the ``ax_`` of another display gets another curve.

        Raises
        ------
        InvalidDataError
            When probabilities and labels do not fit each other.
        """
        p = np.asarray(proba)
        p = p.astype(np.float64) if p.dtype.kind in "biu" else p
        p = np.column_stack([1 - p, p]) if p.ndim == 1 and p.dtype.kind == "f" else p
        truth = np.asarray(y)
        classes = _classes(truth, labels, p)
        place = np.array([{label: k for k, label in enumerate(classes.tolist())}[t] for t in truth.tolist()])
        weights = as_weight(sample_weight, len(truth))
        if len(classes) == 2:
            came_true, confidences = place == 1, p[:, 1]
            axis_labels = (f"probability of {classes[1]}", f"share of rows that are {classes[1]}")
        else:
            came_true, confidences = place == p.argmax(axis=1), p.max(axis=1)
            axis_labels = ("confidence: probability of the answer", "share of right answers")
        of_truth = np.clip(p[np.arange(len(p)), place], np.finfo(p.dtype).eps, 1)  # as scikit-learn does
        display = cls(
            bins=reliability_bins(came_true, confidences, n_bins=n_bins, sample_weight=weights),
            confidences=np.asarray(confidences),
            weights=weights,
            log_loss=float(np.average(-np.log(of_truth), weights=weights)),
            name=name,
            axis_labels=axis_labels,
        )
        return display.plot(ax)


def _classes(truth: NDArray[Any], labels: ArrayLike | None, p: NDArray[Any]) -> NDArray[Any]:
    """Return the classes in the order of the columns of p, after checking that all of it fits."""
    if truth.ndim != 1 or p.ndim != 2 or len(truth) != len(p) or not len(p) or p.dtype.kind != "f":
        raise InvalidDataError(
            f"got y of shape {truth.shape} and probabilities of shape {p.shape} and type {p.dtype}; expected "
            "one label for each row, and probabilities of shape (n, n_classes), or (n,) for two classes. Of "
            "several labels for a row, give one column of both at a time."
        )
    found = np.unique(truth)
    if labels is not None:
        classes = np.asarray(labels)
    elif p.shape[1] == 2 and set(found.tolist()) <= {0, 1}:
        classes = np.array([0, 1]).astype(found.dtype)
    else:
        classes = found
    if len(classes) != p.shape[1] or len(classes) < 2:
        raise InvalidDataError(
            f"got probabilities of {p.shape[1]} classes and the labels {listed(classes.tolist())}; expected "
            "one label for each column: labels=model.classes_."
        )
    strange = found[~np.isin(found, classes)]
    if len(strange):
        raise InvalidDataError(
            f"got the label {quoted(strange[0].item())} in y; expected one of {listed(classes.tolist())}."
        )
    return classes
