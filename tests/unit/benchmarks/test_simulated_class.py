"""A class that is simulated without glassnet is graded as it should be: a witness of its own."""

import csv
import sys
from importlib import import_module
from pathlib import Path

import pytest

from glassnet.classroom.choosing import Chooser
from glassnet.classroom.dice import Secret
from glassnet.classroom.folder import Homework
from glassnet.classroom.students import Student
from glassnet.classroom.template import TEMPLATES

FOLDER = Path(__file__).parents[3] / "benchmarks"
CLASS = tuple(Student(f"s{i:03}", f"Student {i}") for i in range(40))


@pytest.fixture(scope="module")
def benchmark():
    """The benchmark, imported as it is when it is run; no trace of it is left."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    yield import_module("simulated_class")
    sys.path.remove(str(FOLDER))
    for name in set(sys.modules) - before:
        if name in ("simulated_class", "pupil", "slips"):
            del sys.modules[name]


def hand_out(folder, template):
    secret = Secret("simulated")
    homework = Homework(folder, TEMPLATES[template], "en", (), secret.fingerprint, CLASS)
    for one in Chooser(homework.template, secret).choose(CLASS):
        homework.write_settings(one.student, one.task.settings)
        path = homework.answers_path(one.student)
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = [(question.quantity.step, question.label, "") for question in one.task.questions]
            csv.writer(file).writerows([("step", "quantity", "value"), *rows])
    homework.write_record()
    return folder


@pytest.mark.parametrize("template", ["backprop", "backprop-matrices"])
def test_first_errors_causes_and_swapped_files_are_found(benchmark, template, tmp_path):
    score = benchmark.measure(template, len(CLASS), 31, False, hand_out(tmp_path / "hw", template))
    share = {what: score.found[what] / score.drawn[what] for what in score.drawn}
    assert share["right sheets with full points"] == share["cells counted"] == share["no false swap"] == 1
    assert share["swapped files"] == 1
    assert share["first wrong line"] >= 0.97
    assert share["cause"] >= 0.85
    assert score.drawn["first wrong line"] >= 20


def test_the_simulation_shares_no_code_with_the_package():
    for name in ("simulated_class", "pupil", "slips"):
        text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        assert "import glassnet" not in text
        assert "from glassnet" not in text
