"""A search for settings: what it tries, what it keeps when it dies, and what it says in the end."""

import time
from dataclasses import replace
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score

import glassnet
from glassnet import Search
from glassnet._common.places import in_python
from glassnet.errors import DamagedRunError, InvalidParameterError, RunFolderError, StudyError
from glassnet.report import write_report
from glassnet.studies import RunFolder
from glassnet.studies.own.estimators import make_estimator
from glassnet.studies.search import finals
from glassnet.studies.search.journal import FOLDER, JOURNAL_FILE, Journal
from glassnet.studies.search.learning import Learnt, conclude, measure_importance
from glassnet.studies.search.search import read_own
from glassnet.studies.search.spaces import (
    SPACES,
    default_settings,
    distributions_of,
    find_space,
    label_of,
    settings_of,
)
from glassnet.studies.search.trials import End, Outcome, Trial, find_best, list_counted, seconds_spent
from glassnet.studies.search.working import Work, take_part

optuna = pytest.importorskip("optuna")
backends = optuna.storages.journal

SPACE = {"hidden_layer_sizes": [[2], [3]], "solver": ["adam", "sgd"], "momentum": [0.5, 0.9]}
ONE_RATE = {"learning_rate_init": {"low": 1e-4, "high": 0.1, "log": True}, "hidden_layer_sizes": [[8], [20]]}
EXAMPLES = Path(__file__).parents[3] / "examples" / "studies"


@pytest.fixture(scope="module", autouse=True)
def few_resamples():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finals, "RESAMPLES", 40)
        yield


@pytest.fixture(scope="module")
def signs():
    X = np.random.default_rng(0).normal(size=(120, 3))
    return X, (X[:, 0] > 0).astype(int)


def search_of(data, **options):
    given: dict[str, Any] = {"space": SPACE, "trials": 14, "epochs": 2} | options
    return Search("signs", data, "MLPClassifier", **given)


def work_in(search, folder):
    folder.mkdir(exist_ok=True)
    config = search.study().config()
    return Work(search.task, config, search.rules(config), folder)


def searched(search, folder):
    """Search in this thread, without the models at the end; return the trials."""
    work = work_in(search, folder)
    take_part(work, lambda: lambda: None)
    return Journal(folder, work.rules).read()


def sequence_of(trials):
    return [(str(one.end), one.value, str(one.settings)) for one in list_counted(trials)]


# -- what is trained ------------------------------------------------------------------------------------


def test_equal_candidates_are_trained_once_and_one_of_them_twice(signs, tmp_path):
    trials = searched(search_of(signs, prune=False), tmp_path / "run")
    assert len(trials) == 14
    trained = [one for one in trials if one.was_trained]
    (proof,) = [one for one in trained if one.proves is not None]
    assert proof.value == trials[proof.proves].value
    keys = [
        str((one.settings["hidden_layer_sizes"], one.settings["solver"]))
        + (str(one.settings["momentum"]) if one.settings["solver"] == "sgd" else "")
        for one in trained
        if one is not proof
    ]
    assert len(keys) == len(set(keys)) <= 6  # Adam has no momentum
    for one in trials:
        if one.end is End.EQUAL:
            assert one.value == trials[one.same_as].value


class Died(BaseException):
    """Stand for the end of a process."""


@pytest.mark.parametrize("prune", [True, False])
def test_a_search_that_dies_at_any_write_is_the_one_that_never_dies(prune, signs, tmp_path, monkeypatch):
    space = SPACE | {"learning_rate_init": {"low": 0.001, "high": 0.3, "log": True}}
    search = search_of(signs, trials=16, prune=prune, space=space, epochs=4, seed=3)
    expected = sequence_of(searched(search, tmp_path / "whole"))
    if prune:
        assert any(end == "pruned" for end, _, _ in expected)
    rng, left = Random(1), [0]
    write = backends.JournalFileBackend.append_logs

    def dying(self, logs):
        left[0] -= 1
        if left[0] < 0:
            if rng.random() < 0.5:  # in the middle of a line
                with (tmp_path / "dying" / FOLDER / JOURNAL_FILE).open("ab") as file:
                    file.write(b'{"op_code":4,"worker')
            raise Died
        write(self, logs)

    monkeypatch.setattr(backends.JournalFileBackend, "append_logs", dying)
    kept: dict[int, str] = {}
    lives = 0
    while True:
        lives += 1
        left[0] = rng.randint(1, 60)
        try:
            trials = searched(search, tmp_path / "dying")
            break
        except Died:
            left[0] = 10**6
            found = Journal(tmp_path / "dying", search.rules(search.study().config())).read()
            assert kept.items() <= {one.number: str(one) for one in found}.items()
            kept = {
                one.number: str(one) for one in found if one.end not in (End.WAITING, End.TRAINING, End.LOST)
            }
    assert lives > 5
    assert sequence_of(trials) == expected


