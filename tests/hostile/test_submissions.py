"""Hostile submissions are graded like any others: one line each, nothing written elsewhere, nothing run."""

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from submissions import KINDS, write_hostile

from glassnet.classroom.choosing import Chooser
from glassnet.classroom.dice import Secret
from glassnet.classroom.folder import Homework
from glassnet.classroom.grading.gradebook import FORMULA
from glassnet.classroom.students import Student
from glassnet.classroom.template import TEMPLATES
from glassnet.cli import main

pytest.importorskip("openpyxl")
pytest.importorskip("odf")

N = 2 * len(KINDS)
STUDENTS = 20

Graded = tuple[Path, dict[Path, tuple[int, int]], int]
"""The folder, what was in it before, and how many files were handed in."""


def tree(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return every file and link below a folder, with its size and the time of its last change."""
    states = {path: path.lstat() for path in folder.rglob("*") if not path.is_dir()}
    return {path: (state.st_size, state.st_mtime_ns) for path, state in states.items()}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The folder in which a class's hostile submissions were graded."""
    folder = tmp_path_factory.mktemp("hostile")
    names = ["=cmd|calc", "<script>alert(1)</script>", *(f"Name {i}" for i in range(2, STUDENTS))]
    students = tuple(Student(f"s{i:03}", name, "@group", "+1@x.org") for i, name in enumerate(names))
    template, secret = TEMPLATES["backprop"], Secret("hostile")
    homework = Homework(folder / "hw", template, "en", (), secret.fingerprint, students)
    for one in Chooser(template, secret).choose(students):
        homework.write_settings(one.student, one.task.settings)
    homework.write_record()
    n_files = write_hostile(folder / "in", N, seed=1, n_students=STUDENTS)
    before = tree(folder)

    def refuse(*arguments: object, **settings: object) -> None:
        raise AssertionError("something was run")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.system", refuse)
        patch.setattr(subprocess, "Popen", refuse)
        arguments = [
            "exercise",
            "grade",
            str(folder / "hw"),
            str(folder / "in"),
            "--out",
            str(folder / "out"),
        ]
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return folder, before, n_files


def test_nothing_is_written_elsewhere(graded: Graded) -> None:
    folder, before, _ = graded
    after = tree(folder)
    assert {path: after[path] for path in before} == before
    new = {path.relative_to(folder).parts[0] for path in after.keys() - before.keys()}
    assert new == {"out"}


def test_every_file_has_one_line(graded: Graded) -> None:
    folder, _, n_files = graded
    files = json.loads((folder / "out" / "grades.json").read_text(encoding="utf-8"))["files"]
    handed_in = {path.name for path in (folder / "in").iterdir()}
    named = [re.split(r"(?<=\.zip)/|/", each["file"])[0] for each in files]
    assert {name for name in handed_in if name != "linked"} <= set(named) | {"s003.csv"}
    assert len(files) >= n_files
    assert all(each["status"] == "graded" or each["reason"] for each in files)
    report = (folder / "out" / "report.html").read_text(encoding="utf-8")
    listed = report.partition('<h2 id="files">')[2]
    assert listed.count("<tr>") == len(files) + 1


def test_pages_have_no_markup_of_others(graded: Graded) -> None:
    folder, _, _ = graded
    pages = [*(folder / "out").rglob("*.html")]
    assert len(pages) == STUDENTS + 1
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<script|<img|<b>|javascript:", text)
        assert "\u202e" not in text


def test_gradebooks_begin_no_formula(graded: Graded) -> None:
    folder, _, _ = graded
    tables = [*(folder / "out").glob("*.csv")]
    assert {path.name for path in tables} >= {
        "moodle.csv",
        "canvas.csv",
        "grades.csv",
        "moodle-worksheet.csv",
    }
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [cell for cell in row if cell.startswith(FORMULA)]


def test_a_homework_that_would_lead_outside_is_refused(graded: Graded, tmp_path: Path) -> None:
    folder, _, _ = graded
    record = json.loads((folder / "hw" / "exercise.json").read_text())
    record["students"][0]["id"] = "../../escaped"
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "exercise.json").write_text(json.dumps(record))
    (tmp_path / "hw" / "template.toml").write_text((folder / "hw" / "template.toml").read_text())
    arguments = [
        "exercise",
        "grade",
        str(tmp_path / "hw"),
        str(folder / "in"),
        "--out",
        str(tmp_path / "out"),
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "can be no id" in result.output
    assert not list(Path(tmp_path).parent.rglob("escaped*"))
