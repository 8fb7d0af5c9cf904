"""Read a study's file, or what was said in Python, and check that its parts fit each other."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import prod
from pathlib import Path as FilePath
from typing import Any

from glassnet._common.naming import lookup
from glassnet._common.places import Path, Place, of_file, refuse, told_at
from glassnet._common.quoting import quoted, shown
from glassnet._common.tables import parse_settings, read_text
from glassnet.data import DATASETS
from glassnet.data.table_files import read_column_names
from glassnet.errors import InvalidParameterError
from glassnet.studies.own.description import DataPart, Description, SplitPart
from glassnet.studies.own.estimators import classifies, find_estimator, parameters_of
from glassnet.studies.own.figures import FIGURES
from glassnet.studies.own.given import TABLE_ENDINGS, list_files
from glassnet.studies.own.importing import import_path, is_import_path
from glassnet.studies.own.keys import (
    KEYS,
    MOST_MODELS,
    is_word,
    plain_values,
    read_metric,
    take_keys,
    text_of,
    whole,
)

TRAIN_ROWS, ESTIMATOR = "train_rows", "estimator"
"""What a candidate may vary beside the model's parameters: how many samples it is given, and the model."""

SEED, FOLD = "seed", "fold"
"""What every candidate is repeated with."""


def describe(
    content: Any, place: Place, *, name: str, folder: str, allow: Sequence[str], has_arrays: bool = False
) -> Description:
    """Return the description of a study.

    Parameters
    ----------
    content : mapping
        As its file has it.
    place : callable
        See `Place`.
    name : str
        The study's, unless it says one.
    folder : str
        That paths start from.
    allow : sequence of str
        Modules that may be imported.
    has_arrays : bool
        Whether the samples were given as arrays.

    Raises
    ------
    InvalidParameterError
        When something cannot be right; UnknownNameError when a name is none.
    """
    said = take_keys(plain_values(content, (), place), KEYS, (), place)
    if not is_word(said.setdefault("name", name)):
        raise refuse(said["name"], ("name",), place, "a word of letters, digits, dashes and points")
    if "model" not in said or "estimator" not in said["model"]:
        missing = ("model", "estimator") if "model" in said else ("model",)
        raise InvalidParameterError(
            f"{place(missing)}: nothing is said; expected a model, such as MLPClassifier."
        )
    model = said.pop("model")
    said |= {"estimator": model["estimator"], "settings": model.get("settings", {})}
    if "vary" in said and "candidates" in said:
        raise InvalidParameterError(
            f"{place(('candidates',))}: vary makes candidates too; expected one of the two."
        )
    found = told_at(place, ("model", "estimator"), partial(find_estimator, said["estimator"], allow, folder))
    task = classifies(found)
    said.setdefault("metrics", [read_metric(_default_metric(task), ("metrics",), place)])
    said.setdefault("data", DataPart())
    description = Description(**said)
    _check_data(description.data, place, folder, allow, has_arrays)
    _check_metrics(description, place, folder, allow, task)
    _check_split(description.split, place)
    _check_settings(description, place, folder, allow, task)
    _check_search(description, place)
    return description


def _default_metric(task: bool) -> str:
    return next(figure.name for figure in FIGURES.values() if figure.classifies is task)


def _check_data(data: DataPart, place: Place, folder: str, allow: Sequence[str], has_arrays: bool) -> None:
    if has_arrays:
        return
    if bool(data.source) == bool(data.images):
        raise InvalidParameterError(
            f"{place(('data',))}: expected one source: the path of a table, one of {', '.join(DATASETS)}, or "
            "module:function; or images and labels, IDX files."
        )
    for one, other in (("images", "labels"), ("test_images", "test_labels")):
        if bool(getattr(data, one)) != bool(getattr(data, other)):
            raise InvalidParameterError(f"{place(('data',))}: expected both {one} and {other}, or neither.")
    for key, path in list_files(data).items():
        if key == "source" and not path.lower().endswith(TABLE_ENDINGS):
            told_at(place, ("data", "source"), partial(lookup, DATASETS, path, "data set or table"))
        if not (FilePath(folder) / path).is_file():
            raise InvalidParameterError(
                f"{place(('data', key))}: there is no file {quoted(path)} in "
                f"{shown(FilePath(folder).resolve())}; expected one there."
            )
        if key == "source" and not data.target:
            raise InvalidParameterError(f"{place(('data',))}: a table needs target, the column to predict.")
        if key == "source":
            _check_columns(data, FilePath(folder) / path, place)
    if is_import_path(data.source):
        told_at(place, ("data", "source"), partial(import_path, data.source, allow, folder))


def _check_columns(data: DataPart, path: FilePath, place: Place) -> None:
    columns = dict.fromkeys(told_at(place, ("data", "source"), partial(read_column_names, path)))
    kind = f"column of {shown(path.name)}"
    for i, name in enumerate(data.drop):
        told_at(place, ("data", "drop", i), partial(lookup, columns, name, kind))
    left = {name: None for name in columns if name not in data.drop}
    told_at(place, ("data", "target"), partial(lookup, left, data.target, kind))


