"""Published figures beside those that were computed, and what each of them is."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from glassnet._common.claims import Claim, judge
from glassnet._common.naming import lookup
from glassnet._common.places import Place, told_at
from glassnet._common.quoting import quoted
from glassnet._common.words import counted
from glassnet.doctor.scores.claims import Claims, ReportedRow, Split
from glassnet.doctor.scores.evidence import name_accuracy, slips_of
from glassnet.doctor.scores.explanations import likeliest, name_slips
from glassnet.doctor.scores.reported import Reported
from glassnet.errors import InvalidParameterError
from glassnet.studies.base import ModelResult
from glassnet.studies.own.candidates import Plan, group_by_candidate
from glassnet.studies.own.description import Description, PublishedFigure
from glassnet.studies.own.figures import FIGURES

NEARLY = 0.005
"""How far a share may be from the published one and confirm it; of other figures, half of it is a percent."""

ACCURACY = "accuracy"


def claims_of(
    description: Description, plan: Plan, results: Mapping[str, list[ModelResult]], best: str
) -> list[Claim]:
    """Return what was published beside what came out; nothing yet of a candidate that is not finished."""
    claims = []
    for figure in description.published:
        name = _candidate_of(figure, plan) or best
        if name in results:
            claims.append(_judge(figure, name, results[name]))
    return claims


def _candidate_of(figure: PublishedFigure, plan: Plan) -> str:
    """Return which candidate a figure is of; empty for the best."""
    if not figure.where:
        return ""
    return fitting(figure, plan)[0]


def fitting(figure: PublishedFigure, plan: Plan) -> list[str]:
    """Return the candidates that a published figure can be of."""
    return [
        name
        for name, one in plan.candidates.items()
        if all(key in one and one[key] == value for key, value in figure.where.items())
    ]


def check_published(figures: Sequence[PublishedFigure], plan: Plan, place: Place) -> None:
    """Check that every published figure is of one candidate.

    Raises
    ------
    InvalidParameterError
        When it is of none, or of several; UnknownNameError when nothing that it names is varied.
    """
    known = {name: name for one in plan.candidates.values() for name in one}
    for number, figure in enumerate(figures):
        if not figure.where:
            continue
        path, found = ("published", number, "where"), fitting(figure, plan)
        for key in figure.where:
            told_at(place, path, partial(lookup, known, key, "parameter that is varied"))
        if len(found) != 1:
            raise InvalidParameterError(
                f"{place(path)}: {quoted(figure.where)} is of "
                f"{f'{len(found)} candidates' if found else 'no candidate'}; expected one."
            )


def _judge(figure: PublishedFigure, name: str, results: Sequence[ModelResult]) -> Claim:
    values = [getattr(result, figure.split).get(figure.metric) for result in results]
    known = [value for value in values if value is not None]
    quantity = f"{figure.split} {_title(figure.metric)} of {name}"
    if not known:
        return Claim(quantity, figure.value, "–", judge(agrees=False), "There is no such figure here.")
    mean, reported = float(np.mean(known)), Reported(name, figure.split, figure.value)
    is_share = figure.metric in FIGURES and FIGURES[figure.metric].is_share
    tolerance = figure.tolerance
    if tolerance is None:
        tolerance = NEARLY if is_share else 2 * NEARLY * abs(reported.value)
    off = abs(mean - reported.value)
    what, is_sure = _name_figure(figure, reported, results) if not reported.equals(mean) else ("", False)
    agrees = off <= max(tolerance, reported.half_unit) and not is_sure
    digits = max(4, len(figure.value.partition(".")[2]))
    again = f" (mean of {len(known)})" if len(known) > 1 else ""
    text = f"They differ by {off:.{digits}f}; within {tolerance:.4g} counts as confirmed."
    if what:
        sure = "is" if is_sure else "may be"
        text = f"It is off by {off:.{digits}f}: to its last digit it {sure} the {what} of this model."
    return Claim(
        quantity,
        figure.value,
        f"{mean:.{digits}f}{again}",
        judge(agrees=agrees, is_refuted=is_sure),
        text,
        published_is=f"the {what}" if what and is_sure else "",
    )


def _title(metric: str) -> str:
    return FIGURES[metric].title if metric in FIGURES else metric.replace("_", " ")


def _name_figure(
    figure: PublishedFigure, reported: Reported, results: Sequence[ModelResult]
) -> tuple[str, bool]:
    """Return which other figure of the model a published one is to its last digit, and whether surely."""
    elsewhere = _figures_elsewhere(figure, results)
    if figure.metric == ACCURACY and len(results) == 1 and "confusion" in results[0].evidence:
        evidence = results[0].evidence
        if evidence["confusion_of"] == figure.split:
            row = _row(figure, reported, results[0])
            claims = Claims("published", (row,), {}, len(evidence["classes"]))
            slips = likeliest(slips_of(claims, row, elsewhere))
            if slips:
                names = name_slips(slips, dict(enumerate(evidence["classes"])))
                return names[0], slips[0].is_sure
            return "", False
    return next(((name, False) for name, value in elsewhere.items() if reported.equals(value)), ("", False))


def _figures_elsewhere(figure: PublishedFigure, results: Sequence[ModelResult]) -> dict[str, float]:
    """Return the other figures of a model by what they are called, the means of its trainings."""
    found = {}
    for split in ("train", "validation", "test"):
        for metric in getattr(results[0], split):
            values = [getattr(result, split).get(metric) for result in results]
            if (split, metric) != (figure.split, figure.metric) and None not in values:
                name = name_accuracy(split) if metric == ACCURACY and split != "test" else ""
                found[name or f"{split} {_title(metric)}"] = float(np.mean(values))
    return found


def _row(figure: PublishedFigure, reported: Reported, result: ModelResult) -> ReportedRow:
    confusion = np.array(result.evidence["confusion"], dtype=np.intp)
    return ReportedRow(
        reported, {key: str(value) for key, value in figure.where.items()}, confusion=confusion
    )


def published_claims(description: Description, plan: Plan, results: Sequence[ModelResult]) -> Claims:
    """Return the published accuracies for the doctor, with what is known of the samples and the answers."""
    rows: list[ReportedRow] = []
    splits: dict[str, Split] = {}
    classes: tuple[str, ...] = ()
    found: dict[str, list[ModelResult]] = group_by_candidate(plan, results)
    for figure in description.published:
        name = _candidate_of(figure, plan)
        if figure.metric != ACCURACY or not 0 <= float(figure.value) <= 1:
            continue
        label = name or "the best candidate"
        reported = Reported(label, figure.split, figure.value)
        known = found.get(name, [])
        evidence: dict[str, Any] = known[0].evidence if known else {}
        if evidence.get("confusion_of") == figure.split and "confusion" in evidence:
            confusion = np.array(evidence["confusion"], dtype=np.intp)
            totals = confusion.sum(axis=1)
            splits[figure.split] = Split(figure.split, np.arange(len(totals)).repeat(totals))
            classes = tuple(evidence["classes"])
            rows.append(_row(figure, reported, known[0]) if len(known) == 1 else ReportedRow(reported))
        else:
            rows.append(ReportedRow(reported))
    name = counted(len(rows), "published accuracy", "published accuracies")
    trained = {row.score.model: found.get(row.score.model, []) for row in rows}
    for label, known in trained.items():  # what a published figure may be instead
        if len(known) == 1 and (right := known[0].train.get(ACCURACY)) is not None:
            rows.append(ReportedRow(Reported(label, "train", repr(right))))
            name += "" if name.endswith("computed") else ", beside training accuracies that were computed"
    return Claims(name, tuple(rows), splits, len(classes) or None, classes)
