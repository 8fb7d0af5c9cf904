"""What targets mean to a network, and how some of them are held back to watch over its training."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.metrics import get_scorer
from sklearn.model_selection import train_test_split

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.data.streams import Stream
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models._fitted import FittedEstimator, TargetArray
from glassnet.models._streaming import Reader, StreamedSamples, check_validation, refuse_arrays, score_parts
from glassnet.models._tallies import MeanScore, Tally
from glassnet.models.validation import check_held_out_weight
from glassnet.nn.evaluation import predict
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import Head
from glassnet.nn.samples import Samples, Source


class TargetedNetwork(FittedEstimator, ABC):
    """Say what targets are, how answers are scored, and which rows are held back.

    The classifier, the regressor and the autoencoder each say the abstract part for themselves.
    """

    # -- what the subclasses say ----------------------------------------------------------------------

    def _validate(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, TargetArray]:
        """Return X and y as scikit-learn's conventions want them."""
        raise NotImplementedError

    @abstractmethod
    def _head(self) -> Head:
        """Return the output activation and loss."""

    @abstractmethod
    def _encode(self, y: TargetArray, dtype: np.dtype[Any]) -> Array:
        """Return targets of shape (n, n_outputs) as the engine takes them."""

    @abstractmethod
    def _score_outputs(self, outputs: Array, y: Any, sample_weight: Array | None) -> float:
        """Return the default validation score: accuracy, or R^2."""

    def _score_tally(self) -> Tally:
        """Return what adds up the default score of a stream, part by part."""
        return MeanScore(lambda outputs, targets: self._score_outputs(outputs, targets, None))

    def _check_targets(self, y: TargetArray, first_row: int) -> None:
        """Raise a ValueError where a batch of a stream has targets that the network has not."""

    def _learn_targets(self, y: TargetArray) -> None:
        """Take note of what there is to know of the targets before weights are drawn."""

    def _reported_loss(self, record: EpochRecord) -> float:
        """Return the loss of an epoch as scikit-learn reports it."""
        return record.loss * self._loss_scale() + record.penalty

    def _loss_scale(self) -> float:
        """Return what the engine's loss, a sum over outputs, is multiplied with when it is reported."""
        return 1.0

    @abstractmethod
    def _decode(self, outputs: Any) -> TargetArray:
        """Return outputs as targets of the user's kind."""

    def _decode_targets(self, targets: Array) -> TargetArray:
        """Return targets, as the engine takes them, as those of the user's kind."""
        return self._decode(targets)

    # -- data as the engine takes them -------------------------------------------------------------------

    def make_samples(
        self, X: Any, y: Any = None, *, dtype: DTypeLike | None = None, name: str = "X"
    ) -> Source:
        """Return labelled data as the engine of `glassnet.nn` takes them.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features), or Stream
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            As for `fit`.
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
        X, y = self._checked(X, y, reset=False)
        self._check_known(y, name.replace("X", "y"))
        dtype = self.parameters_.theta.dtype if dtype is None else np.dtype(dtype)
        return self._make_samples(X, self._targets_of(y, dtype, name.replace("X", "y")), dtype=dtype)

    def _targets_of(self, y: TargetArray, dtype: np.dtype[Any], name: str = "y") -> Array:
        """Return targets as the engine takes them, as many columns as the network has outputs."""
        targets, n_outputs = self._encode(y, dtype), self.architecture_.sizes[-1]
        if targets.shape[1] != n_outputs:  # NumPy would repeat a single column
            raise InvalidDataError(
                f"got {name} with {targets.shape[1]} outputs a sample; the network was made for {n_outputs}. "
                "Was it fitted to other targets? Another estimator, or fit without warm_start, begins anew."
            )
        return targets

    def _checked(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, TargetArray]:
        """Return X and y as scikit-learn's conventions want them, and raise glassnet's error."""
        try:
            return self._validate(X, y, reset=reset)
        except (ValueError, TypeError) as error:
            raise InvalidDataError(f"the data are not those of this model: {error}") from error

    def _reader(self) -> Reader:
        needs_y = bool(self.__sklearn_tags__().target_tags.required)
        divisor = 255.0 if self.scale_uint8 else None
        return Reader(self._validate, self._check_targets, self._encode, needs_y, divisor)

    def _check_known(self, y: TargetArray, name: str) -> None:
        """Raise an InvalidDataError for labels that the network has not learnt."""

    # -- scores of streams -------------------------------------------------------------------------------

    def _score_stream(self, stream: Stream, y: Any, sample_weight: Any) -> float:
        """Return the default score of a stream."""
        self._require_weights()
        refuse_arrays(y, sample_weight)
        return self._score_parts(self._streamed(stream))

    def _score_parts(self, samples: StreamedSamples) -> float:
        return score_parts(self.architecture_, self.parameters_, samples, self._score_tally())

    # -- validation data --------------------------------------------------------------------------------

    def _validation(self, X_val: Any, y_val: Any) -> tuple[Any, Any] | Stream | None:
        """Check the validation data that a user gave; a stream is checked as it is read."""
        if isinstance(X_val, Stream):
            return check_validation(X_val, y_val)
        if (X_val is None) != (y_val is None):
            raise InvalidDataError("got one of X_val and y_val; expected both, or neither.")
        return None if X_val is None else self._validate(X_val, y_val, reset=False)

    def _make_held_out(self, validation: tuple[Any, Any] | Stream | None) -> Source | None:
        if validation is None:
            return None
        if isinstance(validation, Stream):
            return self._streamed(validation)
        X, y = validation
        return self._make_samples(X, self._targets_of(y, self.parameters_.theta.dtype, "y_val"))

    def _hold_out(
        self, X: Any, targets: Array, weight: Array | None, random_state: np.random.RandomState
    ) -> tuple[NDArray[np.intp], Samples]:
        """Hold rows back, by the same random numbers as scikit-learn; return those left, and these."""
        rows = np.arange(X.shape[0])
        train_rows, val_rows = self._split(rows, targets, random_state)
        if len(val_rows) < 2:
            raise InvalidDataError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        held_out_weight = None if weight is None else weight[val_rows]
        check_held_out_weight(held_out_weight)
        return train_rows, self._make_samples(X[val_rows], targets[val_rows], held_out_weight)

    def _split(
        self, rows: NDArray[np.intp], targets: Array, random_state: np.random.RandomState
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        first, second = train_test_split(rows, random_state=random_state, test_size=self.validation_fraction)
        return first, second

    def _scorer(self, held_out: Source) -> Callable[[EpochRecord], float]:
        """Return what the validation score of an epoch is computed by."""
        if self.scoring == "loss":
            return lambda record: -(record.validation_loss or 0.0) * self._loss_scale()
        if self.scoring is not None and isinstance(held_out, StreamedSamples):
            raise InvalidParameterError(
                f"got scoring={quoted(self.scoring)}, which takes arrays, and a Stream as X_val; give "
                "X_val and "
                "y_val as arrays, or use scoring=None or 'loss'."
            )
        if self.scoring is not None:
            scorer = get_scorer(self.scoring)
            labels = self._decode_targets(held_out.y)

            def ask_scorer(record: EpochRecord) -> float:
                return float(scorer(_without_names(self), held_out.X, labels))

            return ask_scorer
        weight = held_out.weight if isinstance(held_out, Samples) else None
        if weight is None and self._counts_hits():
            return lambda record: np.nan if record.validation_accuracy is None else record.validation_accuracy
        if isinstance(held_out, StreamedSamples):
            return lambda record: self._score_parts(held_out)
        assert isinstance(held_out, Samples)

        def score(record: EpochRecord) -> float:
            outputs = predict(self.architecture_, self.parameters_, held_out)
            return self._score_outputs(outputs, held_out.y, weight) if np.isfinite(outputs).all() else np.nan

        return score


def _without_names(model: TargetedNetwork) -> TargetedNetwork:
    """Return the model as it takes rows held out, which have lost the names of their columns."""
    if not hasattr(model, "feature_names_in_"):
        return model
    nameless = copy.copy(model)  # the network in it is the same
    del nameless.feature_names_in_
    return nameless
