"""The message of a name that no table holds."""

from typing import Any

import pytest

from glassnet._common.naming import lookup
from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS

TABLES: dict[str, dict[str, Any]] = {
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "initialiser": INITIALIZERS,
    "optimiser": OPTIMIZERS,
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_name_is_found(kind):
    for name, value in TABLES[kind].items():
        assert lookup(TABLES[kind], name, kind) is value


@pytest.mark.parametrize("kind", TABLES)
def test_every_name_with_a_slip_is_recognised(kind):
    for name in TABLES[kind]:
        with pytest.raises(UnknownNameError, match=f"unknown {kind} '{name}x'; did you mean '{name}'"):
            lookup(TABLES[kind], f"{name}x", kind)


def test_the_message_lists_the_known_names():
    with pytest.raises(UnknownNameError) as caught:
        lookup({"relu": 1, "tanh": 2}, "rleu", "activation")
    assert str(caught.value) == "unknown activation 'rleu'; did you mean 'relu'? Known: relu, tanh."


def test_without_a_likeness_none_is_suggested():
    with pytest.raises(UnknownNameError) as caught:
        lookup({"relu": 1, "tanh": 2}, "quux", "activation")
    assert str(caught.value) == "unknown activation 'quux'. Known: relu, tanh."


@pytest.mark.parametrize("name", [None, 3, ["relu"], {}, ""])
def test_what_is_no_name_gets_the_same_answer(name):
    with pytest.raises(UnknownNameError, match=r"unknown activation .*Known: relu\."):
        lookup({"relu": 1}, name, "activation")


def test_the_error_is_a_value_error_without_a_past():
    with pytest.raises(ValueError, match="unknown") as caught:
        lookup({"relu": 1}, "x", "activation")
    assert isinstance(caught.value, InvalidParameterError)
    assert caught.value.__suppress_context__
