"""TabularMLPClassifier: from a data frame to a strong classifier."""

from collections.abc import Callable
from numbers import Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, column_or_1d

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.exchange import GraphSymbol, mean_of, write_layers
from glassnet.models._class_weights import class_weights
from glassnet.models._decorators import checks_parameters
from glassnet.models._settings import DtypeName, LayerSizes, RandomState
from glassnet.models.calibration import apply_temperature, fit_temperature
from glassnet.models.tabular._base import Held, TabularMLP
from glassnet.models.tabular._constraints import CONSTRAINTS
from glassnet.models.tabular._docs import documented
from glassnet.models.tabular._gaps import refuse_gaps
from glassnet.models.tabular._scaling import NumbersName
from glassnet.models.tabular.recipe import Recipe, RecipeName, is_auto
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import LOSSES, Head
from glassnet.nn.smoothing import smooth_labels


@documented
class TabularMLPClassifier(ClassifierMixin, TabularMLP):  # type: ignore[misc]
    """Classify the rows of a table: numbers, categories, dates and gaps as they are.

    Columns are encoded as `TableEncoder` does, within `fit`, so that cross-validation leaks nothing. The
    network and its training follow a recipe whose settings were tuned together on many tables, RealMLP.

    Parameters
    ----------
    %(parameters)s
    label_smoothing : float or "auto"
        The share of each target that goes to all classes alike; see `glassnet.nn.smooth_labels`.
    metric : {"accuracy", "log_loss"}
        By which the best epoch is chosen. With "log_loss" labels are not smoothed unless it is asked for,
        since smoothing makes probabilities humbler than they should be.
    calibration : "temperature" or None
        Divide the scores by a temperature that makes the log loss of the rows held out least, see
        `glassnet.models.fit_temperature`: the answers stay, the probabilities become honest.
    class_weight : dict, "balanced" or None
        Weight of each class in the loss; "balanced" makes all classes count the same in total.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    temperatures_ : ndarray of shape (n_networks,)
        Of each network in `members_`; 1 without calibration.
    %(attributes)s

    References
    ----------
    Holzmüller, Grinsztajn, Steinwart (2024), Better by default: strong pre-tuned MLPs and boosted trees on
    tabular data, arXiv 2407.04491.

    Examples
    --------
    >>> import pandas
    >>> ages, colours = [31, 45, None, 22], ["red", "blue", "blue", None]
    >>> table = pandas.DataFrame({"age": ages * 10, "colour": colours * 10})
    >>> bought = ["yes", "no", "no", "yes"] * 10
    >>> model = TabularMLPClassifier(max_iter=20, random_state=0).fit(table, bought)
    >>> model.predict(table[:3]).tolist()
    ['yes', 'no', 'no']
    """

    _targets_are = "classes"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CONSTRAINTS | {
        "label_smoothing": [
            StrOptions({"auto"}),
            Interval(Real, 0, 1, closed="left"),
        ],
        "metric": [StrOptions({"accuracy", "log_loss"})],
        "calibration": [StrOptions({"temperature"}), None],
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }
    _fitted_names = ("classes_", "temperatures_")

    label_smoothing: float | Literal["auto"]
    metric: str
    calibration: str | None
    class_weight: Any
    classes_: NDArray[Any]
    temperatures_: NDArray[np.float64]

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
        label_smoothing: float | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        max_iter: int | Literal["auto"] = "auto",
        n_iter_no_change: int | Literal["auto"] | None = "auto",
        metric: Literal["accuracy", "log_loss"] = "accuracy",
        early_stopping: bool = True,
        validation_fraction: float = 0.2,
        n_ensemble: int = 1,
        ensemble: Literal["seeds", "folds", "tabm"] = "seeds",
        calibration: Literal["temperature"] | None = None,
        class_weight: Any = None,
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
        y : array-like of shape (n_rows,)
            Labels.
        sample_weight : array-like of shape (n_rows,), optional
        X_val, y_val : optional
            Rows of your own that choose the best epoch; none of the others are held back then.

        Returns
        -------
        self

        Raises
        ------
        InvalidDataError
            When the table cannot be encoded, y has gaps or a single class, or the lengths differ.
        InvalidParameterError
            When options do not go together.
        """
        return self._fit(X, y, sample_weight, X_val, y_val)

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, the mean over the networks, shape (n_rows, n_classes)."""
        outputs = self._outputs(X)
        if (self.temperatures_ != 1).any():
            outputs = [
                np.exp(apply_temperature(_log(a), temperature))
                for a, temperature in zip(outputs, self.temperatures_, strict=True)
            ]
        return outputs[0] if len(outputs) == 1 else np.mean(outputs, axis=0, dtype=outputs[0].dtype)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable class of each row, shape (n_rows,)."""
        codes = self.predict_proba(X).argmax(axis=1)
        found: NDArray[Any] = self.classes_[codes]
        return found

    # -- what targets mean ------------------------------------------------------------------------------

    def _check_options(self, X_val: Any, y_val: Any) -> None:
        super()._check_options(X_val, y_val)
        if self.calibration and not self.early_stopping and X_val is None:
            raise InvalidParameterError(
                f"got calibration={quoted(self.calibration)} and no rows to fit it on; expected "
                "early_stopping=True, which holds some back, or X_val and y_val."
            )

    def _learn_targets(self, y: Any) -> NDArray[np.intp]:
        labels = self._as_labels(y, "y")
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise InvalidDataError(
                f"y holds one class only, {quoted(self.classes_[0])}; expected at least two to tell apart."
            )
        self.temperatures_ = np.ones(self.n_networks)
        return codes.astype(np.intp)

    def _decode_targets(self, y: Any, name: str = "y_val") -> NDArray[np.intp]:
        labels = self._as_labels(y, name)
        unknown = np.setdiff1d(labels, self.classes_)
        if len(unknown):
            raise InvalidDataError(
                f"{name} holds labels that are not in y: {', '.join(map(quoted, unknown[:5].tolist()))}."
            )
        codes: NDArray[np.intp] = np.searchsorted(self.classes_, labels)
        return codes

    def _as_labels(self, y: Any, name: str) -> NDArray[Any]:
        if y is None:
            raise InvalidDataError(
                f"{type(self).__name__} requires y to be passed, but the target {name} is None."
            )
        labels: NDArray[Any] = column_or_1d(refuse_gaps(y, name), warn=True)
        assert_all_finite(labels, input_name=name)
        check_classification_targets(labels)
        if labels.dtype.kind == "O" and all(isinstance(label, str) for label in labels):
            return labels.astype(str)
        return labels

    def _encode(self, y: NDArray[Any]) -> Array:
        rows: Array = np.zeros((len(y), len(self.classes_)), self.dtype)
        rows[np.arange(len(y)), y] = 1
        return rows

    def _training_targets(self, targets: Array, recipe: Recipe) -> Array:
        smoothed = self.metric == "accuracy" or not is_auto(self.label_smoothing)
        return smooth_labels(targets, recipe.label_smoothing) if smoothed else targets

    def _weigh(self, y: NDArray[Any], weight: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        if self.class_weight is None:
            return weight
        own: NDArray[np.float64] = class_weights(self.class_weight, self.classes_, np.bincount(y))[y]
        return own if weight is None else own * weight

    def _split(
        self, rows: NDArray[np.intp], y: NDArray[Any], random_state: np.random.RandomState
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Hold the same share of each class back; a class of a single row stays in the training part."""
        is_alone = np.bincount(y)[y] == 1
        shared = rows[~is_alone]
        n_classes = len(np.unique(y[shared]))
        n_held = max(round(self.validation_fraction * len(rows)), n_classes)
        if not 0 < n_held <= len(shared) - n_classes:
            raise InvalidDataError(
                f"got {len(rows)} rows of {len(self.classes_)} classes, of which {n_held} would be "
                "held back; expected a row of each class in both parts. Use more rows, another "
                "validation_fraction, X_val, or early_stopping=False."
            )
        train, held = train_test_split(
            shared, test_size=n_held, stratify=y[shared], random_state=random_state
        )
        return np.concatenate([train, rows[is_alone]]), held

    def _finish(self, held_out: list[Held | None]) -> None:
        if self.calibration is None:
            return
        self.temperatures_ = np.array(
            [
                fit_temperature(_log(member.outputs(held.Z)), held.y)
                for member, held in zip(self.members_, held_out, strict=True)
                if held is not None
            ]
        )

    def _watches_accuracy(self) -> bool:
        return self.metric == "accuracy"

    def _head(self) -> Head:
        return LOSSES["softmax_cross_entropy"]

    def _n_outputs(self) -> int:
        return len(self.classes_)

    def _has_single_labels(self) -> bool:
        """Return whether each row has one label: always."""
        return True

    def _beyond_the_network(self) -> str | None:
        return "a temperature makes its probabilities" if (self.temperatures_ != 1).any() else None

    def outline(self, x: GraphSymbol) -> dict[str, GraphSymbol]:
        """Return what is answered, written down, by the names that scikit-learn's converters give it."""
        outputs = [write_layers(member.parameters, x)[-1] for member in self.members_]
        if (self.temperatures_ != 1).any():
            outputs = [
                (a.call("Log") * (1 / temperature)).call("Softmax", axis=-1)
                for a, temperature in zip(outputs, self.temperatures_.tolist(), strict=True)
            ]
        probabilities = mean_of(outputs)
        return {"label": probabilities.argmax().labelled(self.classes_), "probabilities": probabilities}

    def _check_fitted(self) -> None:
        if self.classes_.ndim != 1 or len(np.unique(self.classes_)) < max(2, len(self.classes_)):
            raise ValueError("classes that are not two or more different labels")
        temperatures = np.asarray(self.temperatures_, np.float64)
        if temperatures.shape != (self.n_networks,) or not (temperatures > 0).all():
            raise ValueError(f"temperatures {temperatures.tolist()} of {self.n_networks} networks")


def _log(probabilities: Array) -> Array:
    with np.errstate(divide="ignore"):  # the temperature takes the logarithm of 0 for a finite one
        return np.log(probabilities)
