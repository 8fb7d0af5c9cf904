"""Run commands in this process, with a tiny study in the table."""

import pytest
from click.testing import CliRunner


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """Return a function that runs `glassnet` with some words, in an empty folder."""
    from glassnet.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words):
        return CliRunner().invoke(main, [str(word) for word in words], prog_name="glassnet")

    return run


@pytest.fixture
def tiny(monkeypatch):
    """Put the tiny study into the table of studies."""
    from tiny_study import TINY

    from glassnet.studies import STUDIES

    monkeypatch.setitem(STUDIES, "tiny", TINY)
    return TINY
