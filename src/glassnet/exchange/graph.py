"""A computation written down as a graph of ONNX's operators, by calculating with symbols.

``x * 2 + bias`` adds two nodes to the graph of the symbol x. What is on the right may be a number or an
array, which becomes a constant of the graph. Nothing is computed, and nothing of ONNX is needed until the
graph is made a model, see `glassnet.exchange.onnx_files`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from glassnet.exchange.formulas import write_formula
from glassnet.nn.activations import Activation
from glassnet.nn.layers import Symbol


class Node(NamedTuple):
    """Hold one operation.

    Attributes
    ----------
    operator : str
        Of ONNX: ``"MatMul"``.
    inputs : tuple of str
    outputs : tuple of str
    settings : dict
        Its attributes.
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: dict[str, Any]


class Graph:
    """Gather the operations of a computation.

    Parameters
    ----------
    dtype : dtype
        What is computed with.
    prefix : str
        What all names begin with.

    Attributes
    ----------
    nodes : list of Node
        In the order in which they are computed.
    constants : dict of str to ndarray
    """

    def __init__(self, dtype: DTypeLike, prefix: str = "") -> None:
        self.dtype = np.dtype(dtype)
        self.prefix = prefix
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[Any]] = {}

    def symbol(self, name: str) -> "GraphSymbol":
        """Return what stands for an input of this name."""
        return GraphSymbol(self, name)

    def constant(self, value: Any) -> str:
        """Return the name of a constant: real numbers in the dtype of the graph, others as they are."""
        array = np.asarray(value)
        return self.exactly(array.astype(self.dtype) if array.dtype.kind == "f" else array).name

    def exactly(self, value: Any) -> "GraphSymbol":
        """Return a constant of the dtype that it has, whatever the graph's is."""
        array = np.asarray(value)
        name = f"{self.prefix}constant_{len(self.constants)}"
        self.constants[name] = np.ascontiguousarray(array).reshape(array.shape)
        return GraphSymbol(self, name)

    def add(self, operator: str, *inputs: Any, **settings: Any) -> "GraphSymbol":
        """Add an operation, and return its result."""
        names = tuple(each.name if isinstance(each, GraphSymbol) else self.constant(each) for each in inputs)
        output = f"{self.prefix}value_{len(self.nodes)}"
        unused = (f"{output}_places",) if operator == "TopK" else ()
        self.nodes.append(Node(operator, names, (output, *unused), settings))
        return GraphSymbol(self, output)


class GraphSymbol(Symbol):
    """Stand for a value in a graph: see `glassnet.nn.layers.Symbol`."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph = graph
        self.name = name

    def __repr__(self) -> str:
        return f"<GraphSymbol {self.name}>"

    def __add__(self, other: Any) -> "GraphSymbol":
        return self._with("Add", other)

    def __sub__(self, other: Any) -> "GraphSymbol":
        return self._with("Sub", other)

    def __mul__(self, other: Any) -> "GraphSymbol":
        return self._with("Mul", other)

    def __matmul__(self, other: Any) -> "GraphSymbol":
        return self._with("MatMul", other)

    def __gt__(self, other: float) -> "GraphSymbol":
        return self._with("Greater", other)

    def call(self, operator: str, *others: Any, **settings: Any) -> "GraphSymbol":
        """Return what one of ONNX's operators makes of it, and of others behind it."""
        return self.graph.add(operator, self, *others, **settings)

    def bent(self, activation: Activation) -> "GraphSymbol":
        """Return f of it.

        Raises
        ------
        InvalidParameterError
            When the activation has no formula: a function of one's own.
        """
        found: GraphSymbol = write_formula(activation, self, self.graph.add, self.graph.dtype)
        return found

    def reshape(self, *shape: int) -> "GraphSymbol":
        """Return it in another shape: -1 is what is left, 0 the length at the same place."""
        return self.call("Reshape", np.array(shape, np.int64))

    def columns(self, start: int, stop: int) -> "GraphSymbol":
        """Return some columns."""
        return self.call("Slice", *(np.array([number], np.int64) for number in (start, stop, -1)))

    def beside(self, *others: Symbol) -> "GraphSymbol":
        """Return it and others side by side, along the last axis."""
        return self.call("Concat", *others, axis=-1) if others else self

    def whole(self) -> "GraphSymbol":
        """Return numbers as integers."""
        return self.cast(np.int64)

    def cast(self, dtype: DTypeLike) -> "GraphSymbol":
        """Return it as numbers of another kind."""
        return self.call("Cast", to=np.dtype(dtype))

    def picked_from(self, rows: Any) -> "GraphSymbol":
        """Return the row of each of its integers."""
        return self.graph.add("Gather", rows, self, axis=0)

    def argmax(self) -> "GraphSymbol":
        """Return where each row is largest, shape (n,)."""
        return self.call("ArgMax", axis=1, keepdims=0)

    def ordered(self, n_columns: int) -> "GraphSymbol":
        """Return the numbers of each row in ascending order."""
        return self.call("TopK", np.array([n_columns], np.int64), axis=1, largest=0)

    def labelled(self, classes: NDArray[Any]) -> "GraphSymbol":
        """Return the label of each code, which is its place in `classes`: text, or numbers."""
        if classes.dtype.kind in "iub":  # as skl2onnx has them
            classes = classes.astype(np.int64)
        return self.picked_from(classes.astype(str) if classes.dtype.kind == "O" else classes)

    def mean(self, axis: int) -> "GraphSymbol":
        """Return the mean along an axis."""
        return self.call("ReduceMean", np.array([axis], np.int64), keepdims=0)

    def _with(self, operator: str, other: Any) -> "GraphSymbol":
        if not isinstance(other, GraphSymbol | np.ndarray):
            other = np.asarray(other, self.graph.dtype)
        return self.call(operator, other)
