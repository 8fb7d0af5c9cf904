"""The fitted network that every class is a face of. It knows nothing of scikit-learn."""

import os
from collections.abc import Callable, Collection
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import shown
from glassnet.data.streams import Stream, few_rows
from glassnet.errors import InvalidParameterError, NotFittedError
from glassnet.models._attributes import check_attributes
from glassnet.models._exporting import Exported
from glassnet.models._state import NOT_A_NETWORK, ModelState, not_a_network, read_state, write_state
from glassnet.models._streaming import Reader, StreamedSamples, over_streams
from glassnet.models._warning import warn
from glassnet.nn.evaluation import predict
from glassnet.nn.history import History
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class FittedNetwork(Exported):
    """Hold a network, and answer with it: outputs, features of any layer, curves.

    A face says in `_inputs` how it takes the X of a user, and in `_reader` how the batches of a stream.

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

    _fitted_names: ClassVar[tuple[str, ...]] = ("n_features_in_",)
    """The attributes that fitting sets and files keep, beside those above."""

    _training: Training | None = None

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

    # -- files --------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one file, atomically: safetensors with JSON metadata, never pickle.

        Functions are not written, nor an optimiser of your own, nor what the optimiser remembers.

        Parameters
        ----------
        path : path-like

        Raises
        ------
        FileError
            When the file cannot be written.
        """
        self._require_weights()
        write_state(path, self._state())

    @classmethod
    def load(cls, path: str | os.PathLike[str], **parameters: Any) -> Self:
        """Read a model of this class that `save` wrote; `glassnet.load` reads any class.

        Parameters
        ----------
        path : path-like
        **parameters : object
            Of the constructor, in place of those in the file: such as functions, which it cannot hold.

        Raises
        ------
        DataFileError
            When the file is missing, damaged, of another class, or its parts do not fit each other.
        InvalidParameterError
            When the network had an activation of its maker's own and none is given.
        """
        for name in parameters:
            lookup(signature(cls).parameters, name, f"parameter of {cls.__name__}")
        state = read_state(path, cls.__name__, parameters)
        try:
            model = cls._from_state(state)
            model._check_parameters(set(state.parameters) - set(parameters))  # noqa: SLF001  # of this class
        except NOT_A_NETWORK as error:
            raise not_a_network(path, error) from error
        if not np.isfinite(state.theta).all():
            warn(
                f"the weights in {shown(path)} hold NaN or infinity: the network diverged before it was "
                "saved. Its outputs mean nothing; `glassnet doctor` says what may have led there."
            )
        return model

    def _state(self) -> ModelState:
        network, missing = self.parameters_, object()  # each is asked once: another thread may be training
        fitted = {name: getattr(self, name, missing) for name in self._fitted_names}
        return ModelState(
            type(self).__name__,
            self._plain_parameters(),
            network.architecture,
            network.theta,
            {name: value for name, value in fitted.items() if value is not missing},
            vars(self).get("history_"),
        )

    @classmethod
    def _from_state(cls, state: ModelState) -> Self:
        model = cls(**state.parameters)
        model._restore(state)
        return model

    def _restore(self, state: ModelState) -> None:
        """Take over a network and the attributes that its fitting has set."""
        check_attributes(state.fitted, self._fitted_names, state.architecture)
        self._install(state.architecture, Parameters(state.architecture, state.theta))
        for name, value in state.fitted.items():
            setattr(self, name, value)
        if state.history is not None:
            self.history_ = state.history

    def _check_parameters(self, names: Collection[str]) -> None:
        """Raise a ValueError or TypeError where a parameter of these names could not have been used."""

    def _plain_parameters(self) -> dict[str, Any]:
        """Return the constructor's parameters, as they are to be written to a file."""
        raise NotImplementedError

    def __sklearn_is_fitted__(self) -> bool:
        """Say whether there are weights; scikit-learn would look through attributes that training adds."""
        return has_weights(self)

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle the attributes of this moment: another thread may be training."""
        state: Any = super().__getstate__()
        return dict(state)

    # -- what the faces say, and ask ----------------------------------------------------------------------

    def _counts_hits(self) -> bool:
        """Return whether the engine's count of hits is the accuracy."""
        return self._has_single_labels()

    def _inputs(self, X: Any) -> Samples:
        """Return any X that a user may give as the engine takes it; refuse it where there are no weights."""
        raise NotImplementedError

    def _reader(self) -> Reader:
        """Return how the batches of a stream are read."""
        raise NotImplementedError

    def _streamed(
        self,
        stream: Stream,
        rows: int | None = None,
        weigh: Callable[[Any], Array] | None = None,
        dtype: DTypeLike | None = None,
    ) -> StreamedSamples:
        """Return the samples of a stream, in parts of few rows unless told otherwise."""
        rows = rows or few_rows(self._row_bytes())
        dtype = self.parameters_.theta.dtype if dtype is None else dtype
        return StreamedSamples(stream, self._reader(), self.architecture_.sizes[-1], dtype, rows, weigh)

    def _row_bytes(self) -> int:
        """Return what a row takes in a part, inputs and targets."""
        sizes = self.architecture_.sizes
        return int((sizes[0] + sizes[-1]) * self.parameters_.theta.itemsize)

    def _outputs(self, X: Any, layer: int = -1) -> Array:
        """Return the activations of a layer for any X that a user may give; -1 are the outputs."""
        inputs = self._inputs(X)
        return predict(self.architecture_, self.parameters_, inputs, layer)

    def _inputs_of_outline(self) -> tuple[int, DTypeLike]:
        self._require_weights()
        return self.architecture_.sizes[0], self.parameters_.theta.dtype

    def _require_weights(self) -> None:
        if not has_weights(self):
            raise NotFittedError(
                f"this {type(self).__name__} has no weights yet; call fit (or initialize) first."
            )

    def _changeable(self, name: str) -> Parameters:
        """Return the parameters that `name` may be set in."""
        if not has_weights(self):
            raise NotFittedError(
                f"this {type(self).__name__} has no layers yet whose {name} could be set; "
                "call initialize, fit or partial_fit first."
            )
        return self.parameters_

    def _install(self, architecture: Architecture, parameters: Parameters) -> None:
        """Take over a network; what training remembered of another is gone."""
        self.__dict__.pop("history_", None)
        # at once: another thread may be reading
        vars(self).update(architecture_=architecture, parameters_=parameters, _training=None)


def has_weights(model: FittedNetwork) -> bool:
    """Return whether a model has weights, drawn or trained."""
    return "parameters_" in vars(model)


def is_trained(model: FittedNetwork) -> bool:
    """Return whether training has begun to change a model's weights."""
    training: Training | None = vars(model).get("_training")
    return "history_" in vars(model) or (training is not None and training.optimizer_state.t > 0)
