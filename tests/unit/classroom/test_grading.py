"""A class graded: what is read of people's files, what it is worth, and what course systems get."""

import csv
import html
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import datetime

import pytest
from click.testing import CliRunner

from glassnet.classroom.choosing import Chooser
from glassnet.classroom.dice import Secret
from glassnet.classroom.folder import Homework, read_homework
from glassnet.classroom.grading.answers import read_answers
from glassnet.classroom.grading.cells import Fault, read_cell
from glassnet.classroom.grading.grading import grade_folder
from glassnet.classroom.grading.marking import CellStatus, judge, mark
from glassnet.classroom.grading.matching import Matching
from glassnet.classroom.grading.settings import Rules, make_rules
from glassnet.classroom.grading.submissions import Roster, Submission, read_submissions
from glassnet.classroom.grading.tables import read_rows
from glassnet.classroom.grading.troubles import Why
from glassnet.classroom.grading.words import LANGUAGES
from glassnet.classroom.students import Student
from glassnet.classroom.template import TEMPLATES
from glassnet.cli import main
from glassnet.errors import DataFileError, GlassnetError, InvalidDataError, UnknownNameError
from glassnet.worked import CauseKind
from glassnet.worked.grade._slips import Slip, sentences

CLASS = (
    Student("s01", "Ada Lovelace", "a", "ada@example.org", {"SIS User ID": "9001", "SIS Login ID": "ada"}),
    Student("s02", "Alan Turing", "a", "alan@example.org"),
    Student("s03", "Grace Hopper", "b", "grace@example.org"),
    Student("s04", "-Emmy Noether", "=b", "emmy@example.org"),
)


def make_homework(folder, template="backprop", students=CLASS):
    """Write a homework as a class gets it, but for its sheets."""
    secret = Secret("grading")
    homework = Homework(folder / "hw", TEMPLATES[template], "en", (), secret.fingerprint, students)
    for one in Chooser(homework.template, secret).choose(students):
        homework.write_settings(one.student, one.task.settings)
    homework.write_record()
    return read_homework(folder / "hw")


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    return make_homework(tmp_path_factory.mktemp("class"))


def right_rows(homework, id, changes=()):
    """Return the rows of a right sheet, but for some changes."""
    changes = dict(changes)
    rows = []
    for question in homework.read_task(homework.student(id)).questions:
        value = question.answer or f"{question.value:.4f}"
        rows.append([str(question.quantity.step), question.label, changes.get(question.label, value)])
    return rows


def as_csv(rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["step", "quantity", "value"], *rows])
    return text.getvalue().encode()


def grade(homework, files, folder, **settings):
    """Grade files by their names."""
    submissions = folder / "in"
    for name, content in files.items():
        path = submissions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return grade_folder(homework, submissions, folder / "out", **settings)


# -- cells --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("-0,25", "-0.25"),
        ("\u22120.25", "-0.25"),
        ("\u2013 0,5", "-0.5"),
        ("\u20140.5", "-0.5"),
        ("+3", "3"),
        (".5", "0.5"),
        ("1.", "1"),
        ("0,5000", "0.5000"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234,5", "1234.5"),
        ("1,234", "1.234"),
        ("1,234,567", "1234567"),
        ("3/8", "0.375"),
        ("-3/8", "-0.375"),
        ("2 1/2", "2.5"),
        ("-2 1/2", "-2.5"),
        ("\u00bd", "0.5"),
        ("1\u00bd", "1.5"),
        ("3\u20448", "0.375"),
        ("2/3", "0.666667"),
        ("12,5 %", "0.125"),
        ("0.5 m/s", "0.5"),
        ("1.2e-3", "0.0012"),
        ("1,2\u00b710^-3", "0.0012"),
        ("1.2\u00d710\u207b\u00b3", "0.0012"),
        ("'0.5", "0.5"),
        ("\u2248 0.5", "0.5"),
        ("\uff10.\uff15", "0.5"),
    ],
)
def test_a_number_is_understood_as_people_write_it(cell, text):
    assert read_cell(cell, 6).text == text


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "@SUM(1)",
        "abc",
        "1/0",
        "1e400",
        "nan",
        "1 2",
        "--5",
        "1,2,3",
        "9" * 101,
        "1e999999999",
        "0x1F",
    ],
)
def test_what_is_no_number_is_refused(cell):
    assert isinstance(read_cell(cell), Fault)


# -- files --------------------------------------------------------------------------------------------------


