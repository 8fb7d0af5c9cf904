"""The study fashion-grid: 27 candidates in three folds on Fashion-MNIST, and how many of them differ.

It repeats part C3 of the assignment. Every fold of every candidate is a model of its own to the runner, so
that it is kept, resumed and sent to other processes by itself; it is fitted and scored by GridSearchCV.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, ParameterGrid, StratifiedKFold

from glassnet._common.claims import Claim, judge
from glassnet.doctor.scores.claims import Claims, ReportedRow
from glassnet.doctor.scores.reported import Reported
from glassnet.models import MLPClassifier
from glassnet.nn.history import EpochRecord
from glassnet.studies.assignment.fashion import EPOCHS, HIDDEN, NEARLY, SEED, load_parts, scaled
from glassnet.studies.base import Conclusion, Exhibit, Insight, ModelResult, ModelSpec, RunConfig, Study
from glassnet.studies.engines import ENGINES, OWN, PEER, make_result
from glassnet.studies.own.candidates import Plan, find_equal, group_by_candidate
from glassnet.studies.own.concluding import explain_equal
from glassnet.studies.own.estimators import canonical

ACTIVATION = "relu"
FOLDS = 3
GRID: dict[str, list[Any]] = {
    "solver": ["lbfgs", "sgd", "adam"],
    "learning_rate_init": [0.2, 0.002, 0.00002],
    "batch_size": [64, 128, 256],
}
QUICK_IMAGES = 600
QUICK_EPOCHS = 4
PUBLISHED_BEST = {"solver": "adam", "learning_rate_init": 0.002, "batch_size": 256}
PUBLISHED_SCORE = 0.8604989
PUBLISHED_SIZE = (27, 81)
"""Of the grid: candidates and fits."""


def name_of(candidate: Mapping[str, Any]) -> str:
    """Return a candidate as a word: ``adam-0.002-256``."""
    return f"{candidate['solver']}-{candidate['learning_rate_init']:g}-{candidate['batch_size']}"


CANDIDATES = {name_of(one): {key: one[key] for key in GRID} for one in ParameterGrid(GRID)}
"""In the order of GridSearchCV, which prefers the first of equal ones."""

EQUAL, TWIN = find_equal({name: canonical(MLPClassifier, one) for name, one in CANDIDATES.items()})

SPECS = tuple(
    ModelSpec(f"{name}-fold{fold}-{engine}", ACTIVATION, "glorot", engine, {**candidate, "fold": fold})
    for name, candidate in CANDIDATES.items()
    if name not in EQUAL
    for fold in range(1, FOLDS + 1)
    for engine in ENGINES
)
PLAN = Plan(SPECS, EQUAL, TWIN, CANDIDATES)


def _estimator(engine: str, epochs: int, seed: int) -> Any:
    settings: dict[str, Any] = {
        "hidden_layer_sizes": HIDDEN,
        "activation": ACTIVATION,
        "max_iter": epochs,
        "random_state": seed,
    }
    return ENGINES[engine].classifier(**settings)


@lru_cache(maxsize=2)
def _load(quick: bool) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the training images and their labels."""
    X, y = load_parts(False)["train"]
    n_images = QUICK_IMAGES if quick else len(y)
    return scaled(X[:n_images]), y[:n_images]


def _score(estimator: Any, X: NDArray[Any], y: NDArray[Any]) -> dict[str, float]:
    """Score as GridSearchCV may be told to: by accuracy, and by what tells equal trainings."""
    return {"accuracy": estimator.score(X, y), "loss": estimator.loss_, "n_iter": estimator.n_iter_}


