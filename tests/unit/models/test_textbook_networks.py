"""NeuralNetwork with outputs of one's own choice, frozen parameters, and without hidden layers."""

import copy
import json

import numpy as np
import pytest
from heads import PAIRS
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier as TheirClassifier, MLPRegressor as TheirRegressor

import glassnet
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.models import model_file
from glassnet.nn.losses import LOSSES, head_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.array(["ash", "elm", "oak"])[X.argmax(axis=1)]

CLASSIFIERS = [name for name, head in PAIRS.items() if head.makes_classifier]


def network(**settings):
    return NeuralNetwork(
        **{
            "N": 1,
            "A": [4],
            "lr": 0.3,
            "activation": "tanh",
            "random_state": 0,
            "dtype": "float64",
            **settings,
        }
    )


# -- outputs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_gradient_is_right_under_every_output(name):
    loss, output = name.split("/")
    made = network(loss=loss, output_activation=output).initialize(X, Y)
    assert made.architecture_.head == head_of(loss, output)
    assert glassnet.check_network_gradient(made, X, Y).verdict in ("good", "acceptable")


def test_sigmoid_outputs_with_squared_error_train_as_torch_does():
    torch = pytest.importorskip("torch")
    made = network(loss="squared_error", output_activation="logistic", batch_size=60, frozen=["b2"])
    made.initialize(X, Y)
    layers = [torch.nn.Linear(3, 4, dtype=torch.float64), torch.nn.Linear(4, 3, dtype=torch.float64)]
    with torch.no_grad():
        for layer, weight, bias in zip(layers, made.weights_, made.biases_, strict=True):
            layer.weight[...] = torch.tensor(weight.T.copy())
            layer.bias[...] = torch.tensor(bias.copy())
    model = torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1], torch.nn.Sigmoid())
    layers[1].bias.requires_grad = False
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.3)
    targets = torch.tensor((made.classes_ == Y[:, np.newaxis]).astype(float))
    for _ in range(20):
        loss = 0.5 * ((model(torch.tensor(X)) - targets) ** 2).sum() / len(X)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert made.backward_propagation(X, Y) == pytest.approx(loss.item(), rel=1e-12)
    for layer, weight, bias in zip(layers, made.weights_, made.biases_, strict=True):
        np.testing.assert_allclose(weight, layer.weight.detach().numpy().T, rtol=1e-10)
        np.testing.assert_allclose(bias, layer.bias.detach().numpy(), rtol=1e-10)
    assert not made.biases_[1].any()


