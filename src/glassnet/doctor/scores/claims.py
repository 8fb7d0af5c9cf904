"""Reported scores and the splits that they are of, read from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.limits import (
    MOST_CLASSES,
    MOST_COUNTED,
    MOST_EXACT,
    MOST_LABEL,
    MOST_SAMPLES,
    find_excess,
)
from glassnet._common.naming import lookup
from glassnet._common.quoting import printable, quoted, shown
from glassnet._common.tables import parse_table, read_text
from glassnet.data import DATASETS
from glassnet.doctor.scores.reported import Reported
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
    probabilities : ndarray of shape (n_samples, n_classes) or None
        The model's, where they are known.
    confusion : ndarray of int, shape (n_classes, n_classes), or None
        How often each class (row) was answered by each class (column), where that is known.
    history : tuple of float
        The accuracy on the split after each epoch, where that is known.
    loss : float or None
        The mean loss on the split, where that is known.
    runs : int or None
        Of how many seeds or folds the score is the mean; None where nothing is said.
    """

    score: Reported
    parameters: Mapping[str, str] = field(default_factory=dict)
    answers: Codes | None = None
    probabilities: NDArray[np.float64] | None = None
    confusion: Codes | None = None
    history: tuple[float, ...] = ()
    loss: float | None = None
    runs: int | None = None


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
    class_names : tuple of str
        What the file calls each class; empty where that is its number.
    """

    name: str
    rows: tuple[ReportedRow, ...]
    splits: Mapping[str, Split]
    n_classes: int | None = None
    class_names: tuple[str, ...] = ()

    def name_of(self, code: int) -> str:
        """Return what the file calls a class."""
        return self.class_names[code] if self.class_names else str(code)

    @property
    def classes(self) -> int | None:
        """How many classes there are, where that is known."""
        return self._most_classes() if self.n_classes is None else self.n_classes

    def _most_classes(self) -> int | None:
        """Return how many classes labels, answers and tables speak of."""
        known = [s.labels if s.labels is not None else s.pool for s in self.splits.values()]
        known += [row.answers for row in self.rows]
        sizes = [int(codes.max()) + 1 for codes in known if codes is not None and len(codes)]
        sizes += [row.probabilities.shape[1] for row in self.rows if row.probabilities is not None]
        sizes += [len(row.confusion) for row in self.rows if row.confusion is not None]
        return max(sizes) if sizes else None

    def check_classes(self, path: Path) -> None:
        """Raise a DataFileError where labels or answers are too large to be the numbers of classes."""
        found = self._most_classes() or 0
        if found > MOST_CLASSES:
            raise DataFileError(
                f"{shown(path)} has labels of {found:,} classes, as its greatest label says; expected at "
                f"most {MOST_CLASSES:,}. Number the classes from 0, or name them."
            )

    def of_split(self, split: str) -> list[ReportedRow]:
        """Return the rows of one split."""
        return self._by_split.get(split, [])

    @cached_property
    def _by_split(self) -> dict[str, list[ReportedRow]]:
        found: dict[str, list[ReportedRow]] = {}
        for row in self.rows:
            found.setdefault(row.score.split, []).append(row)
        return found

    def size_of(self, split: str) -> int | None:
        """Return how many samples a split has, where that is known."""
        return self.splits[split].n if split in self.splits else None

    @property
    def split_names(self) -> list[str]:
        """The splits that scores are of, in their order."""
        return list(self._by_split)


def read_claims(path: str | Path, data: str | None = None) -> Claims:
    """Read reported scores from a CSV, YAML, TOML or JSON file.

    Parameters
    ----------
    path : path-like
        A CSV file has the columns model, split and score, and may have samples, the size of the split. A row
        may say more of its model: ``answers``, ``probabilities``, ``confusion``, ``history``, ``loss``, and
        ``runs``, ``seeds`` or ``folds``, of how many the score is the mean; see docs/doctor.md. Every other
        column is a parameter of the model. A YAML, TOML or JSON file has a list ``scores`` of such rows,
        and may have ``n_classes`` and ``splits``: for each split its ``labels``, or its ``size`` and what it
        is drawn ``of``. Labels are a list of classes, a part of a data set such as ``mnist/test``, or a text
        file with one label a line.
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
            _name(name): _split(_name(name), entry, path.parent)
            for name, entry in (settings.get("splits") or {}).items()
        }
        n_classes = (
            _count(settings["n_classes"], "n_classes", MOST_CLASSES) if "n_classes" in settings else None
        )
        claims = _number_classes(Claims(shown(path.name), rows, splits, n_classes))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, GlassnetError):
            raise
        raise DataFileError(
            f"{shown(path)} is not a table of scores: {type(error).__name__} {shown(error)}. Expected rows "
            "with model, split and score, such as {model: relu, split: test, score: 0.8227}."
        ) from error
    if not rows:
        raise DataFileError(f"{shown(path)} holds no scores; expected rows with model, split and score.")
    claims.check_classes(path)
    return claims


