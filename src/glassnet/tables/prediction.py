"""Predict the rows of a file chunk by chunk, in constant memory."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from glassnet._common.quoting import shown
from glassnet.data.column_kinds import Oddities
from glassnet.data.table_files import read_chunks
from glassnet.errors import DataFileError, InvalidParameterError
from glassnet.models import load
from glassnet.studies.folder import MODEL_FILE
from glassnet.tables.folder import FitFolder
from glassnet.tables.labels import as_text
from glassnet.tables.network import kinds_of

UNNAMED = "prediction"
"""What the column of answers is called where nothing says the target's name."""


class Predictor:
    """Answer the rows of files with a model of tables.

    Parameters
    ----------
    path : path-like
        A model file, or the folder of a fit.
    probabilities : bool
        Whether the probability of each class is written too.

    Attributes
    ----------
    header : list of str
        The columns of the answers: the target, and ``TARGET=CLASS`` for each class.
    oddities : dict of str to Oddities
        The cells, so far, that are not of their column's kind and counted as missing.

    Raises
    ------
    DataFileError
        When there is no such file, it is damaged, or holds no model of tables.
    InvalidParameterError
        When probabilities are asked of a regression.
    """

    def __init__(self, path: str | Path, *, probabilities: bool = False) -> None:
        self._network, target = _load(Path(path))
        self._classes = getattr(self._network, "classes_", None)
        if probabilities and self._classes is None:
            raise InvalidParameterError(
                f"{shown(path)} predicts numbers; only models of classes have --proba."
            )
        self._probabilities = probabilities
        self._kinds = kinds_of(self._network)
        self.header = [target]
        if probabilities and self._classes is not None:
            self.header += [f"{target}={as_text(label)}" for label in self._classes.tolist()]
        self.oddities: dict[str, Oddities] = {}

    def answer(self, path: str | Path) -> Iterator[list[list[str]]]:
        """Yield the answers to the rows of a table, some thousand at a time, a list of texts for each.

        Raises
        ------
        DataFileError
            When the file cannot be read as a table.
        InvalidDataError
            When it lacks columns, or one holds something else than in training.
        """
        for chunk in read_chunks(path, self._kinds, self.oddities):
            if chunk.num_rows:
                yield self._answer(_as_trained(chunk, self._network))

    def write(self, path: str | Path, out: TextIO) -> int:
        """Write the answers as CSV, and return for how many rows."""
        n_rows, chunks = 0, self.answer(path)
        writer = csv.writer(out, lineterminator="\n")
        for number, rows in enumerate(chunks):
            if not number:
                writer.writerow(self.header)  # not before it is known that there are answers
            writer.writerows(rows)
            n_rows += len(rows)
        return n_rows

    def _answer(self, frame: Any) -> list[list[str]]:
        if self._classes is None:
            return [[text] for text in _digits(self._network.predict(frame))]
        shares = self._network.predict_proba(frame)
        labels = [[as_text(label)] for label in self._classes[shares.argmax(axis=1)].tolist()]
        if not self._probabilities:
            return labels
        return [label + figures for label, figures in zip(labels, _digits(shares), strict=True)]


def _load(path: Path) -> tuple[Any, str]:
    """Return a model of tables, and what its target is called."""
    if not path.exists():
        raise DataFileError(
            f"there is no model {shown(path)}; expected the folder that `glassnet fit` wrote, or a model "
            "file."
        )
    file = path / MODEL_FILE if path.is_dir() else path
    if path.is_dir() and not file.exists():
        raise DataFileError(
            f"{shown(path)} holds no {MODEL_FILE}; expected the folder of a fit that has ended."
        )
    network = load(file)
    if not hasattr(network, "encoder_") or not hasattr(network, "feature_names_in_"):
        raise DataFileError(
            f"{shown(file)} holds a {type(network).__name__} without names of columns; expected a model that "
            "`glassnet fit` made, or another one that was fitted to a table with names."
        )
    folder = FitFolder(file.parent)
    is_of_fit = file.name == MODEL_FILE and folder.is_finished
    return network, folder.read_results().config.target if is_of_fit else UNNAMED


def _as_trained(frame: Any, network: Any) -> Any:
    """Return a table in which categories that were numbers in training are numbers again."""
    import pyarrow
    from pyarrow import compute

    for place, column in enumerate(network.encoder_.columns_):
        numbers = [
            one for one in column.categories if isinstance(one, int | float) and not isinstance(one, bool)
        ]
        if numbers:
            texts = frame.column(place)
            known = compute.is_in(texts, pyarrow.array(list(map(str, numbers))))
            values = compute.cast(compute.if_else(known, texts, None), pyarrow.float64())
            frame = frame.set_column(place, frame.column_names[place], values)
    return frame


def _digits(values: NDArray[Any]) -> Any:
    """Write numbers with the digits that tell them from their neighbours in float32, which networks have."""
    return values.astype(np.float32).astype(str).tolist()
