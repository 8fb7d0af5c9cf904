"""MLPAutoencoder: a network that regenerates its input, as a transformer."""

from collections.abc import Callable
from numbers import Integral
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_array, validate_data

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.data.streams import Stream
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.exchange import GraphSymbol, write_layers
from glassnet.models._base import BaseMLP
from glassnet.models._core import has_weights
from glassnet.models._decorators import checks_parameters, with_callbacks
from glassnet.models._docs import documented
from glassnet.models._fitted import FITTED_NAMES, KEPT_DTYPES, TargetArray
from glassnet.models._settings import (
    PARAMETER_CONSTRAINTS,
    ActivationArgument,
    DtypeName,
    LayerSizes,
    LearningRate,
    RandomState,
    SolverName,
)
from glassnet.models._state import ModelState
from glassnet.models._streaming import over_streams, refuse
from glassnet.models.validation import read_tensor, refuse_no_numbers
from glassnet.nn.evaluation import predict
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import LOSSES, Head
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.samples import Samples


@documented
class MLPAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseMLP):  # type: ignore[misc]
    """Learn to regenerate the input through a bottleneck; `transform` returns the bottleneck's activations.

    Parameters
    ----------
    bottleneck : int or "smallest"
        The hidden layer whose activations are the features, 0 the first; "smallest" is the one with the
        fewest units, the first of them if several are.
    symmetric : bool
        Whether `hidden_layer_sizes` is the encoder alone, mirrored for the decoder: (128, 32) is then
        (128, 32, 128).
    %(parameters)s

    Attributes
    ----------
    bottleneck_ : int
        The hidden layer that is the bottleneck.
    %(attributes)s

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().data / 16
    >>> coder = MLPAutoencoder((32, 8), symmetric=True, random_state=0).fit(X)
    >>> coder.transform(X).shape, coder.reconstruct(X).shape
    ((1797, 8), (1797, 64))
    >>> bool(coder.reconstruction_error(X).mean() < X.var(axis=0).mean())
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = PARAMETER_CONSTRAINTS | {
        "bottleneck": [StrOptions({"smallest"}), Interval(Integral, 0, None, closed="left")],
        "symmetric": ["boolean"],
    }

    _fitted_names: ClassVar[tuple[str, ...]] = (*FITTED_NAMES, "bottleneck_")

    _losses: ClassVar[tuple[str, ...]] = ("squared_error",)

    bottleneck_: int

    def __init__(
        self,
        hidden_layer_sizes: LayerSizes = (128, 32, 128),
        activation: ActivationArgument = "relu",
        *,
        bottleneck: int | Literal["smallest"] = "smallest",
        symmetric: bool = False,
        solver: SolverName = "adam",
        alpha: float = 0.0001,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: LearningRate = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: RandomState = None,
        tol: float = 1e-4,
        verbose: int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        scoring: str | Callable[..., float] | None = None,
        weight_init: str | Callable[..., Array] | None = None,
        dropout: float = 0.0,
        weight_decay: float = 0.01,
        max_grad_norm: float | None = None,
        dtype: DtypeName | None = None,
        scale_uint8: bool = False,
        keep_optimizer_state: bool = False,
        on_epoch: Callable[[EpochRecord], object] | None = None,
    ) -> None:
        self._store(locals())

    @with_callbacks
    @checks_parameters
    def fit(self, X: Any, y: Any = None, *, X_val: Any = None) -> Self:
        """Fit the network to regenerate X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        y : ignored
        X_val : optional
            Own validation data, an array or a `Stream`: their loss is recorded, and early stopping watches
            them.

        Returns
        -------
        self
        """
        first = not (self.warm_start and has_weights(self))
        if not isinstance(X, Stream):
            data = self._ready(X, None, None, X_val, None, first=first)
            return self._fit(*data, first=first, incremental=False)
        refuse(X, self.solver)
        self._find_bottleneck()
        validation = self._validation(X_val, None) if isinstance(X_val, Stream) else self._held_back(X_val)
        return self._fit_stream(X, validation, first=first, incremental=False)

    def _ready(
        self, X: Any, y: Any, sample_weight: ArrayLike | None, X_val: Any, y_val: Any, *, first: bool
    ) -> tuple[Any, TargetArray, Any, tuple[Any, Any] | Stream | None]:
        if sample_weight is not None:
            raise InvalidParameterError("got sample_weight; an autoencoder has none.")
        X, _ = self._validate(X, None, reset=first)
        self._find_bottleneck()
        if isinstance(X_val, Stream):
            return X, X, None, self._validation(X_val, None)
        return X, X, None, self._held_back(X_val)

    def _held_back(self, X_val: Any) -> tuple[Any, Any] | None:
        return None if X_val is None else self._validate(X_val, None, reset=False)

    @over_streams
    def transform(self, X: Any, layer: int | None = None) -> Array:
        """Return the activations of the bottleneck, shape (n_samples, units of the bottleneck).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        layer : int, optional
            Another hidden layer: 0 is the first, -1 the last.
        """
        self._require_weights()
        return super().transform(X, self.bottleneck_ if layer is None else layer)

    def inverse_transform(self, Z: Any) -> Array:
        """Return what the decoder makes of bottleneck activations.

        Parameters
        ----------
        Z : array-like of shape (n_samples, units of the bottleneck)

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        self._require_weights()
        Z = read_tensor(Z, "Z")
        refuse_no_numbers(Z, "Z")
        Z = check_array(Z, dtype=self.parameters_.theta.dtype)
        whole, first = self.architecture_, self.bottleneck_ + 1
        if Z.shape[1] != whole.sizes[first]:
            raise InvalidDataError(
                f"got {Z.shape[1]} features; the bottleneck has {whole.sizes[first]} units. "
                "Pass what transform returned."
            )
        decoder = Architecture(whole.sizes[first:], whole.activations[first:], whole.head)
        parts = [array.ravel() for array in (*self.coefs_[first:], *self.intercepts_[first:])]
        parameters = Parameters(decoder, np.concatenate(parts))
        return predict(decoder, parameters, Samples(Z, None, Z.dtype))

    @over_streams
    def reconstruct(self, X: Any) -> Array:
        """Return X as the network regenerates it, shape (n_samples, n_features)."""
        return self._outputs(X)

    @over_streams
    def reconstruction_error(self, X: Any) -> NDArray[np.float64]:
        """Return the mean squared error of each sample's reconstruction, shape (n_samples,)."""
        outputs = self.reconstruct(X)
        targets = self._encode(self._check_X(X), outputs.dtype)
        return np.asarray(np.mean((outputs - targets) ** 2, axis=1, dtype=np.float64))

    def score(self, X: Any, y: None = None) -> float:
        """Return the negative mean reconstruction error, so that higher is better."""
        if isinstance(X, Stream):
            return self._score_stream(X, y, None)
        return -float(self.reconstruction_error(X).mean())

    @property
    def _n_features_out(self) -> int:
        return int(self.architecture_.sizes[self.bottleneck_ + 1])

    def _find_bottleneck(self) -> None:
        sizes = self._hidden_sizes()
        if not sizes:
            raise InvalidParameterError(
                f"got hidden_layer_sizes={quoted(self.hidden_layer_sizes)}; an autoencoder needs at least "
                "one "
                "hidden layer, whose activations are the features."
            )
        self.bottleneck_ = int(np.argmin(sizes)) if self.bottleneck == "smallest" else int(self.bottleneck)
        if self.bottleneck_ >= len(sizes):
            raise InvalidParameterError(
                f"got bottleneck={self.bottleneck} with {len(sizes)} hidden layers; "
                f"expected 0 to {len(sizes) - 1}."
            )

    # -- what the base asks for -------------------------------------------------------------------------

    def _restore(self, state: ModelState) -> None:
        super()._restore(state)
        if self.n_outputs_ != self.n_features_in_:
            raise ValueError(f"{self.n_outputs_} outputs for {self.n_features_in_} features")

    def _learn_targets(self, y: TargetArray) -> None:
        self._find_bottleneck()

    def _validate(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, TargetArray]:
        X = read_tensor(X, "X")
        refuse_no_numbers(X, "X")
        X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=KEPT_DTYPES, reset=reset)
        return X, X

    def _hidden_sizes(self) -> list[int]:
        sizes = super()._hidden_sizes()
        return [*sizes, *sizes[-2::-1]] if self.symmetric else sizes

    def _head(self) -> Head:
        return LOSSES[self._losses[0]]

    def _loss_scale(self) -> float:
        return 1.0 / float(self.n_outputs_)

    def _encode(self, y: Any, dtype: np.dtype[Any]) -> Array:
        dense = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
        if self.scale_uint8 and dense.dtype == np.uint8:
            return np.asarray(np.divide(dense, 255, dtype=dtype))
        return dense.astype(dtype, copy=False)

    def _decode(self, outputs: Any) -> TargetArray:
        return np.asarray(outputs)

    def outline(self, x: GraphSymbol) -> dict[str, GraphSymbol]:
        """Return what is answered, written down, by the names that scikit-learn's converters give it."""
        layers = write_layers(self.parameters_, x)
        return {"variable": layers[self.bottleneck_], "reconstruction": layers[-1]}

    def _score_outputs(self, outputs: Array, y: Any, sample_weight: Array | None) -> float:
        return -float(np.mean((outputs - y) ** 2, dtype=np.float64))
