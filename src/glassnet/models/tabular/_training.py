"""How the networks of an estimator for tables are trained: here, or over processes."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.models.tabular._member import Member, fit_member
from glassnet.models.tabular.recipe import Recipe
from glassnet.nn.architecture import Architecture
from glassnet.nn.history import EpochRecord
from glassnet.nn.samples import Samples
from glassnet.nn.threads import one_thread


def train_one(
    recipe: Recipe,
    architecture: Architecture,
    accuracy: bool,
    Z: Array,
    targets: Array,
    weight: Array | None,
    rows: NDArray[np.intp],
    watching: tuple[Array, Array] | None,
    seed: np.random.SeedSequence,
    on_epoch: Callable[[EpochRecord], object] = lambda record: None,
) -> Member:
    """Train one network."""
    samples = Samples(Z, targets, Z.dtype, weight=weight)
    held_out = None if watching is None else Samples(*watching, Z.dtype)
    return fit_member(
        recipe, architecture, samples, rows, held_out, seed, accuracy=accuracy, on_epoch=on_epoch
    )


def train_in_processes(n_jobs: int, shared: tuple[Any, ...], each: Iterable[tuple[Any, ...]]) -> list[Member]:
    """Train several networks at a time, with one BLAS thread each; `shared` and `each` are of `train_one`."""
    members: list[Member] = Parallel(n_jobs)(delayed(_train_alone)(*shared, *own) for own in each)
    return members


def _train_alone(*of_one: Any) -> Member:
    """Train one network beside others that have a core each."""
    with one_thread():
        return train_one(*of_one)
