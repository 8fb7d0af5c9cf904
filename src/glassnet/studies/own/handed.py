"""What is handed over in Python, as the file of a study would say it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.errors import InvalidParameterError
from glassnet.studies.own.given import Given
from glassnet.studies.own.importing import name_import


def path_of(value: Any, allow: list[str]) -> str:
    """Return the path of what was handed over in Python: it is imported already, so it may be."""
    path = name_import(value)
    allow.append(path.partition(":")[0])
    return path


def metric_of(metric: Any, allow: list[str]) -> Any:
    """Return an entry of `metrics` as a file has it."""
    if callable(metric):
        return path_of(metric, allow)
    if isinstance(metric, Mapping) and callable(metric.get("function")):
        return {**metric, "function": path_of(metric["function"], allow)}
    return metric


def given_of(arrays: tuple[Any, Any]) -> Given:
    """Return the samples that were handed over as ``(X, y)``."""
    if len(arrays) != 2:
        raise InvalidParameterError(f"got {len(arrays)} arrays as data; expected (X, y).")
    X, y = np.asarray(arrays[0]), np.asarray(arrays[1])
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise InvalidParameterError(
            f"got X of shape {X.shape} and y of shape {y.shape}; expected (n, n_features) and (n,)."
        )
    return Given(X, y)
