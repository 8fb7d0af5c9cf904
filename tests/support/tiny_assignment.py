"""Tiny studies in the places of the assignment's own."""

from dataclasses import replace
from pathlib import Path

import pytest
from tiny_study import TINY, tiny_study

from glassnet.studies import STUDIES
from glassnet.studies.assignment import assignment
from glassnet.studies.base import Study

PAIR = replace(tiny_study("relu", "tanh", "relu-sklearn", name="pair"), section="C")
HEIR = replace(tiny_study("sigmoid", "sigmoid-sklearn", name="heir"), section="D", needs=("pair",))


def held_pair(gate: Path | str) -> Study:
    """Return `PAIR` with a model that is held at a gate."""
    return replace(tiny_study("relu", "held-tanh", "relu-sklearn", name="pair", gate=gate), section="C")


def install(monkeypatch: pytest.MonkeyPatch, pair: Study) -> None:
    """Make the assignment one of three tiny studies, of which two run with both engines."""
    for study in (TINY, pair, HEIR):
        monkeypatch.setitem(STUDIES, study.name, study)
    parts = {"hand": ("not there yet",), "mnist": ("tiny",), "fashion": ("pair", "heir")}
    for part, names in parts.items():
        monkeypatch.setitem(assignment.PARTS, part, names)
    monkeypatch.setattr(assignment, "WITH_BOTH_ENGINES", ("pair", "heir"))
