"""glassnet's network for tables, as a fit uses it: made from its config, described, examined."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import listed, quoted
from glassnet._common.words import counted
from glassnet.data.column_kinds import Kind
from glassnet.doctor import diagnose
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.errors import InvalidDataError
from glassnet.models.tabular import (
    RECIPES,
    ColumnKind,
    EncodedColumn,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from glassnet.nn.history import EpochRecord
from glassnet.tables.base import FitConfig, Task
from glassnet.tables.given import Given

Rows = NDArray[np.intp]

QUICK_EPOCHS = 32

KINDS = {
    ColumnKind.NUMBER: Kind.NUMBER,
    ColumnKind.BOOLEAN: Kind.TRUTH,
    ColumnKind.CATEGORY: Kind.TEXT,
    ColumnKind.DATE: Kind.DATE,
    ColumnKind.DATETIME: Kind.DATE,
    ColumnKind.EMPTY: Kind.TEXT,
}
"""What a file has to hold where the network was trained with a column of these; files hold no others."""


def epochs_of(task: Task, config: FitConfig) -> int:
    """Return how many epochs a training has at most."""
    targets = "classes" if task is Task.CLASSIFICATION else "numbers"
    return QUICK_EPOCHS if config.quick else RECIPES[config.recipe][targets].max_iter


def make_network(task: Task, config: FitConfig, on_epoch: Callable[[EpochRecord], object]) -> Any:
    """Return the untrained network."""
    kind = TabularMLPClassifier if task is Task.CLASSIFICATION else TabularMLPRegressor
    settings: dict[str, Any] = {"recipe": config.recipe, "max_iter": epochs_of(task, config)}
    if task is Task.CLASSIFICATION:
        settings["calibration"] = "temperature"  # the report shows probabilities, and people act on them
    return kind(random_state=config.seed, on_epoch=on_epoch, **settings)


def describe_network(network: Any, config: FitConfig) -> dict[str, Any]:
    """Return what the network is, for people."""
    history = network.history_
    return {
        "class": type(network).__name__,
        "recipe": config.recipe,
        "inputs": network.encoder_.layout_.width,
        "epochs": len(history),
        "best epoch": network.best_epoch_,
        "why it stopped": history.stopping_reason,
    }


def describe_encoding(network: Any) -> dict[str, str]:
    """Return what the network makes of each column, for people."""
    return {column.name: _describe(column) for column in network.encoder_.columns_}


def features_of(network: Any) -> dict[str, list[int]]:
    """Return which features of an encoded table each column became; columns that became none are left out."""
    names = network.encoder_.get_feature_names_out().tolist()
    places = {name: place for place, name in enumerate(names)}
    return {
        column.name: [places[name] for name in column.outputs]
        for column in network.encoder_.columns_
        if column.outputs
    }


def taking_encoded(network: Any) -> Any:
    """Return a copy of the network that takes tables which its encoder has encoded before."""
    twin = copy.copy(network)
    twin.encoder_ = _NoEncoder()
    return twin


class _NoEncoder:
    """Take an encoded table for a table."""

    def transform(self, Z: Any) -> Any:
        """Return it as it is."""
        return Z


def kinds_of(network: Any) -> dict[str, Kind]:
    """Return what the columns of a file have to hold that the network is to answer.

    Raises
    ------
    InvalidDataError
        When it was trained with a column of a kind that no file has.
    """
    kinds = {}
    for column in network.encoder_.columns_:
        if column.kind not in KINDS:
            raise InvalidDataError(
                f"the model was trained with {column.kind.value}s in column {quoted(column.name)}, which "
                "are read from no file; predict with it in Python."
            )
        kinds[column.name] = KINDS[column.kind]
    return kinds


def _describe(column: EncodedColumn) -> str:
    if column.coded:
        return f"an embedding of {counted(len(column.categories), 'category', 'categories')}"
    if not column.outputs:
        return "left out: it tells nothing"
    if column.categories:
        two = len(column.categories) == 2
        return (
            f"-1 for {column.categories[0]}, 1 for {column.categories[1]}"
            if two
            else (f"one-hot, {counted(len(column.outputs), 'input')}")
        )
    parts = [number.part for number in column.numbers if number.part]
    numbers = f"scaled numbers: {listed(parts)}" if parts else "a scaled number"
    return f"{numbers}, and a flag for gaps" if column.flagged else numbers


def examine(network: Any, given: Given, train: Rows, test: Rows | None) -> Diagnosis:
    """Return what the doctor finds in the network.

    Parameters
    ----------
    network : TabularMLPClassifier or TabularMLPRegressor
    given : Given
    train, test : ndarray of int
        The rows that it was trained on, and others; without these the evaluation is not examined.

    Returns
    -------
    Diagnosis
    """
    tested = {} if test is None else {"X_test": given.frame.take(test), "y_test": given.y[test]}
    return diagnose(network, given.frame.take(train), given.y[train], name=given.target.name, **tested)
