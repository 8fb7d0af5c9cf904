"""What a person's study is: what its file says, checked, as plain values."""

from dataclasses import asdict, dataclass, field
from typing import Any

DESCRIPTION_VERSION = 1


@dataclass(frozen=True)
class DataPart:
    """Say where the samples are.

    Attributes
    ----------
    source : str
        A key of `glassnet.data.DATASETS`, the path of a table, or ``"module:function"``. Empty where there
        are IDX files, or arrays that were given in Python.
    target : str
        The column of a table that is predicted.
    drop : list of str
        Columns of a table that are left out.
    images, labels, test_images, test_labels : str
        Paths of IDX files.
    rows : int or None
        How many training samples to take, drawn with the run's seed; None takes all.
    sha256 : dict of str to str
        Of each file, or of arrays.
    """

    source: str = ""
    target: str = ""
    drop: list[str] = field(default_factory=list)
    images: str = ""
    labels: str = ""
    test_images: str = ""
    test_labels: str = ""
    rows: int | None = None
    sha256: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SplitPart:
    """Say what is held back.

    Attributes
    ----------
    test : float
        The part of the samples that models are tested on; not used where the data have a test part.
    validation : float
        The part of the others that candidates are chosen by.
    folds : int
        In how many parts the others are divided, each of which is the validation part once; 0 makes one
        split.
    """

    test: float = 0.2
    validation: float = 0.2
    folds: int = 0


@dataclass(frozen=True)
class MetricPart:
    """Name a figure of merit: an entry of `FIGURES`, or a function.

    Attributes
    ----------
    name : str
    function : str
        ``"module:function"`` of the true values and the answers; empty for an entry of the table.
    less_is_better : bool
    """

    name: str
    function: str = ""
    less_is_better: bool = False


@dataclass(frozen=True)
class PublishedFigure:
    """Hold a figure that somebody published, to be judged.

    Attributes
    ----------
    metric : str
    value : str
        As it was written: its digits say how exactly it is known.
    split : str
        ``"test"``, ``"validation"`` or ``"train"``.
    where : dict
        What tells the candidate; empty means the best one.
    tolerance : float or None
        How far the reproduced figure may be off; None leaves it to the kind of the figure.
    """

    metric: str
    value: str
    split: str = "test"
    where: dict[str, Any] = field(default_factory=dict)
    tolerance: float | None = None


@dataclass(frozen=True)
class Range:
    """Say what values of a parameter a search tries.

    Attributes
    ----------
    low, high : int, float or None
        The ends of a range, both included; whole numbers where both are. None where there are `choices`.
    log : bool
        Whether factors, not differences, are drawn evenly.
    choices : list
        The values themselves; empty for a range.
    """

    low: Any = None
    high: Any = None
    log: bool = False
    choices: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class SearchPart:
    """Say how settings are searched for.

    Attributes
    ----------
    trials : int
        How many candidates are tried at most.
    minutes : float or None
        How long the search takes at most; None leaves it to the trials.
    prune : bool
        Whether trainings end early that fall behind.
    space : dict of str to Range
        What is tried of which parameter; empty for the default space of the model.
    """

    trials: int = 100
    minutes: float | None = None
    prune: bool = True
    space: dict[str, Range] = field(default_factory=dict)


@dataclass(frozen=True)
class Description:
    """Hold all that a study's file says. See `glassnet.Study` for what the fields mean."""

    name: str
    data: DataPart
    estimator: str
    metrics: list[MetricPart]
    title: str = ""
    question: str = ""
    split: SplitPart = field(default_factory=SplitPart)
    settings: dict[str, Any] = field(default_factory=dict)
    vary: dict[str, list[Any]] = field(default_factory=dict)
    candidates: list[dict[str, Any]] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    seed: int = 0
    epochs: int = 50
    quick_epochs: int = 3
    quick_rows: int = 500
    examines: bool = True
    published: list[PublishedFigure] = field(default_factory=list)
    search: SearchPart | None = None
    format_version: int = DESCRIPTION_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {name: value for name, value in asdict(self).items() if name != "search" or value is not None}
