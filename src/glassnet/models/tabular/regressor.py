"""TabularMLPRegressor: from a data frame to numbers, or to quantiles of them."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_array, column_or_1d

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.exchange import GraphSymbol, mean_of, write_layers
from glassnet.models._decorators import checks_parameters
from glassnet.models._settings import DtypeName, LayerSizes, RandomState
from glassnet.models.intervals import conformal_correction, score_quantiles
from glassnet.models.tabular._base import Held, TabularMLP
from glassnet.models.tabular._constraints import CONSTRAINTS
from glassnet.models.tabular._docs import documented
from glassnet.models.tabular._gaps import refuse_gaps
from glassnet.models.tabular._scaling import NumbersName
from glassnet.models.tabular.recipe import RecipeName
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import LOSSES, Head, pinball
from glassnet.nn.quantiles import check_quantiles, uncross


@documented
class TabularMLPRegressor(RegressorMixin, TabularMLP):  # type: ignore[misc]
    """Predict a number, or its quantiles, for the rows of a table: numbers, categories, dates and gaps.

    Columns are encoded as `TableEncoder` does, within `fit`, so that cross-validation leaks nothing; targets
    are standardised inside. The network and its training follow a recipe whose settings were tuned together
    on many tables, RealMLP.

    Parameters
    ----------
    %(parameters)s
    clamp : bool or "auto"
        Whether predictions are cut at the least and the largest target of the training.
    quantiles : sequence of float, optional
        Levels such as (0.1, 0.5, 0.9): the pinball loss is learned, and `predict` returns a column for each,
        which do not cross. `predict_interval` widens the outer two so that they hold what they promise.

    Attributes
    ----------
    correction_ : float or None
        By how much `predict_interval` widens intervals, in units of y: the conformal correction of the rows
        held out, see `glassnet.models.conformal_correction`.
    target_mean_, target_scale_ : ndarray of shape (n_targets,)
        Mean and standard deviation of the targets of the training.
    %(attributes)s

    References
    ----------
    Holzmüller, Grinsztajn, Steinwart (2024), Better by default: strong pre-tuned MLPs and boosted trees on
    tabular data, arXiv 2407.04491.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.linspace(-2, 2, 300)[:, np.newaxis]
    >>> model = TabularMLPRegressor("realmlp-s", hidden_layer_sizes=64, max_iter=200, random_state=0)
    >>> model = model.fit(X, np.sin(X[:, 0]))
    >>> model.score(X, np.sin(X[:, 0])) > 0.95
    True
    """

    _targets_are = "numbers"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CONSTRAINTS | {
        "clamp": ["boolean", *CONSTRAINTS["scaling_layer"][:1]],
        "quantiles": ["array-like", None],
    }
    _fitted_names = ("target_mean_", "target_scale_", "target_range_", "correction_", "single_target_")

    clamp: bool | Literal["auto"]
    quantiles: Sequence[float] | None
    target_mean_: NDArray[np.float64]
    target_scale_: NDArray[np.float64]
    target_range_: list[list[float]]
    single_target_: bool
    correction_: float | None

    def __init__(
        self,
        recipe: RecipeName = "realmlp",
        *,
        numbers: NumbersName | Literal["auto"] = "auto",
        max_one_hot: int | Literal["auto"] | None = "auto",
        embedding_size: int | Literal["auto"] = "auto",
        numeric_embedding: Literal["auto", "periodic"] | None = "auto",
        scaling_layer: bool | Literal["auto"] = "auto",
        hidden_layer_sizes: LayerSizes | Literal["auto"] = "auto",
        activation: str = "auto",
        learned_activation: bool | Literal["auto"] = "auto",
        weight_init: str = "auto",
        rate_factors: bool | Literal["auto"] = "auto",
        learning_rate_init: float | Literal["auto"] = "auto",
        learning_rate: str = "auto",
        beta_2: float | Literal["auto"] = "auto",
        weight_decay: float | Literal["auto"] = "auto",
        dropout: float | Literal["auto"] = "auto",
        decay_schedule: str = "auto",
        batch_size: int | Literal["auto"] = "auto",
        max_iter: int | Literal["auto"] = "auto",
        n_iter_no_change: int | Literal["auto"] | None = "auto",
        clamp: bool | Literal["auto"] = "auto",
        quantiles: Sequence[float] | None = None,
        early_stopping: bool = True,
        validation_fraction: float = 0.2,
        n_ensemble: int = 1,
        ensemble: Literal["seeds", "folds", "tabm"] = "seeds",
        n_jobs: int | None = None,
        random_state: RandomState = None,
        dtype: DtypeName = "float32",
        verbose: int = False,
        on_epoch: Callable[[EpochRecord], object] | None = None,
    ) -> None:
        self._store(locals())

    @checks_parameters
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
    ) -> Self:
        """Fit the networks.

        Parameters
        ----------
        X : {DataFrame, Arrow table, array-like} of shape (n_rows, n_columns)
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Finite numbers.
        sample_weight : array-like of shape (n_rows,), optional
        X_val, y_val : optional
            Rows of your own that choose the best epoch; none of the others are held back then.

        Returns
        -------
        self

        Raises
        ------
        InvalidDataError
            When the table cannot be encoded, y has gaps, or the lengths differ.
        InvalidParameterError
            When options do not go together.
        """
        return self._fit(X, y, sample_weight, X_val, y_val)

    def predict(self, X: Any) -> Array:
        """Return the predicted numbers, shape (n_rows,) or (n_rows, n_targets), or (n_rows, n_quantiles)."""
        return self._from_outputs(self._outputs(X))

    def predict_interval(self, X: Any) -> Array:
        """Return the lower and the upper end of an interval for each row, shape (n_rows, 2).

        With ``quantiles=(0.1, 0.5, 0.9)`` it holds the true number of about 80 % of new rows: the outer
        quantiles are moved apart, or together, by `correction_`. The rows held out have chosen the epoch too,
        so that a little less may be held than promised. With very few of them the interval is infinite.

        Parameters
        ----------
        X : {DataFrame, Arrow table, array-like} of shape (n_rows, n_columns)

        Raises
        ------
        InvalidParameterError
            When there are not two quantiles, or no rows were held out.
        """
        found = self.predict(X)
        if self.quantiles is None or len(self.quantiles) < 2 or self.correction_ is None:
            raise InvalidParameterError(
                f"got quantiles={quoted(self.quantiles)} and early_stopping={self.early_stopping}; intervals "
                "need at least two quantiles, such as (0.1, 0.9), and rows held out: "
                "early_stopping=True or X_val."
            )
        lower, upper = found[:, 0], found[:, -1]
        widening = np.maximum(self.correction_, (lower - upper) / 2)  # never past each other
        return np.column_stack([lower - widening, upper + widening])

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Return R^2; of quantiles the share of the pinball loss that they explain, see `score_quantiles`."""
        if self.quantiles is None:
            return float(super().score(X, y, sample_weight))
        return score_quantiles(y, self.predict(X), check_quantiles(self.quantiles), sample_weight)

    # -- what targets mean ------------------------------------------------------------------------------

    def _check_options(self, X_val: Any, y_val: Any) -> None:
        super()._check_options(X_val, y_val)
        if self.quantiles is not None:
            check_quantiles(self.quantiles)

    def _learn_targets(self, y: Any) -> NDArray[np.float64]:
        targets = self._as_numbers(y, "y")
        self.single_target_ = targets.ndim == 1
        columns = targets.reshape(len(targets), -1)
        if self.quantiles is not None and columns.shape[1] > 1:
            raise InvalidDataError(
                f"got y with {columns.shape[1]} columns and quantiles; expected one: fit a model for each."
            )
        self.target_mean_ = columns.mean(axis=0)
        deviation = columns.std(axis=0)
        self.target_scale_ = np.where(deviation > 0, deviation, 1.0)
        self.target_range_ = [columns.min(axis=0).tolist(), columns.max(axis=0).tolist()]
        self.correction_ = None
        return targets

    def _decode_targets(self, y: Any, name: str = "y_val") -> NDArray[np.float64]:
        targets = self._as_numbers(y, name)
        if targets.reshape(len(targets), -1).shape[1] != len(self.target_mean_):
            raise InvalidDataError(f"got {name} of shape {targets.shape}; expected as many columns as y has.")
        return targets

    def _as_numbers(self, y: Any, name: str) -> NDArray[np.float64]:
        if y is None:
            raise InvalidDataError(
                f"{type(self).__name__} requires y to be passed, but the target {name} is None."
            )
        array = refuse_gaps(y, name)
        checked = check_array(array, ensure_2d=False, dtype=np.float64, input_name=name)
        numbers: NDArray[np.float64] = (
            checked if checked.ndim == 2 and checked.shape[1] > 1 else column_or_1d(checked, warn=True)
        )
        return numbers

    def _encode(self, y: NDArray[Any]) -> Array:
        columns = (y.reshape(len(y), -1) - self.target_mean_) / self.target_scale_
        if self.quantiles is not None:
            columns = np.tile(columns, len(self.quantiles))
        return np.ascontiguousarray(columns, self.dtype)

    def _from_outputs(self, outputs: list[Array]) -> Array:
        """Return predictions in units of y from the outputs of all networks."""
        mean: Array = np.mean(outputs, axis=0, dtype=np.float64) * self.target_scale_ + self.target_mean_
        if self.quantiles is not None:
            mean = uncross(mean)
        if self._recipe().clamp:
            least, most = self.target_range_
            mean = np.clip(mean, least, most)
        return mean[:, 0] if self.single_target_ and mean.shape[1] == 1 else mean

    def outline(self, x: GraphSymbol) -> dict[str, GraphSymbol]:
        """Return what is answered, written down, by the names that scikit-learn's converters give it."""
        outputs = mean_of([write_layers(member.parameters, x)[-1] for member in self.members_])
        found = outputs * self.target_scale_ + self.target_mean_
        if self.quantiles is not None:
            found = found.ordered(len(self.quantiles))
        if self._recipe().clamp:
            least, most = map(np.asarray, self.target_range_)
            found = found.call("Max", least).call("Min", most)
        return {"variable": found}

    def _beyond_the_network(self) -> str | None:
        return "its outputs are brought to the units of the target, and into their range, afterwards"

    def _split(
        self, rows: NDArray[np.intp], y: NDArray[Any], random_state: np.random.RandomState
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        if len(rows) < 2:
            raise InvalidDataError(
                "got 1 row (1 sample), of which one would be held back; expected more, or "
                "early_stopping=False."
            )
        train, held = train_test_split(rows, test_size=self.validation_fraction, random_state=random_state)
        return train, held

    def _finish(self, held_out: list[Held | None]) -> None:
        if self.quantiles is None or len(self.quantiles) < 2:
            return
        predicted, targets = [], []
        for member, held in zip(self.members_, held_out, strict=True):
            if held is not None:
                predicted.append(self._from_outputs([member.outputs(held.Z)]))
                targets.append(held.y)
        if predicted:
            found, coverage = np.concatenate(predicted), float(self.quantiles[-1]) - float(self.quantiles[0])
            self.correction_ = conformal_correction(
                found[:, 0], found[:, -1], np.concatenate(targets), coverage
            )

    def _watches_accuracy(self) -> bool:
        return False

    def _head(self) -> Head:
        return LOSSES["squared_error"] if self.quantiles is None else pinball(check_quantiles(self.quantiles))

    def _n_outputs(self) -> int:
        return len(self.target_mean_) if self.quantiles is None else len(self.quantiles)

    def _check_fitted(self) -> None:
        n = len(self.target_mean_)
        values: Any
        for values in (self.target_mean_, self.target_scale_, *self.target_range_):
            if np.shape(values) != (n,) or not np.isfinite(values).all():
                raise ValueError(f"means, deviations and ranges of targets that are not {n} finite numbers")
        if len(self.target_range_) != 2 or not isinstance(self.single_target_, bool):
            raise ValueError("targets without a range")
        if self.correction_ is not None and not self.correction_ > -np.inf:
            raise ValueError(f"a correction of {self.correction_}")
