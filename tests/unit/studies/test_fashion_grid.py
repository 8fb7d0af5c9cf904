"""The grid of fashion-grid: GridSearchCV's numbers, and candidates that are one under two names."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from glassnet.models import MLPClassifier
from glassnet.studies.assignment import fashion_grid
from glassnet.studies.assignment.fashion import HIDDEN, load_parts, scaled
from glassnet.studies.assignment.fashion_grid import (
    CANDIDATES,
    FASHION_GRID,
    FOLDS,
    GRID,
    QUICK_IMAGES,
    SPECS,
    Ranking,
    conclude,
    name_of,
    rank,
    train,
)
from glassnet.studies.engines import ENGINES, make_result
from glassnet.studies.examination import check_scores

QUICK = FASHION_GRID.config(quick=True, epochs=2)
DISTINCT_LBFGS = "lbfgs-0.2-64"


def fake_fold(spec, accuracy, loss=1.0, state="finished"):
    return make_result(
        spec, state, 5, "", 0.5, {"validation": {"accuracy": accuracy}}, {"training_loss": loss}
    )


def fake_grid(accuracy, loss=lambda spec: hash(spec.name) % 997):
    """Return results of glassnet's grid by functions of the spec."""
    return [fake_fold(spec, accuracy(spec), loss(spec)) for spec in SPECS if spec.engine == "glassnet"]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_folds_together_are_what_grid_search_gives(engine, tmp_path):
    chosen = [c for c in CANDIDATES if c["learning_rate_init"] == 0.002 and c["batch_size"] == 64]
    specs = [s for s in SPECS if s.engine == engine and name_of(s.settings) in map(name_of, chosen)]
    results = [train(QUICK, spec, tmp_path, lambda record: None) for spec in specs]
    ranking = rank(results, engine, QUICK)
    X, y = load_parts(False)["train"]
    MLP = {"glassnet": MLPClassifier, "sklearn": SklearnMLPClassifier}[engine]
    search = GridSearchCV(
        MLP(hidden_layer_sizes=HIDDEN, activation="relu", max_iter=2, random_state=QUICK.seed),
        {key: [candidate[key] for candidate in chosen[:1]] for key in GRID} | {"solver": GRID["solver"]},
        scoring="accuracy",
        cv=FOLDS,
        refit=False,
    )
    with pytest.warns(UserWarning, match="Maximum iterations|failed to converge|lbfgs"):
        search.fit(scaled(X[:QUICK_IMAGES]), y[:QUICK_IMAGES])
    assert [ranking.candidates[i]["solver"] for i in range(3)] == GRID["solver"]
    np.testing.assert_array_equal(ranking.means, search.cv_results_["mean_test_score"])
    np.testing.assert_array_equal(ranking.deviations, search.cv_results_["std_test_score"])
    np.testing.assert_array_equal(ranking.ranks, search.cv_results_["rank_test_score"])
    assert ranking.candidates[ranking.best]["solver"] == search.best_params_["solver"]


def test_both_engines_give_every_fold_the_same_score(tmp_path):
    chosen = [spec for spec in SPECS if spec.settings["batch_size"] == 64 and spec.settings["fold"] == 1]
    scores = {engine: {} for engine in ENGINES}
    for spec in chosen:
        result = train(QUICK, spec, tmp_path, lambda record: None)
        scores[spec.engine][name_of(spec.settings)] = result.validation["accuracy"]
    assert scores["glassnet"] == scores["sklearn"]


def test_the_grid_is_the_assignments():
    assert len(CANDIDATES) == 27
    assert len(SPECS) == 2 * 81
    assert len({spec.name for spec in SPECS}) == len(SPECS)


@pytest.mark.parametrize("engine", ENGINES)
def test_dedupe_finds_nineteen_candidates_by_training_each_a_little(engine):
    config = replace(QUICK, dedupe=True)
    specs = FASHION_GRID.plan(config, [engine])
    assert len(specs) == 19 * FOLDS
    assert {name_of(s.settings) for s in specs if s.settings["solver"] == "lbfgs"} == {DISTINCT_LBFGS}


class IgnoresAll(BaseEstimator):  # type: ignore[misc]  # it has no types
    """Have weights that follow the learning rate alone."""

    def __init__(
        self,
        hidden_layer_sizes=(),
        activation="",
        solver="",
        learning_rate_init=0.0,
        batch_size=0,
        max_iter=0,
        random_state=0,
    ):
        self.hidden_layer_sizes, self.activation, self.solver = hidden_layer_sizes, activation, solver
        self.learning_rate_init, self.batch_size = learning_rate_init, batch_size
        self.max_iter, self.random_state = max_iter, random_state

    def fit(self, X, y):
        self.coefs_ = [np.array([self.learning_rate_init])]
        return self


