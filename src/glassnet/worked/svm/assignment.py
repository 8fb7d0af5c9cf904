"""The assignment's two support-vector problems, and their published answers.

A2 gives the hyperplane w = (-2, 0), b = 5 and asks for its margin, its support vectors and the class of a new
point; A3 gives six points and asks for the hyperplane. The points and the published answers are in the folder
``sheets``; everything else is computed.
"""

from pathlib import Path
from typing import Any

from glassnet.worked.svm.check import read_answer
from glassnet.worked.svm.model import LinearSVM
from glassnet.worked.svm.points import read_points
from glassnet.worked.svm.solve import measure_margin, solve_svm

SHEETS = Path(__file__).with_name("sheets")

A2_NEW = (("1", "3"),)
"""The point that A2 asks to classify."""


def solve_a2() -> LinearSVM:
    """Return A2's hyperplane, measured against its points."""
    return measure_margin([-2, 0], 5, read_points(SHEETS / "a2.csv"))


def solve_a3() -> LinearSVM:
    """Return the hyperplane that separates A3's points with the largest margin."""
    found = solve_svm(read_points(SHEETS / "a3.csv"))
    assert isinstance(found, LinearSVM)
    return found


def read_published(section: str) -> dict[str, Any]:
    """Return the published answer to a section, ``"a2"`` or ``"a3"``."""
    return read_answer(SHEETS / f"{section}-claims.toml")
