"""What users name or write as functions, turned into the values of the engine's tables.

Every function returns such a value, or raises an error that says what was got, what was expected, and the
likely fix.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.initializers import INITIALIZERS, Initializer
from glassnet.nn.losses import LOSSES, Head, head_of
from glassnet.nn.optimizers import OPTIMIZERS, Optimizer
from glassnet.nn.schedules import SCHEDULES, Custom, Schedule

CUSTOM = "custom:"
"""How the name of an activation begins that is not the library's."""

ACTIVATION_ALIASES = {"logistic": "sigmoid", "swish": "silu"}
"""Other names that users may know an activation by: scikit-learn's."""

SCIKIT_LEARN_NAMES = {"sigmoid": "logistic"}


def scikit_learn_name(activation: str) -> str:
    """Return what scikit-learn calls an activation of this name."""
    return SCIKIT_LEARN_NAMES.get(activation, activation)


def resolve_activations(
    activation: Any, gradient: Callable[[Array], Array] | None, n_hidden: int
) -> tuple[Activation, ...]:
    """Return one activation for each hidden layer.

    Parameters
    ----------
    activation : str, callable, Activation, pair of callables, or list of these
        A list has one entry for each hidden layer; a tuple (f, f') is a function of z and its derivative.
    gradient : callable or None
        The derivative of a single function of a user's own.
    n_hidden : int
    """
    if not isinstance(activation, list):
        return (_resolve_one(activation, gradient),) * n_hidden
    if len(activation) != n_hidden:
        raise InvalidParameterError(
            f"got {len(activation)} activations for {n_hidden} hidden layers; expected one for each, "
            "or a single one that is not in a list."
        )
    return tuple(_resolve_one(one, None) for one in activation)


def _resolve_one(activation: Any, gradient: Callable[[Array], Array] | None) -> Activation:
    if not isinstance(activation, tuple):
        return resolve_activation(activation, gradient)
    if len(activation) != 2:
        raise InvalidParameterError(
            f"got activation={quoted(activation)}; expected a pair (function of z, its derivative)."
        )
    return resolve_activation(*activation)


def resolve_activation(
    activation: str | Callable[[Array], Array] | Activation, gradient: Callable[[Array], Array] | None
) -> Activation:
    """Return the table's entry where function and gradient are the library's; wrap any others as they are.

    Parameters
    ----------
    activation : str, callable or Activation
    gradient : callable or None
        May be None with an activation of the library.
    """
    if isinstance(activation, str):
        activation = lookup(ACTIVATIONS, ACTIVATION_ALIASES.get(activation, activation), "activation")
    entry = activation if isinstance(activation, Activation) else _entry_of(activation)
    if entry is not None and ACTIVATIONS.get(entry.name) == entry:
        entry = ACTIVATIONS[entry.name]  # of a copy, as sklearn.base.clone makes one
    if entry is not None and (gradient is None or gradient is entry.gradient):
        if ACTIVATIONS.get(entry.name) is not entry:
            _probe(entry.function, entry.gradient)
        return entry
    function = entry.function if entry is not None else activation
    if not callable(function):
        raise InvalidParameterError(
            f"got activation={quoted(activation)}; expected one of {', '.join(ACTIVATIONS)}, or a function "
            "of z."
        )
    name = getattr(function, "__name__", type(function).__name__)
    if not callable(gradient):
        raise InvalidParameterError(
            f"the activation {name} is a function of your own, and activation_grad is {quoted(gradient)}; "
            "expected "
            "its derivative as a function of z, for the backward pass."
        )
    _probe(function, gradient)
    return Activation(CUSTOM + name, function, gradient)


def _probe(function: Callable[[Array], Array], gradient: Callable[[Array], Array]) -> None:
    """Try an activation of a user's own on a few numbers: it must work element by element."""
    z = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)
    for what, f in (("activation", function), ("activation_grad", gradient)):
        shape = np.shape(f(z.copy()))
        if shape != z.shape:
            raise InvalidParameterError(
                f"{what} returned the shape {shape} for z of shape {z.shape}; expected the same shape: "
                "it must work element by element."
            )


def _entry_of(function: object) -> Activation | None:
    return next((entry for entry in ACTIVATIONS.values() if function is entry.function), None)


def resolve_optimizer(optimizer: str | Optimizer) -> Optimizer:
    """Return the optimiser of that name, or the value itself if it is one."""
    if isinstance(optimizer, str):
        return lookup(OPTIMIZERS, optimizer, "optimizer")
    if not (callable(getattr(optimizer, "init", None)) and callable(getattr(optimizer, "update", None))):
        raise InvalidParameterError(
            f"got optimizer={quoted(optimizer)}; expected one of {', '.join(OPTIMIZERS)}, or a value with "
            "init and "
            "update such as glassnet.nn.SGD(momentum=0.5)."
        )
    return optimizer


