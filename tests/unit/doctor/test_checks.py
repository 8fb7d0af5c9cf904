"""Every check finds its fault in a sick network, and nothing in a healthy one."""

import contextlib
import warnings
from collections.abc import Callable
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network
from sklearn import metrics
from sklearn.datasets import load_digits

import glassnet
from glassnet.doctor import Remembered, diagnose
from glassnet.doctor.checks.table import CHECKS
from glassnet.errors import DivergedError, InvalidDataError

X_ALL, Y_ALL = load_digits(return_X_y=True)
X, Y = X_ALL[:1200] / 16, Y_ALL[:1200]
X_TEST, Y_TEST = X_ALL[1200:] / 16, Y_ALL[1200:]
SETTINGS: dict[str, Any] = {
    "N": 2,
    "A": [32, 16],
    "lr": 0.1,
    "epochs": 30,
    "batch_size": 32,
    "random_state": 0,
}


def fit(X=X, y=Y, early_stopping=True, **settings):
    """Return a network after training, whatever came of it."""
    network = glassnet.NeuralNetwork(**SETTINGS | settings)
    with contextlib.suppress(DivergedError):
        network.fit(X, y, early_stopping=early_stopping)
    return network


@cache
def usual():
    """Return the usual network, which many diagnoses share: they leave it as it is."""
    return fit()


@lru_cache(maxsize=8)
def memory(*arrays):
    """Return what is remembered of the same arrays: most diagnoses are of the digits."""
    return Remembered()


def examine(model, X=X, y=Y, X_test=X_TEST, y_test=Y_TEST, **more):
    remembered = memory(*map(id, (X, y, X_test, y_test)))
    return diagnose(model, X, y, X_test=X_test, y_test=y_test, remembered=remembered, **more)


@cache
def silent():
    """Return what is said of a network whose weights are all zero."""
    return examine(fit(weight_init="zero"))


def drawn(scale):
    return lambda rng, fan_in, fan_out: rng.normal(0, scale, (fan_in, fan_out))


def positive_only(rng, fan_in, fan_out):
    return -np.abs(rng.normal(0, 0.3, (fan_in, fan_out)))


def loud_output(rng, fan_in, fan_out):
    return rng.normal(0, (30 if fan_out == 10 else 1.4) / fan_in**0.5, (fan_in, fan_out))


def wide(rng, fan_in, fan_out):
    return rng.normal(0, 4, (fan_in, fan_out))


def flawed_relu(z):
    return np.maximum(z, 0)


def few(n, seed=0):
    return np.random.default_rng(seed).choice(len(X), n, replace=False)


def sick_constant_inputs():
    constant = np.ones_like(X)
    return examine(fit(constant), constant, X_test=None, y_test=None)


def sick_unscaled():
    return examine(fit(X * 255), X * 255, X_test=X_TEST * 255)


def sick_tiny_inputs():
    return examine(fit(X / 255), X / 255, X_test=X_TEST / 255)


def sick_shifted():
    y = np.roll(Y, 1)
    return examine(fit(y=y), y=y)


def sick_unrelated():
    y = np.random.default_rng(1).permutation(Y)
    return examine(fit(y=y), y=y)


def sick_imbalance():
    rare = np.flatnonzero(Y == 3)[:20]
    rows = np.concatenate([np.flatnonzero(Y == 0), rare])
    return examine(fit(X[rows], Y[rows]), X[rows], Y[rows], None, None)


def sick_leak():
    X_test, y_test = np.concatenate([X_TEST, X[:200]]), np.concatenate([Y_TEST, Y[:200]])
    return examine(usual(), X_test=X_test, y_test=y_test)


def sick_overfit():
    rows = few(120)
    return examine(fit(X[rows], Y[rows], early_stopping=False, epochs=200, batch_size=20), X[rows], Y[rows])


