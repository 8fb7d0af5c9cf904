"""Studies: models trained side by side, and what their numbers say about published claims."""

from glassnet._common.claims import Claim, Verdict
from glassnet.studies.assignment.fashion_activations import FASHION_ACTIVATIONS
from glassnet.studies.assignment.fashion_features import FASHION_FEATURES
from glassnet.studies.assignment.fashion_grid import FASHION_GRID
from glassnet.studies.assignment.fashion_reconstruction import FASHION_RECONSTRUCTION
from glassnet.studies.assignment.hand import HAND
from glassnet.studies.assignment.mnist_init import MNIST_INIT
from glassnet.studies.base import (
    Conclusion,
    Exhibit,
    Insight,
    ModelResult,
    ModelSpec,
    RunConfig,
    Study,
    StudyResult,
)
from glassnet.studies.folder import RunFolder

STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        HAND,
        MNIST_INIT,
        FASHION_ACTIVATIONS,
        FASHION_GRID,
        FASHION_RECONSTRUCTION,
        FASHION_FEATURES,
    )
}
"""Every study, by the name of the command line."""

__all__ = [
    "STUDIES",
    "Claim",
    "Conclusion",
    "Exhibit",
    "Insight",
    "ModelResult",
    "ModelSpec",
    "RunConfig",
    "RunFolder",
    "Study",
    "StudyResult",
    "Verdict",
]