def _check_metrics(
    description: Description, place: Place, folder: str, allow: Sequence[str], task: bool
) -> None:
    for i, part in enumerate(description.metrics):
        if part.function:
            told_at(place, ("metrics", i), partial(import_path, part.function, allow, folder))
        elif FIGURES[part.name].classifies is not task:
            kinds = ("a classifier", "a regressor")
            fitting = ", ".join(one.name for one in FIGURES.values() if one.classifies is task)
            raise InvalidParameterError(
                f"{place(('metrics',))}: {part.name} is not for {kinds[not task]}, as "
                f"{description.estimator} is; expected one of {fitting}."
            )
    names = {part.name: part for part in description.metrics}
    for i, figure in enumerate(description.published):
        told_at(
            place,
            ("published", i, "metric"),
            partial(lookup, names, figure.metric, "metric of this study"),
        )


def _check_split(split: SplitPart, place: Place) -> None:
    if not split.folds and not split.validation:
        raise InvalidParameterError(
            f"{place(('split', 'validation'))}: without a validation part nothing is chosen by; expected "
            "one, or folds."
        )
    if split.test + (0 if split.folds else split.validation) >= 0.95:
        raise InvalidParameterError(f"{place(('split',))}: next to nothing is left to train on.")


def _check_settings(
    description: Description, place: Place, folder: str, allow: Sequence[str], task: bool
) -> None:
    """Check that every parameter is one of the model that it is for."""

    def check(name: str, settings: Mapping[str, Any], path: Path, *, varied: bool) -> None:
        where = (*path, ESTIMATOR) if ESTIMATOR in settings else ("model", "estimator")
        model = told_at(place, where, partial(find_estimator, name, allow, folder))
        if classifies(model) is not task:
            raise InvalidParameterError(f"{place(where)}: classifiers and regressors cannot be compared.")
        known = parameters_of(model) | (dict.fromkeys((TRAIN_ROWS, ESTIMATOR)) if varied else {})
        for key in settings:
            if varied and key in (SEED, FOLD):
                raise InvalidParameterError(
                    f"{place((*path, key))}: every candidate is repeated with each seed and fold; say "
                    "seeds = [...], or folds under [split]."
                )
            told_at(place, (*path, key), partial(lookup, known, key, f"parameter of {name}"))

    check(description.estimator, description.settings, ("model", "settings"), varied=False)
    if ESTIMATOR in description.vary:
        path = ("vary", ESTIMATOR)
        raise InvalidParameterError(
            f"{place(path)}: models have parameters of their own; use [[candidates]]."
        )
    check(description.estimator, description.vary, ("vary",), varied=True)
    if description.search is not None:
        space = ("search", "space")
        check(description.estimator, description.search.space, space, varied=False)
        if twice := sorted(description.search.space.keys() & description.settings.keys()):
            raise InvalidParameterError(
                f"{place((*space, twice[0]))}: it is set under model.settings; expected it there, or to be "
                "searched for."
            )
    for i, one in enumerate(description.candidates):
        name = text_of(one.get(ESTIMATOR, description.estimator), ("candidates", i, ESTIMATOR), place)
        check(name, one, ("candidates", i), varied=True)
    for i, value in enumerate(description.vary.get(TRAIN_ROWS, [])):
        whole(10)(value, ("vary", TRAIN_ROWS, i), place)
    n = max(1, prod(map(len, description.vary.values())), len(description.candidates))
    n *= max(1, len(description.seeds)) * max(1, description.split.folds)
    if n > MOST_MODELS:
        key = "seeds" if description.seeds else "split"
        raise InvalidParameterError(
            f"{place((key,))}: {n:,} models with all seeds and folds; expected {MOST_MODELS:,} at most."
        )


def _check_search(description: Description, place: Place) -> None:
    """Check that nothing else is said that makes candidates, and that something is held back."""
    if description.search is None:
        return
    for key in ("vary", "candidates", "seeds", "published"):
        if getattr(description, key):
            raise InvalidParameterError(
                f"{place((key,))}: a search chooses its candidates itself, and trains each once; expected no "
                f"{key} beside [search]."
            )
    if not description.split.test:
        raise InvalidParameterError(
            f"{place(('split', 'test'))}: the best of many candidates looks better than it is on the rows "
            "that it was chosen by; expected a test part for a search."
        )


def read_description(path: FilePath, allow: Sequence[str]) -> tuple[Description, Place]:
    """Read a study's file, in TOML; return what says where a key of it stands, too.

    Raises
    ------
    DataFileError
        When it is missing, or not in TOML; InvalidParameterError when something in it cannot be right.
    """
    text = read_text(path, "study", expected="a study's file in TOML; `glassnet study new` writes one")
    content, place = parse_settings(text, path), of_file(text, path.name)
    folder = str(path.resolve().parent)
    return describe(content, place, name=path.stem, folder=folder, allow=allow), place
