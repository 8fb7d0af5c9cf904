"""Model files of every class, damaged field by field with check sums that are right, and byte by byte.

Each must be refused in one message with the name of the file, or give a model that works.
"""

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from damage import WRONG_VALUES, changed, changed_bytes, places_in, value_at, without
from safetensors.numpy import save

import glassnet
import glassnet.models.model_file as model_file
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.errors import DataFileError
from glassnet.models import view_of
from glassnet.models.model_file import read_model, write_model
from glassnet.nn.optimizers import OPTIMIZERS

pytestmark = pytest.mark.filterwarnings("ignore")  # of trainings that are short, and of weights that are NaN

EVERY = 9
"""Which of the wrong values a field is given: one of so many, others in the next field. With 1, all."""

BYTES_STEP = 29
"""How far apart the bytes are that are damaged."""

LONGEST_MESSAGE = 700

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
FRAME = pandas.DataFrame(X, columns=list("abc"))
TREES = np.array(["ash", "elm", "oak"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0)]
SMALL: dict[str, Any] = {"hidden_layer_sizes": (4, 2), "max_iter": 2, "random_state": 0}
MODELS: dict[str, tuple[Callable[[], Any], Any, Any]] = {
    "network": (
        lambda: NeuralNetwork(
            2, [4, 3], epochs=2, batch_size=10, optimizer=OPTIMIZERS["adam"], random_state=0
        ),
        FRAME,
        TREES,
    ),
    "classifier": (
        lambda: MLPClassifier(**SMALL, activation=["tanh", "gelu"], class_weight={"ash": 2.0}),
        FRAME,
        TREES,
    ),
    "two classes": (lambda: MLPClassifier(**SMALL, solver="lbfgs"), X, X[:, 0] > 0),
    "several labels": (lambda: MLPClassifier(**SMALL), X, (X > 0).astype(int)),
    "regressor": (lambda: MLPRegressor("huber", **SMALL), X, X[:, :2]),
    "quantiles": (lambda: MLPRegressor("pinball", **SMALL, quantiles=(0.2, 0.8)), X, X[:, 0]),
    "autoencoder": (lambda: MLPAutoencoder(**SMALL), X, None),
}


