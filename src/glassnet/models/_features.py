"""What a plain network learns of its inputs beside the weights: number, names, and what bytes mean."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import quoted
from glassnet.data.frames import check_names, names_of
from glassnet.errors import InvalidParameterError
from glassnet.models import validation
from glassnet.models._warning import warn

IMAGE_DIVISOR = 255.0
"""What bytes that are pixels are divided by."""

DARKEST_MAXIMUM = 127
"""Bytes are taken as pixels where their maximum is above it: the upper half of the range is in use."""

LARGEST_COUNT = 63
"""Bytes up to it are surely no pixels; between it and the darkest maximum they could be dark ones."""


class Features(NamedTuple):
    """Hold what there is to know of the features of X.

    Attributes
    ----------
    n : int
    names : ndarray of object, shape (n,), or None
        None where X has none, or not all of them are text.
    scales_uint8 : bool
        Whether X of dtype uint8 is divided by 255.
    """

    n: int
    names: NDArray[Any] | None
    scales_uint8: bool

    def check(self, X: Any, checked: Any, name: str = "X") -> None:
        """Check that a user's X, `checked` as an array, has these features."""
        found = names_of(X)
        if self.names is not None and found is not None:
            check_names(found, self.names)
        validation.check_width(checked, self.n, name)


def learn_features(X: Any, checked: Any, scale_uint8: Any) -> Features:
    """Return the features of a user's X, which is `checked` as an array.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame}
    checked : ndarray or CSR matrix of shape (n_samples, n_features)
    scale_uint8 : bool or "auto"
        With "auto", bytes are divided by 255 where their maximum is above 127. X of another dtype tells what
        bytes will mean later: pixels, where its values lie between 0 and 1 and are not only 0 and 1.

    Raises
    ------
    InvalidParameterError
        When `scale_uint8` is something else.
    """
    check_scale_uint8(scale_uint8)
    scales = _are_pixels(checked) if isinstance(scale_uint8, str) else bool(scale_uint8)
    return Features(int(checked.shape[1]), names_of(X), scales)


def check_scale_uint8(scale_uint8: Any) -> None:
    """Raise an InvalidParameterError where it is none of the three that it may be."""
    is_switch = isinstance(scale_uint8, bool | np.bool_)
    if not is_switch and not (isinstance(scale_uint8, str) and scale_uint8 == "auto"):
        raise InvalidParameterError(f"got scale_uint8={quoted(scale_uint8)}; expected 'auto', True or False.")


def _are_pixels(X: Any) -> bool:
    highest = X.max()
    if X.dtype != np.uint8:
        values = X.data if hasattr(X, "tocsr") else X
        return bool(highest <= 1 and X.min() >= 0) and _has_fractions(values)
    if LARGEST_COUNT < highest <= DARKEST_MAXIMUM:
        warn(
            f"X is of dtype uint8 with a maximum of {highest}: dark images, or counts? It is used as it is. "
            "Say scale_uint8=True to have it divided by 255, or scale_uint8=False.",
        )
    return bool(highest > DARKEST_MAXIMUM)


def _has_fractions(values: NDArray[Any]) -> bool:
    """Return whether there are numbers that are not whole; of most data the first rows tell."""
    step = 4096
    parts = (values[start : start + step] for start in range(0, len(values), step))
    return any(bool((part != np.floor(part)).any()) for part in parts)
