"""The rows of W1 in the order of split inputs' columns, for the length of an epoch.

Split inputs (`glassnet.nn.sparse`) have the columns that are kept as a matrix first. With the rows of W1 in
the same order, the weights of these columns and their gradient are the leading rows: views, where each pass
would have to copy rows out or back in.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.layers import Kept
from glassnet.nn.optimizers import OptimizerState


class Sorted(Protocol):
    """Describe what is sorted of a training, see `glassnet.nn.training.Training`."""

    parameters: Parameters
    optimizer_state: OptimizerState
    columns: NDArray[np.intp] | None
    seen: dict[str, Any]
    kept: Kept


def sort_rows(parameters: Parameters, columns: NDArray[np.intp] | None) -> Parameters:
    """Return a copy with the rows of W1 in the order of some columns; the same where there are none."""
    if columns is None:
        return parameters
    architecture, theta = parameters.architecture, parameters.theta
    return Parameters(architecture, _sort(architecture, theta, columns, np.empty_like(theta)))


@contextmanager
def rows_sorted(training: Sorted, columns: NDArray[np.intp] | None) -> Iterator[None]:
    """Let a training work on a copy meanwhile, with the rows of W1 in the order of some columns.

    What the optimiser remembers is sorted alike. Whoever holds the training's parameters sees them in their
    own order at all times: as they were, until this ends and brings the new ones.

    Parameters
    ----------
    training : Training
    columns : ndarray of int, or None
        Of inputs that are not split: then nothing is done.
    """
    if columns is None:
        yield
        return
    parameters, state, kept = training.parameters, training.optimizer_state, training.kept
    architecture, theta = parameters.architecture, parameters.theta
    working = copy.copy(state)
    working.memory = {
        name: _sort(architecture, array, columns, kept.like(f"memory {name}", array))
        for name, array in state.memory.items()
    }
    own = Parameters(architecture, _sort(architecture, theta, columns, kept.like("theta", theta)))
    training.seen = {"parameters": parameters, "optimizer_state": state}
    training.parameters, training.optimizer_state, training.columns = own, working, columns
    try:
        yield
    finally:
        back = np.argsort(columns)
        _sort(architecture, own.theta, back, theta)
        memory = {
            name: _sort(architecture, array, back, state.memory.get(name, np.empty(0)))
            for name, array in working.memory.items()
        }
        vars(state).update(vars(working) | {"memory": memory})
        training.parameters, training.optimizer_state, training.columns = parameters, state, None
        training.seen = {}


def _sort(architecture: Architecture, array: Array, order: NDArray[np.intp], out: Array) -> Array:
    """Write an array like theta to `out`, the rows that belong to W1 in another order; return it."""
    if out.shape != array.shape:
        out = np.empty_like(array)
    n, shape = architecture.places[0].slice.stop, architecture.places[0].shape
    np.take(array[:n].reshape(shape), order, axis=0, out=out[:n].reshape(shape), mode="clip")
    out[n:] = array[n:]
    return out
