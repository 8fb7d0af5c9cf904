"""Import what a study's file names, from modules that the user allows and no others."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet.errors import InvalidParameterError

ALLOWED = ("glassnet", "sklearn")
"""Modules that every file may name; what is in them computes, and does nothing else."""


def is_import_path(text: str) -> bool:
    """Tell whether a text names something in a module: ``"my_metrics:harmonic"``."""
    module, colon, name = text.partition(":")
    return bool(colon) and name.isidentifier() and all(part.isidentifier() for part in module.split("."))


def import_path(path: str, allow: Sequence[str], folder: str) -> Any:
    """Return what ``"module:name"`` names.

    Parameters
    ----------
    path : str
    allow : sequence of str
        Modules, with all inside them, beside those of `ALLOWED`.
    folder : str
        Of the study's file, where its own modules lie.

    Raises
    ------
    InvalidParameterError
        When it is no such path, its module is not allowed or cannot be imported, or has no such name.
    """
    module, _, name = path.partition(":")
    if not is_import_path(path):
        raise InvalidParameterError(
            f"got {quoted(path)}; expected module:name, such as my_metrics:harmonic_mean."
        )
    if not any(module == one or module.startswith(f"{one}.") for one in (*ALLOWED, *allow)):
        raise InvalidParameterError(
            f"{shown(path)} would import code, and {shown(module)} is not among the modules that you allow "
            f"({listed((*ALLOWED, *allow))}). Add --allow {shown(module.split('.')[0])}, in Python "
            f"allow=[{quoted(module.split('.')[0])}], if you trust it."
        )
    if folder and folder not in sys.path and module.partition(".")[0] not in (*ALLOWED, *sys.modules):
        sys.path.insert(1, folder)
    try:
        found = importlib.import_module(module)
    except Exception as error:  # what a module does when it is imported may fail in any way
        raise InvalidParameterError(
            f"cannot import {shown(module)}, of {shown(path)}: {type(error).__name__}: {shown(error)}. Its "
            f"file is looked for in {shown(Path(folder or '.').resolve())}, and where Python looks."
        ) from error
    try:
        return getattr(found, name)
    except AttributeError:
        public = {one: one for one in vars(found) if not one.startswith("_")}
        lookup(public, name, f"name in {shown(module)}")
        raise


def name_import(value: Any) -> str:
    """Return the path under which other processes find a class or function.

    Raises
    ------
    InvalidParameterError
        When it has none, as a lambda.
    """
    path = f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', '')}"
    if not is_import_path(path):
        raise InvalidParameterError(
            f"got {quoted(value)}; expected a function or class with a name at the top of a module, which "
            "other processes can import."
        )
    return path
