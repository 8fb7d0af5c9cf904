"""What ends a search: the winner and the defaults, trained on all but the test part, and scored on that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from glassnet.nn.history import EpochRecord
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, SplitData
from glassnet.studies.own.candidates import Plan
from glassnet.studies.own.description import Description
from glassnet.studies.own.estimators import classifies, engine_of, parameters_of
from glassnet.studies.own.figures import score
from glassnet.studies.own.reading import SEED
from glassnet.studies.own.training import Task, parts_of, train_on

WINNER, DEFAULTS = "winner", "defaults"
SETTINGS = "settings"
"""What tells a model at the end from the others, beside its seed: whose settings it has."""
DEFAULT_SEEDS = 5
"""The defaults are trained so often, each time with another seed; their median is compared."""
RESAMPLES = 400
LEVEL = 0.95
SAMPLES = "samples"
"""The name of the figures of the resampled test part, in a result's evidence."""


@dataclass(frozen=True)
class Lead:
    """Hold how far the winner is ahead of the defaults' median on the test part; above 0 is better.

    Attributes
    ----------
    winner, defaults : float
        The figures themselves.
    value, low, high : float
        The lead, and the ends of its interval, by the percentiles of samples of the test rows that are drawn
        with replacement.
    n_defaults : int
        How often the defaults were trained.

    References
    ----------
    B. Efron, R. Tibshirani (1993), An introduction to the bootstrap, chapter 13.
    """

    winner: float
    defaults: float
    value: float
    low: float
    high: float
    n_defaults: int


def plan_finals(description: Description, model: type[Any]) -> Plan:
    """Return the models that are trained when the search is over: the winner, and the defaults."""
    engine = engine_of(model)
    has_seed = "random_state" in parameters_of(model) and "random_state" not in description.settings
    seeds = [{SEED: description.seed + i} for i in range(DEFAULT_SEEDS)] if has_seed else [{}]
    models = [(WINNER, WINNER, seeds[0])]
    models += [(f"{DEFAULTS}-seed{one[SEED]}" if one else DEFAULTS, DEFAULTS, one) for one in seeds]
    specs = [ModelSpec(name, engine=engine, settings={SETTINGS: whose, **one}) for name, whose, one in models]
    return Plan(tuple(specs), {}, (), {})


def final_parts(task: Task, config: RunConfig, spec: ModelSpec, folder: Path) -> dict[str, SplitData]:
    """Return what the models at the end are given: training and validation part in one, and the test part."""
    parts = parts_of(task, config, spec, folder)
    train, validation = parts["train"], parts["validation"]
    return {"train": _joined(train, validation), "test": parts["test"]}


def _joined(one: SplitData, other: SplitData) -> SplitData:
    y = np.concatenate([one[1], other[1]])
    if isinstance(one[0], np.ndarray):
        return np.concatenate([one[0], other[0]]), y
    return nw.concat([nw.from_native(one[0]), nw.from_native(other[0])]).to_native(), y


def train_final(
    task: Task,
    won: dict[str, Any],
    config: RunConfig,
    spec: ModelSpec,
    folder: Path,
    on_epoch: Callable[[EpochRecord], object],
) -> ModelResult:
    """Train the winner with its settings, or the defaults; save it, and ask it the test part.

    Raises
    ------
    StudyError
        When the model refuses its parameters or the samples.
    """
    parts = final_parts(task, config, spec, folder)

    def measure(fitted: Any) -> dict[str, Any]:
        return {SAMPLES: sample_test(task, fitted, parts["test"], config.seed)}

    seed = {name: value for name, value in spec.settings.items() if name == SEED}
    set_up = replace(spec, settings=(won if spec.name == WINNER else {}) | seed)
    result = train_on(task, config, set_up, parts, folder, on_epoch, measure)
    return replace(result, settings=spec.settings)


class _Answered:
    """A model that knows its answers to some rows, which are asked for by their places."""

    def __init__(self, model: Any, X: Any) -> None:
        self._answers = np.asarray(model.predict(X))
        if hasattr(model, "predict_proba"):
            self._probabilities = np.asarray(model.predict_proba(X))
        self.classes_ = getattr(model, "classes_", None)

    def predict(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        return self._answers[rows]

    def predict_proba(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        return self._probabilities[rows]


def sample_test(task: Task, fitted: Any, test: SplitData, seed: int) -> list[float | None]:
    """Return the main figure of samples of the test rows, the same rows for every model.

    Of classes, each sample has as many rows as there are.
    """
    X, y = test
    answered, metrics = _Answered(fitted, X), task.description.metrics[:1]
    rng, n = np.random.default_rng(seed), len(y)
    groups = [np.arange(n)]
    if classifies(task.find_model({})):
        groups = [np.flatnonzero(y == label) for label in np.unique(y)]
    found = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([group[rng.integers(0, len(group), len(group))] for group in groups])
        found.append(score(metrics, answered, rows, y[rows], task.allow, task.folder)[metrics[0].name])
    return found


def measure_lead(description: Description, plan: Plan, results: Sequence[ModelResult]) -> Lead | None:
    """Return how far the winner is ahead of the median of the defaults.

    None while a model is missing, or where one has no figure: its training diverged.
    """
    metric = description.metrics[0]
    figures = [one.test.get(metric.name) for one in results]
    if len(results) < len(plan.specs) or None in figures:
        return None
    winner, *others = sorted(results, key=lambda one: one.name != WINNER)
    sign = -1.0 if metric.less_is_better else 1.0
    mine = np.array(winner.evidence[SAMPLES], np.float64)
    theirs = np.median([np.array(one.evidence[SAMPLES], np.float64) for one in others], axis=0)
    leads = sign * (mine - theirs)
    low, high = np.nanquantile(leads, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    won = float(winner.test[metric.name] or 0.0)
    median = float(np.median([one.test[metric.name] or 0.0 for one in others]))
    return Lead(won, median, sign * (won - median), low, high, len(others))
