"""`glassnet export`: what it writes, says and refuses."""

import numpy as np
import pytest
from onnx_peers import run_onnx
from outcomes import refused

from glassnet import MLPRegressor

onnx = pytest.importorskip("onnx")


def test_a_model_file_becomes_one_of_onnx(invoke, tmp_path):
    pytest.importorskip("onnxruntime")
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = MLPRegressor(
        hidden_layer_sizes=(4,), max_iter=40, tol=1e9, n_iter_no_change=30, random_state=0
    ).fit(X, X[:, 0])
    model.save(tmp_path / "model")
    assert invoke("export", "model", "--onnx", "out.onnx").stdout == "model is written to out.onnx\n"
    found = run_onnx(onnx.load(tmp_path / "out.onnx"), X)["variable"]
    assert np.allclose(found[:, 0], model.predict(X))


def test_what_is_no_model_is_refused(invoke):
    refused(invoke("export", "nothing", "--onnx", "out.onnx"), "there is no model file")


def test_the_name_of_a_header_is_made_one_of_c(invoke, tmp_path):
    X = np.random.default_rng(0).normal(size=(30, 2))
    with pytest.warns(match="converge"):
        MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0).fit(X, X[:, 0]).save(
            tmp_path / "model"
        )
    assert "call my_net_predict(x, out)" in invoke("export", "model", "--c", "my-net.h").stdout
    assert "my_net_predict" in (tmp_path / "my-net.h").read_text()