def train(
    config: RunConfig, spec: ModelSpec, folder: Path, on_epoch: Callable[[EpochRecord], object]
) -> ModelResult:
    """Fit and score one candidate on one fold with GridSearchCV."""
    X, y = _load(config.quick)
    fold = list(StratifiedKFold(FOLDS).split(X, y))[spec.settings["fold"] - 1]
    search = GridSearchCV(
        _estimator(spec.engine, config.epochs, config.seed),
        {key: [spec.settings[key]] for key in GRID},
        scoring=_score,
        cv=[fold],
        refit=False,
        error_score="raise",
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is the study's
            search.fit(X, y)
    except FloatingPointError as error:
        return make_result(spec, "diverged", 0, str(error), 0.0, {"validation": {"accuracy": None}})
    measured = {key: column[0] for key, column in search.cv_results_.items()}
    n_iter = int(measured["split0_test_n_iter"])
    return make_result(
        spec,
        "finished",
        n_iter,
        f"{n_iter} of at most {config.epochs} iterations",
        float(measured["mean_fit_time"]),
        {"validation": {"accuracy": float(measured["split0_test_accuracy"])}},
        {
            "training_loss": float(measured["split0_test_loss"]),
            "score_seconds": float(measured["mean_score_time"]),
        },
    )


def claims_of_grid(results: Sequence[ModelResult]) -> Claims:
    """Return the accuracies of every fold of the first engine's candidates, with what the search varied."""
    rows = tuple(
        _row(result)
        for result in results
        if result.state == "finished" and result.engine == results[0].engine
    )
    return Claims("scores of the grid search", rows, {})


def _row(fold: ModelResult) -> ReportedRow:
    parameters = {name: str(fold.settings[name]) for name in GRID}
    accuracy = Reported(
        name_of(fold.settings), f"accuracy of fold {fold.settings['fold']}", repr(fold.validation["accuracy"])
    )
    return ReportedRow(accuracy, parameters)


class Ranking:
    """Hold what one engine's grid came to, as GridSearchCV's ``cv_results_`` would.

    Parameters
    ----------
    folds : dict of str to list of ModelResult
        The folds of each candidate that has all of them.
    """

    def __init__(self, folds: dict[str, list[ModelResult]]) -> None:
        self.candidates = [candidate for name, candidate in CANDIDATES.items() if name in folds]
        self.folds = [folds[name_of(candidate)] for candidate in self.candidates]
        scores = [[fold.validation["accuracy"] for fold in one] for one in self.folds]
        self.scores = np.array(scores, dtype=float).reshape(len(scores), FOLDS)  # NaN where one diverged
        self.means = self.scores.mean(axis=1)
        self.deviations = self.scores.std(axis=1)
        self.fit_seconds = np.array([[fold.seconds for fold in one] for one in self.folds])
        self.ranks = rankdata(-np.nan_to_num(self.means, nan=-1.0), method="min").astype(int)
        self.best = int(self.ranks.argmin()) if len(self.candidates) else 0


def rank(results: Sequence[ModelResult], engine: str) -> Ranking:
    """Return the ranking of an engine's finished candidates; one that was not trained has its equal's."""
    folds = group_by_candidate(PLAN, [result for result in results if result.engine == engine])
    return Ranking(
        {
            name: sorted(one, key=lambda fold: int(fold.settings["fold"]))
            for name, one in folds.items()
            if len(one) == FOLDS
        }
    )


def conclude(config: RunConfig, results: Sequence[ModelResult], folder: Path) -> Conclusion:
    """Rank the candidates, and find those that are the same under another name."""
    rankings = {engine: rank(results, engine) for engine in ENGINES}
    rankings = {engine: ranking for engine, ranking in rankings.items() if ranking.candidates}
    if not rankings:
        return Conclusion()
    engine, ranking = max(rankings.items(), key=lambda item: len(item[1].candidates))
    findings = [_show_ranking(engine, ranking)]
    findings += explain_equal(PLAN, [result for result in results if result.engine == engine])
    findings += _compare(rankings, results)
    best = {
        "name": name_of(ranking.candidates[ranking.best]),
        "reason": f"{name_of(ranking.candidates[ranking.best])} has the highest mean accuracy of "
        f"{len(ranking.candidates)} candidates over {FOLDS} folds, {ranking.means[ranking.best]:.4f}.",
    }
    return Conclusion(best, _claims(ranking), findings)


def _show_ranking(engine: str, ranking: Ranking) -> Insight:
    order = np.argsort(ranking.ranks, kind="stable")
    rows = [
        [
            str(ranking.ranks[i]),
            *(str(ranking.candidates[i][key]) for key in GRID),
            f"{ranking.means[i]:.4f}",
            f"{ranking.deviations[i]:.4f}",
            f"{ranking.fit_seconds[i].mean():.2f}",
        ]
        for i in order
    ]
    best = ranking.candidates[ranking.best]
    place = [GRID[key].index(best[key]) for key in ("solver", "batch_size", "learning_rate_init")]
    means = {name_of(c): float(mean) for c, mean in zip(ranking.candidates, ranking.means, strict=True)}
    panels = []
    for solver in GRID["solver"]:
        cells = [
            [
                means.get(name_of({"solver": solver, "learning_rate_init": rate, "batch_size": size}))
                for rate in GRID["learning_rate_init"]
            ]
            for size in GRID["batch_size"]
        ]
        values = [[None if mean is None or np.isnan(mean) else mean for mean in row] for row in cells]
        panels.append({"title": solver, "values": values})
    return Insight(
        f"{name_of(best)} ranks first with a mean accuracy of {ranking.means[ranking.best]:.4f}.",
        f"Each of the {len(ranking.candidates)} candidates was fitted on two thirds of the training images "
        f"and scored on the third, {FOLDS} times, with the engine {engine}; those that are another one under "
        "another name have its figures. The heat maps and the table show "
        "the mean accuracy of the folds; the deviation is that of the folds, fit seconds are of one fit.",
        {
            "columns": ["rank", *(key.replace("_", " ") for key in GRID), "mean", "deviation", "fit seconds"],
            "rows": rows,
        },
        [
            Exhibit(
                "heatmaps",
                "Mean accuracy of the folds, by solver",
                {
                    "rows": [str(size) for size in GRID["batch_size"]],
                    "columns": [f"{rate:g}" for rate in GRID["learning_rate_init"]],
                    "row_title": "batch size",
                    "column_title": "initial learning rate",
                    "panels": panels,
                    "best": place,
                },
            )
        ],
        topic="The mean accuracy of every candidate",
    )


def _compare(rankings: dict[str, Ranking], results: Sequence[ModelResult]) -> list[Insight]:
    """State what both engines found best and how long each took; nothing without both."""
    if len(rankings) < len(ENGINES) or len({len(r.candidates) for r in rankings.values()}) > 1:
        return []
    best = {engine: name_of(ranking.candidates[ranking.best]) for engine, ranking in rankings.items()}
    seconds = {engine: sum(fold.seconds for fold in results if fold.engine == engine) for engine in rankings}
    ratio = seconds[PEER] / seconds[OWN]
    gap = float(np.nanmax(np.abs(rankings[OWN].means - rankings[PEER].means)))
    agree = "the same candidate" if len(set(best.values())) == 1 else "different candidates"
    return [
        Insight(
            f"Both engines rank {agree} first; scikit-learn's fits take {ratio:.2f} times as long.",
            "Same folds, same seed, both in float64 on images divided by 255. The mean accuracies differ by "
            f"at most {gap:.4f}. The seconds are the sum of all fits of the grid, measured in this run.",
            {
                "columns": ["engine", "best", "mean accuracy", "seconds of all fits"],
                "rows": [
                    [
                        engine,
                        best[engine],
                        f"{ranking.means[ranking.best]:.4f}",
                        f"{seconds[engine]:.1f}",
                    ]
                    for engine, ranking in rankings.items()
                ],
            },
            topic="The two engines",
        )
    ]


def _claims(ranking: Ranking) -> list[Claim]:
    if len(ranking.candidates) < len(CANDIDATES):
        return []
    best, score = ranking.candidates[ranking.best], float(ranking.means[ranking.best])
    published = ranking.candidates.index(PUBLISHED_BEST)
    behind = score - float(ranking.means[published])
    size = (len(CANDIDATES), len(CANDIDATES) * FOLDS)
    return [
        Claim(
            "best parameters",
            name_of(PUBLISHED_BEST),
            name_of(best),
            judge(agrees=best == PUBLISHED_BEST),
            f"The published candidate ranks {ranking.ranks[published]} here with "
            f"{ranking.means[published]:.4f}, {behind:.4f} behind the first; its folds differ by "
            f"{ranking.deviations[published]:.4f} (standard deviation).",
        ),
        Claim(
            "best mean accuracy",
            f"{PUBLISHED_SCORE}",
            f"{score:.7f}",
            judge(agrees=abs(score - PUBLISHED_SCORE) < NEARLY),
            f"They differ by {abs(score - PUBLISHED_SCORE):.4f}; within {NEARLY} counts as confirmed. The "
            "report gives neither the seed of its search nor its images.",
        ),
        Claim(
            "candidates / fits",
            " / ".join(map(str, PUBLISHED_SIZE)),
            f"{size[0]} / {size[1]}, of which {PLAN.n_distinct} / {PLAN.n_distinct * FOLDS} differ",
            judge(agrees=size == PUBLISHED_SIZE),
            "The count is right, but candidates that differ in nothing their solver uses are the same model.",
        ),
    ]


FASHION_GRID = Study(
    name="fashion-grid",
    title="A grid search on Fashion-MNIST",
    question="Which solver, learning rate and batch size classify clothes best, and how many of the 27 "
    "candidates are different at all?",
    dataset="fashion-mnist",
    settings={
        "activation": ACTIVATION,
        "hidden layers": list(HIDDEN),
        "folds": FOLDS,
        "score": "accuracy",
        "computed in": "float64, images divided by 255",
    },
    epochs=EPOCHS,
    quick_epochs=QUICK_EPOCHS,
    specs=SPECS,
    train=train,
    conclude=conclude,
    claims=claims_of_grid,
    efforts={spec.name: 8.0 if spec.settings["solver"] == "lbfgs" else 4.0 for spec in SPECS},
    chapter="fashion",
    section="C3",
    keeps_models=False,
    seed=SEED,
)
