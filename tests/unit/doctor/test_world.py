"""Networks and data of the world: tables, noise, regression, repeated rows, settings that went wrong."""

import contextlib
import warnings

import numpy as np
import pandas
import pytest
import sklearn.neural_network
from sklearn.datasets import load_diabetes, load_digits, make_friedman1
from sklearn.preprocessing import StandardScaler

import glassnet
from glassnet.doctor import diagnose
from glassnet.doctor.findings import Severity
from glassnet.errors import DivergedError

FRIEDMAN, TARGET = make_friedman1(900, noise=0.5, random_state=0)
X_FRIEDMAN = StandardScaler().fit_transform(FRIEDMAN)
Y_FRIEDMAN = (TARGET - TARGET.mean()) / TARGET.std()


def fitted(model, X, y):
    """Return a model after training, whatever came of it."""
    with warnings.catch_warnings(), contextlib.suppress(DivergedError, ValueError):
        warnings.simplefilter("ignore")
        model.fit(X, y)
    return model


def regressor(**settings):
    usual = {"learning_rate_init": 0.01, "max_iter": 60, "batch_size": 32, "random_state": 0}
    return glassnet.MLPRegressor(hidden_layer_sizes=(32,), **usual | settings)


def classifier(**settings):
    usual = {"learning_rate_init": 0.005, "max_iter": 40, "batch_size": 32, "random_state": 0}
    return glassnet.MLPClassifier((32,), **usual | settings)


def examine(model, X, y, n_train):
    """Train on the first rows, and diagnose with the others as test data."""
    fitted(model, X[:n_train], y[:n_train])
    return diagnose(model, X[:n_train], y[:n_train], X_test=X[n_train:], y_test=y[n_train:])


def high(diagnosis):
    return [finding.code for finding in diagnosis.findings if finding.severity == Severity.HIGH]


def noisy_table(n=1500, n_columns=12):
    """Return a table on which no model is right in much more than three quarters of the rows."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, n_columns))
    chances = 1 / (1 + np.exp(-1.5 * (X[:, 0] + X[:, 1])))
    return X, (rng.random(n) < chances).astype(int)


def crossed_table(n=1500):
    """Return a table whose two classes are parted by two lines that cross, and by no one line."""
    X = np.random.default_rng(0).normal(size=(n, 10))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def binary_table(n=1400):
    """Return seven columns of zeros and ones, as Titanic's: rows repeat by nature."""
    rng = np.random.default_rng(2)
    X = rng.integers(0, 2, (n, 7)).astype(float)
    chances = 1 / (1 + np.exp(-(2 * X[:, 0] - 2 * X[:, 1] * X[:, 2] - 0.3)))
    return X, (rng.random(n) < chances).astype(int)


class TestRightNetworks:
    def test_few_of_many_columns_matter(self):
        X = np.random.default_rng(0).normal(size=(3500, 100))
        y = (X[:, 0] + X[:, 1] > 0).astype(int)
        diagnosis = examine(classifier(alpha=1.0, early_stopping=True), X, y, 2500)
        assert "unrelated-labels" not in diagnosis.codes
        assert diagnosis.is_healthy

    @pytest.mark.parametrize("early_stopping", [True, False])
    def test_a_noisy_table(self, early_stopping):
        X, y = noisy_table()
        diagnosis = examine(classifier(early_stopping=early_stopping, max_iter=20), X, y, 1000)
        assert high(diagnosis) == []

    def test_a_noisy_table_of_which_few_columns_matter(self):
        X, y = noisy_table(2000, 30)
        diagnosis = examine(classifier(early_stopping=True, max_iter=10, alpha=1.0), X, y, 1400)
        assert high(diagnosis) == []

    def test_rows_that_repeat_by_nature_are_no_leak(self):
        X, y = binary_table()
        diagnosis = examine(classifier(max_iter=20), X, y, 1000)
        assert "test-leak" not in diagnosis.codes
        assert high(diagnosis) == []

    def test_a_regression_of_half_the_variance(self):
        X, y = load_diabetes(return_X_y=True)
        y = (y - y.mean()) / y.std()
        model = regressor(max_iter=15, alpha=1.0)
        assert high(examine(model, StandardScaler().fit_transform(X), y, 300)) == []

    @pytest.mark.parametrize("loss", ["sigmoid_cross_entropy", "squared_error"])
    def test_a_network_begins_with_the_loss_of_its_own_guess(self, loss):
        X, y = load_digits(return_X_y=True)
        network = glassnet.NeuralNetwork(
            N=1, A=[64], lr=0.1, loss=loss, epochs=30, batch_size=32, random_state=0
        )
        diagnosis = examine(network, X / 16, y, 1200)
        alarms = [finding.code for finding in diagnosis.findings if finding.severity != Severity.LOW]
        assert alarms == []


