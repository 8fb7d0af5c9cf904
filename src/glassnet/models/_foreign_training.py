"""How a network of PyTorch or Keras is trained, in the engine's terms."""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.exchange import read_keras, read_torch
from glassnet.models.adopted import find_head, make
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.history import EpochRecord, History, Stop, StopKind
from glassnet.nn.optimizers import OPTIMIZERS, SGD, Adam, Optimizer

LIBRARIES = ("keras", "torch")
"""In this order: a model of Keras may be a module of PyTorch too."""

FOREIGN_NAMES = MappingProxyType(
    {
        "learning_rate": "lr",
        "activation": "activation",
        "weight_init": "init",
        "epochs": "epochs",
        "hidden": "units",
        "batch_size": "batch_size",
        "alpha": "weight_decay",
        "dropout": "p",
        "momentum": "momentum",
    }
)

USUAL_BATCH, USUAL_EPOCHS = 32, 10


class Steps(NamedTuple):
    """Hold what an optimiser of another library does in a step.

    Attributes
    ----------
    optimizer : Optimizer
    learning_rate : float or None
        None where only a name was given.
    decay : float
        What is added to the gradient, times the weights.
    """

    optimizer: Optimizer
    learning_rate: float | None = None
    decay: float = 0.0


def library_of(model: Any) -> str | None:
    """Return which library a model is of, "torch" or "keras"; None of any other."""
    roots = {base.__module__.split(".")[0] for base in type(model).__mro__}
    return next((library for library in LIBRARIES if library in roots), None)


def read_training(
    model: Any,
    *,
    loss: Any = None,
    optimizer: Any = None,
    learning_rate: float | None = None,
    batch_size: int = USUAL_BATCH,
    epochs: int | None = None,
    losses: Sequence[float] = (),
    initial: Any = None,
    trained: bool | None = None,
) -> tuple[Any, dict[str, Any]]:
    """Return a model of glassnet with the same weights, and what a view says of the training.

    Parameters
    ----------
    model : torch.nn.Module or keras.Sequential
    loss : torch.nn loss, keras loss or str
    optimizer : torch.optim or keras optimizer, or str
        With its settings, or a name from `glassnet.nn.OPTIMIZERS`. Of a compiled model of Keras it is known.
    learning_rate : float, optional
        Needed where the optimiser does not tell it.
    batch_size : int
    epochs : int, optional
    losses : sequence of float
        The mean loss of each epoch so far.
    initial : module or model, optional
        As it was before training. Otherwise its weights are drawn anew, as the library does unless told.
    trained : bool, optional
        Whether training has changed it. Unless given, a module is where it holds gradients, and a model of
        Keras where its optimiser has made steps.

    Raises
    ------
    InvalidParameterError
        When something is not known to glassnet, which is named, or no learning rate is given.
    """
    library = library_of(model)
    read = read_keras if library == "keras" else read_torch
    foreign = read(model)
    if library == "keras":
        loss, optimizer = loss or getattr(model, "loss", None), optimizer or getattr(model, "optimizer", None)
        losses = losses or getattr(getattr(model, "history", None), "history", {}).get("loss", ())
    steps = _read_optimizer(optimizer)
    rate = steps.learning_rate if learning_rate is None else learning_rate
    if rate is None or not rate > 0 or not math.isfinite(rate):
        raise InvalidParameterError(
            f"got learning_rate={quoted(learning_rate)} and optimizer={quoted(optimizer)}; expected a "
            "positive learning rate, or an optimiser that has one."
        )
    head, use = find_head(foreign, loss)
    own = make(foreign, head, None, {"dropout": max(foreign.dropout, default=0.0)})
    first = None if initial is None else read(initial).theta
    if trained is None:
        trained = _has_stepped(model, optimizer, library)
    settings = {
        "name": type(model).__name__,
        "optimizer": steps.optimizer,
        "learning_rate": float(rate),
        "trains_by_steps": True,
        "batch_size": int(batch_size),
        "epochs": epochs or len(losses) or USUAL_EPOCHS,
        "alpha": steps.decay * batch_size,
        "alpha_unit": float(batch_size),
        "is_trained": trained,
        "history": _history(losses, library) if losses else None,
        "names": FOREIGN_NAMES,
        "draw": _drawing(model, own, first, trained, library),
        "library": library,
        "output_use": use,
        "kept_gradient": _kept_gradient(model, loss) if library == "torch" else None,
    }
    return own, settings


