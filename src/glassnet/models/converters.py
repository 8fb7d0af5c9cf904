"""Converters for skl2onnx, with which pipelines that end in a network become ONNX."""

from typing import Any

import numpy as np

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, MissingPackageError
from glassnet.exchange import Graph, GraphSymbol, add_to_container
from glassnet.models.autoencoder import MLPAutoencoder
from glassnet.models.classifier import MLPClassifier
from glassnet.models.regressor import MLPRegressor
from glassnet.models.tabular._outline import dtype_of, outline_table
from glassnet.models.tabular.classifier import TabularMLPClassifier
from glassnet.models.tabular.encoder import TableEncoder
from glassnet.models.tabular.regressor import TabularMLPRegressor


def register_onnx_converters() -> None:
    """Tell skl2onnx what the estimators are, so that it converts pipelines with them.

    Call it once, before `skl2onnx.to_onnx`. It computes in the dtype of the pipeline's input.

    Raises
    ------
    MissingPackageError
        When the package skl2onnx is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from skl2onnx import to_onnx
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X = np.random.default_rng(0).normal(5, 3, (200, 4)).astype(np.float32)
    >>> network = MLPClassifier((8,), early_stopping=True, random_state=0)
    >>> model = make_pipeline(StandardScaler(), network).fit(X, X[:, 0] > 5)
    >>> register_onnx_converters()
    >>> [output.name for output in to_onnx(model, X[:1]).graph.output]
    ['output_label', 'output_probability']
    """
    try:
        from skl2onnx import update_registered_converter
    except ImportError as error:
        raise MissingPackageError(
            "pipelines become ONNX by the package skl2onnx; install it with: pip install skl2onnx"
        ) from error
    zipmap = {"zipmap": [True, False, "columns"], "nocl": [True, False]}
    for kind, options in ((MLPClassifier, zipmap), (MLPRegressor, None), (MLPAutoencoder, None)):
        alias = f"Glassnet{kind.__name__}"
        update_registered_converter(kind, alias, _shapes, _convert, options=options)
    for table, options in ((TableEncoder, None), (TabularMLPClassifier, zipmap), (TabularMLPRegressor, None)):
        alias = f"Glassnet{table.__name__}"
        update_registered_converter(table, alias, _shapes, _convert_table, options=options)


def _shapes(operator: Any) -> None:
    """Say of which types and shapes the outputs of an estimator are, or of an encoder."""
    from skl2onnx.common.data_types import (
        DoubleTensorType,
        FloatTensorType,
        Int64TensorType,
        StringTensorType,
    )

    model, given = operator.raw_operator, operator.inputs[0].type
    rows = given.shape[0]
    takes_table = isinstance(model, TableEncoder | TabularMLPClassifier | TabularMLPRegressor)
    in_double = _dtype_of(model) == np.float64 if takes_table else isinstance(given, DoubleTensorType)
    numbers = DoubleTensorType if in_double else FloatTensorType
    if isinstance(model, MLPClassifier | TabularMLPClassifier):
        is_plain = isinstance(model, MLPClassifier)
        n_outputs = model.n_outputs_ if is_plain else len(model.classes_)
        single = n_outputs == 1 or model.architecture_.head.output == "softmax"
        is_text = single and model.classes_.dtype.kind in "OU"
        label = StringTensorType if is_text else Int64TensorType
        operator.outputs[0].type = label([rows] if single else [rows, n_outputs])
        operator.outputs[1].type = numbers([rows, max(2, n_outputs)])
    else:
        operator.outputs[0].type = numbers([rows, _width_of(model)])


def _width_of(model: Any) -> int:
    """Return how many numbers a model that is no classifier answers for a row."""
    if isinstance(model, TableEncoder):
        return model.layout_.width
    layer = model.bottleneck_ + 1 if isinstance(model, MLPAutoencoder) else -1
    width: int = model.architecture_.sizes[layer]
    return width


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Add what an estimator computes."""
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    given = operator.inputs[0]
    dtype = np.float64 if isinstance(given.type, DoubleTensorType) else np.float32
    graph = Graph(dtype, prefix=scope.get_unique_variable_name("glassnet") + "_")
    x: GraphSymbol = graph.symbol(given.full_name)
    if not isinstance(given.type, DoubleTensorType | FloatTensorType):
        x = x.cast(dtype)
    found = operator.raw_operator.outline(x)
    add_to_container(
        graph, container, dict(zip([out.full_name for out in operator.outputs], found.values(), strict=False))
    )


def _convert_table(scope: Any, operator: Any, container: Any) -> None:
    """Add what a model for tables computes, or its encoder."""
    model = operator.raw_operator
    encoder = model if isinstance(model, TableEncoder) else model.encoder_
    graph = Graph(_dtype_of(model), prefix=scope.get_unique_variable_name("glassnet") + "_")
    x = outline_table(encoder, graph, _columns_of(encoder, operator, graph))
    found = {"encoded": x} if model is encoder else model.outline(x)
    outputs = [out.full_name for out in operator.outputs]
    add_to_container(graph, container, dict(zip(outputs, found.values(), strict=False)))


def _columns_of(encoder: TableEncoder, operator: Any, graph: Graph) -> list[GraphSymbol]:
    """Return the columns of a table in their order, of inputs that hold one of them or several.

    skl2onnx writes names of its own where they hold blanks, so that only the order tells which is which.
    """
    from skl2onnx.common.data_types import StringTensorType

    parts: list[GraphSymbol] = []
    are_text: list[bool] = []
    for given in operator.inputs:
        symbol, width = graph.symbol(given.full_name), given.type.shape[1]
        parts += [symbol if width == 1 else symbol.columns(i, i + 1) for i in range(width)]
        are_text += [isinstance(given.type, StringTensorType)] * width
    if len(parts) != len(encoder.columns_):
        raise InvalidDataError(
            f"got {len(parts)} columns in initial_types; expected {len(encoder.columns_)}, in the order of "
            "the table that was fitted."
        )
    for column, is_text in zip(encoder.columns_, are_text, strict=True):
        if column.outputs and is_text != (dtype_of(column).kind == "U"):
            got, expected = ("text", "numbers") if is_text else ("numbers", "text")
            raise InvalidDataError(
                f"got {got} in initial_types for the column {quoted(column.name)}; expected {expected}, as "
                "in `fit`."
            )
    return parts


def _dtype_of(model: Any) -> Any:
    """Return what a model for tables computes in."""
    return np.dtype(model.dtype)
