"""What the doctor says is one tree of values, and every medium shows the same."""

import io
import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

from glassnet._common.terminal import Console
from glassnet.cli.doctor import show
from glassnet.doctor import checks as package
from glassnet.doctor._judging import Check, by_code, check, run_checks
from glassnet.doctor.checks.table import CHECKS
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.findings import Cure, Finding, Severity, Symptom
from glassnet.doctor.write._text import render_text
from glassnet.doctor.write.document import ClosingLine, Document, Facts, LossCurves, Rows
from glassnet.doctor.write.html import render_blocks, render_page, render_section
from glassnet.nn.history import EpochRecord, History


def finding(code, severity=Severity.HIGH):
    cure = Cure("Draw & shuffle.", {"weight_init": "he_normal"})
    return Finding(
        code, severity, f"The <title> of {code}.", "0.5", "above 0.1", "a book", "Why it is so.", cure
    )


HISTORY = History([EpochRecord(n, 1 / n, None, None, None, 0.0) for n in (1, 2, 3)])
DOCUMENT = Document(
    "a <model>",
    "2 findings.",
    (
        Facts({"initial loss": "2.3"}),
        finding("first-code"),
        finding("second-code", Severity.MEDIUM),
        Rows("The scores", ("split", "score"), (("test", "0.8227"),)),
        LossCurves({"before: score 0.1": HISTORY, "after: score 0.9": HISTORY}),
        ClosingLine("It is proven.", is_good=True),
    ),
)
SAID = [
    "initial loss",
    "2.3",
    "first-code",
    "Why it is so.",
    "above 0.1",
    "a book",
    "second-code",
    "It is proven.",
]


def on_the_terminal(document):
    file = io.StringIO()
    show(Console(file=file, width=200), document)
    return file.getvalue()


def texts_of(markup):
    """Return the texts of some HTML, without its style, as a browser shows them."""
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", str(markup), flags=re.DOTALL)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'").replace("&amp;", "&")


MEDIA = {
    "text": render_text,
    "terminal": on_the_terminal,
    "section": lambda document: texts_of(render_section(document)),
    "page": lambda document: texts_of(render_page("The doctor", [document])),
}


@pytest.mark.parametrize("medium", list(MEDIA))
def test_every_medium_says_the_same_in_the_same_order(medium):
    shown = MEDIA[medium](DOCUMENT)
    places = [shown.index(words) for words in ["a <model>", "2 findings.", *SAID]]
    assert places == sorted(places)
    assert shown.count("Draw & shuffle. weight_init='he_normal'.") == 2


@pytest.mark.parametrize("medium", ["terminal", "section", "page"])
def test_tables_are_shown_where_there_is_room_for_them(medium):
    assert "0.8227" in MEDIA[medium](DOCUMENT)


def test_curves_are_drawn_in_html_with_words_for_those_who_do_not_see_them():
    html = render_section(DOCUMENT)
    assert html.count("<svg") == html.count('role="img"') == 2
    assert 'aria-label="Losses of the training before: score 0.1"' in html
    assert len(re.findall(r'id="[^"]+"', html)) == len(set(re.findall(r'id="[^"]+"', html)))


def test_what_stands_below_the_title_has_no_title():
    assert "a &lt;model&gt;" not in render_blocks(DOCUMENT)
    assert "first-code" in render_blocks(DOCUMENT)


def test_a_page_fetches_nothing_and_is_dark_at_night():
    page = str(render_page("The <doctor>", [DOCUMENT]))
    assert page.startswith("<!DOCTYPE html>")
    assert "<h1>The &lt;doctor&gt;</h1>" in page
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"<script|<link|@import|url\((?!#)", page)


def test_a_notebook_gets_plain_text_that_can_be_put_into_other_html():
    html = Diagnosis("m", [finding("a-code")], {})._repr_html_()
    assert type(html) is str  # markup would escape what it is added to
    assert html.count("<style>") == 1


def test_numbers_are_those_of_the_findings_alone():
    text = render_text(DOCUMENT)
    assert "1. [high] The <title> of first-code.  (first-code)" in text
    assert "2. [medium] The <title> of second-code.  (second-code)" in text


# -- checks ------------------------------------------------------------------------------------------


@check(code="odd", severity=Severity.LOW, question="Is it odd?", rule="it is odd")
def find_odd(subject: int) -> Symptom | None:
    """Find an odd number."""
    return Symptom("It is odd.", str(subject), "So it is.", Cure("Add 1.")) if subject % 2 else None


@check(code="large", severity=Severity.HIGH, question="Is it large?", rule="above 9", source="a book")
def find_large(subject: int) -> Symptom | None:
    """Find a large number, which is not so bad below 100."""
    severity = Severity.MEDIUM if subject < 100 else None
    return (
        Symptom("It is large.", str(subject), "So it is.", Cure("Halve."), severity) if subject > 9 else None
    )


def test_a_declared_check_is_a_value_that_can_be_called():
    assert (find_large.code, find_large.severity, find_large.source) == ("large", "high", "a book")
    assert find_odd.source == "this library"
    assert find_odd(3).title == "It is odd."
    assert find_odd(2) is None


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (8, []),
        (3, [("odd", "low")]),
        (11, [("large", "medium"), ("odd", "low")]),
        (101, [("large", "high"), ("odd", "low")]),
    ],
)
def test_the_worst_comes_first_and_a_symptom_may_say_how_bad_it_is(subject, expected):
    table = by_code(find_odd, find_large)
    assert list(table) == ["odd", "large"]
    found = run_checks(table.values(), subject)
    assert [(finding.code, finding.severity) for finding in found] == expected
    assert [finding.threshold for finding in found] == [table[code].rule for code, _ in expected]


def test_the_table_of_checks_has_every_declared_check():
    modules = [import_module(f"{package.__name__}.{found.name}") for found in iter_modules(package.__path__)]
    declared = {
        value.code for module in modules for value in vars(module).values() if isinstance(value, Check)
    }
    assert declared == set(CHECKS)
