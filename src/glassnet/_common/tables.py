"""Read what people write: settings in TOML, YAML or JSON, and tables in these or in CSV.

Files that glassnet writes itself, such as results and models, are read elsewhere.
"""

import csv
import io
import json
import os
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from glassnet._common.fields import without_twins
from glassnet._common.files import open_regular
from glassnet._common.limits import MOST_BYTES, MOST_DEPTH, MOST_VALUES, check_content, too_deep, too_many
from glassnet._common.quoting import listed, quoted, shorten, shown
from glassnet.errors import DataFileError


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
        with open_regular(path) as file:
            content = file.read(-1 if most_bytes is None else most_bytes + 1)
            size = max(
                os.fstat(file.fileno()).st_size, len(content)
            )  # what is in /proc says that it has none
    except FileNotFoundError:
        raise DataFileError(f"there is no {what} {quoted(str(path))}; expected {expected}.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataFileError(f"cannot read {shown(path)}: {reason}; expected {expected}.") from error
    if most_bytes is not None and len(content) > most_bytes:
        raise DataFileError(f"{shown(path)} has {size:,} bytes; expected a {what} of at most {most_bytes:,}.")
    try:
        return io.TextIOWrapper(io.BytesIO(content), "utf-8-sig").read()
    except UnicodeDecodeError:
        raise DataFileError(f"{shown(path)} is no text in UTF-8; save it as UTF-8.") from None


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
        When it is in another format, or beyond the limits of ``limits.py``.
    """
    parse_float: Any = str if numbers_as_text else float
    try:
        match path.suffix.lower():
            case ".toml":
                _check_toml(text, path)
                content: Any = tomllib.loads(text, parse_float=parse_float)
            case ".yaml" | ".yml":
                content = _parse_yaml(text, path, numbers_as_text)
            case ".json":
                _count(text, "[{,", path)
                content = json.loads(
                    text,
                    parse_float=parse_float,
                    parse_int=str if numbers_as_text else int,
                    object_pairs_hook=without_twins,
                )
            case _:
                raise DataFileError(
                    f"got {shown(path)}; expected a name that ends in .toml, .yaml, .yml or .json."
                )
    except RecursionError:
        raise too_deep(path) from None
    except ValueError as error:
        what = shorten(str(error), 200)
        raise DataFileError(f"{shown(path)} is not in the format of its name: {what}") from error
    check_content(content, path)
    return content


def _count(text: str, signs: str, path: Path) -> None:
    """Refuse a text with so many signs that begin or part values that no object is made for them."""
    if sum(map(text.count, signs)) > MOST_VALUES:
        raise too_many(path)


_TOML_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"""' r"|'''.*?'''" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'" r"|#[^\n]*", re.DOTALL
)


def _check_toml(text: str, path: Path) -> None:
    """Refuse too many values, and names of too many parts, which cost Python's reader their square."""
    bare = _TOML_TEXT.sub("''", text)
    _count(bare, "[{,=", path)
    if any(piece.count(".") > MOST_DEPTH for piece in re.split(r"[][{},=\n]", bare)):
        raise too_deep(path)


def _parse_yaml(text: str, path: Path, as_text: bool) -> Any:
    import yaml

    loader = _yaml_loader(as_text)
    try:
        _check_yaml(text, path, loader)
        return yaml.load(text, loader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _check_yaml(text: str, path: Path, loader: Any) -> None:
    """Count the values, those behind an alias each time that it is named; refuse tags of one's own."""
    import yaml

    sizes: dict[str, int] = {}  # values behind each anchor
    opened: list[
        tuple[str | None, int]
    ] = []  # the lists and mappings that are not closed: anchor, values before
    n_values = 0
    for event in yaml.parse(text, loader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in sizes:
                n_values += sizes[event.anchor]
            elif any(anchor == event.anchor for anchor, _ in opened):
                raise DataFileError(
                    f"{shown(path)} has a list or mapping that holds itself: {quoted(event.anchor)}."
                )
        elif isinstance(event, yaml.NodeEvent):
            if event.tag not in (None, "!"):
                raise DataFileError(
                    f"{shown(path)} has the tag {quoted(event.tag)}; expected plain values, lists and "
                    "mappings."
                )
            n_values += 1
            if isinstance(event, yaml.CollectionStartEvent):
                opened.append((event.anchor, n_values - 1))
            elif event.anchor is not None:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            if anchor is not None:
                sizes[anchor] = n_values - before
        if len(opened) > MOST_DEPTH:
            raise too_deep(path)
        if n_values > MOST_VALUES:
            raise too_many(path)


_YAML_NUMBERS = {
    "int": r"[-+]?(?:0b[01]+|0x[0-9a-fA-F]+|0[0-7]+|0|[1-9][0-9_]*)$",
    "float": r"[-+]?(?:(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?|\d[\d_]*[eE][-+]?\d+"
    r"|\.(?:inf|Inf|INF))$|\.(?:nan|NaN|NAN)$",
}
"""What is a number: also 1e-3, as in YAML 1.2 and for everybody, and not 1:30, which is 90 in YAML 1.1."""


@lru_cache(maxsize=2)
def _yaml_loader(as_text: bool) -> Any:
    """Return YAML's safe loader, with numbers as everybody writes them, and dates as text.

    The one in C where it is there, which is ten times as fast.
    """
    import yaml

    safe_loader: Any = (
        getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        if as_text
        else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )

    class Loader(safe_loader):  # type: ignore[misc]  # PyYAML has no types
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys: set[str] = set()
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in keys:
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {quoted(key.value)} is there twice", problem_mark=key.start_mark
                    )
                keys.add(key.value)
            return super().construct_mapping(node, deep=deep)

    if as_text:
        return Loader
    replaced = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "timestamp")}
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in replaced]
        for first, resolvers in safe_loader.yaml_implicit_resolvers.items()
    }
    for name, pattern in _YAML_NUMBERS.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(pattern), list("-+.0123456789"))
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
        _count(text, ",\n", path)
        return Table(_parse_csv_records(text, path, comments), {})
    content = parse_settings(text, path, numbers_as_text=True)
    settings = dict(content) if isinstance(content, dict) else {}
    rows = settings.pop(key, None) if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise DataFileError(f"{shown(path)} holds no list of {key}; expected one, of tables or mappings.")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataFileError(
                f"{shown(path)}, row {number}: got {quoted(row)}; expected names with values."
            )
        for name in row:
            if not isinstance(name, str):
                raise DataFileError(
                    f"{shown(path)}, row {number}: got the name {quoted(name)}; expected a text. Quote it."
                )
    return Table([Record(f"row {number}", row) for number, row in enumerate(rows, start=1)], settings)


def _parse_csv_records(text: str, path: Path, comments: bool) -> list[Record]:
    rows = parse_csv(text, path, comments=comments)
    header = rows[0][1] if rows else []
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
        raise DataFileError(f"{shown(path)} is no table in CSV: {error}.") from error
    rows = [(line, row) for line, row in rows if any(row)]
    for line, row in rows[1:]:
        if len(row) != len(rows[0][1]):
            raise DataFileError(
                f"{shown(path)}, row {line}: got {len(row)} cells; expected {len(rows[0][1])}: "
                f"{listed(rows[0][1])}. Write decimals with a point, and quote a cell that has a comma."
            )
    header = rows[0][1] if rows else []
    if len(set(header)) < len(header) or "" in header:
        raise DataFileError(
            f"{shown(path)} begins with {shown(','.join(header))}; expected the names of its "
            "columns there, each one once."
        )
    return rows
