"""The doctor looks at one model of a study, and at the scores that the study is about."""

from collections.abc import Sequence
from functools import lru_cache

from glassnet._common.naming import lookup
from glassnet.data import DATASETS
from glassnet.doctor import Remembered, diagnose
from glassnet.doctor.diagnosis import Diagnosis
from glassnet.doctor.files import load_model
from glassnet.doctor.scores.claim_check import CheckedClaims, check_claims
from glassnet.studies.base import ModelResult, ModelSpec, RunConfig, Study
from glassnet.studies.folder import MODEL_FILE, RunFolder

_REMEMBERED = Remembered()
"""The models of a study are mostly given the same data."""


def examine(
    study: Study, config: RunConfig, spec: ModelSpec, folder: RunFolder, *, test_divisor: float | None = None
) -> Diagnosis | None:
    """Examine a trained model, on the data that it was given.

    Parameters
    ----------
    study : Study
    config : RunConfig
    spec : ModelSpec
    folder : RunFolder
        Where the model is.
    test_divisor : float, optional
        Divide the test inputs by it first.

    Returns
    -------
    Diagnosis or None
        None when the study does not say what its models were given, or training left no model.
    """
    path = folder.model_path(spec.name) / MODEL_FILE
    if study.parts is None or not path.exists():
        return None
    parts = study.parts(config, spec, folder.path)
    X_test, y_test = parts["test"]
    if test_divisor is not None:
        X_test = X_test / test_divisor
    model = load_model(path)
    return diagnose(
        model,
        *parts["train"],
        X_test=X_test,
        y_test=y_test,
        name=spec.name,
        class_names=name_classes(study) if hasattr(model, "classes_") else None,
        remembered=_REMEMBERED,
    )


def name_classes(study: Study) -> tuple[str, ...] | None:
    """Return what the labels of a study's data set mean; None when it has none."""
    return _names_in(study.dataset) if study.dataset else None


@lru_cache(maxsize=1)
def _names_in(dataset: str) -> tuple[str, ...] | None:
    return lookup(DATASETS, dataset, "data set").load().class_names


def check_scores(study: Study, results: Sequence[ModelResult]) -> CheckedClaims | None:
    """Check the scores that a study is about; None when it has none."""
    claims = None if study.claims is None else study.claims(results)
    return check_claims(claims) if claims is not None and claims.rows else None
