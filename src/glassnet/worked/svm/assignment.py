"""The assignment's two support-vector problems, solved, and their published answers, checked.

A2 gives the hyperplane w = (-2, 0), b = 5 and asks for its margin, its support vectors and the class of a new
point; A3 gives six points and asks for the hyperplane. The points and the published answers are in the folder
``sheets``; everything else is computed.
"""

from pathlib import Path
from typing import Any

from glassnet._common.claims import Claim
from glassnet.worked.problem_file import SHEETS
from glassnet.worked.svm.check import check_answer, parse_claims
from glassnet.worked.svm.model import LinearSVM
from glassnet.worked.svm.picture import draw_picture
from glassnet.worked.svm.points import PointSet, parse_points
from glassnet.worked.svm.svm import measure_margin, solve_svm

A2_W = ("-2", "0")
A2_B = "5"
A2_NEW = (("1", "3"),)
"""What A2 states: the hyperplane, and the point to classify."""


def solve_a2() -> LinearSVM:
    """Return A2's hyperplane, measured against its points."""
    return measure_margin(A2_W, A2_B, _points("a2"))


def solve_a3() -> LinearSVM:
    """Return the hyperplane that separates A3's points with the largest margin."""
    found = solve_svm(_points("a3"))
    assert isinstance(found, LinearSVM)
    return found


def read_answer(section: str) -> dict[str, Any]:
    """Return the published answer to a section, ``"a2"`` or ``"a3"``."""
    name = f"{section}-claims.toml"
    return parse_claims(SHEETS.joinpath(name).read_text(encoding="utf-8"), Path(name))


def check_a2() -> list[Claim]:
    """Return each statement of the published answer to A2, with what comes out and why."""
    return check_answer(solve_a2(), read_answer("a2"))


def check_a3() -> list[Claim]:
    """Return each statement of the published answer to A3, with what comes out and why."""
    return check_answer(solve_a3(), read_answer("a3"))


def draw_a2() -> str:
    """Draw A2 as the text of an ``svg`` element that brings its own style."""
    svm = solve_a2()
    return draw_picture(svm, svm.classify(A2_NEW), "svg").decode()


def draw_a3() -> str:
    """Draw A3 as the text of an ``svg`` element that brings its own style."""
    return draw_picture(solve_a3(), (), "svg").decode()


def _points(section: str) -> PointSet:
    name = f"{section}.csv"
    return parse_points(SHEETS.joinpath(name).read_text(encoding="utf-8"), Path(name))
