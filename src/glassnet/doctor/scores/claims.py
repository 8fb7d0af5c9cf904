"""Reported scores and the splits that they are of, read from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.naming import lookup
from glassnet._common.tables import parse_table, read_text
from glassnet.data import DATASETS
from glassnet.doctor.scores.scores import Reported
from glassnet.errors import DataFileError, GlassnetError, InvalidDataError

Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Split:
    """Hold what is known of the samples that scores are of.

    Attributes
    ----------
    name : str
        ``"test"``.
    labels : ndarray of int or None
        The class of each sample, from 0.
    size : int or None
        How many samples, where the labels themselves are not known.
    pool : ndarray of int or None
        The labels that they were drawn from.
    pool_name : str
        Splits of one pool have one name.
    """

    name: str
    labels: Codes | None = None
    size: int | None = None
    pool: Codes | None = None
    pool_name: str = ""

    @property
    def n(self) -> int | None:
        """How many samples there are, where that is known."""
        return self.size if self.labels is None else len(self.labels)


@dataclass(frozen=True)
class ReportedRow:
    """Hold one reported score with the parameters of its model.

    Attributes
    ----------
    score : Reported
    parameters : mapping of str to str
        What a search varied; may be empty.
    answers : ndarray of int or None
        What the model answered to the samples of the split, where that is known.
    """

    score: Reported
    parameters: Mapping[str, str] = field(default_factory=dict)
    answers: Codes | None = None


@dataclass(frozen=True)
class Claims:
    """Hold reported scores, to be checked.

    Attributes
    ----------
    name : str
    rows : tuple of ReportedRow
    splits : mapping of str to Split
        What is known of each; a split that a score names need not be there.
    n_classes : int or None
    """

    name: str
    rows: tuple[ReportedRow, ...]
    splits: Mapping[str, Split]
    n_classes: int | None = None

    @property
    def classes(self) -> int | None:
        """How many classes there are, where that is known."""
        if self.n_classes is not None:
            return self.n_classes
        known = [s.labels if s.labels is not None else s.pool for s in self.splits.values()]
        largest = [int(codes.max()) for codes in known if codes is not None]
        return max(largest) + 1 if largest else None

    def of_split(self, split: str) -> list[ReportedRow]:
        """Return the rows of one split."""
        return [row for row in self.rows if row.score.split == split]

    def size_of(self, split: str) -> int | None:
        """Return how many samples a split has, where that is known."""
        return self.splits[split].n if split in self.splits else None

    @property
    def split_names(self) -> list[str]:
        """The splits that scores are of, in their order."""
        return list(dict.fromkeys(row.score.split for row in self.rows))


def read_claims(path: str | Path, data: str | None = None) -> Claims:
    """Read reported scores from a CSV, YAML, TOML or JSON file.

    Parameters
    ----------
    path : path-like
        A CSV file has the columns model, split and score, and may have samples, the size of the split; every
        other column is a parameter of the model. A row may name a file with its model's ``answers``, one
        class from 0 a line. A YAML, TOML or JSON file has a list ``scores`` of such rows, and may have
        ``n_classes`` and ``splits``: for each split its ``labels``, or its ``size`` and what it is
        drawn ``of``. Labels are a list of classes from 0, a part of a data set such as ``mnist/test``, or a
        text file with one label a line.
    data : str, optional
        A data set whose parts are the splits of the same names, unless the file says otherwise.

    Raises
    ------
    DataFileError
        When the file cannot be read, or is not in that form.
    """
    path = Path(path)
    text = read_text(path, "table of scores", expected="a CSV, YAML, TOML or JSON file")
    records, settings = parse_table(text, path, "scores")
    scores = [record.cells for record in records]
    try:
        rows = tuple(_row(row, path.parent) for row in scores)
        splits = _splits_of(data, scores) | {
            name: _split(name, entry, path.parent) for name, entry in (settings.get("splits") or {}).items()
        }
        n_classes = int(settings["n_classes"]) if "n_classes" in settings else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, GlassnetError):
            raise
        raise DataFileError(
            f"{path} is not a table of scores: {type(error).__name__} {error}. Expected rows with model, "
            "split and score, such as {model: relu, split: test, score: 0.8227}."
        ) from error
    if not rows:
        raise DataFileError(f"{path} holds no scores; expected rows with model, split and score.")
    return Claims(path.name, rows, splits, n_classes)


def claims_of_search(results: Mapping[str, Any]) -> Claims:
    """Return the scores of every candidate and fold of a search of scikit-learn's.

    Parameters
    ----------
    results : mapping
        ``cv_results_`` of a `GridSearchCV` or its like, with its ``params`` and ``split0_test_score`` ...
    """
    names = (f"split{number}" for number in count())
    folds = list(takewhile(lambda name: f"{name}_test_score" in results, names))
    if "params" not in results or not folds:
        raise InvalidDataError(
            f"got results with {', '.join(list(results)[:5])}; expected cv_results_ of a search, with params "
            "and split0_test_score."
        )
    rows = tuple(
        ReportedRow(
            Reported(f"candidate {number}", fold, repr(float(results[f"{fold}_test_score"][number]))),
            {name: str(value) for name, value in parameters.items()},
        )
        for fold in folds
        for number, parameters in enumerate(results["params"])
    )
    return Claims("search", rows, {})


def _row(row: Mapping[str, Any], folder: Path) -> ReportedRow:
    known = {"model", "split", "score", "samples", "answers"}
    score = Reported(str(row["model"]), str(row["split"]), str(row["score"]).strip())
    if not 0 <= float(score.text.removesuffix("%")) <= 1 or score.text.endswith("%"):
        raise ValueError(f"the score {score.text!r} is no share from 0 to 1; write 97.3 % as 0.973")
    answers = _labels(row["answers"], folder) if row.get("answers") else None
    parameters = {k: str(v) for k, v in row.items() if k not in known and v is not None}
    return ReportedRow(score, parameters, answers)


def _split(name: str, entry: Mapping[str, Any], folder: Path) -> Split:
    if "labels" in entry:
        return Split(name, labels=_labels(entry["labels"], folder))
    size = int(entry["size"])
    if "of" not in entry:
        return Split(name, size=size)
    return Split(name, size=size, pool=_labels(entry["of"], folder), pool_name=str(entry["of"]))


def _labels(value: Any, folder: Path) -> Codes:
    if isinstance(value, str):
        data, _, part = value.partition("/")
        if data in DATASETS and part:
            return _part(data, part)
        expected = (
            "one with a label a line, or a part of a data set, such as mnist/test; data sets: "
            f"{', '.join(DATASETS)}"
        )
        value = read_text(folder / value, "file of labels", expected=expected).split()
    return as_codes(value)


def as_codes(labels: Sequence[Any]) -> Codes:
    """Return labels as classes from 0; labels that are no whole numbers are numbered in their order."""
    found = np.asarray(labels)
    try:
        codes = found.astype(np.intp)
        if len(codes) and codes.min() >= 0 and np.array_equal(codes, found.astype(float)):
            return codes
    except ValueError:
        pass
    return np.unique(found, return_inverse=True)[1].astype(np.intp)


def _part(data: str, part: str) -> Codes:
    loaded = lookup(DATASETS, data, "data set").load()
    parts = {"train": loaded.train, "validation": loaded.validation, "test": loaded.test}
    found = lookup(parts, part, f"part of {data}")
    if found is None:
        raise DataFileError(f"{data} has no part {part!r}; expected train or test.")
    return found.labels.astype(np.intp)


def _splits_of(data: str | None, rows: Sequence[Mapping[str, Any]]) -> dict[str, Split]:
    """Return the splits of a data set; one of another size is drawn from its training data."""
    sizes = {str(row["split"]): int(row["samples"]) for row in rows if row.get("samples")}
    splits = {name: Split(name, size=size) for name, size in sizes.items()}
    if data is None:
        return splits
    loaded = lookup(DATASETS, data, "data set").load()
    parts = {"train": loaded.train, "validation": loaded.validation, "test": loaded.test}
    pool = loaded.train.labels.astype(np.intp)
    for name in dict.fromkeys(str(row["split"]) for row in rows):
        part = parts.get(name)
        if part is not None and sizes.get(name, len(part.labels)) == len(part.labels):
            splits[name] = Split(name, labels=part.labels.astype(np.intp))
        elif name in sizes:
            splits[name] = Split(name, size=sizes[name], pool=pool, pool_name=f"{data}/train")
    return splits