class TestTargets:
    @pytest.mark.parametrize("units", [lambda y: y + 100, lambda y: y * 1e5, lambda y: y * 1e8])
    def test_targets_of_any_units_are_named(self, units):
        diagnosis = examine(regressor(), X_FRIEDMAN, units(Y_FRIEDMAN), 600)
        assert diagnosis.first.code == "unscaled-targets"
        assert "wrong-gradient" not in diagnosis.codes
        assert "TransformedTargetRegressor" in str(diagnosis.first.cure)

    @pytest.mark.parametrize("unit", [0.01, 0.001])
    def test_small_targets_are_named(self, unit):
        y = Y_FRIEDMAN * unit
        diagnosis = examine(regressor(tol=1e-4, n_iter_no_change=3), X_FRIEDMAN, y, 600)
        assert diagnosis.first.code == "unscaled-targets"
        assert "blind-network" not in diagnosis.codes

    def test_a_regression_that_knows_its_samples_by_heart(self):
        y = Y_FRIEDMAN + np.random.default_rng(0).normal(0, 0.5, 900)
        few = np.r_[:60, 600:900]
        model = regressor(max_iter=400, tol=0.0, n_iter_no_change=500)
        assert "overfitting" in examine(model, X_FRIEDMAN[few], y[few], 60).codes

    def test_the_facts_have_r_squared(self):
        assert "R²" in examine(regressor(), X_FRIEDMAN, Y_FRIEDMAN, 600).facts["test data"]

    @pytest.mark.parametrize("offset", [-2, 1])
    def test_targets_that_are_moved_by_some_rows(self, offset):
        y = Y_FRIEDMAN.copy()
        y[:600] = np.roll(y[:600], offset)
        diagnosis = examine(regressor(), X_FRIEDMAN, y, 600)
        assert diagnosis.first.code == "shifted-labels"
        assert f"np.roll(y, {-offset})" in str(diagnosis.first.cure)

    def test_targets_that_are_shuffled(self):
        y = Y_FRIEDMAN.copy()
        y[:600] = np.random.default_rng(0).permutation(y[:600])
        assert examine(regressor(), X_FRIEDMAN, y, 600).first.code == "unrelated-labels"

    @pytest.mark.parametrize("change", [lambda y: y * 10, lambda y: y + 20])
    def test_test_targets_in_other_units(self, change):
        model = fitted(regressor(), X_FRIEDMAN[:600], Y_FRIEDMAN[:600])
        diagnosis = diagnose(
            model,
            X_FRIEDMAN[:600],
            Y_FRIEDMAN[:600],
            X_test=X_FRIEDMAN[600:],
            y_test=change(Y_FRIEDMAN[600:]),
        )
        assert diagnosis.first.code == "scale-shift"


