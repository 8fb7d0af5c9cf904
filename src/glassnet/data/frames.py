"""Data frames of any library: their columns by name, and some of their rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.errors import InvalidDataError

SHOWN_NAMES = 5
"""How many names a message lists, as in scikit-learn."""


def names_of(X: Any) -> NDArray[Any] | None:
    """Return the names of the columns of a DataFrame, of any library, where all of them are text."""
    columns = getattr(X, "columns", None)
    if columns is None or not hasattr(columns, "__iter__"):
        return None
    names = list(columns)
    return np.array(names, object) if names and all(isinstance(name, str) for name in names) else None


def check_names(found: NDArray[Any], known: NDArray[Any]) -> None:
    """Raise scikit-learn's error, in its words, where the names or their order differ."""
    if np.array_equal(found, known):
        return
    unseen, missing = sorted(set(found) - set(known)), sorted(set(known) - set(found))
    lines = ["The feature names should match those that were passed during fit."]
    if unseen:
        lines += ["Feature names unseen at fit time:", *_listed(unseen)]
    if missing:
        lines += ["Feature names seen at fit time, yet now missing:", *_listed(missing)]
    if not (unseen or missing):
        lines.append("Feature names must be in the same order as they were in fit.")
    raise InvalidDataError("\n".join(lines) + "\n")


def _listed(names: list[str]) -> list[str]:
    shown = [f"- {name}" for name in names[:SHOWN_NAMES]]
    return [*shown, "- ..."] if len(names) > SHOWN_NAMES else shown


def take_columns(X: Any, names: Sequence[Any]) -> Any:
    """Return the columns of these names of a DataFrame, as one."""
    return X[list(names)]


def like(X: Any, values: NDArray[Any]) -> Any:
    """Return values in the form of X, of the same shape: with its names, where it is a DataFrame."""
    if hasattr(X, "iloc"):
        return type(X)(values, index=X.index, columns=X.columns)
    return values if names_of(X) is None else type(X)(values, schema=list(X.columns))