@pytest.fixture(autouse=True)
def quick_files(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture(params=MODELS)
def saved(request, tmp_path):
    """Return a model, with data for it, and the arrays and metadata of its file."""
    make, X, y = MODELS[request.param]
    return saved_as(make().fit(X, y), tmp_path), X, y


def saved_as(model, folder):
    model.save(folder / "good")
    arrays, header = read_model(folder / "good", None)
    del header["format_version"], header["sha256"]
    return model, arrays, header


def use(model, X, y, *, shown=False):
    """Do with a model what users do; return its answers."""
    assert repr(model)
    assert repr(view_of(model))
    assert not shown or model._repr_html_()  # which takes ten times as long as all the rest
    if hasattr(model, "history_"):
        assert len(model.history_.to_frame()) == len(model.history_)
        assert repr(model.history_)
    model.transform(X, 0)
    hidden = model.transform(X)
    if isinstance(model, MLPAutoencoder):
        model.inverse_transform(hidden)
        return model.reconstruct(X)
    model.score(X, y)
    answers = model.predict(X)
    if getattr(model, "solver", "lbfgs") != "lbfgs":
        model.partial_fit(X, y, X_val=X, y_val=y)
    return answers


def load_or_refuse(path):
    """Return the model of a file, or None where it was refused as it should be."""
    try:
        return glassnet.load(path)
    except DataFileError as error:
        text = str(error)
    assert str(path) in text
    assert len(text) < LONGEST_MESSAGE + len(str(path))
    return None


def refuse(path, message):
    with pytest.raises(DataFileError, match=message) as caught:
        glassnet.load(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < LONGEST_MESSAGE + len(str(path))


def test_every_field_with_a_wrong_value_is_refused_or_harmless(saved, tmp_path):
    (model, arrays, header), X, y = saved
    expected = use(model, X, y)
    path, n_refused = tmp_path / "model", 0
    for i, way in enumerate(places_in(header)):
        values = [value for value in WRONG_VALUES[i % EVERY :: EVERY] if value != value_at(header, way)]
        for damaged in [changed(header, way, value) for value in values] + [without(header, way)]:
            write_model(path, arrays, damaged)
            found = load_or_refuse(path)
            n_refused += found is None
            if found is not None and way not in (("parameters", "solver"), ("parameters",)):
                answers = use(found, X, y, shown=way[0] == "history")  # L-BFGS leaves no curve to go on from
                np.testing.assert_array_equal(answers, expected, err_msg=str(way))
    assert n_refused > 100


def test_every_damaged_array_is_refused_or_gives_other_weights(saved, tmp_path):
    (_, arrays, header), X, y = saved
    path = tmp_path / "model"
    for name, array in arrays.items():
        others = [
            *(array.astype(dtype) for dtype in (np.float16, np.int64, np.uint8, np.uint32, bool)),
            *(array[None], array[None, None], array[:-1], array[:0], np.repeat(array, 2, axis=0)),
            *(np.full_like(array, np.iinfo(array.dtype).max) for _ in "x" if array.dtype.kind in "ui"),
        ]
        for other in others:
            write_model(path, arrays | {name: other}, header)
            found = load_or_refuse(path)
            if other.dtype != array.dtype and found is not None:  # labels of another type are labels
                assert name == "classes_"
            if found is not None:
                use(found, X, y if name != "classes_" else found.predict(X))
        write_model(path, {key: value for key, value in arrays.items() if key != name}, header)
        assert load_or_refuse(path) is None or name == "feature_names_in_"


def test_every_damaged_byte_is_refused_or_gives_the_same_model(saved, tmp_path):
    (model, _, header), _, _ = saved
    path = tmp_path / "model"
    for what, content in changed_bytes((tmp_path / "good").read_bytes(), BYTES_STEP):
        path.write_bytes(content)
        found = load_or_refuse(path)
        if found is not None:
            np.testing.assert_array_equal(found.parameters_.theta, model.parameters_.theta, err_msg=what)
            assert saved_as(found, tmp_path)[2] == header, what


# -- what must fit together ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("network", {"fitted": {"n_features_in_": 4}}, "n_features_in_=4"),
        ("network", {"fitted": {"n_features_in_": 3, "scales_uint8_": "yes"}}, "scales_uint8_='yes'"),
        ("network", {"parameters": {"epochs": "x"}}, "epochs='x'"),
        ("network", {"parameters": {"random_state": -1}}, "random_state=-1"),
        ("network", {"parameters": {"class_weight": {"pairs": [["fir", 2]]}}}, "label 'fir'"),
        (
            "network",
            {"parameters": {"optimizer": {"optimizer": "SGD", "momentum": "x"}}},
            "momentum='x' of the optimizer",
        ),
        ("network", {"parameters": {"optimizer": {"optimizer": "Adam", "beta_1": 1}}}, "out of bounds"),
        ("classifier", {"fitted": {"n_features_in_": 4}}, "n_features_in_=4"),
        ("classifier", {"fitted": {"n_layers_": 3}}, "n_layers_=3"),
        ("classifier", {"fitted": {"n_outputs_": 1}}, "n_outputs_=1"),
        ("classifier", {"fitted": {"out_activation_": "logistic"}}, "out_activation_='logistic'"),
        ("classifier", {"fitted": {"t_": "x"}}, "t_='x', where a whole number"),
        ("classifier", {"fitted": {"loss_curve_": 3}}, "loss_curve_=3, where a list"),
        ("classifier", {"loss": "squared_error", "output": "identity"}, "the loss squared_error"),
        ("classifier", {"loss": "sigmoid_cross_entropy", "output": "sigmoid"}, "out_activation_='softmax'"),
        ("classifier", {"activations": ["tanh", "nope"]}, "unknown activation 'nope'"),
        ("classifier", {"parameters": {"alpha": "x"}}, "'alpha' parameter"),
        ("classifier", {"parameters": {"scoring": "x"}}, "scoring"),
        ("two classes", {"fitted": {"n_outputs_": 2}}, "n_outputs_=2"),
        ("several labels", {"sizes": [3, 4, 2, 2]}, "parameters|n_outputs_"),
        ("regressor", {"loss": "softmax_cross_entropy", "output": "softmax"}, "the loss softmax"),
        ("regressor", {"output": "tanh"}, "huber with tanh outputs"),
        ("autoencoder", {"fitted": {"bottleneck_": 2}}, "bottleneck_=2, where the place of a hidden layer"),
        ("autoencoder", {"fitted": {"bottleneck_": -1}}, "bottleneck_=-1"),
        ("autoencoder", {"fitted": {"bottleneck_": True}}, "bottleneck_=True"),
        ("autoencoder", {"history": {"records": [], "stopping_reason": 3, "best_epoch": None}}, "reason=3"),
    ],
    ids=str,
)
def test_parts_that_do_not_fit_are_refused_and_named(kind, change, message, tmp_path):
    make, X, y = MODELS[kind]
    _, arrays, header = saved_as(make().fit(X, y), tmp_path)
    for name, value in change.items():
        header[name] = header[name] | value if name in ("fitted", "parameters") else value
    write_model(tmp_path / "model", arrays, header)
    refuse(tmp_path / "model", message)


