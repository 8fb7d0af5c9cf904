import os

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from glassnet import MLPClassifier, MLPRegressor, diagnose, from_keras
from glassnet.errors import InvalidParameterError
from glassnet.models import view_of
from glassnet.nn.activations import ACTIVATIONS

pytest.importorskip("torch")
os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")
layers = keras.layers

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own

X = np.random.default_rng(0).normal(size=(40, 4))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["labels", "two", "numbers"])
def test_a_network_comes_back_from_keras_bit_for_bit(kind, dtype):
    y = {"labels": np.digitize(X[:, 0], [-0.5, 0.5]), "two": X[:, 0] > 0, "numbers": X[:, 0]}[kind]
    cls = MLPRegressor if kind == "numbers" else MLPClassifier
    model = cls(hidden_layer_sizes=(5, 3), max_iter=20, tol=1e9, dtype=dtype, dropout=0.5, random_state=0)
    model.fit(X, y)
    back = from_keras(model.to_keras())
    assert_array_equal(back.parameters_.theta, model.parameters_.theta)
    assert (back.dropout, back.architecture_) == (0.5, model.architecture_)
    answers = np.asarray(model.to_keras().predict(X, verbose=0))
    own = model.predict(X) if kind == "numbers" else model.predict_proba(X)[:, -answers.shape[1] :]
    assert_allclose(answers, own.reshape(answers.shape), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if "keras" in ACTIVATIONS[name].elsewhere])
def test_each_activation_is_the_same_layer(name):
    model = MLPRegressor(hidden_layer_sizes=(5,), activation=name, max_iter=20, tol=1e9, random_state=0)
    keras_model = model.fit(X, X[:, 0]).to_keras()
    back = from_keras(keras_model)
    assert back.architecture_.activations == model.architecture_.activations
    assert_allclose(
        np.asarray(keras_model.predict(X, verbose=0))[:, 0], model.predict(X), rtol=1e-4, atol=1e-5
    )


def test_a_model_as_people_write_it_is_read():
    model = keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(6, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(5),
            layers.ReLU(),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax", use_bias=False),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    network = from_keras(model)
    assert [activation.name for activation in network.architecture_.activations] == ["relu", "relu"]
    assert_allclose(model.predict(X, verbose=0), network.predict_proba(X), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (layers.BatchNormalization(), "BatchNormalization"),
        (layers.LeakyReLU(0.3), "LeakyReLU"),
        (layers.Dense(2, activation="hard_sigmoid"), "a Dense that glassnet has not"),
    ],
)
def test_what_cannot_be_taken_is_named(layer, named):
    with pytest.raises(InvalidParameterError, match=named):
        from_keras(keras.Sequential([layers.Input((4,)), layers.Dense(3), layer]))
    with pytest.raises(InvalidParameterError, match="is built"):
        from_keras(keras.Sequential([layers.Dense(3)]))


def test_the_doctor_looks_into_a_model_and_knows_its_training():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 4)).astype("float32")
    y = (rows.sum(axis=1) > 0).astype(int)
    model = keras.Sequential(
        [layers.Input((4,)), layers.Dense(8, "relu", kernel_initializer="zeros"), layers.Dense(2, "softmax")]
    )
    model.compile(keras.optimizers.SGD(0.1, momentum=0.5), "sparse_categorical_crossentropy")
    model.fit(rows, y, epochs=3, verbose=0)
    view = view_of(model)
    assert (view.learning_rate, view.is_trained, len(view.history)) == (pytest.approx(0.1), True, 3)
    assert repr(view.optimizer).startswith("SGD(momentum=0.5")
    assert diagnose(model, rows, y).first.code == "symmetric-units"
