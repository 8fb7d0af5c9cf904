"""Check an answer to a support-vector problem, claim by claim."""

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from glassnet._common.claims import Claim, Verdict
from glassnet._common.naming import lookup
from glassnet.errors import DataFileError, FileError, InvalidDataError
from glassnet.worked.problem_file import parse_text, read_text
from glassnet.worked.svm._expression import agrees
from glassnet.worked.svm._rational import format_fraction, format_inverse_root, read_number
from glassnet.worked.svm.model import LinearSVM
from glassnet.worked.svm.points import Point, format_point
from glassnet.worked.svm.text import format_equation

CLAIMS: dict[str, tuple[str, ...]] = {
    "w": (),
    "b": (),
    "margin": (),
    "support_vector": ("point", "x", "side"),
    "equation": ("label", "x", "value"),
    "new_point": ("x", "side"),
}
"""What an answer may claim, and the entries of each claim that is a table."""

_SCALES = {1: "1/||w||", 2: "2/||w||, the whole corridor; the margin is half of it"}


def read_claims(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read an answer from a TOML, YAML or JSON file; numbers stay as they were written.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    DataFileError, FileError
        When the file cannot be read or holds no claims.
    UnknownNameError
        When it claims something that is not in `CLAIMS`.
    """
    path = Path(path)
    if not path.exists():
        raise FileError(
            f"there is no file of claims {str(path)!r}; expected one that ends in .toml, .yaml or .json."
        )
    return parse_claims(read_text(path, "file of claims"), path)


def parse_claims(text: str, path: Path) -> dict[str, Any]:
    """Read an answer from the text of a file, see `read_claims`."""
    claims = parse_text(text, path, numbers_as_text=True)
    if not isinstance(claims, dict) or not claims:
        raise DataFileError(f"{path} holds no claims; expected some of {', '.join(CLAIMS)}.")
    for name, value in claims.items():
        keys = lookup(dict(CLAIMS), name, f"claim in {path}")
        tables = value if keys else []
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise DataFileError(f"{path}: {name} is a list of tables with {', '.join(keys)}; got {value!r}.")
        for table in tables:
            for key in table:
                lookup(dict.fromkeys(keys), key, f"entry of {name} in {path}")
    return claims


def check_answer(svm: LinearSVM, claims: Mapping[str, Any]) -> list[Claim]:
    """Check an answer against a solved or measured machine.

    Parameters
    ----------
    svm : LinearSVM
    claims : mapping
        What `read_claims` returns: any of ``w`` (list), ``b``, ``margin``, ``support_vector`` (tables of
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
    checked: list[Claim] = []
    if "w" in claims or "b" in claims:
        checked.append(_check_plane(svm, claims.get("w"), claims.get("b")))
    if "margin" in claims:
        checked.append(_check_margin(svm, str(claims["margin"])))
    checked += [_check_equation(svm, table) for table in claims.get("equation", ())]
    if "support_vector" in claims:
        checked += _check_support_vectors(svm, claims["support_vector"])
    return checked + [_check_new_point(svm, table) for table in claims.get("new_point", ())]


def _check_plane(svm: LinearSVM, w: Any, b: Any) -> Claim:
    plane = svm.hyperplane
    texts = [str(value) for value in (w if isinstance(w, list) else [] if w is None else [w])]
    if w is not None and len(texts) != len(plane.w):
        raise InvalidDataError(f"w has {len(texts)} numbers in the claims; expected {len(plane.w)}.")
    true = [*(plane.w if w is not None else ()), *([plane.b] if b is not None else [])]
    texts += [str(b)] if b is not None else []
    claimed = [read_number(text, "w and b in the claims") for text in texts]
    quantity = "w and b" if w is not None and b is not None else "w" if w is not None else "b"
    published = _format_plane(texts, w is not None, b is not None)
    reproduced = _format_plane([format_fraction(value) for value in true], w is not None, b is not None)
    if all(agrees(text, value) for text, value in zip(texts, true, strict=True)):
        return Claim(quantity, published, reproduced, Verdict.CONFIRMED, "")
    return Claim(quantity, published, reproduced, Verdict.WRONG, _explain_plane(claimed, true))


def _format_plane(texts: Sequence[str], has_w: bool, has_b: bool) -> str:
    w = texts[:-1] if has_b else texts
    parts = [f"w = ({', '.join(w)})"] if has_w else []
    return ", ".join(parts + ([f"b = {texts[-1]}"] if has_b else []))


def _explain_plane(claimed: Sequence[Fraction], true: Sequence[Fraction]) -> str:
    if all(
        abs(c - t) <= Fraction(1, 1000) * max(Fraction(1), abs(t)) for c, t in zip(claimed, true, strict=True)
    ):
        return "Nearly: what a numerical solver leaves. The exact numbers are the ones beside it."
    scale = next((c / t for c, t in zip(claimed, true, strict=True) if t), Fraction(0))
    if len(true) > 1 and scale and all(c == scale * t for c, t in zip(claimed, true, strict=True)):
        if scale == -1:
            return "The classes are exchanged: every sign is the opposite."
        exchanged = ", and with the classes exchanged" if scale < 0 else ""
        return f"The same direction, but {format_fraction(abs(scale))} times as long{exchanged}."
    return "Another hyperplane." if len(true) > 1 else "Another number."


def _check_margin(svm: LinearSVM, text: str) -> Claim:
    margin = svm.hyperplane.margin
    reproduced = f"1/||w|| = {format_inverse_root(svm.hyperplane.norm_squared)}"
    factor = next((factor for factor in _SCALES if agrees(text, factor * margin)), None)
    if factor == 1:
        return Claim("margin", text, reproduced, Verdict.CONFIRMED, "")
    explanation = f"That is {_SCALES[factor]}." if factor else "Neither 1/||w|| nor 2/||w||."
    return Claim("margin", text, reproduced, Verdict.WRONG, explanation)


def _check_equation(svm: LinearSVM, table: Mapping[str, Any]) -> Claim:
    label = str(_entry(table, "label", "equation"))
    x = _read_point(svm, _entry(table, "x", "equation"), f"the equation {label}")
    value = read_number(_entry(table, "value", "equation"), f"the equation {label}")
    found = next((point for point in svm.data.points if point.x == x), None)
    named = _find_named(svm, label)
    published = f"{label}: {format_equation(x, value)}"
    true = svm.hyperplane.value(x)
    reproduced = f"{found.name if found else format_point(x)}: {format_equation(x, true)}"
    problems = []
    if found is None:
        problems.append(f"None of the points is at {format_point(x)}.")
    elif found.name != label:
        problems.append(f"The coordinates are those of {found.name}, not of {label}.")
        if named is not None:
            own = svm.hyperplane.value(named.x)
            problems.append(f"{named} has the value {format_fraction(own)}{_margin_note(svm, named)}.")
    if not agrees(str(value), true, svm.tolerance):
        problems.append(f"w·x + b is {format_fraction(true)} there.")
    return _checked(f"equation {label}", published, reproduced, problems)


def _check_support_vectors(svm: LinearSVM, tables: Sequence[Mapping[str, Any]]) -> list[Claim]:
    checked, claimed = [], []
    for table in tables:
        point = _find_point(svm, table)
        shown = str(table.get("point", "")) or format_point(_read_point(svm, table["x"], "a support vector"))
        side = _read_side(svm, _entry(table, "side", "support vector")) if "side" in table else None
        published = shown + (f" on the side {_show(side)}" if side is not None else "")
        if point is None:
            problems, reproduced = ["There is no such point."], "none"
        else:
            claimed.append(point)
            problems, reproduced = _judge_support_vector(svm, point, side)
        checked.append(_checked(f"support vector {shown}", published, reproduced, problems))
    names = [point.name for point in claimed]
    true = [svm.data.points[i].name for i in svm.on_margin]
    missing = [name for name in true if name not in names]
    problems = [f"Missing: {', '.join(missing)}."] if missing else []
    problems += (
        [f"Too many: {', '.join(n for n in names if n not in true)}."] if set(names) - set(true) else []
    )
    return [*checked, _checked("the set of support vectors", ", ".join(names), ", ".join(true), problems)]


def _judge_support_vector(svm: LinearSVM, point: Point, side: int | None) -> tuple[list[str], str]:
    index = svm.data.points.index(point)
    value, sign = svm.values[index], svm.signs[index]
    problems = []
    if side is not None and side != sign:
        problems.append(f"{point} is on the side {_show(sign)}: w·x + b = {format_fraction(value)}.")
    if index not in svm.on_margin:
        problems.append(f"{point} is not on the margin: w·x + b = {format_fraction(value)}.")
    return problems, f"{point.name} on the side {_show(sign)}"


def _check_new_point(svm: LinearSVM, table: Mapping[str, Any]) -> Claim:
    (new,) = svm.classify([_as_list(_entry(table, "x", "new_point"))])
    side = _read_side(svm, _entry(table, "side", "new_point"))
    value = format_fraction(svm.hyperplane.value(new.x))
    where = format_point(new.x)
    problems = [] if side == new.sign else [f"w·x + b = {value} there."]
    return _checked(f"class of {where}", _show(side), f"{_show(new.sign)}, w·x + b = {value}", problems)


def _checked(quantity: str, published: str, reproduced: str, problems: Sequence[str]) -> Claim:
    verdict = Verdict.WRONG if problems else Verdict.CONFIRMED
    return Claim(quantity, published, reproduced, verdict, " ".join(problems))


def _margin_note(svm: LinearSVM, point: Point) -> str:
    on_margin = svm.data.points.index(point) in svm.on_margin
    return "" if on_margin else " and is no support vector"


def _show(sign: int) -> str:
    return "+" if sign > 0 else "-" if sign < 0 else "0"


def _find_named(svm: LinearSVM, name: str) -> Point | None:
    return next((point for point in svm.data.points if point.name == name), None)


def _find_point(svm: LinearSVM, table: Mapping[str, Any]) -> Point | None:
    if "point" in table:
        return _find_named(svm, str(table["point"]))
    x = _read_point(svm, _entry(table, "x", "support_vector"), "a support vector")
    return next((point for point in svm.data.points if point.x == x), None)


def _entry(table: Mapping[str, Any], key: str, claim: str) -> Any:
    if key not in table:
        raise InvalidDataError(f"a claimed {claim} has no {key}: {dict(table)}; add it.")
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
