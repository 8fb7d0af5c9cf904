"""How answers make points: the table ``[grading]`` of a homework."""

import tomllib
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted, shown
from glassnet._common.tables import parse_settings, read_text
from glassnet.classroom.folder import Homework
from glassnet.classroom.grading.marking import CellStatus, Marked
from glassnet.errors import InvalidParameterError

FILE = "grading.toml"
"""In the folder of a homework: its table ``[grading]`` goes before that of the template."""

TABLE = "grading"


@dataclass(frozen=True)
class Rules:
    """Say what answers are worth.

    Attributes
    ----------
    points : float
        Of the whole exercise; all answers have the same share of them.
    consistent : float
        What is kept of an answer that follows rightly from an earlier wrong one, from 0 to 1.
    rounding : float
        What is kept of one that is wrong by its rounding alone.
    wrong : float
        What is kept of one that is wrong; missing ones have nothing.
    late : float
        Which share of the points a late sheet loses.
    deadline : str
        ``"2026-12-01 23:59"``, on this machine's clock; empty where only the course system's word counts.
    decimals : int
        To how many digits points are rounded.
    """

    points: float = 10.0
    consistent: float = 1.0
    rounding: float = 0.5
    wrong: float = 0.0
    late: float = 0.0
    deadline: str = ""
    decimals: int = 2

    def is_late(self, time: datetime | None) -> bool:
        """Say whether a file was changed after the deadline."""
        if not self.deadline or time is None:
            return False
        deadline = datetime.fromisoformat(self.deadline)
        return (time.astimezone(deadline.tzinfo) if deadline.tzinfo else time) > deadline

    def share(self, status: CellStatus) -> float:
        """Return what is kept of an answer."""
        kept = {
            CellStatus.RIGHT: 1.0,
            CellStatus.CONSISTENT: self.consistent,
            CellStatus.ROUNDING: self.rounding,
            CellStatus.WRONG: self.wrong,
        }
        return kept.get(status, 0.0)

    def points_of(self, marked: Marked, changed: dict[tuple[int, str], float], is_late: bool) -> float:
        """Return the points of a sheet; `changed` has shares of cells that were set by hand."""
        shares = [
            changed.get((cell.step, cell.question.label), self.share(cell.status)) for cell in marked.cells
        ]
        share = sum(shares) / len(shares)
        return round(self.points * share * (1 - self.late * is_late), self.decimals)


def read_rules(homework: Homework) -> Rules:
    """Return the rules of a homework: of its own file, else of its template, else the usual ones.

    Raises
    ------
    InvalidParameterError
        When a setting is unknown or out of its range.
    """
    content: Any = tomllib.loads(homework.template.text) if homework.template.text else {}
    path = homework.path / FILE
    where = f"the template {homework.template.name}"
    if path.is_file():
        content, where = parse_settings(read_text(path, "grading settings"), path), shown(path)
    table = content.get(TABLE, {}) if isinstance(content, dict) else None
    if not isinstance(table, dict):
        raise InvalidParameterError(f"{where} has {TABLE} = {quoted(table)}; expected a table: [{TABLE}].")
    return make_rules(table, where)


def make_rules(table: dict[str, Any], where: str) -> Rules:
    """Return rules from plain settings.

    Raises
    ------
    InvalidParameterError
    """
    known = {entry.name: entry for entry in fields(Rules)}
    for name, value in table.items():
        lookup(known, name, f"entry of [{TABLE}] in {where}")
        if name == "deadline":
            _check_deadline(value, where)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not _fits(name, value):
            most = {"points": "above 0 and up to 10000", "decimals": "a whole one from 0 to 4"}
            raise InvalidParameterError(
                f"got {name} = {quoted(value)} in [{TABLE}] of {where}; expected a number "
                f"{most.get(name, 'from 0 to 1')}."
            )
    return Rules(**table)


def _fits(name: str, value: float) -> bool:
    if name == "points":
        return 0 < value <= 10_000
    if name == "decimals":
        return isinstance(value, int) and 0 <= value <= 4
    return 0 <= value <= 1


def _check_deadline(value: Any, where: str) -> None:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidParameterError(
            f"got deadline = {quoted(value)} in [{TABLE}] of {where}; expected a text such as "
            '"2026-12-01 23:59".'
        ) from None
