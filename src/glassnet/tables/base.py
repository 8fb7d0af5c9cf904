"""What the fit of a table is: what determines it, and what it came to."""

from dataclasses import asdict, dataclass, field
from typing import Any

from glassnet._common.fields import build
from glassnet._common.words import Word

FIT_VERSION = 1
"""Version of results.json of a table's fit, see docs/results.md."""


class Task(Word):
    """What a model of a table does."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


@dataclass(frozen=True)
class FitConfig:
    """Hold what determines the numbers of a fit; two with equal configs give equal ones.

    Attributes
    ----------
    table : str
        The SHA-256 of the file.
    target : str
    test : str
        The SHA-256 of the file of test rows; empty where they are a part of the table.
    task : str
        A value of `Task` that was asked for; empty where the target says it.
    recipe : str
        Of the model, a key of `glassnet.models.tabular.RECIPES`.
    quick : bool
        Whether it is the short form, of few epochs.
    folds : int
        Of a cross-validation; 0 for one test part.
    drop : list of str
        Columns that are left out.
    drops_gaps : bool
        Whether rows without a target are left out.
    seed : int
    """

    table: str
    target: str
    test: str = ""
    task: str = ""
    recipe: str = "realmlp"
    quick: bool = False
    folds: int = 0
    drop: list[str] = field(default_factory=list)
    drops_gaps: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Score:
    """Hold a figure with the ends of its interval, which holds the true one in 95 of 100 tables."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Standing:
    """Hold how one of the models that were compared did.

    Attributes
    ----------
    name : str
        A key of `CONTENDERS`.
    scores : dict of str to Score
        By the metric, a key of `METRICS`; on rows that it was not trained on.
    seconds : float
        Of its training; with folds, of all of them.
    lead : Score or None
        How far glassnet's model is ahead of it in the main metric, on the same rows; None for that model.
    """

    name: str
    scores: dict[str, Score]
    seconds: float
    lead: Score | None = None


@dataclass(frozen=True)
class ColumnFacts:
    """Hold what a column is, and how the model takes it.

    Attributes
    ----------
    name, kind : str
    n_missing, n_distinct : int
    examples : str
        The range of numbers and dates, the commonest texts.
    encoded : str
        What the model makes of it; empty for the target.
    note : str
        What was decided about it, or is conspicuous.
    importance : float or None
        How much the main metric falls when its values are exchanged between rows; None where that was not
        measured.
    spread : float
        The standard deviation of this over the repeats.
    """

    name: str
    kind: str
    n_missing: int
    n_distinct: int
    examples: str
    encoded: str
    note: str
    importance: float | None = None
    spread: float = 0.0


@dataclass(frozen=True)
class Reliability:
    """Hold how often answers of about the same probability were right.

    Attributes
    ----------
    confidence, share : list of float
        The mean probability of the answers of a group, and the part of them that was right.
    lower, upper : list of float
        Wilson's 95 % interval of this part.
    error : float
        The expected calibration error, see `glassnet.models.reliability`.
    """

    confidence: list[float]
    share: list[float]
    lower: list[float]
    upper: list[float]
    error: float


@dataclass(frozen=True)
class TableResult:
    """Hold everything in results.json of a table's fit.

    Attributes
    ----------
    config : FitConfig
    table, test : str
        The files, as they were named.
    task : Task
    why_task : str
    n_train, n_test : int
        Rows; with folds, both are all rows.
    notes : list of str
        What was left out.
    columns : list of ColumnFacts
        The features; the target comes first.
    classes : list of str
        In the order of `confusion`; empty for a regression.
    model : dict
        Of the model that was kept, for people: its recipe, size, epochs and seconds.
    metric : str
        The main one, a key of `METRICS`.
    standings : list of Standing
        glassnet's model first.
    confusion : list of list of int
        Of the test rows: classes, and the answers; empty for a regression.
    points : list of list of float
        True and predicted value of some test rows; empty for a classification.
    reliability : Reliability or None
        None for a regression.
    seconds : float
        Of everything.
    environment : dict
    """

    config: FitConfig
    table: str
    test: str
    task: Task
    why_task: str
    n_train: int
    n_test: int
    notes: list[str]
    columns: list[ColumnFacts]
    classes: list[str]
    model: dict[str, Any]
    metric: str
    standings: list[Standing]
    confusion: list[list[int]]
    points: list[list[float]]
    reliability: Reliability | None
    seconds: float
    environment: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the content of results.json."""
        return {"format_version": FIT_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, value: Any) -> "TableResult":
        """Return what `to_json` described.

        Raises
        ------
        ValueError
            When it describes none: see `build`.
        """
        return build(cls, {name: part for name, part in value.items() if name != "format_version"})
