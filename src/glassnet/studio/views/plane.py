"""Data in the plane: what the network, and each of its units, says of every place."""

from typing import Any

import numpy as np

from glassnet.errors import InvalidParameterError
from glassnet.nn.evaluation import predict
from glassnet.nn.samples import Samples
from glassnet.studio.views.look import Look

MOST_UNITS = 64
"""Of a layer whose pictures are drawn."""


def surface(look: Look) -> dict[str, Any]:
    """Return outputs and hidden units on a grid, row by row from below, and the points."""
    data = look.run.data
    if data.n_features != 2:
        raise InvalidParameterError(f"got data of {data.n_features} features; expected two, a plane.")
    n = look.whole("grid", 64, 2, 256)
    reach = max(
        1.5, 1.1 * max(float(np.abs(part.X).max()) for part in (data.train, data.validation) if len(part))
    )
    side = np.linspace(-reach, reach, n)
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    architecture, parameters = look.architecture, look.parameters
    grid = Samples(places.astype(parameters.theta.dtype), None, parameters.theta.dtype)
    outputs = predict(architecture, parameters, grid)
    if len(data.classes) == 2:  # the share of the second class
        outputs = (
            np.clip(outputs[:, -1:], 0, 1) if not architecture.head.gives_probabilities else outputs[:, -1:]
        )
    shape = (n, n) if outputs.shape[1] == 1 else (n, n, outputs.shape[1])
    units = [
        predict(architecture, parameters, grid, layer)[:, :MOST_UNITS].T.reshape(-1, n, n)
        for layer in range(len(architecture.activations))
    ]
    return {
        "x": [-reach, reach],
        "y": [-reach, reach],
        "output": outputs.reshape(shape),
        "units": units,
        "points": _points(look),
    }


def _points(look: Look) -> list[dict[str, Any]]:
    data, found = look.run.data, []
    labels = list(data.labels)
    for name, part, first in (("train", data.train, 0), ("validation", data.validation, len(data.train))):
        for i, ((x, y), label) in enumerate(zip(part.X.tolist(), part.y.tolist(), strict=True)):
            own = labels.index(label) if labels else label
            found.append({"index": first + i, "x": x, "y": y, "label": own, "part": name})
    return found