def table(n=600, d=8, seed=0, n_test=300):
    """Return a noisy table of a smooth function, and its test part: X, y, X_test, y_test."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n + n_test, d))
    y = features[:, 0] + np.sin(2 * features[:, 1]) + 0.5 * features[:, 2] * features[:, 3]
    y = y + 0.3 * rng.normal(size=len(y))
    return features[:n], y[:n], features[n:], y[n:]


def regress(X, y, **settings):
    """Return a regressor after training."""
    model = glassnet.MLPRegressor(
        hidden_layer_sizes=(32,),
        **{"max_iter": 150, "learning_rate_init": 0.005, "batch_size": 32, "random_state": 0} | settings,
    )
    return quietly(model, X, y)


def classify(X=X, y=Y, **settings):
    model = glassnet.MLPClassifier(
        (32,), **{"max_iter": 30, "batch_size": 32, "random_state": 0, "learning_rate_init": 0.003} | settings
    )
    return quietly(model, X, y)


def quietly(model, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(DivergedError):
            model.fit(X, y)
    return model


def sick_one_hot():
    rows = np.eye(10, dtype=int)[Y]
    return examine(classify(y=rows), y=rows, X_test=None, y_test=None)


def sick_classes_on_numbers():
    X, y, *_ = table()
    labels = np.round(50 * y).astype(int)
    return examine(classify(X, labels, max_iter=3), X, labels, None, None)


def sick_regression_on_classes():
    return examine(regress(X, Y.astype(float), max_iter=20), X, Y.astype(float), None, None)


def sick_target_leak():
    X, y, X_test, y_test = table()
    X, X_test = np.column_stack([X, y * 0.1 + 3]), np.column_stack([X_test, y_test * 0.1 + 3])
    return examine(regress(X, y), X, y, X_test, y_test)


def sick_reordered_columns():
    order = np.random.default_rng(0).permutation(64)
    return examine(classify(), X_test=X_TEST[:, order])


def sick_missing_codes():
    X, y, X_test, y_test = table()
    X = X.copy()
    X[np.random.default_rng(0).random(X.shape) < 0.05] = -999
    return examine(regress(X, y), X, y, X_test, y_test)


def sick_identifiers():
    X, y, X_test, y_test = table()
    order = np.argsort(y)
    X = np.column_stack([X[order], np.arange(len(X))])
    X_test = np.column_stack([X_test, len(X) + np.arange(len(X_test))])
    return examine(regress(X, y[order]), X, y[order], X_test, y_test)


def sick_unscaled_targets():
    X, y, X_test, y_test = table()
    return examine(regress(X, y + 300, max_iter=20), X, y + 300, X_test, y_test + 300)


def sick_unshuffled():
    order = np.argsort(Y, kind="stable")
    return examine(
        classify(X[order], Y[order], shuffle=False, max_iter=5, solver="sgd", learning_rate_init=0.3),
        X[order],
        Y[order],
    )


def sick_noisy_labels():
    rng = np.random.default_rng(0)
    y = Y.copy()
    wrong = rng.random(len(y)) < 0.3
    y[wrong] = rng.integers(0, 10, wrong.sum())
    return examine(classify(y=y), y=y)


def sick_few_samples():
    rows = few(50)
    return examine(classify(X[rows], Y[rows], max_iter=100), X[rows], Y[rows])


def sick_oscillation():
    # tiny batches in double precision: it oscillates with every seed, whichever kernels round its numbers
    return examine(fit(lr=0.2, batch_size=2, epochs=25, early_stopping=False, dtype="float64"))


def sick_outliers():
    X, y, X_test, y_test = table()
    y = y.copy()
    y[[3, 77, 200]] *= 1000
    return examine(regress(X, y), X, y, X_test, y_test)


def sick_target_shift():
    X, y, *_ = table()
    order = np.argsort(y)
    X, y = X[order], y[order]
    return examine(regress(X[:400], y[:400]), X[:400], y[:400], X[400:], y[400:])


def sick_module(*last, n_gradients=0):
    """Examine a module of PyTorch that is not trained, and holds the sum of so many gradients."""
    torch = pytest.importorskip("torch", reason="there is no PyTorch: these checks look into its modules")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(64, 16), torch.nn.ReLU(), torch.nn.Linear(16, 10), *last)
    loss, inputs = torch.nn.CrossEntropyLoss(), X.astype(np.float32)
    for _ in range(n_gradients):
        loss(module(torch.from_numpy(inputs)), torch.from_numpy(Y)).backward()
    return diagnose(module, inputs, Y, loss=loss, learning_rate=0.05)


def softmaxed():
    return sick_module(pytest.importorskip("torch").nn.Softmax(dim=1))


SICK: dict[str, Callable[[], Any]] = {
    "output-misfit": softmaxed,
    "kept-gradients": lambda: sick_module(n_gradients=300),
    "outliers": sick_outliers,
    "target-shift": sick_target_shift,
    "unseen-classes": lambda: examine(usual(), y_test=np.where(Y_TEST == 3, 33, Y_TEST)),
    "one-hot-labels": sick_one_hot,
    "classes-on-numbers": sick_classes_on_numbers,
    "regression-on-classes": sick_regression_on_classes,
    "target-leak": sick_target_leak,
    "reordered-columns": sick_reordered_columns,
    "reordered-test-labels": lambda: examine(usual(), y_test=np.random.default_rng(0).permutation(Y_TEST)),
    "missing-codes": sick_missing_codes,
    "identifier-columns": sick_identifiers,
    "unscaled-targets": sick_unscaled_targets,
    "strong-penalty": lambda: examine(classify(alpha=100.0)),
    "strong-dropout": lambda: examine(classify(dropout=0.97)),
    "tight-clipping": lambda: examine(classify(solver="sgd", learning_rate_init=0.1, max_grad_norm=1e-3)),
    "odd-optimizer": lambda: examine(classify(epsilon=10.0)),
    "large-momentum": lambda: examine(classify(solver="sgd", momentum=0.9999, learning_rate_init=0.05)),
    "unshuffled-batches": sick_unshuffled,
    "few-steps": lambda: examine(classify(solver="sgd", batch_size=1200, learning_rate_init=0.05)),
    "decayed-rate": lambda: examine(
        classify(solver="sgd", learning_rate="invscaling", power_t=1.0, learning_rate_init=0.1)
    ),
    "noisy-labels": sick_noisy_labels,
    "few-samples": sick_few_samples,
    "falls-short": silent,
    "constant-inputs": sick_constant_inputs,
    "unscaled-inputs": sick_unscaled,
    "shifted-labels": sick_shifted,
    "unrelated-labels": sick_unrelated,
    "class-imbalance": sick_imbalance,
    "test-leak": sick_leak,
    "scale-shift": lambda: examine(usual(), X_test=X_TEST / 255),
    "permuted-labels": lambda: examine(usual(), y_test=(Y_TEST + 1) % 10),
    "wrong-gradient": lambda: examine(fit(activation=flawed_relu, activation_grad=flawed_relu)),
    "symmetric-units": silent,
    "large-weights": lambda: examine(fit(weight_init=drawn(3), activation="tanh")),
    "small-weights": lambda: examine(fit(weight_init=drawn(1e-3))),
    "large-learning-rate": lambda: examine(fit(lr=30)),
    "dead-units": lambda: examine(fit(weight_init=positive_only)),
    "saturated-units": lambda: examine(fit(weight_init=wide, activation="sigmoid")),
    "vanishing-gradients": lambda: examine(fit(N=5, A=[32] * 5, activation="sigmoid")),
    "exploding-gradients": lambda: examine(fit(N=6, A=[64, 48, 32, 24, 16, 8], weight_init=drawn(1.5))),
    "linear-network": lambda: examine(fit(activation="identity")),
    "too-few-units": lambda: examine(fit(A=[32, 1])),
    "small-learning-rate": lambda: examine(fit(lr=1e-5)),
    "large-initial-loss": lambda: examine(fit(weight_init=loud_output)),
    "early-end": lambda: examine(fit(epochs=1)),
    "overfitting": sick_overfit,
    "not-finite": lambda: examine(fit(lr=1e5, activation="identity")),
    "oscillating-loss": sick_oscillation,
    "stuck-loss": silent,
    "unfit-batch": silent,
    "blind-network": silent,
    "wrong-measure": lambda: examine(usual(), reported="0.5"),
    "constant-answer": lambda: examine(usual(), X_test=X_TEST * 0),
    "small-test": lambda: examine(usual(), X_test=X_TEST[:12], y_test=Y_TEST[:12]),
    "many-parameters": lambda: examine(fit(X[few(100)], Y[few(100)], A=[200, 100]), X[few(100)], Y[few(100)]),
}


@cache
def sick(code):
    """Return what is said of a network that has this fault."""
    return SICK[code]()


@pytest.fixture(scope="module")
def healthy():
    network = usual()
    return examine(network, reported=network.score(X_TEST, Y_TEST))


@pytest.mark.parametrize("code", list(CHECKS))
def test_a_check_finds_its_fault(code):
    diagnosis = sick(code)
    assert code in diagnosis.codes
    finding = next(finding for finding in diagnosis.findings if finding.code == code)
    assert finding.measured
    assert finding.threshold == CHECKS[code].rule
    assert finding.cure.text


@pytest.mark.parametrize("code", list(CHECKS))
def test_a_check_finds_nothing_in_a_healthy_network(code, healthy):
    assert code not in healthy.codes


def test_tiny_inputs_are_unscaled_inputs():
    assert sick_tiny_inputs().first.code == "unscaled-inputs"


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_healthy_networks_of_any_activation_have_no_high_finding(activation):
    lr = 0.5 if activation == "sigmoid" else 0.1
    assert examine(fit(activation=activation, lr=lr, epochs=60, N=1, A=[32])).is_healthy


CAUSES = [
    "unscaled-inputs",
    "shifted-labels",
    "symmetric-units",
    "small-weights",
    "large-learning-rate",
    "dead-units",
    "vanishing-gradients",
    "too-few-units",
    "small-learning-rate",
    "early-end",
    "overfitting",
    "linear-network",
    "wrong-gradient",
    "scale-shift",
    "permuted-labels",
    "test-leak",
]


@pytest.mark.parametrize("code", CAUSES)
def test_a_cause_stands_before_its_symptoms(code):
    assert sick(code).first.code == code


@pytest.mark.parametrize(
    "model",
    [
        sklearn.neural_network.MLPClassifier((32,), max_iter=60, random_state=0),
        sklearn.neural_network.MLPRegressor(
            hidden_layer_sizes=(32,), max_iter=200, learning_rate_init=0.01, random_state=0
        ),
        glassnet.MLPClassifier((32,), max_iter=60, random_state=0),
        glassnet.MLPRegressor(
            hidden_layer_sizes=(32,), max_iter=200, learning_rate_init=0.01, random_state=0
        ),
        sklearn.neural_network.MLPClassifier((16,), solver="lbfgs", max_iter=60, random_state=0),
    ],
    ids=["sklearn-classifier", "sklearn-regressor", "classifier", "regressor", "lbfgs"],
)
def test_healthy_estimators_are_healthy_fitted_and_untrained(model):
    data = table() if "Regressor" in type(model).__name__ else (X, Y, X_TEST, Y_TEST)
    assert diagnose(model, *data[:2]).is_healthy
    assert examine(quietly(model, *data[:2]), *data).is_healthy


def test_sick_estimators_of_scikit_learn_are_found():
    classifier = sklearn.neural_network.MLPClassifier((32,), max_iter=2, random_state=0)
    regressor = sklearn.neural_network.MLPRegressor(
        hidden_layer_sizes=(32,), max_iter=50, random_state=0, activation="identity"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert examine(classifier.fit(X, Y)).first.code == "early-end"
        assert "linear-network" in examine(regressor.fit(X, Y.astype(float)), y=Y.astype(float)).codes
        for parameters in [*classifier.coefs_, *classifier.intercepts_]:
            parameters[...] = 0.0
    assert examine(classifier).first.code == "symmetric-units"


def test_units_that_differ_a_little_are_not_the_same():
    def nearly_constant(rng, fan_in, fan_out):
        return 0.1 + 0.001 * rng.normal(size=(fan_in, fan_out))

    assert "symmetric-units" not in examine(fit(weight_init=nearly_constant)).codes


def test_the_worst_comes_first_whatever_its_place_in_the_table():
    codes = examine(fit(activation="identity", epochs=1, lr=0.02)).codes
    assert codes.index("early-end") < codes.index("linear-network")
    assert list(CHECKS).index("early-end") > list(CHECKS).index("linear-network")


@pytest.mark.parametrize("code", ["scale-shift", "permuted-labels"])
def test_wrong_test_data_are_not_taken_for_overfitting(code):
    assert "overfitting" not in sick(code).codes


def test_a_slip_that_gives_the_reported_score_is_named():
    network = fit()
    accuracy = network.score(X_TEST, Y_TEST)
    subset = ((network.predict_prob(X_TEST) > 0.5) == (np.arange(10) == Y_TEST[:, np.newaxis])).all(axis=1)
    expected = {
        f"{1 - 2 * (1 - accuracy) / 10:.6f}": "it is the element-wise accuracy of one-hot rows.",
        f"{subset.mean():.6f}": "the subset accuracy.",
        f"{network.score(X, Y):.6f}": "it is the training accuracy.",
        f"{1 - 2 * (1 - (Y_TEST == 3).mean()) / 10:.6f}": "of the constant answer “3”.",
    }
    for reported, words in expected.items():
        finding = next(f for f in examine(network, reported=reported).findings if f.code == "wrong-measure")
        assert finding.title.endswith(words)
        assert f"{accuracy:.4f}" in finding.title


def test_the_rows_that_are_scored_do_not_change_the_training_accuracy(monkeypatch):
    network = fit()
    monkeypatch.setattr("glassnet.doctor.measure.measured.SCORED_ROWS", 100)
    finding = next(
        f
        for f in examine(network, reported=f"{network.score(X, Y):.6f}").findings
        if f.code == "wrong-measure"
    )
    assert finding.title.endswith("it is the training accuracy.")


def test_the_reported_score_is_named_from_the_catalogue_of_the_claims_and_from_the_history():
    network = fit()
    answers, probabilities = network.predict(X_TEST), network.predict_prob(X_TEST)
    expected = {
        f"{metrics.f1_score(Y_TEST, answers, average='macro'):.7f}": "the macro F1",
        f"{metrics.zero_one_loss(Y_TEST, answers):.6f}": "the error rate",
        f"{metrics.top_k_accuracy_score(Y_TEST, probabilities, k=2):.6f}": "the top-2 accuracy",
        f"{metrics.accuracy_score(Y_TEST[1:], answers[:-1]):.7f}": "the accuracy with the rows off by one",
    }
    for reported, words in expected.items():
        finding = next(f for f in examine(network, reported=reported).findings if f.code == "wrong-measure")
        assert words in finding.title
    accuracy = network.score(X_TEST, Y_TEST)
    assert "wrong-measure" not in examine(network, reported=f"{100 * accuracy:.2f}%").codes
    finding = next(f for f in examine(network, reported="0.4321").findings if f.code == "wrong-measure")
    assert "is not the accuracy" in finding.title
    assert finding.title.endswith(f"{accuracy:.4f}.")


@pytest.mark.parametrize("reported", ["good", 1.2, "nan", -0.1, "120%"])
def test_a_reported_score_is_a_share(reported):
    with pytest.raises(InvalidDataError, match="from 0 to 1"):
        examine(fit(epochs=1), reported=reported)


def test_a_reported_score_needs_answers_to_compare_with():
    with pytest.raises(InvalidDataError, match="X_test and y_test"):
        diagnose(fit(epochs=1), X, Y, reported=0.9)


def test_one_learnt_batch_is_enough_to_tell_that_a_batch_can_be_learnt():
    rates: list[float] = []

    class Learnt:
        falls_short, batch_base_loss = True, 1.0

        def batch_trial(self, factor):
            rates.append(factor)
            return SimpleNamespace(last_loss=0.01 if len(rates) == 2 else 5.0)

    network: Any = Learnt()
    assert CHECKS["unfit-batch"](network) is None
    assert len(rates) == 2
