"""What a study is: models to train, and what their numbers say about published claims.

A study is one `Study` value, which carries all that is said of it, and one entry of the table `STUDIES`. The
runner trains its models in parallel processes and keeps every finished one on disk; a study itself only knows
its models.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from glassnet._common.claims import Claim as Claim, Verdict as Verdict, judge as judge
from glassnet._common.fields import build
from glassnet._common.quoting import quoted
from glassnet._common.words import counted
from glassnet.doctor.scores.claims import Claims
from glassnet.nn.history import EpochRecord

RESULTS_VERSION = 4
"""Version of results.json, see docs/results.md; raised when a reader of the old one could fail."""

DIGEST = "sha256"
"""The name of results.json's digest in it."""

OF_THE_FILE = ("format_version", DIGEST)
"""What results.json holds beside a `StudyResult`."""

MODEL_STATES = ("finished", "diverged")
"""How a training ends that gives a result."""

QUICK_CAVEAT = "part of the data, few epochs; these are not the study’s numbers."
"""Why a quick run decides nothing."""

SplitData = tuple[NDArray[Any], NDArray[Any]]
"""Inputs and targets of one split."""


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
        Names from the tables; empty where a study has no such models, or says it in the settings.
    engine : str
        Whose network and training loop, a key of `glassnet.studies.engines.ENGINES`.
    settings : dict
        What else tells it from the others of its study: ``{"solver": "adam", "fold": 1}``.
    """

    name: str
    activation: str = ""
    weight_init: str = ""
    engine: str = "glassnet"
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it has in common with its counterparts of other engines, and with no other model."""
        return repr((self.activation, self.weight_init, sorted(self.settings.items())))


