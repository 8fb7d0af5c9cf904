"""`glassnet export`: what it writes, says and refuses."""

import numpy as np
import pytest
from onnx_peers import run_onnx
from outcomes import refused

from glassnet import MLPRegressor

onnx = pytest.importorskip("onnx")


def test_a_model_file_becomes_one_of_onnx(run, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = MLPRegressor((4,), max_iter=400, random_state=0).fit(X, X[:, 0])
    model.save("model")
    assert run("export", "model", "--onnx", "out.onnx") == "model is written to out.onnx\n"
    found = run_onnx(onnx.load("out.onnx"), X)["variable"]
    assert np.allclose(found[:, 0], model.predict(X))


def test_what_is_no_model_is_refused(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "there is no model file" in refused(invoke("export", "nothing", "--onnx", "out.onnx"))
