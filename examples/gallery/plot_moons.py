"""
How many units a bend needs
===========================

Two half-moons cannot be told apart by a straight line. Each ReLU unit adds one bend to the boundary.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_moons
from sklearn.inspection import DecisionBoundaryDisplay

from glassnet import MLPClassifier

X, y = make_moons(300, noise=0.15, random_state=0)

figure, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True, layout="constrained")
for ax, units in zip(axes, (1, 3, 16), strict=True):
    model = MLPClassifier((units,), solver="lbfgs", max_iter=500, random_state=3).fit(X, y)
    DecisionBoundaryDisplay.from_estimator(model, X, ax=ax, cmap="RdBu", alpha=0.5)
    ax.scatter(*X.T, c=y, cmap="RdBu", s=12, edgecolors="black", linewidths=0.3)
    ax.set_title(f"{units} hidden unit{'s' if units > 1 else ''}: {model.score(X, y):.0%}")

# %%
# The features that the hidden layer computes are `transform`'s. In them the classes are told apart by a plane.

model.transform(X[:2], layer=0).round(2)
