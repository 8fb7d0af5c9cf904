"""What a study is: models to train, and what their numbers say about published claims.

A study is one `Study` value and one entry of the table `STUDIES`. The runner trains its models in
parallel processes and keeps every finished one on disk; a study itself only knows its models.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from glassnet.history import EpochRecord

RESULTS_VERSION = 1
"""Version of results.json, see docs/results.md; raised when a reader of the old one could fail."""

Splits = dict[str, dict[str, float]]
"""Loss and accuracy of each split: ``{"test": {"loss": 0.1, "accuracy": 0.97}, ...}``."""


@dataclass(frozen=True)
class RunConfig:
    """Hold what determines a run's numbers; two runs with equal configs give equal results.

    Attributes
    ----------
    study : str
        A key of `STUDIES`.
    quick : bool
        Whether this is the short form, on part of the data.
    epochs : int
        Maximum number of epochs of each model.
    seed : int
        Of the split, the initial weights and the order of the samples.
    """

    study: str
    quick: bool
    epochs: int
    seed: int


@dataclass(frozen=True)
class ModelSpec:
    """Describe one model of a study.

    Attributes
    ----------
    name : str
        Also the name of its folder: ``relu-normal``.
    activation, weight_init : str
        Names from the tables.
    """

    name: str
    activation: str
    weight_init: str


@dataclass(frozen=True)
class ModelResult:
    """Hold what one trained model came to.

    Attributes
    ----------
    name, activation, weight_init : str
        As in its `ModelSpec`.
    state : {"finished", "diverged"}
    stopped_epoch : int
        How many epochs were run.
    best_epoch : int or None
        The epoch whose weights were kept: that of the lowest validation loss.
    stopping_reason : str
    seconds : float
        Of training.
    train, validation, test : dict
        ``loss`` and ``accuracy`` of the kept weights; None when training diverged before any was kept.
    evidence : dict
        What the study measured on this model beside its scores.
    """

    name: str
    activation: str
    weight_init: str
    state: str
    stopped_epoch: int
    best_epoch: int | None
    stopping_reason: str
    seconds: float
    train: dict[str, float | None]
    validation: dict[str, float | None]
    test: dict[str, float | None]
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """Set one published figure beside the reproduced one.

    Attributes
    ----------
    quantity : str
        What the figure is of.
    published, reproduced : str
        As people read them.
    verdict : {"confirmed", "not reproducible", "wrong"}
    explanation : str
        Why, from numbers that the study computed.
    """

    quantity: str
    published: str
    reproduced: str
    verdict: str
    explanation: str


@dataclass(frozen=True)
class Finding:
    """State what the study found out, with the numbers it rests on.

    Attributes
    ----------
    title : str
        One sentence.
    text : str
        A paragraph that a student understands.
    table : dict
        ``columns``, a list of str, and ``rows``, a list of lists of str: the evidence. May be empty.
    """

    title: str
    text: str
    table: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Conclusion:
    """Hold what a study says about the models that are finished so far.

    Attributes
    ----------
    best : dict
        ``name`` of the best model, ``reason`` in a sentence, its ``confusion`` matrix on the test data
        (rows: labels, columns: answers) and its ``confident_errors``: ``index``, ``label``, ``predicted``,
        ``probability``. Empty while no model can be best.
    claims : list of Claim
    findings : list of Finding
    """

    best: dict[str, Any] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class StudyResult:
    """Hold everything in results.json.

    Attributes
    ----------
    study, title, question : str
    config : RunConfig
    complete : bool
        Whether every model is finished.
    models : list of ModelResult
        The finished ones, in the study's order.
    conclusion : Conclusion
    environment : dict
        Versions, BLAS, threads, processor.
    """

    study: str
    title: str
    question: str
    config: RunConfig
    complete: bool
    models: list[ModelResult]
    conclusion: Conclusion
    environment: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the content of results.json."""
        return {"format_version": RESULTS_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "StudyResult":
        """Return what `to_json` described."""
        conclusion = value["conclusion"]
        return cls(
            study=value["study"],
            title=value["title"],
            question=value["question"],
            config=RunConfig(**value["config"]),
            complete=value["complete"],
            models=[ModelResult(**model) for model in value["models"]],
            conclusion=Conclusion(
                best=conclusion["best"],
                claims=[Claim(**claim) for claim in conclusion["claims"]],
                findings=[Finding(**finding) for finding in conclusion["findings"]],
            ),
            environment=value["environment"],
        )


@dataclass(frozen=True)
class Study:
    """Describe a study: an entry of `STUDIES`.

    Attributes
    ----------
    name : str
        The key, and the word on the command line.
    title, question : str
        For people.
    dataset : str
        A key of `glassnet.datasets.DATASETS`.
    settings : dict
        What the models share, by name, for people to read.
    epochs, quick_epochs : int
        Maximum number of epochs in the full and in the quick form.
    specs : tuple of ModelSpec
    train : callable
        ``train(config, spec, folder, on_epoch) -> ModelResult`` trains one model, in whatever process it is
        called, and leaves the model's files in `folder`. The same config gives the same result.
    conclude : callable
        ``conclude(config, results, folder) -> Conclusion`` reads the finished models in `folder`.
    """

    name: str
    title: str
    question: str
    dataset: str
    settings: dict[str, Any]
    epochs: int
    quick_epochs: int
    specs: tuple[ModelSpec, ...]
    train: Callable[[RunConfig, ModelSpec, Path, Callable[[EpochRecord], object]], ModelResult]
    conclude: Callable[[RunConfig, Sequence[ModelResult], Path], Conclusion]

    def config(self, *, quick: bool = False, epochs: int | None = None, seed: int = 0) -> RunConfig:
        """Return the config of a run; `epochs` unless given are the study's own."""
        return RunConfig(self.name, quick, epochs or (self.quick_epochs if quick else self.epochs), seed)
