"""Every check of the doctor is documented, with the rule, the source and an example; nothing else is."""

import re
from pathlib import Path

import pytest

from glassnet.doctor.checks.table import CHECKS
from glassnet.doctor.scores.table import CLAIM_CHECKS

PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^### `([a-z-]+)`\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
ALL = CHECKS | CLAIM_CHECKS


def test_the_page_has_the_checks_in_their_order():
    assert list(ENTRIES) == list(ALL)


@pytest.mark.parametrize("code", list(ALL))
def test_a_check_is_documented_as_it_is(code):
    check, entry = ALL[code], " ".join(ENTRIES[code].split())
    assert f"{check.question} Severity: {check.severity}." in entry
    assert f"- **Rule**: {check.rule}." in entry
    assert f"- **Source**: {check.source}." in entry
    assert len(re.search(r"- \*\*Example\*\*: (.*)", entry).group(1)) > 20


def test_codes_are_stable_words_of_one_form():
    assert len(ALL) == len(CHECKS) + len(CLAIM_CHECKS)
    for code, check in ALL.items():
        assert code == check.code
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
