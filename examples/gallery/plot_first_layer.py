"""
What the first layer looks at
=============================

Each unit of the first hidden layer has a weight for every pixel: a picture of what it looks for. Blue adds to the
unit, red takes away.
"""

import matplotlib.pyplot as plt
import numpy as np

import glassnet

data = glassnet.load_mnist()
X, y = glassnet.flatten(data.train.images[:6000]), data.train.labels[:6000]
network = glassnet.NeuralNetwork(N=1, A=[24], lr=0.1, alpha=3.0, epochs=10, random_state=0).fit(X, y)

weights = network.weights_[0].T.reshape(-1, 28, 28)
scale = float(np.abs(weights).max()) / 2
figure, axes = plt.subplots(3, 8, figsize=(8, 3.2), layout="constrained")
for ax, weight in zip(axes.flat, weights, strict=True):
    ax.imshow(weight, cmap="RdBu", vmin=-scale, vmax=scale)
    ax.set_axis_off()

# %%
# The penalty `alpha` keeps the pictures smooth: without it, pixels that are always white keep the noise of their first
# weights.

X_test, y_test = glassnet.flatten(data.test.images), data.test.labels
network.score(X_test, y_test)
