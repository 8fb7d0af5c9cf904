"""MLPRegressor: scikit-learn's class on glassnet's engine."""

from collections.abc import Callable, Collection, Sequence
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassNamePrefixFeaturesOutMixin, RegressorMixin, TransformerMixin
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import validate_data

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.data.streams import Stream
from glassnet.errors import InvalidDataError
from glassnet.exchange import GraphSymbol, write_layers
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
from glassnet.models._tallies import R2Score, Tally, WholeScore
from glassnet.models.intervals import score_quantiles
from glassnet.models.validation import read_tensor, refuse_no_numbers
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import LOSSES, Head, pinball
from glassnet.nn.quantiles import check_quantiles, uncross


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
        loss is quadratic up to an error of 1. "pinball" estimates `quantiles`. The loss of a sample is the
        mean over its outputs.
    %(parameters)s
    quantiles : float or sequence of float
        Levels between 0 and 1, in ascending order, of the loss "pinball": 0.5 is the median, (0.1, 0.5, 0.9)
        predicts three numbers for a sample, which never cross. Several levels go with one target column.

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
        "loss": [StrOptions(set(REGRESSION_LOSSES))],
        "quantiles": [Interval(Real, 0, 1, closed="neither"), "array-like"],
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
        quantiles: float | Sequence[float] = 0.5,
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
        data = self._ready(X, y, sample_weight, X_val, y_val, first=first)
        return self._fit(*data, first=first, incremental=False)

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
        """Return the predicted values, shape (n_samples,) or (n_samples, n_outputs).

        Several quantiles have the shape (n_samples, n_quantiles), in ascending order in each row, see
        `glassnet.nn.uncross`.
        """
        return self._decode(self._outputs(X))

    def score(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the R^2; y is left out where X is a `Stream`.

        Of quantiles it is the share of the pinball loss that they explain, D^2, the mean over the levels.
        """
        if isinstance(X, Stream):
            return self._score_stream(X, y, sample_weight)
        levels = self._fitted_levels() if has_weights(self) else ()
        if levels:
            return score_quantiles(y, self.predict(X), levels, sample_weight)
        return float(super().score(X, y, sample_weight))

    # -- what the base asks for -------------------------------------------------------------------------

    def _validate(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, TargetArray]:
        X, y = read_tensor(X, "X"), read_tensor(y, "y")
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
        head = self._head()
        if len(head.quantiles) > 1 and y.ndim == 2:
            raise InvalidDataError(
                f"got y with {y.shape[1]} columns and {len(head.quantiles)} quantiles; expected one column. "
                "Fit one model for each target, or all of them with one level: quantiles=0.5."
            )
        targets = head.targets
        if targets is not None and not targets.fit(y.reshape(len(y), -1)):
            raise ValueError(
                f"Some value(s) of y are {targets.otherwise}, which the loss {quoted(self.loss)} does not "
                "allow."
            )
        return X, y

    def _head(self) -> Head:
        return pinball(self.quantiles) if self.loss == "pinball" else LOSSES[self.loss]

    def _fitted_levels(self) -> tuple[float, ...]:
        """Return the levels of the quantiles that the network has learnt; none with other losses."""
        return self.architecture_.head.quantiles

    def _check_parameters(self, names: Collection[str]) -> None:
        super()._check_parameters(names)
        check_quantiles(self.quantiles)

    def _loss_scale(self) -> float:
        # scikit-learn reports the mean over outputs of squared errors, and the sum of Poisson's deviances
        return 1.0 if self.loss == "poisson" else 1.0 / float(self.n_outputs_)

    def _encode(self, y: TargetArray, dtype: np.dtype[Any]) -> Array:
        columns = np.asarray(y, dtype).reshape(len(y), -1)
        n_levels = len(self._fitted_levels())
        return np.tile(columns, n_levels) if n_levels > 1 else columns

    def _count_outputs(self, y: TargetArray) -> int:
        n_targets = 1 if y.ndim == 1 else y.shape[1]
        return n_targets * max(1, len(self._head().quantiles))

    def _decode(self, outputs: Any) -> TargetArray:
        if outputs.shape[1] == 1:
            return np.asarray(outputs[:, 0])
        return uncross(outputs) if len(self._fitted_levels()) > 1 else np.asarray(outputs)

    def outline(self, x: GraphSymbol) -> dict[str, GraphSymbol]:
        """Return what is answered, written down, by the names that scikit-learn's converters give it."""
        outputs, n_levels = write_layers(self.parameters_, x)[-1], len(self._fitted_levels())
        return {"variable": outputs.ordered(n_levels) if n_levels > 1 else outputs}

    def _decode_targets(self, targets: Array) -> TargetArray:
        return targets[:, 0] if len(self._fitted_levels()) > 1 else self._decode(targets)

    def _score_tally(self) -> Tally:
        if self._fitted_levels():
            return WholeScore(lambda outputs, y: self._score_outputs(outputs, y, None))
        return R2Score()

    def _score_outputs(self, outputs: Array, y: Any, sample_weight: Array | None) -> float:
        truth, answers, levels = self._decode_targets(y), self._decode(outputs), self._fitted_levels()
        if levels:
            return score_quantiles(truth, answers, levels, sample_weight)
        return float(r2_score(truth, answers, sample_weight=sample_weight))
