"""
How far a prediction may be wrong
=================================

With the loss `"pinball"` a regressor predicts quantiles. Between the first and the last of 0.1, 0.5 and 0.9 lie about
80 % of new values, and where there is more noise the interval is wider.
"""

import matplotlib.pyplot as plt
import numpy as np

from glassnet import MLPRegressor, PredictionIntervalDisplay

rng = np.random.default_rng(0)
x = rng.uniform(0, 6, 1200)
y = np.sin(x) + rng.normal(0, 0.05 + 0.1 * x)
X = x[:, None]

model = MLPRegressor(
    hidden_layer_sizes=(32,),
    activation="tanh",
    loss="pinball",
    quantiles=(0.1, 0.5, 0.9),
    learning_rate="cosine",
    learning_rate_init=0.02,
    max_iter=150,
    random_state=0,
).fit(X[:800], y[:800])

grid = np.linspace(0, 6, 100)
low, middle, high = model.predict(grid[:, None]).T
figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(x[800:], y[800:], ".", markersize=4, alpha=0.5)
ax.plot(grid, middle, label="median")
ax.fill_between(grid, low, high, alpha=0.3, label="10 % to 90 %")
ax.legend(frameon=False)

# %%
# On the rows that it was not fitted to, the display counts how many lie inside.

display = PredictionIntervalDisplay.from_estimator(model, X[800:], y[800:])