def as_xlsx(rows):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["step", "quantity", "value"])
    for step, name, value in rows:
        book.active.append([int(step), name, float(value)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_ods(rows):
    opendocument = pytest.importorskip("odf.opendocument")
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document, table = opendocument.OpenDocumentSpreadsheet(), Table(name="answers")
    for row in [["step", "quantity", "value"], *rows]:
        line = TableRow()
        for cell in row:
            try:
                made = TableCell(valuetype="float", value=str(float(cell)))
            except ValueError:
                made = TableCell(valuetype="string")
            made.addElement(P(text=cell))
            line.addElement(made)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


FORMATS = {
    "csv": as_csv,
    "tsv": lambda rows: as_csv(rows, "\t"),
    "txt": lambda rows: as_csv([[s, n, v.replace(".", ",")] for s, n, v in rows], ";"),
    "xlsx": as_xlsx,
    "ods": as_ods,
}


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_is_read_alike(homework, ending, tmp_path):
    rows = right_rows(homework, "s01", {"w1": "7.7777"})
    read = read_rows(FORMATS[ending](rows), f"s01.{ending}")
    task = homework.read_task(homework.student("s01"))
    entries = {entry.label: entry.number for entry in read_answers(read, task).entries}
    expected = read_answers([["step", "quantity", "value"], *rows], task)
    assert entries == {entry.label: entry.number for entry in expected.entries}
    grades = grade(homework, {f"s01.{ending}": FORMATS[ending](rows)}, tmp_path)
    assert [c.question.label for c in grades.outcomes[0].marked.cells if c.status == "wrong"] == ["w1"]


def test_commas_without_quotes_are_put_together(homework):
    task = make_task("backprop-matrices")
    text = b'step,quantity,value\n1,Z1[1,2],0,25\n1,"Z1[1,1]",-1\n1,b1,9\n'
    answers = read_answers(read_rows(text, "a.csv"), task)
    assert {entry.label: entry.text for entry in answers.entries} == {"Z1[1,2]": "0.25", "Z1[1,1]": "-1"}
    assert [(problem.fault, problem.name) for problem in answers.problems] == [("not_asked", "'b1'")]


def make_task(template):
    student = Student("a", "A")
    return next(iter(Chooser(TEMPLATES[template], Secret("x")).choose([student]))).task


def archive(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def test_the_archives_of_moodle_and_canvas_are_read(homework, tmp_path):
    sheets = {student.id: as_csv(right_rows(homework, student.id)) for student in CLASS}
    moodle = {
        f"{student.name}_{1200 + i}_assignsubmission_file_/answers.csv": sheets[student.id]
        for i, student in enumerate(CLASS)
    }
    canvas = {
        "lovelaceada_LATE_101_20022_answers-1.csv": sheets["s01"],
        "turingalan_102_20023_answers.csv": sheets["s02"],
        "hoppergrace_103_20024_s03.csv": sheets["s03"],
        "noetheremmy_104_20025_answers.csv": sheets["s04"],
    }
    for name, files in (("moodle", moodle), ("canvas", canvas)):
        (tmp_path / f"{name}.zip").write_bytes(archive(files))
        grades = grade_folder(homework, tmp_path / f"{name}.zip", tmp_path / name)
        assert [outcome.points for outcome in grades.outcomes] == [10.0] * 4
        assert [outcome.late for outcome in grades.outcomes] == [name == "canvas", False, False, False]
    with (tmp_path / "moodle" / "moodle-worksheet.csv").open(newline="", encoding="utf-8") as file:
        assert [row["Identifier"] for row in csv.DictReader(file)] == [
            f"Participant {1200 + i}" for i in range(4)
        ]


def test_files_find_their_students_by_id_or_name():
    roster = Roster(CLASS)
    for name, id in (
        ("s01.csv", "s01"),
        ("S01 (2).csv", "s01"),
        ("hw3_s02_final.xlsx", "s02"),
        ("Grace Hopper/answers.csv", "s03"),
        ("Hopper, Grace.csv", "s03"),
        ("s011.csv", None),
        ("s01 and s02.csv", None),
        ("answers.csv", None),
    ):
        student = roster.assign(Submission(name)).student
        assert (student and student.id) == id, name


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataFileError, match="there are no submissions"):
        read_submissions(tmp_path / "none", CLASS)
    (tmp_path / "a.txt").write_text("no archive")
    with pytest.raises(DataFileError, match="no ZIP archive"):
        read_submissions(tmp_path / "a.txt", CLASS)


# -- marks --------------------------------------------------------------------------------------------------


def test_a_cell_that_is_missing_or_cannot_be_read_costs_its_points_and_no_more(homework, tmp_path):
    rows = right_rows(homework, "s01", {"L": "", "w1": "about 2", "w2": "1/0"})
    grades = grade(homework, {"s01.csv": as_csv(rows)}, tmp_path)
    outcome = grades.outcomes[0]
    n = len(outcome.marked.cells)
    assert outcome.points == round(10 * (n - 3) / n, 2)
    assert outcome.marked.count(CellStatus.MISSING) == 1
    assert outcome.marked.count(CellStatus.UNREADABLE) == 2
    faults = [(problem.fault, problem.name) for problem in outcome.marked.problems]
    assert faults == [("no_number", "'w1'"), ("by_zero", "'w2'")]
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "about 2" in report


def test_what_follows_from_an_error_counts_and_the_cause_is_named(homework, tmp_path):
    task = homework.read_task(homework.student("s01"))
    z = next(q.value for q in task.questions if q.label == "z_h1")
    settings = task.settings
    rows = right_rows(homework, "s01", {"z_h1": f"{z - settings['biases'][0][0]:.4f}"})
    marked = grade(homework, {"s01.csv": as_csv(rows)}, tmp_path).outcomes[0].marked
    assert marked.first_error.question.label == "z_h1"
    assert "b_h1 is missing" in marked.first_error.causes[0].text


def test_a_sheet_of_another_student_is_told(homework, tmp_path):
    grades = grade(homework, {"s01.csv": as_csv(right_rows(homework, "s02"))}, tmp_path)
    assert grades.outcomes[0].fits == CLASS[1]
    page = (tmp_path / "out" / "feedback" / "s01.html").read_text(encoding="utf-8")
    assert "do not fit your exercise" in page
    assert "Turing" not in page


def test_a_sheet_of_another_student_is_told_beside_many_slips(homework):
    tasks = {student.id: homework.read_task(student) for student in CLASS}
    matching = Matching(tasks)
    labels = [
        "z_h1",
        "h2",
        "dL/dw1",
        "dL/dw2",
        "w1",
        "w2",
        "w3",
        "dL/dw3",
        "w5",
        "dL/dz_h2",
        "dL/dw5",
        "w4",
        "w6",
        "b2",
    ]
    slips = dict.fromkeys(labels, "7.7777")

    def fits(rows):
        answers = read_answers([["step", "quantity", "value"], *rows], tasks["s01"])
        return matching.find("s01", answers, judge(tasks["s01"], answers, causes=False))

    assert fits(right_rows(homework, "s02", slips)) == "s02"
    for n in (0, 7, len(slips)):
        assert fits(right_rows(homework, "s01", [*slips.items()][:n])) == ""


def test_choices_and_fractions_are_marked(tmp_path):
    homework = make_homework(tmp_path, "margin", CLASS[:2])
    task = homework.read_task(CLASS[0])
    rows = right_rows(homework, "s01")
    answers = {"yes": "Ja", "no": "nein", "+": "+1", "-": "\u22121"}
    rows = [[step, name, answers.get(value, value)] for step, name, value in rows]
    marked = mark(task, read_answers([["Schritt", "Größe", "Wert"], *rows], task))
    assert {cell.status for cell in marked.cells} == {"right"}


def test_rules_are_settings_of_the_homework(tmp_path):
    homework = make_homework(tmp_path)
    (tmp_path / "hw" / "grading.toml").write_text(
        '[grading]\npoints = 40\nlate = 0.5\ndeadline = "2020-01-01 12:00"\ndecimals = 1\n'
    )
    grades = grade(homework, {"s01.csv": as_csv(right_rows(homework, "s01"))}, tmp_path)
    assert grades.outcomes[0].late
    assert grades.outcomes[0].points == 20.0
    template = replace(homework.template, text=homework.template.text + "\n[grading]\npoints = 5\n")
    (tmp_path / "hw" / "grading.toml").unlink()
    grades = grade(replace(homework, template=template), {}, tmp_path)
    assert grades.outcomes[0].points == 5


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"pionts": 3}, "unknown entry of"),
        ({"points": 0}, "got points = 0"),
        ({"late": 2}, "expected a number from 0 to 1"),
        ({"decimals": 1.5}, "a whole one"),
        ({"deadline": "soon"}, "got deadline = 'soon'"),
        ({"wrong": True}, "got wrong = True"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(table, message):
    with pytest.raises(GlassnetError, match=message):
        make_rules(table, "a.toml")


def test_a_deadline_may_have_a_zone():
    rules = Rules(deadline="2026-12-01T12:00+00:00")
    assert rules.is_late(datetime(2026, 12, 3))
    assert not rules.is_late(datetime(2026, 11, 29))


def test_changes_by_hand_survive_grading_again(homework, tmp_path):
    files = {"s01.csv": as_csv(right_rows(homework, "s01", {"w1": "9.9999"}))}
    before = grade(homework, files, tmp_path).outcomes[0].points
    overrides = tmp_path / "out" / "overrides.csv"
    assert overrides.read_text() == "id,step,quantity,points,reason\n"
    text = "id,step,quantity,points,reason\nS01,1,w1,1,misread\ns02,,,7.5,by word of mouth\n"
    overrides.write_text(text)
    for _ in range(2):
        grades = grade(homework, files, tmp_path)
        assert before < grades.outcomes[0].points == 10
        assert grades.outcomes[1].points == 7.5
        assert overrides.read_text() == text
    overrides.write_text("id,step,quantity,points,reason\nnobody,,,3,\n")
    with pytest.raises(InvalidDataError, match="row 2: nobody has the id 'nobody'"):
        grade(homework, files, tmp_path)


def test_every_file_and_every_student_is_accounted_for(homework, tmp_path):
    sheet = as_csv(right_rows(homework, "s01"))
    files = {
        "s01.csv": as_csv(right_rows(homework, "s01", {"w1": "3.1415"})),
        "s01 (2).csv": sheet,
        "s01.pdf": b"%PDF",
        "s02.csv": b"\0\0",
        "notes.txt": b"hello",
    }
    grades = grade(homework, files, tmp_path)
    found = {file.submission.name: str(file.status) for file in grades.files}
    statuses = ["graded", "double", "beside", "unreadable", "unknown"]
    assert sorted(found) == sorted(files)
    assert sorted(found.values()) == sorted(statuses)
    assert [str(outcome.status) for outcome in grades.outcomes] == [
        "graded",
        "unreadable",
        "missing",
        "missing",
    ]
    content = json.loads((tmp_path / "out" / "grades.json").read_text())
    assert len(content["files"]) == len(files)
    assert all(each["reason"] for each in content["files"] if each["status"] != "graded")


UNUSABLE = {
    "s01.pdf": (b"%PDF", Why.ENDING),
    "s01.csv": (b"", Why.EMPTY),
    "s01.tsv": (b"\0\1", Why.NO_TEXT),
    "s01.txt": (b"dear teacher", Why.NO_COLUMNS),
    "s01.xlsx": (b"PK no archive", Why.NO_SPREADSHEET),
    "s01.ods": (archive({"content.xml": "<!DOCTYPE a>"}), Why.XML),
    "s01 long.csv": (b"1,h1,2\n" * 2001, Why.TOO_MANY_ROWS),
    "s01 huge.csv": (b" " * (2**21 + 1), Why.TOO_LONG),
    "s01 other.csv": (as_csv([["1", "w77", "0.5"]]), Why.NOTHING_ASKED),
    "s01 mark.csv": (b"\xff\xfe\x00", Why.ENCODING),
    "s01 none.zip": (b"PK", Why.NO_ARCHIVE),
    "notes.csv": (b"", Why.NOBODY),
    "up.zip": (archive({"../../s02.csv": "a"}), Why.LEADS_OUT),
    "s03.csv": (as_csv([["1", "h1", "2026-08-03"], ["1", "L", "0.5"]]), None),
}
"""Files that count for nothing, and why; of the last a cell alone is a date."""


def test_pages_in_german_say_in_german_why_a_file_does_not_count(homework, tmp_path):
    files = {name: content for name, (content, _) in UNUSABLE.items()}
    grades = grade(homework, files, tmp_path, language="de")
    expected = {name: why for name, (_, why) in UNUSABLE.items() if not name.startswith("up")}
    found = {file.submission.name: file.trouble and file.trouble.why for file in grades.files}
    assert found == expected | {"up.zip/s02.csv": Why.LEADS_OUT}
    german = LANGUAGES["de"]
    report = html.unescape((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    for file in grades.files:
        assert german.trouble(file.trouble) in report
    for text in LANGUAGES["en"].content["troubles"].values():
        assert max(re.split(r"\{\w+\}", text), key=len) not in report
    assert "'h1': '2026-08-03' ist ein Datum" in report
    assert "mehr als 2.097.152 Bytes" in report
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "grades.csv").read_text(encoding="utf-8"))))
    assert [row["Stand"] for row in rows] == ["unlesbar", "unlesbar", "bewertet", "kein Blatt"]


