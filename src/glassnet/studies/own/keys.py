"""Check what a study's file may say, key by key: every mistake is one message with its key, and its line."""

from collections.abc import Callable, Mapping
from math import isfinite, prod
from typing import Any

from glassnet._common.naming import lookup
from glassnet._common.places import Path, Place, refuse, told_at
from glassnet._common.quoting import quoted, shown
from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.studies.own.description import (
    DataPart,
    MetricPart,
    PublishedFigure,
    Range,
    SearchPart,
    SplitPart,
)
from glassnet.studies.own.figures import FIGURES
from glassnet.studies.own.importing import is_import_path

MOST_MODELS = 20_000
"""Of a study: each has a folder of its own."""

SPLITS = ("test", "validation", "train")

Check = Callable[[Any, Path, Place], Any]


def is_word(text: str) -> bool:
    """Tell whether a text can be the name of a folder."""
    return bool(text) and all(c.isascii() and (c.isalnum() or c in "-_.") for c in text) and text[0].isalnum()


def text_of(value: Any, path: Path, place: Place) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise refuse(value, path, place, "a text in quotation marks")
    return value


def _truth(value: Any, path: Path, place: Place) -> bool:
    if not isinstance(value, bool):
        raise refuse(value, path, place, "true or false")
    return value


def whole(least: int, most: int = 2**32 - 1) -> Check:
    """Return what checks that a value is a whole number between two others."""

    def check(value: Any, path: Path, place: Place) -> int:
        if type(value) is not int or not least <= value <= most:
            raise refuse(value, path, place, f"a whole number from {least:,} to {most:,}")
        return value

    return check


def _share(value: Any, path: Path, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise refuse(value, path, place, "a part from 0 up to, not including, 1, such as 0.2")
    return float(value)


def _texts(value: Any, path: Path, place: Place) -> list[str]:
    if not isinstance(value, list | tuple):
        raise refuse(value, path, place, "a list of texts")
    return [text_of(one, (*path, i), place) for i, one in enumerate(value)]


def _mapping(value: Any, path: Path, place: Place) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise refuse(value, path, place, f"a table of names with values, [{path[-1]}]")
    return dict(value)


def take_keys(value: Any, checks: Mapping[str, Check], path: Path, place: Place) -> dict[str, Any]:
    """Return the values of a table, each checked.

    Raises
    ------
    UnknownNameError
        When it has a key that is none of `checks`.
    """
    found = {}
    for key, item in _mapping(value, path or ("",), place).items():
        try:
            check = lookup(checks, key, "key")
        except UnknownNameError as error:
            raise UnknownNameError(f"{place((*path, key))}: {error}") from None
        found[key] = check(item, (*path, key), place)
    return found


def plain_values(value: Any, path: Path, place: Place) -> Any:
    """Return values as JSON gives them back: what is written into the run folder has to be the same."""
    if isinstance(value, Mapping):
        return {str(key): plain_values(item, (*path, str(key)), place) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item, (*path, i), place) for i, item in enumerate(value)]
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    raise refuse(value, path, place, "a text, a finite number, true or false, or a list of these")


_DATA: dict[str, Check] = {
    **dict.fromkeys(("source", "target", "images", "labels", "test_images", "test_labels"), text_of),
    "drop": _texts,
    "rows": whole(10),
}
_SPLIT: dict[str, Check] = {"test": _share, "validation": _share, "folds": whole(2, 50)}


def _seeds(value: Any, path: Path, place: Place) -> list[int]:
    if type(value) is int:
        return list(range(whole(1, MOST_MODELS)(value, path, place)))
    if not isinstance(value, list | tuple) or not value or len(set(map(repr, value))) < len(value):
        raise refuse(value, path, place, "a number of seeds, or a list of different ones")
    return [whole(0)(one, (*path, i), place) for i, one in enumerate(value)]


def _vary(value: Any, path: Path, place: Place) -> dict[str, list[Any]]:
    grid = {}
    for name, values in _mapping(value, path, place).items():
        if not isinstance(values, list | tuple) or not values:
            raise refuse(values, (*path, name), place, "a list of the values to try")
        grid[name] = list(values)
    if (n := prod(map(len, grid.values()))) > MOST_MODELS:
        widest = max(grid, key=lambda name: len(grid[name]))
        raise InvalidParameterError(
            f"{place((*path, widest))}: the grid has {n:,} combinations, {len(grid[widest]):,} values of "
            f"{shown(widest)}; expected {MOST_MODELS:,} at most."
        )
    return grid


def _candidates(value: Any, path: Path, place: Place) -> list[dict[str, Any]]:
    if not isinstance(value, list | tuple) or not value:
        raise refuse(value, path, place, "a list of tables, [[candidates]]")
    if len(value) > MOST_MODELS:
        raise InvalidParameterError(f"{place(path)}: got {len(value):,}; expected {MOST_MODELS:,} at most.")
    return [_mapping(one, (*path, i), place) for i, one in enumerate(value)]


