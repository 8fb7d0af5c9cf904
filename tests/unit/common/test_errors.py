"""The tree of exceptions."""

import inspect
import pickle

import pytest

from glassnet import errors
from glassnet.errors import DivergedError, GlassnetError

TREE = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]


@pytest.mark.parametrize("error", TREE)
def test_every_error_belongs_to_the_tree_and_to_a_built_in_kind(error):
    assert issubclass(error, GlassnetError)
    if error is not GlassnetError:
        assert any(base.__module__ == "builtins" and base is not Exception for base in error.__mro__[:-3])


@pytest.mark.parametrize("error", TREE)
def test_the_modules_docstring_draws_every_error_under_its_parent(error):
    lines = errors.__doc__.splitlines()
    (line,) = [line for line in lines if error.__name__ in line.split()]
    if error is GlassnetError:
        return
    indent = line.index(error.__name__)
    above = lines[: lines.index(line)]
    parents = [
        words[0]
        for words in (
            text.replace("│", " ").replace("├──", " ").replace("└──", " ").split() for text in above
        )
        if words
    ]
    assert error.__mro__[1].__name__ in parents
    assert indent > 4
    for base in error.__bases__:
        if not issubclass(base, GlassnetError):
            assert base.__name__ in line


@pytest.mark.parametrize(
    ("error", "kinds"),
    [
        (errors.InvalidParameterError, [ValueError]),
        (errors.UnknownNameError, [errors.InvalidParameterError, ValueError]),
        (errors.InvalidDataError, [ValueError]),
        (errors.NotFittedError, [ValueError, AttributeError]),
        (errors.FileError, [OSError]),
        (errors.DataFileError, [errors.FileError, OSError]),
        (errors.RunFolderError, [errors.FileError, OSError]),
        (errors.DivergedError, [FloatingPointError, ArithmeticError]),
    ],
)
def test_an_error_is_caught_as_the_kind_that_a_user_expects(error, kinds):
    for kind in kinds:
        assert issubclass(error, kind)


@pytest.mark.parametrize("error", [error for error in TREE if error is not DivergedError])
def test_errors_keep_their_message_between_processes(error):
    first = error("what happened")
    copy = pickle.loads(pickle.dumps(first))
    assert type(copy) is error
    assert str(copy) == str(first)
    assert str(copy).startswith("what happened")


def test_a_diverged_error_keeps_all_it_knows_between_processes():
    error = DivergedError("the loss became nan", epoch=3, step=14, layer=2)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        copy = pickle.loads(pickle.dumps(error, protocol))
        assert type(copy) is DivergedError
        assert str(copy) == "the loss became nan"
        assert (copy.epoch, copy.step, copy.layer) == (3, 14, 2)
