"""What to give as `on_epoch`: each epoch goes to a file, to an experiment tracker, or to a search.

Nothing of another library is imported before one asks for it.
"""

import csv
import io
import os
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from glassnet._common.quoting import quoted, shown
from glassnet.errors import FileError, InvalidParameterError, MissingPackageError
from glassnet.nn.history import EpochRecord

COLUMNS = tuple(field.name for field in fields(EpochRecord))


class CsvLog:
    """Append a row for each epoch to a CSV file, which a killed training leaves whole.

    Parameters
    ----------
    path : path-like
        A file that is there goes on where it ended.

    Raises
    ------
    InvalidParameterError
        When the file has other columns.
    FileError
        When it cannot be read or written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from glassnet import CsvLog, MLPClassifier
    >>> path = Path(tempfile.mkdtemp(), "epochs.csv")
    >>> model = MLPClassifier(solver="lbfgs", random_state=0, on_epoch=CsvLog(path))
    >>> model = model.fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    >>> len(path.read_text().splitlines()) == model.n_iter_ + 1
    True
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self._size():
            with self._open("r") as file:
                head = tuple(next(csv.reader(file), ()))
            if head != COLUMNS:
                raise InvalidParameterError(
                    f"{shown(self.path)} has the columns {', '.join(head)}; expected "
                    f"{', '.join(COLUMNS)}, or no such file yet."
                )

    def __call__(self, record: EpochRecord) -> None:
        """Write an epoch."""
        row = asdict(record)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if not self._size():
            writer.writerow(COLUMNS)
        writer.writerow("" if row[name] is None else row[name] for name in COLUMNS)
        with self._open("a") as file:  # in one piece
            file.write(text.getvalue())

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _open(self, mode: str) -> Any:
        try:
            return self.path.open(mode, encoding="utf-8", newline="")
        except OSError as error:
            raise FileError(f"cannot open {shown(self.path)}: {error.strerror}") from error


class MlflowLog:
    """Log each epoch to the run of MLflow that is active.

    Raises
    ------
    MissingPackageError
        When mlflow is not installed.
    """

    def __init__(self) -> None:
        _imported("mlflow")

    def __call__(self, record: EpochRecord) -> None:
        """Log an epoch."""
        _imported("mlflow").log_metrics(record.metrics, step=record.epoch)


class TensorBoardLog:
    """Write each epoch as scalars that TensorBoard shows; PyTorch and TensorFlow are not needed.

    Parameters
    ----------
    folder : path-like
        What ``tensorboard --logdir`` is given, or a folder in it.

    Raises
    ------
    MissingPackageError
        When tensorboard is not installed.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        module = _imported("tensorboard.summary.writer.event_file_writer")
        self._writer = module.EventFileWriter(os.fspath(folder))

    def __call__(self, record: EpochRecord) -> None:
        """Write an epoch."""
        protos = "tensorboard.compat.proto"
        summary = _imported(f"{protos}.summary_pb2").Summary()
        for name, value in record.metrics.items():
            summary.value.add(tag=name, simple_value=value)
        event = _imported(f"{protos}.event_pb2").Event(summary=summary, step=record.epoch)
        self._writer.add_event(event)
        self._writer.flush()


class OptunaPruning:
    """Report each epoch to a trial of Optuna, and end a training that the study gives up.

    Parameters
    ----------
    trial : optuna.Trial
    metric : str
        What is reported: ``"validation_loss"``, ``"validation_accuracy"``, ``"loss"`` or another number of
        `EpochRecord`.

    Raises
    ------
    MissingPackageError
        When optuna is not installed.
    InvalidParameterError
        When there is no such number, or none is measured: a validation loss needs validation data.
    """

    def __init__(self, trial: Any, metric: str = "validation_loss") -> None:
        if metric not in COLUMNS[1:]:
            raise InvalidParameterError(
                f"got metric={quoted(metric)}; expected one of {', '.join(COLUMNS[1:])}."
            )
        _imported("optuna")
        self.trial, self.metric = trial, metric

    def __call__(self, record: EpochRecord) -> None:
        """Report an epoch; raise ``optuna.TrialPruned`` where the study gives the trial up."""
        value = getattr(record, self.metric)
        if value is None:
            raise InvalidParameterError(
                f"got no {self.metric} in epoch {record.epoch} for the pruning; expected a model with "
                'validation data (X_val and y_val, or early_stopping=True), or metric="loss".'
            )
        self.trial.report(value, record.epoch)
        if self.trial.should_prune():
            raise _imported("optuna").TrialPruned(f"given up after epoch {record.epoch}")


def _imported(name: str) -> Any:
    package = name.partition(".")[0]
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingPackageError(
            f"the package {package} is not installed; install it with: pip install {package}"
        ) from error
