"""LossCurveDisplay: an estimator's loss curves, after scikit-learn's Display convention."""

from typing import TYPE_CHECKING, Any, Self

from sklearn.utils.validation import check_is_fitted

from glassnet._common.pages import make_environment
from glassnet._common.palette import EMBEDDED, style_of
from glassnet.errors import NotFittedError
from glassnet.models._core import is_trained
from glassnet.nn.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class LossCurveDisplay:
    """Show training and validation loss against the epochs.

    Make one with `from_estimator`.

    Parameters
    ----------
    history : History

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    """

    ax_: "Axes"
    figure_: "Figure"

    def __init__(self, *, history: History) -> None:
        self.history = history

    def plot(self, ax: "Axes | None" = None) -> Self:
        """Draw the curves, into new axes unless given; return the display."""
        from glassnet.plots import plot_losses

        self.ax_ = plot_losses(self.history, ax)
        self.figure_ = self.ax_.get_figure(root=True)  # type: ignore[assignment]
        return self

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: "Axes | None" = None) -> Self:
        """Draw the loss curves of a fitted estimator.

        Parameters
        ----------
        estimator : MLPClassifier, MLPRegressor, MLPAutoencoder or NeuralNetwork
        ax : matplotlib Axes, optional

        Returns
        -------
        LossCurveDisplay
        """
        if not hasattr(estimator, "history_"):
            check_is_fitted(estimator)
            raise NotFittedError(
                f"this {type(estimator).__name__} has no losses to plot yet; call fit first."
            )
        return cls(history=estimator.history_).plot(ax)


def network_html(estimator: Any) -> str:
    """Return a fitted network's layers and loss curves as HTML for a notebook.

    Parameters
    ----------
    estimator : FittedEstimator
    """
    from glassnet.plots import loss_limits, loss_svg

    architecture = estimator.architecture_
    history = estimator.history_ if is_trained(estimator) else History()
    names = [activation.name for activation in architecture.activations] + [architecture.head.output]
    picture = ""
    if len(history) > 1:
        picture = loss_svg(history, "fit", epochs=len(history), limits=loss_limits([history]))
    template = make_environment("glassnet.models").get_template("network.html")
    return template.render(
        layers=list(zip(architecture.layer_shapes, names, strict=True)),
        reason=history.stopping_reason,
        picture=picture,
        colours=style_of(EMBEDDED),
    )
