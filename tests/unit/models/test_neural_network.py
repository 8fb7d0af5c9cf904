"""NeuralNetwork: the assignment's names, what it learns, and what is left when training does not end well."""

import copy
import inspect
import math
import pickle
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse

from glassnet import MLPClassifier, Stream
from glassnet.data import one_hot, scale
from glassnet.errors import DivergedError, GlassnetError, NotFittedError, UnknownNameError
from glassnet.models.neural_network import NeuralNetwork
from glassnet.nn import activations, initializers
from glassnet.nn.history import EpochRecord
from glassnet.nn.network import Dropout
from glassnet.nn.optimizers import OPTIMIZERS, SGD, Adam, OptimizerState
from glassnet.nn.training import Training, steps

SETTINGS: dict[str, Any] = {"N": 2, "A": [16, 8], "lr": 0.2, "epochs": 6, "batch_size": 16, "random_state": 0}


def moons(n=300, seed=0):
    """Return two half circles that reach into each other, with a little noise."""
    rng = np.random.default_rng(seed)
    angle, y = rng.uniform(0, np.pi, n), rng.integers(2, size=n)
    X = np.where(y, [1 - np.cos(angle), 0.5 - np.sin(angle)], [np.cos(angle), np.sin(angle)]).T
    return X + rng.normal(0, 0.1, X.shape), y


X, Y = moons()
X_NEW, Y_NEW = moons(seed=1)


def network(**changes):
    return NeuralNetwork(**{**SETTINGS, **changes})


def theta(fitted):
    return fitted.parameters_.theta.copy()


