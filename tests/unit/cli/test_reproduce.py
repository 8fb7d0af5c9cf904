"""The whole assignment in one command, with tiny studies in the places of its own."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from outcomes import refused
from runs import results_at, timeless
from tiny_assignment import PAIR, install
from tiny_study import TINY, tiny_study

from glassnet._common.claims import Verdict
from glassnet._common.environment import name_command
from glassnet.studies import STUDIES, RunFolder
from glassnet.studies.reproduction import (
    AssignmentConfig,
    AssignmentFolder,
    engines_of,
    list_chapters,
    list_studies,
    list_waves,
)


@pytest.fixture
def tiny_assignment(monkeypatch):
    """Make the assignment one of three tiny studies, of which two run with both engines."""
    install(monkeypatch, PAIR)


# -- what the assignment is made of -----------------------------------------------------------------


def test_the_chapters_are_the_assignments():
    sections = {chapter: [study.section for study in list_studies(chapter)] for chapter in list_chapters()}
    fashion = ["C2", "C3", "C4", "C5"]
    assert sections == {"hand": ["A"], "mnist": ["B"], "fashion": fashion, "all": ["A", "B", *fashion]}


def test_a_study_of_something_else_is_none_of_the_assignments(monkeypatch):
    own = replace(TINY, chapter="", section="")
    monkeypatch.setitem(STUDIES, own.name, own)
    assert own not in list_studies("all")
    assert "" not in list_chapters()


OF_ONE_ENGINE, OF_TWO = tiny_study("relu"), tiny_study("relu", "relu-sklearn")


@pytest.mark.parametrize(
    ("study", "engine", "expected"),
    [
        (OF_ONE_ENGINE, None, ["relu"]),
        (OF_ONE_ENGINE, "sklearn", ["relu"]),  # it has no other
        (OF_ONE_ENGINE, "both", ["relu"]),
        (OF_TWO, None, ["relu"]),
        (OF_TWO, "sklearn", ["relu-sklearn"]),
        (OF_TWO, "both", ["relu", "relu-sklearn"]),
        (PAIR, None, ["relu", "tanh", "relu-sklearn"]),
        (PAIR, "glassnet", ["relu", "tanh"]),
    ],
)
def test_each_study_has_models_of_its_own_unless_told(study, engine, expected):
    assert [spec.name for spec in study.plan(engines_of(study, engine))] == expected


def test_studies_run_side_by_side_that_need_none_of_each_other():
    waves = [[study.section for study in wave] for wave in list_waves(list_studies("all"))]
    assert waves == [["A", "B", "C2", "C3", "C4"], ["C5"]]


def test_the_help_offers_the_chapters_that_are_there(invoke):
    assert f"[{'|'.join(list_chapters())}]" in invoke("reproduce", "--help").stdout


# -- a run ------------------------------------------------------------------------------------------


def test_everything_runs_into_one_folder(invoke, tiny_assignment, tmp_path):
    result = invoke("reproduce", "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    root = tmp_path / "runs/assignment"
    lines = result.stdout.splitlines()
    assert lines[0] == lines[-1] == "Report: runs/assignment/index.html"
    assert "QUICK" not in result.stdout
    for name in ("tiny", "pair", "heir"):
        assert RunFolder(root / name).read_results().complete
        assert f'href="{name}/report.html"' in (root / "index.html").read_text()
        assert (root / name / "report.html").exists()
    start = lines.index("Section  Study                   Training  Published figures")
    for line, section, name in zip(lines[start + 1 :], "TCD", ("tiny", "pair", "heir"), strict=False):
        assert re.fullmatch(rf"{section} +{name} +\d+ s +1 not reproducible", line)


def test_results_json_has_the_claims_of_all_sections(invoke, tiny_assignment, tmp_path):
    assert invoke("reproduce", "--jobs", 1, "--quiet").exit_code == 0
    results = results_at(tmp_path / "runs/assignment")
    assert results["format_version"] == 2
    assert results["config"] == {"quick": False, "seed": None}
    assert results["complete"] is True
    assert [(one["section"], one["study"], one["engines"]) for one in results["sections"]] == [
        ("T", "tiny", ["glassnet"]),
        ("C", "pair", ["glassnet", "sklearn"]),
        ("D", "heir", ["glassnet", "sklearn"]),
    ]
    for one in results["sections"]:
        assert one["complete"]
        assert one["verdicts"] == {"confirmed": 0, "not reproducible": 1, "wrong": 0}
        assert one["not_judged"] == 0
        assert one["seconds"] > 0
    keys = "section study quantity published reproduced verdict explanation published_is needs_full_run"
    assert [list(claim) for claim in results["claims"]] == 3 * [keys.split()]
    assert [(claim["section"], claim["reproduced"]) for claim in results["claims"]] == [
        ("T", "3"),
        ("C", "3"),
        ("D", "2"),
    ]
    assert {claim["verdict"] for claim in results["claims"]} <= set(Verdict)


def test_a_quick_run_says_so_before_and_after(invoke, tiny_assignment, tmp_path):
    result = invoke("reproduce", "mnist", "--quick", "--jobs", 1)
    assert result.stdout.count("QUICK RUN") == 2
    root = tmp_path / "runs/assignment-quick"
    assert RunFolder(root / "tiny").read_config().quick
    assert results_at(root)["config"]["quick"] is True
    assert "QUICK" in (root / "index.html").read_text().upper()


def test_quiet_prints_the_path_first_and_nothing_else(invoke, tiny_assignment):
    result = invoke("reproduce", "mnist", "--quiet", "--jobs", 1, "--out", "here")
    assert result.output == "Report: here/index.html\n"


def test_json_prints_results_json_and_nothing_else(invoke, tiny_assignment, tmp_path):
    result = invoke("reproduce", "mnist", "--json", "--jobs", 1, "--out", "here")
    assert result.stderr == ""
    assert json.loads(result.stdout) == results_at(tmp_path / "here")


def test_the_seed_is_every_studys(invoke, tiny_assignment, tmp_path):
    assert invoke("reproduce", "fashion", "--quick", "--seed", 3, "--jobs", 1).exit_code == 0
    root = tmp_path / "runs/assignment-quick-seed3"
    assert {RunFolder(root / name).read_config().seed for name in ("pair", "heir")} == {3}


def test_parts_add_up_in_one_folder(invoke, tiny_assignment, tmp_path):
    root = tmp_path / "here"
    assert invoke("reproduce", "fashion", "--engine", "glassnet", "--jobs", 1, "--out", root).exit_code == 0
    assert [one["study"] for one in results_at(root)["sections"]] == ["pair", "heir"]
    made = (root / "pair/models/relu/result.json").stat().st_mtime_ns
    assert invoke("reproduce", "mnist", "--jobs", 1, "--out", root).exit_code == 0
    assert [one["study"] for one in results_at(root)["sections"]] == ["tiny", "pair", "heir"]
    result = invoke("reproduce", "all", "--jobs", 1, "--out", root)
    assert result.exit_code == 0
    assert [one["engines"] for one in results_at(root)["sections"]][1:] == [["glassnet", "sklearn"]] * 2
    assert (root / "pair/models/relu/result.json").stat().st_mtime_ns == made


def test_the_report_is_there_before_the_first_result(invoke, tiny_assignment, monkeypatch, tmp_path):
    seen = []

    def look(*arguments):
        seen.append((tmp_path / "here/index.html").exists() and (tmp_path / "here/results.json").exists())
        return TINY.train(*arguments)

    monkeypatch.setitem(STUDIES, "tiny", replace(TINY, train=look))
    assert invoke("reproduce", "mnist", "--jobs", 1, "--out", "here").exit_code == 0
    assert seen == [True] * 3


# -- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "part"), [(("--quick",), "quick is False there, now True"), (("--seed", 1), "now 1")]
)
def test_a_folder_of_other_settings_is_refused(words, part, invoke, tiny_assignment, tmp_path):
    assert invoke("reproduce", "mnist", "--jobs", 1, "--out", "here").exit_code == 0
    before = (tmp_path / "here/index.html").stat().st_mtime_ns
    refused(invoke("reproduce", "mnist", "--out", "here", *words), "other settings", part, "--out")
    assert (tmp_path / "here/index.html").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["thesis.txt", "config.json"])
def test_a_folder_with_anything_else_in_it_is_refused(name, invoke, tiny_assignment, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / name).write_text("important")
    refused(invoke("reproduce", "--out", "here"), "not empty and not a run folder")
    assert [file.name for file in (tmp_path / "here").iterdir()] == [name]


def test_a_study_does_not_run_into_the_folder_of_the_assignment(invoke, tiny_assignment, tmp_path):
    assert invoke("reproduce", "mnist", "--jobs", 1, "--out", "here").exit_code == 0
    refused(invoke("study", "run", "tiny", "--out", "here"), "not empty and not a run folder")


@pytest.mark.parametrize("words", [("nonsense",), ("--engine", "torch"), ("--jobs", 0), ("mnist", "fashion")])
def test_words_that_mean_nothing_are_refused(words, invoke, tmp_path):
    refused(invoke("reproduce", *words), code=2)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_with_a_word_on_how_to_go_on(invoke, tiny_assignment, monkeypatch):
    def interrupted(*arguments, **settings):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("glassnet.cli.following.run_studies", interrupted)
    result = invoke("reproduce")
    assert result.exit_code == 130
    assert "Finished models are kept in runs/assignment; the same command goes on" in result.stderr


def test_a_quick_run_counts_what_it_does_not_judge_apart(invoke, tiny_assignment, tmp_path):
    result = invoke("reproduce", "--jobs", 1, "--quick")
    assert result.exit_code == 0, result.output
    root = tmp_path / "runs/assignment-quick"
    for section in results_at(root)["sections"]:
        assert set(section["verdicts"].values()) == {0}
        assert section["not_judged"] == 1
    assert len(re.findall(r"^[TCD] .* 1 not judged in a quick run$", result.stdout, re.MULTILINE)) == 3
    page = (root / "index.html").read_text()
    assert "3 published figures rest on trained models and are not judged in a quick run." in " ".join(
        page.split()
    )
    assert "models are finished" not in page  # the headline of each


def test_the_end_names_a_command_that_works_as_it_stands(invoke, tiny_assignment, tmp_path):
    result = invoke("reproduce", "--jobs", 1)
    assert f"Next:   {name_command()} doctor runs/assignment/tiny" in result.stdout.splitlines()
    page = (tmp_path / "runs/assignment/index.html").read_text()
    assert f"{name_command()} reproduce all" in page
    assert 'python -m pip install ".[fast]"' in page.replace("&#34;", '"')


def test_a_folder_that_is_deleted_between_two_studies_ends_the_run(
    invoke, tiny_assignment, tmp_path, monkeypatch
):
    root = tmp_path / "runs/assignment"
    ran = []

    def delete_after(runs, *rest):
        ran.extend(run.study.name for run in runs)
        shutil.rmtree(root)

    monkeypatch.setattr("glassnet.cli.reproduce._run", delete_after)
    result = invoke("reproduce", "--jobs", 1)
    refused(result, "assignment was deleted or moved while it was written to")
    assert ran == ["tiny", "pair"]
    assert not root.exists()


def test_what_was_exchanged_is_refused_and_repaired(invoke, tiny_assignment, tmp_path):
    command = ("reproduce", "--jobs", 1, "--quick", "--quiet", "--out", "here")
    assert invoke(*command).exit_code == 0
    before = timeless(results_at(tmp_path / "here"))
    (tmp_path / "here/tiny/models/relu/history.json").write_text("{}")
    (tmp_path / "here/pair/results.json").write_text("{}")
    (tmp_path / "here/heir/config.json").write_text("{}")
    refused(invoke(*command), "is damaged", "--repair")
    result = invoke(*command, "--repair")
    assert result.exit_code == 0, result.output
    assert result.stderr.startswith("relu trained anew: here/tiny/models/relu/history.json")
    assert timeless(results_at(tmp_path / "here")) == before


def test_halves_of_files_of_a_killed_run_are_removed(invoke, tiny_assignment, tmp_path):
    here = tmp_path / "here"
    halves = [here / f".{name}.1670a133" for name in ("assignment.json", "results.json", "index.html")]
    here.mkdir()
    halves[0].write_text("{")  # of a run that was killed as it began
    command = ("reproduce", "--jobs", 1, "--quick", "--quiet", "--out", "here")
    result = invoke(*command)
    assert result.exit_code == 0, result.output
    for half in halves:
        half.write_text("{")
    assert invoke(*command).exit_code == 0
    assert not [half for half in halves if half.exists()]


def test_two_runs_of_everything_into_one_folder_are_refused(invoke, tiny_assignment, tmp_path):
    (tmp_path / "here").mkdir()
    folder = AssignmentFolder(tmp_path / "here")
    folder.claim(AssignmentConfig(quick=True, seed=None))
    with folder.lock():
        refused(invoke("reproduce", "--quick", "--out", "here"), "here is in use by another run")
