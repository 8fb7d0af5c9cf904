"""What pages do on narrow and on dark screens: every entry in sight, and pictures in the page's colours."""

import base64
import re

import pytest

from glassnet._common.pages import make_environment
from glassnet._common.palette import CLASSES, CLASSES_AT_NIGHT, DARK, page_style
from glassnet.doctor.findings import Cure, Finding, Severity
from glassnet.doctor.write.document import Document, Rows
from glassnet.doctor.write.html import render_page, render_section
from glassnet.plots import follow_theme
from glassnet.report import render_report
from glassnet.report._formats import blas, environment
from glassnet.report.exhibits import draw_exhibit
from glassnet.studies.assignment.mnist_init import MNIST_INIT
from glassnet.worked.svm.assignment import solve_a3
from glassnet.worked.svm.render import draw_picture
from glassnet.worked.tracing import trace

NARROW = "@media screen and (max-width: 48rem)"


def tables(html):
    return re.findall(r"<table.*?</table>", html, re.DOTALL)


def entries_without_a_name(table):
    """Return the entries of a table of cards that do not say which column they are of."""
    body = table[table.index("<tbody") :]
    return [
        tag for tag in re.findall(r"<t[dh]\b[^>]*>", body) if "data-label" not in tag and "whole" not in tag
    ]


def test_every_table_of_a_study_fits_a_narrow_screen(make_result, images, exhibits):
    """As cards whose entries name their columns, as claims, or pinned at the left with a shadow."""
    result, histories = make_result()
    html = render_report(result, histories, images, specs=MNIST_INIT.specs)
    shown = tables(html) + [table for exhibit in exhibits for table in tables(draw_exhibit(exhibit, images))]
    cards = [table for table in shown if re.match(r'<table class="[^"]*\bcards\b', table)]
    assert {re.match(r'<table class="(\w+)', table)[1] for table in cards} == {"scores", "evidence"}
    for table in cards:
        assert entries_without_a_name(table) == []
        assert 'role="table"' in table  # a screen reader would not know it from its looks
    others = {re.match(r'<table class="(\w+)', table)[1] for table in shown} - {"scores", "evidence"}
    assert others == {"claims", "confusion", "answers", "heatmap", "histograms", "images", "bars"}


def test_cards_are_in_every_page_and_in_notebooks():
    rows = Rows("Scores", ("split", "why"), (("test", "a long reason, longer than a column is wide"),))
    document = Document("title", "", (rows,))
    for html in (render_page("x", [document]), render_section(document), trace("assignment").to_html()):
        assert ".cards thead { display: none; }" in html
    (table,) = tables(render_page("x", [document]))
    assert entries_without_a_name(table) == []
    assert 'data-label="why" class="whole"' in table


def test_counts_of_every_division_stand_below_one_another(exhibits):
    markup = draw_exhibit(next(e for e in exhibits if e.kind == "histograms"), None)
    columns = next(e for e in exhibits if e.kind == "histograms").data["columns"]
    assert set(re.findall(r'<td role="cell" data-label="([^"]*)"', markup)) == set(columns)


def test_how_many_answers_are_right_stands_in_the_pinned_column(exhibits, images):
    markup = draw_exhibit(next(e for e in exhibits if e.kind == "answers"), images)
    assert re.search(r'<th scope="row">relu<span class="note">2 of 3 right</span></th>', markup)


def test_what_is_scrolled_shows_that_there_is_more():
    style = make_environment().get_template("page.css").render()
    assert re.search(r"\.scroll, pre \{[^}]*--shadow[^}]*local[^}]*scroll", style)
    narrow = style[style.index(NARROW) :]
    assert "pre { white-space: pre-wrap;" in narrow


def test_every_stage_of_a_trace_is_a_formula_of_its_own():
    """So that the result, after the last sign of equality, stands on the screen however narrow it is."""
    html = trace("assignment").to_html()
    rows = re.findall(r"<td>(<math.*?)</td>", html)
    stages = [re.findall(r"<math.*?</math>", row) for row in rows]
    assert max(map(len, stages)) >= 3
    for row in stages:
        assert all(
            re.match(r'<math displaystyle="true"><mrow><mo form="infix">[=←]</mo>', one) for one in row
        )
        assert all(one.count("<mo>=</mo>") == 0 for one in row)
    assert "td { white-space: normal;" in html[html.index(NARROW) :]


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", CLASSES_AT_NIGHT)
def test_classes_have_lighter_colours_by_night(name):
    light, dark = luminance(CLASSES_AT_NIGHT[name]), luminance(DARK["surface"])
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # the contrast of WCAG 2.1
    night = page_style().partition("prefers-color-scheme: dark")[2]
    for k, other in enumerate(CLASSES):
        if other == name:
            assert f"--class-{k}: {CLASSES_AT_NIGHT[name]}" in night


def test_the_picture_of_a_hyperplane_is_dark_where_the_screen_is(exhibits):
    svg = draw_picture(solve_a3(), (), "svg").decode()
    shown = follow_theme(svg)
    style = re.search(r"<style>@media screen and \(prefers-color-scheme: dark\)\{(.*?)\}</style>", shown)[1]
    for paint, colour in set(re.findall(r"(fill|stroke): (#[0-9a-f]{6})", svg)) - {("fill", "#56b4e9")}:
        assert f'[style*="{paint}: {colour}"]' in style, "a colour that would stay as it is"
    assert shown.replace(re.search("<style>@media.*?</style>", shown)[0], "") == svg
    assert svg.count("<style>@media") == 0  # a picture that somebody saved stays as it is
    exhibit = next(exhibit for exhibit in exhibits if exhibit.kind == "drawing")
    source = draw_exhibit(exhibit, None).split("base64,")[1].split('"')[0]
    assert b"prefers-color-scheme: dark" in base64.b64decode(source)


def test_blas_is_told_in_words_and_once():
    own = {"internal_api": "openblas", "version": "0.3.31", "architecture": "Haswell", "num_threads": 1}
    assert blas([own, own]) == "OpenBLAS 0.3.31 for Haswell, 1 thread"
    assert blas([own, own | {"version": "0.3.30"}]).count("OpenBLAS") == 2
    assert environment({"python": "3.11", "blas": [own]})["blas"] == "OpenBLAS 0.3.31 for Haswell, 1 thread"
    assert environment({"python": "3.11"}) == {"python": "3.11"}


def test_severities_stay_words(read):
    finding = Finding("c", Severity.HIGH, "t", "m", "r", "s", "x", Cure("do"))
    assert "high" in read(render_page("x", [Document("t", "", (finding,))])).text
