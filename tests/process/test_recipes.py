"""The recipes of CONTRIBUTING.md, done as they stand there, in a copy of the repository.

A recipe is a section ``### Add ...``. It links the file that it changes, and its blocks of Python go where
the text before them says: "above `TABLE`", or "to `TABLE`", which is behind the last entry.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


class Addition(NamedTuple):
    """Hold a block of code, and where it goes."""

    path: str
    where: str
    table: str
    code: str


def read_recipe(title: str) -> list[Addition]:
    """Return what the recipe of a title adds."""
    _, section = CONTRIBUTING.split(f"### {title}\n", 1)
    section = re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0]
    path, additions = "", []
    for text, code in re.findall(r"(.*?)^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE):
        path = (re.findall(r"\]\((src/[^)]+\.py)\)", text) or [path])[-1]
        where, table = re.findall(r"\b(above|to) `([A-Z_]+)`", text)[-1]
        additions.append(Addition(path, where, table, code))
    assert additions, f"the recipe {title!r} has no code"
    return additions


def apply(root: Path, addition: Addition) -> None:
    """Put a block of code where it goes."""
    path = root / addition.path
    lines = path.read_text(encoding="utf-8").splitlines()
    statement, value = find_table(ast.parse("\n".join(lines)), addition.table)
    if addition.where == "above":
        at, code = statement.lineno - 1, [*addition.code.splitlines(), "", ""]
    else:
        at, code = entries_of(value)[-1].end_lineno, addition.code.splitlines()
    path.write_text("\n".join([*lines[:at], *code, *lines[at:], ""]), encoding="utf-8")


def find_table(module: ast.Module, name: str) -> tuple[ast.stmt, ast.expr]:
    """Return the statement that makes a table, and the value of it."""
    for node in module.body:
        match node:
            case ast.AnnAssign(ast.Name(found), _, value) | ast.Assign([ast.Name(found)], value):
                if found == name:
                    return node, value
    raise AssertionError(f"there is no table {name}")


def entries_of(value: ast.expr) -> Any:
    """Return the entries of a table: values of a dictionary, or what a comprehension makes one of."""
    match value:
        case ast.Dict(_, entries) | ast.DictComp(_, _, [ast.comprehension(_, ast.Tuple(entries))]):
            return entries
        case ast.Tuple(entries) | ast.List(entries):
            return entries
    raise AssertionError(f"unknown kind of table: {ast.unparse(value)}")


RECIPES = ("Add an activation", "Add an initialiser", "Add an optimiser")


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Return a copy of the repository to which all recipes were applied."""
    root = tmp_path_factory.mktemp("recipes") / "glassnet"
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, root / name)
    for title in RECIPES:
        for addition in read_recipe(title):
            apply(root, addition)
    return root


@pytest.fixture(scope="module")
def run(changed):
    """Return a function that runs Python in the changed copy, and returns what is printed."""
    own = {"PYTHONPATH": str(changed / "src"), "COLUMNS": "200", "GLASSNET_FAST": "0"}  # compiling takes long

    def python(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=changed,
            env=os.environ | own,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-5000:]}\n{done.stderr[-5000:]}"
        return done.stdout

    return python


def test_each_recipe_changes_one_file():
    for title in RECIPES:
        assert len({addition.path for addition in read_recipe(title)}) == 1


USE = r"""
import sys
import warnings
import glassnet
from glassnet.worked import Entry, Sheet, build_problem, grade_sheet

assert glassnet.__file__.startswith(sys.argv[1]), glassnet.__file__
warnings.simplefilter("ignore")  # few epochs are no convergence
X, y = [[0.0, 0.1], [1.0, 0.8], [0.2, 0.1], [0.9, 1.1]], ["a", "b", "a", "b"]
network = glassnet.NeuralNetwork(
    N=1, A=[5], lr=0.05, activation="softsign", weight_init="tiny", optimizer="rmsprop", epochs=200,
    batch_size=2, random_state=0,
).fit(X, y, early_stopping=False)
assert network.predict(X).tolist() == y
assert glassnet.check_gradient("softsign").verdict == "good"
model = glassnet.MLPClassifier((4,), activation="softsign", weight_init="tiny", max_iter=3).fit(X, y)
assert "softsign(Z1)" in glassnet.trace(model, X, y).to_text()

settings = {"sizes": [1, 1, 1], "x": [1.0], "y": [2.0], "activation": "softsign", "steps": 2}
traced = glassnet.trace(build_problem({**settings, "weight_init": "tiny", "optimizer": "rmsprop"}))
text, latex, html = traced.to_text(), traced.to_latex(), traced.to_html()
for written in (text, latex, html, traced.to_markdown()):
    assert "softsign(z) = z/(1 + abs(z))" in written.replace("\\*", "*"), written[:2000]
assert "RMSProp with learning rate lr = 0.01, rho = 0.9, epsilon = 1e-08" in text
assert "s_w1 <- rho*s_w1 + (1 - rho) * (dL/dw1)^2 = " in text
assert "w1 <- w1 - lr * dL/dw1/(sqrt(s_w1) + epsilon)\n" in text
assert "\\rho" in latex and "<mi>ρ</mi>" in html
assert traced.to_json()["lines"][-1]["quantity"] == "b2"
assert build_problem({**settings, "optimizer": {"name": "rmsprop", "rho": 0.8}}).optimizer.rho == 0.8

entries = [Entry(line.line.quantity, (), f"{line.value:.10f}", "a row") for line in traced.lines]
assert grade_sheet(Sheet("right", tuple(entries)), traced.problem).first_error is None
"""


def test_what_was_added_works_in_python(run, changed):
    run("-c", USE, str(changed))


SOLVER = """
import warnings
import glassnet
warnings.simplefilter("ignore")
X, y = [[0.0, 0.1], [1.0, 0.8], [0.2, 0.1], [0.9, 1.1]], ["a", "b", "a", "b"]
model = glassnet.MLPClassifier((4,), solver="rmsprop", max_iter=200, random_state=0).fit(X, y)
assert model.predict(X).tolist() == y
"""


def test_an_optimiser_that_was_added_is_a_solver_of_the_estimators(run):
    run("-c", SOLVER)


def test_what_was_added_works_on_the_command_line(run):
    problem = ("--sizes", "1,1,1", "--x", "1;2", "--y", "1;0")
    added = ("--activation", "softsign", "--optimizer", "rmsprop", "--weight-init", "tiny")
    output = " ".join(run("-m", "glassnet", "trace", *problem, *added).split())
    assert "a1 = softsign(z1) = softsign(" in output
    assert "With softsign(z) = z/(1 + abs(z))." in output
    assert "s_w1 <- rho*s_w1 + (1 - rho) * (dL/dw1)^2" in output


def test_the_tests_that_nobody_asked_hold_for_what_was_added(run):
    tests = ["tests/laws", "tests/unit/worked/test_trace.py", "tests/unit/worked/test_render.py"]
    printed = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", "softsign or tiny or rmsprop")
    assert int(re.findall(r"(\d+) passed", printed)[0]) > 50


def test_no_test_lists_the_names_of_the_tables_again(run):
    tests = ["activations", "initializers", "optimizers", "losses"]
    paths = [f"tests/unit/nn/test_{name}.py" for name in tests]
    run("-m", "pytest", "-q", "-p", "no:cacheprovider", *paths, "tests/unit/common/test_naming.py")
