"""Second, plain readings of files, which know nothing of glassnet's readers; and what both are compared as.

Each ``judge_...(value, path)`` says why a value is not what the file says; it is empty when it is.
"""

import csv
import gzip
import io
import json
import math
import re
import struct
import tomllib
import unicodedata
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

PLAIN_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
"""In the digits of any script."""


class Unreadable(Exception):
    """Say that the plain reading finds no such thing in a file."""


# -- IDX and model files ----------------------------------------------------------------------------------

IDX_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def judge_idx(value: Any, path: Path) -> str:
    """Compare with the numbers that follow the header, as NumPy takes them."""
    data = path.read_bytes()
    try:
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        zeros, code, n_dimensions = struct.unpack(">HBB", data[:4])
        shape = struct.unpack(f">{n_dimensions}I", data[4 : 4 + 4 * n_dimensions])
        array = np.frombuffer(data[4 + 4 * n_dimensions :], IDX_TYPES[code]).reshape(shape)
    except (OSError, EOFError, ValueError, KeyError, struct.error) as error:
        return f"it was accepted, and {type(error).__name__}: {error}"
    same = not zeros and value.shape == shape and value.astype(array.dtype).tobytes() == array.tobytes()
    return "" if same else "other numbers than those of the file"


def _safetensors(path: Path) -> tuple[dict[str, Any], bytes]:
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def sizes_of(path: Path) -> list[int]:
    """Return the units of each layer that a model file says, one of the present or of the first format."""
    outer, _ = _safetensors(path)
    header = json.loads(outer["__metadata__"]["glassnet"])
    if "sizes" in header:
        return list(header["sizes"])
    return [header["n_features_in"], *header["settings"]["A"], outer["classes"]["shape"][0]]


def tensor(path: Path, name: str) -> bytes:
    """Return the bytes of an array of a model file."""
    header, payload = _safetensors(path)
    start, stop = header[name]["data_offsets"]
    return payload[start:stop]


# -- what people write ------------------------------------------------------------------------------------


