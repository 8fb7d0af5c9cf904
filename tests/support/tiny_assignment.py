"""Tiny studies in the places of the assignment's own."""

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_study import TINY, tiny_study

from glassnet.studies import STUDIES
from glassnet.studies.base import Study


def _in_fashion(study: Study, section: str, needs: tuple[Study, ...] = ()) -> Study:
    return replace(study, chapter="fashion", beside=(study.specs[-1].name,), section=section, needs=needs)


PAIR = _in_fashion(tiny_study("relu", "tanh", "relu-sklearn", name="pair"), "C")


def held_pair(gate: Path | str) -> Study:
    """Return `PAIR` with a model that is held at a gate."""
    return _in_fashion(tiny_study("relu", "held-tanh", "relu-sklearn", name="pair", gate=gate), "C")


def install(monkeypatch: pytest.MonkeyPatch, pair: Study) -> None:
    """Make the assignment one of three tiny studies, of which two run with both engines."""
    heir = _in_fashion(tiny_study("sigmoid", "sigmoid-sklearn", name="heir"), "D", needs=(pair,))
    for name in reversed(list(STUDIES)):  # which is undone backwards, and leaves the order as it was
        monkeypatch.delitem(STUDIES, name)
    for study in (TINY, pair, heir):
        monkeypatch.setitem(STUDIES, study.name, study)
