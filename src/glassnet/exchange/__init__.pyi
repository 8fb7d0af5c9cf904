from .graph import Graph as Graph, GraphSymbol as GraphSymbol
from .networks import mean_of as mean_of, write_layers as write_layers
from .onnx_files import (
    add_to_container as add_to_container,
    make_model as make_model,
    write_onnx as write_onnx,
)
