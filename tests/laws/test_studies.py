"""Laws that every study of the table obeys."""

import json
import pickle
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from glassnet.cli import main
from glassnet.cli.progress import MANY_MODELS
from glassnet.data import DATASETS
from glassnet.report import write_report
from glassnet.studies import STUDIES, RunFolder, StudyResult, run_study
from glassnet.studies.engines import ENGINES

pytestmark = pytest.mark.parametrize("name", STUDIES)
WORD = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*")


def test_an_entry_says_what_it_is(name):
    study = STUDIES[name]
    assert study.name == name
    assert WORD.fullmatch(name)
    assert study.title
    assert study.question.endswith("?")
    assert study.dataset in ("", *DATASETS)
    assert 1 <= study.quick_epochs <= study.epochs
    assert bool(study.chapter) == bool(study.section)


def test_its_models_have_names_of_their_own_and_known_engines(name):
    specs = STUDIES[name].specs
    assert len({spec.name for spec in specs}) == len(specs)
    assert len({(spec.key, spec.engine) for spec in specs}) == len(specs)
    assert all(WORD.fullmatch(spec.name) for spec in specs)
    assert {spec.engine for spec in specs} <= set(ENGINES)


def test_what_it_needs_comes_before_it_and_has_its_engines(name):
    names = list(STUDIES)
    for needed in STUDIES[name].needs:
        assert STUDIES[needed.name] is needed
        assert names.index(needed.name) < names.index(name)
        assert set(STUDIES[name].engines) <= set(needed.engines)


def test_a_worker_process_finds_its_functions_by_their_names(name):
    assert pickle.loads(pickle.dumps(STUDIES[name])) == STUDIES[name]


def test_the_command_line_shows_it(name):
    study = STUDIES[name]
    listed, shown = (
        CliRunner().invoke(main, ["study", *words], prog_name="glassnet").output
        for words in (["list"], ["show", name])
    )
    assert f"{name:24}{study.title}" in listed
    for part in (study.title, study.question, *study.settings):
        assert part in shown
    words = shown.replace("\n", " ").split()
    if len(study.specs) <= MANY_MODELS:
        assert {spec.name for spec in study.specs} <= {word.strip(",") for word in words}
    else:  # what they differ in
        values = {str(value) for spec in study.specs for value in spec.settings.values()}
        assert values <= {word.strip(",") for word in words}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_one_model_of_the_quick_form_is_trained_concluded_and_reported(name, tmp_path):
    study = STUDIES[name]
    if study.needs:
        pytest.skip("reads the models of other studies")
    one = replace(study, specs=study.specs[:1])
    snapshots = list(run_study(one, study.config(quick=True, epochs=1), tmp_path, jobs=1))
    first, last = snapshots[0], snapshots[-1]
    assert first.results.conclusion.best == {}
    assert last.results.complete
    assert len(last.results.models) == len(one.specs)
    results = RunFolder(tmp_path).read_results()
    assert results == last.results
    assert StudyResult.from_json(json.loads(json.dumps(results.to_json(), allow_nan=False))) == results
    assert study.question in write_report(RunFolder(tmp_path)).read_text(encoding="utf-8")