@pytest.mark.parametrize("kind", ["network", "classifier", "two classes", "several labels"])
@pytest.mark.parametrize(
    "change",
    [lambda c: c[::-1], lambda c: np.repeat(c[:1], len(c), axis=0), lambda c: np.repeat(c, 2, axis=0)],
    ids=["backwards", "one label only", "each twice"],
)
def test_labels_that_are_no_classes_are_refused(kind, change, tmp_path):
    make, X, y = MODELS[kind]
    _, arrays, header = saved_as(make().fit(X, y), tmp_path)
    write_model(tmp_path / "model", arrays | {"classes_": change(arrays["classes_"])}, header)
    refuse(tmp_path / "model", "labels in their order, each one once")


@pytest.mark.parametrize("letter", [0x110000, 2**32 - 1])
def test_text_that_is_none_is_refused(letter, tmp_path):
    make, X, y = MODELS["classifier"]
    _, arrays, header = saved_as(make().fit(X, y), tmp_path)
    arrays["classes_"] = arrays["classes_"].copy()
    arrays["classes_"][-1, 0] = letter
    write_model(tmp_path / "model", arrays, header)
    refuse(tmp_path / "model", "text in an array of uint32")


@pytest.mark.parametrize("label_type", ["binary", "multilabel-indicator", "continuous", None, 3])
def test_labels_of_another_type_in_format_1_are_refused(label_type, tmp_path, monkeypatch):
    old = Path(__file__).parents[2] / "data" / "classifier_format_1.safetensors"
    arrays, header = read_model(old, None)
    monkeypatch.setattr(model_file, "FORMAT_VERSION", 1)
    write_model(tmp_path / "model", arrays, header | {"label_type": label_type})
    refuse(tmp_path / "model", "no network that can be built")


# -- weights --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.int32, np.uint8, bool])
@pytest.mark.parametrize("kind", MODELS)
def test_weights_are_float32_or_float64(kind, dtype, tmp_path):
    make, X, y = MODELS[kind]
    _, arrays, header = saved_as(make().fit(X, y), tmp_path)
    write_model(tmp_path / "model", arrays | {"theta": arrays["theta"].astype(dtype)}, header)
    refuse(tmp_path / "model", f"weights of {np.dtype(dtype)}; expected float32 or float64")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("kind", MODELS)
def test_a_diverged_network_is_loaded_with_a_warning(kind, value, tmp_path):
    """It may be what somebody wants to find the reason of."""
    make, X, y = MODELS[kind]
    model = make().initialize(X, y)
    model.parameters_.theta[1] = value
    model.save(tmp_path / "model")
    with pytest.warns(UserWarning, match="hold NaN or infinity: the network diverged") as caught:
        back = glassnet.load(tmp_path / "model")
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(back.parameters_.theta, model.parameters_.theta)


# -- the file around them -------------------------------------------------------------------------------


