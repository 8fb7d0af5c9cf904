"""What kind of table a table is: counted from its columns, and sorted into kinds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .catalog import TABLES
from .data import Frame, Task


@dataclass(frozen=True)
class Traits:
    """Hold what can be counted of a table.

    Attributes
    ----------
    task : {"classification", "regression"}
    n_rows, n_numbers, n_categories : int
        Rows, and columns of each kind.
    most_values : int
        Of the column with the most categories; 0 without one.
    n_with_gaps : int
        Columns that have any.
    share_missing : float
        Of all cells.
    share_zeros : float
        Of the numbers that are there.
    n_classes : int
        0 in a regression.
    rarest : float
        Share of the rows that the rarest class has; 1 in a regression.
    """

    task: Task
    n_rows: int
    n_numbers: int
    n_categories: int
    most_values: int
    n_with_gaps: int
    share_missing: float
    share_zeros: float
    n_classes: int
    rarest: float

    @property
    def n_columns(self) -> int:
        """Columns that a peer is given."""
        return self.n_numbers + self.n_categories

    @classmethod
    def of(cls, X: Frame, y: Any, task: Task) -> "Traits":
        """Count them."""
        numbers, categories = X.select_dtypes("number"), X.select_dtypes("category")
        gaps = X.isna().mean()
        counts = np.bincount(y) if task == "classification" else np.zeros(0, np.int64)
        cells = numbers.to_numpy(np.float64)
        return cls(
            task=task,
            n_rows=len(X),
            n_numbers=numbers.shape[1],
            n_categories=categories.shape[1],
            most_values=max((categories[name].nunique() for name in categories), default=0),
            n_with_gaps=int((gaps > 0).sum()),
            share_missing=float(gaps.mean()),
            share_zeros=float((cells == 0).sum() / max(1, np.isfinite(cells).sum())),
            n_classes=len(counts),
            rarest=float(counts.min() / len(y)) if len(counts) else 1.0,
        )


@cache
def traits_of(name: str) -> Traits:
    """Return the traits of a table that is there."""
    table = TABLES[name]
    return Traits.of(*table.read(), table.task)


KINDS: dict[str, Callable[[Traits], bool]] = {
    "all tables": lambda t: True,
    "two classes": lambda t: t.n_classes == 2,
    "three classes and more": lambda t: t.n_classes > 2,
    "numbers to predict": lambda t: t.task == "regression",
    "a class under 10 % of the rows": lambda t: t.rarest < 0.1,
    "without categories": lambda t: not t.n_categories,
    "with categories": lambda t: t.n_categories > 0,
    "a column of more than 9 categories": lambda t: t.most_values > 9,
    "with gaps": lambda t: t.n_with_gaps > 0,
    "more than 1 % of the cells missing": lambda t: t.share_missing > 0.01,
    "under 5,000 rows": lambda t: t.n_rows < 5_000,
    "5,000 to 12,000 rows": lambda t: 5_000 <= t.n_rows < 12_000,
    "12,000 rows and more": lambda t: t.n_rows >= 12_000,
    "up to 12 columns": lambda t: t.n_columns <= 12,
    "40 columns and more": lambda t: t.n_columns >= 40,
    "over half of the numbers 0": lambda t: t.share_zeros > 0.5,
}
"""Kinds of table by what is said of them; a table is of several."""
