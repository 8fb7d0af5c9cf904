"""What the models are called, in which order they stand, and what there is to say of them."""

import pytest

from glassnet.report._models import (
    count_columns,
    label_model,
    list_headings,
    list_metrics,
    list_models,
    main_metric,
    put_counterparts_together,
    summarise_engines,
)
from glassnet.studies.assignment.mnist_init import MNIST_INIT
from glassnet.studies.base import ModelSpec


@pytest.mark.parametrize(
    ("activations", "initialisations", "columns"),
    [(4, 3, 3), (4, 1, 2), (2, 1, 2), (3, 2, 2), (1, 1, 3), (5, 1, 3)],
)
def test_plots_of_one_activation_make_whole_rows(make_result, activations, initialisations, columns):
    specs = [
        ModelSpec(f"{a}-{w}", f"a{a}", f"w{w}") for a in range(activations) for w in range(initialisations)
    ]
    result, _ = make_result(0, best=False)
    assert count_columns(list_models(result, specs, {})) == columns


def test_models_come_in_the_order_of_the_study_with_their_states(make_result):
    result, histories = make_result(4, diverged=("tanh-zero",), training=1)
    models = list_models(result, MNIST_INIT.specs, histories)
    assert [model.spec for model in models] == list(MNIST_INIT.specs)
    assert [model.state for model in models[:6]] == ["finished"] * 3 + ["diverged", "training", "waiting"]
    assert models[0].description.startswith("Losses of sigmoid · zero over 100 epochs; training from 2.3 to ")
    assert models[4].epochs == 7


def spec(name, activation="relu", engine="glassnet", **settings):
    return ModelSpec(name, activation, "glorot", engine, settings)


@pytest.mark.parametrize(
    ("specs", "headings", "label"),
    [
        (MNIST_INIT.specs[-1:], [], "leaky-relu-normal"),
        (MNIST_INIT.specs, ["activation", "initialisation"], "leaky relu · normal"),
        ([spec("a", "tanh"), spec("b")], ["activation"], "relu"),
        ([spec("a"), spec("b", engine="sklearn")], ["engine"], "scikit-learn"),
        (
            [spec("a", fold=1), spec("b", engine="sklearn", fold=2)],
            ["fold", "engine"],
            "fold 2 · scikit-learn",
        ),
        ([spec("a", inputs="pixels"), spec("b", inputs="features")], ["inputs"], "features"),
        ([spec("a"), spec("b", learning_rate=0.002)], ["learning rate"], "learning rate 0.002"),
        ([spec("a"), spec("b")], [], "b"),  # nothing tells them apart but the name
        ([spec("a"), spec("b"), spec("c", "tanh")], [], "c"),  # nor all of these
    ],
)
def test_models_are_called_by_what_tells_them_apart(specs, headings, label):
    assert list_headings(specs) == headings
    assert label_model(specs[-1], headings) == label


def test_counterparts_of_two_engines_stand_together_and_the_others_keep_their_order():
    specs = [
        spec("c"),
        spec("a", "tanh"),
        spec("b", fold=1),
        spec("a2", "tanh", "sklearn"),
        spec("b2", engine="sklearn", fold=1),
    ]
    assert [one.name for one in put_counterparts_together(specs)] == ["c", "a", "a2", "b", "b2"]


def test_metrics_are_those_that_a_model_was_scored_by(make_any):
    metrics = {name: list_metrics(make_any(name)[0].models) for name in ("activations", "grid", "hand")}
    assert metrics["activations"] == [
        ("train", ["loss", "accuracy"]),
        ("validation", ["loss", "accuracy"]),
        ("test", ["loss", "accuracy"]),
    ]
    assert metrics["grid"] == [("validation", ["accuracy"])]
    assert metrics["hand"] == []


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("activations", ("test", "accuracy")),
        ("grid", ("validation", "accuracy")),
        ("reconstruction", ("test", "mse")),
        ("hand", None),
    ],
)
def test_main_metric_is_of_the_test_part_where_that_is_scored(make_any, name, metric):
    assert main_metric(make_any(name)[0].models) == metric


def test_engines_are_summed_up(make_any, studies):
    result, histories = make_any("activations", 3)
    summary = summarise_engines(list_models(result, studies["activations"].specs, histories))
    assert [(one.engine, one.models, one.finished, one.diverged, one.seconds) for one in summary] == [
        ("glassnet", 2, 2, 0, 4.0),
        ("sklearn", 2, 1, 0, 5.0),
    ]


def test_losses_of_dozens_of_models_are_not_drawn(make_any, make_result, studies):
    result, _ = make_any("grid")
    histories = {model.name: make_result()[1]["relu-zero"] for model in result.models}
    assert not any(model.plot for model in list_models(result, studies["grid"].specs, histories))
