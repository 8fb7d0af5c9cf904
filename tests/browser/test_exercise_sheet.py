"""A student's sheet in a browser: filled in offline, kept, saved as a file that the grader reads."""

import csv

import pytest
from handed_out import handed_out

from glassnet.classroom.language import LANGUAGES
from glassnet.classroom.sheets.content import Sheet
from glassnet.classroom.sheets.html import render_sheet
from glassnet.classroom.students import Student
from glassnet.classroom.template import TEMPLATES
from glassnet.worked import read_sheet


@pytest.fixture
def sheet(tmp_path):
    """The sheet of a template in a language, and its page."""

    def write(name, language):
        made = Sheet("hw3", TEMPLATES[name], Student("007", "Ada"), handed_out(name)[0].task, language)
        path = tmp_path / f"{name}.html"
        path.write_text(render_sheet(made), encoding="utf-8")
        return made, path.as_uri()

    return write


@pytest.mark.parametrize(
    ("name", "code", "width"), [("backprop-matrices", "en", 390), ("hard-margin", "de", 1280)]
)
def test_answers_are_kept_and_saved_as_a_table(sheet, open_page, tmp_path, name, code, width):
    made, url = sheet(name, LANGUAGES[code])
    page = open_page(url, width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expected = {}
    for question in made.task.questions[1:]:
        place = page.locator(f'[data-step="{question.quantity.step}"][data-quantity="{question.label}"]')
        if question.choices:
            place.get_by_label(made.language.choice(question.answer), exact=True).check()
            expected[question.label] = question.answer
        else:
            expected[question.label] = made.language.number(question.value, 4)
            place.fill(expected[question.label])
    page.reload()
    first = made.task.questions[0]
    page.locator(f'[data-quantity="{first.label}"]').fill("1.2.3")
    with page.expect_download() as download:
        page.get_by_role("button").click()
    assert download.value.suggested_filename == "007.csv"
    path = tmp_path / "007.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=made.language.delimiter))
    assert {row["quantity"]: row["value"] for row in rows} == {first.label: "1.2.3", **expected}
    total = len(made.task.questions)
    said = page.get_by_role("status").text_content()
    assert f"{total}" in said
    assert first.label in said
    if code == "en":
        path.write_text(path.read_text().replace("1.2.3", "0.5"))
        assert len(read_sheet(path).entries) == total
