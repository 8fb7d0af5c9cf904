"""What happened in training, as plain rows that everything else reads."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any


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
    """

    epoch: int
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float
    penalty: float = 0.0

    def __str__(self) -> str:
        parts = [f"epoch {self.epoch:3}", f"loss {self.loss:.4f}"]
        for name in ("accuracy", "validation_loss", "validation_accuracy"):
            value = getattr(self, name)
            if value is not None:
                parts.append(f"{name.replace('_', ' ')} {value:.4f}")
        return "  ".join([*parts, f"{self.seconds:.2f} s"])


@dataclass
class History:
    """Hold the records of a training run, and why it ended.

    Attributes
    ----------
    records : list of EpochRecord
    stopping_reason : str
        A sentence; empty while training runs.
    best_epoch : int or None
        The epoch with the lowest validation loss; None without validation data.
    """

    records: list[EpochRecord] = field(default_factory=list)
    stopping_reason: str = ""
    best_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.records)

    def column(self, name: str) -> list[Any]:
        """Return one quantity over the epochs, for example ``column("validation_loss")``."""
        known = [field.name for field in fields(EpochRecord)]
        if name not in known:
            raise KeyError(f"no column {name!r}; known: {', '.join(known)}")
        return [getattr(record, name) for record in self.records]

    def to_json(self) -> dict[str, Any]:
        """Return the history as values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "History":
        """Return the history that `to_json` described."""
        records = [EpochRecord(**record) for record in value["records"]]
        return cls(records, value["stopping_reason"], value["best_epoch"])
