"""Check an answer to a support-vector problem, claim by claim."""

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from glassnet._common.claims import Claim, Verdict
from glassnet._common.naming import lookup
from glassnet._common.tables import parse_settings, read_text
from glassnet.errors import DataFileError, InvalidDataError
from glassnet.worked.svm._numbers import agrees, format_fraction, format_root, read_number
from glassnet.worked.svm.model import LinearSVM
from glassnet.worked.svm.points import Point, format_point
from glassnet.worked.svm.text import format_equation

STATEMENTS: dict[str, tuple[str, ...]] = {
    "w": (),
    "b": (),
    "margin": (),
    "support_vector": ("point", "x", "side"),
    "equation": ("label", "x", "value"),
    "new_point": ("x", "side"),
}
"""What an answer may state, and the entries of each statement that is a table."""

NEARLY = Fraction(1, 1000)
"""How far off, in relation to the number, is called what a numerical solver leaves."""


def read_answer(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read an answer from a TOML, YAML or JSON file; numbers stay as they were written.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    DataFileError
        When the file cannot be read or states nothing.
    UnknownNameError
        When it states something that is not in `STATEMENTS`.
    """
    path = Path(path)
    text = read_text(path, "file of claims", expected="one that ends in .toml, .yaml or .json")
    answer = parse_settings(text, path, numbers_as_text=True)
    if not isinstance(answer, dict) or not answer:
        raise DataFileError(f"{path} holds no claims; expected some of {', '.join(STATEMENTS)}.")
    for name, value in answer.items():
        keys = lookup(STATEMENTS, name, f"claim in {path}")
        tables = value if keys else []
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise DataFileError(f"{path}: {name} is a list of tables with {', '.join(keys)}; got {value!r}.")
        for table in tables:
            for key in table:
                lookup(dict.fromkeys(keys), key, f"entry of {name} in {path}")
    return answer


def check_answer(svm: LinearSVM, answer: Mapping[str, Any]) -> list[Claim]:
    """Check an answer against a solved or measured machine.

    Parameters
    ----------
    svm : LinearSVM
    answer : mapping
        What `read_answer` returns: any of ``w`` (list), ``b``, ``margin``, ``support_vector`` (tables of
        ``point`` or ``x``, and ``side``), ``equation`` (tables of ``label``, ``x`` and ``value``) and
        ``new_point`` (tables of ``x`` and ``side``).

    Returns
    -------
    list of Claim

    Raises
    ------
    InvalidDataError
        When a number or a side cannot be read, or an entry is missing.
    """
    claims: list[Claim] = []
    if "w" in answer or "b" in answer:
        claims.append(_check_plane(svm, answer.get("w"), answer.get("b")))
    if "margin" in answer:
        claims.append(_check_margin(svm, str(answer["margin"])))
    claims += [_check_equation(svm, table) for table in answer.get("equation", ())]
    if "support_vector" in answer:
        claims += _check_support_vectors(svm, answer["support_vector"])
    return claims + [_check_new_point(svm, table) for table in answer.get("new_point", ())]


def _claim(quantity: str, published: str, reproduced: str, problems: Sequence[str]) -> Claim:
    verdict = Verdict.WRONG if problems else Verdict.CONFIRMED
    return Claim(quantity, published, reproduced, verdict, " ".join(problems))


def _check_plane(svm: LinearSVM, w: Any, b: Any) -> Claim:
    plane = svm.hyperplane
    texts = [] if w is None else [str(value) for value in _as_list(w)]
    if w is not None and len(texts) != len(plane.w):
        raise InvalidDataError(f"w has {len(texts)} numbers in the claims; expected {len(plane.w)}.")
    true = [*(plane.w if w is not None else ()), *([plane.b] if b is not None else ())]
    texts += [str(b)] if b is not None else []
    stated = [read_number(text, "w and b in the claims") for text in texts]
    n_weights = 0 if w is None else len(plane.w)

    def write(numbers: Sequence[str]) -> str:
        weights = [f"w = ({', '.join(numbers[:n_weights])})"] if n_weights else []
        return ", ".join([*weights, *(f"b = {number}" for number in numbers[n_weights:])])

    is_right = all(agrees(text, value) for text, value in zip(texts, true, strict=True))
    return _claim(
        " and ".join(name for name, value in (("w", w), ("b", b)) if value is not None),
        write(texts),
        write([format_fraction(value) for value in true]),
        [] if is_right else [_explain_plane(stated, true)],
    )


def _explain_plane(stated: Sequence[Fraction], true: Sequence[Fraction]) -> str:
    pairs = list(zip(stated, true, strict=True))
    if all(abs(s - t) <= NEARLY * max(Fraction(1), abs(t)) for s, t in pairs):
        return "Nearly: what a numerical solver leaves. The exact numbers are the ones beside it."
    scale = next((s / t for s, t in pairs if t), Fraction(0))
    if len(true) > 1 and scale and all(s == scale * t for s, t in pairs):
        if scale == -1:
            return "The classes are exchanged: every sign is the opposite."
        exchanged = ", and with the classes exchanged" if scale < 0 else ""
        return f"The same direction, but {format_fraction(abs(scale))} times as long{exchanged}."
    return "Another hyperplane." if len(true) > 1 else "Another number."


def _check_margin(svm: LinearSVM, text: str) -> Claim:
    margin = svm.hyperplane.margin
    problems = []
    if not agrees(text, margin):
        is_corridor = agrees(text, 2 * margin)
        corridor = "That is 2/||w||, the whole corridor; the margin is half of it."
        problems.append(corridor if is_corridor else "Neither 1/||w|| nor 2/||w||.")
    reproduced = f"1/||w|| = {format_root(svm.hyperplane.norm_squared, inverse=True)}"
    return _claim("margin", text, reproduced, problems)


def _check_equation(svm: LinearSVM, table: Mapping[str, Any]) -> Claim:
    label = str(_entry(table, "label", "equation"))
    x = _read_point(svm, _entry(table, "x", "equation"), f"the equation {label}")
    value = read_number(_entry(table, "value", "equation"), f"the equation {label}")
    found, named = _find(svm, x), _find(svm, label)
    true = svm.hyperplane.value(x)
    problems = []
    if found is None:
        problems.append(f"None of the points is at {format_point(x)}.")
    elif found.name != label:
        problems.append(f"The coordinates are those of {found.name}, not of {label}.")
        if named is not None:
            note = "" if label in svm.name(svm.on_margin) else " and is no support vector"
            problems.append(f"{named} has the value {format_fraction(svm.hyperplane.value(named.x))}{note}.")
    if value != true:
        problems.append(f"w·x + b is {format_fraction(true)} there.")
    return _claim(
        f"equation {label}",
        f"{label}: {format_equation(x, value)}",
        f"{found.name if found else format_point(x)}: {format_equation(x, true)}",
        problems,
    )


def _check_support_vectors(svm: LinearSVM, tables: Sequence[Mapping[str, Any]]) -> list[Claim]:
    claims, names = [], []
    for table in tables:
        if "point" in table:
            shown = str(table["point"])
            point = _find(svm, shown)
        else:
            x = _read_point(svm, _entry(table, "x", "support_vector"), "a support vector")
            shown, point = format_point(x), _find(svm, x)
        side = _read_side(svm, table["side"]) if "side" in table else None
        if point is None:
            problems, reproduced = ["There is no such point."], "none"
        else:
            names.append(point.name)
            problems, reproduced = _judge_support_vector(svm, point, side)
        published = shown + (f" on the side {_show(side)}" if side is not None else "")
        claims.append(_claim(f"support vector {shown}", published, reproduced, problems))
    true = svm.name(svm.on_margin)
    problems = [
        f"{what}: {', '.join(those)}."
        for what, those in (
            ("Missing", [name for name in true if name not in names]),
            ("Too many", [name for name in names if name not in true]),
        )
        if those
    ]
    return [*claims, _claim("the set of support vectors", ", ".join(names), ", ".join(true), problems)]


def _judge_support_vector(svm: LinearSVM, point: Point, side: int | None) -> tuple[list[str], str]:
    index = svm.data.points.index(point)
    value, sign = f"w·x + b = {format_fraction(svm.values[index])}", svm.signs[index]
    problems = []
    if side is not None and side != sign:
        problems.append(f"{point} is on the side {_show(sign)}: {value}.")
    if index not in svm.on_margin:
        problems.append(f"{point} is not on the margin: {value}.")
    return problems, f"{point.name} on the side {_show(sign)}"


def _check_new_point(svm: LinearSVM, table: Mapping[str, Any]) -> Claim:
    (new,) = svm.classify([_as_list(_entry(table, "x", "new_point"))])
    side = _read_side(svm, _entry(table, "side", "new_point"))
    value = f"w·x + b = {format_fraction(svm.hyperplane.value(new.x))}"
    problems = [] if side == new.sign else [f"{value} there."]
    return _claim(f"class of {format_point(new.x)}", _show(side), f"{_show(new.sign)}, {value}", problems)


def _show(sign: int) -> str:
    return "+" if sign > 0 else "-" if sign < 0 else "0"


def _find(svm: LinearSVM, wanted: str | tuple[Fraction, ...]) -> Point | None:
    """Return the point of a name or in a place."""
    return next((point for point in svm.data.points if wanted in (point.name, point.x)), None)


def _entry(table: Mapping[str, Any], key: str, statement: str) -> Any:
    if key not in table:
        raise InvalidDataError(f"a claimed {statement} has no {key}: {dict(table)}; add it.")
    return table[key]


def _as_list(x: Any) -> list[Any]:
    return list(x) if isinstance(x, list | tuple) else [x]


def _read_point(svm: LinearSVM, x: Any, where: str) -> tuple[Fraction, ...]:
    values = tuple(read_number(value, where) for value in _as_list(x))
    if len(values) != len(svm.data.features):
        expected = len(svm.data.features)
        raise InvalidDataError(
            f"got {len(values)} coordinates in {where}; expected {expected}, one for each feature."
        )
    return values


def _read_side(svm: LinearSVM, side: Any) -> int:
    text = str(side).strip().replace("−", "-")
    sides = {"+": 1, "+1": 1, "1": 1, "-": -1, "-1": -1, svm.data.classes[0]: -1, svm.data.classes[1]: 1}
    return lookup(sides, text, "side")
