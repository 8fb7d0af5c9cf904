"""A sheet's rows from the bytes of a file: CSV, TSV, XLSX or ODS; nothing in it is worked out or executed."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from glassnet._common.quoting import quoted
from glassnet.classroom.grading.troubles import NoSheetError, Why
from glassnet.errors import GlassnetError, MissingPackageError

MOST_BYTES = 2**21
"""Of one sheet: an answer table has a few thousand."""

MOST_ROWS, MOST_COLUMNS = 2_000, 30
"""Of a sheet."""

MOST_MEMBERS = 200
"""Files within a spreadsheet's file, which is an archive."""

MOST_UNPACKED, MOST_XML = 2**23, 2**21
"""Bytes of a spreadsheet when it is unpacked: of all its files together, and of each that is XML."""

HEADER = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
"""What no spreadsheet has, and with which a few lines of XML become gigabytes, or name other files."""

Rows = list[list[str]]


def read_rows(content: bytes, name: str) -> Rows:
    """Return the cells of a sheet as text, row by row.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file: its ending tells the format.

    Raises
    ------
    NoSheetError
        When it is in no such format, or beyond the limits.
    MissingPackageError
        When the reader of a spreadsheet is not installed.
    """
    ending = name.rpartition(".")[2].lower()
    if ending not in READERS:
        raise NoSheetError(Why.ENDING, got=quoted(ending), known=", ".join(READERS))
    if len(content) > MOST_BYTES:
        raise NoSheetError(Why.TOO_LONG, most=MOST_BYTES)
    rows = READERS[ending](content)
    if not any(map(any, rows)):
        raise NoSheetError(Why.EMPTY)
    return rows


# -- text ---------------------------------------------------------------------------------------------------


def _read_text(content: bytes) -> Rows:
    text = _decode(content)
    if "\0" in text:
        raise NoSheetError(Why.NO_TEXT)
    lines = text.splitlines()
    if len(lines) > MOST_ROWS:
        raise NoSheetError(Why.TOO_MANY_ROWS, most=MOST_ROWS)
    head = next((line for line in lines if line.strip()), "")
    delimiter = max("\t;,", key=head.count)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise NoSheetError(Why.NO_TABLE) from error
    if delimiter == ",":
        rows = [_with_commas(row) for row in rows]
    return [[cell.strip() for cell in row[:MOST_COLUMNS]] for row in rows if any(row)]


def _with_commas(row: list[str]) -> list[str]:
    """Put what a comma of a number or of an index has parted together: 1,W1[1,2],0,25 has three cells."""
    row = [cell.strip() for cell in row]
    opened = next((i for i, cell in enumerate(row) if "[" in cell and "]" not in cell), None)
    if opened is not None and any("]" in cell for cell in row[opened + 1 : opened + 3]):
        closed = next(i for i in range(opened + 1, len(row)) if "]" in row[i])
        row = [*row[:opened], ",".join(row[opened : closed + 1]), *row[closed + 1 :]]
    is_parted = len(row) == 4 and re.fullmatch(r"\W?\d+", row[2]) and re.fullmatch(r"\d+\W*", row[3])
    return [*row[:2], ",".join(row[2:])] if is_parted else row


def _decode(content: bytes) -> str:
    """Return text in UTF-8, in UTF-16 with its mark, or in the encoding of older spreadsheet programs."""
    has_mark = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NoSheetError(Why.ENCODING)


# -- spreadsheets -------------------------------------------------------------------------------------------


def _read_xlsx(content: bytes) -> Rows:
    _check_archive(content)
    openpyxl: Any = _module("openpyxl")
    with _reading():
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            cells = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
            rows = [[_text(cell) for cell in row] for row in cells]
        finally:
            book.close()
    return _checked(rows)


def _read_ods(content: bytes) -> Rows:
    _check_archive(content)
    opendocument: Any = _module("odf.opendocument", "odfpy")
    from odf.table import CoveredTableCell, Table, TableCell, TableRow

    with _reading():
        body = opendocument.load(io.BytesIO(content)).spreadsheet
        tables = body.getElementsByType(Table)
        rows: Rows = []
        for row in tables[0].getElementsByType(TableRow):
            cells: list[str] = []
            for cell in row.childNodes:
                if cell.qname in (TableCell().qname, CoveredTableCell().qname):
                    times = _times(cell.getAttribute("numbercolumnsrepeated"))
                    cells += [_text_of(cell)] * min(times, MOST_COLUMNS - len(cells))
            times = _times(row.getAttribute("numberrowsrepeated")) if any(cells) else 1
            rows += [cells] * min(times, MOST_ROWS + 1 - len(rows))
    return _checked(rows)


def _times(value: Any) -> int:
    return int(value) if re.fullmatch(r"\d{1,9}", str(value or "")) else 1


def _text_of(cell: Any) -> str:
    """Return a number with its digits, not as its format shows it; else the text."""
    if cell.getAttribute("valuetype") in ("float", "percentage", "currency"):
        return _text(float(cell.getAttribute("value")))
    if cell.getAttribute("valuetype") == "date":
        return str(cell.getAttribute("datevalue"))
    from odf import teletype

    return str(teletype.extractText(cell)).strip()


def _text(value: Any) -> str:
    """Return a cell as text: of a number the digits that a person may have typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value).strip()


def _checked(rows: Rows) -> Rows:
    if len(rows) > MOST_ROWS:
        raise NoSheetError(Why.TOO_MANY_ROWS, most=MOST_ROWS)
    return rows


def _check_archive(content: bytes) -> None:
    """Refuse what is no archive, unpacks to too much, or has XML that is more than it seems."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS or total > MOST_UNPACKED:
                raise NoSheetError(Why.UNPACKED, files=MOST_MEMBERS, most=MOST_UNPACKED)
            left = MOST_UNPACKED
            for member in members:
                with archive.open(member) as file:
                    unpacked = file.read(left + 1)
                left -= len(unpacked)
                if left < 0:
                    raise NoSheetError(Why.UNPACKED, files=MOST_MEMBERS, most=MOST_UNPACKED)
                if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_xml(unpacked)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as error:
        if isinstance(error, NoSheetError):
            raise
        raise NoSheetError(Why.NO_SPREADSHEET) from error


def _check_xml(content: bytes) -> None:
    if len(content) > MOST_XML:
        raise NoSheetError(Why.UNPACKED, files=MOST_MEMBERS, most=MOST_XML)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:64]:
        raise NoSheetError(Why.XML)
    if HEADER.search(content.decode("latin-1")):
        raise NoSheetError(Why.XML)


def _module(name: str, package: str = "") -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise MissingPackageError(
            f"reading this file needs {package or name}; expected it: pip install 'glassnet[classroom]'."
        ) from error


@contextmanager
def _reading() -> Iterator[None]:
    """Turn whatever a reader raises on a damaged file into one error; its warnings are about looks."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except GlassnetError:
        raise
    except Exception as error:
        raise NoSheetError(Why.SPREADSHEET) from error


READERS: dict[str, Callable[[bytes], Rows]] = {
    "csv": _read_text,
    "tsv": _read_text,
    "txt": _read_text,
    "xlsx": _read_xlsx,
    "ods": _read_ods,
}
"""How a sheet is read, by the ending of its file."""
