"""Labelled data of a plain classifier, from arrays and streams: checked, encoded, weighed."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from glassnet._common.arrays import Array
from glassnet.data import one_hot, train_validation_split
from glassnet.data.streams import Stream
from glassnet.errors import InvalidDataError
from glassnet.models import validation
from glassnet.models._class_weights import class_weights
from glassnet.models._core import FittedNetwork, has_weights
from glassnet.models._features import IMAGE_DIVISOR, Features, learn_features
from glassnet.models._streaming import Reader, check_validation, refuse_arrays
from glassnet.nn.samples import Samples, Source


class Labelled(NamedTuple):
    """Hold checked data.

    Attributes
    ----------
    X : ndarray or CSR matrix of shape (n_samples, n_features)
    codes : ndarray of int, shape (n_samples,)
        The index of each label in `classes`.
    classes : ndarray of shape (n_classes,)
    features : Features
    weight : ndarray of shape (n_samples,) or None
        None where all samples weigh the same.
    """

    X: Any
    codes: NDArray[np.intp]
    classes: NDArray[Any]
    features: Features
    weight: NDArray[np.float64] | None = None

    @property
    def n_samples(self) -> int:
        """How many samples there are."""
        return len(self.codes)

    def pick(self, rows: NDArray[Any]) -> "Labelled":
        """Return a copy of some rows."""
        weight = None if self.weight is None else self.weight[rows]
        return self._replace(X=self.X[rows], codes=self.codes[rows], weight=weight)

    def hold_out(self, fraction: float, rng: np.random.Generator) -> tuple["Labelled", "Labelled"]:
        """Return two parts, the second with a fraction of the samples of each class."""
        labels = self.classes[self.codes]  # sorted as their codes are, and what messages name
        try:
            first, second, _, _ = train_validation_split(
                np.arange(self.n_samples), labels, validation_fraction=fraction, random_state=rng
            )
        except InvalidDataError as error:
            raise InvalidDataError(
                f"{error} Or hold nothing back: early_stopping=False, or validation data as X_val and y_val."
            ) from error
        held_out = self.pick(second)
        validation.check_held_out_weight(held_out.weight)
        return self.pick(first), held_out


class LabelledNetwork(FittedNetwork):
    """Say what X, y and weights are to a network with one output for each class."""

    dtype: DTypeLike
    class_weight: Any
    scale_uint8: bool | Literal["auto"]
    classes_: NDArray[Any]
    n_features_in_: int
    scales_uint8_: bool

    def _has_single_labels(self) -> bool:
        """Return whether each sample has one label: always."""
        return True

    def make_samples(
        self, X: Any, y: ArrayLike | None = None, *, dtype: DTypeLike | None = None, name: str = "X"
    ) -> Source:
        """Return labelled data as the engine of `glassnet.nn` takes them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Left out with a `Stream`.
        dtype : {"float32", "float64"}, optional
            Of inputs and targets; what the network computes with, unless given.
        name : str
            What messages call X.

        Raises
        ------
        InvalidDataError
            When X or y do not fit the network, or y holds labels that it has not learnt.
        """
        self._require_weights()
        if isinstance(X, Stream):
            refuse_arrays(y, None)
            return self._streamed(X, X.rows, dtype=dtype)
        data = self._labelled(X, y, self.classes_, self._features(), dtype=dtype, name=name)
        return self._samples(data, dtype)

    def _dtype(self) -> np.dtype[Any]:
        return validation.check_dtype(self.dtype)

    # -- arrays -----------------------------------------------------------------------------------------

    def _inputs(self, X: Any) -> Samples:
        self._require_weights()
        checked = validation.check_inputs(X, self._dtype())
        self._features().check(X, checked)
        return Samples(checked, None, self._dtype(), self._divisor(checked))

    def _features(self) -> Features:
        """Return what the network has learnt of the features."""
        return Features(self.n_features_in_, getattr(self, "feature_names_in_", None), self.scales_uint8_)

    def _divisor(self, X: Any) -> float | None:
        return IMAGE_DIVISOR if self.scales_uint8_ and X.dtype == np.uint8 else None

    def _labelled(
        self,
        X: Any,
        y: ArrayLike | None,
        classes: NDArray[Any] | None = None,
        features: Features | None = None,
        *,
        dtype: DTypeLike | None = None,
        name: str = "X",
    ) -> Labelled:
        """Check data; the classes and the features are those of the data where they are None."""
        y_name = name.replace("X", "y")
        checked = validation.check_inputs(X, validation.check_dtype(dtype or self.dtype), name)
        if features is None:
            features = learn_features(X, checked, self.scale_uint8)
        else:
            features.check(X, checked, name)
        labels = validation.as_labels(y, y_name)
        validation.check_lengths(checked, labels, (name, y_name))
        if classes is None:
            classes = validation.find_classes(labels, checked.shape[0])
        validation.check_target_size(checked.shape[0], len(classes), dtype or self.dtype)
        return Labelled(checked, validation.encode_labels(labels, classes, y_name), classes, features)

    def _weighed(self, data: Labelled, sample_weight: ArrayLike | None) -> Labelled:
        """Return the data with the weights of samples and classes, multiplied."""
        weight = None
        if sample_weight is not None:
            weight = validation.check_sample_weight(sample_weight, data.n_samples)
        if self.class_weight is not None:
            counts = np.bincount(data.codes, minlength=len(data.classes))
            of_samples = class_weights(self.class_weight, data.classes, counts)[data.codes]
            weight = of_samples if weight is None else weight * of_samples
        if weight is None or (weight == 1).all():
            return data  # the engine then sums in the same order as without weights
        return data._replace(weight=weight)

    def _samples(self, data: Labelled, dtype: DTypeLike | None = None) -> Samples:
        dtype = validation.check_dtype(dtype or self.dtype)
        y = one_hot(data.codes, len(data.classes), dtype)
        weight = None if data.weight is None else data.weight.astype(dtype)
        return Samples(data.X, y, dtype, self._divisor(data.X), weight)

    # -- streams ----------------------------------------------------------------------------------------

    def _reader(self) -> Reader:
        return Reader(
            validate=self._read,
            check_targets=lambda codes, first_row: None,  # encoding them has checked them
            encode=lambda codes, dtype: one_hot(codes, len(self.classes_), dtype),
            needs_y=True,
            divisor=IMAGE_DIVISOR if has_weights(self) and self.scales_uint8_ else None,
        )

    def _read(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        """Return a batch as `Labelled` has it; its X alone where nothing is known of the labels yet."""
        if reset:
            return validation.check_inputs(X, self._dtype()), None
        data = self._labelled(X, y, self.classes_, self._features())
        return data.X, data.codes

    def _features_of(self, stream: Stream) -> Features:
        """Return the features of the first batch of a stream, which speaks for all."""
        batch = stream.first()
        checked, _ = self._reader().read(batch, reset=True)
        return learn_features(batch.X, checked, self.scale_uint8)

    def _weigher(
        self, classes: NDArray[Any], counts: NDArray[Any] | None
    ) -> Callable[[NDArray[np.intp]], Array] | None:
        """Return what gives the codes of a batch their weights; `counts` are those of the whole stream."""
        if self.class_weight is None:
            return None
        of_class = class_weights(self.class_weight, classes, counts)
        return lambda codes: np.asarray(of_class[codes])

    # -- validation data --------------------------------------------------------------------------------

    def _held_out(
        self, X_val: Any, y_val: Any, classes: NDArray[Any], features: Features
    ) -> Labelled | Stream | None:
        """Check the validation data that a user gave; a stream is checked as it is read."""
        if isinstance(X_val, Stream):
            return check_validation(X_val, y_val)
        if (X_val is None) != (y_val is None):
            raise InvalidDataError("got one of X_val and y_val; expected both, or neither.")
        return None if X_val is None else self._labelled(X_val, y_val, classes, features, name="X_val")

    def _source(self, data: Labelled | Stream | None) -> Source | None:
        if data is None:
            return None
        return self._streamed(data) if isinstance(data, Stream) else self._samples(data)


def classes_of(example: NDArray[Any]) -> NDArray[Any]:
    """Return the classes of a stream, of which `example` holds all labels, or some one-hot rows."""
    if example.ndim == 2:
        return np.arange(example.shape[1])
    return validation.find_classes(example, len(example))
