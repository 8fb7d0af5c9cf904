"""The order of the rows in each epoch, as scikit-learn draws it."""

import numpy as np
from numpy.typing import NDArray


class Shuffles:
    """Order the rows of a part, epoch after epoch, or those that are given.

    Parameters
    ----------
    random_state : RandomState
    rows : ndarray of int or None
        The rows that are ordered; None for all of a part.
    shuffles : bool
        Whether the order changes.

    Attributes
    ----------
    last : ndarray of int
        The last order, of which the next is a shuffle; a new array each time.
    """

    def __init__(
        self, random_state: np.random.RandomState, rows: NDArray[np.intp] | None, *, shuffles: bool
    ) -> None:
        self._random_state, self._rows, self._shuffles = random_state, rows, shuffles
        self.last = np.arange(0) if rows is None else rows

    def __call__(self, n: int) -> NDArray[np.intp]:
        """Return the order of the next epoch, or of its next part of n rows."""
        if self._rows is None and len(self.last) != n:
            self.last = np.arange(n)
        if self._shuffles:  # as sklearn.utils.shuffle does: a shuffle of the last order
            places = np.arange(len(self.last))
            self._random_state.shuffle(places)
            self.last = self.last[places]
        return self.last
