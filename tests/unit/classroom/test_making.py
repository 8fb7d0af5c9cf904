"""The folder of a class: sheets, answer tables and solutions, made once, gone on with, never mixed."""

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from handed_out import handed_out

from glassnet.classroom.dice import Secret
from glassnet.classroom.folder import RECORD, UNFINISHED, read_homework
from glassnet.classroom.kinds.table import KINDS
from glassnet.classroom.language import LANGUAGES
from glassnet.classroom.making import make_homework
from glassnet.classroom.sheets.content import Sheet
from glassnet.classroom.sheets.html import render_sheet, render_solution
from glassnet.classroom.sheets.latex import ENGINES, render_latex, render_pdf
from glassnet.classroom.sheets.markdown import render_markdown
from glassnet.classroom.students import Student
from glassnet.classroom.template import TEMPLATES
from glassnet.errors import FileError, GlassnetError, MissingPackageError
from glassnet.worked import read_problem, trace_problem
from glassnet.worked._texts import read_texts

SECRET = Secret("course")
HOSTILE = Student("007", "Ada <img src=x onerror=alert(1)> \\input{/etc/passwd} $x$", "a & b")
CLASS = (HOSTILE, Student("012", "Zoë Müller"))
SOFTMAX = TEMPLATES["softmax"]


class Page(HTMLParser):
    """Read what a page has: the places for answers, and what it would fetch."""

    def __init__(self, html):
        super().__init__()
        self.fields, self.names, self.fetched, self.tags = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        self.fetched += [attributes[key] for key in ("src", "href", "action") if key in attributes]
        if "data-quantity" in attributes:
            self.fields.append((attributes["data-step"], attributes["data-quantity"]))
            if tag == "input":
                self.names.append(attributes["aria-label"].strip())


@pytest.fixture(scope="module")
def sheets():
    """A sheet of every template in every language."""
    found = []
    for template in TEMPLATES.values():
        task = handed_out(template.name)[0].task
        found += [Sheet("hw3", template, HOSTILE, task, language) for language in LANGUAGES.values()]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("class") / "hw3"
    make_homework(path, SOFTMAX, CLASS, SECRET)
    return path


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_languages_have_the_same_texts():
    english, *others = LANGUAGES.values()
    for other in others:
        for name in ("words", "parts", "tasks", "steps_text", "facts", "asks", "hints", "practice"):
            own, theirs = getattr(other, name), getattr(english, name)
            assert own.keys() == theirs.keys()
            for key, text in theirs.items():
                assert set(re.findall(r"{\w+}", str(text))) == set(re.findall(r"{\w+}", str(own[key]))), key


def test_a_sheet_has_a_place_for_every_question_fetches_nothing_and_runs_no_name(sheets):
    for sheet in sheets:
        html = render_sheet(sheet)
        page, asked = Page(html), [(str(q.quantity.step), q.label) for q in sheet.task.questions]
        assert sorted(page.fields) == sorted(asked)
        assert all(page.names)
        assert page.fetched == []
        assert page.tags.count("img") == 0
        assert f'<html lang="{sheet.language.code}">' in html
        for text in (html, render_latex(sheet), render_markdown(sheet), render_solution(sheet)):
            given = [one.value for row in sheet.task.given for one in row if not isinstance(one.value, str)]
            numbers = {f"{abs(number):g}" for value in given for number in value.ravel()}
            shown = text.replace("{,}", ",")
            assert all(number.replace(".", sheet.language.point) in shown for number in numbers)
        assert r"\input{" not in render_latex(sheet)
        assert "<img" not in render_markdown(sheet).replace(r"\<img", "")


def test_a_solution_is_the_trace_and_a_sheet_has_nothing_of_it(sheets):
    for sheet in sheets:
        if sheet.template.name == "backprop-sigmoid" and sheet.language.code == "en":
            pattern = re.compile(r"<td>(<math.*?)</td>")
            lines = pattern.findall(trace_problem(sheet.task.problem).to_html())
            assert lines == pattern.findall(render_solution(sheet))
            assert len(lines) >= 40
            results = {f"{q.value:.5f}".rstrip("0") for q in sheet.task.questions}
            shown = [text for text in results if len(text) > 6 and text in render_sheet(sheet)]
            assert shown == []


