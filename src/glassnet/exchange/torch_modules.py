"""Modules of PyTorch as networks, and networks as modules."""

import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.errors import InvalidParameterError, MissingPackageError
from glassnet.exchange.foreign import (
    DenseStep,
    DropoutStep,
    Foreign,
    Made,
    Step,
    made_in,
    put_together,
    refuse_layer,
    steps_of,
    taken,
)
from glassnet.nn.architecture import Parameters
from glassnet.nn.outputs import OUTPUTS

LIBRARY = "torch"

PASSED = ("Identity", "Flatten")
"""Layers that leave rows of numbers as they are."""

LOG_SOFTMAX = replace(OUTPUTS["softmax"], name="log_softmax", elsewhere={})
"""A softmax whose logarithm is returned, for a loss that takes logarithms."""

PASSED_CALLS = ("flatten", "view", "reshape", "float")


def make_torch(parameters: Parameters, dropout: float = 0.0) -> Any:
    """Return a network as a ``torch.nn.Sequential``, its output activation last, in evaluation mode.

    Raises
    ------
    InvalidParameterError
        When it has layers that are not dense, or an activation that PyTorch has no module for.
    MissingPackageError
        When PyTorch is not installed.
    """
    torch = _import_torch()
    layers: list[Any] = []
    for step in steps_of(parameters, dropout, LIBRARY):
        if isinstance(step, DenseStep):
            weight = torch.from_numpy(np.array(step.weight.T, order="C"))
            layer = torch.nn.Linear(*step.weight.shape, dtype=weight.dtype)
            with torch.no_grad():
                layer.weight.copy_(weight)
                layer.bias.copy_(torch.from_numpy(np.array(step.bias)))
            layers.append(layer)
        elif isinstance(step, DropoutStep):
            layers.append(torch.nn.Dropout(step.rate))
        elif isinstance(step, Made):
            layers.append(_make(torch, step))
    return torch.nn.Sequential(*layers).eval()


def read_torch(module: Any) -> Foreign:
    """Return a module as a network.

    Parameters
    ----------
    module : torch.nn.Module
        A `Sequential` of dense layers, activations and dropout, or a module of one's own whose `forward`
        calls such, one behind the other. It is left as it is; the numbers are copied.

    Raises
    ------
    InvalidParameterError
        When it holds anything else, which is named.
    """
    steps = list(_steps(module))
    in_logarithms = bool(steps) and steps[-1][1] == LOG_SOFTMAX
    if in_logarithms:
        steps[-1] = (steps[-1][0], OUTPUTS["softmax"])
    return replace(put_together(steps, LIBRARY), in_logarithms=in_logarithms)


def _steps(module: Any) -> Iterator[tuple[str, Step]]:
    torch = _import_torch()
    if isinstance(module, torch.nn.Sequential):
        for name, child in module.named_children():
            for inner, step in _steps(child):
                yield (f"{name}.{inner}" if inner else name), step
        return
    if type(module).__module__.startswith("torch.nn."):
        if (known := _step_of(torch, module)) is not None:
            yield "", known
        return
    yield from _traced_steps(torch, module)


def _traced_steps(torch: Any, module: Any) -> Iterator[tuple[str, Step]]:
    """Yield what the `forward` of a module calls, which must be a chain from its one input to its output."""
    from torch import fx

    try:
        graph = fx.symbolic_trace(module).graph
    except Exception as error:  # whatever a forward does with what stands for its input
        raise InvalidParameterError(
            f"cannot follow the forward of {type(module).__name__}: {error}. Expected layers called one "
            "behind the other; or give them as a torch.nn.Sequential."
        ) from error
    before, sizes = None, set()
    for node in graph.nodes:
        if node.op == "placeholder" and before is None:
            before = node
            continue
        if _asks_for_size(node):
            sizes.add(node)
            continue
        given = [each for each in node.all_input_nodes if each not in sizes]
        if given != [before]:
            raise refuse_layer(
                node.name, "given more than what the layer before it returns", "a chain of layers", LIBRARY
            )
        before = node
        if node.op == "call_module":
            for inner, step in _steps(module.get_submodule(node.target)):
                yield (f"{node.target}.{inner}" if inner else str(node.target)), step
        elif node.op != "output" and (called := _step_of_call(torch, node)) is not None:
            yield node.name, called