def read_tree(path: Path) -> Any:
    """Return what a file of any format holds, numbers as text; a key may stand there once."""
    import yaml

    text = path.read_bytes().decode("utf-8-sig")
    match path.suffix:
        case ".json":
            return json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_once_each)
        case ".toml":
            return tomllib.loads(text, parse_float=str)
        case ".csv":
            return _csv_rows(text)
    # libyaml, where it is there, takes a tab at the end of a line, as YAML 1.2 does
    node = yaml.compose(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    return None if node is None else _yaml_tree(node)


def _once_each(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise Unreadable("a key stands there twice")
    return dict(pairs)


def _yaml_tree(node: Any) -> Any:
    if isinstance(node.value, str):
        return node.value
    if node.id == "sequence":
        return [_yaml_tree(item) for item in node.value]
    return _once_each([(_yaml_tree(key), _yaml_tree(value)) for key, value in node.value])


def _csv_rows(text: str) -> list[dict[str, str]]:
    unified = io.StringIO(re.sub("\r\n?", "\n", text))
    before = csv.field_size_limit(len(text) + 1)
    try:
        lines = [[cell.strip() for cell in row] for row in csv.reader(unified, skipinitialspace=True)]
    finally:
        csv.field_size_limit(before)  # by which the readers go
    lines = [line for line in lines if any(line)]
    if any(len(line) != len(lines[0]) for line in lines):
        raise Unreadable("rows are of different lengths")
    return [_once_each(list(zip(lines[0], line, strict=True))) for line in lines[1:]]


def as_texts(tree: Any) -> Any:
    """Return a tree with every plain value as text."""
    if isinstance(tree, dict):
        return {str(key): as_texts(value) for key, value in tree.items()}
    return [as_texts(value) for value in tree] if isinstance(tree, list) else str(tree)


def _rows_of(tree: Any, key: str) -> list[dict[str, Any]]:
    rows = tree[key] if isinstance(tree, dict) else tree
    return [{str(name): value for name, value in row.items()} for row in rows]


def _number(value: Any) -> float:
    """Return a number as people write it in these formats."""
    text = str(value).strip()
    if PLAIN_NUMBER.fullmatch(text):
        return float(text)
    whole = re.fullmatch(r"[-+]?(0x[\da-fA-F_]+|0o[0-7_]+|0b[01_]+|[\d_]+)", text, re.ASCII)
    if not whole:
        raise Unreadable(f"{text[:40]!r} is no plain number")
    return float(int(text, 0))


def _numbers(value: Any) -> Any:
    return [_numbers(item) for item in value] if isinstance(value, list) else _number(value)


def _exact(value: Any) -> Fraction:
    return Fraction(str(value).strip().replace("−", "-"))


def _compare(value: Any, path: Path, expect: Any) -> str:
    try:
        expected = expect(read_tree(path))
    except Exception as error:  # whatever it is: the plain reading finds none
        return f"it was accepted, and the plain reading says {type(error).__name__}: {error}"
    if value == expected:
        return ""
    return f"read {str(value)[:300]}, and the plain reading is {str(expected)[:300]}"


def show_problem(problem: Any) -> dict[str, Any]:
    """Return the numbers of a problem, under the names that a file has for them."""
    parameters = problem.parameters
    return {
        "sizes": [float(size) for size in problem.architecture.sizes],
        "x": problem.X.tolist(),
        "y": problem.y.tolist(),
        "weights": [weight.tolist() for weight in parameters.weights],
        "biases": [bias.tolist() for bias in parameters.biases],
        "lr": float(problem.learning_rate),
        "alpha": float(problem.alpha),
        "batch_size": float(problem.batch_size),
        "steps": float(problem.n_steps),
        "digits": problem.digits and float(problem.digits),
        "names": problem.names,
        "name": problem.name,
        "frozen": list(problem.frozen),
    }


def judge_problem(value: Any, path: Path) -> str:
    """Compare every number that the file gives."""
    words = ("names", "name", "frozen")

    def expect(tree: Any) -> Any:
        given = {
            str(name): item
            for name, item in tree.items()
            if item not in (None, "", "null", "~", "Null", "NULL")
        }
        found = dict(value)
        for name in given.keys() & value.keys():
            found[name] = _numbers(given[name]) if name not in words else found[name]
        for name in ("x", "y"):  # a list of plain numbers is one sample for each
            rows = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [row if isinstance(row, list) else [row] for row in rows]
        return found

    return _compare(value, path, expect)


def show_sheet(sheet: Any) -> list[Any]:
    """Return the numbers of a sheet, each with its place."""
    return [
        (entry.quantity.step, entry.quantity.name, entry.index, Decimal(entry.text))
        for entry in sheet.entries
    ]


def judge_sheet(value: Any, path: Path) -> str:
    """Compare step, name, place and number of every row."""

    def expect(tree: Any) -> Any:
        found: list[Any] = []
        for row in _rows_of(tree, "rows"):
            row = {name.lower(): item for name, item in row.items()}
            name, _, index = str(row["quantity"]).strip().partition("[")
            places = tuple(int(place) for place in index.rstrip("]").split(",") if place.strip())
            for inner, number in _flat(row["value"]):
                text = str(number).strip().replace("−", "-")
                found.append((int(str(row["step"])), name.strip(), places + inner, Decimal(text)))
        return found

    return _compare(value, path, expect)


def _flat(value: Any, place: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], Any]]:
    if not isinstance(value, list):
        return [(place, value)]
    return [found for i, inner in enumerate(value, 1) for found in _flat(inner, (*place, i))]


def show_points(points: Any) -> list[Any]:
    """Return the points of a problem: names and exact coordinates."""
    return [(point.name, list(point.x)) for point in points.points]


def judge_points(value: Any, path: Path) -> str:
    """Compare the name, with what steers a text escaped, and every coordinate of each point."""

    def expect(tree: Any) -> Any:
        if path.suffix == ".csv":  # there, a line that begins with # says nothing
            tree = _csv_rows(re.sub("(?m)^#.*$", "", path.read_bytes().decode("utf-8-sig")))
        rows = _rows_of(tree, "points")
        others = [name for name in rows[0] if name.lower() not in ("name", "point", "class", "label", "y")]
        naming = next((name for name in rows[0] if name.lower() in ("name", "point")), None)
        spare = [name for name in rows[0] if name not in others][2:]  # a second column of labels
        return [
            (
                _escaped(str(row[naming])) if naming else str(number),
                [None if row[name] == "?" else _exact(row[name]) for name in [*others, *spare]],
            )
            for number, row in enumerate(rows, 1)
        ]

    return _compare(value, path, expect)