def _count(value: Any, what: str, most: int = MOST_SAMPLES) -> int:
    """Return a whole number from 1 to `most`."""
    number = _number(value)
    if number is None or not 1 <= number <= most or number % 1:
        raise ValueError(f"got {what} {quoted(value)}; expected a whole number from 1 to {most:,}")
    return int(number)


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


MOST_SEEDS = 10**6
"""Seeds or folds that a score is the mean of."""

RUNS = ("runs", "seeds", "folds")
"""What the number of scores is called that a score is the mean of."""


def _row(row: Mapping[str, Any], folder: Path) -> ReportedRow:
    known = {"model", "split", "score", "samples", "answers", "probabilities", "confusion", "history", *RUNS}
    score = Reported.read(_name(row["model"]), _name(row["split"]), str(row["score"]))
    loss = _number(row.get("loss"))
    if loss is not None:  # a word is a parameter: loss=hinge
        known.add("loss")
    runs = next((row[name] for name in RUNS if row.get(name) not in (None, "")), None)
    return ReportedRow(
        score,
        {_name(k): _name(v) for k, v in row.items() if k not in known and v is not None},
        answers=_labels(row["answers"], folder) if _is_given(row, "answers") else None,
        probabilities=_probabilities(row["probabilities"], folder)
        if _is_given(row, "probabilities")
        else None,
        confusion=_confusion(row["confusion"], folder) if _is_given(row, "confusion") else None,
        history=tuple(_numbers(row["history"], folder).ravel()) if _is_given(row, "history") else (),
        loss=loss,
        runs=None if runs is None else _count(runs, "runs", MOST_SEEDS),
    )


def _name(value: Any) -> str:
    """Return what a model, a split or a parameter is called, without characters that do something."""
    return printable(str(value))


def _is_given(row: Mapping[str, Any], name: str) -> bool:
    return row.get(name) is not None and not (isinstance(row[name], str) and not row[name].strip())


def _number(value: Any) -> float | None:
    """Return the number that a cell holds, or None; one that float64 does not hold is none."""
    text = "" if value is None else str(value)
    try:
        return None if find_excess(text) else float(text)
    except ValueError:
        return None


def _numbers(value: Any, folder: Path) -> NDArray[np.float64]:
    """Return numbers, from a list, a cell with several, or a text file whose lines have as many each."""
    if not isinstance(value, str):
        array = np.asarray(value, dtype=np.float64)
        if not array.ndim:
            raise ValueError(f"got {quoted(value)}; expected numbers, or a file of them")
        return array
    inline = [_number(cell) for cell in value.strip("[] ").replace(",", " ").split()]
    if len(inline) > 1 and None not in inline:
        return np.array(inline, dtype=np.float64)
    expected = "one with numbers, as many in each line"
    text = read_text(folder / value, "file of numbers", expected=expected)
    rows = [line.replace(",", " ").replace(";", " ").split() for line in text.splitlines() if line.strip()]
    if rows and any(_number(cell) is None for cell in rows[0]):  # names of the columns
        rows = rows[1:]
    return np.array([[float(cell) for cell in row] for row in rows])


def _probabilities(value: Any, folder: Path) -> NDArray[np.float64]:
    p = _numbers(value, folder)
    if p.ndim == 2 and p.shape[1] == 1:
        p = p[:, 0]
    if p.ndim == 1:  # of the second of two classes
        p = np.column_stack([1 - p, p])
    if p.ndim != 2 or not p.size or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(
            f"got probabilities of shape {p.shape}; expected numbers from 0 to 1, a row for each sample and "
            "a column for each class"
        )
    return p


def _confusion(value: Any, folder: Path) -> Codes:
    counts = _numbers(value, folder)
    is_square = counts.ndim == 2 and counts.shape[0] == counts.shape[1] <= MOST_CLASSES
    if not is_square or not (counts >= 0).all() or not 0 < counts.sum() <= MOST_COUNTED or (counts % 1).any():
        raise ValueError(
            f"got a confusion matrix of shape {counts.shape}; expected whole numbers, a row for each class "
            f"and a column for each answer, of 1 to {MOST_COUNTED:,} samples"
        )
    return counts.astype(np.intp)