def test_a_damaged_journal_is_said_to_be_one(signs, tmp_path):
    search = search_of(signs, trials=1)
    searched(search, tmp_path / "run")
    path = tmp_path / "run" / FOLDER / JOURNAL_FILE
    content = path.read_bytes()
    for bad in (content.replace(b'"op_code":4', b'"op_code":"four"', 1), b"{]\n" + content, b"\xff\n" * 9):
        path.write_bytes(bad)
        with pytest.raises(DamagedRunError, match=r"trials\.log"):
            searched(search, tmp_path / "run")


def test_what_falls_behind_is_given_up(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    space = {"learning_rate_init": {"low": 1e-5, "high": 0.1, "log": True}}
    epochs = {}
    for prune in (True, False):
        search = search_of((X, y), space=space, trials=20, epochs=10, prune=prune)
        trials = searched(search, tmp_path / str(prune))
        epochs[prune] = sum(one.epochs for one in trials)
        assert any(one.end is End.PRUNED for one in trials) is prune
    assert epochs[True] < 0.8 * epochs[False]


@pytest.mark.parametrize(("metric", "turns"), [("rmse", False), ("r2", True)])
def test_losses_are_reported_in_the_direction_of_the_search(metric, turns, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    search = Search("line", (X, X @ [1.0, 2.0, 3.0]), "MLPRegressor", metrics=[metric], trials=2, epochs=3)
    work = work_in(search, tmp_path / "run")
    take_part(work, lambda: lambda: None)
    reported = [one.intermediate_values for one in Journal(work.folder, work.rules).study.get_trials()]
    assert all((min(one.values()) < 0) is turns for one in reported)
    trials = Journal(work.folder, work.rules).read()
    best = find_best(trials, less_is_better=metric == "rmse")
    assert best.value == (max if turns else min)(one.value for one in trials)


def test_folds_are_averaged(signs, tmp_path):
    search = search_of(signs, trials=1, folds=3, settings={"random_state": 5})
    (trial,) = searched(search, tmp_path / "run")
    study = glassnet.Study(
        "signs",
        signs,
        "MLPClassifier",
        settings=trial.settings | {"random_state": 5},
        folds=3,
        epochs=2,
        examines=False,
    )
    results = study.run(tmp_path / "study", jobs=1)
    assert trial.value == pytest.approx(np.mean([one.validation["accuracy"] for one in results.models]))


def test_a_search_ends_with_its_time(signs, tmp_path):
    results = search_of(signs, minutes=1e-6, space=None).run(tmp_path / "run", jobs=1)
    assert results.complete
    (course,) = [one for one in results.conclusion.findings if "came as number" in one.title]
    assert "of 1 trial" in course.title


def test_settings_that_the_model_refuses_are_one_error(signs, tmp_path):
    with pytest.raises(StudyError, match=r"cannot be trained: .*batch_size.* Got -[34]"):
        search_of(signs, space={"batch_size": [-3, -4]}).run(tmp_path / "run", jobs=1)
    search = search_of(signs, space={"batch_size": ["auto", -3]}, trials=6)
    trials = searched(search, tmp_path / "other")
    assert {one.end for one in trials} == {End.FINISHED, End.REFUSED, End.EQUAL}


# -- spaces ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", SPACES)
def test_every_default_space_holds_the_defaults_and_is_taken(model, signs):
    is_peer = model.__name__.startswith("_")
    name = f"sklearn.neural_network:{model.__mro__[2].__name__}" if is_peer else model.__name__
    search = Search("all", signs, name)
    assert search.space == SPACES[model]
    assert search.default is not None
    space = search.space
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(20):
        settings = settings_of(space, study.ask(distributions_of(space)).params)
        for key, value in settings.items():
            one = space[key]
            assert value in one.choices if one.choices else one.low <= value <= one.high
        make_estimator(model, search.description.settings | settings).get_params()
    params = {key: label_of(value) for key, value in search.default.items()}
    assert settings_of(space, params) == search.default


def test_the_assignments_class_is_searched_for_in_its_own_names(signs, tmp_path, monkeypatch):
    monkeypatch.setattr(finals, "DEFAULT_SEEDS", 1)
    search = Search("signs", signs, glassnet.NeuralNetwork, trials=12, epochs=10)
    assert search.default["A"] == [100]
    results = search.run(tmp_path, jobs=1)
    winner = glassnet.load(tmp_path / "models" / "winner" / "model.safetensors")
    settings = results.conclusion.best["settings"]
    assert settings.items() <= winner.get_params().items()
    assert (winner.N, winner.epochs) == (len(settings["A"]), 10)
    trials = Journal(tmp_path, search.rules(results.config)).read()
    assert any(one.end is End.PRUNED for one in trials)
    page = unescape(write_report(RunFolder(tmp_path)).read_text(encoding="utf-8"))
    assert f"glassnet.Search('signs', ...).run({str(tmp_path)!r})" in page  # no command can go on with it
    assert "study run signs" not in page


def test_a_space_without_the_default_begins_anywhere(signs, tmp_path):
    search = search_of(signs, space={"alpha": [0.5, 1.0]}, trials=1)
    assert search.default is None
    (trial,) = searched(search, tmp_path / "run")
    assert not trial.is_default


def test_what_settings_fix_is_not_searched_for(signs):
    search = Search("all", signs, "MLPClassifier", settings={"alpha": 0.1})
    assert "alpha" not in search.space
    everything = replace(search.description, settings=dict.fromkeys(SPACES[search.model]))
    with pytest.raises(InvalidParameterError, match="fix all of the default space"):
        find_space(everything, search.model, in_python)
    assert default_settings(search.description, search.model, search.space) == search.default


TEXT = """[data]
source = "penguins.csv"
target = "sex"
[model]
estimator = "MLPClassifier"
[search]
trials = 10
[search.space]
alpha = [0.1, 0.2]
"""
MISTAKES = {
    ("trials = 10", "trails = 10"): r"line 7: search\.trails: .*did you mean 'trials'",
    ("trials = 10", "trials = 0"): r"line 7: search\.trials: got 0; expected a whole number from 1 to 20,000",
    ("trials = 10", "minutes = -1"): r"line 7: search\.minutes: got -1; expected a number of minutes above 0",
    ("trials = 10", 'prune = "no"'): r"line 7: search\.prune: got 'no'; expected true or false",
    ("[0.1, 0.2]", "0.1"): r"line 9: search\.space\.alpha: got 0\.1; expected a list of values",
    ("[0.1, 0.2]", "[]"): r"line 9: search\.space\.alpha: got \[\]; expected a list of values",
    ("[0.1, 0.2]", "[0.1, 0.1]"): r"line 9: .*expected different values",
    ("[0.1, 0.2]", "{ low = 2, high = 1 }"): r"line 9: .*expected low below high",
    ("[0.1, 0.2]", "{ low = 0, high = 1, log = true }"): r"search\.space\.alpha\.low: .*number above 0",
    ("[0.1, 0.2]", "{ lo = 0, high = 1 }"): r"did you mean 'low'",
    ("alpha =", "alfa ="): r"line 9: search\.space\.alfa: unknown parameter .*did you mean 'alpha'",
    ("[search]\n", "[vary]\nalpha = [1]\n[search]\n"): r"line 6: vary: a search chooses its candidates",
    ("[data]\n", "seeds = 3\n[data]\n"): r"line 1: seeds: a search chooses",
    ("[model]\n", "[split]\ntest = 0.0\n[model]\n"): r"line 5: split\.test: .*expected a test part",
    ('"MLPClassifier"', '"MLPClassifier"\nsettings = { alpha = 1 }'): r"space\.alpha: it is set under",
    ("[search.space]\nalpha = [0.1, 0.2]\n", ""): None,
}


@pytest.mark.parametrize("change", MISTAKES)
def test_a_mistake_in_the_file_is_one_message_with_its_line(change, tmp_path):
    old, new = change
    assert old in TEXT
    (tmp_path / "penguins.csv").write_bytes((EXAMPLES / "penguins.csv").read_bytes())
    path = tmp_path / "my.toml"
    path.write_text(TEXT.replace(old, new))
    if MISTAKES[change] is None:
        assert read_own(path).space == SPACES[glassnet.MLPClassifier]
        return
    with pytest.raises(InvalidParameterError, match=MISTAKES[change]) as caught:
        read_own(path)
    assert str(caught.value).startswith("my.toml, line")
    assert "\n" not in str(caught.value)


def test_the_example_runs_in_its_quick_form(tmp_path):
    search = read_own(EXAMPLES / "tuning.toml")
    assert (search.part.trials, search.part.minutes, search.default["solver"]) == (60, 5.0, "adam")
    results = search.run(tmp_path / "run", quick=True, jobs=1)
    assert results.complete
    assert results.conclusion.best["budget"]["trials"] == 8
    assert not results.conclusion.headlines  # a quick run decides nothing


def test_a_model_without_a_default_space_asks_for_one(signs):
    with pytest.raises(InvalidParameterError, match=r"search\.space: there is no default space for .*Ridge"):
        Search("r", (signs[0], signs[0][:, 0]), Ridge)


def test_a_study_and_a_search_name_each_other(tmp_path, signs):
    (tmp_path / "penguins.csv").write_bytes((EXAMPLES / "penguins.csv").read_bytes())
    path = tmp_path / "my.toml"
    path.write_text(TEXT)
    with pytest.raises(InvalidParameterError, match=r"line 6: search: .*glassnet\.Search"):
        glassnet.Study.from_file(path)
    path.write_text(TEXT.split("[search]")[0])
    with pytest.raises(InvalidParameterError, match=r"has no \[search\]"):
        Search.from_file(path)


# -- what is said in the end ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("searched") / "run"
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    search = search_of((X, y), space=ONE_RATE, trials=20, epochs=12)
    return search, folder, search.run(folder, jobs=1)


def test_the_winner_stands_beside_the_defaults_on_rows_that_chose_nothing(run):
    search, folder, results = run
    config, study = results.config, search.study()
    names = [spec.name for spec in study.specs]
    assert names == ["winner", *(f"defaults-seed{seed}" for seed in range(finals.DEFAULT_SEEDS))]
    parts = finals.final_parts(search.task, config, study.specs[0], folder)
    X, y = parts["test"]
    assert len(parts["train"][1]) + len(y) == 300
    answers, rng = {}, np.random.default_rng(config.seed)
    for name in names:  # as a reader would do it, from the models on disk
        model = glassnet.load(folder / "models" / name / "model.safetensors")
        answers[name] = model.predict(X) == y
        assert accuracy_score(y, model.predict(X)) == results.models[names.index(name)].test["accuracy"]
    groups = [np.flatnonzero(y == label) for label in np.unique(y)]
    leads = []
    for _ in range(finals.RESAMPLES):
        rows = np.concatenate([group[rng.integers(0, len(group), len(group))] for group in groups])
        shares = {name: float(right[rows].mean()) for name, right in answers.items()}
        leads.append(shares["winner"] - np.median([shares[name] for name in names[1:]]))
    low, high = np.quantile(leads, [0.025, 0.975])
    text = results.conclusion.findings[0].text
    assert f"from {low:.4f} to {high:.4f}" in text
    winner = glassnet.load(folder / "models" / "winner" / "model.safetensors")
    settings = results.conclusion.best["settings"]
    assert settings.items() <= winner.get_params().items()


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.2, "is better than"), (0.0, "is no better than"), (-0.2, "is worse than")]
)
def test_the_report_says_when_the_winner_is_no_better(shift, verdict, run):
    search, folder, results = run
    study = search.study()
    default = results.models[1]

    def moved(model, by):
        samples = [value + by for value in default.evidence["samples"]]
        return replace(
            model,
            test={"accuracy": default.test["accuracy"] + by},
            evidence=model.evidence | {"samples": samples},
        )

    models = [moved(model, shift if model.name == "winner" else 0.0) for model in results.models]
    trials = Journal(folder, search.rules(results.config)).read()
    plan = study.conclude.args[1]
    found = conclude(
        search.description, plan, Learnt(search.space, trials), results.config, models, folder
    ).findings[0]
    assert f"The winner {verdict} the defaults" in found.title


