"""Whom glassnet's model is compared with: an entry of `CONTENDERS`, made of scikit-learn alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from glassnet.data.column_kinds import Kind
from glassnet.tables.base import Task

OWN = "glassnet"
MOST_BINNED = 254
"""The most categories that HistGradientBoosting takes, and one for all others."""
MOST_ONE_HOT = 100
MICROSECONDS_A_DAY = 86_400e6

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Contender:
    """Describe a model that is compared.

    Attributes
    ----------
    name, title : str
    phrase : str
        What a sentence calls it.
    explanation : str
        What it is, for people.
    make : callable or None
        ``make(task, is_category, seed)`` returns it, for numbers of shape (n, n_columns) with NaN for what is
        missing, categories as codes. None for glassnet's own, which takes the table as it is.
    """

    name: str
    title: str
    phrase: str
    explanation: str
    make: Callable[[Task, Mask, int], Any] | None = None


def as_numbers(frame: Any, kinds: Mapping[str, Kind]) -> tuple[Floats, Mask]:
    """Return a table as numbers: dates as days, categories as codes, and which columns hold categories.

    Parameters
    ----------
    frame : pyarrow.Table
    kinds : mapping of str to Kind
        The columns.

    Returns
    -------
    X : ndarray of shape (n, n_columns), float64
        NaN where there is no value.
    is_category : ndarray of bool, shape (n_columns,)
    """
    from pyarrow import compute, float64, int64

    X = np.empty((frame.num_rows, len(kinds)))
    for place, (name, kind) in enumerate(kinds.items()):
        column = frame.column(name)
        if kind is Kind.TEXT:
            column = column.combine_chunks().dictionary_encode()
            column = (column.combine_chunks() if hasattr(column, "chunks") else column).indices
        elif kind is Kind.DATE:
            column = compute.divide(
                compute.cast(compute.cast(column, int64()), float64(), safe=False), MICROSECONDS_A_DAY
            )
        X[:, place] = (
            compute.cast(column, float64()).to_numpy(zero_copy_only=False)
            if kind is not Kind.TRUTH
            else (compute.cast(compute.cast(column, int64()), float64()).to_numpy())
        )
    return X, np.array([kind is Kind.TEXT for kind in kinds.values()], bool)


def _boosted(task: Task, is_category: Mask, seed: int) -> Any:
    kind = HistGradientBoostingClassifier if task is Task.CLASSIFICATION else HistGradientBoostingRegressor
    categories = np.flatnonzero(is_category)
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=MOST_BINNED,
    )
    columns = ColumnTransformer([("codes", codes, categories)], remainder="passthrough")
    model = kind(categorical_features=np.arange(len(categories)), random_state=seed)
    return make_pipeline(columns, model)


def _linear(task: Task, is_category: Mask, seed: int) -> Any:
    numbers = make_pipeline(
        SimpleImputer(add_indicator=True, strategy="median", keep_empty_features=True), StandardScaler()
    )
    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MOST_ONE_HOT, sparse_output=False
    )
    columns = ColumnTransformer(
        [
            ("numbers", numbers, np.flatnonzero(~is_category)),
            ("categories", one_hot, np.flatnonzero(is_category)),
        ]
    )
    if task is Task.CLASSIFICATION:
        return make_pipeline(columns, LogisticRegression(max_iter=300))
    return make_pipeline(columns, RidgeCV(np.logspace(-2, 4, 13)))


def _constant(task: Task, is_category: Mask, seed: int) -> Any:
    return DummyClassifier(strategy="prior") if task is Task.CLASSIFICATION else DummyRegressor()


CONTENDERS: dict[str, Contender] = {
    contender.name: contender
    for contender in (
        Contender(
            OWN,
            "this network",
            "this network",
            "glassnet’s network for tables, with the settings named below",
        ),
        Contender(
            "boosting",
            "gradient boosting",
            "gradient boosting",
            "scikit-learn’s HistGradientBoosting with its defaults, told which columns hold categories",
            _boosted,
        ),
        Contender(
            "linear",
            "linear model",
            "the linear model",
            "logistic or ridge regression on scaled numbers and one-hot categories",
            _linear,
        ),
        Contender(
            "constant",
            "constant answer",
            "the constant answer",
            "the same for every row: how frequent the classes are, or the mean",
            _constant,
        ),
    )
}
"""Every model that is compared, glassnet's first."""
