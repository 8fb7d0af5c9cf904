"""The grades of a class as plain values, for other programs."""

from typing import Any

from glassnet.classroom.grading.marking import Cell, CellStatus
from glassnet.classroom.grading.outcome import ClassGrades, Outcome
from glassnet.classroom.grading.words import Words
from glassnet.worked.grade.text import either


def grades_to_json(grades: ClassGrades, words: Words) -> dict[str, object]:
    """Return grades as dictionaries, lists, numbers and text."""
    return {
        "homework": grades.homework.name,
        "points": grades.rules.points,
        "students": [_student(grades, outcome, words) for outcome in grades.outcomes],
        "files": [
            {
                "file": file.submission.name,
                "student": file.submission.student.id if file.submission.student else "",
                "status": file.status,
                "why": file.trouble.why if file.trouble else "",
                "reason": words.trouble(file.trouble),
            }
            for file in grades.files
        ],
    }


def _student(grades: ClassGrades, outcome: Outcome, words: Words) -> dict[str, Any]:
    marked = outcome.marked
    first = marked.first_error if marked else None
    share = grades.rules.share
    return {
        "id": outcome.student.id,
        "status": outcome.status,
        "file": outcome.file.name if outcome.file else "",
        "points": outcome.points,
        "by_hand": bool(outcome.changes),
        "late": outcome.late,
        "fits": outcome.fits.id if outcome.fits else "",
        "cells": len(marked.cells) if marked else 0,
        "cell_points": sum(share(cell.status) for cell in marked.cells) if marked else 0.0,
        "missing": marked.count(CellStatus.MISSING) if marked else 0,
        "unreadable": marked.count(CellStatus.UNREADABLE) if marked else 0,
        "first_error": _cell(first, words) if first else None,
        "wrong": [_cell(c, words) for c in marked.cells if c.status in WRONG] if marked else [],
        "problems": [words.problem(each) for each in marked.problems] if marked else [],
    }


WRONG = (CellStatus.WRONG, CellStatus.ROUNDING)
"""What is wrong in itself."""


def _cell(cell: Cell, words: Words) -> dict[str, Any]:
    return {
        "step": cell.step,
        "quantity": cell.question.label,
        "written": cell.written,
        "expected": cell.expected,
        "causes": [cause.kind for cause in cell.causes],
        "text": either(cell.causes, words.code),
    }