def test_the_report_shows_what_the_search_learnt(run):
    _, folder, results = run
    page = write_report(RunFolder(folder)).read_text(encoding="utf-8")
    for words in ("mattered most", "Every trial, and the best so far", "All parameters", "the winner"):
        assert words in page
    titles = [one.title for one in results.conclusion.findings]
    assert "learning_rate_init mattered most." in titles
    (line,) = [one.exhibits[0].data["lines"] for one in results.conclusion.findings if "glance" in one.title]
    assert all(0 <= place <= 1 for places in line for place in places)


def test_a_search_that_is_over_is_not_begun_again_nor_made_longer(run):
    search, folder, results = run
    before = (folder / FOLDER / JOURNAL_FILE).read_bytes()
    again = search.run(folder, jobs=1)
    assert again.conclusion == results.conclusion
    assert (folder / FOLDER / JOURNAL_FILE).read_bytes() == before
    longer = search_of((search.task.given.X, search.task.given.y), space=ONE_RATE, trials=99, epochs=12)
    with pytest.raises(RunFolderError, match="is over after 20 trials: its test part was looked at"):
        longer.run(folder, jobs=1)


def test_a_search_that_is_not_over_takes_another_budget(signs, tmp_path):
    folder = tmp_path / "run"
    shorter, longer = search_of(signs, trials=3), search_of(signs, trials=5)
    RunFolder(folder).claim(shorter.study().config(), shorter.study())
    searched(shorter, folder)
    longer.run(folder, jobs=1)
    assert len(Journal(folder, longer.rules(longer.study().config())).read()) == 5
    with pytest.raises(RunFolderError, match="seed is 0 there, now 1"):
        search_of(signs, seed=1).run(folder, jobs=1)


