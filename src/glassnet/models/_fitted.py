"""The fitted network as scikit-learn's conventions want it: names of attributes, checks of X, files."""

import copy
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.metrics import get_scorer
from sklearn.utils._param_validation import validate_parameter_constraints
from sklearn.utils.validation import check_is_fitted, validate_data

from glassnet._common.arrays import Array
from glassnet.models._adopting import adopted_by_sklearn, state_of
from glassnet.models._core import FittedNetwork, has_weights
from glassnet.models._hooks import WithoutHooks, refuse_hooks
from glassnet.models._settings import SharedParameters, as_random_state, hidden_sizes
from glassnet.models._state import ModelState
from glassnet.models._words import check_words
from glassnet.models.resolving import resolve_activations, resolve_initializer
from glassnet.models.validation import read_tensor, refuse_no_numbers
from glassnet.nn.losses import is_usual
from glassnet.nn.network import Parameters
from glassnet.nn.samples import Samples

TargetArray = NDArray[Any]

KEPT_DTYPES = (np.float64, np.float32, np.uint8)
"""What X stays as; anything else becomes float64."""


FITTED_NAMES = (
    "n_features_in_",
    "feature_names_in_",
    "n_iter_",
    "t_",
    "n_outputs_",
    "n_layers_",
    "out_activation_",
    "loss_",
    "best_loss_",
    "best_validation_score_",
    "loss_curve_",
    "validation_scores_",
    "validation_loss_curve_",
    "stopped_",
)
"""The attributes that fitting sets, and files keep."""


class FittedEstimator(WithoutHooks, SharedParameters, FittedNetwork, BaseEstimator):  # type: ignore[misc]
    """Answer with the network that `fit` left: the part of the estimators that does not train."""

    _fitted_names: ClassVar[tuple[str, ...]] = FITTED_NAMES

    _losses: ClassVar[tuple[str, ...]]
    """The losses that networks of the class can have."""

    n_features_in_: int
    feature_names_in_: NDArray[np.object_]
    n_layers_: int
    n_outputs_: int
    n_iter_: int
    t_: int
    out_activation_: str
    loss_: float
    best_loss_: float | None
    loss_curve_: list[float]
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    validation_loss_curve_: list[float]
    stopped_: bool

    if TYPE_CHECKING:  # scikit-learn's, which says no types

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            """Return the parameters of the constructor."""
            ...

        def set_params(self, **params: Any) -> Self:
            """Set parameters of the constructor."""
            ...

    @property
    def _n_features_out(self) -> int:
        """How many columns `transform` returns: the units of the last hidden layer."""
        return int(self.architecture_.sizes[-2])

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each layer, shape (fan_in, fan_out): views of the parameters in use.

        What is assigned to it, or to an item of it, is copied in: numbers of the same shapes.
        """
        return self._fitted("coefs_").weights

    @coefs_.setter
    def coefs_(self, arrays: Sequence[ArrayLike]) -> None:
        self._changeable("coefs_").weights[:] = arrays

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer, shape (fan_out,): views of the parameters in use, set as `coefs_` is."""
        return self._fitted("intercepts_").biases

    @intercepts_.setter
    def intercepts_(self, arrays: Sequence[ArrayLike]) -> None:
        self._changeable("intercepts_").biases[:] = arrays

    @classmethod
    def from_sklearn(cls, model: Any) -> Self:
        """Return an estimator with the parameters and the weights of a fitted one of scikit-learn.

        What scikit-learn's lacks is then there for it too: features from any layer, model files, plots.

        Parameters
        ----------
        model : sklearn.neural_network.MLPClassifier or MLPRegressor
            Fitted, and of the name of this class. It is left as it is; the weights are copied.

        Raises
        ------
        InvalidParameterError
            When it is of another class, or not fitted.
        """
        return cls._from_state(state_of(model, cls.__name__))

    def to_sklearn(self) -> Any:
        """Return scikit-learn's own estimator with the same parameters and weights.

        Returns
        -------
        sklearn.neural_network.MLPClassifier or MLPRegressor
            Fitted; the weights are copied. What it has no word for, such as `dropout`, is left out.

        Raises
        ------
        NotFittedError
            When there are no weights yet.
        InvalidParameterError
            When scikit-learn has no such network: other activations, losses, or an autoencoder.
        """
        self._require_weights()
        return adopted_by_sklearn(self, self.architecture_, self.parameters_, self._fitted_names)

    def _validate_params(self) -> None:
        """Check the parameters, and that no method of scikit-learn's is expected to be called."""
        refuse_hooks(self)
        check_words(self, self._parameter_constraints)
        super()._validate_params()

    def _plain_parameters(self) -> dict[str, Any]:
        return dict(self.get_params(deep=False))

    def _check_parameters(self, names: Collection[str]) -> None:
        values = {name: getattr(self, name) for name in names}
        validate_parameter_constraints(self._parameter_constraints, values, caller_name=type(self).__name__)
        hidden_sizes(self.hidden_layer_sizes)
        as_random_state(copy.deepcopy(self.random_state))
        if isinstance(self.activation, list):
            resolve_activations(self.activation, None, len(self.activation))
        if self.weight_init is not None:
            resolve_initializer(self.weight_init)
        if isinstance(self.scoring, str) and self.scoring != "loss":
            get_scorer(self.scoring)

    def _restore(self, state: ModelState) -> None:
        head = state.architecture.head
        if head.name not in self._losses or not is_usual(head):
            raise ValueError(
                f"the loss {head.name} with {head.output} outputs; expected one of {', '.join(self._losses)}"
            )
        super()._restore(state)
        if "feature_names_in_" in state.fitted:
            self.feature_names_in_ = state.fitted["feature_names_in_"].astype(object)

    def _fitted(self, name: str) -> Parameters:
        if not has_weights(self):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}; call fit first.")
        return self.parameters_

    def _inputs(self, X: Any) -> Samples:
        self._require_weights()
        return self._make_samples(self._check_X(X))

    def _require_weights(self) -> None:
        check_is_fitted(self)

    def _make_samples(
        self,
        X: Any,
        y: Array | None = None,
        weight: Array | None = None,
        dtype: np.dtype[Any] | None = None,
    ) -> Samples:
        divisor = 255.0 if self.scale_uint8 and X.dtype == np.uint8 else None
        if hasattr(X, "tocsr"):
            X = X.tocsr()
        return Samples(X, y, dtype or self.parameters_.theta.dtype, divisor, weight)

    def _check_X(self, X: Any) -> Any:
        """Check X as scikit-learn does; the plain case of numbers in an array is checked in less time."""
        if (
            type(X) is np.ndarray
            and X.ndim == 2
            and X.dtype == self.parameters_.theta.dtype
            and X.shape[1] == self.n_features_in_
            and len(X)
            and not hasattr(self, "feature_names_in_")
            and np.isfinite(X.sum())
        ):
            return X
        X = read_tensor(X, "X")
        refuse_no_numbers(X, "X")
        return validate_data(self, X, accept_sparse=["csr", "csc"], dtype=KEPT_DTYPES, reset=False)

    def _html_repr(self) -> str:
        """Return scikit-learn's picture of the estimator and, once fitted, the layers and losses."""
        from sklearn.utils import estimator_html_repr

        from glassnet.models.display import network_html

        html = str(estimator_html_repr(self))
        return html + network_html(self) if has_weights(self) else html

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
