"""Random models, and what onnxruntime makes of their files beside what they answer themselves."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.models import TabularMLPClassifier, TabularMLPRegressor
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.losses import LOSSES, head_of

Pairs = list[tuple[NDArray[Any], NDArray[Any]]]


def run_onnx(model: Any, X: Any) -> dict[str, NDArray[Any]]:
    """Return what onnxruntime answers, by the name of the output, to one input or a column for each."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString())
    given = X if isinstance(X, dict) else {"X": X}
    return dict(zip([out.name for out in session.get_outputs()], session.run(None, given), strict=True))


def columns_of(table: Any, model: Any) -> dict[str, NDArray[Any]]:
    """Return a data frame as a file is given it, by the inputs of the file."""
    import pandas as pd
    from onnx import TensorProto

    given = {}
    for value in model.graph.input:
        column = table[value.name]
        if value.type.tensor_type.elem_type == TensorProto.STRING:
            given[value.name] = column.fillna("").astype(str).to_numpy(object)[:, np.newaxis]
        elif column.dtype.kind == "m":
            given[value.name] = (column / pd.Timedelta(days=1)).to_numpy()[:, np.newaxis]
        else:
            given[value.name] = column.astype(float).to_numpy()[:, np.newaxis]
    return given


def answers_of(model: Any, X: NDArray[Any], encoded: NDArray[Any] | None = None) -> Pairs:
    """Return the outputs of a model's file beside its own answers, one pair each."""
    n_features, dtype = X.shape[1], model.parameters_.theta.dtype
    assert encoded is not None or n_features == model.n_features_in_
    if encoded is None:
        found = run_onnx(model.to_onnx(), X.astype(dtype))
    else:  # the network alone answers as the whole does
        file = model.to_onnx()
        found = run_onnx(file, columns_of(X, file))
        alone = run_onnx(model.to_onnx(encoded=True), encoded.astype(dtype))
        assert farthest([(alone[name], found[name]) for name in found]) < 1e-4
    if isinstance(model, MLPAutoencoder):
        return [(found["variable"], model.transform(X)), (found["reconstruction"], model.reconstruct(X))]
    if "variable" in found:
        own = model.predict(X)
        return [(found["variable"], own.reshape(len(own), -1))]
    return [(found["label"], model.predict(X)), (found["probabilities"], model.predict_proba(X))]


def farthest(pairs: Pairs) -> float:
    """Return the largest difference, relative to numbers above 1; labels must be equal."""
    worst = 0.0
    for found, own in pairs:
        assert found.shape == own.shape, (found.shape, own.shape)
        if own.dtype.kind == "f":
            worst = max(worst, float(np.max(np.abs(found - own) / np.maximum(1, np.abs(own)))))
        else:
            assert (found == own).all(), (found[found != own], own[found != own])
    return worst


def random_model(seed: int) -> tuple[Any, NDArray[Any], NDArray[Any] | None]:
    """Return a trained model, rows to answer, and these as its encoder encodes them, if it has one."""
    rng = np.random.default_rng(seed)
    n, n_features = 60, int(rng.integers(1, 8))
    dtype = str(rng.choice(["float32", "float64"]))
    X = rng.normal(0, rng.choice([0.5, 2.0]), (n, n_features)).astype(dtype)
    sizes = tuple(rng.integers(1, 12, rng.integers(1, 4)).tolist())
    activation = str(rng.choice(list(ACTIVATIONS)))
    score = X[:, 0] + rng.normal(0, 0.3, n)
    codes = np.digitize(score, np.quantile(score, [0.3, 0.6]))
    labels = [codes, np.array(["ant", "bee", "cow"])[codes], codes > 1, codes * 2.0][rng.integers(4)]
    common: dict[str, Any] = {"max_iter": 3, "random_state": seed}
    kind = seed % 9  # so that a few seeds have all classes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # too few epochs
        if kind < 2:
            kind_of_loss = str(rng.choice([name for name, head in LOSSES.items() if head.makes_classifier]))
            outputs: list[Any] = [
                name for name in (None, "sigmoid", "softmax", "tanh") if _fits(kind_of_loss, name)
            ]
            network = NeuralNetwork(
                N=len(sizes), A=list(sizes), lr=0.01, activation=activation, epochs=3, random_state=seed,
                dtype=dtype, loss=kind_of_loss, output_activation=outputs[rng.integers(len(outputs))],
            )  # fmt: skip
            return network.fit(X, labels, early_stopping=False), X, None
        settings = {"hidden_layer_sizes": sizes, "activation": activation, "dtype": dtype} | common
        if kind < 4:
            several = np.column_stack([score > 0, score < 1, X[:, -1] > 0]).astype(int)
            return MLPClassifier(**settings).fit(X, several if rng.random() < 0.3 else labels), X, None
        if kind < 6:
            losses = [name for name, head in LOSSES.items() if head.estimates_numbers]
            loss: Any = str(rng.choice(losses))
            y = np.abs(np.column_stack([score, 2 * score]))
            if loss == "pinball":
                levels: Any = [0.5, [0.1, 0.5, 0.9]][rng.integers(2)]
                return MLPRegressor(loss=loss, quantiles=levels, **settings).fit(X, y[:, 0]), X, None
            return MLPRegressor(loss=loss, **settings).fit(X, y[:, : rng.integers(1, 3)]), X, None
        if kind < 7:
            return MLPAutoencoder(**settings).fit(X), X, None
        return _random_tabular(rng, X, labels if kind == 7 else None, score, common | {"dtype": dtype})


def random_table(rng: np.random.Generator, X: NDArray[Any]) -> Any:
    """Return a data frame of numbers, text and truth values, with gaps, in any order of the columns."""
    import pandas as pd

    n = len(X)
    table = pd.DataFrame(X.astype(float), columns=[f"number {i}" for i in range(X.shape[1])])
    table["year"] = 2000 + 20 * rng.random(n)
    table.loc[rng.random(n) < 0.2, "number 0"] = np.nan
    table["grade"] = pd.Categorical(rng.integers(1, 5, n))
    table["colour"] = rng.choice(np.array(["red", "blue", "grün"]), n).astype(object)
    table["town"] = rng.choice(np.array([f"town {i}" for i in range(14)]), n).astype(object)
    table["side"] = rng.choice(np.array(["left", "right"]), n).astype(object)
    table["old"] = rng.random(n) < 0.5
    table["same"] = "same"
    for name in ("colour", "side", "town"):
        if rng.random() < 0.7:
            table.loc[rng.random(n) < 0.2, name] = None
    return table.iloc[:, rng.permutation(table.shape[1])]


def _random_tabular(rng: Any, X: Any, labels: Any, score: Any, settings: Any) -> tuple[Any, Any, Any]:
    table = random_table(rng, X)
    settings |= {
        "recipe": str(rng.choice(["realmlp", "realmlp-s", "plain"])),
        "numbers": str(rng.choice(["auto", "robust", "standard"])),
        "hidden_layer_sizes": (8, 8),
        "n_ensemble": int(rng.integers(1, 4)),
        "ensemble": str(rng.choice(["seeds", "tabm"])),
    }
    if labels is not None:
        calibration: Any = "temperature" if rng.random() < 0.5 else None
        model: Any = TabularMLPClassifier(calibration=calibration, **settings).fit(table, labels)
    else:
        levels = (0.1, 0.9) if rng.random() < 0.3 else None
        model = TabularMLPRegressor(quantiles=levels, **settings).fit(table, score)
    return model, table, model.encoder_.transform(table)


def _fits(loss: str, output: str | None) -> bool:
    try:
        head_of(loss, output)
    except ValueError:
        return False
    return True