def test_time_is_counted_in_which_something_was_trained():
    spans = [(0.0, 10.0), (5.0, 12.0), (100.0, None), (101.0, 103.0)]
    trials = [Trial(n, End.FINISHED, began=began, ended=ended) for n, (began, ended) in enumerate(spans)]
    assert seconds_spent(trials, 110.0) == 22.0
    assert seconds_spent([replace(trials[0], end=End.LOST)], 110.0) == 0.0


def test_importance_tells_the_parameter_that_matters():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(
        lambda trial: (trial.suggest_float("a", 0, 1) - 0.3) ** 2 + 0 * trial.suggest_float("b", 0, 1),
        n_trials=60,
    )
    trials = [Trial(one.number, End.FINISHED, value=one.value) for one in study.trials]
    found = measure_importance(study, trials)
    assert found["a"] > 0.8
    assert measure_importance(study, trials[:5]) == {}


def test_a_live_process_keeps_its_trial(signs, tmp_path):
    """The locks of two processes are told apart, whatever their clocks say."""
    work = work_in(search_of(signs), tmp_path / "run")
    one, other = Journal(work.folder, work.rules), Journal(work.folder, work.rules)
    with one.working():
        begun = one.begin(str)
        with other.working():
            time.sleep(0.01)
            other.begin(str)
            assert other.read()[begun.trial.number].end is End.TRAINING
    with other.working():
        other.begin(str)
    one.finish(begun.trial, Outcome(End.FINISHED, 0.5, 1))  # too late: another one has it
    assert other.read()[begun.trial.number].end is End.LOST
