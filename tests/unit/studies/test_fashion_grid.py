"""The grid of fashion-grid: GridSearchCV's numbers, and candidates that are one under two names."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from glassnet.models import MLPClassifier
from glassnet.studies.assignment.fashion import HIDDEN, load_parts, scaled
from glassnet.studies.assignment.fashion_grid import (
    CANDIDATES,
    FASHION_GRID,
    FOLDS,
    GRID,
    PLAN,
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
DIVERGED = ("lbfgs-0.2-64", "sgd-0.2-64")
PLACES = {name: place for place, name in enumerate(CANDIDATES)}


def fake_fold(spec, accuracy, loss=1.0, state="finished"):
    return make_result(
        spec, state, 5, "", 0.5, {"validation": {"accuracy": accuracy}}, {"training_loss": loss}
    )


def fake_grid(accuracy, loss=lambda spec: hash(spec.name) % 997):
    """Return results of glassnet's grid by functions of the spec."""
    return [fake_fold(spec, accuracy(spec), loss(spec)) for spec in SPECS if spec.engine == "glassnet"]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_folds_together_are_what_grid_search_gives(engine, tmp_path):
    chosen = [c for c in CANDIDATES.values() if c["learning_rate_init"] == 0.002 and c["batch_size"] == 64]
    specs = [s for s in SPECS if s.engine == engine and name_of(s.settings) in map(name_of, chosen)]
    results = [train(QUICK, spec, tmp_path, lambda record: None) for spec in specs]
    ranking = rank(results, engine)
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
    assert len(SPECS) == 2 * (19 + 1) * FOLDS
    assert len({spec.name for spec in SPECS}) == len(SPECS)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_gives_the_same_weights_to_those_candidates_that_count_as_equal():
    X, y = load_parts(False)["train"]
    groups = defaultdict(list)
    for name, candidate in CANDIDATES.items():
        model = SklearnMLPClassifier((8,), max_iter=2, random_state=0, **candidate)
        model.fit(scaled(X[:300]), y[:300])
        groups[b"".join(weight.tobytes() for weight in model.coefs_)].append(name)
    assert len(groups) == PLAN.n_distinct == 19
    assert [names for names in groups.values() if len(names) > 1] == PLAN.groups


def test_candidates_that_were_not_trained_have_the_figures_of_their_equals():
    trained = {name_of(spec.settings) for spec in SPECS}
    results = fake_grid(lambda spec: 0.5 + PLACES[name_of(spec.settings)] / 100)
    ranking = rank(results, "glassnet")
    means = {name_of(c): mean for c, mean in zip(ranking.candidates, ranking.means, strict=True)}
    assert len(means) == 27
    assert {name: means[name] for name in means.keys() - trained} == {
        name: means[PLAN.equal[name]] for name in PLAN.equal
    }


def test_a_pair_that_is_not_equal_after_all_is_told():
    results = fake_grid(lambda spec: 0.5, loss=lambda spec: 1)
    finding = conclude(QUICK, results, None).findings[1]
    assert finding.title == "27 candidates are 19 distinct ones."
    assert finding.table["rows"][0][1] == "learning rate init, batch size"
    other = [
        replace(r, evidence={"training_loss": 2}) if r.name.startswith(PLAN.twin[0]) else r for r in results
    ]
    assert "should be the same model are not" in conclude(QUICK, other, None).findings[1].title


def test_candidates_that_diverged_are_ranked_last_and_not_taken_for_equal():
    results = fake_grid(lambda spec: 0.5)
    results = [
        replace(r, state="diverged", validation={"accuracy": None}) if name_of(r.settings) in DIVERGED else r
        for r in results
    ]
    ranking = rank(results, "glassnet")
    is_first = [PLAN.equal.get(name, name) != DIVERGED[0] and name != DIVERGED[1] for name in CANDIDATES]
    assert ranking.ranks.tolist() == [1 if first else 1 + sum(is_first) for first in is_first]
    assert ranking.best == is_first.index(True)
    findings = conclude(QUICK, results, None).findings
    assert findings[0].exhibits[0].data["panels"][0]["values"][0][0] is None


def test_nothing_is_concluded_before_a_candidate_has_all_its_folds():
    results = fake_grid(lambda spec: 0.5)
    assert conclude(QUICK, results[:2], None).findings == []
    few = conclude(QUICK, results[:4], None)
    assert few.claims == []
    assert few.best["name"] == next(iter(CANDIDATES))


def test_claims_say_whether_the_published_candidate_is_best():
    def accuracy(spec):
        return 0.8605 if name_of(spec.settings) == "adam-0.002-256" else 0.5

    claims = {claim.quantity: claim for claim in conclude(QUICK, fake_grid(accuracy), None).claims}
    assert claims["best parameters"].verdict == "confirmed"
    assert claims["best mean accuracy"].verdict == "confirmed"
    claims = {c.quantity: c for c in conclude(QUICK, fake_grid(lambda spec: 0.5), None).claims}
    assert claims["best parameters"].reproduced == next(iter(CANDIDATES))
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
    assert by_engine["glassnet"][2] == "30.0"


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
