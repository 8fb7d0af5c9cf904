"""Every study: an entry of `STUDIES` makes it known to the command line, the report and the tests."""

from glassnet.studies.assignment.fashion_activations import FASHION_ACTIVATIONS
from glassnet.studies.assignment.fashion_features import FASHION_FEATURES
from glassnet.studies.assignment.fashion_grid import FASHION_GRID
from glassnet.studies.assignment.fashion_reconstruction import FASHION_RECONSTRUCTION
from glassnet.studies.assignment.hand import HAND
from glassnet.studies.assignment.mnist_init import MNIST_INIT
from glassnet.studies.base import Study

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
"""By the name of the command line, each behind those that it needs; the assignment's in its order."""
