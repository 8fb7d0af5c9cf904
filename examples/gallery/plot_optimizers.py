"""
Three optimisers in a narrow valley
===================================

The loss ``(x^2 + 20 y^2) / 2`` falls steeply one way and gently the other. Plain steps swing across it, momentum swings
further and gets ahead, Adam takes the same step in both directions.
"""

import matplotlib.pyplot as plt
import numpy as np

from glassnet.nn import SGD, Adam

CURVATURE = np.array([1.0, 20.0])
optimizers = {
    "SGD": (SGD(), 0.09),
    "SGD with momentum 0.8": (SGD(momentum=0.8), 0.03),
    "Adam": (Adam(), 0.2),
}

x, y = np.meshgrid(np.linspace(-5, 2, 100), np.linspace(-1.6, 1.6, 100))
figure, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True, layout="constrained")
for ax, (name, (optimizer, rate)) in zip(axes, optimizers.items(), strict=True):
    theta = np.array([-4.5, 1.3])
    state, path = optimizer.init(theta), [theta.copy()]
    for _ in range(40):
        optimizer.update(theta, CURVATURE * theta, state, rate)  # moves theta in place
        path.append(theta.copy())
    ax.contour(x, y, (x**2 + 20 * y**2) / 2, levels=np.geomspace(0.1, 60, 12), colors="grey", linewidths=0.6)
    ax.plot(*np.transpose(path), "o-", markersize=3, linewidth=1)
    ax.set_title(f"{name}, rate {rate:g}")

# %%
# What Adam does in a step is written out by ``glassnet trace --optimizer adam``.

import glassnet

print(str(glassnet.trace("assignment").problem))
print(Adam().equations.lines)