class TestTestData:
    X, y = load_digits(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))
    X, y = X[rows] / 16, y[rows]
    model = None

    def examine(self, X_test, y_test):
        if TestTestData.model is None:
            TestTestData.model = fitted(classifier(), self.X[:1200], self.y[:1200])
        return diagnose(self.model, self.X[:1200], self.y[:1200], X_test=X_test, y_test=y_test)

    def test_transposed_images(self):
        X_test = self.X[1200:].reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 64)
        diagnosis = self.examine(X_test, self.y[1200:])
        assert diagnosis.first.code == "reordered-columns"
        assert "transposed" in diagnosis.first.title
        assert "overfitting" not in diagnosis.codes

    def test_two_columns_that_are_exchanged(self):
        """They look alike, so that only what the answers follow from tells them apart."""
        rng = np.random.default_rng(6)
        X, weights = rng.normal(size=(1500, 30)), np.zeros(30)
        weights[[3, 8, 14, 21]] = 1.5, -1.0, 0.7, 0.5
        y = (X @ weights > 0).astype(int)
        X_test = X[1000:].copy()
        X_test[:, [3, 17]] = X_test[:, [17, 3]]
        model = fitted(classifier(), X[:1000], y[:1000])
        diagnosis = diagnose(model, X[:1000], y[:1000], X_test=X_test, y_test=y[1000:])
        assert diagnosis.first.code == "reordered-columns"
        assert "column 3 and column 17 are exchanged" in diagnosis.first.title

    def test_shuffled_test_labels(self):
        diagnosis = self.examine(self.X[1200:], np.random.default_rng(1).permutation(self.y[1200:]))
        assert diagnosis.first.code == "reordered-test-labels"
        assert not {"overfitting", "permuted-labels"} & set(diagnosis.codes)

    def test_shifted_test_labels(self):
        diagnosis = self.examine(self.X[1200:], np.roll(self.y[1200:], 1))
        assert diagnosis.first.code == "reordered-test-labels"
        assert "shifted by 1 row" in diagnosis.first.title

    def test_renamed_test_labels(self):
        diagnosis = self.examine(self.X[1200:], (self.y[1200:] + 3) % 10)
        assert diagnosis.first.code == "permuted-labels"

    def test_test_data_scaled_by_their_own_numbers(self):
        some = np.argsort(X_FRIEDMAN[:, 3])[-40:]  # rows that are alike: scaled anew, they are no more
        others = np.setdiff1d(np.arange(900), some)
        model = fitted(regressor(), X_FRIEDMAN[others], Y_FRIEDMAN[others])
        X_test = StandardScaler().fit_transform(X_FRIEDMAN[some])
        diagnosis = diagnose(
            model, X_FRIEDMAN[others], Y_FRIEDMAN[others], X_test=X_test, y_test=Y_FRIEDMAN[some]
        )
        assert diagnosis.first.code == "scale-shift"
        assert "their own mean" in diagnosis.first.title

    def test_copies_with_a_little_noise(self):
        rng = np.random.default_rng(0)
        X_test = np.concatenate([self.X[1200:], self.X[:300] + 1e-5 * rng.normal(size=(300, 64))])
        diagnosis = self.examine(X_test, np.concatenate([self.y[1200:], self.y[:300]]))
        assert diagnosis.first.code == "test-leak"


NAMES = [f"size {j}" for j in range(10)]


