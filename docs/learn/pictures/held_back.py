"""What a large network makes of a few noisy points, without a penalty and with one."""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet import MLPRegressor

rng = np.random.default_rng(1)
x = np.sort(rng.uniform(-3, 3, 30))
y = np.sin(x) + rng.normal(0, 0.3, 30)
grid = np.linspace(-3, 3, 300)

warnings.simplefilter("ignore", ConvergenceWarning)  # by heart one never has learnt all
figure, axes = plt.subplots(1, 2, figsize=(8, 2.9), sharey=True)
for ax, alpha in zip(axes, (0.00001, 0.3), strict=True):
    model = MLPRegressor(hidden_layer_sizes=(64, 64), activation="tanh", solver="lbfgs", alpha=alpha)
    model.set_params(max_iter=600, random_state=0).fit(x[:, None], y)
    ax.plot(grid, np.sin(grid), "--", color="grey", label="the truth")
    ax.plot(grid, model.predict(grid[:, None]), label="the network")
    ax.plot(x, y, "o", color="black", markersize=3)
    ax.set(title=f"alpha = {alpha:f}".rstrip("0"), xlabel="x", ylim=(-2, 2))
axes[1].legend(frameon=False)