def test_the_folder_has_what_each_student_gets(folder):
    homework = read_homework(folder)
    for student in CLASS:
        with homework.answers_path(student).open() as file:
            rows = list(csv.DictReader(file))
        task = homework.read_task(student)
        assert [(row["step"], row["quantity"]) for row in rows] == [
            (str(q.quantity.step), q.label) for q in task.questions
        ]
        assert {row["value"] for row in rows} == {""}
        assert all(homework.sheet_path(student, ending).is_file() for ending in homework.sheets)
        assert read_problem(homework.problem_path(student)).n_steps == 1


def test_what_was_interrupted_is_gone_on_with_and_ends_the_same(folder, tmp_path):
    path = tmp_path / "hw3"
    made = make_homework(path, SOFTMAX, CLASS, SECRET)
    assert made.new == 2
    whole = contents(folder)
    assert contents(path) == whole
    (path / RECORD).rename(path / UNFINISHED)
    made.homework.solution_path(CLASS[1]).unlink()
    with pytest.raises(FileError, match="was not finished"):
        read_homework(path)
    assert make_homework(path, SOFTMAX, CLASS, SECRET).new == 1
    assert contents(path) == whole


def test_who_comes_later_gets_theirs_and_nobody_is_dropped(tmp_path):
    make_homework(tmp_path, SOFTMAX, CLASS, SECRET)
    before = contents(tmp_path)
    late = (Student("000", "Late"), CLASS[1])
    made = make_homework(tmp_path, SOFTMAX, late, SECRET)
    assert (made.new, made.gone) == (1, (HOSTILE,))
    assert read_homework(tmp_path).students == (*CLASS, late[0])
    after = contents(tmp_path)
    changed = {path.name for path in before if before[path] != after[path]}
    assert changed == {RECORD, "moodle.xml"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"secret": Secret("other")}, "another seed"),
        ({"language": "de"}, "another language"),
        ({"template": TEMPLATES["margin"]}, "another template"),
        (
            {"template": replace(SOFTMAX, text=SOFTMAX.text + "\n"), "language": "de"},
            "template and another l",
        ),
    ],
)
def test_other_settings_are_refused_and_change_nothing(folder, change, reason):
    before = contents(folder)
    settings = {"template": SOFTMAX, "secret": SECRET, "language": "en"} | change
    with pytest.raises(FileError, match=reason):
        make_homework(folder, settings.pop("template"), CLASS, **settings)
    assert contents(folder) == before


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(FileError, match="no folder of a homework"):
        make_homework(tmp_path, SOFTMAX, CLASS, SECRET)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_pdf_needs_a_tex_that_succeeds(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPackageError, match="lualatex"):
        make_homework(tmp_path / "hw3", SOFTMAX, CLASS, SECRET, endings=("html", "pdf"))
    assert not (tmp_path / "hw3").exists()
    tex = tmp_path / ENGINES[0]
    tex.write_text('#!/bin/sh\nprintf "%s" "$1" > sheet.pdf\n')
    tex.chmod(0o755)
    assert render_pdf("x") == b"-no-shell-escape"
    tex.write_text('#!/bin/sh\necho "! Undefined control sequence."\nexit 1\n')
    with pytest.raises(GlassnetError, match="Undefined control sequence"):
        render_pdf("x")
    other = tmp_path / ENGINES[-1]
    other.write_text("#!/bin/sh\nprintf other > sheet.pdf\n")
    other.chmod(0o755)
    assert render_pdf("x") == b"other"


@pytest.mark.parametrize("name", ["margin", "hard-margin"])
def test_a_derivation_is_in_the_language_of_its_sheet(name):
    english, german = (read_texts("glassnet.worked.svm", code) for code in LANGUAGES)
    assert {key: places(text) for key, text in english.items()} == {k: places(t) for k, t in german.items()}
    template, one = TEMPLATES[name], handed_out(name)[0]
    kind = KINDS[template.kind]
    texts = [kind.explain(one.task.settings, code) for code in LANGUAGES]
    formulas = [[line for line in text.splitlines() if not re.search("[a-zäöü]{3}", line)] for text in texts]
    assert formulas[0] == formulas[1]
    words = [{*re.findall(r"\b[a-zäöüß]{3,}\b", text.lower())} for text in texts]
    assert words[0] & words[1] <= {"karush", "kuhn", "tucker", "glassnet", "svm", "solve"}
    assert len(words[0]) > 10 < len(words[1])


def places(text):
    return re.findall(r"\{\w*\}", text)
