"""The boundary: what users give is checked here, before any work, and turned into what the engine takes.

Every function returns the value in its exact form, or raises an error that says what was got, what was
expected, and the likely fix.
"""

import datetime
import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError

# -- settings ---------------------------------------------------------------------------------------


def check_count(name: str, value: object, *, least: int = 1) -> int:
    """Return a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise InvalidParameterError(
            f"got {name}={quoted(value)}; expected a whole number of at least {least}."
        )
    return int(value)


def check_positive(name: str, value: object) -> float:
    """Return a positive, finite number."""
    number = _as_float(value)
    if not 0 < number < math.inf:
        raise InvalidParameterError(f"got {name}={quoted(value)}; expected a positive, finite number.")
    return number


def check_not_negative(name: str, value: object) -> float:
    """Return a finite number of at least 0."""
    number = _as_float(value)
    if not 0 <= number < math.inf:
        raise InvalidParameterError(f"got {name}={quoted(value)}; expected a finite number of at least 0.")
    return number


def _as_float(value: object) -> float:
    """Return a number as a float, infinity where it is too large for one, NaN for what is no number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def check_share(name: str, value: object) -> float:
    """Return a number from 0 up to 1, without 1."""
    number = check_not_negative(name, value)
    if number >= 1:
        raise InvalidParameterError(
            f"got {name}={quoted(value)}; expected a number from 0 up to 1, without 1."
        )
    return number


def check_hidden_sizes(N: object, A: object) -> tuple[int, ...]:
    """Return the sizes of the hidden layers: N of them, which may be none, each a positive whole number."""
    n_layers = check_count("N", N, least=0)
    if isinstance(A, str) or not isinstance(A, Sequence | np.ndarray) or np.ndim(A) != 1:
        raise InvalidParameterError(f"got A={quoted(A)}; expected a list of {n_layers} layer sizes.")
    if len(A) != n_layers:
        raise InvalidParameterError(
            f"got N={n_layers} hidden layers and {len(A)} sizes, A={quoted(list(A))}; expected one size "
            "for each "
            f"hidden layer. Did you mean N={len(A)}? The output layer is not counted: its size comes from y."
        )
    return tuple(check_count(f"A[{i}]", as_whole(size)) for i, size in enumerate(A))


def as_whole(size: Any) -> Any:
    """Return a whole number of floating type, as tuners give it, as an integer; all else as it is."""
    return int(size) if isinstance(size, float | np.floating) and float(size).is_integer() else size


def check_callback(name: str, value: object) -> None:
    """Check that something is there to be called, or nothing."""
    if value is not None and not callable(value):
        raise InvalidParameterError(
            f"got {name}={quoted(value)}; expected a function that is called with every record, or None."
        )


def check_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Return float32 or float64."""
    try:
        found = np.dtype(object if dtype is None else dtype)
    except TypeError:
        found = np.dtype(object)
    if found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise InvalidParameterError(f"got dtype={quoted(dtype)}; expected 'float32' or 'float64'.")
    return found


def check_random_state(random_state: object) -> np.random.Generator:
    """Return a generator: the one given, or a new one from a seed or from entropy.

    A RandomState gives the seed: one number is drawn from it.
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**32, dtype=np.uint32))
    if random_state is None:
        return np.random.default_rng()
    is_whole = isinstance(random_state, Integral) and not isinstance(random_state, bool)
    if not is_whole or int(random_state) < 0:  # type: ignore[call-overload]
        raise InvalidParameterError(
            f"got random_state={quoted(random_state)}; expected None, a whole number of at least 0, or a "
            "numpy.random.Generator or RandomState."
        )
    return np.random.default_rng(int(random_state))  # type: ignore[call-overload]


# -- inputs -----------------------------------------------------------------------------------------


def read_tensor(values: Any, name: str) -> Any:
    """Return a tensor of another library as the array that it is, not copied where it lies in memory as one.

    All else comes back as it is.

    Raises
    ------
    InvalidDataError
        When the library refuses it: a tensor on another device, or one that keeps a gradient.
    """
    if isinstance(values, np.ndarray) or not hasattr(values, "__dlpack__"):
        return values
    try:
        return np.asarray(values)
    except (RuntimeError, TypeError, BufferError) as error:
        kind = f"{type(values).__module__}.{type(values).__name__}"
        raise InvalidDataError(f"cannot read {name}, which is a {kind}: {error}") from error


