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

from glassnet.nn.architecture import Parameters
from glassnet.nn.optimizers import OptimizerState


class Sorted(Protocol):
    """Describe what is sorted of a training, see `glassnet.nn.training.Training`."""

    parameters: Parameters
    optimizer_state: OptimizerState
    columns: NDArray[np.intp] | None
    seen: dict[str, Any]


def sort_rows(parameters: Parameters, columns: NDArray[np.intp] | None) -> Parameters:
    """Return a copy with the rows of W1 in the order of some columns; the same where there are none."""
    if columns is None:
        return parameters
    result = Parameters(parameters.architecture, parameters.theta.copy())
    np.take(parameters.weights[0], columns, axis=0, out=result.weights[0], mode="clip")
    return result


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
    parameters, state = training.parameters, training.optimizer_state
    architecture, back = parameters.architecture, np.argsort(columns)

    def sort_memory(of: OptimizerState, order: NDArray[np.intp]) -> dict[str, Any]:
        return {
            name: sort_rows(Parameters(architecture, array), order).theta for name, array in of.memory.items()
        }

    working = copy.copy(state)
    working.memory = sort_memory(state, columns)
    training.seen = {"parameters": parameters, "optimizer_state": state}
    training.parameters, training.optimizer_state = sort_rows(parameters, columns), working
    training.columns = columns
    try:
        yield
    finally:
        parameters.theta[...] = sort_rows(training.parameters, back).theta
        vars(state).update(vars(working) | {"memory": sort_memory(working, back)})
        training.parameters, training.optimizer_state = parameters, state
        training.columns, training.seen = None, {}