class TestColumns:
    """Of a table with names, findings name the columns."""

    def examine(self, X, X_test):
        model = fitted(regressor(), X[:600], Y_FRIEDMAN[:600])
        return diagnose(model, X[:600], Y_FRIEDMAN[:600], X_test=X_test, y_test=Y_FRIEDMAN[600:])

    @pytest.mark.parametrize("change", [lambda x: 5 * x + 20, lambda x: x - 3, lambda x: x / 1000])
    def test_a_column_in_other_units(self, change):
        X = pandas.DataFrame(X_FRIEDMAN, columns=NAMES)
        diagnosis = self.examine(X, X[600:].assign(**{"size 3": change(X[600:]["size 3"])}))
        assert diagnosis.first.code == "scale-shift"
        assert (
            "One of the test columns lies elsewhere than in training: column “size 3”"
            in diagnosis.first.title
        )

    def test_a_name_of_a_column_does_nothing_and_is_short(self):
        X = pandas.DataFrame(X_FRIEDMAN, columns=["\x1b[31m<b>" + 1000 * "x", *NAMES[1:]])
        diagnosis = self.examine(X, X[600:].assign(**{X.columns[0]: 5 * X_FRIEDMAN[600:, 0] + 20}))
        assert diagnosis.first.code == "scale-shift"
        for text in (str(diagnosis), diagnosis._repr_html_()):
            assert not {"\x1b", "\u202e"} & set(text)
            assert "<b>" not in diagnosis._repr_html_()
            assert 51 * "x" not in text

    def test_columns_in_another_order(self):
        order = np.random.default_rng(3).permutation(10)
        diagnosis = self.examine(X_FRIEDMAN, X_FRIEDMAN[600:, order])
        assert diagnosis.first.code == "reordered-columns"
        assert "overfitting" not in diagnosis.codes

    def test_a_code_for_missing_values(self):
        X = X_FRIEDMAN.copy()
        X[:600][np.random.default_rng(0).random((600, 10)) < [0, 0, 0, 0.05, 0, 0, 0, 0, 0, 0]] = -999
        X = pandas.DataFrame(X, columns=NAMES)
        diagnosis = self.examine(X, X[600:])
        assert "-999 in column “size 3”" in str(diagnosis)

    @pytest.mark.parametrize(("n_constant", "severity"), [(2, None), (30, Severity.MEDIUM)])
    def test_columns_that_never_change(self, n_constant, severity):
        X = np.column_stack([X_FRIEDMAN, np.ones((900, n_constant))])
        found = {finding.code: finding.severity for finding in self.examine(X, X[600:]).findings}
        assert found.get("constant-inputs") == severity

    def test_dummies_that_were_divided_as_bytes_are(self):
        X = np.random.default_rng(0).integers(0, 2, (1500, 20)).astype(np.uint8)
        y = ((X[:, 0] ^ X[:, 1]) | (X[:, 2] & X[:, 3])).astype(int)
        network = glassnet.NeuralNetwork(
            N=1, A=[32], lr=0.1, epochs=20, batch_size=32, scale_uint8=True, random_state=0
        )
        assert examine(network, X, y, 1000).first.code == "unscaled-inputs"
        assert examine(network.set_params(scale_uint8="auto"), X, y, 1000).is_healthy

    def test_a_column_that_is_the_target(self):
        X = pandas.DataFrame(X_FRIEDMAN, columns=NAMES).assign(price=3 * Y_FRIEDMAN + 1)
        assert "answer by itself: column “price”" in str(self.examine(X, X[600:]))