def packed(header: str, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header.encode() + data


def parts_of(content):
    size = int.from_bytes(content[:8], "little")
    return content[8 : 8 + size].decode(), content[8 + size :]


@pytest.fixture
def good(tmp_path):
    make, X, y = MODELS["classifier"]
    make().fit(X, y).save(tmp_path / "good")
    return parts_of((tmp_path / "good").read_bytes())


@pytest.mark.parametrize("dtype", ["F8_E4M3", "F8_E5M2", "BF16", "nope"])
def test_types_that_numpy_has_not_are_refused(dtype, tmp_path):
    n_bytes = 4 if dtype == "BF16" else 2
    theta = {"dtype": dtype, "shape": [2], "data_offsets": [0, n_bytes]}
    header = json.dumps({"__metadata__": {"glassnet": '{"kind": "MLPRegressor"}'}, "theta": theta})
    (tmp_path / "model").write_bytes(packed(header, bytes(n_bytes)))
    refuse(tmp_path / "model", f"numbers of the type '{dtype}'")


def test_a_name_that_stands_twice_is_refused(good, tmp_path):
    header, data = good
    texts = json.loads(header)["__metadata__"]
    twice = header.replace('{"__metadata__":', f'{{"__metadata__":{json.dumps(texts)},"__metadata__":', 1)
    (tmp_path / "model").write_bytes(packed(twice, data))
    refuse(tmp_path / "model", "'__metadata__' is there twice")
    write_model(tmp_path / "model", {}, {"kind": "MLPClassifier"})
    content = save({}, {"glassnet": '{"kind": "MLPClassifier", "kind": "MLPRegressor"}'})
    (tmp_path / "model").write_bytes(content)
    refuse(tmp_path / "model", "'kind' is there twice")


@pytest.mark.parametrize("size", [2**63, 2**40, 10**8 + 1, 0])
def test_a_header_of_a_length_that_cannot_be_is_refused(size, good, tmp_path, peak_growth):
    header, data = good
    (tmp_path / "model").write_bytes(struct.pack("<Q", size) + header.encode() + data)
    assert peak_growth(lambda: refuse(tmp_path / "model", "not a glassnet model file")) < 1e6


def test_a_header_of_too_many_values_is_refused_before_they_are_made(tmp_path, monkeypatch, peak_growth):
    monkeypatch.setattr(model_file, "MOST_VALUES", 100_000)
    text = json.dumps({"kind": "MLPClassifier", "x": [[]] * 300_000})
    (tmp_path / "model").write_bytes(save({}, {"glassnet": text}))
    assert peak_growth(lambda: refuse(tmp_path / "model", "more than 100,000 values")) < 5 * len(text)


@pytest.mark.parametrize("value", ["7", "[]", '"text"', "null"])
def test_a_header_that_is_no_table_is_refused(value, tmp_path):
    (tmp_path / "model").write_bytes(packed(value, b""))
    refuse(tmp_path / "model", "and no names with values")
    (tmp_path / "model").write_bytes(save({}, {"glassnet": value}))
    refuse(tmp_path / "model", "and no names with values")


def test_many_arrays_are_refused(tmp_path):
    (tmp_path / "model").write_bytes(save({str(i): np.zeros(1) for i in range(100)}, {"glassnet": "{}"}))
    refuse(tmp_path / "model", "it holds 100 arrays")


@pytest.mark.parametrize("kind", ["\x1b[31m" + "x" * 5000, "os.system", "", 3, None, ["NeuralNetwork"]])
def test_a_kind_that_is_no_name_is_refused(kind, tmp_path):
    (tmp_path / "model").write_bytes(save({}, {"glassnet": json.dumps({"kind": kind})}))
    refuse(tmp_path / "model", "it holds a model of the kind")
    with pytest.raises(DataFileError) as caught:
        glassnet.load(tmp_path / "model")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("depth", [500, 100_000])
def test_values_nested_deep_are_refused(depth, tmp_path):
    make, X, y = MODELS["regressor"]
    _, arrays, header = saved_as(make().fit(X, y), tmp_path)
    write_model(tmp_path / "model", arrays, header)
    header["parameters"]["alpha"] = "DEEP"
    write_model(tmp_path / "model", arrays, header)
    content = (tmp_path / "model").read_bytes()
    text = parts_of(content)[0]
    texts = json.loads(text)
    inner = texts["__metadata__"]["glassnet"].replace('"DEEP"', "[" * depth + "]" * depth)
    digest = hashlib.sha256(inner.encode()).hexdigest()
    texts["__metadata__"] = {"glassnet": inner, "glassnet_sha256": digest}
    (tmp_path / "model").write_bytes(packed(json.dumps(texts), parts_of(content)[1]))
    refuse(tmp_path / "model", "damaged|no network")
