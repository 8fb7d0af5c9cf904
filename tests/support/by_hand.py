"""A network's training worked out with NumPy alone: forward by loops, derivatives by complex steps.

It knows nothing of glassnet: no formula of backpropagation is in it, so it cannot share a mistake with one.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

TINY = 1e-30
"""The imaginary step: the derivative is exact, since nothing is subtracted."""

Array = NDArray[Any]

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(),
    "identity": lambda z: z,
}

LOSSES: dict[str, tuple[str, Callable[[Array, Array], Array]]] = {
    "squared_error": ("identity", lambda o, y: (o - y) ** 2 / 2),
    "sigmoid_cross_entropy": ("sigmoid", lambda o, y: -y * np.log(o) - (1 - y) * np.log(1 - o)),
    "softmax_cross_entropy": ("softmax", lambda o, y: -y * np.log(o)),
}


def work_by_hand(problem: Mapping[str, Any]) -> dict[tuple[int, str], float]:
    """Return every number of a training, one sample a step, by step and name.

    Names are those of a sheet: of arrays ``Z1[1,2]``, of units ``z_h2``, of networks of single units ``z1``.
    """
    sizes = problem["sizes"]
    W, b = ([np.array(layer, complex) for layer in problem[key]] for key in ("weights", "biases"))
    names = _Names(sizes, problem.get("names") == "units")
    output, error = LOSSES[problem["loss"]]
    hidden = [problem.get("activation", "identity")] * (len(W) - 1)
    functions = [*hidden, problem.get("output_activation") or output]
    memory: dict[str, Array] = {}
    found: dict[tuple[int, str], float] = {}

    for step, (x, y) in enumerate(zip(problem["x"], problem["y"], strict=True), start=1):
        x, y = np.array(x, complex), np.array(y, complex)

        def forward(
            nudged: Mapping[tuple[str, int], Array], x: Array = x, y: Array = y
        ) -> tuple[dict[str, list[Array]], Array]:
            a = x
            values: dict[str, list[Array]] = {"z": [], "a": []}
            for layer, function in enumerate(functions):
                weights = W[layer] + nudged.get(("W", layer), 0)
                z = a @ weights + b[layer] + nudged.get(("b", layer), 0) + nudged.get(("z", layer), 0)
                a = ACTIVATIONS[function](z) + nudged.get(("a", layer), 0)
                values["z"].append(z)
                values["a"].append(a)
            return values, error(a, y)

        values, errors = forward({})
        gradients: dict[tuple[str, int], Array] = {}
        for letter in "zaWb":
            for layer, like in enumerate({"W": W, "b": b}.get(letter) or values[letter]):
                gradient = np.zeros(like.shape)
                for place in np.ndindex(like.shape):
                    nudge = np.zeros(like.shape, complex)
                    nudge[place] = TINY * 1j
                    gradient[place] = forward({(letter, layer): nudge})[1].sum().imag / TINY
                gradients[letter, layer] = gradient
        found[step, "L"] = errors.sum().real
        for k, part in enumerate(errors, start=1):
            found[step, f"L_o{k}"] = part.real
        for letter in "za":
            for layer, value in enumerate(values[letter]):
                found |= {(step, name): v for name, v in names.of(letter, layer, value.real)}
        for (letter, layer), gradient in gradients.items():
            found |= {(step, f"dL/d{name}"): v for name, v in names.of(letter, layer, gradient)}
        for letter, arrays in (("W", W), ("b", b)):
            for layer, array in enumerate(arrays):
                moved, kept = _update(problem, gradients[letter, layer], memory, f"{letter}{layer}", step)
                arrays[layer] = array + moved
                found |= {(step, name): v for name, v in names.of(letter, layer, arrays[layer].real)}
                for key, value in kept.items():
                    found |= {(step, f"{key}_{name}"): v for name, v in names.of(letter, layer, value)}
    return found


def _update(
    problem: Mapping[str, Any], g: Array, memory: dict[str, Array], which: str, t: int
) -> tuple[Array, dict[str, Array]]:
    """Return by how much a parameter moves, and what is remembered of it."""
    chosen, lr = problem.get("optimizer", "sgd"), problem["lr"]
    if chosen == "sgd":
        return -lr * g, {}
    if chosen["name"] == "momentum":
        v = chosen["momentum"] * memory.get(which, np.zeros(g.shape)) - lr * g
        memory[which] = v
        return v, {"v": v}
    first, second = chosen["beta_1"], chosen["beta_2"]
    m = first * memory.get(f"m{which}", np.zeros(g.shape)) + (1 - first) * g
    v = second * memory.get(f"v{which}", np.zeros(g.shape)) + (1 - second) * g**2
    memory[f"m{which}"], memory[f"v{which}"] = m, v
    mhat, vhat = m / (1 - first**t), v / (1 - second**t)
    epsilon = 1e-8 / np.sqrt(1 - second**t)  # as the paper's faster form has it
    return -lr * mhat / (np.sqrt(vhat) + epsilon), {"m": m, "v": v, "mhat": mhat, "vhat": vhat}


class _Names:
    """Name what is in a layer, as sheets do."""

    def __init__(self, sizes: list[int], by_unit: bool) -> None:
        self._sizes, self._by_unit = sizes, by_unit
        self._before = np.cumsum([0, *(a * b for a, b in pairwise(sizes))])

    def of(self, letter: str, layer: int, value: Array) -> list[tuple[str, float]]:
        """Return the entries of an array with their names."""
        number = layer + 1
        if self._by_unit:
            return [
                (self._unit(letter, layer, place), float(value[place])) for place in np.ndindex(value.shape)
            ]
        if value.size == 1 and set(self._sizes) == {1}:
            return [(f"{letter.lower()}{number}", float(value.item()))]
        capital = letter if letter == "b" else letter.upper()
        rows = np.atleast_2d(value)
        return [(f"{capital}{number}[{i + 1},{j + 1}]", float(rows[i, j])) for i, j in np.ndindex(rows.shape)]

    def _unit(self, letter: str, layer: int, place: tuple[int, ...]) -> str:
        is_last, width = layer == len(self._sizes) - 2, self._sizes[layer + 1]
        unit = f"{'o' if is_last else 'h'}{place[-1] + 1}"
        if letter == "W":
            return f"w{self._before[layer] + place[1] * self._sizes[layer] + place[0] + 1}"
        if letter == "b":
            return f"b{layer + 1}" if width == 1 else f"b_{unit}"
        return unit if letter == "a" else f"z_{unit}"
