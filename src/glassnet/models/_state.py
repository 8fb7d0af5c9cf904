"""All that a model is, in plain values; and how a file holds them, the same for every class."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import shown
from glassnet.errors import DataFileError, InvalidParameterError
from glassnet.models._old_files import upgrade
from glassnet.models.model_file import read_model, text_from_numbers, text_to_numbers, write_model
from glassnet.models.resolving import CUSTOM, resolve_activations
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.history import History
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import Head, head_of
from glassnet.nn.network import Architecture
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.nn.schedules import SCHEDULES

THETA_DTYPES = (np.float32, np.float64)
"""What weights may be stored as."""


@dataclass(frozen=True)
class ModelState:
    """Hold what makes a model.

    Attributes
    ----------
    kind : str
        The name of its class.
    parameters : mapping
        Those of the constructor, by name.
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
    fitted : mapping
        The other attributes that fitting sets, by name: plain values, and arrays of one axis.
    history : History or None
        None before training has begun.
    """

    kind: str
    parameters: Mapping[str, Any]
    architecture: Architecture
    theta: Array
    fitted: Mapping[str, Any] = field(default_factory=dict)
    history: History | None = None


def write_state(path: str | os.PathLike[str], state: ModelState) -> None:
    """Write a model to one file, atomically; functions, and optimisers of a user's own, are left out.

    Raises
    ------
    FileError
        When the file cannot be written.
    """
    arrays, plain = part_fitted(state.fitted)
    names = [_name_of(activation) for activation in state.architecture.activations]
    parameters = keep_plain(state.parameters)
    if "activation" not in parameters and not any(name.startswith(CUSTOM) for name in names):
        parameters["activation"] = names[0] if len(set(names)) == 1 else names  # functions of the library
    metadata = {
        "kind": state.kind,
        "parameters": parameters,
        "sizes": list(state.architecture.sizes),
        "activations": names,
        "loss": state.architecture.head.name,
        "output": state.architecture.head.output,
        "quantiles": _levels_of_outputs(state.architecture),
        "fitted": plain,
        "history": None if state.history is None else state.history.to_json(),
    }
    write_model(path, {"theta": state.theta, **arrays}, metadata)


def read_state(path: str | os.PathLike[str], kind: str, given: Mapping[str, Any]) -> ModelState:
    """Read what `write_state` wrote, or an earlier version of glassnet.

    Parameters
    ----------
    path : path-like
    kind : str
        The name of the class that is wanted.
    given : mapping
        Parameters that take the place of those in the file, such as functions, which it cannot hold.

    Raises
    ------
    DataFileError
        When the file is missing, damaged, of another class, or describes no network.
    InvalidParameterError
        When the network had an activation of its maker's own and none is given.
    """
    arrays, header = read_model(path, kind)
    try:
        if header["format_version"] == 1:
            arrays, header = upgrade(arrays, header)
        sizes = tuple(_as_size(size) for size in header["sizes"])
        names = [str(name) for name in header["activations"]]
        if len(names) != len(sizes) - 2:
            raise ValueError(f"{len(names)} activations for layers of {sizes} units")
        head = _read_head(header, sizes[-1])
        parameters = {name: from_json(value) for name, value in header["parameters"].items()}
        history = None if header["history"] is None else History.from_json(header["history"])
        theta = arrays.pop("theta")
        if theta.dtype not in THETA_DTYPES:
            raise ValueError(f"weights of {theta.dtype}; expected float32 or float64")
        fitted = join_fitted(arrays, header["fitted"])
        known = {
            name: lookup(ACTIVATIONS, name, "activation") for name in names if not name.startswith(CUSTOM)
        }
    except NOT_A_NETWORK as error:
        raise not_a_network(path, error) from error
    if given.get("activation") is not None:
        activations = resolve_activations(given["activation"], given.get("activation_grad"), len(names))
    else:
        own = [name for name in names if name not in known]
        if own:
            raise InvalidParameterError(
                f"{shown(path)} was made with an activation of its maker's own, {own[0]!r}; a file holds no "
                f"functions. Give it: {kind}.load(path, activation=(f, f_gradient))."
            )
        activations = tuple(known[name] for name in names)
    return ModelState(
        kind, parameters | dict(given), Architecture(sizes, activations, head), theta, fitted, history
    )


NOT_A_NETWORK = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What goes wrong where a model is made of what makes no sense."""


def not_a_network(path: str | os.PathLike[str], error: Exception) -> DataFileError:
    """Return the error for a file that is whole and makes no sense."""
    return DataFileError(f"{shown(path)} describes no network that can be built: {shown(error)}")


