"""Studies: models trained side by side, and what their numbers say about published claims."""

from glassnet.studies.base import (
    Claim,
    Conclusion,
    Finding,
    ModelResult,
    ModelSpec,
    RunConfig,
    Study,
    StudyResult,
)
from glassnet.studies.folder import RunFolder
from glassnet.studies.mnist_init import MNIST_INIT

STUDIES: dict[str, Study] = {study.name: study for study in (MNIST_INIT,)}
"""Every study, by the name of the command line."""

__all__ = [
    "STUDIES",
    "Claim",
    "Conclusion",
    "Finding",
    "ModelResult",
    "ModelSpec",
    "RunConfig",
    "RunFolder",
    "Study",
    "StudyResult",
]
