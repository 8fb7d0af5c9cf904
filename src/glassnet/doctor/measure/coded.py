"""Categories that a network is given as codes, as columns of numbers that can be compared."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array

MOST_FLAGS, FEWEST_ROWS = 30, 3
"""So many categories of a column, the most frequent, get a column each, if so many rows have them."""


@dataclass(frozen=True)
class Flags:
    """Put a column of zeros and ones for each frequent category in the place of codes.

    A code is a name: which of two is larger says nothing.

    Attributes
    ----------
    n_numbers : int
        How many columns stay as they are, the first.
    codes : tuple of tuple of int
        Of each column of codes: those that get a column.
    """

    n_numbers: int
    codes: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, X: Array, n_numbers: int) -> "Flags":
        """Return the flags that training inputs call for; X has the shape (n, n_columns)."""
        return cls(n_numbers, tuple(_frequent(column) for column in X[:, n_numbers:].T))

    def __call__(self, X: Array) -> Array:
        """Return inputs, shape (n, n_columns), with flags in the place of codes; the same without codes."""
        if not self.codes:
            return X
        flags = [
            (column[:, np.newaxis] == np.array(codes)).astype(X.dtype)
            for column, codes in zip(X[:, self.n_numbers :].T, self.codes, strict=True)
        ]
        return np.concatenate([X[:, : self.n_numbers], *flags], axis=1)

    def names(self, columns: tuple[str, ...], categories: tuple[tuple[Any, ...], ...]) -> tuple[str, ...]:
        """Return the names of the columns: ``city=Berlin`` of a flag.

        Parameters
        ----------
        columns : tuple of str
            As they are named with codes.
        categories : tuple of tuple
            What the codes 1, 2, ... of each column stand for; 0 stands for none of them.
        """
        coded = zip(columns[self.n_numbers :], categories, self.codes, strict=True)
        flags = [
            f"{name}={values[code - 1] if code else 'missing'}"
            for name, values, codes in coded
            for code in codes
        ]
        return (*columns[: self.n_numbers], *flags)


def _frequent(column: NDArray[np.floating]) -> tuple[int, ...]:
    """Return the codes that a column holds most often."""
    codes, counts = np.unique(column, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_FLAGS]
    return tuple(int(codes[i]) for i in order if counts[i] >= FEWEST_ROWS)
