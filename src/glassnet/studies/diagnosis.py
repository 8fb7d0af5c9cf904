"""What the doctor says of a study's run: of each of its models, and of the published scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from glassnet.datasets import load_mnist
from glassnet.doctor.checks import CHECKS
from glassnet.doctor.claim_check import CheckedClaims, check_claims
from glassnet.doctor.claims import Claims, ReportedRow, Split
from glassnet.doctor.diagnosis import Diagnosis, diagnose
from glassnet.doctor.files import load_model
from glassnet.doctor.findings import SEVERITIES
from glassnet.doctor.scores import Reported
from glassnet.errors import StudyError
from glassnet.studies import fashion, fashion_activations, fashion_grid, mnist_init
from glassnet.studies.base import ModelResult, RunConfig
from glassnet.studies.folder import MODEL_FILE, RunFolder

Part = tuple[NDArray[Any], NDArray[Any]]


class Parts(NamedTuple):
    """The data that a study's models were trained and tested on, as they were given them."""

    train: Part
    validation: Part
    test: Part


@dataclass(frozen=True)
class RunDiagnosis:
    """Hold what the doctor found in a run; ``print`` it.

    Attributes
    ----------
    study : str
    models : dict of str to Diagnosis
        By the model's name.
    divided_twice : dict of str to Diagnosis
        The same models, given test images that were divided by 255 once more; of studies whose published
        scores that explains.
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
            name: (SEVERITIES.index(diagnosis.findings[0].severity), causes.index(diagnosis.findings[0].code))
            for name, diagnosis in self.models.items()
            if diagnosis.findings
        }
        return min(ranks, key=lambda name: ranks[name]) if ranks else None

    def __str__(self) -> str:
        lines = [f"{self.study}: {len(self.models)} models"]
        lines += [f"  {name:28}{_headline(diagnosis)}" for name, diagnosis in self.models.items()]
        if self.divided_twice:
            lines += ["", "Given test images divided by 255 twice:"]
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

    def sections(self) -> list[str]:
        """Return a section of HTML for the claims and each model, for a page or a study's report."""
        whole = [] if self.claims is None else [self.claims]
        return [d._repr_html_() for d in [*whole, *self.models.values(), *self.divided_twice.values()]]

    def _repr_html_(self) -> str:
        return "".join(self.sections())


def _headline(diagnosis: Diagnosis) -> str:
    """Return the codes of the findings that matter most."""
    worst = [f.code for f in diagnosis.findings if f.severity == "high"] or diagnosis.codes
    return ", ".join(worst) if worst else "nothing found"


def load_parts(config: RunConfig) -> Parts:
    """Return the data that the models of a run were given.

    Raises
    ------
    StudyError
        When the study keeps no models that could be examined.
    """
    if config.study == mnist_init.MNIST_INIT.name:
        parts = mnist_init.load_parts(config.quick, config.seed)
        return Parts(*(parts[name] for name in Parts._fields))
    if config.study == fashion_activations.FASHION_ACTIVATIONS.name:
        images = fashion.load_parts(config.quick)
        return Parts(*((fashion.scaled(images[name][0]), images[name][1]) for name in Parts._fields))
    raise StudyError(
        f"the doctor does not know the data of {config.study}; expected a run of mnist-init or "
        "fashion-activations, or of fashion-grid for its scores alone. Call glassnet.diagnose with the model."
    )


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
    config, claims = results.config, CLAIMS.get(results.study)
    checked = None if claims is None else check_claims(claims(results.models))
    if results.study == fashion_grid.FASHION_GRID.name:
        return RunDiagnosis(results.study, {}, {}, checked)
    parts = load_parts(config)
    chosen = _choose(results.models, models)
    found: dict[str, Diagnosis] = {}
    twice: dict[str, Diagnosis] = {}
    for name in chosen:
        model = load_model(folder.model_path(name) / MODEL_FILE)
        X_test, y_test = parts.test
        found[name] = diagnose(model, *parts.train, X_test=X_test, y_test=y_test, name=name)
        if results.study == fashion_activations.FASHION_ACTIVATIONS.name:
            twice[name] = _divided_twice(model, parts, name)
        on_model(name, found[name])
    return RunDiagnosis(results.study, found, twice, checked)


def _choose(results: Sequence[ModelResult], models: Sequence[str] | None) -> list[str]:
    known = [result.name for result in results]
    unknown = [name for name in models or () if name not in known]
    if unknown:
        raise StudyError(f"the run has no model {unknown[0]!r}; it has {', '.join(known)}.")
    return known if models is None else list(models)


def _divided_twice(model: Any, parts: Parts, name: str) -> Diagnosis:
    X_test, y_test = parts.test
    label = f"{name}, test images divided by 255 twice"
    return diagnose(model, *parts.train, X_test=X_test / 255.0, y_test=y_test, name=label)


def published_claims_of_b(results: Sequence[ModelResult]) -> Claims:
    """Return the published table of section B: twelve models, three splits."""
    data = load_mnist()
    pool = data.train.labels
    sizes = mnist_init.PUBLISHED_SIZES
    splits = {
        name: Split(name, size=sizes[name], pool=pool, pool_name="mnist/train")
        for name in ("train", "validation")
    } | {"test": Split("test", labels=data.test.labels)}
    rows = tuple(
        ReportedRow(Reported(spec.name, split, repr(score)))
        for spec in mnist_init.SPECS
        for split, score in mnist_init.PUBLISHED_ACCURACY.items()
    )
    return Claims("published scores of section B", rows, splits, n_classes=10)


def published_claims_of_c2(results: Sequence[ModelResult]) -> Claims:
    """Return the published test accuracies of part C2."""
    labels = fashion.load_parts(quick=False)["test"][1]
    rows = tuple(
        ReportedRow(Reported(activation, "test", repr(score)))
        for activation, score in fashion_activations.PUBLISHED_ACCURACY.items()
    )
    return Claims("published scores of section C2", rows, {"test": Split("test", labels)}, n_classes=10)


def claims_of_grid(results: Sequence[ModelResult]) -> Claims:
    """Return the scores of every fold of a grid search, with what the search varied."""
    rows = tuple(
        ReportedRow(
            Reported(
                fashion_grid.name_of(result.settings),
                f"fold {result.settings['fold']}",
                repr(result.validation["accuracy"]),
            ),
            {name: str(result.settings[name]) for name in fashion_grid.GRID},
        )
        for result in results
        if result.validation.get("accuracy") is not None and result.engine == results[0].engine
    )
    return Claims("scores of the grid search", rows, {})


CLAIMS: dict[str, Callable[[Sequence[ModelResult]], Claims]] = {
    mnist_init.MNIST_INIT.name: published_claims_of_b,
    fashion_activations.FASHION_ACTIVATIONS.name: published_claims_of_c2,
    fashion_grid.FASHION_GRID.name: claims_of_grid,
}
"""The scores of a study that are checked, published ones or those of its own search."""
