"""LossCurveDisplay: an estimator's loss curves, after scikit-learn's Display convention."""

from typing import TYPE_CHECKING, Any, Self

from markupsafe import Markup
from sklearn.utils.validation import check_is_fitted

from glassnet._common.notebook import Table, render
from glassnet.errors import InvalidParameterError, NotFittedError
from glassnet.models._core import FittedNetwork, is_trained
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
            Or a Pipeline that ends in one, or a search, whose best model is shown.
        ax : matplotlib Axes, optional

        Returns
        -------
        LossCurveDisplay

        Raises
        ------
        NotFittedError
            When nothing has been trained.
        InvalidParameterError
            When there is no network in it, or more than one.
        """
        return cls(history=_find_network(estimator).history_).plot(ax)


def network_html(estimator: Any, title: str = "") -> str:
    """Return a fitted network's layers and loss curves as HTML for a notebook.

    Parameters
    ----------
    estimator : FittedNetwork
    title : str
        Stands above them.
    """
    from glassnet.plots import loss_limits, loss_svg  # it takes a second to import

    architecture = estimator.architecture_
    history = estimator.history_ if is_trained(estimator) else History()
    names = [activation.name for activation in architecture.activations] + [architecture.head.output]
    rows = [
        (str(i), f"{fan_in} → {fan_out}", name, f"{(fan_in + 1) * fan_out:,}")
        for i, ((fan_in, fan_out), name) in enumerate(zip(architecture.layer_shapes, names, strict=True), 1)
    ]
    picture, note = "", ""
    if len(history) > 1:
        picture = loss_svg(history, "fit", epochs=len(history), limits=loss_limits([history]))
        note = "Training loss: solid; validation loss: dashed; the circle is the best epoch."
    table = Table(("layer", "units", "activation", "parameters"), rows)
    return render(title, [history.stopping_reason], tables=[table], picture=Markup(picture), note=note)


def _find_network(estimator: Any) -> Any:
    """Return the network in a fitted Pipeline or search, or whatever else trains one model.

    Raises
    ------
    InvalidParameterError
        When it holds several networks, or a search was told to keep none.
    """
    if isinstance(estimator, FittedNetwork) and hasattr(estimator, "history_"):
        return estimator
    if hasattr(estimator, "steps"):
        return _find_network(estimator.steps[-1][1])
    if hasattr(estimator, "fit"):
        check_is_fitted(estimator)
    name = type(estimator).__name__
    if isinstance(estimator, FittedNetwork):
        raise NotFittedError(f"this {name} has no losses to plot yet; call fit first.")
    if hasattr(estimator, "best_params_") and not hasattr(estimator, "best_estimator_"):
        raise InvalidParameterError(f"this {name} has kept no model; let it train the best one: refit=True.")
    for attribute in ("best_estimator_", "estimator_", "regressor_"):
        if hasattr(estimator, attribute):
            return _find_network(getattr(estimator, attribute))
    if hasattr(estimator, "estimators_"):
        raise InvalidParameterError(
            f"this {name} holds {len(estimator.estimators_)} models; show one of them: "
            "LossCurveDisplay.from_estimator(model.estimators_[0])."
        )
    raise InvalidParameterError(
        f"got an object of type {name}; expected a network of glassnet, or a Pipeline or search that ends "
        "in one. A network of scikit-learn is taken over by MLPClassifier.from_sklearn(model) and "
        "MLPRegressor.from_sklearn(model)."
    )