def refuse_masked(values: Any, name: str) -> None:
    """Raise an error for masked entries, whose values NumPy would hand on as if they were not masked."""
    if np.ma.is_masked(values):
        n_masked = np.count_nonzero(np.ma.getmaskarray(values))
        raise InvalidDataError(
            f"got {name} with {n_masked:,} masked entries; expected none. Fill them in, "
            f"{name}.filled(value), or leave their rows out."
        )


def refuse_no_numbers(values: Any, name: str) -> None:
    """Raise an error for text, bytes, dates and durations, which NumPy converts to numbers where it can.

    Parameters
    ----------
    values : {array-like, sparse matrix, DataFrame}
    name : str
        For the message.
    """
    refuse_masked(values, name)
    if hasattr(values, "tocsr"):
        return
    dtypes = getattr(values, "dtypes", None)  # of a DataFrame's columns
    if dtypes is not None and np.iterable(dtypes) and all(getattr(d, "kind", "O") in "biufc" for d in dtypes):
        return
    try:
        array = np.asarray(values)
    except (ValueError, TypeError):  # whoever makes an array of it says why that is none
        return
    kind = KINDS_OF_NO_NUMBERS.get(array.dtype.kind)
    if array.dtype.kind == "O":
        strange = next((value for value in array.ravel() if isinstance(value, NO_NUMBERS)), None)
        kind = None if strange is None else f"{type(strange).__name__}, {quoted(strange)} for one,"
    if kind is not None:
        raise InvalidDataError(
            f"{name} holds {kind} of dtype {array.dtype}; expected numbers. Convert what is meant as "
            "numbers, as astype(float) does for text; encode categories; "
            "subtract a date and divide by a duration."
        )


KINDS_OF_NO_NUMBERS = {"U": "text", "T": "text", "S": "bytes", "M": "dates", "m": "durations"}
"""What is refused as numbers, by NumPy's kind of dtype."""

NO_NUMBERS = (str, bytes, datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)
"""The like of it within an array of objects."""


MOST_TARGET_BYTES = 4 << 30
"""What one-hot targets of an array may take."""


def check_target_size(n_samples: int, n_classes: int, dtype: DTypeLike) -> None:
    """Check that one-hot targets can be made, before they are."""
    size = n_samples * n_classes * np.dtype(dtype).itemsize
    if size > MOST_TARGET_BYTES:
        raise InvalidDataError(
            f"got {n_samples:,} samples of {n_classes:,} classes, whose one-hot targets of {np.dtype(dtype)} "
            f"would take {size / 2**30:,.1f} GiB; expected at most {MOST_TARGET_BYTES >> 30} GiB. Are the "
            "labels classes at all, or numbers for a regression, or identifiers? If they are classes, give a "
            "Stream, of which a part is encoded at a time."
        )


def check_inputs(X: Any, dtype: np.dtype[Any], name: str = "X") -> Any:
    """Return X as a 2-D array of finite numbers, or as a CSR matrix of such if it is sparse.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
    dtype : dtype
        What the network computes with; X is converted to it, unless it is uint8, which stays.
    name : str
        For the messages.
    """
    X = read_tensor(X, name)
    refuse_masked(X, name)
    try:
        array = X if hasattr(X, "tocsr") else np.asarray(X)
    except ValueError as error:
        raise InvalidDataError(f"{name} is no array: its rows have different lengths ({error}).") from None
    if array.ndim != 2:
        fix = f"{name}.reshape(1, -1) is a single sample" if array.ndim < 2 else "glassnet.data.flatten"
        raise InvalidDataError(
            f"got {name} of shape {array.shape}; expected 2-D, (n_samples, n_features): {fix}."
        )
    if 0 in array.shape:
        raise InvalidDataError(f"got {name} of shape {array.shape}, which holds nothing.")
    if hasattr(array, "tocsr"):
        array = array.tocsr()
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "O":
        array = _as_numbers(array, dtype, name)
    if array.dtype.kind not in "biuf":
        refuse_no_numbers(array, name)
        raise InvalidDataError(f"got {name} of type {array.dtype}; expected numbers.")
    with np.errstate(over="ignore"):  # what overflows becomes infinite, and is reported
        array = array.astype(dtype, copy=False)
    _check_finite(array, name)
    return array


