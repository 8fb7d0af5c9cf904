"""Optuna, which is imported only where something is searched for, and says nothing there."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from glassnet.errors import MissingPackageError


def import_optuna() -> Any:
    """Return the package.

    Raises
    ------
    MissingPackageError
        When it is not installed.
    """
    try:
        return import_module("optuna")
    except ImportError as error:
        raise MissingPackageError(
            "the package optuna, which searches, is not installed; install it with: "
            'pip install "glassnet[search]"'
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna's lines on every trial, and its warnings of what may change, from the screen."""
    logging = import_optuna().logging
    before = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", import_optuna().exceptions.ExperimentalWarning)
            yield
    finally:
        logging.set_verbosity(before)
