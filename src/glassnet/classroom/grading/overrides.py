"""Points that were set by hand: a table that the instructor edits, and that grading again leaves alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from glassnet._common.files import write_atomically
from glassnet._common.quoting import quoted, shown
from glassnet._common.tables import parse_table, read_text
from glassnet.classroom.students import Student
from glassnet.errors import InvalidDataError

COLUMNS = ("id", "step", "quantity", "points", "reason")


@dataclass(frozen=True)
class Override:
    """Hold one change by hand.

    Attributes
    ----------
    id : str
        Of the student.
    step : int
    quantity : str
        The answer that is changed; empty for the points of the whole sheet.
    points : float
        Of the sheet; of an answer its share, from 0 to 1.
    reason : str
    """

    id: str
    step: int
    quantity: str
    points: float
    reason: str


def read_overrides(
    path: Path, students: Sequence[Student], questions: Collection[tuple[int, str]]
) -> list[Override]:
    """Read the changes by hand; where there is no file yet, write an empty one.

    Parameters
    ----------
    path : Path
    students : sequence of Student
    questions : collection of (int, str)
        Step and label of every question.

    Raises
    ------
    DataFileError, InvalidDataError
        When a row cannot be meant; nothing is graded then.
    """
    if not path.exists():
        write_atomically(path, ",".join(COLUMNS) + "\n")
        return []
    ids = {student.id.casefold(): student.id for student in students}
    found = []
    for where, cells in parse_table(read_text(path, "overrides"), path.with_suffix(".csv"), "rows").records:
        row = {name.strip().lower(): str(value or "").strip() for name, value in cells.items()}
        if missing := [name for name in ("id", "points") if name not in row]:
            raise InvalidDataError(
                f"{shown(path)} has no column {missing[0]}; expected {', '.join(COLUMNS)}."
            )
        id, quantity, step = row["id"], row.get("quantity", ""), row.get("step", "")
        if id.casefold() not in ids:
            raise InvalidDataError(f"{shown(path)}, {where}: nobody has the id {quoted(id)}.")
        points = _number(row["points"], f"{shown(path)}, {where}", 1.0 if quantity else 10_000.0)
        place = int(step) if step.isdecimal() and len(step) < 5 else 1
        if quantity and (place, quantity) not in questions:
            raise InvalidDataError(
                f"{shown(path)}, {where}: {quoted(quantity)} of step {quoted(step)} was not asked for."
            )
        found.append(
            Override(ids[id.casefold()], place if quantity else 0, quantity, points, row.get("reason", ""))
        )
    return found


def _number(text: str, where: str, most: float) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number <= most:
        raise InvalidDataError(f"{where}: got points {quoted(text)}; expected a number from 0 to {most:g}.")
    return number