def judge_answer(value: Any, path: Path) -> str:
    """Compare every statement, as text."""
    return _compare(value, path, as_texts)


def show_claims(claims: Any) -> list[Any]:
    """Return the scores of a table: model, split, the number and how many runs."""
    return [(row.score.model, row.score.split, Decimal(row.score.text), row.runs) for row in claims.rows]


def judge_claims(value: Any, path: Path) -> str:
    """Compare model, split, score and number of runs of every row; names have what steers a text escaped."""

    def expect(tree: Any) -> Any:
        found = []
        for row in _rows_of(tree, "scores"):
            text = str(row["score"]).strip()
            number = Decimal(text.removesuffix("%").strip())
            share = number.scaleb(-2) if text.endswith("%") or number > 1 else number
            runs = next((row[n] for n in ("runs", "seeds", "folds") if row.get(n) not in (None, "")), None)
            found.append(
                (
                    _escaped(str(row["model"])),
                    _escaped(str(row["split"])),
                    share,
                    None if runs is None else int(_number(runs)),
                )
            )
        return found

    return _compare(value, path, expect)


def _escaped(text: str) -> str:
    """Write what Unicode calls controls, separators, halves of pairs and turns of direction as Python."""
    turns = ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")
    return "".join(
        sign.encode("unicode_escape", "surrogatepass").decode()
        if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(sign) in turns
        or sign == "\ufeff"
        else sign
        for sign in text
    )


# -- tables -----------------------------------------------------------------------------------------------


def _columns(path: Path, *, target: str | None) -> tuple[list[list[float]], list[str]]:
    rows = _csv_rows(path.read_bytes().decode("utf-8-sig"))
    names = list(rows[0]) if rows else [""]
    target = names[-1] if target is None else target
    X = [[_plain(row[name]) for name in names if name != target] for row in rows]
    return X, [row[target] for row in rows]


def _plain(text: str) -> float:
    if re.fullmatch(r"0[xX][\da-fA-F]+", text, re.ASCII):
        return float(int(text, 16))
    if text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return float(text)
    if not PLAIN_NUMBER.fullmatch(text):
        raise Unreadable(f"{text[:40]!r} is no plain number")
    return float(text)


def _judge_columns(value: Any, path: Path, target: str | None) -> str:
    X, y = value
    try:
        numbers, labels = _columns(path, target=target)
        expected = np.array(numbers, dtype=float)
    except Exception as error:  # whatever it is: the plain reading finds none
        return f"it was accepted, and the plain reading says {type(error).__name__}: {error}"
    if X.shape != expected.shape or not np.array_equal(X.astype(float), expected, equal_nan=True):
        return f"other numbers than the plain reading: {X.tolist()!s:.300} and {expected.tolist()!s:.300}"
    if len(y) != len(labels):
        return f"{len(y)} labels, and the plain reading has {len(labels)}"
    return next(
        (f"the label {a!r} is {b!r} in the file" for a, b in zip(y, labels, strict=True) if not _fits(a, b)),
        "",
    )


def _fits(label: Any, text: str) -> bool:
    if isinstance(label, str):
        return label.strip() == text
    if isinstance(label, bool | np.bool_):
        return text.lower() in (("true", "1") if label else ("false", "0"))
    try:
        number = _plain(text)
    except Unreadable:
        return False
    return bool(number == label) or (math.isnan(number) and math.isnan(label))


def judge_table(value: Any, path: Path) -> str:
    """Compare with the csv module and float, the labels being the last column."""
    return _judge_columns(value, path, None)


def judge_stream(value: Any, path: Path) -> str:
    """Compare with the csv module and float."""
    return _judge_columns(value, path, "kind")


def judge_parquet(value: Any, path: Path) -> str:
    """Compare with polars, which reads Parquet with code of its own."""
    import polars

    X, y = value
    try:
        frame = polars.read_parquet(path, use_pyarrow=False)
        expected = frame.drop("kind").cast(polars.Float64).to_numpy()
        labels = frame["kind"].to_numpy()
    except BaseException as error:  # its panics are no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        return f"it was accepted, and polars says {type(error).__name__}: {error}"
    same = X.shape == expected.shape and np.array_equal(X.astype(float), expected, equal_nan=True)
    same_labels = len(y) == len(labels) and np.array_equal(y.astype(str), labels.astype(str))
    return "" if same and same_labels else "other values than polars reads"
