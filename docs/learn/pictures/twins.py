"""A weight of each of four hidden units over the epochs: equal at the start, and drawn."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons

from glassnet import NeuralNetwork

X, y = make_moons(200, noise=0.1, random_state=0)


def all_equal(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """Give every weight the same value."""
    return np.full((fan_in, fan_out), 0.5)


figure, axes = plt.subplots(1, 2, figsize=(8, 2.9), sharey=True)
for ax, (name, init) in zip(
    axes, {"equal weights": all_equal, "he_normal": "he_normal"}.items(), strict=True
):
    network = NeuralNetwork(1, [4], lr=0.3, weight_init=init, batch_size=20, random_state=0)
    path = [network.initialize(X, y).weights_[0][0].copy()]
    path += [network.partial_fit(X, y).weights_[0][0].copy() for _ in range(25)]
    ax.plot(path)
    ax.set(title=name, xlabel="epoch")
axes[0].set_ylabel("weight of x1, four units")
