"""The doctor's benchmark draws what it says, in halves that share nothing; one case of it runs."""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from glassnet.doctor.checks.table import CHECKS

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module", autouse=True)
def modules():
    """Let the package be imported as it is when it is run; leave no trace of it."""
    before = set(sys.modules)
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))
    for name in set(sys.modules) - before:
        if name.split(".")[0] == "benchmarks":
            del sys.modules[name]


@pytest.fixture(scope="module")
def kinds():
    return import_module("benchmarks.doctor.kinds")


@pytest.fixture(scope="module")
def data():
    return import_module("benchmarks.doctor.data")


@pytest.fixture(scope="module")
def cases():
    return import_module("benchmarks.doctor.cases")


def test_each_half_has_tables_and_images_of_both_tasks_and_shares_no_data_set(data):
    sets = data.DATA_SETS
    assert len(sets) >= 18
    assert sum(one.task == "regression" for one in sets.values()) >= 8
    for half in ("tuning", "held-out"):
        own = [one for one in sets.values() if one.half == half]
        assert {(one.task, one.form == "image") for one in own} == {
            (task, is_image) for task in ("classification", "regression") for is_image in (False, True)
        }
    loaders = [one.load for one in sets.values()]
    assert len(set(loaders)) == len(loaders)


def test_a_data_set_whose_package_is_missing_is_left_out_and_named(data, monkeypatch):
    monkeypatch.setattr(data, "find_spec", lambda name: None)
    assert data.missing()["penguins"] == "palmerpenguins"
    assert "penguins" not in data.names_of("tuning")
    assert "digits" in data.names_of("tuning")
    for half in ("tuning", "held-out"):
        for task in ("classification", "regression"):
            assert data.names_of(half, task)


@pytest.mark.parametrize("name", ["wine", "diabetes"])
def test_three_parts_share_no_row_and_are_scaled_by_the_first(data, name):
    rows = data.draw_rows(name, 0)
    parts = [rows.X, rows.X_test, rows.X_clean]
    seen = [set(map(bytes, part)) for part in parts]
    assert sum(map(len, seen)) == len(set.union(*seen)) == sum(map(len, parts))
    assert rows.X.mean(0) == pytest.approx(np.zeros(rows.X.shape[1]), abs=1e-9)
    assert rows.X.std(0) == pytest.approx(np.ones(rows.X.shape[1]))
    assert np.allclose(rows.raw[1], rows.X_test * rows.spread + rows.mean)


def test_the_kinds_are_in_two_halves_drawn_within_families(kinds):
    tuning, held_out = set(kinds.TUNING_KINDS), set(kinds.HELD_OUT_KINDS)
    assert len(kinds.KINDS) >= 55
    assert not tuning & held_out
    assert tuning | held_out == set(kinds.KINDS)
    for family in {one.family for one in kinds.KINDS.values()}:
        sizes = [sum(kinds.KINDS[name].family == family for name in half) for half in (tuning, held_out)]
        assert abs(sizes[0] - sizes[1]) <= 1


def test_every_accepted_answer_is_a_code_that_there_is_or_that_is_explained(kinds):
    for name, one in kinds.KINDS.items():
        assert one.answers, name
        assert set(one.answers) <= set(CHECKS) | set(kinds.NEW_CODES), name


def test_every_kind_can_be_put_into_a_data_set_of_either_half(kinds, data):
    for name, one in kinds.KINDS.items():
        for half in ("tuning", "held-out"):
            forms = {(s.task, s.form) for s in data.DATA_SETS.values() if s.half == half}
            assert any(task in one.tasks and form in one.forms for task, form in forms), name


def test_a_run_asks_for_each_kind_and_set_as_often_as_for_the_others(cases, data):
    sets = [name for name in data.names_of("tuning") if not data.DATA_SETS[name].package]
    made = cases.slots("tuning", ["zero weights", "large inputs"], sets, 8, len(sets), 0)
    assert [slot.kind for slot in made[:8]] == ["zero weights", "large inputs"] * 4
    tasks = [data.DATA_SETS[slot.sets[0]].task for slot in made[:8] if slot.kind == "large inputs"]
    assert sorted(tasks) == ["classification"] * 2 + ["regression"] * 2
    assert [slot.sets for slot in made[8:]] == [(name,) for name in sets]
    assert len({slot.seed for slot in made}) == len(made)


def test_one_sick_and_one_healthy_network_are_made_kept_and_asked_about(cases, tmp_path):
    slot = cases.Slot("tuning", "targets far from zero", ("diabetes",), 3)
    outcome = cases.examine(slot, tmp_path)
    assert outcome.crash == outcome.refused == ""
    assert outcome.harm >= cases.HARM
    assert outcome.twin - outcome.score >= cases.HARM
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    again = cases.examine(slot, tmp_path)
    assert again.codes == outcome.codes
    assert file.stat().st_mtime_ns == written
    healthy = cases.examine(cases.Slot("tuning", "", ("wine",), 4), tmp_path)
    report = import_module("benchmarks.doctor.report")
    result = report.summarise([outcome, healthy])
    assert result["groups"]["regression"]["runs"] == result["healthy"]["runs"] == 1


def test_a_first_answer_counts_when_it_is_accepted(cases):
    about = {
        "family": "",
        "is_held_out": True,
        "task": "regression",
        "data_set": "",
        "seed": 0,
        "settings": "",
    }
    numbers = dict.fromkeys(("harm", "strength", "score", "twin"), 0.5)
    outcome = cases.Outcome("kind", **about, **numbers, answers=["early-end", "few-steps"])
    assert (outcome.is_first, outcome.is_among) == (False, False)
    outcome.codes, outcome.severities = ["stuck-loss", "few-steps"], ["high", "medium"]
    assert (outcome.is_first, outcome.is_among) == (False, True)
    assert outcome.codes_of("medium") == {"few-steps"}
    outcome.codes = ["few-steps", "stuck-loss"]
    assert (outcome.is_first, outcome.is_among) == (True, True)
    report = import_module("benchmarks.doctor.report")
    row = report.summarise([outcome])["groups"]["kinds held out, regression"]
    assert (row["runs"], row["first"], row["silent"]) == (1, 1.0, 0)


def test_random_pairs_are_diagnosed_or_refused_and_the_same_again():
    pairs = import_module("benchmarks.doctor.pairs")
    first = [pairs.ask(seed)[:2] for seed in range(3)]
    assert first == [pairs.ask(seed)[:2] for seed in range(3)]
    assert {what for _, what in first} <= {"diagnosed", "refused", "crashed"}


def test_the_page_lists_the_kinds_and_their_right_answers():
    page = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert import_module("benchmarks.doctor.report").table_of_kinds() in page, (
        "python -m benchmarks.doctor --list"
    )
