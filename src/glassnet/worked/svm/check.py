"""Check an answer to a support-vector problem, claim by claim."""

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from glassnet._common.claims import Claim, judge
from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted, shown
from glassnet._common.tables import parse_settings, read_text
from glassnet.errors import DataFileError, InvalidDataError
from glassnet.worked.svm._numbers import agrees, format_fraction, format_root, read_number
from glassnet.worked.svm.model import LinearSVM
from glassnet.worked.svm.points import format_point
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

_SIDES = {1: "+", -1: "-", 0: "0"}


def read_answer(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read an answer from a TOML, YAML or JSON file; numbers stay as they were written.

    Raises `DataFileError` for no such file, `UnknownNameError` for what is not in `STATEMENTS`.
    """
    path = Path(path)
    text = read_text(path, "file of claims", expected="one that ends in .toml, .yaml or .json")
    answer = parse_settings(text, path, numbers_as_text=True)
    if not isinstance(answer, dict) or not answer:
        raise DataFileError(f"{shown(path)} holds no claims; expected some of {', '.join(STATEMENTS)}.")
    for name, value in answer.items():
        keys = lookup(STATEMENTS, name, f"claim in {shown(path)}")
        tables = value if keys else []
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise DataFileError(
                f"{shown(path)}: {name} is a list of tables with {', '.join(keys)}; got {quoted(value)}."
            )
        for key in (key for table in tables for key in table):
            lookup(dict.fromkeys(keys), key, f"entry of {name} in {shown(path)}")
    return answer


def check_answer(svm: LinearSVM, answer: Mapping[str, Any]) -> list[Claim]:
    """Check an answer, any of the `STATEMENTS`, against a solved or measured machine.

    Raises `InvalidDataError` or `UnknownNameError` when an entry cannot be read or is missing.
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


def _claim(quantity: str, published: str, reproduced: str, *problems: str) -> Claim:
    """Return a claim that is wrong if there are problems, those that are not empty."""
    explanation = " ".join(filter(None, problems))
    verdict = judge(agrees=not explanation, is_refuted=bool(explanation))
    return Claim(quantity, published, reproduced, verdict, explanation)


def _check_plane(svm: LinearSVM, w: Any, b: Any) -> Claim:
    plane = svm.hyperplane
    exact: dict[str, Sequence[Fraction]] = {"w": plane.w, "b": (plane.b,)}
    stated = {"w": None if w is None else _as_list(w), "b": None if b is None else [b]}
    texts = {name: [str(value) for value in values] for name, values in stated.items() if values is not None}
    if len(texts.get("w", plane.w)) != len(plane.w):
        raise InvalidDataError(f"w has {len(texts['w'])} numbers in the claims; expected {len(plane.w)}.")
    pairs = [pair for name in texts for pair in zip(texts[name], exact[name], strict=True)]
    numbers = [(read_number(text, "w and b in the claims"), true) for text, true in pairs]
    return _claim(
        " and ".join(texts),
        _write_plane(texts),
        _write_plane({name: [format_fraction(value) for value in exact[name]] for name in texts}),
        "" if all(agrees(text, true) for text, true in pairs) else _explain_plane(numbers),
    )


def _write_plane(texts: Mapping[str, Sequence[str]]) -> str:
    numbers = {name: ", ".join(values) for name, values in texts.items()}
    return ", ".join(f"{name} = {f'({text})' if name == 'w' else text}" for name, text in numbers.items())


def _explain_plane(pairs: Sequence[tuple[Fraction, Fraction]]) -> str:
    """Say what numbers are, stated beside true ones, that are wrong."""
    if all(abs(s - t) <= NEARLY * max(Fraction(1), abs(t)) for s, t in pairs):
        return "Nearly: what a numerical solver leaves. The exact numbers are the ones beside it."
    if len(pairs) == 1:
        return "Another number."
    scale = next((s / t for s, t in pairs if t), Fraction(0))
    if not scale or any(s != scale * t for s, t in pairs):
        return "Another hyperplane."
    if scale == -1:
        return "The classes are exchanged: every sign is the opposite."
    exchanged = ", and with the classes exchanged" if scale < 0 else ""
    return f"The same direction, but {format_fraction(abs(scale))} times as long{exchanged}."


def _check_margin(svm: LinearSVM, text: str) -> Claim:
    margin, problem = svm.hyperplane.margin, ""
    if not agrees(text, margin):
        is_corridor = agrees(text, 2 * margin)
        corridor = "That is 2/||w||, the whole corridor; the margin is half of it."
        problem = corridor if is_corridor else "Neither 1/||w|| nor 2/||w||."
    reproduced = f"1/||w|| = {format_root(svm.hyperplane.norm_squared, inverse=True)}"
    return _claim("margin", text, reproduced, problem)


def _check_equation(svm: LinearSVM, table: Mapping[str, Any]) -> Claim:
    label = str(_entry(table, "label", "equation"))
    x = _read_point(svm, _entry(table, "x", "equation"), f"the equation {label}")
    value = read_number(_entry(table, "value", "equation"), f"the equation {label}")
    place, true = format_point(x), svm.hyperplane.value(x)
    found, named = _find(svm, x), _find(svm, label)
    problems = []
    if found is None:
        problems.append(f"None of the points is at {place}.")
    elif (place := svm.data.points[found].name) != label:
        problems.append(f"The coordinates are those of {place}, not of {label}.")
        if named is not None:
            note = "" if named in svm.on_margin else " and is no support vector"
            point, its_value = svm.data.points[named], format_fraction(svm.values[named])
            problems.append(f"{point} has the value {its_value}{note}.")
    if value != true:
        problems.append(f"w·x + b is {format_fraction(true)} there.")
    published, reproduced = f"{label}: {format_equation(x, value)}", f"{place}: {format_equation(x, true)}"
    return _claim(f"equation {label}", published, reproduced, *problems)


def _check_support_vectors(svm: LinearSVM, tables: Sequence[Mapping[str, Any]]) -> list[Claim]:
    claims, names, true = [], [], svm.name(svm.on_margin)
    for table in tables:
        if "point" in table:
            shown = str(table["point"])
            found = _find(svm, shown)
        else:
            x = _read_point(svm, _entry(table, "x", "support_vector"), "a support vector")
            shown, found = format_point(x), _find(svm, x)
        side = _read_side(svm, table["side"]) if "side" in table else None
        reproduced, problems = "none", ["There is no such point."]
        if found is not None:
            point, sign = svm.data.points[found], svm.signs[found]
            names.append(point.name)
            is_near = found in svm.on_margin
            reproduced = f"{point.name} on the side {_SIDES[sign]}{'' if is_near else ', not on the margin'}"
            value = f"w·x + b = {format_fraction(svm.values[found])}"
            problems = [
                f"{point} is on the side {_SIDES[sign]}: {value}." if side not in (None, sign) else "",
                f"{point} is not on the margin: {value}." if not is_near else "",
            ]
        published = shown if side is None else f"{shown} on the side {_SIDES[side]}"
        claims.append(_claim(f"support vector {shown}", published, reproduced, *problems))
    missing = ", ".join(name for name in true if name not in names)
    too_many = ", ".join(name for name in names if name not in true)
    problems = [f"Missing: {missing}." if missing else "", f"Too many: {too_many}." if too_many else ""]
    return [*claims, _claim("the set of support vectors", ", ".join(names), ", ".join(true), *problems)]


def _check_new_point(svm: LinearSVM, table: Mapping[str, Any]) -> Claim:
    (new,) = svm.classify([_as_list(_entry(table, "x", "new_point"))])
    side, true = _SIDES[_read_side(svm, _entry(table, "side", "new_point"))], _SIDES[new.sign]
    value = f"w·x + b = {format_fraction(svm.hyperplane.value(new.x))}"
    problem = "" if side == true else f"{value} there."
    return _claim(f"class of {format_point(new.x)}", side, f"{true}, {value}", problem)


def _find(svm: LinearSVM, wanted: str | tuple[Fraction, ...]) -> int | None:
    """Return the index of the point of a name or in a place."""
    return next((i for i, point in enumerate(svm.data.points) if wanted in (point.name, point.x)), None)


def _entry(table: Mapping[str, Any], key: str, statement: str) -> Any:
    if key not in table:
        raise InvalidDataError(f"a claimed {statement} has no {key}: {quoted(dict(table))}; add it.")
    return table[key]


def _as_list(x: Any) -> list[Any]:
    return list(x) if isinstance(x, list | tuple) else [x]


def _read_point(svm: LinearSVM, x: Any, where: str) -> tuple[Fraction, ...]:
    values, expected = tuple(read_number(value, where) for value in _as_list(x)), len(svm.data.features)
    if len(values) != expected:
        raise InvalidDataError(
            f"got {len(values)} coordinates in {where}; expected {expected}, one for each feature."
        )
    return values


def _read_side(svm: LinearSVM, side: Any) -> int:
    text = str(side).strip().replace("−", "-")
    sides = {"+": 1, "+1": 1, "1": 1, "-": -1, "-1": -1, svm.data.classes[0]: -1, svm.data.classes[1]: 1}
    return lookup(sides, text, "side")
