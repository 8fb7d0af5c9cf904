"""Every activation, output, loss and layer in other libraries: what they make of it is what we make of it."""

import numpy as np
import pytest
from heads import HEADS
from onnx_peers import run_onnx

from glassnet.exchange import Graph, Input, make_model, write_layers
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.evaluation import predict
from glassnet.nn.initializers import lecun_normal
from glassnet.nn.layers import LAYERS, Kept, run
from glassnet.nn.outputs import OUTPUTS
from glassnet.nn.samples import Samples

CLOSE = {"float32": 1e-5, "float64": 1e-6}  # onnxruntime has erf in single precision alone
N_FEATURES = {"embedding": 1, "columns": 2}


def far(found, own):
    return np.max(np.abs(found - own) / np.maximum(1, np.abs(own)))


@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("name", OUTPUTS)
def test_an_activation_is_the_same_in_onnx_at_large_numbers_too(name, dtype):
    pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(0)
    largest = 3 if name == "exp" else 1000
    z = np.vstack([rng.normal(size=(40, 3)) * scale for scale in (0.1, 1, 3, 30, 1000) if scale <= largest])
    graph = Graph(dtype)
    model = make_model(graph, {"X": Input(graph.dtype, 3)}, {"a": graph.symbol("X").bent(OUTPUTS[name])})
    found = run_onnx(model, z.astype(dtype))["a"]
    assert found.dtype == dtype
    assert far(found, OUTPUTS[name].function(z.astype(dtype))) < CLOSE[dtype]


@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("name", HEADS)
def test_a_network_of_each_loss_is_the_same_in_onnx(name, dtype):
    pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(1)
    architecture = Architecture((4, 6, 3), (ACTIVATIONS["tanh"],), HEADS[name])
    parameters = Parameters.draw(architecture, lecun_normal, rng, dtype)
    X = rng.normal(size=(20, 4)).astype(dtype)
    graph = Graph(dtype)
    model = make_model(
        graph, {"X": Input(graph.dtype, 4)}, {"a": write_layers(parameters, graph.symbol("X"))[-1]}
    )
    own = predict(architecture, parameters, Samples(X, None, X.dtype))
    assert far(run_onnx(model, X)["a"], own) < CLOSE[dtype]


@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_the_same_in_onnx(name, dtype):
    pytest.importorskip("onnxruntime")
    rng, layer, n = np.random.default_rng(2), LAYERS[name], N_FEATURES.get(name, 3)
    own = {key: rng.normal(size=slot.shape).astype(dtype) for key, slot in layer.slots(n).items()}
    X = (rng.integers(3, size=(8, n)) if name == "embedding" else rng.normal(size=(8, n))).astype(dtype)
    graph = Graph(dtype)
    model = make_model(graph, {"X": Input(graph.dtype, n)}, {"a": layer.outline(own, graph.symbol("X"))})
    found, answer = run_onnx(model, X)["a"], run(layer, own, X, Kept())
    assert found.shape == answer.shape
    assert far(found, answer) < CLOSE[dtype]
