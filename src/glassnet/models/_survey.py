"""A first pass over the labels of a `Stream`: which there are, and how often."""

from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet._common.progress import RowProgress
from glassnet.data.streams import NO_ROWS, Stream
from glassnet.errors import InvalidDataError


class Survey(NamedTuple):
    """Hold what a first pass over the labels found.

    Attributes
    ----------
    example : ndarray
        Labels of the same kind as all of y, with every class in it.
    counts : dict
        How often each label occurs; empty where a sample has several labels.
    """

    example: Any
    counts: dict[Any, int]

    def counts_of(self, classes: NDArray[Any]) -> NDArray[np.intp] | None:
        """Return how often each class occurs; None where a sample has several labels."""
        return np.array([self.counts.get(label, 0) for label in classes.tolist()]) if self.counts else None


def survey_labels(stream: Stream, *, at_once: bool) -> Survey:
    """Read the labels of a stream once."""
    found: Any = None
    counts: Counter[Any] = Counter()
    rows = 0
    with RowProgress("labels", stream.n_rows, at_once=at_once) as progress:
        for y in stream.targets():
            if y is None:
                raise InvalidDataError("the stream has no y; expected pairs (X, y).")
            y = np.asarray(y)
            if y.ndim == 2 and y.shape[1] == 1:
                y = y[:, 0]
            if y.ndim == 2:
                return Survey(y, {})  # the classes are the columns, the same in every batch
            labels, numbers = np.unique(y, return_counts=True)
            if labels.dtype.kind == "f" and not (labels == np.floor(labels)).all():
                raise InvalidDataError("y holds numbers that are not whole, or NaN; expected class labels.")
            found = labels if found is None else _join(found, labels)
            counts.update(dict(zip(labels.tolist(), numbers.tolist(), strict=True)))
            rows += len(y)
            progress.update(rows)
    if not rows:
        raise InvalidDataError(NO_ROWS)
    return Survey(found, counts)


def _join(found: NDArray[Any], labels: NDArray[Any]) -> NDArray[Any]:
    """Return the labels of both, sorted; NumPy would make text of numbers without a word."""
    if (found.dtype.kind in "US") != (labels.dtype.kind in "US"):
        raise InvalidDataError(
            f"the labels of the stream are text in some batches and not in others: {labels[:3].tolist()} "
            f"after {found[:3].tolist()}; expected labels of one type."
        )
    return np.union1d(found, labels)
