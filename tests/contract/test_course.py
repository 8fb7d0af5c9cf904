"""The course of docs/learn: a trace, a picture, and an exercise that fails first and passes then.

That its blocks run as written is seen to in test_documents.py.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from documents import read_blocks

import glassnet

COURSE = Path(__file__).parents[2] / "docs" / "learn"
PAGES = sorted(path.name for path in COURSE.glob("[0-9]*.md"))


def files_of(page):
    """Return the names and contents of the files that a page shows, in their order."""
    blocks = read_blocks((COURSE / page).read_text(encoding="utf-8"), page)
    return [(block.file_name, block.code) for block in blocks if block.file_name]


@pytest.mark.parametrize("page", PAGES)
def test_the_exercise_fails_first_and_passes_then(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sheets = [code for name, code in files_of(page) if name == "mine.csv"]
    problems = [
        name for name, code in files_of(page) if name.endswith(".toml") and Path(name).write_text(code)
    ]
    grades = []
    for sheet in sheets:
        Path("mine.csv").write_text(sheet)
        grades.append(glassnet.grade("mine.csv", problems[-1] if problems else None))
    first, answer = grades
    assert first.first_error is not None
    assert answer.first_error is None
    assert {line.status.value for line in answer.lines} == {"right"}
    assert {line.quantity for line in first.lines} <= {line.quantity for line in answer.lines}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_short_and_has_a_trace_and_a_picture(page):
    text = (COURSE / page).read_text(encoding="utf-8")
    assert len(text.split("## Exercise")[0].splitlines()) < 90
    assert re.search(r"^\$ glassnet trace|^Friedman's table", text, re.MULTILINE)
    (picture,) = re.findall(r"^\.\. plot:: learn/(\S+)$", text, re.MULTILINE)
    assert (COURSE / picture).is_file()


def test_the_course_leads_from_each_page_to_the_next():
    listed = re.findall(
        r"^\d\. \[.*?\]\((.*?)\)", (COURSE / "index.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert listed == PAGES
    for page, following in pairwise(PAGES):
        assert f"]({following})" in (COURSE / page).read_text(encoding="utf-8").rsplit("Next:")[-1]
