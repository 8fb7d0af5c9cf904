"""Graphs as files and models of ONNX, which many programs run."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glassnet._common.files import write_atomically
from glassnet.errors import MissingPackageError
from glassnet.exchange.graph import Graph, Node
from glassnet.nn.layers import Symbol

OPSET = 18
"""The version of ONNX's operators that are used; onnxruntime has them from 1.14 on."""

IR_VERSION = 8

ML_DOMAIN, ML_OPSET = "ai.onnx.ml", 3
"""The operators for labels, and their version."""

INPUT = "X"
"""What a single input is called, as skl2onnx calls it."""


class Input(NamedTuple):
    """Describe an input: numbers of a dtype, or text, of so many columns."""

    dtype: np.dtype[Any]
    width: int


def make_model(
    graph: Graph, inputs: Mapping[str, Input], outputs: Mapping[str, Symbol], name: str = "glassnet"
) -> Any:
    """Return a graph as an ``onnx.ModelProto``.

    Parameters
    ----------
    graph : Graph
    inputs : mapping of str to Input
    outputs : mapping of str to Symbol
    name : str
        Of the class.

    Raises
    ------
    MissingPackageError
        When the package onnx is not installed.
    """
    helper, numpy_helper, checker, shapes = _import_onnx()
    nodes = [
        helper.make_node(node.operator, node.inputs, node.outputs, **_settings(helper, node.settings))
        for node in graph.nodes
    ]
    nodes += [helper.make_node("Identity", [symbol.name], [own]) for own, symbol in outputs.items()]
    constants = [numpy_helper.from_array(_as_tensor(array), own) for own, array in graph.constants.items()]
    made = helper.make_graph(
        nodes,
        name,
        [
            helper.make_tensor_value_info(own, _kind_of(helper, dtype), [None, width])
            for own, (dtype, width) in inputs.items()
        ],
        [helper.make_empty_tensor_value_info(own) for own in outputs],
        constants,
    )
    model = helper.make_model(
        made,
        producer_name="glassnet",
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(ML_DOMAIN, ML_OPSET)],
        ir_version=IR_VERSION,
    )
    model = shapes.infer_shapes(model)
    checker.check_model(model, full_check=True)
    return model


def add_to_container(graph: Graph, container: Any, outputs: Mapping[str, Symbol]) -> None:
    """Add a graph to the model that skl2onnx is making.

    Parameters
    ----------
    graph : Graph
    container : skl2onnx.common._container.ModelComponentContainer
    outputs : mapping of str to Symbol
        By the names that skl2onnx gave them.
    """
    from onnx import defs

    helper, numpy_helper, _, _ = _import_onnx()
    for name, array in graph.constants.items():
        container.initializers.append(numpy_helper.from_array(_as_tensor(array), name))
    nodes = [*graph.nodes, *(Node("Identity", (symbol.name,), (own,), {}) for own, symbol in outputs.items())]
    for number, node in enumerate(nodes):
        domain = node.settings.get("domain", "")
        opset = ML_OPSET if domain else container.target_opset
        version = defs.get_schema(node.operator, opset, domain).since_version
        container.add_node(
            node.operator,
            list(node.inputs),
            list(node.outputs),
            op_version=version,
            op_domain=domain,
            name=f"{graph.prefix}node_{number}",
            **_settings(helper, {key: value for key, value in node.settings.items() if key != "domain"}),
        )


def write_onnx(path: str | os.PathLike[str], model: Any) -> None:
    """Write a model of ONNX to a file, atomically.

    Raises
    ------
    FileError
        When the file cannot be written.
    """
    write_atomically(path, model.SerializeToString())


def _kind_of(helper: Any, dtype: np.dtype[Any]) -> int:
    """Return the type of a tensor of numbers of a dtype, or of text."""
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(object) if dtype.kind == "U" else dtype))


def _as_tensor(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array as ONNX takes it: text as objects."""
    return array.astype(object) if array.dtype.kind == "U" else array


def _settings(helper: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: helper.np_dtype_to_tensor_dtype(value) if isinstance(value, np.dtype) else value
        for name, value in settings.items()
    }


def _import_onnx() -> tuple[Any, Any, Any, Any]:
    try:
        from onnx import checker, helper, numpy_helper, shape_inference
    except ImportError as error:
        raise MissingPackageError(
            "writing ONNX needs the package onnx; install it with: pip install 'glassnet[onnx]'"
        ) from error
    return helper, numpy_helper, checker, shape_inference