# -- for other programs -------------------------------------------------------------------------------------


def import_into_canvas(text):
    """Read a gradebook by the rules of Canvas's importer, as docs/classroom.md has them."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert re.search(r"SIS\s+User\s+ID", header[2])
    assert re.search(r"SIS\s+Login\s+ID", header[3])
    assert "Section" in header[4]
    (assignment,) = header[5:]
    possible = next(row[5] for row in rows if "Points Possible" in row[0])
    students = [row for row in rows if "Points Possible" not in row[0]]
    return assignment, float(possible), {(row[1], row[2], row[3]): row[5] for row in students}


def test_canvas_and_moodle_import_what_was_graded(homework, tmp_path):
    files = {
        "s01.csv": as_csv(right_rows(homework, "s01")),
        "s02.csv": as_csv(right_rows(homework, "s02", {"L": ""})),
    }
    points = [outcome.points for outcome in grade(homework, files, tmp_path).outcomes]
    name, possible, students = import_into_canvas(
        (tmp_path / "out" / "canvas.csv").read_text(encoding="utf-8")
    )
    assert (name, possible) == ("hw", 10)
    assert students == {
        ("s01", "9001", "ada"): "10",  # of a list that Canvas exported, the id is its own
        ("", "s02", "alan@example.org"): f"{points[1]:g}",
        ("", "s03", "grace@example.org"): "",
        ("", "s04", "emmy@example.org"): "",
    }
    with (tmp_path / "out" / "moodle.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_email = {row["Email address"]: (row["ID number"], row["hw"]) for row in rows}
    assert by_email["alan@example.org"] == ("s02", f"{points[1]:g}")
    assert rows[3]["Full name"] == "'-Emmy Noether"
    assert rows[0]["hw feedback"] == "Every answer that you gave is right."


# -- languages ----------------------------------------------------------------------------------------------


def places(text):
    return sorted(re.findall(r"\{(\w*)\}", text))


def test_every_slip_has_a_sentence_in_every_language():
    english, german = sentences("en"), sentences("de")
    assert {*Slip, "entry", "besides", "either", "or"} == set(english)
    assert {name: places(text) for name, text in english.items()} == {n: places(t) for n, t in german.items()}
    with pytest.raises(UnknownNameError, match="Known: de, en"):
        sentences("fr")


def test_the_pages_have_the_same_texts_in_every_language():
    english, german = (LANGUAGES[code].content for code in ("en", "de"))
    assert {table: set(texts) for table, texts in english.items()} == {t: set(x) for t, x in german.items()}
    for name, text in english["words"].items():
        assert places(text) == places(german["words"][name])
    for content in (english, german):
        assert set(content["causes"]) == set(content["reading"]) == set(CauseKind)
        assert set(content["status"]) == set(CellStatus)
        assert set(content["problems"]) == set(Fault)
        assert set(content["troubles"]) == set(Why)
    for table in ("troubles", "problems"):
        assert {k: places(t) for k, t in english[table].items()} == {
            k: places(t) for k, t in german[table].items()
        }


def test_the_command_says_what_needs_a_look(homework, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "s01.csv").write_bytes(as_csv(right_rows(homework, "s02")))
    arguments = [
        "exercise",
        "grade",
        str(homework.path),
        str(tmp_path / "in"),
        "--out",
        str(tmp_path / "out"),
    ]
    result = CliRunner().invoke(main, [*arguments, "--lang", "de"], catch_exceptions=False)
    assert "1 of 4 students graded; 1 file found." in result.output
    assert re.search(r"1 +fit another student's numbers", result.output)
    assert re.search(r"3 +missing", result.output)
    assert "Rückmeldung" in (tmp_path / "out" / "feedback" / "s01.html").read_text(encoding="utf-8")


def test_a_number_that_is_far_too_large_is_graded_like_any_other(homework):
    task = homework.read_task(CLASS[0])
    rows = right_rows(homework, "s01", dict.fromkeys(("z_h1", "h1", "L", "dL/dw5"), "1e308"))
    marked = mark(task, read_answers([["step", "quantity", "value"], *rows], task))
    assert marked.first_error.question.label == "z_h1"