@dataclass(frozen=True)
class ModelResult:
    """Hold what one trained model came to.

    Attributes
    ----------
    name, activation, weight_init, engine, settings
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
        Scores of the kept weights by name: ``loss``, ``accuracy``, ``mse``. None when training diverged
        before any weights were kept; empty when the study does not score that part.
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
    engine: str = "glassnet"
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.state not in MODEL_STATES:
            raise ValueError(f"state is {quoted(self.state)}; expected one of {', '.join(MODEL_STATES)}")
        if self.stopped_epoch < 0 or not 0 <= (self.best_epoch or 0) <= self.stopped_epoch:
            raise ValueError(f"epoch {self.best_epoch} of {self.stopped_epoch} cannot be the best")
        if self.seconds < 0:
            raise ValueError(f"seconds are {self.seconds}; expected none below 0")

    @classmethod
    def from_json(cls, value: Any) -> "ModelResult":
        """Return the result that `dataclasses.asdict` described.

        Raises
        ------
        ValueError
            When it describes none: see `build`.
        """
        return build(cls, value)

    @property
    def spec(self) -> ModelSpec:
        """What was trained."""
        return ModelSpec(self.name, self.activation, self.weight_init, self.engine, self.settings)


@dataclass(frozen=True)
class Exhibit:
    """Hold the data of a picture that an insight rests on; the report draws it.

    Attributes
    ----------
    kind : str
        How it is drawn, a key of `glassnet.report.exhibits.EXHIBITS`.
    title : str
        What it shows, in a line.
    data : dict
        What its kind asks for, as values that JSON can hold.
    """

    kind: str
    title: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Insight:
    """State what the study found out, with the numbers it rests on.

    Attributes
    ----------
    title : str
        One sentence.
    text : str
        A paragraph that a student understands.
    table : dict
        ``columns``, a list of str, and ``rows``, a list of lists of str: the evidence. May be empty.
    exhibits : list of Exhibit
        The evidence in pictures. May be empty.
    topic : str
        What it is about, without saying what was found: the title that it has in a quick run.
    needs_full_run : bool
        Whether it rests on trained models, so that a quick run does not show it.
    """

    title: str
    text: str
    table: dict[str, list[Any]] = field(default_factory=dict)
    exhibits: list[Exhibit] = field(default_factory=list)
    topic: str = ""
    needs_full_run: bool = True

    @property
    def is_headline(self) -> bool:
        """Whether the title says what was found out, not only what was looked at."""
        return self.title != self.topic


@dataclass(frozen=True)
class Conclusion:
    """Hold what a study says about the models that are finished so far.

    Attributes
    ----------
    best : dict
        ``name`` of the best model, ``reason`` in a sentence, its ``confusion`` matrix on the test data
        (rows: labels, columns: answers) and its ``confident_errors``: ``index``, ``label``, ``predicted``,
        ``probability``; a study of regressions has neither. Empty while no model can be best.
    claims : list of Claim
    findings : list of Insight
    """

    best: dict[str, Any] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    findings: list[Insight] = field(default_factory=list)

    @property
    def headlines(self) -> list[str]:
        """What was found out, a sentence each."""
        return [finding.title for finding in self.findings if finding.is_headline]

    def without_verdicts(self, why: str) -> "Conclusion":
        """Return the same for a short run, which decides nothing that rests on trained models.

        Parameters
        ----------
        why : str
            The explanation that the claims then have.

        Returns
        -------
        Conclusion
        """
        claims = [
            replace(claim, verdict=Verdict.NOT_JUDGED, explanation=why) if claim.needs_full_run else claim
            for claim in self.claims
        ]
        findings = []
        for number, finding in enumerate(self.findings, 1):
            topic = finding.topic or f"What this short run shows, {number}"
            findings.append(replace(finding, title=topic, topic=topic) if finding.needs_full_run else finding)
        return Conclusion(self.best, claims, findings)


@dataclass(frozen=True)
class StudyResult:
    """Hold everything in results.json.

    Attributes
    ----------
    study, title, question : str
    config : RunConfig
    engines : list of str
        Those that were asked for, and those of finished models.
    complete : bool
        Whether every model that was asked for is finished.
    models : list of ModelResult
        The finished ones, in the study's order.
    conclusion : Conclusion
    environment : dict
        Versions, BLAS, threads, processor.
    waiting : list of str
        Models that were asked for and are not finished.
    """

    study: str
    title: str
    question: str
    config: RunConfig
    engines: list[str]
    complete: bool
    models: list[ModelResult]
    conclusion: Conclusion
    environment: dict[str, Any]
    waiting: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        what = "complete" if self.complete else "not complete"
        return f"<StudyResult of {self.study}: {len(self.models)} models, {what}>"

    def to_json(self) -> dict[str, Any]:
        """Return the content of results.json."""
        rest = asdict(replace(self, models=[]))
        rest["models"] = [dict(vars(model)) for model in self.models]  # plain already, and perhaps thousands
        return {"format_version": RESULTS_VERSION, **rest}

    @classmethod
    def from_json(cls, value: Any) -> "StudyResult":
        """Return what `to_json` described.

        Raises
        ------
        ValueError
            When it describes none: see `build`.
        """
        if not isinstance(value, dict):
            raise ValueError(f"got {quoted(value)}; expected names with their values")
        return build(cls, {name: part for name, part in value.items() if name not in OF_THE_FILE})


TrainFunction = Callable[[RunConfig, ModelSpec, Path, Callable[[EpochRecord], object]], ModelResult]
ConcludeFunction = Callable[[RunConfig, Sequence[ModelResult], Path], Conclusion]
PartsFunction = Callable[[RunConfig, ModelSpec, Path], dict[str, SplitData]]


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
        A key of `glassnet.data.DATASETS`; empty for a study of none.
    settings : dict
        What the models share, by name, for people to read.
    epochs, quick_epochs : int
        Maximum number of epochs in the full and in the quick form.
    specs : tuple of ModelSpec
        Of every engine.
    train : callable
        ``train(config, spec, folder, on_epoch) -> ModelResult`` trains one model, in whatever process it is
        called, and leaves the model's files in `folder`. The same config gives the same result.
    conclude : callable
        ``conclude(config, results, folder) -> Conclusion`` reads the finished models in `folder`.
    parts : callable or None
        ``parts(config, spec, folder) -> {"train": (X, y), "validation": ..., "test": ...}``: what the model
        of the spec was given, for the doctor; `folder` is the run's. None when no model can be examined.
    claims : callable or None
        ``claims(results) -> Claims``: the published scores, or those of the study's own search, for the
        doctor. None when there are none.
    suspected_divisor : float or None
        What the test inputs may have been divided by once more before the published scores were taken: the
        doctor then examines every model on such inputs too.
    beside : tuple of str
        Models of other engines that a run trains too unless engines are named: the report sets them beside
        those of the first engine.
    efforts : dict of str to float
        About how many seconds a model takes in the full form, on some machine, by its name. Long ones begin
        first, so that no core idles at the end; those without a number keep the order of `specs`.
    needs : tuple of Study
        Studies that must have run before, in the same form and with the same seed, because this one reads
        their models. Their run folders lie beside this one's, see `RunFolder.beside`.
    chapter, section : str
        Of the assignment: the word of ``glassnet reproduce`` that runs it, ``"fashion"``, and the heading in
        the report, ``"C2"``. Empty for a study of something else.
    keeps_models : bool
        Whether `train` leaves a model file.
    seed : int
        Of a run, unless another is given.
    definition : dict
        What else determines the numbers: a study that a person described has all that was said here, and its
        run folder keeps it. Empty for those of `STUDIES`.
    origin : str
        The file that a person's study was read from, as it was named.
    """

    name: str
    title: str
    question: str
    dataset: str
    settings: dict[str, Any]
    epochs: int
    quick_epochs: int
    specs: tuple[ModelSpec, ...]
    train: TrainFunction
    conclude: ConcludeFunction
    parts: PartsFunction | None = None
    claims: Callable[[Sequence[ModelResult]], Claims] | None = None
    suspected_divisor: float | None = None
    beside: tuple[str, ...] = ()
    efforts: dict[str, float] = field(default_factory=dict)
    needs: tuple["Study", ...] = ()
    chapter: str = ""
    section: str = ""
    keeps_models: bool = True
    seed: int = 0
    definition: dict[str, Any] = field(default_factory=dict)
    origin: str = ""

    def __repr__(self) -> str:
        return f"<Study {self.name}: {len(self.specs)} models; {self.question}>"

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that it has models of; the first is the one it takes unless told otherwise."""
        return tuple(dict.fromkeys(spec.engine for spec in self.specs))

    def config(self, *, quick: bool = False, epochs: int | None = None, seed: int | None = None) -> RunConfig:
        """Return the config of a run; `epochs` and `seed` unless given are the study's own."""
        epochs = epochs or (self.quick_epochs if quick else self.epochs)
        return RunConfig(self.name, quick, epochs, self.seed if seed is None else seed)

    def caveat(self, config: RunConfig) -> str:
        """Return why a run with this config decides nothing; empty where it is as long as the study asks.

        A study that trains nothing gives the same in every run.
        """
        if self.specs and config.quick:
            return QUICK_CAVEAT
        if self.specs and config.epochs < self.epochs:
            return (
                f"at most {counted(config.epochs, 'epoch')} of the study’s {self.epochs}; these are not its "
                "numbers."
            )
        return ""

    def run_name(self, config: RunConfig) -> str:
        """Return a name that differs for every config: ``"mnist-init-quick-seed1"``."""
        words = [self.name]
        words += ["quick"] if config.quick else []
        words += [f"epochs{config.epochs}"] if config.epochs != self.config(quick=config.quick).epochs else []
        words += [f"seed{config.seed}"] if config.seed != self.seed else []
        return "-".join(words)

    def folder_of(self, config: RunConfig, chosen: str | Path | None = None) -> Path:
        """Return the run folder: ``runs/NAME`` unless one was chosen."""
        return Path("runs") / self.run_name(config) if chosen is None else Path(chosen)

    def words(self) -> list[str]:
        """Return what names it on the command line, behind ``glassnet study run``."""
        return [self.origin or self.name]

    def for_workers(self) -> "Study":
        """Return what another process needs to train and examine a model: without all the other models.

        It travels with each model; of thousands, their descriptions would take longer than the training.
        """
        left_out: dict[str, Any] = {
            "specs": (),
            "needs": (),
            "definition": {},
            "claims": None,
            "conclude": _conclude_nothing,
            "efforts": {},
        }
        return Study(**{one.name: getattr(self, one.name) for one in fields(self)} | left_out)

    def plan(self, engines: Sequence[str] | None = None) -> tuple[ModelSpec, ...]:
        """Return the models to train: of these engines, or else of the first one and what is `beside`."""
        if engines is None:
            return tuple(s for s in self.specs if s.engine == self.engines[0] or s.name in self.beside)
        return tuple(spec for spec in self.specs if spec.engine in engines)

    def specs_of(self, result: StudyResult) -> tuple[ModelSpec, ...]:
        """Return the models that a run was asked for, or has."""
        names = {model.name for model in result.models} | set(result.waiting)
        return tuple(spec for spec in self.specs if spec.name in names)


@dataclass(frozen=True)
class Run:
    """Name a study that is run: how, and where.

    Attributes
    ----------
    study : Study
    config : RunConfig
        As `Study.config` makes it.
    path : Path
        The run folder; made when missing, resumed when it holds a run of the same config.
    engines : sequence of str or None
        Whose models to train; None leaves it to the study, see `Study.plan`.
    """

    study: Study
    config: RunConfig
    path: Path
    engines: Sequence[str] | None = None


def _conclude_nothing(config: RunConfig, results: Sequence[ModelResult], folder: Path) -> Conclusion:
    return Conclusion()