class TestTheNetwork:
    @pytest.mark.parametrize(
        "pair",
        [
            (lambda z: 1 / (1 + np.exp(-z)), lambda z: sigmoid_twice(z)),
            (lambda z: np.where(z > 0, z, 0.1 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
        ],
        ids=["of the output", "another leak"],
    )
    def test_a_derivative_that_is_wrong_in_a_part_of_its_range(self, pair):
        X, y = noisy_table(600)
        diagnosis = examine(classifier(activation=pair, max_iter=5), X, y, 400)
        assert diagnosis.first.code == "wrong-gradient"

    def test_training_that_is_slow_is_named(self):
        diagnosis = examine(
            regressor(solver="sgd", momentum=0.0, learning_rate_init=1e-5), X_FRIEDMAN, Y_FRIEDMAN, 600
        )
        assert diagnosis.first.code == "small-learning-rate"

    def test_training_that_is_slow_is_named_where_little_was_to_be_had_at_first(self):
        X, y = crossed_table()
        model = classifier(solver="sgd", learning_rate_init=0.001, max_iter=20)
        diagnosis = examine(model, X, y, 1000)
        assert model.score(X[1000:], y[1000:]) < 0.6
        assert diagnosis.first.code == "small-learning-rate"

    def test_training_that_a_tolerance_stopped_is_named(self):
        model = regressor(tol=0.5, n_iter_no_change=1, learning_rate_init=0.002)
        diagnosis = examine(model, X_FRIEDMAN, Y_FRIEDMAN, 600)
        assert diagnosis.first.code == "early-end"
        assert "tol" in diagnosis.first.cure.parameters

    def test_early_stopping_is_not_told_to_train_more_epochs(self):
        X, y = noisy_table(400)
        network = glassnet.NeuralNetwork(N=1, A=[32], lr=0.001, epochs=500, random_state=0)
        network.fit(X[:300], y[:300], patience=1)
        for finding in diagnose(network, X[:300], y[:300]).findings:
            assert finding.code != "early-end" or "epochs" not in finding.cure.parameters

    @pytest.mark.parametrize(
        ("optimizer", "code"),
        [
            (glassnet.nn.Adam(epsilon=10.0), "odd-optimizer"),
            (glassnet.nn.Adam(weight_decay=50.0), "strong-penalty"),
        ],
        ids=["epsilon", "decay"],
    )
    def test_a_cure_asks_only_for_parameters_that_the_class_has(self, optimizer, code):
        X, y = load_digits(return_X_y=True)
        network = glassnet.NeuralNetwork(
            N=1, A=[32], lr=0.003, optimizer=optimizer, epochs=20, batch_size=32, random_state=0
        )
        diagnosis = examine(network, X / 16, y, 1200)
        assert diagnosis.first.code == code
        assert set(diagnosis.first.cure.parameters) <= set(network.get_params())

    def test_a_linear_network_is_named_before_its_symptoms(self):
        y = X_FRIEDMAN[:, 0] * X_FRIEDMAN[:, 1]
        diagnosis = examine(regressor(activation="identity"), X_FRIEDMAN, y, 600)
        assert diagnosis.first.code == "linear-network"

    def test_a_linear_network_does_not_ignore_its_input(self):
        X, y = crossed_table()
        diagnosis = examine(classifier(activation="identity"), X, y, 1000)
        assert diagnosis.first.code == "linear-network"
        assert not {"blind-network", "unfit-batch"} & set(diagnosis.codes)

    def test_a_linear_network_is_enough_for_linear_data(self):
        y = X_FRIEDMAN @ np.arange(10.0) / 10
        diagnosis = examine(regressor(activation="identity", max_iter=100), X_FRIEDMAN, y, 600)
        assert high(diagnosis) == []

    def test_a_linear_network_that_outdoes_the_references_brings_no_alarm(self):
        data = glassnet.load_fashion_mnist()
        X, y = glassnet.flatten(data.train.images)[:6000] / 255.0, data.train.labels[:6000]
        network = glassnet.NeuralNetwork(
            N=1, A=[32], lr=0.05, activation="identity", epochs=10, batch_size=32, random_state=0
        )
        diagnosis = examine(network, X, y, 5000)
        assert "linear-network" in diagnosis.codes
        assert high(diagnosis) == []

    def test_an_autoencoder_is_shown_without_a_share_of_pixels_that_hardly_vary(self):
        X, _ = load_digits(return_X_y=True)
        model = fitted(glassnet.MLPAutoencoder(hidden_layer_sizes=(8,), max_iter=3, random_state=0), X, None)
        assert "R²" not in diagnose(model, X).facts["training data"]

    def test_a_strong_penalty_is_no_symmetry(self):
        diagnosis = examine(regressor(alpha=300.0), X_FRIEDMAN, Y_FRIEDMAN, 600)
        assert diagnosis.first.code == "strong-penalty"
        assert "symmetric-units" not in diagnosis.codes

    def test_only_what_has_ends_saturates(self):
        cubic = (lambda z: z**3, lambda z: 3 * z**2)
        diagnosis = examine(regressor(activation=cubic, learning_rate_init=1e-4), X_FRIEDMAN, Y_FRIEDMAN, 600)
        assert "saturated-units" not in diagnosis.codes

    @pytest.mark.parametrize("library", [sklearn.neural_network, glassnet])
    def test_a_class_that_is_alone(self, library):
        X = np.random.default_rng(0).normal(size=(40, 3))
        model = fitted(library.MLPClassifier((4,), max_iter=3), X, np.zeros(40, int))
        if hasattr(model, "classes_"):
            assert diagnose(model, X, np.zeros(40, int)).facts

    def test_a_batch_that_a_penalty_kept_from_learning_is_not_called_broken(self):
        diagnosis = examine(regressor(alpha=30.0), X_FRIEDMAN, Y_FRIEDMAN, 600)
        assert "unfit-batch" not in diagnosis.codes

    def test_a_batch_that_a_low_rate_kept_from_learning_is_not_called_broken(self):
        X, y = load_digits(return_X_y=True)
        diagnosis = examine(classifier(solver="sgd", learning_rate_init=1e-5), X / 16, y, 1200)
        assert diagnosis.first.code == "small-learning-rate"
        assert not {"unfit-batch", "blind-network"} & set(diagnosis.codes)

    def test_equal_rows_of_different_labels_are_no_broken_batch(self):
        X, y = binary_table()
        assert "unfit-batch" not in examine(classifier(max_iter=2), X[:, :3], y, 1000).codes


def sigmoid_twice(z):
    """Return sigma'(sigma(z)): the derivative as a function of the output, given the output again."""
    a = 1 / (1 + np.exp(-z))
    b = 1 / (1 + np.exp(-a))
    return b * (1 - b)


def binary_digits():
    """Return images of digits below 5 and from 5 on: no straight line parts them."""
    X, y = load_digits(return_X_y=True)
    return X / 16, (y >= 5).astype(int)


class TestWhatOneClassHides:
    """One class is so common, or so often mislabelled, that it is the best answer throughout."""

    def test_labels_that_rank_the_rows_have_to_do_with_them(self):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(2000, 6))
        y = (rng.random(2000) < 0.05 + 0.5 / (1 + np.exp(-1.2 * X[:, 0]))).astype(int)
        diagnosis = examine(classifier(max_iter=10, alpha=1.0), X, y, 1400)
        assert "unrelated-labels" not in diagnosis.codes

    def test_a_class_that_is_mislabelled_in_training(self):
        X, y = binary_digits()
        order = np.random.default_rng(0).permutation(len(y))
        X, y = X[order], y[order]
        wrong = y.copy()
        wrong[:1200][(np.random.default_rng(1).random(1200) < 0.6) & (y[:1200] == 1)] = 0
        model = fitted(classifier(), X[:1200], wrong[:1200])
        diagnosis = diagnose(model, X[:1200], wrong[:1200], X_test=X[1200:], y_test=y[1200:])
        assert diagnosis.first.code == "noisy-labels"

    def test_a_class_that_is_told_apart_and_taught_as_another(self):
        rng = np.random.default_rng(0)
        centers = np.array([[0.0, 0, 0], [1.8, 0, 0], [0, 6, 0]])
        truth = np.repeat([0, 1, 2], 300)
        X = centers[truth] + rng.normal(size=(900, 3)) * 0.3
        order = rng.permutation(900)
        X, truth = X[order], truth[order]
        wrong = truth[:600].copy()
        wrong[(wrong == 1) & (rng.random(600) < 0.7)] = 0
        model = fitted(classifier(), X[:600], wrong)
        diagnosis = diagnose(model, X[:600], wrong, X_test=X[600:], y_test=truth[600:])
        assert diagnosis.first.code == "noisy-labels"


class TestTheEnd:
    def test_a_patience_of_one_epoch(self):
        X, y = load_digits(return_X_y=True)
        order = np.random.default_rng(0).permutation(len(y))
        X, y = X[order] / 16, y[order]
        network = glassnet.NeuralNetwork(N=1, A=[32], lr=0.05, epochs=100, batch_size=16, random_state=3)
        for size in (8, 16, 24):  # of so few validation samples the loss rises by chance
            fit = {"X_val": X[1790 - size : 1790], "y_val": y[1790 - size : 1790]}
            network.fit(X[:1200], y[:1200], early_stopping=True, patience=1, **fit)
            if len(network.history_) < 6:
                break
        assert len(network.history_) < 100
        diagnosis = diagnose(network, X[:1200], y[:1200], X_test=X[1200:1700], y_test=y[1200:1700])
        assert "early-end" in diagnosis.codes

    def test_a_schedule_that_never_lowered_the_rate_is_not_blamed(self):
        diagnosis = examine(
            regressor(solver="sgd", learning_rate="adaptive", max_iter=2, learning_rate_init=0.02),
            X_FRIEDMAN,
            Y_FRIEDMAN,
            600,
        )
        assert "decayed-rate" not in diagnosis.codes
        assert diagnosis.first.code == "early-end"

    @pytest.mark.parametrize("schedule", ["cosine", "coslog4"])
    def test_a_schedule_that_ends_at_nothing_by_design_is_not_blamed(self, schedule):
        diagnosis = examine(regressor(learning_rate=schedule), X_FRIEDMAN, Y_FRIEDMAN, 600)
        assert diagnosis.is_healthy
        few = examine(regressor(learning_rate=schedule, max_iter=2), X_FRIEDMAN, Y_FRIEDMAN, 600)
        assert few.first.code == "early-end"
        assert "decayed-rate" not in few.codes

    def test_a_rate_is_too_large_with_a_schedule_too(self):
        model = regressor(solver="sgd", learning_rate="cosine", learning_rate_init=3.0)
        assert examine(model, X_FRIEDMAN, Y_FRIEDMAN, 600).first.code == "large-learning-rate"

    def test_a_function_that_leaves_no_rate(self):
        X, y = crossed_table()
        for model in (
            classifier(learning_rate=lambda t: float(t < 0.01), max_iter=60),
            glassnet.NeuralNetwork(1, [16], 0.3, epochs=30, schedule=lambda t: t < 0.001, random_state=0),
        ):
            diagnosis = examine(model, X, y, 1000)
            assert diagnosis.first.code == "decayed-rate"
            assert "on average" in diagnosis.first.measured
            assert "small-learning-rate" not in diagnosis.codes

    def test_a_network_that_does_not_settle(self):
        diagnosis = examine(
            regressor(solver="sgd", momentum=0.0, batch_size=1, learning_rate_init=0.15, max_iter=30),
            X_FRIEDMAN,
            Y_FRIEDMAN,
            600,
        )
        assert diagnosis.first.code == "large-learning-rate"

    def test_targets_in_large_units_that_do_no_harm_are_a_remark(self):
        model = regressor(solver="lbfgs", max_iter=200)
        diagnosis = examine(model, X_FRIEDMAN, 1000 * Y_FRIEDMAN, 600)
        (found,) = [finding for finding in diagnosis.findings if finding.code == "unscaled-targets"]
        assert found.severity == Severity.LOW


class TestUnseenClasses:
    def test_a_file_that_was_cut_by_its_labels(self):
        X, y = load_digits(return_X_y=True)
        X, y, named = X / 16, y, np.array([f"digit {label}" for label in y])
        order = np.argsort(y, kind="stable")
        X, y, named = X[order], y[order], named[order]
        for labels in (y, named):
            model = fitted(classifier(max_iter=10), X[:1500], labels[:1500])
            diagnosis = diagnose(model, X[:1500], labels[:1500], X_test=X[1500:], y_test=labels[1500:])
            assert diagnosis.first.code == "unseen-classes"
            assert "9" in diagnosis.first.title

    def test_what_is_left_of_the_test_is_measured_as_ever(self):
        X, y = load_digits(return_X_y=True)
        X, y = X / 16, y.copy()
        model = fitted(classifier(), X[:1200], y[:1200])
        alone = diagnose(model, X[:1200], y[:1200], X_test=X[1200:1700], y_test=y[1200:1700])
        y[1700:] = 77
        both = diagnose(model, X[:1200], y[:1200], X_test=X[1200:], y_test=y[1200:])
        assert both.facts == alone.facts
        assert set(both.codes) - set(alone.codes) == {"unseen-classes"}


def test_a_class_of_which_there_are_next_to_no_samples():
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, y = X[order] / 16, y[order]
    eights = np.flatnonzero(y[:1200] == 8)[3:]
    X, y, n = np.delete(X, eights, axis=0), np.delete(y, eights), 1200 - len(eights)
    diagnosis = examine(classifier(), X, y, n)
    assert "few-samples" in diagnosis.codes
    (found,) = [finding for finding in diagnosis.findings if finding.code == "few-samples"]
    assert "“8”: 3" in found.measured
