"""The network as a diagram with live values."""

from typing import Any

import numpy as np

from glassnet.studio.views.look import Look
from glassnet.studio.views.results import inputs_of

SHOWN_UNITS = 64
SHOWN_EDGES = 200


def network(look: Look) -> dict[str, Any]:
    """Return the units of each layer with their values for one sample, and the strongest weights."""
    index = look.index
    part, row = look.run.data.sample(index)
    step = look.pass_through(np.array([row]), part)
    work, architecture = step.workspace, look.architecture
    names = [*(activation.name for activation in architecture.activations), architecture.head.output]
    layers = []
    for number, name in enumerate(names):
        z, a, delta = (np.atleast_2d(each[number])[0] for each in (work.z, work.a, work.deltas))
        bias = look.parameters.biases[number]
        shown = range(min(SHOWN_UNITS, len(z)))
        layers.append(
            {
                "name": name,
                "n_units": len(z),
                "units": [
                    {"z": float(z[k]), "a": float(a[k]), "delta": float(delta[k]), "b": float(bias[k])}
                    for k in shown
                ],
            }
        )
    data, label = look.run.data, part.y[row]
    return {
        "sample": index,
        "layers": layers,
        "weights": [_strongest(weights) for weights in look.parameters.weights],
        "x": inputs_of(look, part.X[row]),
        "output": np.asarray(work.a[-1][0], np.float64).tolist(),
        "target": label.item() if hasattr(label, "item") else label,
        "target_values": np.asarray(step.y[0], np.float64).tolist(),
        "classes": list(data.classes),
        "loss": step.loss,
    }


def _strongest(weights: Any) -> list[list[float]]:
    """Return from, to and weight of the strongest edges, the strongest first; units from 0."""
    flat = np.abs(weights).ravel()
    n = min(SHOWN_EDGES, flat.size)
    places = np.argpartition(flat, flat.size - n)[-n:]
    places = places[np.argsort(-flat[places], kind="stable")]
    rows, columns = np.unravel_index(places, weights.shape)
    return [[int(i), int(k), float(weights[i, k])] for i, k in zip(rows, columns, strict=True)]
