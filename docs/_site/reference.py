"""The reference: a page for each public room, and on it every name that the room says is public."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec, resolve_name
from pathlib import Path
from typing import Any, NamedTuple

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import SphinxError
from sphinx.pycode import ModuleAnalyzer

ROOMS = (
    "glassnet",
    "glassnet.nn",
    "glassnet.nn.layers",
    "glassnet.data",
    "glassnet.models",
    "glassnet.models.tabular",
    "glassnet.doctor",
    "glassnet.worked",
    "glassnet.studies",
    "glassnet.gradients",
    "glassnet.plots",
    "glassnet.errors",
)
"""Those whose names people import; a name of two rooms is described in the first of them."""


class Symbol(NamedTuple):
    """Hold a public name.

    Attributes
    ----------
    room, name : str
    home : str
        The module that defines it.
    value : object
    """

    room: str
    name: str
    home: str
    value: Any

    @property
    def is_described_by_itself(self) -> bool:
        """Return whether it is a class or a function, which carry their docstring."""
        return (inspect.isclass(self.value) or inspect.isroutine(self.value)) and not _is_alias(self.value)

    @property
    def docstring(self) -> str:
        """Return what is said of it: its docstring, or the text below the assignment."""
        if self.is_described_by_itself:
            return inspect.cleandoc(self.value.__doc__ or "")
        return "\n".join(
            ModuleAnalyzer.for_module(self.home).find_attr_docs().get(("", self.name), ())
        ).strip()


def symbols(room: str) -> Iterator[Symbol]:
    """Yield the public names of a room, but for the rooms in it."""
    module = import_module(room)
    names = getattr(module, "__all__", None) or sorted(bound_in(room))
    for name in names:
        value = getattr(module, name)
        if not name.startswith("_") and not inspect.ismodule(value):
            yield Symbol(room, name, home_of(room, name), value)


def described() -> dict[tuple[str, str], Symbol]:
    """Return every public name once, by the module that defines it and its name there."""
    found: dict[tuple[str, str], Symbol] = {}
    for room in ROOMS:
        for symbol in symbols(room):
            found.setdefault((symbol.home, symbol.name), symbol)
    return found


@cache
def imported_by(module: str) -> Mapping[str, str]:
    """Return the modules from which a module, or its stub, imports names."""
    spec = find_spec(module)
    path = Path(str(spec and spec.origin))
    stub, package = path.with_suffix(".pyi"), str(spec and spec.parent)
    return {
        alias.name: resolve_name("." * node.level + (node.module or ""), package)
        for node in ast.parse((stub if stub.exists() else path).read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def bound_in(module: str) -> set[str]:
    """Return the public names of a module that has no list of them: what is glassnet's, or made there."""
    values = vars(import_module(module))
    ours = {
        name for name, value in values.items() if str(getattr(value, "__module__", "")).startswith("glassnet")
    }
    made = {name for _, name in ModuleAnalyzer.for_module(module).find_attr_docs()}
    return {name for name in ours | (made & set(values)) if not name.startswith("_")}


def home_of(module: str, name: str) -> str:
    """Return the module that defines a name which another has."""
    origin = imported_by(module).get(name, "")
    return home_of(origin, name) if origin.startswith("glassnet") else module


def _is_alias(value: object) -> bool:
    return hasattr(value, "__origin__")  # Callable[[int], str], dict[str, int]


# -- pages ------------------------------------------------------------------------------------------


def write_room(room: str) -> str:
    """Return the page of a room, as reStructuredText."""
    own = [symbol for symbol in described().values() if symbol.room == room]
    elsewhere = [described()[symbol.home, symbol.name] for symbol in symbols(room)]
    lines = [room, "=" * len(room), "", f".. currentmodule:: {room}", ""]
    lines += [inspect.cleandoc(import_module(room).__doc__ or ""), ""]
    kinds = {
        "Classes": [s for s in own if s.is_described_by_itself and inspect.isclass(s.value)],
        "Functions": [s for s in own if s.is_described_by_itself and not inspect.isclass(s.value)],
    }
    for title, found in kinds.items():
        if found:
            lines += [
                title,
                "-" * len(title),
                "",
                ".. autosummary::",
                f"   :toctree: {room}",
                "   :nosignatures:",
                "",
            ]
            lines += [f"   {symbol.name}" for symbol in found] + [""]
    if values := [symbol for symbol in own if not symbol.is_described_by_itself]:
        lines += ["Values", "------", ""]
        for symbol in values:
            lines += [f".. py:data:: {symbol.name}", "", textwrap.indent(_said_of(symbol), "   "), ""]
    if others := [symbol for symbol in elsewhere if symbol.room != room]:
        links = ", ".join(f":py:obj:`~{symbol.room}.{symbol.name}`" for symbol in others)
        lines += ["Described elsewhere", "-------------------", "", f"Importable from here too: {links}.", ""]
    return "\n".join(lines)


def _said_of(symbol: Symbol) -> str:
    keys = list(symbol.value) if isinstance(symbol.value, Mapping) else []
    listed = ", ".join(f"``{key!r}``" for key in keys)
    return symbol.docstring + (f"\n\nIts {len(keys)} names: {listed}." if keys else "")


def write_pages(app: Sphinx, config: Config) -> None:
    """Write a page for each room; fail where something public has no docstring."""
    if silent := [f"{s.room}.{s.name}" for s in described().values() if not s.docstring]:
        raise SphinxError(f"public, and nothing is said of them: {', '.join(silent)}")
    folder = Path(app.srcdir) / "reference" / "api"
    folder.mkdir(parents=True, exist_ok=True)
    for room in ROOMS:
        path, text = folder / f"{room}.rst", write_room(room)
        if (
            not path.exists() or path.read_text(encoding="utf-8") != text
        ):  # what is as it was is not read again
            path.write_text(text, encoding="utf-8")


def leave_out(app: Sphinx, what: str, name: str, value: Any, skip: bool, options: Any) -> bool | None:
    """Leave methods out that classes inherit from other libraries."""
    function = getattr(value, "fget", None) or getattr(value, "__func__", value)
    module = getattr(function, "__module__", None)
    return True if module and not module.startswith("glassnet") and callable(function) else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks which there are, and autosummary for what they list."""
    app.connect("config-inited", write_pages)
    app.connect("autodoc-skip-member", leave_out)
    app.connect("viewcode-follow-imported", lambda app, module, name: home_of(module, name.partition(".")[0]))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
