"""The encoding of a table written down for other programs: one input for each column.

Numbers are taken in double precision, as the encoder takes them, and scaled before they are made what the
network computes with. A missing number is NaN, a missing category any text that is none, or NaN.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.exchange import Graph, GraphSymbol, Input
from glassnet.models.tabular._scaling import LARGEST, LIMIT
from glassnet.models.tabular.columns import ColumnKind, EncodedColumn
from glassnet.models.tabular.encoder import TableEncoder

ARRAY = "X"
"""What the input is called where the columns have no names."""


def inputs_of(encoder: TableEncoder, outputs: Sequence[str]) -> dict[str, Input]:
    """Return the inputs of an encoder's table by name: its columns, or one matrix where they have no names.

    Raises
    ------
    InvalidParameterError
        When a column cannot be given: dates, categories in an array, or a name that an output has.
    """
    used = [(column, dtype_of(column)) for column in encoder.columns_ if column.outputs]
    if not hasattr(encoder, "feature_names_in_"):
        for column, dtype in used:
            if dtype.kind == "U":
                raise _refuse(column, "holds text in an array of no names; fit on a data frame")
        return {ARRAY: Input(np.dtype(np.float64), encoder.n_features_in_)}
    for column, _ in used:
        if column.name in outputs:
            raise _refuse(column, "has the name of an output; give it another one")
    return {column.name: Input(dtype, 1) for column, dtype in used}


def outline_table(
    encoder: TableEncoder, graph: Graph, given: Sequence[GraphSymbol] | None = None
) -> GraphSymbol:
    """Return the encoded table, of the graph's dtype.

    Parameters
    ----------
    encoder : TableEncoder
    graph : Graph
    given : sequence of GraphSymbol, optional
        The columns in their order; what `inputs_of` names unless given.
    """
    x: dict[str, GraphSymbol] = {}
    for place, column in enumerate(encoder.columns_):
        if not column.outputs:
            continue
        if given is not None:
            x[column.name] = given[place]
        elif hasattr(encoder, "feature_names_in_"):
            x[column.name] = graph.symbol(column.name)
        else:
            x[column.name] = graph.symbol(ARRAY).columns(place, place + 1)
        if column.numbers:
            x[column.name] = x[column.name].cast(np.float64)
    columns = encoder.columns_
    parts = [*_numbers(columns, x, graph, smooth=encoder.numbers == "robust"), *_flags(columns, x, graph)]
    parts += [_codes(column, x[column.name]).cast(graph.dtype) for column in columns if column.coded]
    return parts[0].beside(*parts[1:])


def _numbers(
    columns: Sequence[EncodedColumn], given: Mapping[str, GraphSymbol], graph: Graph, *, smooth: bool
) -> Iterator[GraphSymbol]:
    """Yield the scaled numbers in one piece, where there are any; see `glassnet.models.tabular._scaling`."""
    owners = [column for column in columns if column.numbers]
    if not owners:
        return
    x = given[owners[0].name].beside(*(given[column.name] for column in owners[1:]))
    figures = [(number.fill, number.center, number.factor) for column in owners for number in column.numbers]
    fill, center, factor = np.array(figures, np.float64).T
    z = (x - graph.exactly(center)) * graph.exactly(factor)
    z = x.call("IsNaN").call("Where", graph.exactly((fill - center) * factor), z)
    if smooth:
        z = z.call("Clip", graph.exactly(np.float64(-LARGEST)), graph.exactly(np.float64(LARGEST)))
        root = z.call("Div", graph.exactly(np.float64(LIMIT)))
        root = root * root + graph.exactly(np.float64(1))
        z = z.call("Div", root.call("Sqrt"))
    yield z.cast(graph.dtype)


def _flags(
    columns: Sequence[EncodedColumn], given: Mapping[str, GraphSymbol], graph: Graph
) -> Iterator[GraphSymbol]:
    """Yield the indicators of missing numbers and the one-hot columns, in the order of the columns."""
    for column in columns:
        if column.flagged:
            yield given[column.name].call("IsNaN").cast(graph.dtype)
        elif column.one_hot:
            n = len(column.categories)
            rows = np.vstack([[[0.0]], [[-1.0]], [[1.0]]]) if n == 2 else np.vstack([np.zeros(n), np.eye(n)])
            yield _codes(column, given[column.name]).reshape(-1).picked_from(rows)


def _codes(column: EncodedColumn, x: GraphSymbol) -> GraphSymbol:
    """Return the code of each category as an integer: 0 where it is missing or unknown."""
    codes = list(range(1, len(column.categories) + 1))
    if isinstance(column.categories[-1], str):
        keys: dict[str, Any] = {"keys_strings": [str(category) for category in column.categories]}
    else:
        x, keys = x.cast(np.float32), {"keys_floats": [float(category) for category in column.categories]}
    return x.call("LabelEncoder", domain="ai.onnx.ml", values_int64s=codes, default_int64=0, **keys)


def dtype_of(column: EncodedColumn) -> np.dtype[Any]:
    """Return what a column is given as: text, or numbers in double precision.

    Raises
    ------
    InvalidParameterError
        When ONNX has no type for what it holds.
    """
    if column.kind in (ColumnKind.DATE, ColumnKind.DATETIME):
        raise _refuse(column, "holds dates, which ONNX has no type for; give their parts as columns")
    kinds = {isinstance(category, str) for category in column.categories}
    if kinds == {True, False}:
        raise _refuse(column, "holds numbers and text; make it text alone")
    if kinds == {False} and len({np.float32(category) for category in column.categories}) < len(
        column.categories
    ):
        raise _refuse(
            column, "holds numbers as categories that single precision does not tell apart; make them text"
        )
    return np.dtype(np.str_ if kinds == {True} else np.float64)


def _refuse(column: EncodedColumn, why: str) -> InvalidParameterError:
    return InvalidParameterError(
        f"cannot write the column {quoted(column.name)} for other programs: it {why}. Or write the network "
        "alone, which takes what encoder_.transform returns: to_onnx(path, encoded=True)."
    )