def _asks_for_size(node: Any) -> bool:
    """Tell whether a node only asks for lengths, as ``x.view(x.size(0), -1)`` does."""
    if node.op == "call_method":
        return bool(node.target == "size")
    name = getattr(node.target, "__name__", "")
    of_shape = name == "getattr" and node.args[1:] == ("shape",)
    return node.op == "call_function" and (of_shape or (name == "getitem" and _asks_for_size(node.args[0])))


def _step_of(torch: Any, layer: Any) -> Step | None:
    kind = type(layer).__name__
    if kind == "Linear":
        weight = _numbers(layer.weight)
        bias = np.zeros(len(weight), weight.dtype) if layer.bias is None else _numbers(layer.bias)
        return DenseStep(np.ascontiguousarray(weight.T), bias)
    if kind == "Dropout":
        return DropoutStep(float(layer.p))
    if kind in PASSED:
        return None
    for name, made in made_in(LIBRARY).items():
        if made.name == kind and _settings(_make(torch, made)) == _settings(layer):
            return OUTPUTS[name]
    if kind == "LogSoftmax":
        return LOG_SOFTMAX
    raise refuse_layer(
        repr(layer), "none that glassnet has", taken(LIBRARY, "Linear, Dropout, Flatten"), LIBRARY
    )


def _step_of_call(torch: Any, node: Any) -> Step | None:
    """Return what a function such as ``torch.relu`` does, called with what it takes unless told."""
    name = str(node.target if node.op == "call_method" else getattr(node.target, "__name__", node.target))
    name = name.rstrip("_")
    if name in PASSED_CALLS:
        return None
    settings = dict(node.kwargs)
    if name == "dropout":
        rate = settings.get("p", node.args[1] if len(node.args) > 1 else 0.5)
        return DropoutStep(float(rate))
    sums = name in ("softmax", "log_softmax")
    plain = len(node.args) == 1 or (sums and node.args[1:] in ((1,), (-1,)))
    odd = {key: value for key, value in settings.items() if key not in ("dim", "inplace", "_stacklevel")}
    odd = {key: value for key, value in odd.items() if value not in (None, "none")}
    activation = LOG_SOFTMAX if name == "log_softmax" else OUTPUTS.get(name)
    if activation is None or not plain or odd:
        raise refuse_layer(
            node.name,
            f"a call of {name}{'' if plain and not odd else ' with settings of its own'}",
            taken(LIBRARY, "Linear, dropout, flatten") + " as modules or functions",
            LIBRARY,
        )
    return activation


def _settings(layer: Any) -> dict[str, Any]:
    """Return the constructor's arguments of an activation module, as it holds them."""
    names = inspect.signature(type(layer).__init__).parameters
    held = {name: getattr(layer, name) for name in names if name != "inplace" and hasattr(layer, name)}
    if held.get("dim") in (1, None) and "dim" in held:
        held["dim"] = -1  # the same of rows
    return held


def _make(torch: Any, made: Made) -> Any:
    return getattr(torch.nn, made.name)(*made.arguments, **made.settings)


def _numbers(tensor: Any) -> Any:
    array = tensor.detach().cpu().numpy()
    if array.dtype not in (np.float32, np.float64):
        raise InvalidParameterError(
            f"got weights of {array.dtype}; expected float32 or float64: module.float() makes them such."
        )
    return np.array(array, order="C")


def _import_torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingPackageError("this needs PyTorch; install it with: pip install torch") from error
    return torch
