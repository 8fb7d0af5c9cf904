"""Turn images and labels into what a network takes: rows, numbers in [0, 1], one-hot targets, two parts."""

import math
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError


def flatten(images: ArrayLike) -> NDArray[Any]:
    """Lay each image out as one row.

    Parameters
    ----------
    images : array-like of shape (n_samples, ...)
        At least 2-D.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        A view of `images` where its layout allows, of the same type.

    Raises
    ------
    InvalidDataError
        When `images` has fewer than two dimensions.

    Examples
    --------
    >>> flatten(np.zeros((60, 28, 28))).shape
    (60, 784)
    """
    images = np.asarray(images)
    if images.ndim < 2:
        raise InvalidDataError(
            f"got images of shape {images.shape}; expected (n_samples, height, width) or another shape with "
            "the samples first. For a single image pass image[np.newaxis]."
        )
    # The product instead of -1, which numpy cannot work out when there are no samples.
    return images.reshape(len(images), math.prod(images.shape[1:]))


def scale(images: ArrayLike) -> NDArray[np.float32]:
    """Divide pixels by 255, so that they lie in [0, 1].

    Parameters
    ----------
    images : array-like of uint8
        Of any shape.

    Returns
    -------
    ndarray of float32
        Of the same shape; 0 stays 0 exactly and 255 becomes 1 exactly.

    Raises
    ------
    InvalidDataError
        When `images` is not uint8: it may have been scaled already.

    Examples
    --------
    >>> scale(np.array([0, 51, 255], dtype=np.uint8))
    array([0. , 0.2, 1. ], dtype=float32)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise InvalidDataError(
            f"got images of type {images.dtype}; expected uint8 pixels, 0 to 255. Scaling twice is a common "
            "mistake: were they scaled already? If they are whole pixels, pass images.astype(np.uint8)."
        )
    scaled: NDArray[np.float32] = np.divide(images, np.float32(255), dtype=np.float32)
    return scaled


def one_hot(labels: ArrayLike, n_classes: int | None = None, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Write each label as a row of zeros with a single one, in the label's column.

    Parameters
    ----------
    labels : array-like of int, shape (n_samples,)
        From 0 to ``n_classes - 1``.
    n_classes : int, optional
        Unless given, the largest label plus one.
    dtype : dtype
        Of the result.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)

    Raises
    ------
    InvalidDataError
        When `labels` is not 1-D, is not of an integer type, or holds a label outside the range; or is empty
        and `n_classes` is not given.
    InvalidParameterError
        When `n_classes` is not a positive whole number.

    Examples
    --------
    >>> one_hot([1, 0, 2])
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    labels = np.asarray(labels)
    if n_classes is not None and (
        isinstance(n_classes, bool) or not isinstance(n_classes, int | np.integer) or n_classes < 1
    ):
        raise InvalidParameterError(
            f"got n_classes={quoted(n_classes)}; expected a whole number of at least 1."
        )
    if labels.ndim != 1:
        raise InvalidDataError(
            f"got labels of shape {labels.shape}; expected (n_samples,). labels.ravel() makes a column 1-D."
        )
    if labels.size == 0:
        if n_classes is None:
            raise InvalidDataError("got no labels, which do not tell the number of classes. Pass n_classes.")
        return np.zeros((0, n_classes), dtype=dtype)
    if labels.dtype.kind not in "iu":
        raise InvalidDataError(
            f"got labels of type {labels.dtype}; expected integers from 0. "
            "Number the classes first: np.unique(labels, return_inverse=True)[1]."
        )
    low, high = int(labels.min()), int(labels.max())
    n_columns = high + 1 if n_classes is None else int(n_classes)
    if low < 0 or high >= n_columns:
        expected = "0 or more" if n_classes is None else f"0 to {n_columns - 1}"
        raise InvalidDataError(
            f"got labels from {low} to {high}; expected {expected}. Number the classes from 0, "
            "or pass an n_classes that covers them."
        )
    rows = np.zeros((labels.size, n_columns), dtype=dtype)
    rows[np.arange(labels.size), labels] = 1
    return rows


def train_validation_split(
    X: ArrayLike,
    y: ArrayLike,
    *,
    validation_fraction: float = 0.2,
    random_state: int | np.random.Generator = 0,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Split samples at random into a training and a validation part with the same mix of classes.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, ...)
        Rows or whole images.
    y : array-like of shape (n_samples,)
        The class of each sample.
    validation_fraction : float
        Between 0 and 1, both excluded. The validation part has the whole number of samples nearest to
        ``validation_fraction * n_samples``.
    random_state : int or numpy.random.Generator
        The seed, or the generator to draw from. The same seed gives the same split.

    Returns
    -------
    X_train, X_val, y_train, y_val : ndarray
        Copies, in random order.

    Raises
    ------
    InvalidDataError
        When the lengths differ, `y` is not 1-D, a class has a single sample, or a part is too small to hold
        every class.
    InvalidParameterError
        When `validation_fraction` or `random_state` cannot be right.

    Notes
    -----
    The validation places are shared out among the classes by largest remainders: each class gets the whole
    part of its exact share ``count * n_val / n_samples``, and the places left go to the largest fractions
    (the first class first where they are equal). Every class keeps at least one sample in each part.

    Examples
    --------
    >>> X, y = np.arange(10).reshape(10, 1), np.array([0] * 5 + [1] * 5)
    >>> X_train, X_val, y_train, y_val = train_validation_split(X, y)
    >>> len(X_train), len(X_val), sorted(y_val.tolist())
    (8, 2, [0, 1])
    """
    X, y = X.tocsr() if hasattr(X, "tocsr") else np.asarray(X), np.asarray(y)
    if y.ndim != 1 or X.ndim < 1 or X.shape[0] != len(y):
        raise InvalidDataError(
            f"got X of shape {X.shape} and y of shape {y.shape}; expected (n_samples, ...) and (n_samples,) "
            "with the same n_samples. Is one of them from another part, or y already one-hot?"
        )
    if not isinstance(validation_fraction, Real) or not 0 < float(validation_fraction) < 1:
        raise InvalidParameterError(
            f"got validation_fraction={quoted(validation_fraction)}; expected a number between 0 and 1, both "
            "excluded, such as 0.2 for 20 percent."
        )
    rng = _generator(random_state)
    classes, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    n_val = math.floor(len(y) * validation_fraction + 0.5)
    shares = _validation_shares(classes, counts, n_val)
    by_class = np.split(np.argsort(codes, kind="stable"), np.cumsum(counts)[:-1])
    shuffled = [rng.permutation(rows) for rows in by_class]
    val = rng.permutation(np.concatenate([rows[:n] for rows, n in zip(shuffled, shares, strict=True)]))
    train = rng.permutation(np.concatenate([rows[n:] for rows, n in zip(shuffled, shares, strict=True)]))
    return X[train], X[val], y[train], y[val]


