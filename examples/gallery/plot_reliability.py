"""
Probabilities that mean what they say
=====================================

A network trained for long is surer than it is right. Of the answers to which it gives about 90 %, nine in ten should be
right: the reliability diagram shows whether they are.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification

from glassnet import MLPClassifier, ReliabilityDisplay

X, y = make_classification(3000, 20, n_informative=4, flip_y=0.15, random_state=0)
train, test = slice(0, 1000), slice(1000, None)

models = {
    "trained for long": MLPClassifier(
        (64,), learning_rate_init=0.01, max_iter=60, learning_rate="cosine", random_state=0
    ),
    "stopped in time": MLPClassifier(
        (64,), max_iter=200, early_stopping=True, scoring="loss", random_state=0
    ),
}
figure, axes = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
for ax, (name, model) in zip(axes, models.items(), strict=True):
    model.fit(X[train], y[train])
    ReliabilityDisplay.from_estimator(model, X[test], y[test], ax=ax, name=name)