@pytest.fixture(scope="module")
def digits():
    """Return 8 x 8 images of digits as bytes from 0 to 255, and their labels, in two parts."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images = np.minimum(data.data * 16, 255).astype(np.uint8)
    return (images[:1400], data.target[:1400]), (images[1400:], data.target[1400:])


# -- names ------------------------------------------------------------------------------------------


def test_the_assignments_parameters_have_its_names():
    parameters = inspect.signature(NeuralNetwork).parameters
    named = ["N", "A", "lr", "activation", "activation_grad", "weight_init", "epochs", "batch_size"]
    assert list(parameters)[:8] == named
    assert all(parameters[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for name in named)
    assert all(
        parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in list(parameters.values())[8:]
    )


def test_the_assignments_methods_have_its_names():
    fit = inspect.signature(NeuralNetwork.fit).parameters
    assert list(fit)[:5] == ["self", "X", "y", "X_val", "y_val"]
    assert fit["early_stopping"].default is True
    assert fit["patience"].default >= 1
    assert isinstance(inspect.getattr_static(NeuralNetwork, "_softmax"), staticmethod)
    for name, arguments in {
        "forward_propagation": ["X"],
        "backward_propagation": ["X", "y"],
        "predict_prob": ["X"],
        "predict": ["X"],
        "score": ["X", "y"],
    }.items():
        _, *parameters = inspect.signature(getattr(NeuralNetwork, name)).parameters.values()
        assert [parameter.name for parameter in parameters[: len(arguments)]] == arguments
        assert all(parameter.default is None for parameter in parameters[len(arguments) :])
    plot = inspect.signature(NeuralNetwork.plot_losses).parameters
    assert all(parameter.default is None for name, parameter in plot.items() if name != "self")


def test_the_constructor_only_stores():
    sizes: Any = [3, "nonsense"]
    broken = NeuralNetwork(N="x", A=sizes, lr=None)  # type: ignore[arg-type]
    assert broken.N == "x"
    assert broken.A is sizes
    assert not [name for name in vars(broken) if name.endswith("_")]


def test_the_text_form_shows_the_settings():
    shown = repr(NeuralNetwork(2, [16, 8], 0.2, "tanh", weight_init="zero", epochs=6, batch_size=16))
    assert shown == (
        "NeuralNetwork(N=2, A=[16, 8], lr=0.2, activation='tanh', weight_init='zero', "
        "epochs=6, batch_size=16)"
    )
    assert vars(eval(shown)) == vars(
        NeuralNetwork(2, [16, 8], 0.2, "tanh", weight_init="zero", epochs=6, batch_size=16)
    )


# -- before fit -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "use",
    [
        lambda network, path: network.predict(X),
        lambda network, path: network.predict_prob(X),
        lambda network, path: network.forward_propagation(X),
        lambda network, path: network.score(X, Y),
        lambda network, path: network.evaluate(X, Y),
        lambda network, path: network.weights_,
        lambda network, path: network.biases_,
        lambda network, path: network.save(path / "model"),
    ],
    ids=["predict", "predict_prob", "forward", "score", "evaluate", "weights_", "biases_", "save"],
)
def test_what_needs_a_fitted_network_says_so(use, tmp_path):
    with pytest.raises(NotFittedError, match="call fit") as caught:
        use(network(), tmp_path)
    for kind in (GlassnetError, ValueError, AttributeError):
        assert isinstance(caught.value, kind)
    assert list(tmp_path.iterdir()) == []


def test_losses_cannot_be_plotted_before_fit():
    pytest.importorskip("glassnet.plots")
    for unfitted in (network(), network().initialize(X, Y)):
        with pytest.raises(NotFittedError, match="no losses to plot"):
            unfitted.plot_losses()


# -- learning ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", activations.ACTIVATIONS)
def test_it_learns_two_moons_with_every_activation(activation):
    learner = network(activation=activation, weight_init="glorot_uniform", epochs=60, lr=0.5)
    learner.fit(X, Y, early_stopping=False)
    # a straight line, which is all that the identity can draw, gets about 0.88
    assert learner.score(X_NEW, Y_NEW) > 0.75
    if activation in ("tanh", "relu", "leaky_relu"):
        assert learner.score(X_NEW, Y_NEW) > 0.97


def test_it_learns_digits(digits):
    (X_train, y_train), (X_test, y_test) = digits
    learner = NeuralNetwork(N=1, A=[32], lr=0.2, epochs=40, batch_size=32, random_state=0)
    assert learner.fit(X_train, y_train).score(X_test, y_test) > 0.9
    np.testing.assert_array_equal(learner.classes_, np.arange(10))
    assert learner.n_features_in_ == 64
    assert [weight.shape for weight in learner.weights_] == [(64, 32), (32, 10)]
    assert [bias.shape for bias in learner.biases_] == [(32,), (10,)]


def test_answers_agree_with_each_other(digits):
    (X_train, y_train), (X_test, y_test) = digits
    learner = network(N=1, A=[12]).fit(X_train, y_train)
    probabilities = learner.predict_prob(X_test)
    assert probabilities.shape == (len(X_test), 10)
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(learner.forward_propagation(X_test), probabilities)
    answers = learner.predict(X_test)
    np.testing.assert_array_equal(answers, learner.classes_[probabilities.argmax(axis=1)])
    assert learner.score(X_test, y_test) == (answers == y_test).mean()
    loss, accuracy = learner.evaluate(X_test, y_test)
    assert accuracy == learner.score(X_test, y_test)
    assert loss == pytest.approx(-np.log(probabilities[np.arange(len(y_test)), y_test]).mean(), rel=1e-4)


def test_training_reduces_the_loss_and_fit_starts_anew():
    learner = network().fit(X, Y)
    first, losses = theta(learner), learner.history_.column("loss")
    assert losses[-1] < losses[0]
    learner.fit(X, Y)
    np.testing.assert_array_equal(theta(learner), first)
    assert learner.history_.column("loss") == losses


@given(
    hidden=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    n_features=st.integers(1, 5),
    n_classes=st.integers(2, 5),
    n=st.integers(1, 12),
    size=st.sampled_from([1e-3, 1.0, 1e4]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 9),
)
@settings(max_examples=60)
def test_probabilities_are_probabilities_whatever_the_shape(
    hidden, n_features, n_classes, n, size, dtype, seed
):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(0, size, (max(n, n_classes), n_features))
    labels = np.arange(len(inputs)) % n_classes
    drawn = NeuralNetwork(N=len(hidden), A=hidden, random_state=seed, dtype=dtype).initialize(inputs, labels)
    probabilities = drawn.predict_prob(inputs[:n])
    assert probabilities.shape == (n, n_classes)
    assert probabilities.dtype == dtype
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert set(drawn.predict(inputs[:n]).tolist()) <= set(range(n_classes))


# -- the same in other words ------------------------------------------------------------------------


def test_integers_text_and_one_hot_rows_give_equal_networks():
    names = np.array(["crescent", "half moon"])
    plain = network().fit(X, Y)
    text = network().fit(X, names[Y])
    rows = network().fit(X.tolist(), one_hot(Y).tolist())
    for other in (text, rows):
        np.testing.assert_array_equal(theta(other), theta(plain))
        assert other.history_.column("validation_loss") == plain.history_.column("validation_loss")
    np.testing.assert_array_equal(text.classes_, names)
    np.testing.assert_array_equal(text.predict(X_NEW), names[plain.predict(X_NEW)])
    np.testing.assert_array_equal(rows.predict(X_NEW), plain.predict(X_NEW))
    assert text.score(X_NEW, names[Y_NEW]) == plain.score(X_NEW, Y_NEW) == rows.score(X_NEW, one_hot(Y_NEW))


def test_images_are_scaled_as_scale_does(digits):
    (images, labels), (new, _) = digits
    as_bytes = network().fit(images, labels, new[:50], labels[:50])
    as_floats = network().fit(scale(images), labels, scale(new[:50]), labels[:50])
    np.testing.assert_array_equal(theta(as_bytes), theta(as_floats))
    np.testing.assert_array_equal(as_bytes.predict_prob(new), as_floats.predict_prob(scale(new)))
    np.testing.assert_array_equal(as_bytes.predict_prob(new), as_bytes.predict_prob(scale(new)))
    assert as_bytes.history_.column("validation_loss") == as_floats.history_.column("validation_loss")


def test_other_integers_are_used_as_they_are(digits):
    (images, labels), _ = digits
    drawn = network().initialize(images, labels)
    whole = images.astype(np.int64)
    np.testing.assert_array_equal(drawn.predict_prob(whole), drawn.predict_prob(whole.astype(np.float32)))
    assert not np.array_equal(drawn.predict_prob(whole), drawn.predict_prob(images))


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_an_activation_of_ones_own_trains_as_the_tables_does(name):
    entry = activations.ACTIVATIONS[name]
    table = network(activation=name, dtype="float64").fit(X, Y)
    own = network(
        activation=lambda z: entry.function(z), activation_grad=lambda z: entry.gradient(z), dtype="float64"
    ).fit(X, Y)
    np.testing.assert_allclose(theta(own), theta(table), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("entry", activations.ACTIVATIONS.values(), ids=lambda entry: entry.name)
def test_the_librarys_functions_are_its_names(entry):
    named = network(activation=entry.name).fit(X, Y)
    given = network(activation=entry.function, activation_grad=entry.gradient).fit(X, Y)
    value = network(activation=entry).fit(X, Y)
    assert given.architecture_.activations[0] is entry
    np.testing.assert_array_equal(theta(given), theta(named))
    np.testing.assert_array_equal(theta(value), theta(named))


def test_an_initialiser_of_ones_own_is_asked_for_each_layer():
    calls = []

    def quarter(rng, fan_in, fan_out):
        assert isinstance(rng, np.random.Generator)
        calls.append((fan_in, fan_out))
        return np.full((fan_in, fan_out), 0.25)

    drawn = network(weight_init=quarter).initialize(X, Y)
    assert calls == [(2, 16), (16, 8), (8, 2)]
    assert all((weight == 0.25).all() for weight in drawn.weights_)
    assert all((bias == 0).all() for bias in drawn.biases_)


@pytest.mark.parametrize("name", initializers.INITIALIZERS)
def test_an_initialiser_may_be_a_name_or_the_function(name):
    named = network(weight_init=name).initialize(X, Y)
    given = network(weight_init=initializers.INITIALIZERS[name]).initialize(X, Y)
    np.testing.assert_array_equal(theta(given), theta(named))


# -- randomness and precision -----------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bits():
    first, second = network().fit(X, Y), network().fit(X, Y)
    np.testing.assert_array_equal(theta(first), theta(second))
    assert not np.array_equal(theta(first), theta(network(random_state=1).fit(X, Y)))
    generator = network(random_state=np.random.default_rng(0)).fit(X, Y)
    np.testing.assert_array_equal(theta(generator), theta(first))


def test_no_seed_differs_every_time_and_leaves_numpys_global_one_alone():
    np.random.seed(3)  # noqa: NPY002
    expected: Any = np.random.get_state()  # noqa: NPY002
    first, second = network(random_state=None).fit(X, Y), network(random_state=None).fit(X, Y)
    assert not np.array_equal(theta(first), theta(second))
    left: Any = np.random.get_state()  # noqa: NPY002
    np.testing.assert_array_equal(left[1], expected[1])


def test_a_generator_goes_on_where_it_stood():
    rng = np.random.default_rng(0)
    first = network(random_state=rng).initialize(X, Y)
    assert not np.array_equal(theta(first), theta(network(random_state=rng).initialize(X, Y)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_is_computed_in_the_dtype(dtype):
    fitted = network(dtype=dtype).fit(X, Y)
    assert {array.dtype for array in fitted.weights_ + fitted.biases_} == {np.dtype(dtype)}
    assert fitted.predict_prob(X).dtype == dtype
    assert fitted.predict_prob(X.astype(np.float16)).dtype == dtype


def test_fit_does_not_touch_its_data():
    inputs, labels = X.astype(np.float32), Y.copy()
    network().fit(inputs, labels, inputs, labels)
    np.testing.assert_array_equal(inputs, X.astype(np.float32))
    np.testing.assert_array_equal(labels, Y)
    inputs.setflags(write=False)
    network().fit(inputs, labels, early_stopping=False).predict(inputs)


# -- losses and optimisers --------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "sigmoid_cross_entropy", "squared_error"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_pair_of_loss_and_optimizer_learns(loss, optimizer):
    rate = {"sgd": 0.3, "adam": 0.01}.get(optimizer, 0.05)
    learner = network(loss=loss, optimizer=optimizer, lr=rate, epochs=40).fit(X, Y, early_stopping=False)
    assert learner.score(X_NEW, Y_NEW) > 0.95


def test_a_loss_brings_its_output_along():
    outputs = {
        loss: network(loss=loss).initialize(X, Y) for loss in ("sigmoid_cross_entropy", "squared_error")
    }
    sigmoid = outputs["sigmoid_cross_entropy"].predict_prob(X * 10)
    raw = outputs["squared_error"].predict_prob(X * 10)
    assert ((sigmoid > 0) & (sigmoid < 1)).all()
    assert raw.min() < 0
    np.testing.assert_allclose(sigmoid, 1 / (1 + np.exp(-raw)), rtol=1e-4)  # equal weights, other outputs


def test_an_optimizer_may_be_a_value():
    named = network(optimizer="momentum", lr=0.02).fit(X, Y)
    value = network(optimizer=SGD(momentum=0.9), lr=0.02).fit(X, Y)
    np.testing.assert_array_equal(theta(value), theta(named))
    other = network(optimizer=Adam(beta_1=0.5), lr=0.02).fit(X, Y)
    assert not np.array_equal(theta(other), theta(named))


# -- one step at a time -----------------------------------------------------------------------------


def test_backward_propagation_updates_once_along_the_gradient():
    drawn = network(dtype="float64", lr=0.25).initialize(X, Y)
    before, expected_loss = theta(drawn), drawn.evaluate(X, Y)[0]
    assert drawn.backward_propagation(X, Y) == pytest.approx(expected_loss, rel=1e-12)
    step = (theta(drawn) - before) / -0.25
    # the step along each of some parameters is the slope of the loss there
    for place in (0, 7, 40, len(before) - 1):
        slope = []
        for sign in (1, -1):
            drawn.parameters_.theta[...] = before
            drawn.parameters_.theta[place] += sign * 1e-6
            slope.append(drawn.evaluate(X, Y)[0])
        assert step[place] == pytest.approx((slope[0] - slope[1]) / 2e-6, abs=1e-6)


def test_backward_propagation_again_and_again_reduces_the_loss():
    drawn = network()
    losses = [drawn.backward_propagation(X, Y) for _ in range(30)]  # it has not been fitted before
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.8 * losses[0]
    assert drawn.evaluate(X, Y)[0] < losses[-1]
    assert isinstance(losses[0], float)


def test_backward_propagation_over_the_batches_is_fit():
    """An epoch by hand, in the order in which fit takes the samples, ends at the same weights."""
    fitted = network(epochs=1, batch_size=16).fit(X, Y, early_stopping=False)
    rng = np.random.default_rng(0)
    by_hand = network(random_state=rng).initialize(X, Y)
    order = rng.permutation(len(X))
    for start in range(0, len(X), 16):
        by_hand.backward_propagation(X[order[start : start + 16]], Y[order[start : start + 16]])
    np.testing.assert_array_equal(theta(by_hand), theta(fitted))


def test_backward_propagation_heeds_the_learning_rate_of_now():
    drawn = network().initialize(X, Y)
    other = network().initialize(X, Y)
    before = theta(drawn)
    drawn.backward_propagation(X, Y)
    other.lr = 2 * SETTINGS["lr"]
    other.backward_propagation(X, Y)
    np.testing.assert_allclose(theta(other) - before, 2 * (theta(drawn) - before), rtol=1e-3, atol=1e-7)


def test_backward_propagation_takes_batches_of_any_size_and_fit_goes_on_after():
    drawn = network().initialize(X, Y)
    for rows in (1, 300, 7):
        assert math.isfinite(drawn.backward_propagation(X[:rows], Y[:rows]))
    fitted = network().fit(X, Y)
    np.testing.assert_array_equal(theta(drawn.fit(X, Y)), theta(fitted))


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))], ids=["deepcopy", "pickle"]
)
def test_a_copy_learns_as_the_original_does(copied):
    original = network().fit(X, Y)
    other = copied(original)
    np.testing.assert_array_equal(other.predict_prob(X), original.predict_prob(X))
    for _ in range(3):
        original.backward_propagation(X, Y)
        other.backward_propagation(X, Y)
    np.testing.assert_array_equal(other.predict_prob(X), original.predict_prob(X))


# -- epochs, and when to stop -----------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """Lead all parameters through given values, one a step; the loss of each is known."""

    values: tuple[float, ...]

    def init(self, theta):
        return OptimizerState()

    def update(self, theta, grad, state, learning_rate):
        theta[...] = self.values[state.t]
        state.t += 1


def led(values, **fit):
    """Fit one unit, whose loss of -1 -> y=0 and 1 -> y=1 is lower the larger the value; one step an epoch."""
    inputs, labels = np.array([[-1.0], [1.0]]), np.array([0, 1])
    course = network(
        N=1,
        A=[1],
        activation="identity",
        loss="squared_error",
        optimizer=Course(values),
        epochs=len(values),
        batch_size=2,
    )
    epochs = []
    error = None
    try:
        course.fit(inputs, labels, inputs, labels, on_epoch=epochs.append, **fit)
    except DivergedError as caught:
        error = caught
    return course, epochs, error


# with every parameter at v, the output for x is v (v x + v) + v twice: 0.4 is the best of these
RISING = (0.1, 0.2, 0.4, 0.9, 1.5, 2.0, 3.0, 4.0)


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_it_stops_when_the_validation_loss_has_not_improved_for_patience_epochs(patience):
    course, epochs, _ = led(RISING, patience=patience)
    losses = course.history_.column("validation_loss")
    best = int(np.argmin(losses))
    assert 0 < best < 4
    assert losses[best:] == sorted(losses[best:])
    assert len(epochs) == len(course.history_) == best + 1 + patience
    assert course.history_.best_epoch == best + 1
    assert course.history_.stopping_reason == (
        f"early stopping: the validation loss had not improved for {patience} epoch{'s' * (patience > 1)}"
    )


def test_the_best_weights_are_kept_or_the_last():
    kept, *_ = led(RISING, patience=2)
    best = kept.history_.best_epoch
    np.testing.assert_array_equal(theta(kept), np.float32(RISING[best - 1]))
    last, *_ = led(RISING, patience=2, restore_best=False)
    np.testing.assert_array_equal(theta(last), np.float32(RISING[best + 1]))
    assert last.history_.best_epoch == best


def test_without_early_stopping_all_epochs_are_run_and_the_best_weights_kept():
    course, epochs, _ = led(RISING, patience=1, early_stopping=False)
    assert len(epochs) == len(RISING)
    assert course.history_.stopping_reason == f"all {len(RISING)} epochs were run"
    np.testing.assert_array_equal(theta(course), np.float32(RISING[course.history_.best_epoch - 1]))


def test_the_kept_weights_are_those_of_the_lowest_validation_loss():
    fitted = network(lr=1.5, epochs=15).fit(X, Y, X_NEW, Y_NEW, patience=4)
    lowest = min(fitted.history_.column("validation_loss"))
    assert fitted.evaluate(X_NEW, Y_NEW)[0] == pytest.approx(lowest, rel=1e-12)


def test_without_early_stopping_and_validation_data_nothing_is_held_back():
    fitted = network(batch_size=300).fit(X, Y, early_stopping=False)
    assert fitted.history_.column("validation_loss") == [None] * 6
    assert fitted.history_.column("validation_accuracy") == [None] * 6
    assert fitted.history_.best_epoch is None
    # a single batch an epoch: the first loss is that of the first weights on all the data
    first = network(batch_size=300).initialize(X, Y).evaluate(X, Y)
    assert fitted.history_.records[0].loss == pytest.approx(first[0], rel=1e-5)
    assert fitted.history_.records[0].accuracy == pytest.approx(first[1])


@pytest.mark.parametrize(("fraction", "held_back"), [(0.2, 60), (0.5, 150)])
def test_early_stopping_holds_a_part_back(fraction, held_back):
    batch = len(X) - held_back
    network(batch_size=batch).fit(X, Y, validation_fraction=fraction)
    with pytest.raises(GlassnetError, match=f"{batch} training samples"):
        network(batch_size=batch + 1).fit(X, Y, validation_fraction=fraction)


def test_the_history_tells_every_epoch():
    seen = []
    fitted = network().fit(X, Y, X_NEW, Y_NEW, on_epoch=seen.append)
    assert fitted.history_.records == seen
    assert fitted.history_.column("epoch") == [1, 2, 3, 4, 5, 6]
    for record in seen:
        assert isinstance(record, EpochRecord)
        assert 0 <= record.accuracy <= 1
        assert 0 <= record.validation_accuracy <= 1
        assert record.loss > 0
        assert record.validation_loss > 0
        assert record.seconds > 0
    assert fitted.history_.stopping_reason == "all 6 epochs were run"


def test_a_line_is_printed_for_every_epoch_when_asked(capsys):
    network().fit(X, Y)
    assert capsys.readouterr().out == ""
    network().fit(X, Y, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    for epoch, line in enumerate(lines, start=1):
        assert re.search(rf"epoch\D*{epoch}\b", line)
        assert "loss" in line


# -- training that does not end well ----------------------------------------------------------------


def test_a_learning_rate_far_too_large_ends_in_an_error_that_says_what_to_do():
    learner = network(lr=1e20, loss="squared_error", activation="identity")
    with pytest.raises(DivergedError, match="Lower the learning rate") as caught:
        learner.fit(X, Y)
    assert isinstance(caught.value, FloatingPointError)
    assert caught.value.epoch == len(learner.history_) + 1
    assert caught.value.step >= 1
    assert 1 <= caught.value.layer <= 3
    assert learner.history_.stopping_reason.startswith("diverged: ")


def test_after_divergence_the_history_and_the_best_weights_are_left():
    course, epochs, error = led((0.1, 0.4, 0.2, math.nan, 0.3), patience=5)
    assert isinstance(error, DivergedError)
    assert error.epoch == 4
    assert course.history_.records == epochs
    assert len(epochs) == 3
    assert course.history_.stopping_reason == f"diverged: {error}"
    np.testing.assert_array_equal(theta(course), np.float32(0.4))
    assert np.isfinite(course.predict_prob([[1.0]])).all()


@pytest.mark.parametrize("restore_best", [True, False])
def test_after_an_interruption_the_network_is_usable(restore_best):
    def interrupt(record):
        if record.epoch == 3:
            raise KeyboardInterrupt

    learner = network(epochs=50)
    with pytest.raises(KeyboardInterrupt):
        learner.fit(X, Y, X_NEW, Y_NEW, on_epoch=interrupt, restore_best=restore_best)
    assert len(learner.history_) == 3
    assert learner.history_.stopping_reason == "interrupted after 3 epochs"
    short = network(epochs=3).fit(X, Y, X_NEW, Y_NEW, restore_best=restore_best)
    np.testing.assert_array_equal(learner.predict_prob(X), short.predict_prob(X))


def test_an_error_of_the_callers_own_comes_through():
    def fail(record):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        network().fit(X, Y, on_epoch=fail)


def test_a_refused_fit_of_bad_data_leaves_the_network_as_it_was():
    fitted = network().fit(X, Y)
    before = fitted.predict_prob(X_NEW)
    with pytest.raises(GlassnetError):
        fitted.fit(X[:, :1], Y[:-1])
    np.testing.assert_array_equal(fitted.predict_prob(X_NEW), before)


@pytest.mark.parametrize("change", [{"optimizer": "nope"}, {"lr": -1}])
def test_a_refused_fit_with_a_bad_setting_leaves_the_network_as_it_was(change):
    fitted = network().fit(X, Y)
    before = fitted.predict_prob(X_NEW)
    for name, value in change.items():
        setattr(fitted, name, value)
    with pytest.raises(GlassnetError):
        fitted.fit(X, Y)
    np.testing.assert_array_equal(fitted.predict_prob(X_NEW), before)


def test_initialize_refuses_what_fit_refuses():
    with pytest.raises(UnknownNameError):
        network(weight_init="nope").initialize(X, Y)


# -- beside the assignment: penalty, dropout, weights ------------------------------------------------


def estimator_like(fitted, **parameters):
    """Return the estimator with the weights of a network, which goes on from them with the same settings."""
    like = {"solver": "adam", "hidden_layer_sizes": tuple(fitted.A), "batch_size": fitted.batch_size}
    like |= {"learning_rate_init": fitted.lr, "dtype": "float64", "shuffle": False, "random_state": 0}
    estimator = MLPClassifier(**like, activation=fitted.activation, **{"alpha": 0.0, **parameters})
    labels = np.unique(fitted.classes_)
    estimator.initialize(X[:6], np.resize(labels, 6))
    assert estimator.architecture_.sizes == fitted.architecture_.sizes
    estimator.parameters_.theta[...] = fitted.parameters_.theta
    return estimator


def three_classes(n=160):
    rng = np.random.default_rng(3)
    return X[:n], rng.choice(3, n, p=[0.6, 0.3, 0.1])


@pytest.mark.parametrize(
    ("parameters", "weight"),
    [
        ({"alpha": 0.5}, False),
        ({}, True),
        ({"class_weight": {0: 0.5, 2: 3.0}}, False),
        ({"alpha": 0.1, "class_weight": "balanced"}, True),
    ],
    ids=["alpha", "sample_weight", "class_weight", "all"],
)
def test_it_goes_on_as_the_estimators_do(parameters, weight):
    inputs, labels = three_classes(16)  # a single batch: its order changes sums alone
    sample_weight = np.random.default_rng(0).uniform(0, 2, 16) if weight else None
    drawn = network(dtype="float64", optimizer="adam", lr=0.01, activation="tanh", **parameters)
    drawn.initialize(inputs, labels)
    estimator = estimator_like(drawn, **parameters)
    for _ in range(4):
        drawn.partial_fit(inputs, labels, sample_weight=sample_weight)
        estimator.partial_fit(inputs, labels, sample_weight=sample_weight)
    np.testing.assert_allclose(theta(drawn), theta(estimator), rtol=1e-9, atol=1e-12)
    last = drawn.history_.records[-1]
    assert last.loss == pytest.approx(estimator.history_.records[-1].loss, rel=1e-9)
    assert last.penalty == pytest.approx(estimator.history_.records[-1].penalty, rel=1e-9)
    assert (last.penalty > 0) == ("alpha" in parameters)


def test_dropout_drops_what_the_engine_drops():
    """A step by hand, with masks from the same random numbers, ends at the same weights."""
    drawn = network(dtype="float64", dropout=0.4).initialize(X, Y)
    rng = np.random.default_rng(0)
    plain = network(dtype="float64", random_state=rng).initialize(X, Y)
    np.testing.assert_array_equal(theta(drawn), theta(plain))
    training = Training(
        plain.architecture_, plain.parameters_, SGD(), SETTINGS["lr"], 16, dropout=Dropout(0.4, rng)
    )
    order = rng.permutation(len(X))
    for _ in steps(training, plain.make_samples(X, Y), order):
        pass
    drawn.partial_fit(X, Y)
    np.testing.assert_array_equal(theta(drawn), theta(plain))


def test_nothing_is_dropped_when_it_predicts():
    fitted = network(dropout=0.5).fit(X, Y)
    np.testing.assert_array_equal(fitted.predict_prob(X), fitted.predict_prob(X))
    assert not np.array_equal(theta(fitted), theta(network().fit(X, Y)))


@pytest.mark.parametrize(
    "same",
    [{"alpha": 0.0}, {"dropout": 0.0}, {"class_weight": {0: 1.0, 1: 1}}, {"class_weight": {}}],
    ids=["alpha", "dropout", "class_weight", "no class_weight"],
)
def test_what_weighs_nothing_changes_nothing(same):
    np.testing.assert_array_equal(theta(network(**same).fit(X, Y)), theta(network().fit(X, Y)))


def test_weights_of_one_change_nothing():
    plain, weighed = network().fit(X, Y), network().fit(X, Y, sample_weight=np.ones(len(X)))
    np.testing.assert_array_equal(theta(weighed), theta(plain))
    assert weighed.history_.column("validation_loss") == plain.history_.column("validation_loss")
    assert weighed.history_.column("loss") == plain.history_.column("loss")


def test_a_weight_counts_as_so_many_samples():
    inputs, labels = three_classes(20)
    times = np.random.default_rng(0).integers(1, 4, 20)
    weighed = network(dtype="float64", batch_size=20).initialize(inputs, labels)
    repeated = network(dtype="float64", batch_size=times.sum()).initialize(inputs, labels)
    for _ in range(3):
        weighed.partial_fit(inputs, labels, sample_weight=times)
        repeated.partial_fit(np.repeat(inputs, times, axis=0), np.repeat(labels, times))
    np.testing.assert_allclose(theta(weighed), theta(repeated), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("class_weight", ["balanced", {0: 0.25, 1: 4.0}])
@pytest.mark.parametrize("extra", [None, np.linspace(0.5, 2, 160)])
def test_weights_of_classes_are_weights_of_their_samples(class_weight, extra):
    from sklearn.utils import compute_sample_weight

    inputs, labels = three_classes()
    weight = compute_sample_weight(class_weight, labels) * (1 if extra is None else extra)
    of_classes = network(class_weight=class_weight).fit(inputs, labels, sample_weight=extra)
    of_samples = network().fit(inputs, labels, sample_weight=weight)
    np.testing.assert_array_equal(theta(of_classes), theta(of_samples))
    assert of_classes.history_.column("validation_loss") == of_samples.history_.column("validation_loss")
    assert not np.array_equal(theta(of_classes), theta(network().fit(inputs, labels)))


def test_class_weights_are_by_the_users_labels():
    names = np.array(["crescent", "half moon"])
    by_name = network(class_weight={"half moon": 3.0}).fit(X, names[Y])
    np.testing.assert_array_equal(theta(by_name), theta(network(class_weight={1: 3.0}).fit(X, Y)))


def test_backward_propagation_heeds_penalty_and_weights():
    settings = {"alpha": 0.3, "class_weight": {1: 2.0}, "dtype": "float64"}
    by_hand, fitted = network(**settings).initialize(X[:16], Y[:16]), network(**settings)
    fitted.initialize(X[:16], Y[:16]).partial_fit(X[:16], Y[:16])
    loss = by_hand.backward_propagation(X[:16], Y[:16])
    np.testing.assert_allclose(theta(by_hand), theta(fitted), rtol=1e-12)
    assert loss == pytest.approx(fitted.history_.records[0].loss)


@pytest.mark.parametrize("own", [False, True], ids=["of classes", "of samples"])
def test_a_batch_without_weight_trains_nothing(own):
    settings: dict = {"batch_size": 1, "optimizer": "adam", "alpha": 0.1, "random_state": 5}
    fitted = network(class_weight=None if own else {0: 0.0}, **settings).initialize(X, Y)
    fitted.partial_fit(X, Y, sample_weight=Y if own else None)
    kept = theta(fitted)
    assert np.isfinite(kept).all()
    assert np.isfinite(fitted.history_.records[0].loss)
    if not own:
        assert fitted.backward_propagation(X[Y == 0], Y[Y == 0]) == 0
        np.testing.assert_array_equal(theta(fitted), kept)


def test_a_score_may_be_weighted():
    from sklearn.metrics import accuracy_score

    fitted, weight = network().fit(X, Y), np.random.default_rng(0).uniform(0, 3, len(X_NEW))
    expected = accuracy_score(Y_NEW, fitted.predict(X_NEW), sample_weight=weight)
    assert fitted.score(X_NEW, Y_NEW, sample_weight=weight) == pytest.approx(expected)
    assert fitted.score(X_NEW, Y_NEW, weight) != fitted.score(X_NEW, Y_NEW)


# -- activations, seeds and batches in other words ---------------------------------------------------


def test_a_list_of_activations_is_one_for_each_hidden_layer():
    listed = network(activation=["tanh", (np.sin, np.cos)]).fit(X, Y)
    assert [activation.name for activation in listed.architecture_.activations] == ["tanh", "custom:sin"]
    same = network(activation=["tanh", "tanh"]).fit(X, Y)
    np.testing.assert_array_equal(theta(same), theta(network(activation="tanh").fit(X, Y)))


def test_a_pair_is_a_function_and_its_derivative():
    pair = network(activation=(np.sin, np.cos)).fit(X, Y)
    apart = network(activation=np.sin, activation_grad=np.cos).fit(X, Y)
    np.testing.assert_array_equal(theta(pair), theta(apart))


def test_logistic_is_a_name_of_sigmoid():
    np.testing.assert_array_equal(
        theta(network(activation="logistic").fit(X, Y)), theta(network(activation="sigmoid").fit(X, Y))
    )


def test_a_random_state_of_numpys_old_kind_is_a_seed_that_moves_on():
    first = network(random_state=np.random.RandomState(7)).fit(X, Y)
    again = network(random_state=np.random.RandomState(7)).fit(X, Y)
    np.testing.assert_array_equal(theta(first), theta(again))
    assert not np.array_equal(theta(again.fit(X, Y)), theta(first))
    assert not np.array_equal(theta(network(random_state=7).fit(X, Y)), theta(first))


@pytest.mark.parametrize(("n", "expected"), [(50, 50), (128, 128), (300, 128)])
def test_a_batch_is_128_samples_or_all_there_are(n, expected):
    inputs, labels = X[:n], Y[:n]
    usual = network(batch_size=None).fit(inputs, labels, early_stopping=False)
    said = network(batch_size=expected).fit(inputs, labels, early_stopping=False)
    np.testing.assert_array_equal(theta(usual), theta(said))


def test_a_small_data_set_needs_no_batch_size():
    from sklearn.datasets import load_iris

    fitted = NeuralNetwork(1, [4], random_state=0).fit(*load_iris(return_X_y=True))
    assert len(fitted.history_) >= 1


# -- one epoch at a time ------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"dropout": 0.3, "alpha": 0.1, "optimizer": "adam", "lr": 0.01}])
def test_partial_fit_again_and_again_is_fit(settings):
    whole = network(epochs=4, **settings).fit(X, Y, early_stopping=False)
    by_epoch = network(**settings)
    for _ in range(4):
        assert by_epoch.partial_fit(X, Y, classes=[1, 0]) is by_epoch
    np.testing.assert_array_equal(theta(by_epoch), theta(whole))
    assert by_epoch.history_.column("loss") == whole.history_.column("loss")
    assert by_epoch.history_.column("epoch") == [1, 2, 3, 4]


def test_partial_fit_takes_rows_of_any_number_and_classes_to_come():
    learner = network(batch_size=64)
    learner.partial_fit(X[:5], np.zeros(5, int), classes=[0, 1, 2])
    for start in range(5, len(X), 90):
        learner.partial_fit(X[start : start + 90], Y[start : start + 90])
    np.testing.assert_array_equal(learner.classes_, [0, 1, 2])
    assert learner.predict_prob(X).shape == (len(X), 3)


def test_partial_fit_goes_on_after_fit_and_after_a_file(tmp_path):
    fitted = network().fit(X, Y, X_NEW, Y_NEW)
    fitted.save(tmp_path / "model")
    loaded = NeuralNetwork.load(tmp_path / "model")
    for learner in (fitted, loaded):
        before, epochs = theta(learner), len(learner.history_)
        learner.partial_fit(X, Y)
        assert not np.array_equal(theta(learner), before)
        assert len(learner.history_) == epochs + 1
        assert learner.history_.best_epoch is None
    np.testing.assert_array_equal(theta(loaded.fit(X, Y)), theta(network().fit(X, Y)))


def test_partial_fit_needs_to_know_the_classes():
    with pytest.raises(GlassnetError, match="first call of partial_fit"):
        network().partial_fit(X, Y)
    fitted = network().fit(X, Y)
    with pytest.raises(GlassnetError, match=r"classes=\[0, 1, 2\]"):
        fitted.partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(GlassnetError, match="not among the training labels"):
        fitted.partial_fit(X, Y + 1)
    with pytest.raises(GlassnetError, match="3 features"):
        fitted.partial_fit(np.ones((2, 3)), [0, 1])


# -- sparse matrices ----------------------------------------------------------------------------------


SPARSE = [sparse.csr_matrix, sparse.csr_array, sparse.csc_array, sparse.coo_matrix]


@pytest.mark.parametrize("convert", SPARSE)
@pytest.mark.parametrize("dtype", [np.float64, np.uint8, np.int32])
def test_a_sparse_matrix_is_its_array(convert, dtype):
    rng = np.random.default_rng(0)
    dense = (rng.integers(0, 200, (120, 9)) * (rng.random((120, 9)) < 0.3)).astype(dtype)
    labels = rng.integers(3, size=120)
    other = convert(dense)
    of_array, of_sparse = network(lr=0.01).fit(dense, labels), network(lr=0.01).fit(other, labels)
    np.testing.assert_array_equal(theta(of_sparse), theta(of_array))
    assert of_sparse.history_.column("validation_loss") == of_array.history_.column("validation_loss")
    for answer in ("predict", "predict_prob", "forward_propagation", "transform"):
        np.testing.assert_array_equal(getattr(of_sparse, answer)(other), getattr(of_array, answer)(dense))
    assert of_sparse.evaluate(other, labels) == of_array.evaluate(dense, labels)
    assert of_sparse.score(other, labels) == of_array.score(dense, labels)
    of_sparse.partial_fit(other, labels).backward_propagation(other, labels)
    of_array.partial_fit(dense, labels).backward_propagation(dense, labels)
    np.testing.assert_array_equal(theta(of_sparse), theta(of_array))
    held_out = network().fit(dense, labels, other, labels)
    np.testing.assert_array_equal(theta(held_out), theta(network().fit(dense, labels, dense, labels)))


def test_a_value_of_a_sparse_matrix_that_is_not_finite_is_named():
    dense = np.zeros((9, 4))
    dense[0, 1], dense[6, 2] = 1, np.inf
    with pytest.raises(GlassnetError, match="inf at row 6, column 2"):
        network().fit(sparse.csr_array(dense), np.arange(9) % 2)
    with pytest.raises(GlassnetError, match="holds nothing"):
        network().fit(sparse.csr_array((0, 4)), [])


# -- streams ------------------------------------------------------------------------------------------


def cut(inputs, labels=None, rows=37):
    starts = range(0, len(inputs), rows)
    if labels is None:
        return Stream([inputs[i : i + rows] for i in starts])
    return Stream([(inputs[i : i + rows], labels[i : i + rows]) for i in starts])


NAMES = np.array(["crescent", "half moon"])


@pytest.mark.parametrize(
    ("settings", "spell"),
    [
        ({}, lambda labels: labels),
        ({"dropout": 0.2, "alpha": 0.1}, lambda labels: NAMES[labels]),
        ({"class_weight": "balanced"}, lambda labels: labels),
        ({"class_weight": {"half moon": 3.0}}, lambda labels: NAMES[labels]),
        ({"class_weight": {1: 3.0}}, one_hot),
    ],
    ids=["integers", "text", "balanced", "text and weights", "one-hot and weights"],
)
def test_a_stream_trains_as_its_arrays_do(settings, spell):
    """All rows fit into one part, so that they are shuffled alike."""
    of_arrays = network(**settings).fit(X, spell(Y), X_NEW, spell(Y_NEW))
    of_stream = network(**settings).fit(cut(X, spell(Y)), None, X_NEW, spell(Y_NEW))
    np.testing.assert_array_equal(theta(of_stream), theta(of_arrays))
    assert of_stream.history_.column("validation_loss") == of_arrays.history_.column("validation_loss")
    np.testing.assert_array_equal(of_stream.classes_, of_arrays.classes_)


def test_answers_to_a_stream_are_those_to_its_arrays():
    fitted = network().fit(X, Y)
    for answer in ("predict", "predict_prob", "forward_propagation", "transform"):
        np.testing.assert_allclose(getattr(fitted, answer)(cut(X)), getattr(fitted, answer)(X), rtol=1e-6)
    assert fitted.score(cut(X, Y)) == fitted.score(X, Y)
    assert fitted.evaluate(cut(X, Y)) == pytest.approx(fitted.evaluate(X, Y), rel=1e-6)


def test_one_pass_of_a_stream_is_partial_fit():
    of_arrays, of_stream = network(), network()
    for _ in range(2):
        of_arrays.partial_fit(X, Y, classes=[0, 1])
        of_stream.partial_fit(Stream(iter([(X[:100], Y[:100]), (X[100:], Y[100:])])), classes=[0, 1])
    np.testing.assert_array_equal(theta(of_stream), theta(of_arrays))


def test_a_stream_may_be_the_validation_data():
    of_arrays = network().fit(X, Y, X_NEW, Y_NEW)
    of_stream = network().fit(X, Y, cut(X_NEW, Y_NEW))
    np.testing.assert_array_equal(theta(of_stream), theta(of_arrays))
    np.testing.assert_allclose(
        of_stream.history_.column("validation_loss"), of_arrays.history_.column("validation_loss"), rtol=1e-6
    )


def test_images_of_a_stream_are_scaled_as_arrays_are(digits):
    (images, labels), _ = digits
    of_stream = network(N=1, A=[8]).fit(cut(images, labels, 500), early_stopping=False)
    of_arrays = network(N=1, A=[8]).fit(images, labels, early_stopping=False)
    np.testing.assert_array_equal(theta(of_stream), theta(of_arrays))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda stream: network().fit(stream), "early_stopping=True cannot hold rows"),
        (lambda stream: network().fit(stream, Y, early_stopping=False), "leave y out"),
        (
            lambda stream: network().fit(stream, sample_weight=np.ones(300), early_stopping=False),
            "sample_weight beside a Stream",
        ),
        (lambda stream: network().fit(X, Y, stream, Y), "y_val beside a Stream"),
        (lambda stream: network().fit(Stream(iter([(X, Y)])), early_stopping=False), "read only once"),
        (lambda stream: network().fit(cut(X), early_stopping=False), "no y"),
        (
            lambda stream: network(class_weight="balanced").partial_fit(stream, classes=[0, 1]),
            "needs the counts",
        ),
        (lambda stream: network().fit(X, Y).score(stream, Y), "leave y out"),
        (lambda stream: network().fit(X, Y).score(stream, sample_weight=Y), "sample_weight beside a Stream"),
        (lambda stream: network().fit(X, Y).predict(cut(X[:, :1])), "batch 1 of the stream"),
        (lambda stream: network().fit(X, Y).score(cut(X, Y + 1)), "batch 1 of the stream.*not among"),
        (
            lambda stream: network().fit(Stream([(X, Y), (X, NAMES[Y])]), early_stopping=False),
            "text in some",
        ),
        (lambda stream: network().fit(Stream([(X, Y + 0.5)]), early_stopping=False), "not whole"),
    ],
)
def test_what_a_stream_cannot_have_is_an_error(call, message):
    with pytest.raises(GlassnetError, match=message):
        call(cut(X, Y))


# -- beside scikit-learn --------------------------------------------------------------------------------


def test_parameters_are_read_and_set_by_name():
    learner = network()
    assert learner.get_params() == learner.get_params(deep=False) == vars(learner)
    assert list(learner.get_params()) == list(inspect.signature(NeuralNetwork).parameters)
    assert learner.set_params(lr=0.5, alpha=0.1) is learner
    assert (learner.lr, learner.alpha) == (0.5, 0.1)
    with pytest.raises(UnknownNameError, match="did you mean 'alpha'"):
        learner.set_params(lr=9, alpah=0.1)
    assert learner.lr == 0.5


@pytest.mark.parametrize(
    "settings",
    [
        {"activation": activations.ACTIVATIONS["tanh"], "optimizer": Adam(beta_1=0.5)},
        {"activation": ["tanh", (np.sin, np.cos)], "random_state": np.random.RandomState(3)},
        {"class_weight": {0: 2.0}, "A": np.array([4, 3]), "random_state": np.random.default_rng(3)},
    ],
)
def test_a_clone_is_unfitted_and_learns_alike(settings):
    from sklearn.base import clone

    original = network(**settings)
    other = clone(copy.deepcopy(original).fit(X, Y))
    assert not hasattr(other, "parameters_")
    if "random_state" in settings:  # the original's has moved on while it was fitted
        other.random_state = copy.deepcopy(settings["random_state"])
    np.testing.assert_array_equal(theta(other.fit(X, Y)), theta(original.fit(X, Y)))
    assert other.architecture_.activations[0] is original.architecture_.activations[0]


def test_it_is_searched_over_scored_and_piped():
    from sklearn.base import is_classifier
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.utils import get_tags

    assert is_classifier(network())
    assert get_tags(network()).input_tags.sparse
    piped = make_pipeline(StandardScaler(), network())
    search = GridSearchCV(piped, {"neuralnetwork__lr": [1e-6, 0.3]}, cv=2)
    search.fit(X, np.array(["a", "b"])[Y], neuralnetwork__early_stopping=False)
    assert search.best_params_ == {"neuralnetwork__lr": 0.3}
    assert search.score(X_NEW, np.array(["a", "b"])[Y_NEW]) > 0.8
    assert piped[-1].lr == SETTINGS["lr"]
    scores = cross_val_score(network(), X, Y, cv=3, scoring="roc_auc")
    assert scores.min() > 0.8
    fitted = network().fit(X, Y)
    np.testing.assert_array_equal(fitted.predict_proba(X), fitted.predict_prob(X))
    assert piped.fit(X, Y)[:-1].transform(X).shape == (300, 2)
    assert piped.transform(X).shape == (300, 8)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))], ids=["deepcopy", "pickle"]
)
def test_a_copy_drops_and_shuffles_as_the_original_does(copied):
    original = network(dropout=0.3, alpha=0.1, class_weight="balanced").fit(X, Y)
    other = copied(original)
    assert other.get_params() == original.get_params()
    for learner in (original, other):
        learner.partial_fit(X, Y)
    np.testing.assert_array_equal(theta(other), theta(original))


def test_a_file_keeps_every_parameter(tmp_path):
    settings = {"alpha": 0.1, "dropout": 0.2, "class_weight": {0: 2.0}, "batch_size": None}
    fitted = network(**settings, activation=["tanh", "logistic"]).fit(X, Y)
    fitted.save(tmp_path / "model")
    loaded = NeuralNetwork.load(tmp_path / "model")
    assert loaded.get_params() == fitted.get_params()
    np.testing.assert_array_equal(loaded.predict_prob(X), fitted.predict_prob(X))
    np.testing.assert_array_equal(theta(loaded.fit(X, Y)), theta(fitted))


def test_features_of_every_hidden_layer():
    fitted = network().fit(X, Y)
    assert fitted.transform(X, layer=0).shape == (300, 16)
    hidden = fitted.transform(X)
    np.testing.assert_array_equal(hidden, fitted.transform(X, layer=1))
    probabilities = fitted._softmax(hidden @ fitted.weights_[-1] + fitted.biases_[-1])
    np.testing.assert_allclose(probabilities, fitted.predict_prob(X), rtol=1e-5)


# -- softmax ----------------------------------------------------------------------------------------


def test_softmax_is_stable():
    z = np.array([[1e4, 0, -1e4], [-1e4, -1e4, -1e4], [1e4, 1e4, 1e4]])
    expected = np.array([[1, 0, 0], [1 / 3] * 3, [1 / 3] * 3])
    for dtype in ("float32", "float64"):
        np.testing.assert_allclose(NeuralNetwork._softmax(z.astype(dtype)), expected, rtol=1e-6)


def test_softmax_is_the_formula_along_the_last_axis():
    z = np.random.default_rng(0).normal(size=(3, 4, 5))
    expected = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(NeuralNetwork._softmax(z), expected, rtol=1e-12)
    np.testing.assert_allclose(NeuralNetwork._softmax(z[0, 0].tolist()), expected[0, 0], rtol=1e-12)
    np.testing.assert_allclose(network()._softmax(z + 100), expected, rtol=1e-10)


# -- pictures ---------------------------------------------------------------------------------------


def test_losses_are_plotted_against_the_epochs():
    pytest.importorskip("glassnet.plots")
    from matplotlib.figure import Figure

    fitted = network().fit(X, Y)
    ax = Figure().add_subplot()
    assert fitted.plot_losses(ax) is ax
    curves = {line.get_label(): line for line in ax.lines}
    for label, column in {"training": "loss", "validation": "validation_loss"}.items():
        np.testing.assert_array_equal(curves[label].get_xdata(), range(1, 7))
        np.testing.assert_allclose(curves[label].get_ydata(), fitted.history_.column(column))


# -- parity and memory ------------------------------------------------------------------------------


def test_a_network_trains_as_its_twin_in_torch():
    torch = pytest.importorskip("torch")
    ours = network(dtype="float64", activation="tanh", lr=0.1, epochs=4, batch_size=32).initialize(X, Y)
    layers = []
    for weight, bias in zip(ours.weights_, ours.biases_, strict=True):
        layer = torch.nn.Linear(*weight.shape, dtype=torch.float64)
        layer.weight.data, layer.bias.data = torch.tensor(weight.T.copy()), torch.tensor(bias.copy())
        layers += [layer, torch.nn.Tanh()]
    twin = torch.nn.Sequential(*layers[:-1])
    descent = torch.optim.SGD(twin.parameters(), lr=0.1)
    inputs, labels = torch.tensor(X), torch.tensor(Y)

    fitted = network(dtype="float64", activation="tanh", lr=0.1, epochs=4, batch_size=32)
    fitted.fit(X, Y, early_stopping=False)
    rng = np.random.default_rng(0)
    network(random_state=rng).initialize(X, Y)  # draws what fit draws for the weights
    losses = []
    for _ in range(4):
        order, total = torch.tensor(rng.permutation(len(X))), 0.0
        for rows in order.split(32):
            descent.zero_grad()
            loss = torch.nn.functional.cross_entropy(twin(inputs[rows]), labels[rows])
            loss.backward()
            descent.step()
            total += loss.item() * len(rows)
        losses.append(total / len(X))
    np.testing.assert_allclose(fitted.history_.column("loss"), losses, rtol=1e-10)
    np.testing.assert_allclose(
        fitted.predict_prob(X_NEW), twin(torch.tensor(X_NEW)).softmax(1).detach().numpy(), rtol=1e-9
    )
    for layer, weight, bias in zip(layers[::2], fitted.weights_, fitted.biases_, strict=True):
        np.testing.assert_allclose(weight, layer.weight.detach().numpy().T, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(bias, layer.bias.detach().numpy(), rtol=1e-9, atol=1e-12)
