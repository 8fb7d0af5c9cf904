"""MLPClassifier: scikit-learn's class on glassnet's engine."""

import copy
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d, compute_sample_weight
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.validation import validate_data

from glassnet._common.arrays import Array
from glassnet.data import train_validation_split
from glassnet.data.streams import Stream
from glassnet.errors import InvalidDataError
from glassnet.exchange import GraphSymbol, write_layers
from glassnet.models._base import BaseMLP, can_fit_partially
from glassnet.models._class_weights import class_weights
from glassnet.models._core import has_weights
from glassnet.models._decorators import available_if, checks_parameters, with_callbacks
from glassnet.models._docs import documented
from glassnet.models._fitted import FITTED_NAMES, KEPT_DTYPES, TargetArray
from glassnet.models._one_hot import warn_of_one_hot
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
from glassnet.models._survey import Survey, survey_labels
from glassnet.models.validation import check_target_size, read_tensor, refuse_masked, refuse_no_numbers
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import LOSSES, Head


@documented
class MLPClassifier(ClassNamePrefixFeaturesOutMixin, ClassifierMixin, TransformerMixin, BaseMLP):  # type: ignore[misc]
    """Classify with a multilayer perceptron: scikit-learn's `MLPClassifier`, faster and with more options.

    With the same parameters and `random_state` the fitted model is scikit-learn's, to rounding. L-BFGS may
    end elsewhere: on unscaled data, where scikit-learn compares a loss that is cut off at 36 a sample, and
    after many iterations, which make rounding grow. The parameters from `scoring` on are additions; their
    defaults change nothing.

    Parameters
    ----------
    %(parameters)s
    class_weight : dict, "balanced" or None
        Weight of each class in the loss; "balanced" makes all classes count the same in total.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    %(attributes)s

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier(solver="lbfgs", max_iter=400, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = PARAMETER_CONSTRAINTS | {
        "class_weight": [dict, StrOptions({"balanced"}), None]
    }

    _fitted_names: ClassVar[tuple[str, ...]] = (*FITTED_NAMES, "classes_")

    _losses: ClassVar[tuple[str, ...]] = ("softmax_cross_entropy", "sigmoid_cross_entropy")
    """Of one label a sample where there are more than two, and of two or of several labels."""

    classes_: NDArray[Any]

    def __init__(
        self,
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
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
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
            Left out with a `Stream`. Labels; an indicator matrix for several labels a sample.
        sample_weight : array-like of shape (n_samples,), optional
        X_val, y_val : optional
            Own validation data, arrays or a `Stream` alone: their loss is recorded, and early stopping
            watches them.

        Returns
        -------
        self
        """
        first = not (self.warm_start and has_weights(self))
        self._hidden_sizes()
        if isinstance(X, Stream):
            refuse(X, self.solver, y, sample_weight)
            survey = survey_labels(X, at_once=bool(self.verbose))
            warn_of_one_hot(survey.example)
            self._learn_classes(survey.example, first=first)
            weigh = self._class_weigher(survey)
            validation = self._validation(X_val, y_val)
            return self._fit_stream(X, validation, weigh, first=first, incremental=False)
        data = self._ready(X, y, sample_weight, X_val, y_val, first=first)
        return self._fit(*data, first=first, incremental=False)

    @available_if(can_fit_partially)
    @checks_parameters
    def partial_fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given data.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Left out with a `Stream`.
        sample_weight : array-like of shape (n_samples,), optional
        classes : array-like of shape (n_classes,), optional
            All classes there will be; needed in the first call.
        X_val, y_val : optional
            With early stopping, these are watched over the calls: once the score has stopped improving, the
            best weights are back, ``stopped_`` is True and further calls change nothing.

        Returns
        -------
        self
        """
        first = not has_weights(self)
        is_stream = isinstance(X, Stream)
        if is_stream:
            refuse(X, self.solver, y, sample_weight, incremental=True)
        if _check_partial_fit_first_call(self, classes):
            example = X.first().y if is_stream else y
            multilabel = example is not None and type_of_target(example).startswith("multilabel")
            if multilabel:
                warn_of_one_hot(example)
            self._label_binarizer = LabelBinarizer().fit(example if multilabel else classes)
        if is_stream:
            weigh, validation = self._class_weigher(None), self._validation(X_val, y_val)
            return self._fit_stream(X, validation, weigh, first=first, incremental=True)
        X, y = self._validate(X, y, reset=first)
        unknown = np.setdiff1d(unique_labels(y), self.classes_)
        if len(unknown):
            raise ValueError(
                "`y` has classes not in `self.classes_`. "
                f"`self.classes_` has {self.classes_}. 'y' has {unique_labels(y)}."
            )
        weight = self._weigh_classes(y, sample_weight)
        return self._fit(X, y, weight, self._validation(X_val, y_val), first=first, incremental=True)

    @over_streams
    def predict(self, X: Any) -> TargetArray:
        """Return the most probable label of each sample, or the indicator matrix of several labels."""
        return self._decode(self._outputs(X))

    @over_streams
    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, shape (n_samples, n_classes), columns as in `classes_`."""
        outputs = self._outputs(X)
        if self.n_outputs_ > 1:
            return outputs
        return np.hstack([1 - outputs, outputs])

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of `predict_proba`."""
        probabilities = self.predict_proba(X)
        return np.log(probabilities, out=probabilities)

    def score(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy; y is left out where X is a `Stream`."""
        if isinstance(X, Stream):
            return self._score_stream(X, y, sample_weight)
        return float(super().score(X, y, sample_weight))

    def to_sklearn(self) -> Any:
        """Return scikit-learn's own classifier with the same parameters and weights.

        Returns
        -------
        sklearn.neural_network.MLPClassifier
            Fitted; the weights are copied. What it has no word for, such as `dropout`, is left out.

        Raises
        ------
        NotFittedError
            When there are no weights yet.
        InvalidParameterError
            When scikit-learn has no such network: other activations.
        """
        theirs = super().to_sklearn()
        vars(theirs)["_label_binarizer"] = copy.deepcopy(self._label_binarizer)  # what their predict asks
        return theirs

    # -- what the base asks for -------------------------------------------------------------------------

    def _validate(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, TargetArray]:
        X, y = read_tensor(X, "X"), read_tensor(y, "y")
        refuse_no_numbers(X, "X")
        refuse_masked(y, "y")
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            dtype=KEPT_DTYPES,
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _ready(
        self, X: Any, y: Any, sample_weight: ArrayLike | None, X_val: Any, y_val: Any, *, first: bool
    ) -> tuple[Any, TargetArray, Any, tuple[Any, Any] | Stream | None]:
        self._hidden_sizes()
        X, y = self._validate(X, y, reset=first)
        warn_of_one_hot(y)
        self._learn_classes(y, first=first)
        weight = self._weigh_classes(y, sample_weight)
        return X, y, weight, self._validation(X_val, y_val)

    def _learn_classes(self, y: TargetArray, *, first: bool) -> None:
        if first:
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        elif set(unique_labels(y)) != set(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {self.classes_}, `y` has {unique_labels(y)}"
            )

    def _learn_targets(self, y: TargetArray) -> None:
        try:
            self._learn_classes(y, first=True)
        except ValueError as error:
            raise InvalidDataError(f"y holds no labels that a classifier could learn: {error}") from error

    def _check_parameters(self, names: Collection[str]) -> None:
        super()._check_parameters(names)
        if isinstance(self.class_weight, dict) and self._has_single_labels():
            class_weights(self.class_weight, self.classes_, None)

    def _restore(self, state: ModelState) -> None:
        super()._restore(state)
        is_softmax = state.architecture.head is LOSSES[self._losses[0]]
        y_type = "multiclass" if is_softmax else "binary" if self.n_outputs_ == 1 else "multilabel-indicator"
        n_classes = (1, 2) if y_type == "binary" else (self.n_outputs_,)
        if len(self.classes_) not in n_classes or (is_softmax and self.n_outputs_ < 3):
            raise ValueError(f"{len(self.classes_)} classes of {self.n_outputs_} {y_type} outputs")
        binarizer = LabelBinarizer()
        binarizer.classes_, binarizer.sparse_input_ = self.classes_, False
        binarizer.y_type_ = y_type
        self._label_binarizer = binarizer

    def _check_known(self, y: TargetArray, name: str) -> None:
        unknown = np.setdiff1d(y, self.classes_) if y.ndim == 1 else ()
        if len(unknown):
            raise InvalidDataError(
                f"{name} holds labels that are not among the training labels: {list(unknown)[:5]}; "
                f"expected only {list(self.classes_)[:20]}."
            )

    def _check_targets(self, y: TargetArray, first_row: int) -> None:
        unknown = np.setdiff1d(unique_labels(y), self.classes_)
        if len(unknown):
            row = first_row + int(np.isin(y, unknown).argmax()) if y.ndim == 1 else first_row
            raise ValueError(
                f"y holds labels that are not among the classes: {unknown.tolist()}, the first in row "
                f"{row:,}; expected only {self.classes_.tolist()}."
            )

    def _validation(self, X_val: Any, y_val: Any) -> tuple[Any, Any] | Stream | None:
        validation = super()._validation(X_val, y_val)
        if isinstance(validation, tuple):
            unknown = np.setdiff1d(unique_labels(validation[1]), self.classes_)
            if len(unknown):
                raise InvalidDataError(
                    f"y_val holds labels that are not among the training labels: {unknown.tolist()}; "
                    f"expected only {self.classes_.tolist()}."
                )
        return validation

    def _weigh_classes(self, y: TargetArray, sample_weight: ArrayLike | None) -> Any:
        refuse_masked(sample_weight, "sample_weight")
        if self.class_weight is None:
            return sample_weight
        if self._has_single_labels():
            codes = np.searchsorted(self.classes_, y)
            counts = np.bincount(codes, minlength=len(self.classes_))
            weight = class_weights(self.class_weight, self.classes_, counts)[codes]
        else:
            weight = compute_sample_weight(self.class_weight, y)
        return weight if sample_weight is None else weight * np.asarray(sample_weight)

    def _class_weigher(self, survey: Survey | None) -> Callable[[Any], Array] | None:
        """Return what gives the labels of a batch their weights."""
        if self.class_weight is None:
            return None
        counts = survey.counts_of(self.classes_) if survey else None
        of_class = class_weights(self.class_weight, self.classes_, counts)
        return lambda y: np.asarray(of_class[np.searchsorted(self.classes_, y)])

    def _head(self) -> Head:
        multiclass = self._label_binarizer.y_type_ == "multiclass"
        return LOSSES[self._losses[0 if multiclass else 1]]

    def _has_single_labels(self) -> bool:
        """Return whether each sample has one label; not with an indicator matrix of several."""
        return not self._label_binarizer.y_type_.startswith("multilabel")

    def _counts_hits(self) -> bool:
        """Return whether hits are the accuracy: the only class there is, is always the answer."""
        return self._has_single_labels() and len(self.classes_) > 1

    def _encode(self, y: TargetArray, dtype: np.dtype[Any]) -> Array:
        if not self._has_single_labels():
            # as truths first: whatever is not 0 says that a sample has the label, be it 1 or 2
            return np.asarray(self._label_binarizer.transform(y)).astype(bool).astype(dtype)
        if np.ndim(y) != 1:
            raise InvalidDataError(
                f"got y of shape {np.shape(y)}, rows of several labels; the network was made for one label a "
                "sample. Was it fitted to other targets?"
            )
        # what the binarizer gives too, with a tenth of its time and memory; the labels have been checked
        codes = np.searchsorted(self._label_binarizer.classes_, np.asarray(y))
        if self._label_binarizer.y_type_ != "multiclass":
            return codes[:, np.newaxis].astype(dtype)
        check_target_size(len(codes), len(self._label_binarizer.classes_), dtype)
        encoded: Array = np.zeros((len(codes), len(self._label_binarizer.classes_)), dtype)
        encoded[np.arange(len(codes)), codes] = 1
        return encoded

    def _decode(self, outputs: Any) -> TargetArray:
        labels: TargetArray = self._label_binarizer.inverse_transform(
            outputs[:, 0] if outputs.shape[1] == 1 else outputs
        )
        return labels

    def outline(self, x: GraphSymbol) -> dict[str, GraphSymbol]:
        """Return what is answered, written down, by the names that scikit-learn's converters give it."""
        outputs = write_layers(self.parameters_, x)[-1]
        if not self._has_single_labels():
            return {"label": (outputs > 0.5).whole(), "probabilities": outputs}
        if self.n_outputs_ > 1:
            return {"label": outputs.argmax().labelled(self.classes_), "probabilities": outputs}
        both = (outputs * -1.0 + 1.0).beside(outputs)
        one = (outputs > 0.5).whole().reshape(-1) * np.array(len(self.classes_) - 1)
        return {"label": one.labelled(self.classes_), "probabilities": both}

    def _score_outputs(self, outputs: Array, y: Any, sample_weight: Array | None) -> float:
        return float(accuracy_score(self._decode(y), self._decode(outputs), sample_weight=sample_weight))

    def _split(
        self, rows: NDArray[np.intp], targets: Array, random_state: np.random.RandomState
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Split as scikit-learn does; where that would leave a class out of a part, split class by class.

        scikit-learn goes class by class for two classes only. With too few samples for every class to be in
        both parts, its split stays; a class of one sample is refused.
        """
        if not self._has_single_labels():
            return super()._split(rows, targets, random_state)
        labels = targets[:, 0] if self.n_outputs_ == 1 else targets.argmax(axis=1)
        try:
            first, second = train_test_split(
                rows,
                stratify=labels if self.n_outputs_ == 1 else None,
                random_state=random_state,
                test_size=self.validation_fraction,
            )
            whole = np.array_equal(np.unique(labels[first]), np.unique(labels[second]))
        except ValueError:
            first, second, whole = None, None, False
        if not whole:
            # of a copy: where this cannot be, what is drawn next is what scikit-learn draws
            seed = copy.deepcopy(random_state).randint(2**31)
            try:
                first, second, _, _ = train_validation_split(
                    rows,
                    self._decode(targets),
                    validation_fraction=self.validation_fraction,
                    random_state=np.random.default_rng(seed),
                )
            except InvalidDataError as error:
                if first is None or np.unique(labels, return_counts=True)[1].min() < 2:
                    raise InvalidDataError(f"{error} Or give validation data as X_val and y_val.") from error
            else:
                random_state.randint(2**31)
        return first, second

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
