from .c_headers import name_in_c as name_in_c, write_c as write_c
from .foreign import Foreign as Foreign
from .graph import Graph as Graph, GraphSymbol as GraphSymbol
from .keras_models import make_keras as make_keras, read_keras as read_keras
from .networks import mean_of as mean_of, write_layers as write_layers
from .onnx_files import (
    INPUT as INPUT,
    Input as Input,
    add_to_container as add_to_container,
    make_model as make_model,
    write_onnx as write_onnx,
)
from .torch_modules import make_torch as make_torch, read_torch as read_torch