def _number_classes(claims: Claims) -> Claims:
    """Return the claims with the classes of all labels and answers numbered from 0, alike.

    An answer file in which a class is missing must not number the others anew.
    """
    splits, rows = list(claims.splits.values()), claims.rows
    named = (
        [split.labels for split in splits] + [split.pool for split in splits] + [row.answers for row in rows]
    )
    given = [labels for labels in named if labels is not None and len(labels)]
    if not given:
        return claims
    whole, numbered = np.concatenate(given), all(labels.dtype.kind in "iu" for labels in given)
    names: list[str] = []
    if not numbered or whole.min() < 0:
        names = list(dict.fromkeys(map(str, np.unique(whole))))
    elif claims.n_classes is None and whole.min() == 1:
        names = [str(code) for code in range(1, int(whole.max()) + 1)]
    if not names:
        return claims
    codes = {name: code for code, name in enumerate(names)}

    def number(labels: Codes | None) -> Codes | None:
        return None if labels is None else np.array([codes[str(label)] for label in labels], dtype=np.intp)

    return replace(
        claims,
        rows=tuple(replace(row, answers=number(row.answers)) for row in rows),
        splits={s.name: replace(s, labels=number(s.labels), pool=number(s.pool)) for s in splits},
        class_names=tuple(names),
    )


def _split(name: str, entry: Mapping[str, Any], folder: Path) -> Split:
    if "labels" in entry:
        return Split(name, labels=_labels(entry["labels"], folder))
    if "size" not in entry:
        raise ValueError(f"got {quoted(entry)} for the split {shown(name)}; expected its labels or its size")
    size = _count(entry["size"], "size")
    if "of" not in entry:
        return Split(name, size=size)
    return Split(name, size=size, pool=_labels(entry["of"], folder), pool_name=str(entry["of"]))


def _labels(value: Any, folder: Path) -> NDArray[Any]:
    """Return labels as they are written, as numbers where they are whole; see `_number_classes`."""
    if isinstance(value, str):
        data, _, part = value.partition("/")
        if data in DATASETS and part:
            return _part(data, part)
        expected = (
            "one with a label a line, or a part of a data set, such as mnist/test; data sets: "
            f"{', '.join(DATASETS)}"
        )
        lines = read_text(folder / value, "file of labels", expected=expected).splitlines()
        lines = [line.strip() for line in lines if line.strip()]
        value = lines if len(lines) > 1 else " ".join(lines).split()
        if len(value) > 1 and _number(value[0]) is None and all(_number(v) is not None for v in value[1:]):
            value = value[1:]  # the name of a column
    is_list = isinstance(value, list) and not any(isinstance(label, list | dict) for label in value)
    if not is_list or not value:
        raise ValueError(f"got the labels {quoted(value)}; expected a list of one for each sample, or a file")
    longest = max(value, key=lambda label: len(str(label)))
    if len(str(longest)) > MOST_LABEL:
        raise ValueError(
            f"got the label {quoted(longest)} of {len(str(longest)):,} characters; expected at most "
            f"{MOST_LABEL}"
        )
    return _as_numbers(value)


def _as_numbers(labels: Sequence[Any]) -> NDArray[Any]:
    """Return labels as whole numbers, where all of them are; as they are otherwise."""
    found = np.asarray(labels)
    try:
        numbers = found.astype(float)
    except ValueError:
        return found.astype(str)
    is_whole = (np.abs(numbers) < MOST_EXACT).all() and not (numbers % 1).any()
    return numbers.astype(np.intp) if is_whole else found.astype(str)


def as_codes(labels: Sequence[Any]) -> Codes:
    """Return labels as classes from 0; labels that are no whole numbers are numbered in their order."""
    found = _as_numbers(labels)
    if len(found) and found.dtype.kind == "i" and found.min() >= 0:
        return found
    return np.unique(found, return_inverse=True)[1].astype(np.intp)


def _part(data: str, part: str) -> Codes:
    loaded = lookup(DATASETS, data, "data set").load()
    parts = {"train": loaded.train, "validation": loaded.validation, "test": loaded.test}
    found = lookup(parts, part, f"part of {data}")
    if found is None:
        raise DataFileError(f"{data} has no part {quoted(part)}; expected train or test.")
    return found.labels.astype(np.intp)


def _splits_of(data: str | None, rows: Sequence[Mapping[str, Any]]) -> dict[str, Split]:
    """Return the splits of a data set; one of another size is drawn from its training data."""
    sizes = {
        _name(row["split"]): _count(row["samples"], "samples") for row in rows if _is_given(row, "samples")
    }
    splits = {name: Split(name, size=size) for name, size in sizes.items()}
    if data is None:
        return splits
    loaded = lookup(DATASETS, data, "data set").load()
    parts = {"train": loaded.train, "validation": loaded.validation, "test": loaded.test}
    pool = loaded.train.labels.astype(np.intp)
    for name in dict.fromkeys(_name(row["split"]) for row in rows):
        part = parts.get(name)
        if part is not None and sizes.get(name, len(part.labels)) == len(part.labels):
            splits[name] = Split(name, labels=part.labels.astype(np.intp))
        elif name in sizes:
            splits[name] = Split(name, size=sizes[name], pool=pool, pool_name=f"{data}/train")
    return splits