def test_the_output_that_belongs_to_the_loss_is_the_fused_head():
    for output in (None, "identity"):
        made = network(loss="squared_error", output_activation=output).initialize(X, Y)
        assert made.architecture_.head is LOSSES["squared_error"]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"loss": "sigmoid_cross_entropy", "output_activation": "tanh"}, InvalidParameterError, "logarithm"),
        ({"output_activation": "sigmoid"}, InvalidParameterError, "must sum to 1"),
        ({"loss": "hinge", "output_activation": "softmax"}, InvalidParameterError, "beyond -1 and 1"),
        ({"loss": "perceptron"}, InvalidParameterError, "makes no classifier"),
        ({"output_activation": "sofmax"}, UnknownNameError, "did you mean 'softmax'"),
        ({"frozen": "b1"}, InvalidParameterError, "expected a list of names"),
        ({"frozen": ["b9"]}, UnknownNameError, "Known: W1, W2, b1, b2"),
        ({"frozen": [3]}, UnknownNameError, "unknown weights or biases"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_changes(settings, error, message):
    made = network(**settings)
    with pytest.raises(error, match=message):
        made.fit(X, Y)
    assert not hasattr(made, "parameters_")


@pytest.mark.parametrize("loss", ["hinge", "squared_error"])
def test_a_classifier_of_margins_learns(loss):
    output = None if loss == "hinge" else "softmax"
    made = network(loss=loss, output_activation=output, epochs=200).fit(X, Y, early_stopping=False)
    assert made.score(X, Y) > 0.95
    assert (made.predict_prob(X).sum(axis=1) == pytest.approx(1)) == (loss == "squared_error")


# -- frozen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_frozen_parameters_stay_through_fit_partial_fit_and_dropout(optimizer):
    made = network(optimizer=optimizer, frozen=["W1", "b2"], alpha=0.1, dropout=0.2, epochs=5, lr=0.01)
    made.initialize(X, Y)
    weights, biases = made.weights_[0].copy(), made.biases_[1].copy()
    made.partial_fit(X, Y)
    np.testing.assert_array_equal(made.weights_[0], weights)
    np.testing.assert_array_equal(made.biases_[1], biases)
    made.fit(X, Y, early_stopping=False)  # which draws what initialize drew
    np.testing.assert_array_equal(made.weights_[0], weights)
    assert not made.biases_[1].any()
    second = made.weights_[1].copy()
    made.set_params(frozen=[]).partial_fit(X, Y)
    assert (made.weights_[0] != weights).all()
    assert (made.weights_[1] != second).all()


def test_clones_views_and_pictures_know_what_is_frozen():
    made = network(frozen=["b1"], loss="squared_error", output_activation="sigmoid")
    assert clone(made).get_params() == made.get_params()
    assert glassnet.models.view_of(made, X, Y).frozen == ("b1",)
    assert "squared error of sigmoid outputs" in str(glassnet.diagnose(made, X, Y))


# -- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*CLASSIFIERS, "hinge", "softmax_cross_entropy"])
def test_a_network_comes_back_with_its_output(name, tmp_path):
    loss, _, output = name.partition("/")
    made = network(loss=loss, output_activation=output or None, frozen=("b1", "W2"), epochs=2).fit(X, Y)
    made.save(tmp_path / "model")
    back = glassnet.load(tmp_path / "model")
    np.testing.assert_array_equal(back.predict_prob(X), made.predict_prob(X))
    assert (back.output_activation, back.frozen) == (output or None, ("b1", "W2"))
    assert back.architecture_.head == made.architecture_.head
    frozen = back.biases_[0].copy()
    back.partial_fit(X, Y)
    np.testing.assert_array_equal(back.biases_[0], frozen)
    for other in (copy.deepcopy(made), clone(made).fit(X, Y)):
        np.testing.assert_array_equal(other.predict_prob(X), made.predict_prob(X))


def test_a_file_from_before_outputs_could_be_chosen_still_loads(tmp_path):
    made = network(loss="squared_error", epochs=2).fit(X, Y)
    made.save(tmp_path / "new")
    arrays, header = model_file.read_model(tmp_path / "new", "NeuralNetwork")
    del header["output"]
    for name in ("output_activation", "frozen"):
        del header["parameters"][name]
    header = {name: value for name, value in header.items() if name != "format_version"}
    model_file.write_model(tmp_path / "old", arrays, json.loads(json.dumps(header)))
    back = glassnet.load(tmp_path / "old")
    np.testing.assert_array_equal(back.predict_prob(X), made.predict_prob(X))
    assert (back.output_activation, tuple(back.frozen)) == (None, ())


# -- no hidden layer --------------------------------------------------------------------------------------


def test_a_network_without_hidden_layers_is_logistic_regression():
    made = network(N=0, A=[], alpha=1.0, batch_size=60, lr=0.5, epochs=3000)
    made.fit(X, Y, early_stopping=False)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(X, Y)
    np.testing.assert_allclose(made.predict_prob(X), theirs.predict_proba(X), atol=1e-6)
    assert made.architecture_.sizes == (3, 3)
    with pytest.raises(InvalidParameterError, match="no hidden layer"):
        made.transform(X)


def test_without_hidden_layers_all_else_works_too(tmp_path):
    made = NeuralNetwork(0, (), lr=0.3, random_state=0, dropout=0.5, dtype="float64").fit(X, Y)
    made.save(tmp_path / "model")
    np.testing.assert_array_equal(glassnet.load(tmp_path / "model").predict(X), made.predict(X))
    assert glassnet.check_network_gradient(made, X, Y).verdict == "good"
    assert str(glassnet.diagnose(made, X, Y)).startswith("NeuralNetwork")
    plain = network(N=0, A=[]).initialize(X, Y)
    for names in ("arrays", "units"):
        worked = glassnet.trace(plain, X[:1], Y[:1], names=names)
        assert ("z_o1 = w1*x1 + w2*x2 + w3*x3 + b_o1" in worked.to_text()) == (names == "units")


@pytest.mark.parametrize(("N", "A"), [(0, [3]), (1, []), (-1, []), (False, []), (0.5, [])])
def test_layers_and_their_number_must_agree(N, A):
    with pytest.raises(InvalidParameterError, match=r"got [NA]="):
        NeuralNetwork(N, A).fit(X, Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("hidden", [(), []])
def test_estimators_without_hidden_layers_are_scikit_learns(solver, hidden):
    settings = {"hidden_layer_sizes": hidden, "solver": solver, "max_iter": 5, "random_state": 0}
    for ours, theirs, y in (
        (MLPClassifier, TheirClassifier, Y),
        (MLPRegressor, TheirRegressor, X @ [1.0, -2.0, 0.5]),
    ):
        one, other = ours(**settings).fit(X, y), theirs(**settings).fit(X, y)
        np.testing.assert_allclose(one.coefs_[0], other.coefs_[0], rtol=1e-9)
        assert len(one.coefs_) == len(other.coefs_) == 1


def test_an_autoencoder_without_hidden_layers_is_refused_with_a_reason():
    with pytest.raises(InvalidParameterError, match="at least one hidden layer"):
        MLPAutoencoder(hidden_layer_sizes=()).fit(X)