def _metrics(value: Any, path: Path, place: Place) -> list[MetricPart]:
    if not isinstance(value, list | tuple) or not value:
        raise refuse(value, path, place, 'a list of figures of merit, such as ["accuracy"]')
    parts = [read_metric(one, (*path, i), place) for i, one in enumerate(value)]
    names = [part.name for part in parts]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidParameterError(f"{place(path)}: {quoted(twice)} is there twice; expected each once.")
    return parts


def read_metric(value: Any, path: Path, place: Place) -> MetricPart:
    """Return the figure of merit that an entry of `metrics` names."""
    given = {"function": value} if isinstance(value, str) else value
    checks: dict[str, Check] = {"function": text_of, "name": text_of, "less_is_better": _truth}
    said = take_keys(given, checks, path, place)
    function = said.get("function", "")
    if is_import_path(function):
        return MetricPart(
            said.get("name", function.partition(":")[2]), function, said.get("less_is_better", False)
        )
    figure = told_at(place, path, lambda: lookup(FIGURES, function, "figure of merit (or module:function)"))
    return MetricPart(figure.name, "", figure.less_is_better)


def _published(value: Any, path: Path, place: Place) -> list[PublishedFigure]:
    if not isinstance(value, list | tuple):
        raise refuse(value, path, place, "a list of tables, [[published]]")
    checks: dict[str, Check] = {
        "metric": text_of,
        "value": _figure,
        "split": _split_name,
        "where": _mapping,
        "tolerance": _share,
    }
    figures = []
    for i, one in enumerate(value):
        said = take_keys(one, checks, (*path, i), place)
        if missing := [name for name in ("metric", "value") if name not in said]:
            raise InvalidParameterError(f"{place((*path, i))}: there is no {missing[0]}; expected one.")
        figures.append(PublishedFigure(**said))
    return figures


def _figure(value: Any, path: Path, place: Place) -> str:
    try:
        number = float(value) if isinstance(value, str | int | float) else float("nan")
    except (ValueError, OverflowError):
        number = float("nan")
    if isinstance(value, bool) or not abs(number) < 1e300:
        raise refuse(value, path, place, 'a number such as 0.934, or "0.930" where the last digit is a 0')
    return value.strip() if isinstance(value, str) else repr(value)


def _split_name(value: Any, path: Path, place: Place) -> str:
    if value not in SPLITS:
        raise refuse(value, path, place, f"one of {', '.join(SPLITS)}")
    return str(value)


def _minutes(value: Any, path: Path, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise refuse(value, path, place, "a number of minutes above 0, such as 10")
    return float(value)


def _space(value: Any, path: Path, place: Place) -> dict[str, Range]:
    return {name: _range(one, (*path, name), place) for name, one in _mapping(value, path, place).items()}


def _range(value: Any, path: Path, place: Place) -> Range:
    """Return what is tried of a parameter: a list of values, or the ends of a range."""
    expected = "a list of values to try, or a range such as { low = 0.001, high = 0.1, log = true }"
    if isinstance(value, list | tuple) and value:
        if len(set(map(repr, value))) < len(value):
            raise refuse(value, path, place, "different values to try")
        return Range(choices=list(value))
    if not isinstance(value, Mapping):
        raise refuse(value, path, place, expected)
    said = take_keys(value, {"low": _number, "high": _number, "log": _truth}, path, place)
    if not {"low", "high"} <= said.keys() or said["low"] >= said["high"]:
        raise refuse(dict(value), path, place, f"low below high: {expected}")
    if said.get("log") and said["low"] <= 0:
        raise refuse(said["low"], (*path, "low"), place, "a number above 0, for the logarithm")
    return Range(**said)


def _number(value: Any, path: Path, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 2**53:
        raise refuse(value, path, place, "a number")
    return value


_SEARCH: dict[str, Check] = {
    "trials": whole(1, MOST_MODELS),
    "minutes": _minutes,
    "prune": _truth,
    "space": _space,
}

KEYS: dict[str, Check] = {
    "name": text_of,
    "title": text_of,
    "question": text_of,
    "data": lambda value, path, place: DataPart(
        **take_keys({"source": value} if isinstance(value, str) else value, _DATA, path, place)
    ),
    "split": lambda value, path, place: SplitPart(**take_keys(value, _SPLIT, path, place)),
    "model": lambda value, path, place: take_keys(
        {"estimator": value} if isinstance(value, str) else value,
        {"estimator": text_of, "settings": _mapping},
        path,
        place,
    ),
    "vary": _vary,
    "candidates": _candidates,
    "metrics": _metrics,
    "seeds": _seeds,
    "seed": whole(0),
    "epochs": whole(1, 10**6),
    "quick_epochs": whole(1, 10**6),
    "quick_rows": whole(10),
    "examines": _truth,
    "published": _published,
    "search": lambda value, path, place: SearchPart(**take_keys(value, _SEARCH, path, place)),
}
"""What a study's file may say, and how each is checked."""
