"""What a forest and a network answer along one column of Friedman's table, beside the truth."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_friedman1
from sklearn.ensemble import RandomForestRegressor

from glassnet import TabularMLPRegressor

X, y = make_friedman1(1000, noise=1.0, random_state=0)
models = {
    "forest": RandomForestRegressor(random_state=0),
    "network": TabularMLPRegressor("realmlp-s", max_iter=64, random_state=0),
}
x3 = np.linspace(0, 1, 300)
rows = np.full((300, 10), 0.5)
rows[:, 2] = x3
figure, ax = plt.subplots()
ax.plot(x3, 10 * np.sin(np.pi / 4) + 20 * (x3 - 0.5) ** 2 + 7.5, "--", color="grey", label="the truth")
for name, model in models.items():
    ax.plot(x3, model.fit(X[:600], y[:600]).predict(rows), label=name)
ax.set(xlabel="x3, where all other columns are 0.5", ylabel="answer")
ax.legend(frameon=False)
