"""Bad input: a clear error of the right class, before any training."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from glassnet.data import one_hot
from glassnet.errors import GlassnetError, InvalidDataError, InvalidParameterError, UnknownNameError
from glassnet.models import resolving, validation
from glassnet.models.neural_network import NeuralNetwork
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
LABELS = np.arange(60) % 3
SETTINGS: dict[str, Any] = {"N": 2, "A": [5, 4], "lr": 0.1, "epochs": 2, "batch_size": 8, "random_state": 0}


def refuse(error, *parts, fit=None, data=(X, LABELS), **settings):
    """Check that fit refuses, before its first epoch, with a message that holds every part."""
    network = NeuralNetwork(**{**SETTINGS, **settings})
    epochs = []
    with pytest.raises(error) as caught:
        network.fit(*data, **{"on_epoch": epochs.append, **(fit or {})})
    assert isinstance(caught.value, GlassnetError)
    assert isinstance(caught.value, ValueError)
    for part in parts:
        assert part in str(caught.value)
    assert epochs == []
    assert not hasattr(network, "history_")


def with_value(value, row=7, column=2, dtype=np.float64):
    bad = X.astype(dtype)
    bad[row, column] = value
    return bad


CLASSIFIER_LOSSES = [name for name, head in LOSSES.items() if head.makes_classifier]

# -- settings ---------------------------------------------------------------------------------------


def test_as_many_sizes_as_hidden_layers():
    refuse(InvalidParameterError, "N=3", "2 sizes", "[5, 4]", "Did you mean N=2", N=3)
    refuse(InvalidParameterError, "N=1", "Did you mean N=2", N=1)


@pytest.mark.parametrize("size", [0, -1, 2.5, True, "3", None, math.nan, np.float64(3.5)])
def test_a_size_is_a_positive_whole_number(size):
    refuse(InvalidParameterError, f"A[1]={size!r}", "whole number of at least 1", A=[5, size])


@pytest.mark.parametrize("count", [0, -1, 2.0, True, "2", None])
def test_the_number_of_layers_is_a_positive_whole_number(count):
    refuse(InvalidParameterError, f"N={count!r}", N=count)


@pytest.mark.parametrize("sizes", [5, "54", None, {5, 4}])
def test_the_sizes_are_a_list(sizes):
    refuse(InvalidParameterError, "A=", "expected a list of 2", A=sizes)


@pytest.mark.parametrize("sizes", [(5, 4), np.array([5, 4]), [np.int32(5), np.uint8(4)], range(5, 3, -1)])
def test_sizes_of_any_integer_type_are_taken(sizes):
    network = NeuralNetwork(**{**SETTINGS, "A": sizes}).initialize(X, LABELS)
    assert [weight.shape for weight in network.weights_] == [(4, 5), (5, 4), (4, 3)]


@pytest.mark.parametrize("lr", [0, -0.1, math.nan, math.inf, -math.inf, "0.1", None, True, [0.1], 1j])
def test_the_learning_rate_is_positive_and_finite(lr):
    refuse(InvalidParameterError, f"lr={lr!r}", "positive, finite", lr=lr)


@pytest.mark.parametrize("lr", [1, 0.5, np.float32(0.5), Fraction(1, 2)])
def test_a_learning_rate_of_any_real_type_is_taken(lr):
    assert validation.check_positive("lr", lr) == float(lr)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name in ("epochs", "batch_size") for value in (0, -3, 1.5, "8", True)]
    + [("epochs", None)],
)
def test_counts_are_positive_whole_numbers(name, value):
    refuse(InvalidParameterError, f"{name}={value!r}", "whole number of at least 1", **{name: value})


@pytest.mark.parametrize("patience", [0, -3, 1.5, "8", True, None])
def test_patience_is_a_positive_whole_number(patience):
    refuse(InvalidParameterError, f"patience={patience!r}", fit={"patience": patience})


@pytest.mark.parametrize("fraction", [0, 1, -0.2, 1.5, math.nan])
def test_the_validation_fraction_lies_between_zero_and_one(fraction):
    refuse(InvalidParameterError, "validation_fraction", fit={"validation_fraction": fraction})


def test_a_validation_part_too_small_for_every_class_is_refused():
    refuse(InvalidDataError, "3 classes", fit={"validation_fraction": 0.01})


def test_a_class_with_a_single_sample_cannot_be_split():
    refuse(InvalidDataError, "single sample", data=(X, np.append(LABELS[:-1], 9)))


@pytest.mark.parametrize("seed", [-1, 0.5, "0", True, [1]])
def test_the_random_state_is_a_seed_or_a_generator(seed):
    refuse(InvalidParameterError, f"random_state={seed!r}", "numpy.random.Generator", random_state=seed)


@pytest.mark.parametrize("dtype", ["float16", "int32", int, "no type", object, "f8, f8"])
def test_the_dtype_is_float32_or_float64(dtype):
    refuse(InvalidParameterError, f"dtype={dtype!r}", "'float32' or 'float64'", dtype=dtype)


@pytest.mark.parametrize("dtype", ["float32", np.float32, np.dtype("float32"), "f4", "float64", float])
def test_a_dtype_may_be_written_in_any_way(dtype):
    network = NeuralNetwork(**SETTINGS, dtype=dtype).initialize(X, LABELS)
    assert network.weights_[0].dtype == np.dtype(dtype)


@pytest.mark.parametrize(
    ("setting", "wrong", "nearest", "table"),
    [
        ("activation", "rleu", "relu", ACTIVATIONS),
        ("weight_init", "nomal", "normal", INITIALIZERS),
        ("loss", "softmax_crossentropy", "softmax_cross_entropy", CLASSIFIER_LOSSES),
        ("optimizer", "adamm", "adam", OPTIMIZERS),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_and_all_known(setting, wrong, nearest, table):
    refuse(UnknownNameError, f"unknown {setting} {wrong!r}", f"did you mean {nearest!r}", **{setting: wrong})
    refuse(UnknownNameError, *table, **{setting: "Xyzzy!"})


@pytest.mark.parametrize("loss", [name for name in LOSSES if name not in CLASSIFIER_LOSSES])
def test_a_loss_that_makes_no_classifier_is_refused(loss):
    refuse(InvalidParameterError, f"loss={loss!r}", "no classifier", *CLASSIFIER_LOSSES, loss=loss)


def test_the_losses_that_make_a_classifier():
    assert CLASSIFIER_LOSSES == [
        "softmax_cross_entropy",
        "sigmoid_cross_entropy",
        "squared_error",
        "hinge",
    ]


@pytest.mark.parametrize("alpha", [-0.1, math.nan, math.inf, "0.1", None, True])
def test_alpha_is_at_least_zero_and_finite(alpha):
    refuse(InvalidParameterError, f"alpha={alpha!r}", "at least 0", alpha=alpha)


@pytest.mark.parametrize("dropout", [-0.1, 1, 1.5, math.nan, "0.1", None, True])
def test_dropout_is_from_zero_up_to_one(dropout):
    refuse(InvalidParameterError, f"dropout={dropout!r}", dropout=dropout)


@pytest.mark.parametrize("class_weight", ["even", 3, [1, 2]])
def test_class_weights_are_a_dict_or_balanced(class_weight):
    refuse(InvalidParameterError, f"class_weight={class_weight!r}", "'balanced'", class_weight=class_weight)


def test_class_weights_are_for_labels_that_there_are():
    refuse(InvalidParameterError, "class_weight with [77]", class_weight={77: 2.0})


@pytest.mark.parametrize("class_weight", [{0: -1.0}, {0: math.nan}, {0: math.inf}])
def test_class_weights_are_at_least_zero(class_weight):
    refuse(InvalidParameterError, "class_weight", "at least 0", class_weight=class_weight)


@pytest.mark.parametrize(
    "weight",
    [[1.0], -1.0, math.nan, 0.0, ["heavy"], [[1.0], [1.0, 2.0]]],
    ids=["short", "negative", "nan", "all zero", "text", "ragged"],
)
def test_sample_weights_are_a_number_of_at_least_zero_for_each_sample(weight):
    given = weight if isinstance(weight, list) else np.full(len(X), weight)
    refuse(InvalidDataError, "sample_weight", f"{len(X)} finite numbers", fit={"sample_weight": given})


def test_a_list_of_activations_has_one_for_each_hidden_layer():
    n_hidden = SETTINGS["N"]
    refuse(
        InvalidParameterError,
        f"got {n_hidden + 1} activations for {n_hidden} hidden layers",
        activation=["relu"] * (n_hidden + 1),
    )
    refuse(InvalidParameterError, "expected a pair", activation=(np.sin, np.cos, np.sin))


@pytest.mark.parametrize("loss", [None, 3, "", ["squared_error"]])
def test_a_loss_that_is_no_name_is_unknown_too(loss):
    refuse(UnknownNameError, f"unknown loss {loss!r}", loss=loss)


# -- functions of the user's own --------------------------------------------------------------------


def test_an_activation_of_ones_own_needs_its_gradient():
    refuse(InvalidParameterError, "sin", "activation_grad is None", "derivative", activation=np.sin)
    refuse(InvalidParameterError, "activation_grad is 3", activation=np.sin, activation_grad=3)


@pytest.mark.parametrize("activation", [None, 3])
def test_an_activation_is_a_name_or_a_function(activation):
    refuse(InvalidParameterError, f"activation={activation!r}", "relu", "function", activation=activation)


def test_an_activation_keeps_the_shape():
    refuse(
        InvalidParameterError,
        "activation returned the shape (3,)",
        "(3, 2)",
        activation=lambda z: z.sum(axis=1),
        activation_grad=np.cos,
    )
    refuse(
        InvalidParameterError,
        "activation_grad returned the shape ()",
        activation=np.sin,
        activation_grad=lambda z: 1.0,
    )


def test_the_librarys_functions_are_the_tables_entries():
    for entry in ACTIVATIONS.values():
        assert resolving.resolve_activation(entry.name, None) is entry
        assert resolving.resolve_activation(entry, None) is entry
        assert resolving.resolve_activation(entry.function, None) is entry
        assert resolving.resolve_activation(entry.function, entry.gradient) is entry


def test_any_other_pair_is_wrapped_under_a_name_that_says_so():
    own = resolving.resolve_activation(np.sin, np.cos)
    assert (own.name, own.function, own.gradient) == ("custom:sin", np.sin, np.cos)
    crossed = resolving.resolve_activation("relu", ACTIVATIONS["tanh"].gradient)
    assert crossed.name == "custom:relu"
    assert crossed.gradient is ACTIVATIONS["tanh"].gradient

    class Squash:
        def __call__(self, z):
            return np.tanh(z)

    assert resolving.resolve_activation(Squash(), np.cos).name == "custom:Squash"
    value = Activation("mine", np.sin, np.cos)
    assert resolving.resolve_activation(value, None) is value


@pytest.mark.parametrize(
    "weight_init",
    [
        lambda rng, fan_in, fan_out: np.zeros((fan_out, fan_in)),
        lambda rng, fan_in, fan_out: np.zeros(fan_out),
        lambda rng, fan_in, fan_out: 0.5,
        lambda rng, fan_in, fan_out: np.full((fan_in, fan_out), np.nan),
        lambda rng, fan_in, fan_out: np.full((fan_in, fan_out), np.inf),
    ],
    ids=["transposed", "row", "number", "nan", "infinite"],
)
def test_an_initialiser_returns_finite_weights_of_the_layers_shape(weight_init):
    refuse(
        InvalidParameterError, "weight_init returned", "expected finite", "(4, 5)", weight_init=weight_init
    )


@pytest.mark.parametrize("weight_init", [None, 0, np.zeros((4, 5))], ids=["None", "number", "array"])
def test_an_initialiser_is_a_name_or_a_function(weight_init):
    refuse(InvalidParameterError, "weight_init=", "f(rng, fan_in, fan_out)", weight_init=weight_init)


# -- inputs -----------------------------------------------------------------------------------------


def test_one_label_for_each_sample():
    refuse(InvalidDataError, "60 samples in X and 59 labels in y", data=(X, LABELS[:-1]))
    refuse(InvalidDataError, "60 samples in X and 0 labels in y", data=(X, 3))
    fit = {"X_val": X[:10], "y_val": LABELS[:9]}
    refuse(InvalidDataError, "10 samples in X_val and 9 labels in y_val", fit=fit)


@pytest.mark.parametrize(("value", "shown"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_value_that_is_not_finite_is_named_with_its_place(value, shown, dtype):
    refuse(
        InvalidDataError, f"X holds {shown} at row 7, column 2", data=(with_value(value), LABELS), dtype=dtype
    )


def test_infinities_that_cancel_are_found():
    bad = with_value(math.inf)
    bad[9, 1] = -math.inf
    refuse(InvalidDataError, "X holds inf at row 7, column 2", data=(bad, LABELS))


def test_what_overflows_float32_is_named_with_its_place():
    refuse(
        InvalidDataError, "row 7, column 2", "within the range of float32", data=(with_value(1e39), LABELS)
    )
    NeuralNetwork(**SETTINGS, dtype="float64").initialize(with_value(1e39), LABELS)


def test_finite_values_whose_sum_overflows_are_taken():
    huge = np.full((60, 4), 1e308)
    assert validation.check_inputs(huge, np.dtype("float64")) is huge


def test_a_bad_value_in_the_validation_data_is_named_too():
    fit = {"X_val": with_value(math.nan), "y_val": LABELS}
    refuse(InvalidDataError, "X_val holds nan at row 7, column 2", fit=fit)


@pytest.mark.parametrize(
    ("bad", "part"),
    [
        (X[:, 0], "shape (60,)"),
        (X.reshape(60, 2, 2), "glassnet.data.flatten"),
        (5.0, "shape ()"),
        (np.empty((0, 4)), "holds nothing"),
        (np.empty((60, 0)), "holds nothing"),
        ([[1.0, 2.0], [3.0]], "rows have different lengths"),
        ([["a", "b"]] * 60, "expected numbers"),
        (X.astype(str).astype(object), "expected numbers"),
        (X.astype(complex), "expected numbers"),
        (np.full((60, 4), np.datetime64("2020-01-01")), "expected numbers"),
    ],
    ids=[
        "1-D",
        "3-D",
        "number",
        "no rows",
        "no columns",
        "ragged",
        "text",
        "objects",
        "complex",
        "dates",
    ],
)
def test_inputs_are_a_table_of_numbers(bad, part):
    refuse(InvalidDataError, "X", part, data=(bad, LABELS))


def test_a_single_sample_is_told_how_to_become_a_row():
    network = NeuralNetwork(**SETTINGS).initialize(X, LABELS)
    with pytest.raises(InvalidDataError, match=r"X\.reshape\(1, -1\)"):
        network.predict(X[0])
    assert network.predict(X[0].reshape(1, -1)).shape == (1,)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int64, np.uint16, np.float16, np.float32, np.float64])
def test_inputs_of_any_numeric_type_are_converted(dtype):
    converted = validation.check_inputs(np.abs(X * 10).astype(dtype), np.dtype("float32"))
    assert converted.dtype == np.float32
    np.testing.assert_array_equal(converted, np.abs(X * 10).astype(dtype).astype(np.float32))


def test_images_stay_bytes_and_matching_inputs_are_not_copied():
    images = np.full((3, 4), 255, np.uint8)
    assert validation.check_inputs(images, np.dtype("float32")) is images
    exact = X.astype(np.float32)
    assert validation.check_inputs(exact, np.dtype("float32")) is exact


@pytest.mark.parametrize("method", ["predict", "predict_prob", "forward_propagation"])
def test_the_width_is_that_of_training(method):
    network = NeuralNetwork(**SETTINGS).initialize(X, LABELS)
    with pytest.raises(InvalidDataError, match="3 features; the network was made for 4"):
        getattr(network, method)(X[:, :3])
    for labelled in (network.score, network.evaluate, network.backward_propagation):
        with pytest.raises(InvalidDataError, match="3 features; the network was made for 4"):
            labelled(X[:, :3], LABELS)


def test_the_width_of_the_validation_data_is_that_of_training():
    refuse(InvalidDataError, "got X_val with 3 features", fit={"X_val": X[:, :3], "y_val": LABELS})


def test_a_batch_is_not_larger_than_the_training_data():
    fit = {"early_stopping": False}
    refuse(InvalidParameterError, "batch_size=61", "60 training samples", batch_size=61, fit=fit)
    refuse(InvalidParameterError, "batch_size=60", "48 training samples", batch_size=60)  # 12 are held back
    NeuralNetwork(**{**SETTINGS, "batch_size": 60}).fit(X, LABELS, early_stopping=False)


@pytest.mark.parametrize("half", ["X_val", "y_val"])
def test_validation_data_come_with_their_labels(half):
    value = X if half == "X_val" else LABELS
    refuse(InvalidDataError, "one of X_val and y_val", "expected both, or neither", fit={half: value})


# -- labels -----------------------------------------------------------------------------------------


def test_one_class_is_not_enough():
    refuse(InvalidDataError, "one class only, [2]", data=(X, np.full(60, 2)))
    refuse(InvalidDataError, "one class only, ['cat']", data=(X, ["cat"] * 60))
    refuse(InvalidDataError, "one class only, [1]", data=(X, one_hot(np.ones(60, int), 3)))


def test_validation_labels_are_among_the_training_labels():
    fit = {"X_val": X[:3], "y_val": [0, 7, 8]}
    refuse(InvalidDataError, "y_val holds labels", "7, 8", "expected only 0, 1, 2", fit=fit)
    names = np.array(["cat", "dog", "emu"])[LABELS]
    fit = {"X_val": X[:2], "y_val": ["cat", "doge"]}
    refuse(InvalidDataError, "y_val holds labels", "'doge'", "'cat', 'dog', 'emu'", data=(X, names), fit=fit)
    # text is never taken for a number, nor a number for text
    refuse(InvalidDataError, "y_val holds labels", fit={"X_val": X[:2], "y_val": ["0", "1"]})
    fit = {"X_val": X[:2], "y_val": [0, 1]}
    refuse(InvalidDataError, "y_val holds labels", data=(X, names), fit=fit)


def test_scoring_unknown_labels_is_refused():
    network = NeuralNetwork(**SETTINGS).initialize(X, LABELS)
    with pytest.raises(InvalidDataError, match="y holds labels that were not among the training labels: 5"):
        network.score(X[:3], [0, 1, 5])


@pytest.mark.parametrize(
    ("labels", "part"),
    [
        (LABELS + 0.5, "not whole"),
        (np.where(LABELS == 1, np.nan, LABELS), "not finite"),
        (np.where(LABELS == 1, np.inf, LABELS), "not finite"),
        (np.array([1, "a", None] * 20, dtype=object), "mixes types"),
        (np.array([None, "a", "b"] * 20, dtype=object), "missing values"),
        (LABELS + 0j, "type complex128"),
        (np.zeros((60, 3)), "not one-hot"),
        (np.ones((60, 3), int), "not one-hot"),
        (one_hot(LABELS) * 2, "not one-hot"),
        (np.where(one_hot(LABELS) == 1, 0.9, 0.05), "not one-hot"),
        (np.array([["1", "0", "0"]] * 60), "not one-hot"),
        (np.zeros((60, 2, 2)), "shape (60, 2, 2)"),
    ],
    ids=[
        "fractions",
        "nan",
        "infinite",
        "mixed",
        "missing",
        "complex",
        "no one",
        "many ones",
        "twos",
        "probabilities",
        "text rows",
        "3-D",
    ],
)
def test_labels_are_classes(labels, part):
    refuse(InvalidDataError, "y", part, data=(X, labels))


def test_one_broken_row_among_one_hot_rows_is_found():
    rows = one_hot(LABELS)
    rows[41] = [1, 1, 0]
    refuse(InvalidDataError, "not one-hot", data=(X, rows))


def test_one_hot_rows_have_a_column_for_each_class():
    fit = {"X_val": X, "y_val": one_hot(LABELS, 4)}
    refuse(InvalidDataError, "y_val has one-hot rows of 4 columns", "3 classes", fit=fit)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (LABELS.tolist(), [0, 1, 2]),
        (LABELS * 10 - 10, [-10, 0, 10]),
        (LABELS.astype(float), [0.0, 1.0, 2.0]),
        (LABELS == 1, [False, True]),
        (LABELS[:, np.newaxis], [0, 1, 2]),
        (LABELS.astype(np.uint8), [0, 1, 2]),
        (np.array(["b", "a", "ccc"], dtype=object)[LABELS], ["a", "b", "ccc"]),
        (one_hot(LABELS, 5), [0, 1, 2, 3, 4]),
        (one_hot(LABELS).astype(bool), [0, 1, 2]),
    ],
    ids=["list", "negative", "whole floats", "bool", "column", "uint8", "objects", "absent classes", "bools"],
)
def test_labels_of_many_kinds_are_classes(labels, classes):
    labels = np.asarray(labels)
    found = validation.find_classes(labels, 60)
    assert found.tolist() == classes
    codes = validation.encode_labels(labels, found)
    assert codes.dtype == np.intp
    if labels.ndim == 1:
        np.testing.assert_array_equal(found[codes], labels)
    else:
        np.testing.assert_array_equal(codes, LABELS)


def test_ragged_labels_are_refused_by_an_error_of_the_library():
    refuse(InvalidDataError, "y", data=(X, [[1, 0]] * 59 + [[1]]))


@pytest.mark.parametrize("fraction", ["0.2", None, [0.2]])
def test_a_validation_fraction_that_is_no_number_is_refused(fraction):
    refuse(InvalidParameterError, "validation_fraction", fit={"validation_fraction": fraction})


def test_an_optimizer_that_is_none_is_refused():
    refuse(InvalidParameterError, "optimizer=3", optimizer=3)


def test_no_dtype_is_no_dtype():
    refuse(InvalidParameterError, "dtype=None", dtype=None)


def test_an_activation_value_keeps_the_shape_too():
    value = Activation("mine", lambda z: z.mean(axis=1, keepdims=True), np.ones_like)
    refuse(InvalidParameterError, "returned the shape", activation=value)
