"""Read what people write: settings in TOML, YAML or JSON, and tables in these or in CSV.

Files that glassnet writes itself, such as results and models, are read elsewhere.
"""

import csv
import io
import json
import re
import stat
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from glassnet.errors import DataFileError

MOST_BYTES = 2**24
"""What is longer was not written by a person."""


def read_text(path: Path, what: str, *, expected: str = "a file", most_bytes: int | None = MOST_BYTES) -> str:
    """Return the text of a file.

    Parameters
    ----------
    path : Path
    what : str
        What is looked for, for the messages: ``"sheet"``.
    expected : str
        What there should be, for the message when there is no such file.
    most_bytes : int or None
        The size from which on it is refused; None reads any.

    Raises
    ------
    DataFileError
        When it is missing, no regular file, too long, or no text in UTF-8.
    """
    try:
        status = path.stat()
        is_regular = stat.S_ISREG(status.st_mode)
        is_short = most_bytes is None or status.st_size <= most_bytes
        text = path.read_text(encoding="utf-8-sig") if is_regular and is_short else ""
    except FileNotFoundError:
        raise DataFileError(f"there is no {what} {str(path)!r}; expected {expected}.") from None
    except UnicodeDecodeError:
        raise DataFileError(f"{path} is no text in UTF-8; save it as UTF-8.") from None
    except OSError as error:
        raise DataFileError(f"cannot read {path}: {error.strerror or error}.") from error
    if not is_regular:
        raise DataFileError(f"cannot read {path}: it is no regular file; expected {expected}.")
    if not is_short:
        raise DataFileError(
            f"{path} has {status.st_size:,} bytes; expected a {what} of at most {most_bytes:,}."
        )
    return text


def parse_settings(text: str, path: Path, *, numbers_as_text: bool = False) -> Any:
    """Parse TOML, YAML or JSON, told by the name of the file.

    Parameters
    ----------
    text : str
    path : Path
        For the format and the messages.
    numbers_as_text : bool
        Keep numbers with a point as they were written, ``"3.2100"``, for whoever wants to know their digits.

    Raises
    ------
    DataFileError
        When it is in another format.
    """
    import yaml

    parse_float: Any = str if numbers_as_text else float
    try:
        match path.suffix.lower():
            case ".toml":
                return tomllib.loads(text, parse_float=parse_float)
            case ".yaml" | ".yml":
                return yaml.load(text, yaml.BaseLoader if numbers_as_text else _yaml_loader())
            case ".json":
                return json.loads(text, parse_float=parse_float, parse_int=str if numbers_as_text else int)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise DataFileError(f"{path} is not in the format of its name: {error}") from error
    raise DataFileError(f"got {path}; expected a name that ends in .toml, .yaml, .yml or .json.")


@lru_cache(maxsize=1)
def _yaml_loader() -> Any:
    """Return YAML's safe loader, which takes 1e-3 for a number, as YAML 1.2 and everybody does."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
        pass

    power = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", power, list("-+.0123456789"))
    return Loader


class Record(NamedTuple):
    """Hold a row of a table, its cells by the names of their columns, and where it stands."""

    where: str
    cells: dict[str, Any]


class Table(NamedTuple):
    """Hold the rows of a table, and what the file states beside them."""

    records: list[Record]
    settings: dict[str, Any]


def parse_table(text: str, path: Path, key: str, *, comments: bool = False) -> Table:
    """Parse a table from CSV, TOML, YAML or JSON, told by the name of the file; numbers stay text.

    Parameters
    ----------
    text : str
        CSV has the names of the columns in its first row. The other formats have a list of tables or
        mappings, which is the whole file, or is there under `key`, perhaps beside other settings.
    path : Path
        For the format and the messages.
    key : str
        Of the list: ``"rows"``.
    comments : bool
        Whether lines of a CSV file that begin with # are left out.

    Raises
    ------
    DataFileError
        When it is no such table.
    """
    if path.suffix.lower() == ".csv":
        return Table(_parse_csv_records(text, path, comments), {})
    content = parse_settings(text, path, numbers_as_text=True)
    settings = dict(content) if isinstance(content, dict) else {}
    rows = settings.pop(key, None) if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise DataFileError(f"{path} holds no list of {key}; expected one, of tables or mappings.")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataFileError(f"{path}, row {number}: got {row!r}; expected names with values.")
    return Table([Record(f"row {number}", row) for number, row in enumerate(rows, start=1)], settings)


def _parse_csv_records(text: str, path: Path, comments: bool) -> list[Record]:
    rows = parse_csv(text, path, comments=comments)
    header = rows[0][1] if rows else []
    if len(set(header)) < len(header) or "" in header:
        raise DataFileError(
            f"{path} begins with {','.join(header)}; expected the names of its columns there, each one once."
        )
    return [Record(f"row {line}", dict(zip(header, row, strict=True))) for line, row in rows[1:]]


def parse_csv(text: str, path: Path, *, comments: bool = False) -> list[tuple[int, list[str]]]:
    """Return the rows of a CSV file that are not empty, all of one length, each with its place in the file.

    The first is at place 1, as a spreadsheet counts them. See `parse_table` for the parameters.
    """
    lines = ("\n" if comments and line.startswith("#") else line for line in io.StringIO(text))
    reader = csv.reader(lines, skipinitialspace=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise DataFileError(f"{path} is no table in CSV: {error}.") from error
    rows = [(line, row) for line, row in rows if any(row)]
    for line, row in rows[1:]:
        if len(row) != len(rows[0][1]):
            raise DataFileError(
                f"{path}, row {line}: got {len(row)} cells; expected {len(rows[0][1])}: "
                f"{', '.join(rows[0][1])}. Write decimals with a point, and quote a cell that has a comma."
            )
    return rows
