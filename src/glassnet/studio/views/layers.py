"""The layers: weights as images, and how weights, activations and gradients are spread."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.doctor.measure.layers import FLAT, relative_slopes
from glassnet.nn.training import Step
from glassnet.studio.views.look import Look, finite

MOST_UNITS = 256
PROBED = 512
"""Training samples, the first ones, on which activations and gradients are measured."""
BINS = 40
MOST_MOMENTS = 24
MOST_NUMBERS = 20_000


def weights(look: Look) -> dict[str, Any]:
    """Return the weights of some units: as images where the layer sees pixels, else as a matrix."""
    layer = look.whole("layer", 1, 1, len(look.architecture.sizes) - 1)
    n_units = look.architecture.sizes[layer]
    first = look.whole("unit", 0, 0, n_units - 1)
    last = min(n_units, first + look.whole("count", 64, 1, MOST_UNITS))
    shown = look.parameters.weights[layer - 1][:, first:last]
    found: dict[str, Any] = {"layer": layer, "unit": first, "n_units": n_units, "dead": [], "saturated": []}
    if layer < len(look.architecture.sizes) - 1:
        dead, saturated = idle_units(look, _probe(look))[layer - 1]
        found |= {"dead": np.flatnonzero(dead).tolist(), "saturated": np.flatnonzero(saturated).tolist()}
    shape = look.run.data.image_shape
    if layer == 1 and shape is not None:
        return found | {"images": shown.T.reshape(-1, *shape)}
    return found | {"matrix": shown}


def histograms(look: Look) -> dict[str, Any]:
    """Return how the numbers of each layer are spread; dead and saturated units are counted."""
    step = _probe(look)
    idle = idle_units(look, step)
    layers = []
    for number, arrays in enumerate(_arrays(look, step)):
        counts = {kind: _histogram(array) for kind, array in arrays.items()}
        dead, saturated = idle[number] if number < len(idle) else (np.zeros(0, bool), np.zeros(0, bool))
        n_units = look.architecture.sizes[number + 1]
        layers.append(
            counts
            | {
                "name": _name(look, number),
                "units": n_units,
                "dead": int(dead.sum()),
                "saturated": int(saturated.sum()),
            }
        )
    return {"layers": layers}


def histograms_over_time(look: Look) -> dict[str, Any]:
    """Return the same at some checkpoints: a row of counts for each, the newest last."""
    session, run = look.session, look.run
    steps = session.call(lambda: run.recorder.kept_steps)
    every = max(1, -(-len(steps) // MOST_MOMENTS))
    chosen = steps[::-1][::every][::-1]
    past = []
    for at in chosen:
        key = f"histograms {run.key} {at}"
        past.append(session.keep(key, partial(_thinned, look, at)))
    layers = []
    for number in range(len(look.architecture.sizes) - 1):
        layer = {}
        for kind in ("weights", "activations", "gradients"):
            rows = [arrays[number][kind] for arrays in past]
            low = min((float(row.min()) for row in rows if row.size), default=0.0)
            high = max((float(row.max()) for row in rows if row.size), default=1.0)
            edges = _edges(low, high)
            counts = np.array([np.histogram(row, edges)[0] / max(row.size, 1) for row in rows])
            layer[kind] = {"counts": counts, "low": float(edges[0]), "high": float(edges[-1])}
        layers.append(layer)
    return {"layers": layers, "steps": chosen}


def idle_units(look: Look, step: Step) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Return which units of each hidden layer are dead, and which are saturated.

    As the doctor judges slopes: dead is one whose slope is 0 for every sample; saturated one, of an
    activation without kinks, whose slope is flat for every sample.
    """
    found = []
    for activation, z in zip(look.architecture.activations, step.workspace.z[:-1], strict=True):
        slopes = relative_slopes(activation, z)
        dead = (slopes == 0).all(axis=0)
        flat = (slopes < FLAT).all(axis=0) & ~dead if not activation.kinks else np.zeros(len(dead), bool)
        found.append((dead, flat))
    return found


def _probe(look: Look) -> Step:
    return look.pass_through(np.arange(min(PROBED, len(look.run.data.train))))


def _arrays(look: Look, step: Step) -> list[dict[str, Array]]:
    return [
        {"weights": weight, "activations": a, "gradients": gradient}
        for weight, a, gradient in zip(
            look.parameters.weights, step.workspace.a, step.gradient.weights, strict=True
        )
    ]


def _thinned(look: Look, step: int) -> list[dict[str, Array]]:
    """Return the arrays of the layers at another step, some thousands of numbers of each."""
    there = Look(look.session, look.run, look.session.moment(look.run, step), look.query)
    return [
        {kind: finite(array)[:: max(1, array.size // MOST_NUMBERS)] for kind, array in arrays.items()}
        for arrays in _arrays(there, _probe(there))
    ]


def _name(look: Look, number: int) -> str:
    architecture = look.architecture
    if number < len(architecture.activations):
        return f"layer {number + 1}, {architecture.activations[number].name}"
    return f"outputs, {architecture.head.output}"


def _histogram(array: Array) -> dict[str, Any]:
    values = finite(array)
    if not values.size:
        return {"edges": [0.0, 1.0], "counts": [0]}
    counts, edges = np.histogram(values, _edges(float(values.min()), float(values.max())))
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def _edges(low: float, high: float) -> NDArray[np.float64]:
    if not high - low > 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, BINS + 1)
