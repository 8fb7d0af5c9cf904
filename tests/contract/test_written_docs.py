"""The pages that are written from the code are as the code has it, and every check has its example."""

import re

import pytest
import write_docs

ALL = {code: check for checks in write_docs.SECTIONS.values() for code, check in checks.items()}


@pytest.mark.parametrize("name", write_docs.PAGES)
def test_a_page_is_as_the_code_has_it(name):
    page = (write_docs.ROOT / name).read_text(encoding="utf-8")
    assert write_docs.PAGES[name](page) == page, "run `make pages`"


def test_every_check_has_an_example():
    page = (write_docs.ROOT / "docs/doctor.md").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^### `([a-z-]+)`\n(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL))
    assert list(entries) == list(ALL)
    for entry in entries.values():
        assert len(re.search(r"- \*\*Example\*\*: (.*)", entry).group(1)) > 20


def test_codes_are_stable_words_of_one_form():
    assert len(ALL) == sum(map(len, write_docs.SECTIONS.values()))
    for code, check in ALL.items():
        assert code == check.code
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
