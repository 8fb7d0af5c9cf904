"""A person's own numbers: the sheet, as it is read from a CSV, YAML, TOML or JSON file."""

import math
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from glassnet._common.arrays import Array
from glassnet._common.limits import check_number_text
from glassnet._common.naming import lookup
from glassnet._common.quoting import listed, quoted, shown
from glassnet._common.tables import Record, parse_table, read_text
from glassnet._common.words import counted
from glassnet.errors import DataFileError, InvalidDataError, InvalidParameterError
from glassnet.worked._formula import Quantity
from glassnet.worked._numbers import round_half_up
from glassnet.worked.problem_file import A_FILE, BUILT_IN, SHEETS, read_settings

COLUMNS = ("step", "quantity", "value")
MOST_DECIMALS = 300
"""More digits after the point are nothing that float64 can tell from zero."""
NAME_WITH_INDEX = re.compile(r"(?P<name>[^\[\]]{1,100}?)\s*(?:\[(?P<index>[\d\s,]{1,100})\])?")


@dataclass(frozen=True)
class Entry:
    """Hold one number of a sheet.

    Attributes
    ----------
    quantity : Quantity
    index : tuple of int
        Row and column of an entry of a matrix, or its place in a row, counted from 1; empty for a number.
    text : str
        As it was written: its digits tell how it was rounded.
    where : str
        Where it stands, for messages.
    """

    quantity: Quantity
    index: tuple[int, ...]
    text: str
    where: str

    @property
    def number(self) -> Decimal:
        """Its value, with as many digits as were written."""
        return Decimal(self.text)

    @property
    def decimals(self) -> int:
        """How many digits stand after the point."""
        exponent = self.number.as_tuple().exponent
        assert isinstance(exponent, int)
        return max(-exponent, 0)

    @property
    def significant(self) -> int:
        """How many digits stand from the first that is not zero on, without the zeros of a whole number."""
        if not self.number:
            return 0
        digits = "".join(map(str, self.number.as_tuple().digits))
        return len(digits if self.decimals else digits.rstrip("0"))

    @property
    def label(self) -> str:
        """What it is called: ``W1[1,2]``."""
        index = f"[{','.join(map(str, self.index))}]" if self.index else ""
        return self.quantity.name + index

    def place(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return where in an array of a quantity's shape the entry belongs, counted from 0.

        Raises
        ------
        InvalidDataError
            When the quantity has no such entry.
        """
        index, n_missing = self.index, max(len(shape) - len(self.index), 0)
        if all(n == 1 for n in shape[:n_missing]):  # the only row need not be named
            index = (1,) * n_missing + index
        if len(index) != len(shape) or not all(1 <= i <= n for i, n in zip(index, shape, strict=True)):
            size = " x ".join(map(str, shape)) if shape else "one number"
            example = f", with entries such as {self.quantity.name}[1,1]" if shape else ""
            raise InvalidDataError(
                f"{self.where}: got {self.label} of step {self.quantity.step}; {self.quantity.name} is "
                f"{size}{example}."
            )
        return tuple(i - 1 for i in index)

    def pick(self, array: Array) -> float:
        """Return the number of a quantity's value that the entry stands for."""
        return float(array[self.place(array.shape)])

    def round(self, number: float) -> float:
        """Round a number to as many digits after the point as the entry was written with."""
        return round_half_up(number, self.decimals) if self.decimals else number


@dataclass(frozen=True)
class Sheet:
    """Hold the numbers that a person wrote, in their order.

    Attributes
    ----------
    name : str
    entries : tuple of Entry
    """

    name: str
    entries: tuple[Entry, ...]

    def __repr__(self) -> str:
        return f"<Sheet {self.name!r} of {len(self.entries)} numbers>"


def read_sheet(sheet: str | os.PathLike[str]) -> Sheet:
    """Read a sheet: rows of step, quantity and value.

    Parameters
    ----------
    sheet : str or path-like
        ``"assignment"`` or ``"textbook-sigmoid"``, whose answers are published; or a file: CSV with these
        three columns, or YAML, TOML or JSON with a list of such rows (in TOML under the name ``rows``). A
        value may be a matrix, as nested lists.

    Returns
    -------
    Sheet

    Raises
    ------
    DataFileError
        When there is no such file, or it holds no rows, or others than these.
    InvalidDataError
        When a cell cannot be read, named by row and column, when a quantity stands there twice, or when a
        problem that comes with the package has no published answer.
    """
    if str(sheet) in BUILT_IN:
        published = read_published_sheet(sheet)
        if published is None:
            having = [name for name in BUILT_IN if "published" in read_settings(name)]
            raise InvalidDataError(
                f"the problem {sheet} has no published answer to grade; expected {' or '.join(having)}, or a "
                f"file with your own numbers: glassnet grade mine.csv --problem {sheet}"
            )
        return published
    path = Path(sheet)
    return parse_sheet(read_text(path, "sheet", expected=A_FILE), path)


def read_published_sheet(problem: str | os.PathLike[str]) -> Sheet | None:
    """Return the sheet that a problem names as its published answer, or None."""
    name = read_settings(problem).get("published")
    if name is None:
        return None
    if not isinstance(name, str):
        raise InvalidParameterError(
            f"got published={quoted(name)}; expected the name of a file with a sheet."
        )
    if str(problem) in BUILT_IN:
        return parse_sheet(SHEETS.joinpath(name).read_text(encoding="utf-8"), Path(name))
    path = Path(problem).parent / name
    return parse_sheet(read_text(path, "sheet", expected=A_FILE), path)


def parse_sheet(text: str, path: Path) -> Sheet:
    """Read a sheet from text; `path` tells the format, and names it. See `read_sheet`."""
    records = parse_table(text, path, "rows").records
    entries = tuple(entry for record in records for entry in _read_row(record, path))
    if not entries:
        raise DataFileError(f"{shown(path)} holds no rows; expected some of {', '.join(COLUMNS)}.")
    seen: dict[tuple[Quantity, tuple[int, ...]], str] = {}
    for entry in entries:
        first = seen.setdefault((entry.quantity, entry.index), entry.where)
        if first != entry.where:
            raise InvalidDataError(
                f"{entry.where}: {entry.label} of step {entry.quantity.step} was already given in {first}; "
                "expected each quantity of a step once. Delete one of the two."
            )
    return Sheet(shown(path.stem), entries)


def check_quantities(sheet: Sheet, known: Collection[Quantity]) -> None:
    """Check that a problem has every quantity of a sheet.

    Parameters
    ----------
    sheet : Sheet
    known : collection of Quantity
        What the lines of the problem compute.

    Raises
    ------
    InvalidDataError
    """
    n_steps = max(quantity.step for quantity in known)
    for entry in sheet.entries:
        if entry.quantity.step > n_steps:
            raise InvalidDataError(
                f"{entry.where}: got step {entry.quantity.step}; the problem has {counted(n_steps, 'step')}."
            )
        if entry.quantity not in known:
            names = [quantity.name for quantity in known if quantity.step == entry.quantity.step]
            lookup(dict.fromkeys(sorted(names)), entry.quantity.name, f"quantity in {entry.where}:")


def _read_row(record: Record, path: Path) -> Iterator[Entry]:
    where, row = record.where, {name.lower(): value for name, value in record.cells.items()}
    if sorted(row) != sorted(COLUMNS):
        raise DataFileError(
            f"{shown(path)}, {where}: got {listed(record.cells)}; expected {', '.join(COLUMNS)}."
        )
    step, name = str(row["step"]).strip(), str(row["quantity"]).strip()
    if not re.fullmatch(r"[1-9]\d{0,8}", step):
        raise InvalidDataError(
            f"{where}, column step: got {quoted(step)}; expected a whole number of at least 1."
        )
    parts = NAME_WITH_INDEX.fullmatch(name)
    if parts is None:
        raise InvalidDataError(
            f"{where}, column quantity: got {quoted(name)}; expected a name such as z1, dL/dw1 or W1[1,2]."
        )
    quantity = Quantity(int(step), parts["name"])
    index = tuple(int(number) for number in (parts["index"] or "").split(",") if number.strip())
    for inner, value in _numbers_of(row["value"]):
        yield Entry(quantity, index + inner, _number_text(value, where), where)


def _numbers_of(value: Any, index: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Yield the numbers of nested lists, each with its place."""
    if not isinstance(value, list):
        yield index, value
        return
    for place, inner in enumerate(value, start=1):
        yield from _numbers_of(inner, (*index, place))


def _number_text(value: Any, where: str) -> str:
    text = str(value).strip().replace("−", "-")  # the minus sign of typeset text
    check_number_text(text, f"{where}, column value")
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    exponent = number.as_tuple().exponent
    is_usable = isinstance(exponent, int) and exponent >= -MOST_DECIMALS and math.isfinite(float(number))
    if not is_usable:
        raise InvalidDataError(
            f"{where}, column value: got {quoted(str(value))}; expected a finite number, such as -1.8788."
        )
    return text
