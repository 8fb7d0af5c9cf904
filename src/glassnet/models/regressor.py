"""MLPRegressor: scikit-learn's class on glassnet's engine."""

from collections.abc import Callable
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassNamePrefixFeaturesOutMixin, RegressorMixin, TransformerMixin
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import validate_data

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.data.streams import Stream
from glassnet.models._base import BaseMLP, can_fit_partially
from glassnet.models._core import has_weights
from glassnet.models._decorators import available_if, checks_parameters, with_callbacks
from glassnet.models._docs import documented
from glassnet.models._fitted import KEPT_DTYPES, TargetArray
from glassnet.models._settings import (
    PARAMETER_CONSTRAINTS,
    REGRESSION_LOSSES,
    ActivationArgument,
    DtypeName,
    LayerSizes,
    LearningRate,
    RandomState,
    RegressionLossName,
    SolverName,
)
from glassnet.models._streaming import over_streams, refuse
from glassnet.models._tallies import R2Score, Tally
from glassnet.models.validation import refuse_no_numbers
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import LOSSES, Head


@documented
class MLPRegressor(ClassNamePrefixFeaturesOutMixin, RegressorMixin, TransformerMixin, BaseMLP):  # type: ignore[misc]
    """Predict numbers with a multilayer perceptron: scikit-learn's `MLPRegressor`, faster, with more options.

    With the same parameters and `random_state` the fitted model is scikit-learn's, but for one case: with
    several outputs and L-BFGS, scikit-learn's gradient is not that of its loss (scikit-learn#8349), and ours
    is. The parameters from `scoring` on are additions; their defaults change nothing.

    Parameters
    ----------
    loss : %(losses)s
        The first two as in scikit-learn, with their 1/2; "poisson" predicts exp(z) and needs y >= 0. Huber's
        loss is quadratic up to an error of 1. The loss of a sample is the mean over its outputs.
    %(parameters)s

    Attributes
    ----------
    %(attributes)s

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(-2, 2, 200)[:, np.newaxis]
    >>> model = MLPRegressor(
    ...     hidden_layer_sizes=(20,), activation="tanh", solver="lbfgs", max_iter=500, random_state=0
    ... )
    >>> model.fit(X, np.sin(X[:, 0])).score(X, np.sin(X[:, 0])) > 0.99
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = PARAMETER_CONSTRAINTS | {
        "loss": [StrOptions(set(REGRESSION_LOSSES))]
    }

    _losses: ClassVar[tuple[str, ...]] = REGRESSION_LOSSES

    def __init__(
        self,
        loss: RegressionLossName = "squared_error",
        hidden_layer_sizes: LayerSizes = (100,),
        activation: ActivationArgument = "relu",
        *,
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
    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Fit the network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Left out with a `Stream`.
        sample_weight : array-like of shape (n_samples,), optional
        X_val, y_val : optional
            Own validation data, arrays or a `Stream` alone: their loss is recorded, and early stopping
            watches them.

        Returns
        -------
        self
        """
        first = not (self.warm_start and has_weights(self))
        if isinstance(X, Stream):
            refuse(X, self.solver, y, sample_weight)
            return self._fit_stream(X, self._validation(X_val, y_val), first=first, incremental=False)
        X, y = self._validate(X, y, reset=first)
        return self._fit(X, y, sample_weight, self._validation(X_val, y_val), first=first, incremental=False)

    @available_if(can_fit_partially)
    @checks_parameters
    def partial_fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given data; parameters as for `fit`.

        With early stopping and validation data, the score is watched over the calls: once it has stopped
        improving, the best weights are back, ``stopped_`` is True and further calls change nothing.
        """
        first = not has_weights(self)
        if isinstance(X, Stream):
            refuse(X, self.solver, y, sample_weight, incremental=True)
            return self._fit_stream(X, self._validation(X_val, y_val), first=first, incremental=True)
        X, y = self._validate(X, y, reset=first)
        return self._fit(X, y, sample_weight, self._validation(X_val, y_val), first=first, incremental=True)

    @over_streams
    def predict(self, X: Any) -> TargetArray:
        """Return the predicted values, shape (n_samples,) or (n_samples, n_outputs)."""
        return self._decode(self._outputs(X))

    def score(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the R^2; y is left out where X is a `Stream`."""
        if isinstance(X, Stream):
            return self._score_stream(X, y, sample_weight)
        return float(super().score(X, y, sample_weight))

    # -- what the base asks for -------------------------------------------------------------------------

    def _validate(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, TargetArray]:
        refuse_no_numbers(X, "X")
        refuse_no_numbers(y, "y")
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=True,
            dtype=KEPT_DTYPES,
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        targets = self._head().targets
        if targets is not None and not targets.fit(y.reshape(len(y), -1)):
            raise ValueError(
                f"Some value(s) of y are {targets.otherwise}, which the loss {quoted(self.loss)} does not "
                "allow."
            )
        return X, y

    def _head(self) -> Head:
        return LOSSES[self.loss]

    def _loss_scale(self) -> float:
        # scikit-learn reports the mean over outputs of squared errors, and the sum of Poisson's deviances
        return 1.0 if self.loss == "poisson" else 1.0 / float(self.n_outputs_)

    def _encode(self, y: TargetArray, dtype: np.dtype[Any]) -> Array:
        return np.asarray(y, dtype).reshape(len(y), -1)

    def _decode(self, outputs: Any) -> TargetArray:
        return np.asarray(outputs[:, 0] if outputs.shape[1] == 1 else outputs)

    def _score_tally(self) -> Tally:
        return R2Score()

    def _score_outputs(self, outputs: Array, y: Any, sample_weight: Array | None) -> float:
        return float(r2_score(self._decode(y), self._decode(outputs), sample_weight=sample_weight))