def _read_optimizer(optimizer: Any) -> Steps:
    """Return what an optimiser does: a torch.optim or keras one, a value of ours, or a name."""
    if optimizer is None:
        return Steps(SGD())
    if isinstance(optimizer, str):
        return Steps(lookup(OPTIMIZERS, optimizer.lower(), "optimizer"))
    if isinstance(optimizer, SGD | Adam):
        return Steps(optimizer)
    if hasattr(optimizer, "param_groups"):
        groups = optimizer.param_groups
        settings = {name: value for name, value in groups[0].items() if name != "params"}
        kind, names = type(optimizer).__name__, _TORCH
    else:
        settings, kind, names = _keras_settings(optimizer), type(optimizer).__name__, _KERAS
    if kind not in names:
        raise InvalidParameterError(f"got the optimiser {kind}; expected one of {', '.join(names)}.")
    found = names[kind](settings)
    rate = settings["lr"] if "lr" in settings else settings["learning_rate"]
    return found._replace(learning_rate=float(rate))


def _keras_settings(optimizer: Any) -> dict[str, Any]:
    settings = dict(optimizer.get_config())
    return settings | {"learning_rate": float(optimizer.learning_rate)}


def _adam(own: Mapping[str, Any], decay: float = 0.0) -> Adam:
    beta_1, beta_2 = own["betas"]
    return Adam(beta_1, beta_2, own["eps"], decay)


_TORCH: Mapping[str, Callable[[dict[str, Any]], Steps]] = {
    "SGD": lambda own: Steps(SGD(own["momentum"], own["nesterov"]), decay=own["weight_decay"]),
    "Adam": lambda own: Steps(_adam(own), decay=own["weight_decay"]),
    "AdamW": lambda own: Steps(_adam(own, own["weight_decay"])),
    "RMSprop": lambda own: Steps(Adam(0.0, own["alpha"], own["eps"]), decay=own["weight_decay"]),
}
"""What the optimisers of PyTorch are in the engine; RMSprop is an Adam without its first mean."""

_KERAS: Mapping[str, Callable[[dict[str, Any]], Steps]] = {
    "SGD": lambda own: Steps(SGD(own["momentum"], own["nesterov"])),
    "Adam": lambda own: Steps(Adam(own["beta_1"], own["beta_2"], own["epsilon"], own["weight_decay"] or 0.0)),
    "AdamW": lambda own: Steps(
        Adam(own["beta_1"], own["beta_2"], own["epsilon"], own["weight_decay"] or 0.0)
    ),
    "RMSprop": lambda own: Steps(Adam(0.0, own["rho"], own["epsilon"], own["weight_decay"] or 0.0)),
}


def _has_stepped(model: Any, optimizer: Any, library: str | None) -> bool:
    if library == "torch":
        return any(parameter.grad is not None for parameter in model.parameters())
    both: list[Any] = [getattr(model, "optimizer", None), optimizer]
    return any(int(each.iterations) > 0 for each in both if hasattr(each, "iterations"))


def _history(losses: Sequence[float], library: str | None) -> History:
    history = History(
        [EpochRecord(epoch, float(loss), None, None, None, 0.0) for epoch, loss in enumerate(losses, 1)]
    )
    history.end(Stop(StopKind.ELSEWHERE, f"trained by {library} for {len(losses)} epochs"))
    return history


def _drawing(
    model: Any, own: Any, first: Array | None, trained: bool, library: str | None
) -> Callable[[], Parameters]:
    """Return what draws the weights that training begins with."""
    architecture: Architecture = own.architecture_

    def draw() -> Parameters:
        if first is not None:
            theta = first
        elif not trained:
            theta = own.parameters_.theta
        else:
            theta = _drawn_anew(model, library)
        return Parameters(architecture, theta.copy())

    return draw


def _drawn_anew(model: Any, library: str | None) -> Array:
    """Return weights as the library draws them; the model and the library's generator stay as they are."""
    if library == "keras":
        from keras.models import clone_model

        return read_keras(clone_model(model)).theta
    import torch

    twin = copy.deepcopy(model)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for module in twin.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
    return read_torch(twin).theta


def _kept_gradient(model: Any, loss: Any) -> Array | None:
    """Return the gradient that a module still holds, laid out as its weights; None where it tells nothing.

    It does not where a part of it is missing, or where the loss weighs rows or sums over them, so that it may
    be of any size.
    """
    parameters = list(model.parameters())
    is_mean = getattr(loss, "reduction", "mean") == "mean" and getattr(loss, "pos_weight", None) is None
    if not is_mean or any(parameter.grad is None for parameter in parameters):
        return None
    twin = copy.deepcopy(model)
    for own, parameter in zip(twin.parameters(), parameters, strict=True):
        own.data = parameter.grad.detach().clone()
    return read_torch(twin).theta
