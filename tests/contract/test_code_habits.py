"""What no linter says of the code: private names stay at home, and every assertion asserts something."""

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

import glassnet

ROOT = Path(__file__).parents[2]
PACKAGE = Path(glassnet.__file__).parent
FOLDERS = ("src", "tests", "benchmarks", "scripts")

# -- private modules and names ----------------------------------------------------------------------


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def imported_names(text: str, module: str, is_package: bool) -> Iterator[str]:
    """Yield the dotted name of everything that a module of glassnet imports, wherever in it."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def is_module_of_ours(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def foreign_privates(
    names: Iterable[str], importer: str, is_module: Callable[[str], bool] = is_module_of_ours
) -> list[str]:
    """Return those of the names of glassnet that an importer has no business with.

    A private module is its room's: every module of the room may import it, tests may too, other rooms may
    not. A private name in a module is that module's alone.
    """
    found = []
    for name in names:
        parts = name.split(".")
        privates = [i for i, part in enumerate(parts) if is_private(part)]
        if parts[0] != "glassnet" or not privates:
            continue
        room = ".".join(parts[: max(1, min(2, privates[0]))])
        is_at_home = f"{importer}.".startswith((f"{room}.", "tests.", "benchmarks."))
        if not is_at_home or not all(is_module(".".join(parts[: i + 1])) for i in privates):
            found.append(name)
    return found


def imports_of_the_package() -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each module and stub with everything that it imports."""
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")]):
        parts = ["glassnet", *path.relative_to(PACKAGE).with_suffix("").parts]
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        yield module, list(imported_names(path.read_text(encoding="utf-8"), module, is_package))


def imports_of_the_checkout() -> Iterator[tuple[str, list[str]]]:
    for folder in ("tests", "benchmarks", "scripts"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield module, list(imported_names(path.read_text(encoding="utf-8"), module, is_package=False))


@pytest.mark.parametrize(
    ("text", "module", "expected"),
    [
        ("from glassnet.a._b import C", "glassnet.a.d", []),
        ("from glassnet.a._b import C", "glassnet.a.d.e", []),
        ("from glassnet.a import _b", "glassnet.a.d", []),
        ("from glassnet.a.f._g import C", "glassnet.a.d", []),
        ("from glassnet._h import C", "glassnet.a.d", []),
        ("from glassnet.a._b import C", "tests.unit.test_b", []),
        ("from glassnet.a._b import C", "glassnet.d", ["glassnet.a._b.C"]),
        ("from glassnet.a._b import C", "glassnet.ab", ["glassnet.a._b.C"]),
        ("import glassnet.a._b as b", "glassnet.d", ["glassnet.a._b"]),
        ("def f():\n    from glassnet.a import _b", "glassnet.d", ["glassnet.a._b"]),
        ("from glassnet.a.b import _c", "glassnet.a.d", ["glassnet.a.b._c"]),
        ("from glassnet.a._b import _c", "glassnet.a.d", ["glassnet.a._b._c"]),
        ("from glassnet.a.b import _c", "tests.unit.test_b", ["glassnet.a.b._c"]),
        ("from .b import _c", "glassnet.a.d", ["glassnet.a.b._c"]),
        ("from ._b import c", "glassnet.a.d", []),
        ("from .._b import c", "glassnet.a.d.e", []),
        ("from ..a._b import c", "glassnet.e.d", ["glassnet.a._b.c"]),
        ("from glassnet import __version__", "glassnet.a.d", []),
        ("from numpy import _core", "glassnet.a", []),
    ],
)
def test_a_foreign_private_is_recognised(text, module, expected):
    modules = {"glassnet.a._b", "glassnet.a.f._g", "glassnet._h"}
    names = imported_names(text, module, is_package=False)
    assert foreign_privates(names, module, modules.__contains__) == expected


def test_a_package_may_import_its_own_private_modules():
    names = list(imported_names("from ._base import BaseMLP", "glassnet.models", is_package=True))
    assert names == ["glassnet.models._base.BaseMLP"]
    assert foreign_privates(names, "glassnet.models") == []


def test_nobody_imports_what_is_private_to_others():
    imports = [*imports_of_the_package(), *imports_of_the_checkout()]
    assert len(imports) > 200
    found = {module: foreign for module, names in imports if (foreign := foreign_privates(names, module))}
    assert found == {}


# -- assertions that assert nothing -----------------------------------------------------------------


def idle_assertions(text: str) -> list[int]:
    """Return the lines of assertions whose message is a condition: ``assert a, b == c`` asserts only a.

    And of those that hold anyhow: ``assert a or True``. Ruff finds the other kinds: F631 (a tuple), B015 (a
    comparison without assert), PLR0133 (constants).
    """
    conditions = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Constant)
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assert)
        and (
            (isinstance(node.msg, conditions) and not _is_constant(node.msg, str))
            or (
                isinstance(node.test, ast.BoolOp)
                and isinstance(node.test.op, ast.Or)
                and any(_is_constant(value, object) for value in node.test.values)
            )
        )
    ]


def _is_constant(node: ast.expr, kind: type) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, kind)


@pytest.mark.parametrize(
    ("text", "idle"),
    [
        ("assert a, b == (1, 2)", True),
        ("assert a, b is None", True),
        ("assert a, not b", True),
        ("assert a, b and c", True),
        ("assert a, 3", True),
        ("assert a == 1 or True", True),
        ("assert a or b", False),
        ("assert (a, b) == (1, 2)", False),
        ("assert a, 'text'", False),
        ("assert a, f'{b} == c'", False),
        ("assert a, process.communicate()", False),
        ("assert a == 1", False),
    ],
)
def test_an_assertion_that_asserts_nothing_is_recognised(text, idle):
    assert bool(idle_assertions(text)) == idle


def test_every_assertion_asserts_something():
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in idle_assertions(path.read_text(encoding="utf-8"))
    ]
    assert found == []
