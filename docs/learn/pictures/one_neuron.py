"""The line of one neuron, before and after each step."""

import matplotlib.pyplot as plt
import numpy as np

from glassnet.worked import build_problem, trace_problem

samples = [[1], [3]], [[5], [4]]
start = {"weights": [[[2]]], "biases": [[1]], "loss": "squared_error", "lr": 0.1}
worked = trace_problem(build_problem({"sizes": [1, 1], "x": samples[0], "y": samples[1], **start}))
lines = [(2.0, 1.0), *((float(worked.value(step, "w1")), float(worked.value(step, "b1"))) for step in (1, 2))]

x = np.array([0, 4])
figure, ax = plt.subplots()
for (w, b), name, style in zip(
    lines, ("before", "after step 1", "after step 2"), ("-", "--", ":"), strict=True
):
    ax.plot(x, w * x + b, style, label=f"{name}: {w:g} x + {b:g}")
ax.plot(*samples, "o", color="black")
for step, (at, target) in enumerate(zip(*samples, strict=True), start=1):
    ax.annotate(f"sample {step}", (at[0], target[0]), textcoords="offset points", xytext=(8, -4))
ax.set(xlabel="x", ylabel="answer")
ax.legend(frameon=False)
