"""What the doctor says of a study's run: of each of its models, and of the published scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glassnet._common.quoting import quoted
from glassnet._common.words import counted
from glassnet.doctor.checks.table import CHECKS
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.files import load_model
from glassnet.doctor.findings import Severity
from glassnet.doctor.scores.claim_check import CheckedClaims
from glassnet.doctor.write.document import Document
from glassnet.doctor.write.html import render_section
from glassnet.errors import StudyError
from glassnet.studies.base import ModelResult, SplitData
from glassnet.studies.examination import check_scores
from glassnet.studies.finding import study_of
from glassnet.studies.folder import MODEL_FILE, RunFolder
from glassnet.studies.table import STUDIES
from glassnet.studies.workers import examine_each


@dataclass(frozen=True)
class RunDiagnosis:
    """Hold what the doctor found in a run; ``print`` it.

    Attributes
    ----------
    study : str
    models : dict of str to Diagnosis
        By the model's name.
    divided_twice : dict of str to Diagnosis
        The same models, given test images that were divided once more; of studies with a
        `Study.suspected_divisor`.
    claims : CheckedClaims or None
        Of the published scores, or of the scores of a search.
    """

    study: str
    models: Mapping[str, Diagnosis]
    divided_twice: Mapping[str, Diagnosis]
    claims: CheckedClaims | None

    @property
    def sickest(self) -> str | None:
        """The model whose first finding is the worst, or the deepest cause; None without findings."""
        causes = list(CHECKS)
        ranks = {
            name: (diagnosis.findings[0].severity.rank, causes.index(diagnosis.findings[0].code))
            for name, diagnosis in self.models.items()
            if diagnosis.findings
        }
        return min(ranks, key=lambda name: ranks[name]) if ranks else None

    def __repr__(self) -> str:
        return f"<RunDiagnosis of {self.study}: {len(self.models)} models, the sickest is {self.sickest}>"

    def __str__(self) -> str:
        lines = [f"{self.study}: {counted(len(self.models), 'model')}"]
        lines += [f"  {name:28}{_headline(diagnosis)}" for name, diagnosis in self.models.items()]
        if self.divided_twice:
            lines += ["", "Given test images that were divided twice:"]
            lines += [f"  {name:28}{_headline(diagnosis)}" for name, diagnosis in self.divided_twice.items()]
        if self.claims is not None:
            lines += ["", str(self.claims)]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the diagnoses as values that JSON can hold."""
        return {
            "study": self.study,
            "models": {name: diagnosis.to_json() for name, diagnosis in self.models.items()},
            "divided_twice": {name: d.to_json() for name, d in self.divided_twice.items()},
            "claims": None if self.claims is None else self.claims.to_json(),
        }

    @property
    def documents(self) -> list[Document]:
        """What is shown of the claims and of each model."""
        whole = [] if self.claims is None else [self.claims]
        return [d.document for d in [*whole, *self.models.values(), *self.divided_twice.values()]]

    def _repr_html_(self) -> str:
        return "".join(map(render_section, self.documents))


def _headline(diagnosis: Diagnosis) -> str:
    """Return the codes of the findings that matter most."""
    worst = [f.code for f in diagnosis.findings if f.severity == Severity.HIGH] or diagnosis.codes
    return ", ".join(worst) if worst else "nothing found"


def diagnose_run(
    path: str | Path,
    models: Sequence[str] | None = None,
    on_model: Callable[[str, Diagnosis], object] = lambda name, diagnosis: None,
) -> RunDiagnosis:
    """Examine the models of a run, and the scores that were published or found.

    Parameters
    ----------
    path : path-like
        A run folder, as `glassnet study run` leaves it.
    models : sequence of str, optional
        Which models to examine; all unless given.
    on_model : callable
        ``on_model(name, diagnosis)`` is called as soon as a model was examined.

    Returns
    -------
    RunDiagnosis

    Raises
    ------
    RunFolderError
        When the folder is missing or damaged.
    StudyError
        When the study is none that the doctor knows, or has no model of a name.
    """
    folder = RunFolder(path)
    results = folder.read_results()
    study = study_of(folder, results.study)
    claims = check_scores(study, results.models)
    if claims is None and study.parts is None:
        known = [name for name, other in STUDIES.items() if other.parts or other.claims]
        raise StudyError(
            f"{study.name} has no networks and no scores that the doctor could look at; expected a run of "
            f"{', '.join(known)}."
        )
    found: dict[str, Diagnosis] = {}
    twice: dict[str, Diagnosis] = {}
    chosen = _choose(results.models, models)
    for result in chosen:
        folder.check_model(result.name, has_weights=study.keeps_models)
    divisor = study.suspected_divisor
    divisors = [None] if divisor is None else [None, divisor]
    patients = [(result.spec, by) for result in chosen for by in divisors] if study.parts else []
    for (spec, by), diagnosis in zip(
        patients, examine_each(study, results.config, patients, folder), strict=True
    ):
        if diagnosis is None:
            continue
        if by is not None:
            name = f"{spec.name}, test images divided by {by:g} twice"
            twice[spec.name] = replace(diagnosis, name=name)
        else:
            found[spec.name] = diagnosis
        if by == divisors[-1]:
            on_model(spec.name, found[spec.name])
    return RunDiagnosis(study.name, found, twice, claims)


def load_patient(path: str | Path, name: str) -> tuple[Any, list[SplitData]]:
    """Return a model of a run, and what it was given: for training, validation and test."""
    folder = RunFolder(path)
    results = folder.read_results()
    (result,) = _choose(results.models, [name])
    folder.check_model(name)
    parts = study_of(folder, results.study).parts
    assert parts is not None
    given = parts(results.config, result.spec, folder.path)
    model = load_model(folder.model_path(name) / MODEL_FILE)
    return model, [given[split] for split in ("train", "validation", "test")]


def _choose(results: Sequence[ModelResult], names: Sequence[str] | None) -> list[ModelResult]:
    known = {result.name: result for result in results}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise StudyError(f"the run has no model {quoted(unknown[0])}; it has {', '.join(known)}.")
    return list(known.values()) if names is None else [known[name] for name in names]