def _as_numbers(array: NDArray[Any], dtype: np.dtype[Any], name: str) -> NDArray[Any]:
    """Return an array of objects as numbers, which they must be."""
    refuse_no_numbers(array, name)
    try:
        with np.errstate(over="ignore"):
            return array.astype(dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidDataError(
            f"got {name} of type {array.dtype} that holds something else than numbers ({error}); expected "
            "numbers. Fill missing values in, and encode the rest."
        ) from None


def _check_finite(array: Any, name: str) -> None:
    is_sparse = hasattr(array, "tocsr")
    values = array.data if is_sparse else array
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum(dtype=np.float64)  # a bad value makes the sum bad; no mask of X's size is needed
    if math.isfinite(total):
        return
    bad = np.argwhere(~np.isfinite(values))
    if not len(bad):
        return  # the sum alone was too large
    if is_sparse:
        entries, place = array.tocoo(), bad[0, 0]
        row, column = int(entries.row[place]), int(entries.col[place])
    else:
        row, column = (int(i) for i in bad[0])
    raise InvalidDataError(
        f"{name} holds {values[tuple(bad[0])]} at row {row}, column {column}; expected finite numbers within "
        f"the range of {array.dtype}. Fill missing values in, or leave these rows out."
    )


def check_width(X: Any, n_features: int, name: str = "X") -> None:
    """Check that X has the features that the network was made for."""
    if X.shape[1] != n_features:
        raise InvalidDataError(
            f"got {name} with {X.shape[1]} features; the network was made for {n_features}. "
            "Prepare the data as they were prepared for training."
        )


def check_lengths(X: Any, y: NDArray[Any], names: tuple[str, str] = ("X", "y")) -> None:
    """Check that there is one label for each sample."""
    if y.ndim == 0 or X.shape[0] != len(y):
        n_labels = len(y) if y.ndim else 0
        raise InvalidDataError(
            f"got {X.shape[0]} samples in {names[0]} and {n_labels} labels in {names[1]}; expected as many. "
            "Were the two taken from different parts of the data?"
        )


def check_batch_size(batch_size: object, n_samples: int) -> int:
    """Return the batch size: a positive whole number, not above the number of training samples."""
    size = check_count("batch_size", batch_size)
    if size > n_samples:
        raise InvalidParameterError(
            f"got batch_size={size} for {n_samples} training samples; expected at most {n_samples}."
        )
    return size


def check_sample_weight(sample_weight: ArrayLike, n_samples: int) -> NDArray[np.float64]:
    """Return the weight of each sample: numbers of at least 0, not all of them zero."""
    refuse_masked(sample_weight, "sample_weight")
    try:
        weight = np.asarray(sample_weight, np.float64)
    except (TypeError, ValueError):
        weight = np.full(1, np.nan)
    if weight.shape != (n_samples,) or not np.isfinite(weight).all() or weight.min() < 0 or not weight.any():
        raise InvalidDataError(
            f"got sample_weight of shape {np.shape(weight)}; expected {n_samples} finite numbers of at least "
            "0, one for each sample, and not all of them zero."
        )
    return weight


def check_held_out_weight(weight: NDArray[Any] | None) -> None:
    """Check that the samples held back weigh something: there is no mean loss of others."""
    if weight is not None and not weight.any():
        raise InvalidDataError(
            f"all {len(weight)} samples that early stopping holds back have the weight 0, which gives no "
            "validation loss. Leave out the samples of no weight, give X_val and y_val, or use "
            "early_stopping=False."
        )


# -- labels -----------------------------------------------------------------------------------------


def as_labels(y: ArrayLike | None, name: str = "y") -> NDArray[Any]:
    """Return y as an array, whatever it holds."""
    if y is None:
        raise InvalidDataError(f"got no {name}; expected the labels that the network is trained on.")
    if hasattr(y, "tocsr"):
        raise InvalidDataError(
            f"got {name} as a sparse matrix of shape {np.shape(y)}; expected labels or one-hot rows in an "
            f"array: {name}.toarray()."
        )
    refuse_masked(y, name)
    try:
        return np.asarray(y)
    except ValueError as error:
        raise InvalidDataError(f"{name} is no array: its rows have different lengths ({error}).") from None


def find_classes(y: NDArray[Any], n_samples: int) -> NDArray[Any]:
    """Return the classes in y, sorted: at least two.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Integers, strings, or one-hot rows; the classes of one-hot rows are 0, 1, ...
    n_samples : int
    """
    check_lengths(np.empty((n_samples, 0)), y)
    present = np.unique(_as_labels(y, "y"))
    if len(present) < 2:
        raise InvalidDataError(
            f"y holds one class only, {present.tolist()}; expected at least two to tell apart. "
            "Is the data sorted by class and cut?"
        )
    return np.arange(y.shape[1]) if y.ndim == 2 and y.shape[1] > 1 else present


def encode_labels(y: NDArray[Any], classes: NDArray[Any], name: str = "y") -> NDArray[np.intp]:
    """Return the index into `classes` of every label.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_classes)
    classes : ndarray of shape (n_classes,)
        Sorted.
    name : str
        For the messages.
    """
    if y.ndim == 2 and y.shape[1] > 1 and y.shape[1] != len(classes):
        raise InvalidDataError(
            f"{name} has one-hot rows of {y.shape[1]} columns; the network knows {len(classes)} classes."
        )
    labels = _as_labels(y, name)
    if (labels.dtype.kind == "U") != (classes.dtype.kind == "U"):
        unknown = labels
    else:
        unknown = np.setdiff1d(labels, classes)
    if len(unknown):
        shown = ", ".join(repr(label) for label in unknown[:5].tolist())
        raise InvalidDataError(
            f"{name} holds labels that were not among the training labels: {shown}; expected only "
            f"{', '.join(repr(label) for label in classes[:20].tolist())}."
        )
    return np.searchsorted(classes, labels).astype(np.intp)


def _of_one_type(y: NDArray[Any], name: str) -> NDArray[Any]:
    """Return labels of dtype object as what all of them are: text, bytes, truth values or numbers."""
    truths = bool | np.bool_
    is_alike = (
        all(isinstance(label, str) for label in y)
        or all(isinstance(label, bytes) for label in y)
        or all(isinstance(label, truths) for label in y)
        or all(isinstance(label, Real) and not isinstance(label, truths) for label in y)
    )
    found = np.array(y.tolist()) if is_alike else y
    if found.dtype.kind != "O":  # what no dtype of NumPy holds, such as numbers of 100 digits, still is one
        return found
    kinds = sorted({type(label).__name__ for label in y})
    problem = f"mixes types or holds missing values ({', '.join(kinds)})"
    if len(kinds) == 1:
        problem = f"holds objects of the type {kinds[0]}"
    raise InvalidDataError(f"{name} {problem}; expected labels of one type, integers or text.")


def _as_labels(y: NDArray[Any], name: str) -> NDArray[Any]:
    """Return 1-D labels; the label of a one-hot row is the column of its 1."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2:
        is_one_hot = y.dtype.kind in "biuf" and bool(
            (((y == 0) | (y == 1)).all()) and (np.count_nonzero(y, axis=1) == 1).all()
        )
        if not is_one_hot:
            raise InvalidDataError(
                f"got {name} of shape {y.shape} whose rows are not one-hot; expected labels of shape "
                f"({len(y)},), or rows with a single 1 among zeros."
            )
        return np.asarray(y.argmax(axis=1))
    if y.ndim != 1:
        raise InvalidDataError(f"got {name} of shape {y.shape}; expected (n_samples,) or one-hot rows.")
    if y.dtype.kind == "O":
        y = _of_one_type(y, name)
    if y.dtype.kind == "S":
        raise InvalidDataError(f"{name} holds bytes; expected text. Decode it: np.char.decode({name}).")
    if y.dtype.kind == "f" and not (np.isfinite(y).all() and (y == np.floor(y)).all()):
        raise InvalidDataError(
            f"{name} holds numbers that are not whole, or not finite; expected class labels. "
            "NeuralNetwork classifies; for a regression use another estimator."
        )
    if y.dtype.kind not in "biufU":
        raise InvalidDataError(f"got {name} of type {y.dtype}; expected integers, text or one-hot rows.")
    return y
