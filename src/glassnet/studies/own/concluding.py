"""What the results of a person's study say: candidates side by side, the best, published figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._common.words import counted
from glassnet.studies.base import Conclusion, Insight, ModelResult, RunConfig
from glassnet.studies.own.candidates import Plan, group_by_candidate
from glassnet.studies.own.description import Description, MetricPart
from glassnet.studies.own.figures import FIGURES
from glassnet.studies.own.published import claims_of

MOST_ROWS = 200
"""Candidates in the table of a page."""


@dataclass(frozen=True)
class Summary:
    """Hold what one candidate came to.

    Attributes
    ----------
    name : str
    results : list of ModelResult
        Of every seed and fold.
    """

    name: str
    results: list[ModelResult]

    def values(self, split: str, metric: str) -> list[float]:
        """Return a figure of every seed and fold that has one."""
        found = [getattr(result, split).get(metric) for result in self.results]
        return [value for value in found if value is not None]

    def mean(self, split: str, metric: str) -> float:
        """Return its mean; NaN where a training diverged, or none is finished."""
        values = self.values(split, metric)
        return float(np.mean(values)) if values and len(values) == len(self.results) else float("nan")

    def spread(self, split: str, metric: str) -> float:
        """Return its standard deviation over seeds and folds; 0 with one of them."""
        values = self.values(split, metric)
        return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def title_of(metric: MetricPart) -> str:
    """Return what people call a figure."""
    return FIGURES[metric.name].title if not metric.function else metric.name.replace("_", " ")


def rank(description: Description, plan: Plan, results: Sequence[ModelResult]) -> list[Summary]:
    """Return the candidates whose every seed and fold is finished, the best first.

    The validation part decides, so that the test part is not chosen by.
    """
    metric = description.metrics[0]
    sign = 1 if metric.less_is_better else -1
    repeats = max(1, len(description.seeds)) * max(1, description.split.folds)
    whole = [
        Summary(name, found)
        for name, found in group_by_candidate(plan, results).items()
        if len(found) == repeats
    ]
    means = [sign * one.mean("validation", metric.name) for one in whole]
    order = np.argsort(np.nan_to_num(means, nan=np.inf), kind="stable")
    return [whole[i] for i in order]


def conclude(
    description: Description, plan: Plan, config: RunConfig, results: Sequence[ModelResult], folder: Path
) -> Conclusion:
    """Rank the candidates, tell equal ones, and judge what was published."""
    ranked = rank(description, plan, results)
    metric = description.metrics[0]
    if not ranked or np.isnan(ranked[0].mean("validation", metric.name)):
        return Conclusion()
    best = ranked[0]
    findings = [_show_ranking(description, ranked)] if len(ranked) > 1 else []
    findings += explain_equal(plan, results)
    claims = claims_of(description, plan, {one.name: one.results for one in ranked}, best.name)
    return Conclusion(_describe_best(description, ranked), claims, findings)


def _describe_best(description: Description, ranked: Sequence[Summary]) -> dict[str, Any]:
    best, metric = ranked[0], description.metrics[0]
    value = best.mean("validation", metric.name)
    word = "lowest" if metric.less_is_better else "highest"
    among = f" of {counted(len(ranked), 'candidate')}" if len(ranked) > 1 else ""
    mean = "mean " if len(best.results) > 1 else ""
    text = f"{best.name} has the {word} {mean}validation {title_of(metric)}{among}, {value:.4f}"
    if best.values("test", metric.name):
        text += f"; on the test part it has {best.mean('test', metric.name):.4f}"
    name = best.results[0].name if len(best.results) == 1 else best.name
    return {"name": name, "reason": f"{text}."}


def _show_ranking(description: Description, ranked: Sequence[Summary]) -> Insight:
    metric, repeats = description.metrics[0], len(ranked[0].results)
    splits = [s for s in ("validation", "test") if any(one.values(s, metric.name) for one in ranked)]
    columns = ["rank", "candidate"]
    for part in description.metrics:
        for split in splits:
            columns += [f"{split} {title_of(part)}"]
            columns += ["±"] if repeats > 1 and part is metric else []
    columns += ["seconds"]
    rows = []
    for place, one in enumerate(ranked[:MOST_ROWS], 1):
        row = [str(place), one.name]
        for part in description.metrics:
            for split in splits:
                row += [_number(one.mean(split, part.name))]
                row += [_number(one.spread(split, part.name))] if repeats > 1 and part is metric else []
        rows.append([*row, f"{np.mean([result.seconds for result in one.results]):.2f}"])
    first, second = ranked[0], ranked[1]
    lead = abs(first.mean("validation", metric.name) - second.mean("validation", metric.name))
    text = f"Candidates are ranked by the validation {title_of(metric)}; the test part decides nothing. "
    if repeats > 1:
        spread = first.spread("validation", metric.name)
        is_clear = lead > 2 * spread / np.sqrt(repeats)
        text += (
            f"Each was trained {repeats} times; ± is the standard deviation of its trainings. The lead "
            f"is {lead:.4f}, and the trainings of the first differ by {spread:.4f}: such a lead "
            + ("is hardly chance." if is_clear else "may well be chance.")
        )
    else:
        text += f"The first leads by {lead:.4f}; with one seed and no folds nothing says how much is chance."
    return Insight(
        f"{first.name} ranks first, {lead:.4f} ahead{'' if repeats > 1 else ' in one training each'}.",
        text,
        {"columns": columns, "rows": rows},
        topic="The candidates side by side",
    )


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.4f}"


def explain_equal(plan: Plan, results: Sequence[ModelResult]) -> list[Insight]:
    """State how many candidates differ, and what the pair that was trained twice came to."""
    if not plan.twin:
        return []
    found = group_by_candidate(plan, results)
    pairs = list(zip(*(found[name] for name in plan.twin), strict=False))
    same = all(_scores(one) == _scores(other) for one, other in pairs)
    proof = (
        f"{plan.twin[0]} was trained all the same, as the proof: "
        + (
            f"its scores are those of {plan.twin[1]} to the last digit."
            if same
            else f"its scores are NOT those of {plan.twin[1]}. Do not believe that they are equal."
        )
        if pairs
        else ""
    )
    return [
        Insight(
            f"{counted(len(plan.candidates), 'candidate')} are {plan.n_distinct} distinct ones."
            if same
            else "Two candidates that should be the same model are not.",
            "They have the same parameters, once defaults are filled in and those are left out that their "
            f"solver does not use; equal ones are trained once. {proof}",
            {
                "columns": ["the same model", "varied without effect"],
                "rows": [[", ".join(names), ", ".join(_differing(plan, names))] for names in plan.groups],
            },
            topic="Candidates that are the same model",
            needs_full_run=False,
        )
    ]


def _differing(plan: Plan, names: Sequence[str]) -> list[str]:
    """Return the parameters that candidates differ in."""
    settings = [plan.candidates[name] for name in names]
    keys = dict.fromkeys(key for one in settings for key in one)
    return [key.replace("_", " ") for key in keys if len({repr(one.get(key)) for one in settings}) > 1]


def _scores(result: ModelResult) -> list[Any]:
    """Return all that was measured on a model but times."""
    evidence = {name: value for name, value in result.evidence.items() if "seconds" not in name}
    return [result.train, result.validation, result.test, result.stopped_epoch, evidence]
