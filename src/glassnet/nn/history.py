"""What happened in training, as plain rows that everything else reads."""

import logging
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame
from glassnet._common.quoting import quoted


class StopKind(StrEnum):
    """Why training ended, for programs; `History.stopping_reason` says it to people."""

    EPOCHS = "epochs"
    """All epochs that were asked for were run."""
    EARLY_STOPPING = "early_stopping"
    """The validation loss had not improved for some epochs."""
    TOLERANCE = "tolerance"
    """Loss or score had not improved by more than a tolerance for some epochs."""
    ON_EPOCH = "on_epoch"
    """The caller's `on_epoch` said stop."""
    CONVERGED = "converged"
    """L-BFGS found a minimum, to its tolerance."""
    LIMIT = "limit"
    """L-BFGS was out of iterations or evaluations."""
    NO_DESCENT = "no_descent"
    """L-BFGS found no lower loss along its last direction."""
    DIVERGED = "diverged"
    """A loss or a parameter was no longer finite."""
    INTERRUPTED = "interrupted"
    """A KeyboardInterrupt came."""
    ELSEWHERE = "elsewhere"
    """Another library trained the network, and does not say why it ended."""


@dataclass(frozen=True)
class Stop:
    """Say why training ends: a kind for programs, a sentence for people."""

    kind: StopKind
    reason: str


