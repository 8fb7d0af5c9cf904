"""The recipes of CONTRIBUTING.md, done as they stand there, in a copy of the repository.

A recipe is a section ``### Add ...``. It links the file that it changes, and its blocks of Python go where
the text before them says: into a new file ("here `name.py`"), "above `TABLE`", or "to `TABLE`", which is
behind the last entry. In a block with a line ``...``, what stands before that line goes above the table, or
behind the imports when it is one.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^### (Add .*)$", CONTRIBUTING, re.MULTILINE)


class Addition(NamedTuple):
    """Hold a block of code, and where it goes."""

    path: str
    where: Literal["new", "imports", "above", "to"]
    table: str
    code: str


def read_recipe(title: str) -> list[Addition]:
    """Return what the recipe of a title adds."""
    _, section = CONTRIBUTING.split(f"### {title}\n", 1)
    section = re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0]
    path, additions = "", []
    for text, code in re.findall(r"(.*?)^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE):
        if new := re.search(r"\]\((src/[^)]+)\), here `(\w+\.py)`", text):
            additions.append(Addition("/".join(new.groups()), "new", "", code))
            continue
        path = (re.findall(r"\]\((src/[^)]+\.py)\)", text) or [path])[-1]
        where, table = re.findall(r"\b(above|to)\s`([A-Z_]+)`", text)[-1]
        *before, code = re.split(r"^\.\.\.\n", code, flags=re.MULTILINE)
        for piece in before:
            is_import = isinstance(ast.parse(piece).body[0], ast.Import | ast.ImportFrom)
            additions.append(Addition(path, "imports" if is_import else "above", table, piece))
        additions.append(Addition(path, where, table, code))
    assert additions, f"the recipe {title!r} has no code"
    return additions


def apply(root: Path, addition: Addition) -> None:
    """Put a block of code where it goes."""
    path = root / addition.path
    if addition.where == "new":
        assert not path.exists()
        path.write_text(addition.code, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    module = ast.parse("\n".join(lines))
    statement, value = find_table(module, addition.table)
    code = addition.code.splitlines()
    match addition.where:
        case "imports":
            imports = (node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom))
            at = max(node.end_lineno for node in imports)
        case "above":
            at, code = statement.lineno - 1, [*code, "", ""]
        case "to":
            at = entries_of(value)[-1].end_lineno
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


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Return a copy of the repository to which all recipes were applied."""
    root = tmp_path_factory.mktemp("recipes") / "glassnet"
    for folder in ("src", "tests", "scripts", "docs"):
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


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_changes_one_file_and_adds_one_at_most(title):
    additions = read_recipe(title)
    assert len({addition.path for addition in additions if addition.where != "new"}) == 1
    assert [addition.where for addition in additions].count("to") == 1
    assert [addition.where for addition in additions].count("new") <= 1


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
model = glassnet.MLPClassifier((4,), solver="rmsprop", max_iter=200, random_state=0).fit(X, y)
assert model.predict(X).tolist() == y

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


COMMANDS = """
import json
import sys
from click.testing import CliRunner
from glassnet.cli import main
outputs = []
for words in json.loads(sys.argv[1]):
    result = CliRunner().invoke(main, words, prog_name="glassnet")
    assert result.exit_code == 0, f"{words}: {result.output} {result.exception!r}"
    outputs.append(result.stdout)
print(json.dumps(outputs))
"""


@pytest.fixture(scope="module")
def invoke(run):
    """Return a function that runs commands of glassnet in one process, and returns what each prints."""

    def commands(*lines, before=""):
        return json.loads(run("-c", before + COMMANDS, json.dumps(lines)).splitlines()[-1])

    return commands


USE_LAYER = """
from glassnet.nn import ACTIVATIONS, LOSSES, Architecture, Parameters, check_backward
from glassnet.nn.layers import LAYERS, Shift
import numpy as np
assert LAYERS["shift"] == Shift()
tanh, head = ACTIVATIONS["tanh"], LOSSES["squared_error"]
architecture = Architecture((3, 4, 2), (tanh,), head, (Shift(), None))
rng = np.random.default_rng(0)
parameters = Parameters(architecture, rng.normal(size=architecture.n_parameters))
check = check_backward(architecture, parameters, rng.normal(size=(5, 3)), rng.normal(size=(5, 2)))
assert check.relative_error < 1e-6
assert len(check.checked) == 3 * 4 + 4 * 2 + 4 + 2 + 3
"""


def test_a_layer_that_was_added_stands_in_front_of_a_network(run):
    run("-c", USE_LAYER)


def test_what_was_added_works_on_the_command_line(invoke):
    problem = ("--sizes", "1,1,1", "--x", "1;2", "--y", "1;0")
    added = ("--activation", "softsign", "--optimizer", "rmsprop", "--weight-init", "tiny")
    output = " ".join(invoke(["trace", *problem, *added])[0].split())
    assert "a1 = softsign(z1) = softsign(" in output
    assert "With softsign(z) = z/(1 + abs(z))." in output
    assert "s_w1 <- rho*s_w1 + (1 - rho) * (dL/dw1)^2" in output


TRAIN_ON_DIGITS = """
import warnings
import glassnet
from glassnet.data import DATASETS, flatten
images, labels = DATASETS["digits"].load().train
with warnings.catch_warnings(action="ignore"):
    model = glassnet.MLPClassifier((16,), max_iter=20, random_state=0).fit(flatten(images) / 255.0, labels)
model.save({path!r})
"""


def test_a_data_set_that_was_added_is_listed_shown_and_examined_with_a_model(invoke, tmp_path):
    path = str(tmp_path / "digits.safetensors")
    listed, shown, examined = invoke(
        ["data", "list"],
        ["data", "show", "digits", "--count", "3"],
        ["doctor", path, "--data", "digits", "--json"],
        before=TRAIN_ON_DIGITS.format(path=path),
    )
    assert "digits              1,797 handwritten digits" in listed
    assert "8 x 8 pixels in grey" in shown
    assert "64 - 16 - 10" in json.loads(examined)["diagnosis"]["facts"]["network"]


def test_a_study_that_was_added_is_listed_shown_run_and_reported(invoke, tmp_path):
    folder = tmp_path / "run"
    listed, shown, done = invoke(
        ["study", "list"],
        ["study", "show", "width"],
        ["study", "run", "width", "--quick", "--jobs", "1", "--json", "--out", str(folder)],
    )
    assert "Width on MNIST" in listed
    assert "units-64" in shown
    results = json.loads(done)
    accuracies = {model["name"]: model["validation"]["accuracy"] for model in results["models"]}
    assert accuracies.keys() == {"units-4", "units-16", "units-64"}
    assert results["conclusion"]["best"]["name"] == max(accuracies, key=accuracies.get)
    assert "How many hidden units does MNIST need?" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_tests_that_nobody_asked_hold_for_what_was_added(run):
    run("scripts/write_docs.py")
    tests = ["tests/laws", "tests/unit/worked/test_trace.py", "tests/unit/worked/test_render.py"]
    added = "softsign or tiny or rmsprop or shift or digits or width or test_written_docs"
    paths = [*tests, "tests/contract/test_written_docs.py"]
    printed = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *paths, "-k", added)
    assert int(re.findall(r"(\d+) passed", printed)[0]) > 70


def test_no_test_lists_the_names_of_the_tables_again(run):
    tests = ["activations", "initializers", "optimizers", "losses"]
    paths = [f"tests/unit/nn/test_{name}.py" for name in tests]
    run("-m", "pytest", "-q", "-p", "no:cacheprovider", *paths, "tests/unit/common/test_naming.py")
