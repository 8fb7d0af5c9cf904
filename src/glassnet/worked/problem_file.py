"""Problems from plain settings: those of a TOML, YAML or JSON file, or of a command line."""

import os
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted, shown
from glassnet._common.tables import parse_settings, read_text
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError
from glassnet.models.resolving import resolve_frozen
from glassnet.models.validation import check_count
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import head_of
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import OPTIMIZERS, Optimizer
from glassnet.worked.problem import Problem, check_sizes, settings_of

BUILT_IN = {
    "assignment": "assignment.toml",
    "textbook-sigmoid": "textbook-sigmoid.toml",
    "textbook-softmax": "textbook-softmax.toml",
    "perceptron-and": "perceptron-and.toml",
}
"""The problems that come with the package, in the folder ``sheets``."""

A_FILE = f"a file, or one that comes with the package: {', '.join(BUILT_IN)}"
"""What there should be, where something was asked for that is not there."""

SHEETS = files("glassnet.worked").joinpath("sheets")

SETTINGS: dict[str, Any] = {
    "name": "a problem",
    "sizes": None,
    "activation": "relu",
    "loss": "squared_error",
    "output_activation": None,
    "weights": None,
    "biases": None,
    "weight_init": "normal",
    "seed": 0,
    "x": None,
    "y": None,
    "optimizer": "sgd",
    "lr": 0.01,
    "alpha": 0.0,
    "frozen": (),
    "batch_size": 1,
    "steps": None,
    "digits": None,
    "names": "arrays",
    "published": None,
}
"""What a problem may state, and what holds where it states nothing."""


def read_problem(problem: str | os.PathLike[str], changes: Mapping[str, Any] | None = None) -> Problem:
    """Read a problem.

    Parameters
    ----------
    problem : str or path-like
        The name of one that comes with the package, ``"assignment"``, or a TOML, YAML or JSON file.
    changes : mapping, optional
        Settings that take the place of those in the file.

    Returns
    -------
    Problem

    Raises
    ------
    DataFileError
        When the file cannot be read.
    InvalidParameterError, InvalidDataError
        When its settings describe no problem.
    """
    return build_problem({**read_settings(problem), **(changes or {})})


def read_settings(problem: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the settings of a built-in problem or of a file, with its name; see `read_problem`."""
    known = BUILT_IN.get(str(problem))
    path = Path(problem)
    if known:
        settings = parse_settings(SHEETS.joinpath(known).read_text(encoding="utf-8"), Path(known))
    else:
        settings = parse_settings(read_text(path, "problem", expected=A_FILE), path)
    if not isinstance(settings, dict):
        raise DataFileError(f"{shown(path)} holds no settings; expected lines such as: sizes = [2, 2, 1].")
    return {"name": path.stem, **settings}


def build_problem(settings: Mapping[str, Any]) -> Problem:
    """Build a problem from plain settings, see `SETTINGS`."""
    for name in settings:
        lookup(SETTINGS, name, "setting of a problem")
    merged = {**SETTINGS, **{name: value for name, value in settings.items() if value is not None}}
    for name, example in (("sizes", "[2, 2, 1]"), ("x", "[[0.05, 0.1]]"), ("y", "[[0.01]]")):
        if merged[name] is None:
            raise InvalidParameterError(
                f"the problem has no {name}; expected one, such as {name} = {example}."
            )
    architecture = _architecture(merged)
    X, y = (_samples(merged[name], name) for name in ("x", "y"))
    batch_size = check_count("batch_size", merged["batch_size"])
    return Problem(
        name=shown(merged["name"]),
        architecture=architecture,
        theta=_parameters(architecture, merged).theta,
        X=X,
        y=y,
        optimizer=_optimizer(merged["optimizer"]),
        learning_rate=merged["lr"],
        batch_size=batch_size,
        n_steps=-(-len(X) // batch_size) if merged["steps"] is None else merged["steps"],
        digits=merged["digits"],
        alpha=merged["alpha"],
        frozen=resolve_frozen(merged["frozen"]),
        names=merged["names"],
    )


def _architecture(settings: Mapping[str, Any]) -> Architecture:
    sizes = settings["sizes"]
    if not isinstance(sizes, list | tuple) or len(sizes) < 2:
        raise InvalidParameterError(
            f"got sizes={quoted(sizes)}; expected the units of each layer, inputs and outputs too: [2, 2, 1]."
        )
    n_hidden, names = len(sizes) - 2, settings["activation"]
    names = [names] * n_hidden if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or len(names) != n_hidden:
        raise InvalidParameterError(
            f"got activation={quoted(names)} for {n_hidden} hidden layers; expected one name, or one for "
            "each."
        )
    counts = tuple(check_count(f"sizes[{i}]", size) for i, size in enumerate(sizes))
    check_sizes(counts)
    return Architecture(
        counts,
        tuple(lookup(ACTIVATIONS, name, "activation") for name in names),
        head_of(settings["loss"], settings["output_activation"]),
    )


def _parameters(architecture: Architecture, settings: Mapping[str, Any]) -> Parameters:
    """Return the weights given, or drawn, and the biases given, or zero."""
    seed = settings["seed"]
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InvalidParameterError(f"got seed={quoted(seed)}; expected a whole number of at least 0.")
    initializer = lookup(INITIALIZERS, settings["weight_init"], "weight_init")
    parameters = Parameters.draw(architecture, initializer, np.random.default_rng(seed), np.float64)
    for name, arrays in (("weights", parameters.weights), ("biases", parameters.biases)):
        given = settings[name]
        if given is None:
            continue
        if not isinstance(given, list | tuple) or len(given) != len(arrays):
            got = f" of {len(given)} layers" if isinstance(given, list | tuple) else f"={quoted(given)}"
            raise InvalidDataError(f"got {name}{got}; expected {len(arrays)}, one of each layer.")
        for i, (array, numbers) in enumerate(zip(arrays, given, strict=True)):
            values = _numbers(numbers, f"{name}[{i}]")
            if values.shape != array.shape:
                raise InvalidDataError(
                    f"got {name}[{i}] of shape {values.shape}; expected {array.shape}, "
                    "(inputs of the layer, units) for weights and (units,) for biases."
                )
            array[...] = values
    return parameters


def _samples(value: Any, name: str) -> Array:
    """Return samples in rows; a list of plain numbers is one sample for each number."""
    array = _numbers(value, name)
    return array.reshape(-1, 1) if array.ndim < 2 else array


def _numbers(value: Any, name: str) -> Array:
    try:
        array = np.asarray(value)
        truths = (isinstance(item, bool) for item in np.asarray(value, object).flat)  # NumPy takes them for 1
        if array.dtype.kind not in "iuf" or any(truths):
            raise ValueError
    except ValueError:
        raise InvalidDataError(
            f"got {name}={quoted(value)}; expected numbers, in rows of one length: [[0.05, 0.1], [0.2, 0.3]]."
        ) from None
    return array.astype(np.float64)


def _optimizer(setting: Any) -> Optimizer:
    """Return an optimiser by its name, or by a table with a name and settings."""
    if not isinstance(setting, dict):
        return lookup(OPTIMIZERS, setting, "optimizer")
    rest = dict(setting)
    optimizer = lookup(OPTIMIZERS, rest.pop("name", "sgd"), "optimizer")
    try:
        return replace(optimizer, **rest)  # type: ignore[type-var]
    except TypeError:
        fields = ", ".join(setting.name for setting in settings_of(optimizer))
        raise InvalidParameterError(
            f"got optimizer={quoted(setting)}; expected a name and any of {fields}."
        ) from None
