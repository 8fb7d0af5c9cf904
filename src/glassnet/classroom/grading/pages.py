"""The pages: what each student gets back, and what the instructor sees of the class."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from glassnet._common.pages import make_environment
from glassnet._common.quoting import shown
from glassnet.classroom.grading.gradebook import remark
from glassnet.classroom.grading.marking import Cell, CellStatus, Marked
from glassnet.classroom.grading.outcome import ClassGrades, File, FileStatus, Outcome, StudentStatus
from glassnet.classroom.grading.words import Words
from glassnet.worked import CauseKind
from glassnet.worked.grade.text import either

if TYPE_CHECKING:
    from jinja2 import Environment

WRONG = (CellStatus.WRONG, CellStatus.ROUNDING)

BINS = 10
"""Bars of the histogram."""

WIDTH, HEIGHT, LEFT = 600, 140, 20
"""Of the histogram, in units of its drawing."""

MOST_CELLS = 100
"""Cells that are listed one by one in the report; the feedback pages have all of them."""


@cache
def _environment() -> "Environment":
    return make_environment("glassnet.classroom.grading")


# -- one student --------------------------------------------------------------------------------------------


def render_feedback(grades: ClassGrades, outcome: Outcome, words: Words) -> str:
    """Return the page of a student, as HTML that fetches nothing."""
    marked = outcome.marked
    first = marked.first_error if marked else None
    causes = first.causes if first else ()
    known = [cause for cause in causes if cause.kind != CauseKind.UNKNOWN]
    kinds = list(dict.fromkeys(cause.kind for cause in causes))
    return (
        _environment()
        .get_template("feedback.html")
        .render(
            words=words,
            homework=grades.homework.name,
            student=outcome.student,
            outcome=outcome,
            most=grades.rules.points,
            first=first,
            cause=either(tuple(known), words.code),
            n_following=_following(marked, first) if marked and first else 0,
            reading=[words.of("reading", kind) for kind in kinds],
            steps=_by_step(marked, words) if marked else [],
            problems=[words.problem(each) for each in marked.problems] if marked else [],
            is_whole=marked is not None and not marked.count(CellStatus.MISSING, CellStatus.UNREADABLE),
        )
    )


def _following(marked: Marked, first: Cell) -> int:
    """Return how many answers after the first error follow rightly from what is wrong."""
    after = marked.cells[marked.cells.index(first) + 1 :]
    return sum(cell.status == CellStatus.CONSISTENT for cell in after)


def _by_step(marked: Marked, words: Words) -> list[tuple[int, list[tuple[Cell, str]]]]:
    steps: dict[int, list[tuple[Cell, str]]] = {}
    for cell in marked.cells:
        why = either(cell.causes, words.code) if cell.status in WRONG else ""
        steps.setdefault(cell.step, []).append((cell, why))
    return list(steps.items())


# -- the class ----------------------------------------------------------------------------------------------


def render_report(grades: ClassGrades, words: Words) -> str:
    """Return the page of the class, as HTML that fetches nothing."""
    points = [each.points for each in grades.outcomes if each.points is not None]
    return (
        _environment()
        .get_template("report.html")
        .render(
            words=words,
            homework=grades.homework.name,
            outcomes=grades.outcomes,
            n_graded=len(grades.with_status(StudentStatus.GRADED)),
            most=grades.rules.points,
            mean=round(mean(points), 2) if points else 0,
            median=round(median(points), 2) if points else 0,
            histogram=_histogram(points, grades.rules.points) if points else [],
            lines=_lines(grades.outcomes, words),
            causes=_causes(grades.outcomes),
            rows=[_row(grades, outcome, words) for outcome in grades.outcomes],
            files=[_file(file, words) for file in grades.files],
            **_lists(grades, words),
        )
    )


def _histogram(points: Sequence[float], most: float) -> list[dict[str, Any]]:
    counts = Counter(min(int(BINS * point / most), BINS - 1) for point in points)
    highest = max(counts.values())
    width = WIDTH / BINS
    return [
        {
            "x": LEFT + width * i,
            "width": width,
            "height": round(HEIGHT * counts[i] / highest, 1),
            "count": counts[i],
            "low": round(most * i / BINS, 2),
            "high": round(most * (i + 1) / BINS, 2),
        }
        for i in range(BINS)
    ]


def _lines(outcomes: Iterable[Outcome], words: Words) -> list[dict[str, Any]]:
    """Return how often each line goes wrong, in the order of the sheet; those that never do are left out."""
    first, wrong, missing = Counter[str](), Counter[str](), Counter[str]()
    order: dict[str, None] = {}
    steps = {cell.step for outcome in outcomes if outcome.marked for cell in outcome.marked.cells}
    for outcome in outcomes:
        if outcome.marked is None:
            continue
        error = outcome.marked.first_error
        for cell in outcome.marked.cells:
            name = (
                words("place", name=cell.question.label, step=cell.step)
                if len(steps) > 1
                else cell.question.label
            )
            order[name] = None
            first[name] += cell is error
            wrong[name] += cell.status in WRONG
            missing[name] += cell.status in (CellStatus.MISSING, CellStatus.UNREADABLE)
    highest = max(wrong.values(), default=0) or 1
    return [
        {
            "name": name,
            "first": first[name],
            "wrong": wrong[name],
            "missing": missing[name],
            "share": round(100 * wrong[name] / highest, 1),
        }
        for name in order
        if wrong[name] or missing[name]
    ]


def _causes(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    counts = Counter(
        cell.causes[0].kind
        for outcome in outcomes
        if outcome.marked
        for cell in outcome.marked.cells
        if cell.causes
    )
    highest = max(counts.values(), default=1)
    return [
        {"kind": kind, "count": count, "share": round(100 * count / highest, 1)}
        for kind, count in counts.most_common()
    ]


def _row(grades: ClassGrades, outcome: Outcome, words: Words) -> dict[str, str]:
    points = "" if outcome.points is None else words.number(outcome.points)
    said = remark(grades, outcome, words)
    return {"name": outcome.student.name, "id": outcome.student.id, "points": points, "remark": said}


def _file(file: File, words: Words) -> dict[str, str]:
    submission = file.submission
    student = submission.student.id if submission.student else ""
    return {
        "name": shown(submission.name),
        "student": student,
        "status": str(file.status),
        "reason": words.trouble(file.trouble),
    }


def _lists(grades: ClassGrades, words: Words) -> dict[str, list[str]]:
    """Return what the instructor should look at, in sentences."""

    def person(outcome: Outcome) -> str:
        return f"{outcome.student.name} ({outcome.student.id})"

    def files(status: FileStatus) -> list[str]:
        return [
            f"{shown(file.submission.name)}: {words.trouble(file.trouble)}"
            for file in grades.files_with(status)
        ]

    fits = [
        words(
            "fits_line",
            name=each.student.name,
            id=each.student.id,
            file=shown(each.file.name),
            other=each.fits.name,
            other_id=each.fits.id,
        )
        for each in grades.outcomes
        if each.fits is not None and each.file is not None
    ]
    cells = [
        f"{person(each)}: {words.problem(problem)}"
        for each in grades.outcomes
        if each.marked
        for problem in each.marked.problems
    ]
    changes = [
        f"{person(each)}: {change.quantity + ' ' if change.quantity else ''}{words.number(change.points)}"
        f"{' – ' + change.reason if change.reason else ''}"
        for each in grades.outcomes
        for change in each.changes
    ]
    return {
        "fits": fits,
        "unknown": files(FileStatus.UNKNOWN),
        "unreadable": files(FileStatus.UNREADABLE),
        "missing": [person(each) for each in grades.with_status(StudentStatus.MISSING)],
        "late": [person(each) for each in grades.outcomes if each.late],
        "double": files(FileStatus.DOUBLE),
        "beside": files(FileStatus.BESIDE),
        "cells": [*cells[:MOST_CELLS], *(["…"] if len(cells) > MOST_CELLS else [])],
        "changes": changes,
    }
