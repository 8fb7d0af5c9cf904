"""What the attributes that fitting sets may be: those of a file are held to it before they are used."""

from collections.abc import Callable, Collection, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from glassnet.models.resolving import scikit_learn_name
from glassnet.nn.network import Architecture


def derived_attributes(architecture: Architecture) -> dict[str, Any]:
    """Return what the estimators' attributes say of the architecture, by name."""
    return {
        "n_features_in_": architecture.sizes[0],
        "n_outputs_": architecture.sizes[-1],
        "n_layers_": len(architecture.sizes),
        "out_activation_": scikit_learn_name(architecture.head.output),
    }


def check_attributes(fitted: Mapping[str, Any], names: Collection[str], architecture: Architecture) -> None:
    """Check that a model's fitted attributes are whole, of their kinds, and fit the network.

    Parameters
    ----------
    fitted : mapping
        The attributes, by name.
    names : collection of str
        All that the class has.
    architecture : Architecture

    Raises
    ------
    ValueError
        When one is unknown, missing, of another kind, or says something else than the architecture.
    """
    unknown = sorted(set(fitted) - set(names))
    missing = sorted(name for name in names if not KINDS[name].may_lack and name not in fitted)
    if unknown or missing:
        raise ValueError(f"unknown attribute {unknown[0]!r}" if unknown else f"no attribute {missing[0]!r}")
    if set(STOCHASTIC) & set(fitted) not in (set(), set(STOCHASTIC) & set(names)):
        raise ValueError(f"some of the attributes {', '.join(STOCHASTIC)}, and not the others")
    for name, value in fitted.items():
        if not KINDS[name].fits(value, architecture):
            raise ValueError(f"{name}={value!r}, where {KINDS[name].expected} is expected")
    for name, value in derived_attributes(architecture).items():
        if name in fitted and fitted[name] != value:
            raise ValueError(
                f"{name}={fitted[name]!r}, and layers of {architecture.sizes} units: expected {value!r}"
            )


class _Kind(NamedTuple):
    expected: str
    fits: Callable[[Any, Architecture], bool]
    may_lack: bool = False


def _is_count(value: Any, _: Architecture) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 0


def _is_number(value: Any, _: Architecture) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_number_or_none(value: Any, architecture: Architecture) -> bool:
    return value is None or _is_number(value, architecture)


def _is_curve(value: Any, architecture: Architecture) -> bool:
    is_list = isinstance(value, list) or (isinstance(value, np.ndarray) and value.ndim == 1)
    return is_list and all(_is_number(item, architecture) for item in value)


def _is_curve_or_none(value: Any, architecture: Architecture) -> bool:
    return value is None or _is_curve(value, architecture)


def _is_flag(value: Any, _: Architecture) -> bool:
    return isinstance(value, bool | np.bool_)


def _is_text(value: Any, _: Architecture) -> bool:
    return isinstance(value, str)


def _are_names(value: Any, architecture: Architecture) -> bool:
    return (
        isinstance(value, np.ndarray)
        and value.shape == architecture.sizes[:1]
        and all(isinstance(name, str) for name in value)
    )


def _are_classes(value: Any, _: Architecture) -> bool:
    """Return whether labels are in the order in which outputs have them, each one once; NaN is none."""
    return isinstance(value, np.ndarray) and value.ndim == 1 and bool((value[1:] > value[:-1]).all())


def _is_hidden_layer(value: Any, architecture: Architecture) -> bool:
    return _is_count(value, architecture) and value < len(architecture.activations)


_COUNT = _Kind("a whole number of at least 0", _is_count)
_NUMBER = "a number"
_CURVE = "a list of numbers"

KINDS: dict[str, _Kind] = {
    "n_features_in_": _COUNT,
    "feature_names_in_": _Kind("a name for each feature", _are_names, may_lack=True),
    "n_iter_": _COUNT,
    "t_": _COUNT,
    "n_outputs_": _COUNT,
    "n_layers_": _COUNT,
    "out_activation_": _Kind("the name of an activation", _is_text),
    "loss_": _Kind(_NUMBER, _is_number, may_lack=True),
    "best_loss_": _Kind(f"{_NUMBER}, or None", _is_number_or_none, may_lack=True),
    "best_validation_score_": _Kind(f"{_NUMBER}, or None", _is_number_or_none, may_lack=True),
    "loss_curve_": _Kind(_CURVE, _is_curve, may_lack=True),
    "validation_scores_": _Kind(f"{_CURVE}, or None", _is_curve_or_none, may_lack=True),
    "validation_loss_curve_": _Kind(_CURVE, _is_curve),
    "stopped_": _Kind("True or False", _is_flag),
    "scales_uint8_": _Kind("True or False", _is_flag, may_lack=True),  # older files do not have it
    "classes_": _Kind("labels in their order, each one once", _are_classes),
    "bottleneck_": _Kind("the place of a hidden layer", _is_hidden_layer),
}
"""Every attribute that a file may hold, by name."""

STOCHASTIC = ("loss_curve_", "validation_scores_", "best_loss_", "best_validation_score_")
"""What a network has that was trained batch by batch, all of it, and one that L-BFGS trained has not."""
