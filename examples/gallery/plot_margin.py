"""
The widest corridor, in fractions
=================================

A hard-margin support vector machine is solved exactly, as on paper: which points lie on the margin, and where the
hyperplane runs, are fractions and not floating-point numbers.
"""

import io

import matplotlib.pyplot as plt

import glassnet
from glassnet.plots import MarkedPoint, draw_hyperplane

points = {"A": (0, 0), "B": (1, 0), "C": (0, 1), "D": (1, 1), "E": (2, 2), "F": (2, 0)}
svm = glassnet.solve_svm(list(points.values()), "+++---", names="ABCDEF")
print(svm.hyperplane)
print("multipliers:", *svm.multipliers)

marked = [
    MarkedPoint(name, x, 1 if name in "ABC" else -1, "on the margin" if i in svm.on_margin else "point")
    for i, (name, x) in enumerate(points.items())
]
w, b = svm.hyperplane.w, svm.hyperplane.b
picture = draw_hyperplane(marked, (float(w[0]), float(w[1]), float(b)), title="Two classes and the corridor")

figure, ax = plt.subplots(figsize=(6, 5), layout="constrained")
ax.imshow(plt.imread(io.BytesIO(picture)))
ax.set_axis_off()

# %%
# In a notebook the value shows itself, with its equations.

svm
