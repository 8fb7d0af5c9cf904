"""What a network answers, and how well: forward passes in chunks, outside of training."""

from collections.abc import Iterator

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn._row_order import sort_rows
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.network import forward
from glassnet.nn.samples import Samples, Source
from glassnet.nn.workspace import Workspace


def predict(architecture: Architecture, parameters: Parameters, samples: Samples, layer: int = -1) -> Array:
    """Return the activations of one layer for all samples, shape (n, units), computed in chunks.

    Parameters
    ----------
    architecture : Architecture
    parameters : Parameters
    samples : Samples
    layer : int
        The last one unless given; 0 is the first hidden layer.
    """
    is_last = layer in (-1, len(architecture.sizes) - 2)
    outputs: Array = np.empty((len(samples), architecture.sizes[1:][layer]), parameters.theta.dtype)
    for rows, workspace in _forward_chunks(architecture, parameters, samples):
        a = workspace.a[layer]
        outputs[rows] = architecture.head.answers(a) if is_last else a
    return outputs


def evaluate(architecture: Architecture, parameters: Parameters, samples: Source) -> tuple[float, float]:
    """Return the mean loss of the samples, and the share whose largest output is at the target's largest."""
    loss_sum, weight_sum, hits, n_rows = 0.0, 0.0, 0, 0
    for part in samples.parts():
        for rows, workspace in _forward_chunks(architecture, parameters, part):
            a, y, weight = workspace.a[-1], part.targets(rows), part.weights(rows)
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                losses = architecture.head.answer_losses(workspace.z[-1], a, y)
            loss_sum += float(losses.sum(dtype=np.float64) if weight is None else losses @ weight)
            weight_sum += len(y) if weight is None else float(weight.sum())
            hits += count_hits(architecture.head.answers(a), y)
        n_rows += len(part)
    return loss_sum / weight_sum, hits / n_rows


def count_hits(a: Array, y: Array) -> int:
    """Count the rows whose largest output is where the target is largest; a single output is cut at 1/2."""
    if a.shape[1] == 1:
        return int(np.count_nonzero((a > 0.5) == (y > 0.5)))
    return int(np.count_nonzero(a.argmax(axis=1) == y.argmax(axis=1)))


def _forward_chunks(
    architecture: Architecture, parameters: Parameters, samples: Samples
) -> Iterator[tuple[slice, Workspace]]:
    members, parameters = architecture.head.members, sort_rows(parameters, samples.columns)
    ops.ready(parameters.theta.dtype, members * len(samples) * sum(architecture.sizes[1:]))
    whole = Workspace(architecture, samples.chunk_rows(members), parameters.theta.dtype, backward=False)
    for rows in samples.chunks(members):
        X = samples.inputs(rows)
        workspace = whole.first(len(X))
        forward(architecture, parameters, X, workspace)
        yield rows, workspace