def _levels_of_outputs(architecture: Architecture) -> list[float] | None:
    """Return the level of the quantile that each output estimates, where they do."""
    levels = list(architecture.head.quantiles)
    return levels * architecture.sizes[-1] if len(levels) == 1 else levels or None


def _read_head(header: Mapping[str, Any], n_outputs: int) -> Head:
    levels = header.get("quantiles")  # files did not say it once, nor the output
    if levels is not None and len(levels) != n_outputs:
        raise ValueError(f"{len(levels)} quantiles of {n_outputs} outputs")
    if levels is not None and len(set(levels)) == 1:
        levels = levels[:1]
    head = head_of(header["loss"], header.get("output"), levels)
    if (levels is None) != (head.quantiles == ()):
        raise ValueError(f"the loss {head.name} without its quantiles")
    return head


def _as_size(size: Any) -> int:
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"a layer of {size!r} units")
    return size


def _name_of(activation: Activation) -> str:
    """Return its name in the table; one that is not in the table is marked."""
    name = activation.name
    if ACTIVATIONS.get(name) == activation or name.startswith(CUSTOM):
        return name
    return CUSTOM + name


def part_fitted(fitted: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the attributes that fitting sets as a file holds them: arrays, and the others as JSON."""
    arrays = {name: value for name, value in fitted.items() if isinstance(value, np.ndarray)}
    plain = {name: to_json(value) for name, value in fitted.items() if name not in arrays}
    return {name: text_to_numbers(value) for name, value in arrays.items()}, plain


def join_fitted(arrays: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that `part_fitted` parted; a ValueError where one is among both."""
    twice = plain.keys() & arrays.keys()
    if twice:
        raise ValueError(f"{twice.pop()!r} twice, among the arrays and beside them")
    texts = {name: text_from_numbers(array) for name, array in arrays.items()}
    return {name: from_json(value) for name, value in plain.items()} | texts


# -- values as JSON ---------------------------------------------------------------------------------------

_TYPES: dict[str, dict[str, Any]] = {
    kind: {type(value).__name__: type(value) for value in table.values()}
    for kind, table in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES))
}
"""What a file holds with its settings, by what it says of it: the values of these tables."""


def keep_plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a file can hold, as JSON."""
    kept = {}
    for name, value in parameters.items():
        with suppress(TypeError):
            kept[name] = to_json(value)
    return kept


def to_json(value: Any) -> Any:
    """Return a value as JSON; a TypeError for what it cannot hold, such as functions of a user's own."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | np.ndarray):
        return [to_json(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [to_json(item) for item in value]}
    if isinstance(value, dict):
        return {"pairs": [[to_json(key), to_json(item)] for key, item in value.items()]}
    for kind, types in _TYPES.items():
        if type(value) in types.values():
            return {kind: type(value).__name__, **asdict(value)}
    for name, initializer in INITIALIZERS.items():
        if initializer is value:
            return name
    raise TypeError(f"a file cannot hold {value!r}")


def from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        if isinstance(value, int) and abs(value) >= 2**64:
            raise ValueError(f"a whole number of {value.bit_length()} bits")
        return value
    if value.keys() == {"tuple"} and isinstance(value["tuple"], list):
        return tuple(from_json(item) for item in value["tuple"])
    if value.keys() == {"pairs"} and isinstance(value["pairs"], list):
        return {from_json(key): from_json(item) for key, item in value["pairs"]}
    kind = "schedule" if "schedule" in value else "optimizer"
    settings = {name: from_json(item) for name, item in value.items() if name != kind}
    cls = lookup(_TYPES[kind], str(value.get(kind)), kind)
    _check_settings(kind, cls(), settings)
    return cls(**settings)


def _check_settings(kind: str, usual: Any, settings: Mapping[str, Any]) -> None:
    """Check that the settings of a value are of the types of the usual ones, and within their bounds."""
    for setting in fields(usual):
        value = settings.get(setting.name, getattr(usual, setting.name))
        is_flag = isinstance(getattr(usual, setting.name), bool)
        if isinstance(value, bool) != is_flag or not isinstance(value, int | float):
            raise ValueError(f"{setting.name}={value!r} of the {kind}")
        is_positive, below = setting.metadata.get("positive", False), setting.metadata.get("below", 1.0)
        if not is_flag and not (0 < value < np.inf if is_positive else 0 <= value < below):
            raise ValueError(f"{setting.name}={value!r} of the {kind}, which is out of bounds")
