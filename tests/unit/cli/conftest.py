"""A tiny study in the table."""

import pytest


@pytest.fixture
def tiny(monkeypatch):
    """Put the tiny study into the table of studies."""
    from tiny_study import TINY

    from glassnet.studies import STUDIES

    monkeypatch.setitem(STUDIES, "tiny", TINY)
    return TINY
