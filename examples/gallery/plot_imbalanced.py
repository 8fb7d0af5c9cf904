"""
A class that is rare
====================

One row in twenty is of the rare class. Without weights the network does best by hardly ever answering it; with
``class_weight="balanced"`` a rare row counts as much more as it is rarer.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import make_classification
from sklearn.metrics import ConfusionMatrixDisplay, balanced_accuracy_score

from glassnet import MLPClassifier

X, y = make_classification(
    4000, 8, n_informative=4, n_redundant=0, weights=[0.95], class_sep=0.6, flip_y=0.02, random_state=1
)
train, test = slice(0, 2000), slice(2000, None)

figure, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
for ax, weight in zip(axes, (None, "balanced"), strict=True):
    model = MLPClassifier(
        (16,), class_weight=weight, early_stopping=True, learning_rate_init=0.01, random_state=0
    )
    answers = model.fit(X[train], y[train]).predict(X[test])
    ConfusionMatrixDisplay.from_predictions(y[test], answers, ax=ax, colorbar=False, cmap="Blues")
    ax.set_title(
        f"class_weight={weight!r}\nbalanced accuracy {balanced_accuracy_score(y[test], answers):.2f}"
    )
