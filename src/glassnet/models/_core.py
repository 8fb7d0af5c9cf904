"""The fitted network that every class is a face of. It knows nothing of scikit-learn."""

from typing import TYPE_CHECKING, Any

from glassnet._common.arrays import Array
from glassnet.errors import InvalidParameterError, NotFittedError
from glassnet.models._streaming import over_streams
from glassnet.nn.evaluation import predict
from glassnet.nn.history import History
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class FittedNetwork:
    """Hold a network, and answer with it: outputs, features of any layer, curves.

    A face says in `_inputs` how it takes the X of a user.

    Attributes
    ----------
    architecture_ : Architecture
    parameters_ : Parameters
        Weights and biases, in use.
    history_ : History
        Of the training; there is none before it has begun.
    """

    architecture_: Architecture
    parameters_: Parameters
    history_: History

    _training: Training | None = None

    @property
    def has_weights(self) -> bool:
        """Whether there are weights, drawn or trained."""
        return "parameters_" in self.__dict__

    @property
    def is_trained(self) -> bool:
        """Whether training has begun to change the weights."""
        return "history_" in self.__dict__ or (
            self._training is not None and self._training.optimizer_state.t > 0
        )

    @property
    def has_single_labels(self) -> bool:
        """Whether targets are labels, one for each sample; the engine can then count hits."""
        return False

    @over_streams
    def transform(self, X: Any, layer: int = -1) -> Array:
        """Return the activations of a hidden layer.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        layer : int
            Among the hidden layers: 0 is the first, -1 the last.

        Returns
        -------
        ndarray of shape (n_samples, units)
        """
        self._require_weights()
        n_hidden = len(self.architecture_.activations)
        if n_hidden == 0:
            raise InvalidParameterError(
                "the network has no hidden layer whose activations could be returned."
            )
        if not -n_hidden <= layer < n_hidden:
            raise InvalidParameterError(
                f"got layer={layer} of {n_hidden} hidden layers; expected {-n_hidden} to {n_hidden - 1}."
            )
        return self._outputs(X, layer % n_hidden)

    def plot_losses(self, ax: "Axes | None" = None) -> "Axes":
        """Plot training and validation loss against the epochs; return the axes."""
        from glassnet.plots import plot_losses  # it takes a second to import

        if "history_" not in self.__dict__:
            raise NotFittedError(f"this {type(self).__name__} has no losses to plot yet; call fit first.")
        return plot_losses(self.history_, ax)

    # -- what the faces say, and ask ----------------------------------------------------------------------

    def _inputs(self, X: Any) -> Samples:
        """Return any X that a user may give as the engine takes it; refuse it where there are no weights."""
        raise NotImplementedError

    def _outputs(self, X: Any, layer: int = -1) -> Array:
        """Return the activations of a layer for any X that a user may give; -1 are the outputs."""
        inputs = self._inputs(X)
        return predict(self.architecture_, self.parameters_, inputs, layer)

    def _require_weights(self) -> None:
        if not self.has_weights:
            raise NotFittedError(
                f"this {type(self).__name__} has no weights yet; call fit (or initialize) first."
            )

    def _install(self, architecture: Architecture, parameters: Parameters) -> None:
        """Take over a network; what training remembered of another is gone."""
        self.architecture_, self.parameters_ = architecture, parameters
        self._training = None
        self.__dict__.pop("history_", None)