def test_dedupe_does_not_know_which_parameters_are_ignored(monkeypatch):
    monkeypatch.setattr(fashion_grid, "_estimator", lambda *_: IgnoresAll())
    equal = fashion_grid.find_equal.__wrapped__("glassnet", 1)
    assert len(set(equal.values())) == 3
    assert equal["adam-0.2-256"] == equal["sgd-0.2-64"] != equal["sgd-0.002-64"]


def test_candidates_that_were_not_trained_have_the_scores_of_their_equals():
    config = replace(QUICK, dedupe=True)
    results = [fake_fold(spec, 0.5, hash(spec.name)) for spec in FASHION_GRID.plan(config, ["glassnet"])]
    ranking = rank(results, "glassnet", config)
    assert len(ranking.candidates) == 27
    assert "19 distinct" in conclude(config, results, None).findings[1].title


def test_equal_accuracies_alone_do_not_make_two_candidates_one():
    constant = rank(fake_grid(lambda spec: 0.1), "glassnet", QUICK)
    assert len(constant.group_equal()) == 27
    ignoring = fake_grid(lambda spec: 0.1, loss=lambda spec: spec.settings["learning_rate_init"])
    assert len(rank(ignoring, "glassnet", QUICK).group_equal()) == 3


def test_candidates_that_diverged_are_ranked_last_and_not_taken_for_equal():
    results = fake_grid(lambda spec: 0.5)
    results[:6] = [replace(r, state="diverged", validation={"accuracy": None}) for r in results[:6]]
    ranking = rank(results, "glassnet", QUICK)
    assert ranking.ranks.tolist() == [26, 26] + [1] * 25
    assert ranking.best == 2
    assert len(ranking.group_equal()) == 27
    findings = conclude(QUICK, results, None).findings
    assert findings[0].exhibits[0].data["panels"][0]["values"][0][0] is None


def test_nothing_is_concluded_before_a_candidate_has_all_its_folds():
    results = fake_grid(lambda spec: 0.5)
    assert conclude(QUICK, results[:2], None).findings == []
    few = conclude(QUICK, results[:4], None)
    assert few.claims == []
    assert few.best["name"] == name_of(CANDIDATES[0])


def test_claims_say_whether_the_published_candidate_is_best():
    def accuracy(spec):
        return 0.8605 if name_of(spec.settings) == "adam-0.002-256" else 0.5

    claims = {claim.quantity: claim for claim in conclude(QUICK, fake_grid(accuracy), None).claims}
    assert claims["best parameters"].verdict == "confirmed"
    assert claims["best mean accuracy"].verdict == "confirmed"
    claims = {c.quantity: c for c in conclude(QUICK, fake_grid(lambda spec: 0.5), None).claims}
    assert claims["best parameters"].reproduced == name_of(CANDIDATES[0])
    assert {claim.verdict for claim in claims.values()} == {"not reproducible", "confirmed"}


def test_two_engines_are_compared_when_both_grids_are_whole():
    results = fake_grid(lambda spec: 0.5)
    others = [
        replace(r, name=r.name.replace("glassnet", "sklearn"), engine="sklearn", seconds=2.0) for r in results
    ]
    assert len(conclude(QUICK, results + others[:-1], None).findings) == 2
    finding = conclude(QUICK, results + others, None).findings[2]
    assert "the same candidate first; scikit-learn's fits take 4.00 times as long" in finding.title
    by_engine = defaultdict(list)
    for engine, *row in finding.table["rows"]:
        by_engine[engine] = row
    assert by_engine["glassnet"][2] == "40.5"


def test_a_ranking_of_nothing_is_empty():
    assert Ranking({}).candidates == []


def test_equal_scores_on_few_images_are_no_finding():
    """27 candidates that are right in about 80 % of 67 images each: some agree, by coincidence."""
    hits = iter(np.random.default_rng(0).binomial(67, 0.8, len(SPECS)))
    results = fake_grid(lambda spec: float(next(hits) / 67))
    checked = check_scores(FASHION_GRID, results)
    scores = [row.validation["accuracy"] for row in results if row.spec.settings["fold"] == 1]
    assert max(scores.count(score) for score in scores) >= 3
    assert "equal-scores" not in checked.codes
