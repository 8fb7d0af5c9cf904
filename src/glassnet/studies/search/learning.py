"""What a search learnt, in words and pictures: the winner beside the defaults, and what the trials say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any

from glassnet._common.words import counted, duration
from glassnet.studies.base import Conclusion, Exhibit, Insight, ModelResult, RunConfig
from glassnet.studies.own.candidates import Plan
from glassnet.studies.own.concluding import title_of
from glassnet.studies.own.description import Description, Range
from glassnet.studies.search._optuna import import_optuna, quiet
from glassnet.studies.search.finals import LEVEL, RESAMPLES, WINNER, Lead, measure_lead
from glassnet.studies.search.spaces import Space, label_of
from glassnet.studies.search.trials import End, Trial, find_best, list_counted, seconds_spent

FEWEST_FOR_IMPORTANCE = 10
MOST_LINES = 150
"""Of a picture of all trials: the best ones."""
MOST_AXES = 8
TICKS = 3
TOP_PART, FEWEST_TOP = 0.1, 3
"""How many of them are in colour."""


@dataclass(frozen=True)
class Learnt:
    """Hold what a search came to before its last models are trained.

    Attributes
    ----------
    space : Space
    trials : list of Trial
    importance : dict of str to float
        The part of each parameter in what makes a trial one of the best; empty where too few say so.
    default : dict or None
        What the parameters are by default, where the space has it.
    budget : dict
        What the search was given.
    """

    space: Space
    trials: list[Trial]
    importance: dict[str, float] = field(default_factory=dict)
    default: dict[str, Any] | None = None
    budget: dict[str, Any] = field(default_factory=dict)


def measure_importance(study: Any, trials: Sequence[Trial]) -> dict[str, float]:
    """Return how much each parameter told the best tenth of the finished trials from all of them.

    References
    ----------
    S. Watanabe, A. Bansal, F. Hutter (2023), PED-ANOVA: efficiently quantifying hyperparameter importance in
    arbitrary subspaces, IJCAI. Computed by Optuna.
    """
    values = {one.value for one in trials if one.end is End.FINISHED}
    n_finished = sum(one.end is End.FINISHED for one in trials)
    if n_finished < FEWEST_FOR_IMPORTANCE or len(values) < 2:
        return {}
    importance = import_optuna().importance
    with quiet():
        evaluator = importance.PedAnovaImportanceEvaluator()
        found = importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(value) for name, value in found.items()}


def conclude(
    description: Description,
    plan: Plan,
    learnt: Learnt,
    config: RunConfig,
    results: Sequence[ModelResult],
    folder: Path,
) -> Conclusion:
    """Say what is known so far."""
    metric = description.metrics[0]
    best = find_best(learnt.trials, less_is_better=metric.less_is_better)
    if best is None:
        return Conclusion()
    lead = measure_lead(description, plan, results)
    findings = [_judge(description, learnt, best, lead)] if lead is not None else []
    findings.append(_tell_history(description, learnt, best))
    findings += _weigh_parameters(learnt)
    if len([one for one in learnt.trials if one.end is End.FINISHED]) > 1:
        findings.append(_show_all(description, learnt, best))
    findings += _explain_equal(learnt)
    return Conclusion(_describe_best(description, learnt, results, best), [], findings)


def figure(value: float | None) -> str:
    """Write a figure: with four decimals, or five digits of a large one."""
    if value is None:
        return "–"
    return f"{value:.4f}" if abs(value) < 100 else f"{value:,.5g}"


def describe_settings(settings: Mapping[str, Any]) -> str:
    """Write settings in a line."""
    return ", ".join(f"{name} {_plain(value)}" for name, value in settings.items())


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(label_of(value))


def _describe_best(
    description: Description, learnt: Learnt, results: Sequence[ModelResult], best: Trial
) -> dict[str, Any]:
    title = title_of(description.metrics[0])
    n = counted(len(list_counted(learnt.trials)), "trial")
    text = (
        f"Number {best.number} of {n} has the best validation {title}, {figure(best.value)}: "
        f"{describe_settings(best.settings)}."
    )
    if any(one.name == WINNER for one in results):
        text += " It was trained again, on training and validation part together, and saved."
    return {"name": WINNER, "reason": text, "settings": best.settings, "budget": learnt.budget}


def _judge(description: Description, learnt: Learnt, best: Trial, lead: Lead) -> Insight:
    """Say whether the winner is better than the defaults, on rows that chose nothing."""
    title = title_of(description.metrics[0])
    both = f"test {title} {figure(lead.winner)} against {figure(lead.defaults)}"
    if lead.low > 0:
        verdict = f"The winner is better than the defaults: {both}."
        cure = "The interval lies above 0: such a lead is hardly chance."
    elif lead.high < 0:
        verdict = f"The winner is worse than the defaults: {both}."
        cure = (
            "The interval lies below 0: the search chose what suits the validation part alone. Stay with the "
            "defaults, or hold back a larger validation part, or take folds."
        )
    else:
        verdict = f"The winner is no better than the defaults, as far as the test part can tell: {both}."
        cure = "The interval holds 0: the defaults do as well, as far as these rows can tell."
    if best.is_default:
        cure += " The winner is the default itself: no trial was better on the validation part."
    defaults = "the defaults"
    if lead.n_defaults > 1:
        defaults = f"the median of the defaults, trained with {lead.n_defaults} seeds,"
    text = (
        f"It leads {defaults} by {figure(lead.value)}, with a {100 * LEVEL:.0f} % interval from "
        f"{figure(lead.low)} to {figure(lead.high)} (above 0 is better; {RESAMPLES} samples of the test "
        f"rows). {cure} All of them were trained on training and validation part together; the test part "
        "chose nothing, and was looked at once, in the end."
    )
    default = learnt.default or {}
    rows = [
        [name, _plain(default[name]) if name in default else "–", _plain(value)]
        for name, value in best.settings.items()
    ]
    table: dict[str, list[Any]] = {"columns": ["parameter", "default", "winner"], "rows": rows}
    return Insight(verdict, text, table, topic="The winner beside the defaults")


def _tell_history(description: Description, learnt: Learnt, best: Trial) -> Insight:
    trials, metric = list_counted(learnt.trials), description.metrics[0]
    ends = Counter(one.end for one in trials)
    told = {
        End.FINISHED: "trained to the end",
        End.PRUNED: "given up early, because they fell behind",
        End.EQUAL: "equal to an earlier one, and not trained",
        End.DIVERGED: "diverged",
        End.REFUSED: "refused by the model",
        End.STOPPED: "ended by the time",
    }
    parts = [f"{ends[end]} {words}" for end, words in told.items() if ends[end]]
    n_lost = len(learnt.trials) - len(trials)
    now = max((one.ended for one in trials if one.ended is not None), default=0.0)
    text = (
        f"Of {counted(len(trials), 'trial')}, {', '.join(parts)}, in {duration(seconds_spent(trials, now))}. "
    )
    if n_lost:
        text += f"{counted(n_lost, 'process', 'processes')} ended in a trial, which was begun anew. "
    first = next((one for one in trials if one.is_default and one.value is not None), None)
    if first is not None and first.value is not None and best.value is not None:
        gain = (first.value - best.value) * (1 if metric.less_is_better else -1)
        text += (
            f"The default had {figure(first.value)} on the validation part; the best is {figure(gain)} "
            "better there, which flatters it: these rows chose it."
            if not best.is_default
            else "The default was never beaten."
        )
    if why := next((one.why for one in trials if one.end is End.REFUSED), ""):
        text += f" Refused: {why}"
    points = [[one.number, one.value, str(one.end)] for one in trials if one.was_trained]
    data = {
        "points": points,
        "default": None if first is None else first.value,
        "metric": f"validation {title_of(metric)}",
        "less_is_better": metric.less_is_better,
    }
    topic = "The course of the search"
    return Insight(
        f"The best of {counted(len(trials), 'trial')} came as number {best.number}.",
        text,
        exhibits=[Exhibit("trials", "Every trial, and the best so far", data)],
        topic=topic,
    )


def _weigh_parameters(learnt: Learnt) -> list[Insight]:
    if not learnt.importance:
        return []
    ranked = sorted(learnt.importance.items(), key=lambda one: -one[1])
    rows = [{"label": name, "value": share, "text": f"{share:.0%}", "group": ""} for name, share in ranked]
    text = (
        "How much the values of each parameter among the best tenth of the finished trials differ from "
        "those among all, as parts of a whole (PED-ANOVA). A parameter of little weight can be left at its "
        "default; but the search looks most where it is good, so that small differences say little."
    )
    data = {"rows": rows, "low": 0.0, "high": max(ranked[0][1], 1e-9)}
    return [
        Insight(
            f"{ranked[0][0]} mattered most.",
            text,
            exhibits=[Exhibit("bars", "The weight of each parameter", data)],
            topic="What mattered",
        )
    ]


def _show_all(description: Description, learnt: Learnt, best: Trial) -> Insight:
    """Show the finished trials as lines across the parameters, the best ones told apart."""
    metric = description.metrics[0]
    sign = 1.0 if metric.less_is_better else -1.0
    finished = [one for one in learnt.trials if one.end is End.FINISHED and one.value is not None]
    finished = sorted(finished, key=lambda one: sign * (one.value or 0.0))[:MOST_LINES]
    n_top = max(FEWEST_TOP, round(TOP_PART * len(finished)))
    names = sorted(learnt.space, key=lambda name: -learnt.importance.get(name, 0.0))[:MOST_AXES]
    values = [one.value or 0.0 for one in finished]
    worst, top = values[-1], values[0]
    axes = [{"name": name, "ticks": _ticks_of(learnt.space[name])} for name in names]
    ends = [[0.0, figure(worst)], [1.0, figure(top)]] if worst != top else [[0.5, figure(top)]]
    axes.append({"name": f"validation {title_of(metric)}", "ticks": ends})

    def line(one: Trial) -> list[float]:
        last = ((one.value or 0.0) - worst) / (top - worst) if worst != top else 0.5
        return [_place(learnt.space[name], one.settings[name]) for name in names] + [last]

    data = {"axes": axes, "lines": [line(one) for one in finished], "n_top": n_top}
    topic = "The finished trials at a glance"
    text = (
        "Each line is a trial, from parameter to parameter down to what it came to; the best are in colour, "
        "the winner is thick. Where coloured lines bundle, a value is good; where they spread, it hardly "
        "matters."
    )
    return Insight(topic, text, exhibits=[Exhibit("parallel", "All parameters", data)], topic=topic)


def _place(one: Range, value: Any) -> float:
    """Return where a value stands on its axis, from 0 to 1."""
    if one.choices:
        labels = [label_of(choice) for choice in one.choices]
        return labels.index(label_of(value)) / max(len(labels) - 1, 1) if len(labels) > 1 else 0.5
    if one.log:
        return (log(value) - log(one.low)) / (log(one.high) - log(one.low))
    return float((value - one.low) / (one.high - one.low))


def _ticks_of(one: Range) -> list[list[Any]]:
    if one.choices:
        return [[_place(one, choice), _short(choice)] for choice in one.choices]
    values = [one.low, (one.low * one.high) ** 0.5 if one.log else (one.low + one.high) / 2, one.high]
    return [[_place(one, value), f"{value:.2g}"] for value in values]


def _short(value: Any) -> str:
    """Write a value beside others on an axis: layers of 64 and 32 units as 64×32."""
    return "×".join(map(str, value)) or "none" if isinstance(value, list) else _plain(value)


def _explain_equal(learnt: Learnt) -> list[Insight]:
    """Say how many candidates were others again, and what the pair came to that was trained twice."""
    equal = [one for one in learnt.trials if one.end is End.EQUAL]
    proof = next((one for one in learnt.trials if one.proves is not None and one.end is End.FINISHED), None)
    if not equal and proof is None:
        return []
    text = (
        "They set the same parameters, once defaults are filled in and those are left out that their solver "
        "does not use. "
    )
    same = True
    if proof is not None and proof.proves is not None:
        original = learnt.trials[proof.proves]
        same = original.value == proof.value
        text += f"Trial {proof.number} was trained all the same, as the proof: " + (
            f"it came to what trial {original.number} came to, to the last digit."
            if same
            else f"it did NOT come to what trial {original.number} came to. Do not believe that they are "
            "equal."
        )
    topic = "Candidates that are the same model"
    n = len(equal) + (proof is not None)
    n_all, were = len(list_counted(learnt.trials)), "was an earlier one" if n == 1 else "were earlier ones"
    return [
        Insight(
            f"{n:,} of {counted(n_all, 'trial')} {were} again."
            if same
            else "Two candidates that should be the same model are not.",
            text,
            topic=topic,
            needs_full_run=False,
        )
    ]
