"""The suite knows every part, and computes its targets from the figures alone; nothing is timed here."""

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks"
SHARED = {"harness", "peers", "targets", "picture", "pages", "suite", "disturbance", "pupil", "slips"}
OF_QUALITY = {"claims", "grade", "simulated_class", "search"}
"""Benchmarks of how right answers are, which the suite of speed leaves alone."""
BY_ITSELF = {"studio", "scale"}
"""Need what the benchmarks' environment has not: a browser, Dask."""


@pytest.fixture(scope="module", autouse=True)
def modules():
    """Let the scripts import each other, as they do when they are run; leave no trace of them."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    yield
    sys.path.remove(str(FOLDER))
    for name in set(sys.modules) - before:
        if Path(getattr(sys.modules[name], "__file__", None) or ".").parent == FOLDER:
            del sys.modules[name]


def table(name, samples, reference, unit="s"):
    return {
        "name": name,
        "title": f"The table {name}",
        "unit": unit,
        "samples": samples,
        "reference": reference,
        "notes": ["A note."],
    }


def part(*tables):
    return {
        "settings": {"repeats": None, "quick": False},
        "command": "python benchmarks/part.py",
        "date": "2030-01-02T03:04+00:00",
        "seconds": 1.0,
        "others": 0.01,
        "environment": {
            "processor": "a processor",
            "cores": 2,
            "system": "Linux",
            "python": "3.13",
            "blas": [{"internal_api": "openblas", "version": "0.3", "architecture": "Haswell"}],
            "packages": {"numpy": "2.4", "jax": None},
        },
        "tables": list(tables),
    }


@pytest.fixture
def results():
    """Return made-up figures of two parts; the others were not run."""
    sgd = {
        "GEMM floor": [0.9, 1.0, 1.1],
        "glassnet float32": [1.1, 1.0, 9.0],
        "scikit-learn float64": [5.5, 5.5, 5.5],
        "PyTorch eager": [4.0],
        "PyTorch compile": [2.0],
    }
    memory = {"glassnet uint8": [240.0], "scikit-learn float64": [400.0]}
    return {
        "epoch": part(table("sgd", sgd, "glassnet float32")),
        "memory": part(table("MNIST", memory, "scikit-learn float64", "MB")),
    }


def test_every_script_is_a_part_or_shared():
    suite = import_module("suite")
    scripts = {path.stem for path in FOLDER.glob("*.py")} - SHARED - OF_QUALITY - BY_ITSELF
    assert scripts <= {part.name for part in suite.PARTS}
    assert {part.name for part in suite.PARTS} - scripts <= {"streaming"}


def test_every_part_takes_the_options_that_the_suite_gives_it():
    for part in import_module("suite").PARTS:
        if part.script.exists():
            text = part.script.read_text(encoding="utf-8")
            own = {"json", *part.options} - {"quick"} | {word[2:] for word in part.quick if word[:2] == "--"}
            shared = {"json", "repeats", "quick"} if "run_part(" in text else set()
            assert {option for option in own - shared if f'"--{option}"' not in text} == set()


def test_every_target_belongs_to_a_part():
    suite, targets = import_module("suite"), import_module("targets")
    assert {target.part for target in targets.TARGETS} <= {part.name for part in suite.PARTS}


def test_every_panel_of_the_picture_belongs_to_a_part():
    suite, picture = import_module("suite"), import_module("picture")
    assert {name for name, _ in picture.PANELS} <= {part.name for part in suite.PARTS}


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        ("MNIST epoch, float32, sgd: over the GEMM floor", 1.1 / 0.9, False),
        ("MNIST epoch, float32, sgd: against PyTorch's better mode", 2.0 / 1.1, True),
        ("MNIST epoch, float32, sgd: against scikit-learn float64", 5.0, True),
        ("MNIST epoch, float32, sgd: against JAX", None, None),
        ("MNIST epoch, float32, adam: against JAX", None, None),
        ("peak memory, MNIST: given uint8, over scikit-learn float64", 0.6, False),
    ],
)
def test_a_target_is_computed_from_paired_turns(results, text, value, met):
    targets = import_module("targets").TARGETS
    target = next(one for one in targets if f"{one.group}: {one.text}" == text)
    measured = target.measure(results)
    assert measured == (None if value is None else pytest.approx(value))
    assert target.is_met(results) is met


def test_of_many_fits_the_one_that_is_least_ahead_counts():
    rows = {"784-100 sgd": [3.0, 3.0], "784-100 adam": [2.0, 1.0], "30-100 sgd": [4.0, 4.0]}
    tables = [
        table(name, {"glassnet float32": [2.0, 1.0], "JAX jit + scan": theirs}, "glassnet float32")
        for name, theirs in rows.items()
    ]
    targets = import_module("targets")
    measure = next(one for one in targets.TARGETS if (one.part, one.text) == ("sizes", "against JAX"))
    assert measure.measure({"sizes": part(*tables)}) == 1.0


@pytest.mark.parametrize(
    ("options", "runs"),
    [
        ([], False),
        (["--quick"], True),
        (["--full"], True),
        (["--only", "assignment"], True),
        (["--only", "epoch"], False),
    ],
)
def test_a_part_that_takes_long_is_asked_for(options, runs, monkeypatch):
    suite = import_module("suite")
    monkeypatch.setattr("sys.argv", ["suite.py", *options])
    (long,) = [one for one in suite.PARTS if one.takes_long]
    assert suite.is_asked(long, suite.parse()) is runs


def test_the_figures_of_streams_become_tables_that_the_targets_find():
    job = "glassnet fit, generator"
    figures = {
        job: {
            "1e+05": {"ns_per_sample": 1000.0, "megabytes": 200.0},
            "1e+07": {"ns_per_sample": 1100.0, "megabytes": 250.0},
        },
        "glassnet fit, arrays": {"1e+05": {"ns_per_sample": 900.0, "megabytes": 210.0}},
    }
    results = {"streaming": {"tables": import_module("suite").tables_of_streams(figures)}}
    targets = [one for one in import_module("targets").TARGETS if one.part == "streaming"]
    assert [target.measure(results) for target in targets] == pytest.approx([250.0, 1.1])
    assert [target.is_met(results) for target in targets] == [True, True]


def test_without_any_figures_no_target_is_met_or_missed():
    targets = import_module("targets")
    assert {target.is_met({}) for target in targets.TARGETS} == {None}
    assert {measured for _, measured, _, _ in targets.target_rows({})} == {"not measured"}


def test_targets_are_told_apart_by_their_text():
    rows = import_module("targets").target_rows({})
    assert len({text for text, *_ in rows}) == len(rows)


def test_jobs_take_turns_and_every_second_turn_goes_backwards():
    harness = import_module("harness")
    called = []
    jobs = {name: lambda name=name: called.append(name) for name in "ab"}
    samples = harness.take_turns(jobs, 2)
    assert "".join(called) == "baabba"
    assert {name: len(values) for name, values in samples.items()} == {"a": 2, "b": 2}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (123.4, "s", "123 s"),
        (1.234, "s", "1.23 s"),
        (0.0456, "s", "45.6 ms"),
        (4.56e-5, "s", "45.6 µs"),
        (4.56e-9, "s", "0.00456 µs"),
        (298.7, "MB", "299 MB"),
    ],
)
def test_a_figure_is_shown_with_three_digits(value, unit, text):
    assert import_module("harness").format_value(value, unit) == text


def test_the_rows_of_a_table_compare_turns(results):
    rows = import_module("harness").rows_of(results["epoch"]["tables"][0])
    assert rows[0] == ("GEMM floor", "1 s", "900 ms", "1.1 s", "0.82 (0.12 to 1.00)")
    assert rows[1] == ("glassnet float32", "1.1 s", "1 s", "9 s", "1.00")


def test_the_interval_of_a_ratio_holds_the_median_as_often_as_it_says():
    paired_ratio, rng = import_module("harness").paired_ratio, np.random.default_rng(0)
    ours, theirs = (rng.lognormal(size=(4000, 9)) for _ in range(2))
    intervals = [paired_ratio(2 * a, b)[1:] for a, b in zip(ours, theirs, strict=True)]
    assert np.mean([low <= 2 <= high for low, high in intervals]) == pytest.approx(0.961, abs=0.01)
    assert paired_ratio([2.0, 20.0], [1.0, 10.0]) == (2, 2, 2)  # a slow turn is slow for both
    assert paired_ratio([2.0, 4.0], [1.0]) == (3, 3, 3)  # not paired


def test_a_part_that_others_disturb_is_run_once_more_and_the_calmer_run_kept(monkeypatch):
    suite, shares = import_module("suite"), iter([0.01, 0.2, 0.1, 0.2, 0.3])
    monkeypatch.setattr(suite, "run_part", lambda part, settings: {"others": next(shares)})
    assert [suite.run_calmly(suite.PARTS[0], {})["others"] for _ in range(3)] == [0.01, 0.1, 0.2]


def test_others_are_told_from_our_own(monkeypatch, tmp_path):
    disturbance = import_module("disturbance")
    stat, ticks = tmp_path / "stat", disturbance.TICKS
    monkeypatch.setattr(disturbance, "STAT", stat)
    stat.write_text("cpu 0 0 0 0 0 0 0 0 0 0\n")
    with disturbance.watch_others() as others:
        stat.write_text(f"cpu {2 * ticks} {3 * ticks} 0 {94 * ticks} 0 0 0 {1 * ticks} 0 0\n")
    assert others[0] == pytest.approx(0.06, abs=0.005)
    stat.unlink()
    with disturbance.watch_others() as others:
        pass
    assert others == [None]


def test_figures_go_between_the_marks_of_a_page(results, tmp_path):
    pages = import_module("pages")
    page = tmp_path / "performance.md"
    page.write_text(f"# Before\n\n{pages.BEGIN}\nold figures\n{pages.END}\n\nAfter.\n", encoding="utf-8")
    titles = {"epoch": "One epoch", "memory": "Peak memory"}
    pages.update_page(page, results, titles)
    once = page.read_text(encoding="utf-8")
    assert once.startswith("# Before\n\n")
    assert once.endswith("\n\nAfter.\n")
    assert "old figures" not in once
    assert "| PyTorch compile | 2 s | 2 s | 2 s | 1.82 |" in once
    assert "a processor, 2 cores" in once
    pages.update_page(page, results, titles)
    assert page.read_text(encoding="utf-8") == once


def test_the_picture_is_drawn_from_what_there_is(results, tmp_path):
    picture = import_module("picture")
    picture.draw(tmp_path / "all.png", results)
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    picture.draw(tmp_path / "none.png", {})
    assert not (tmp_path / "none.png").exists()


def test_a_part_that_is_there_is_not_run_again(results, tmp_path, monkeypatch, capsys):
    suite = import_module("suite")
    (tmp_path / "memory.json").write_text(json.dumps(results["memory"]), encoding="utf-8")
    ran = []
    monkeypatch.setattr(suite, "run_part", lambda part, settings: ran.append(settings) or part_of(settings))

    def part_of(settings):
        return {**results["memory"], "settings": settings}

    parts = [one for one in suite.PARTS if one.name == "memory"]
    for words in ([], ["--quick"], ["--quick"], ["--quick", "--again"]):
        monkeypatch.setattr(sys, "argv", ["suite.py", "--out", str(tmp_path), *words])
        assert suite.run_parts(parts, suite.parse()) == []
    assert ran == [{"repeats": None, "quick": True}] * 2
    assert "kept from 2030" in capsys.readouterr().out


def test_a_part_that_fails_is_named_and_leaves_no_figures(tmp_path, monkeypatch):
    suite = import_module("suite")
    monkeypatch.setattr(suite, "run_part", lambda part, settings: None)
    monkeypatch.setattr(sys, "argv", ["suite.py", "--out", str(tmp_path), "--only", "memory"])
    parts = [one for one in suite.PARTS if one.name == "memory"]
    assert suite.run_parts(parts, suite.parse()) == ["memory"]
    assert list(tmp_path.iterdir()) == []
