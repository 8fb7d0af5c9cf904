"""Warnings, said of the line of the user, and found by the filters that users write for scikit-learn."""

import inspect
import re
import warnings
from types import FrameType

SCIKIT_LEARN = "sklearn.neural_network._multilayer_perceptron"
"""The module that raises scikit-learn's warnings of training."""

_NOT_THE_USER = {"glassnet", "sklearn", "joblib"}
"""The packages whose lines tell a user nothing of where the warning is from."""


def warn(text: str, category: type[Warning] = UserWarning, *, as_scikit_learn: bool = False) -> None:
    """Warn, naming the line outside of glassnet, scikit-learn and joblib that led here.

    A filter for the module ``glassnet`` holds, and one for the module of that line; with `as_scikit_learn`
    one for scikit-learn's module too.

    Parameters
    ----------
    text : str
    category : type
    as_scikit_learn : bool
        Whether scikit-learn's networks raise this warning too: what was written against theirs, such as
        ``filterwarnings("ignore", category=ConvergenceWarning, module="sklearn")``, is then meant for it.
    """
    frame = inspect.currentframe()
    assert frame is not None  # every CPython has frames
    assert frame.f_back is not None
    here = frame.f_back
    user = _find_user(here)
    modules = [here.f_globals["__name__"], user.f_globals.get("__name__", "<unknown>")]
    if as_scikit_learn:
        modules.insert(0, SCIKIT_LEARN)
    warnings.warn_explicit(
        text,
        category,
        user.f_code.co_filename,
        user.f_lineno,
        _addressed(modules, text, category, user.f_lineno),
        user.f_globals.setdefault("__warningregistry__", {}),
    )


def _find_user(frame: FrameType) -> FrameType:
    """Return the first frame outside of what is not the user's; the outermost one where there is none."""
    while frame.f_back is not None and _package_of(frame) in _NOT_THE_USER:
        frame = frame.f_back
    return frame


def _package_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _addressed(modules: list[str], text: str, category: type[Warning], line: int) -> str:
    """Return which of its modules the first filter that fits is about; Python asks its filters for one."""
    for _, message, kind, module, at in warnings.filters:
        if issubclass(category, kind) and at in (0, line) and _fits(message, text):
            for name in modules:
                if _fits(module, name):
                    return name
    return modules[0]


def _fits(pattern: re.Pattern[str] | str | None, text: str) -> bool:
    """Return whether a part of a filter fits: a pattern, an exact text of Python's own filters, or None."""
    if pattern is None or isinstance(pattern, str):
        return pattern in (None, text)
    return pattern.match(text) is not None