def _generator(random_state: int | np.random.Generator) -> np.random.Generator:
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, bool) or not isinstance(random_state, int | np.integer) or random_state < 0:
        raise InvalidParameterError(
            f"got random_state={quoted(random_state)}; expected a whole number of at least 0 or a "
            "numpy.random.Generator, so that the split can be made again."
        )
    return np.random.default_rng(random_state)


def _validation_shares(classes: NDArray[Any], counts: NDArray[np.intp], n_val: int) -> NDArray[np.int64]:
    """Share `n_val` places among the classes by largest remainders, one place kept in either part."""
    n = int(counts.sum())
    if n and counts.min() < 2:
        lonely = classes[counts.argmin()].item()
        raise InvalidDataError(
            f"class {quoted(lonely)} has a single sample; expected at least 2, one for each part. "
            "Leave the class out, or collect more of it. (Are the labels classes at all?)"
        )
    if n == 0 or not len(classes) <= n_val <= n - len(classes):
        raise InvalidDataError(
            f"got {n} samples to split into {n - n_val} and {n_val}; expected each part to hold at least one "
            f"of each of the {len(classes)} classes. Use more samples or another validation_fraction."
        )
    counts = counts.astype(np.int64)
    shares = np.clip(counts * n_val // n, 1, counts - 1)
    while missing := n_val - int(shares.sum()):
        step = 1 if missing > 0 else -1
        movable = shares < counts - 1 if step > 0 else shares > 1
        shortfall = step * (
            counts * n_val - shares * n
        )  # exact share minus present one, times n: no rounding
        shares[np.argmax(np.where(movable, shortfall, np.iinfo(np.int64).min))] += step
    return shares