def resolve_schedule(
    schedule: str | Callable[[float], float], name: str, table: Mapping[str, Schedule] = SCHEDULES
) -> Schedule:
    """Return the schedule of that name, or the value itself if it is one; a function of t becomes one.

    Parameters
    ----------
    schedule : str or callable
    name : str
        Of the parameter, for messages.
    table : mapping
        What may be named.
    """
    if isinstance(schedule, str):
        return lookup(table, schedule, name)
    if not callable(schedule):
        raise InvalidParameterError(
            f"got {name}={quoted(schedule)}; expected one of {', '.join(table)}, or a function of t, the "
            "share of the training done, that returns what the learning rate is multiplied with."
        )
    if callable(getattr(schedule, "after_epoch", None)) and callable(getattr(schedule, "after_stall", None)):
        value: Any = schedule
        return value  # type: ignore[no-any-return]
    return Custom(schedule)


def resolve_network_schedule(schedule: str | Callable[[float], float]) -> Schedule:
    """Return a schedule that changes no rate from epoch to epoch, which a `NeuralNetwork` has no rule for."""
    constant = SCHEDULES["constant"]
    table = {name: entry for name, entry in SCHEDULES.items() if entry.over_time or entry == constant}
    known = isinstance(schedule, str) and schedule in SCHEDULES
    found = resolve_schedule(schedule, "schedule", SCHEDULES if known else table)
    if not found.over_time and found != constant:
        raise InvalidParameterError(
            f"got schedule={quoted(schedule)}, which belongs to scikit-learn's rule of stopping, as "
            f"MLPClassifier has it; expected one of {', '.join(table)}, or a function of t, the share of the "
            "training done."
        )
    return found


def refuse_endless(schedule: Schedule, name: str, value: object) -> None:
    """Raise an error for a schedule over the time of a training that has no end: that of ``partial_fit``."""
    if schedule.over_time:
        raise InvalidParameterError(
            f"got {name}={quoted(value)}, a schedule over the time of a training, and partial_fit knows no "
            f'end of it; expected {name}="constant". Or call fit, which knows the most epochs there can be.'
        )


def resolve_classifier_head(loss: str, output: str | None) -> Head:
    """Return the head of that loss and output activation, one whose largest output tells the class.

    Parameters
    ----------
    loss : str
    output : str or None
        The one that belongs to the loss, where it is None.
    """
    heads = {name: head for name, head in LOSSES.items() if head.makes_classifier}
    if isinstance(loss, str) and loss in LOSSES.keys() - heads.keys():
        raise InvalidParameterError(
            f"got loss={quoted(loss)}, which makes no classifier: its largest output does not tell the "
            "class; "
            f"expected one of {', '.join(heads)}."
        )
    name = lookup(heads, loss, "loss").name
    return head_of(name, output if output is None else ACTIVATION_ALIASES.get(output, output))


def resolve_frozen(frozen: Any) -> tuple[str, ...]:
    """Return the names of weights and biases that are not to be updated, as a tuple."""
    if isinstance(frozen, str) or not isinstance(frozen, Iterable):
        raise InvalidParameterError(
            f'got frozen={quoted(frozen)}; expected a list of names, such as ["b1", "W2"]: biases of the '
            "first layer, weights of the second."
        )
    return tuple(str(name) for name in frozen)


def resolve_initializer(weight_init: str | Initializer) -> Initializer:
    """Return the initialiser; one of a user's own is wrapped, so that what it returns is checked."""
    if isinstance(weight_init, str):
        return lookup(INITIALIZERS, weight_init, "weight_init")
    if not callable(weight_init):
        raise InvalidParameterError(
            f"got weight_init={quoted(weight_init)}; expected one of {', '.join(INITIALIZERS)}, "
            "or a function f(rng, fan_in, fan_out)."
        )

    def checked(rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
        weights = np.asarray(weight_init(rng, fan_in, fan_out))
        is_numeric = weights.dtype.kind in "biuf"
        if weights.shape != (fan_in, fan_out) or not is_numeric or not np.isfinite(weights).all():
            raise InvalidParameterError(
                f"weight_init returned weights of shape {weights.shape} for fan_in={fan_in}, "
                f"fan_out={fan_out}; expected finite numbers of shape ({fan_in}, {fan_out})."
            )
        return weights

    return checked