@dataclass(frozen=True)
class EpochRecord:
    """Record one pass over the training data.

    Attributes
    ----------
    epoch : int
        Counts from 1.
    loss : float
        Mean loss of the training samples, each measured in its batch just before the update it led to.
        Without the penalty.
    accuracy : float or None
        Share of the training samples answered rightly, measured the same way; None for a regression.
    validation_loss, validation_accuracy : float or None
        Measured after the epoch; None without validation data.
    seconds : float
        Wall-clock time of the epoch, its validation included.
    penalty : float
        Mean L2 penalty of the batches, which training minimises along with the loss.
    learning_rate : float or None
        That of the epoch's last step; None where it is not known, and with L-BFGS, which has none.
    """

    epoch: int
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float
    penalty: float = 0.0
    learning_rate: float | None = None

    def __str__(self) -> str:
        parts = [f"epoch {self.epoch:3}", f"loss {self.loss:.4f}"]
        for name in ("accuracy", "validation_loss", "validation_accuracy"):
            value = getattr(self, name)
            if value is not None:
                parts.append(f"{name.replace('_', ' ')} {value:.4f}")
        return "  ".join([*parts, f"{self.seconds:.2f} s"])

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured, by name: all but the number of the epoch, and what is None."""
        return {name: value for name, value in asdict(self).items() if name != "epoch" and value is not None}


def log_epoch(record: EpochRecord) -> None:
    """Write an epoch to the logger ``glassnet`` of `logging`, at level INFO; give it as ``on_epoch``.

    Parameters
    ----------
    record : EpochRecord
        The message is its text. For those who log in fields, the `logging.LogRecord` has its number as
        ``epoch`` and its figures as ``metrics``.

    Notes
    -----
    As of any logger, lines are seen where a program asks for them:
    ``logging.basicConfig(level=logging.INFO)``.
    """
    fields_of_log = {"epoch": record.epoch, "metrics": record.metrics}
    logging.getLogger("glassnet").info("%s", record, extra=fields_of_log)


@dataclass
class History:
    """Hold the records of a training run, and why it ended.

    No program should read the wording of `stopping_reason`: `stopped_by` says the same.

    Attributes
    ----------
    records : list of EpochRecord
    stopping_reason : str
        A sentence; empty while training runs.
    best_epoch : int or None
        The epoch with the lowest validation loss; None without validation data.
    stopped_by : StopKind or None
        None while training runs, and where it is not known: in a file that an earlier version wrote.
    threads : int or None
        The BLAS threads of its steps, see `glassnet.nn.choosing`; None where it is not known. It tells of the
        machine, not of the training, and makes no difference between two histories.
    """

    records: list[EpochRecord] = field(default_factory=list)
    stopping_reason: str = ""
    best_epoch: int | None = None
    stopped_by: StopKind | None = None
    threads: int | None = field(default=None, compare=False)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the kind of stop from its text too: skops stores such a member as a plain string."""
        kind = state.get("stopped_by")
        self.__dict__.update(state | {"stopped_by": None if kind is None else StopKind(kind)})

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        parts = [_count(len(self))]
        if self.records:
            parts.append(f"loss {self.records[0].loss:.4g} to {self.records[-1].loss:.4g}")
        if self.best_epoch is not None:
            parts.append(f"the best is epoch {self.best_epoch}")
        return f"<History: {', '.join(parts)}; {self.stopping_reason or 'not ended'}>"

    def _repr_html_(self) -> str:
        """Return a table for a notebook; of many epochs the first, the best and the last."""
        from glassnet._common.notebook import Table, ends_of, render  # not before a notebook asks

        shown = [name for name in _COLUMNS if any(value is not None for value in self.column(name))]
        best = [i for i, record in enumerate(self.records) if record.epoch == self.best_epoch]
        rows = [
            ["…"] * len(shown) if i is None else [_write(getattr(self.records[i], name)) for name in shown]
            for i in ends_of(len(self), *best)
        ]
        tables = [Table([name.replace("_", " ") for name in shown], rows)] if rows else []
        note = f"The best is epoch {self.best_epoch}." if best else ""
        return render(_count(len(self)), [self.stopping_reason], tables=tables, note=note)

    @property
    def news(self) -> str:
        """What there is to say of the machine after the first epoch; mostly nothing."""
        return f"{self.threads} BLAS threads" if len(self) == 1 and (self.threads or 1) > 1 else ""

    def end(self, stop: Stop) -> None:
        """Note why training ended."""
        self.stopped_by, self.stopping_reason = stop.kind, stop.reason

    def column(self, name: str) -> list[Any]:
        """Return one quantity over the epochs, for example ``column("validation_loss")``."""
        if name not in _COLUMNS:
            raise KeyError(f"no column {quoted(name)}; known: {', '.join(_COLUMNS)}")
        return [getattr(record, name) for record in self.records]

    def to_frame(self) -> "DataFrame":
        """Return a row for each epoch as a pandas DataFrame, NaN where nothing was measured.

        Raises
        ------
        ImportError
            When pandas is not installed; `column` and ``to_json()["records"]`` need nothing.
        """
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise ImportError(
                "to_frame makes a DataFrame of pandas, which is not installed: pip install pandas. "
                'Or take the columns one by one: history.column("loss").'
            ) from error
        columns = {name: self.column(name) for name in _COLUMNS}
        frame = DataFrame({name: values for name, values in columns.items() if name != "epoch"}, dtype=float)
        frame.insert(0, "epoch", columns["epoch"])
        return frame

    def to_json(self) -> dict[str, Any]:
        """Return the history as values that JSON can hold."""
        records = [dict(vars(record)) for record in self.records]  # `asdict` takes 25 times as long
        return {**vars(self), "records": records}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "History":
        """Return the history that `to_json` described.

        Raises
        ------
        KeyError, TypeError, ValueError
            When it describes none: a part is missing, or is of another kind.
        """
        if not isinstance(value["records"], list):
            raise TypeError(f"records={value['records']!r:.80} in a history; expected a list")
        records = [_record_of(record) for record in value["records"]]
        kind = value.get("stopped_by")  # older files do not have it
        stopped_by = None if kind is None else StopKind(kind)
        reason, best_epoch = value["stopping_reason"], value["best_epoch"]
        if not isinstance(reason, str):
            raise TypeError(f"stopping_reason={reason!r} in a history; expected text")
        if best_epoch is not None and (type(best_epoch) is not int or not 0 < best_epoch < _MOST):
            raise TypeError(
                f"best_epoch={best_epoch!r} in a history; expected the number of an epoch, or None"
            )
        threads = value.get("threads")
        if threads is not None and (type(threads) is not int or not 0 < threads < _MOST):
            raise TypeError(f"threads={threads!r} in a history; expected a number of threads, or None")
        return cls(records, reason, best_epoch, stopped_by, threads)


def _record_of(value: dict[str, Any]) -> EpochRecord:
    """Return the record that JSON described: the number of an epoch, and figures, some of them None."""
    record = EpochRecord(**value)
    if type(record.epoch) is not int or not 0 <= record.epoch < _MOST:
        raise TypeError(f"epoch={record.epoch!r} in a history; expected a whole number")
    for name, figure in vars(record).items():
        is_number = isinstance(figure, float) or (type(figure) is int and abs(figure) < _MOST)
        if not is_number and not (name in _MAY_LACK and figure is None):
            raise TypeError(f"{name}={figure!r} in a history; expected a number")
    return record


_COLUMNS = [field.name for field in fields(EpochRecord)]
"""Of a table of epochs."""

_MAY_LACK = ("accuracy", "validation_loss", "validation_accuracy", "learning_rate")
"""The figures that not every training has."""

_MOST = 2**63
"""What whole numbers of a history are below: an array holds them."""


def _write(value: float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:.4g}"


def _count(n: int) -> str:
    return f"{n} epoch" if n == 1 else f"{n} epochs"
