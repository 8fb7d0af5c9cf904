"""What is handed over in Python, as the file of a study would say it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._common.places import in_python
from glassnet.errors import InvalidParameterError
from glassnet.studies.own.estimators import OWN_MODELS
from glassnet.studies.own.given import Given, digest_arrays
from glassnet.studies.own.importing import name_import
from glassnet.studies.own.reading import describe
from glassnet.studies.own.training import Task


def describe_handed(
    name: str,
    data: Any,
    model: str | type[Any],
    *,
    target: str,
    settings: Mapping[str, Any] | None,
    metrics: Sequence[str | Callable[..., Any] | Mapping[str, Any]] | None,
    allow: Sequence[str],
    **said: Any,
) -> Task:
    """Return what was said in Python, as its workers are given it.

    Parameters
    ----------
    name, data, model, target, settings, metrics, allow
        See `glassnet.Study`.
    **said
        The other keys of a file; what is None or empty is left out.

    Raises
    ------
    InvalidParameterError
        When something cannot be right; UnknownNameError when a name is none.
    """
    allow = list(allow)
    arrays = data if isinstance(data, tuple) else None
    if callable(data):
        data = path_of(data, allow)
    estimator: Any = model
    if isinstance(model, type):
        estimator = model.__name__ if model in OWN_MODELS.values() else path_of(model, allow)
    content: dict[str, Any] = {
        "name": name,
        "model": {"estimator": estimator, "settings": settings or {}},
        **{key: value for key, value in said.items() if value is not None and value != ""},
    }
    if arrays is None:
        source = {"source": data} if isinstance(data, str) else data
        has_target = target and isinstance(source, Mapping)
        content["data"] = {**source, "target": target} if has_target else source
    if metrics is not None:
        content["metrics"] = [metric_of(one, allow) for one in metrics]
    description = describe(
        content, in_python, name=name, folder="", allow=allow, has_arrays=arrays is not None
    )
    given = None if arrays is None else given_of(arrays)
    if arrays is not None:
        digest = {"arrays": digest_arrays(arrays)}
        description = replace(description, data=replace(description.data, sha256=digest))
    return Task(description, str(Path.cwd()), tuple(allow), given)  # workers may be elsewhere


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
