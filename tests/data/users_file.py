"""A file as users write it. Nothing runs it: tests/contract/test_types.py gives it to type checkers.

A line that ends in "error" must be one to them; any other must not.
"""

from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet
from glassnet import (
    EpochRecord,
    History,
    LossCurveDisplay,
    MLPAutoencoder,
    MLPClassifier,
    MLPRegressor,
    NeuralNetwork,
    Stream,
    diagnose,
    grade,
    load,
    load_mnist,
    trace,
)
from glassnet.data import ImageData
from glassnet.doctor import Diagnosis
from glassnet.models import View, view_of
from glassnet.nn import (
    ACTIVATIONS,
    OPTIMIZERS,
    SGD,
    Activation,
    Architecture,
    OneCycle,
    Optimizer,
    Parameters,
)
from glassnet.worked import Grade, Trace

Numbers = NDArray[np.floating[Any]]

X = np.random.default_rng(0).normal(size=(100, 4))
y = X[:, 0] > 0


def stop_early(record: EpochRecord) -> bool:
    assert_type(record.loss, float)
    assert_type(record.validation_loss, float | None)
    return record.loss < 0.1


# -- the classifier ----------------------------------------------------------------------------------------

model = MLPClassifier((16, 8), activation="tanh", solver="adam", dtype="float32", on_epoch=stop_early)
assert_type(model.fit(X, y), MLPClassifier)
assert_type(model.partial_fit(X, y, classes=[0, 1], X_val=X, y_val=y), MLPClassifier)
assert_type(model.initialize(X, y), MLPClassifier)
assert_type(model.set_params(alpha=0.1).fit(X, y), MLPClassifier)
assert_type(model.get_params(), dict[str, Any])
assert_type(model.classes_, NDArray[Any])
assert_type(model.coefs_, list[Numbers])
assert_type(model.intercepts_[0], Numbers)
assert_type(model.predict(X), NDArray[Any])
assert_type(model.predict_proba(X), Numbers)
assert_type(model.transform(X, layer=0), Numbers)
assert_type(model.score(X, y), float)
assert_type(model.loss_, float)
assert_type(model.loss_curve_, list[float])
assert_type(model.best_loss_, float | None)
assert_type(model.validation_scores_, list[float] | None)
assert_type(model.validation_loss_curve_, list[float])
assert_type(model.n_iter_, int)
assert_type(model.n_features_in_, int)
assert_type(model.feature_names_in_, NDArray[np.object_])
assert_type(model.out_activation_, str)
assert_type(model.stopped_, bool)
assert_type(model.history_, History)
assert_type(model.architecture_, Architecture)
assert_type(model.parameters_, Parameters)
model.coefs_[0] = np.zeros((4, 16))
model.coefs_ = [np.zeros((4, 16)), [[0.0, 1.0]]]

MLPClassifier(16, activation=[(np.tanh, lambda z: 1 - np.tanh(z) ** 2), "relu"], verbose=10)
MLPClassifier(np.array([16, 8]), random_state=np.random.default_rng(0), class_weight={"spam": 2.0})
MLPClassifier(class_weight="balanced", scoring="roc_auc", batch_size=32, learning_rate="adaptive")
MLPClassifier(activation="one that was added to ACTIVATIONS", weight_init="he")
MLPClassifier(learning_rate=lambda t: 1 - t).set_params(learning_rate=OneCycle(warmup=0.1))
MLPRegressor(learning_rate=OneCycle(warmup=0.1))

MLPClassifier(solver="adamm")  # error
MLPClassifier(learning_rate=lambda: 1.0)  # error
MLPClassifier(learning_rate="adaptiv")  # error
MLPClassifier(batch_size="all")  # error
MLPClassifier(dtype="float16")  # error
MLPClassifier(class_weight="balance")  # error
MLPClassifier(on_epoch=True)  # error
MLPClassifier(hidden_layer_size=(16,))  # error
MLPClassifier().fit(X, y, validation_data=(X, y))  # error
MLPClassifier().partial_fit(X, y, [0.5], [0, 1], X)  # error
model.predict()  # error

# -- the others --------------------------------------------------------------------------------------------

regressor = MLPRegressor("huber", hidden_layer_sizes=[16], solver="lbfgs", max_grad_norm=1.0)
assert_type(regressor.fit(X, X[:, 0]).predict(X), NDArray[Any])
assert_type(regressor.partial_fit(X, X[:, 0]), MLPRegressor)
MLPRegressor(loss="mse")  # error

coder = MLPAutoencoder((32, 8), symmetric=True, bottleneck="smallest")
assert_type(coder.fit(X, X_val=X), MLPAutoencoder)
assert_type(coder.bottleneck_, int)
assert_type(coder.reconstruct(X), Numbers)
MLPAutoencoder(bottleneck="widest")  # error

network = NeuralNetwork(N=2, A=[5, 4], activation=np.tanh, optimizer=SGD(momentum=0.5), dtype=np.float64)
assert_type(network.fit(X, y, early_stopping=False, on_epoch=stop_early), NeuralNetwork)
assert_type(network.partial_fit(X, y, [False, True]), NeuralNetwork)
assert_type(network.classes_, NDArray[Any])
assert_type(network.weights_, list[Numbers])
assert_type(network.predict(X), NDArray[Any])
assert_type(network.predict_proba(X), Numbers)
assert_type(network.score(X, y), float)
NeuralNetwork(N="2", A=[5, 4])  # error
network.fit(X, y, patience="long")  # error

# -- in scikit-learn's company -----------------------------------------------------------------------------

pipeline = make_pipeline(StandardScaler(), MLPClassifier(random_state=0)).fit(X, y)
search = GridSearchCV(MLPClassifier(), {"alpha": [0.1, 1.0]}, cv=3).fit(X, y)
LossCurveDisplay.from_estimator(model)

# -- files, streams, traces, diagnoses ---------------------------------------------------------------------

model.save(Path("model.safetensors"))
assert_type(MLPClassifier.load("model.safetensors"), MLPClassifier)
assert_type(NeuralNetwork.load(Path("network.safetensors")), NeuralNetwork)
load("model.safetensors").predict(X)
model.save(3)  # error

stream = Stream.of_arrays(X, y, rows=1000)
assert_type(stream, Stream)
assert_type(MLPClassifier().fit(stream).score(stream), float)
Stream(3)  # error

assert_type(trace("assignment"), Trace)
assert_type(grade("assignment", "sheet.csv"), Grade)
assert_type(diagnose(model, X, y), Diagnosis)
assert_type(view_of(model), View)
assert_type(load_mnist(), ImageData)
assert_type(glassnet.__version__, str)
assert_type(ACTIVATIONS["tanh"], Activation)
assert_type(OPTIMIZERS["adam"], Optimizer)
glassnet.MLPClasifier()  # error
glassnet.nn.Adamm()  # error
