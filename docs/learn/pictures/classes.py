"""Probabilities of three classes around a step, and the loss against the probability of the right class."""

import matplotlib.pyplot as plt
import numpy as np

from glassnet.worked import build_problem, trace_problem

start = {"weights": [[[1, 0, -1]]], "biases": [[0, 0, 0]], "loss": "softmax_cross_entropy", "lr": 0.5}
worked = trace_problem(build_problem({"sizes": [1, 3], "x": [[1]], "y": [[0, 1, 0]], "steps": 2, **start}))

figure, (bars, curve) = plt.subplots(1, 2, figsize=(8, 2.9))
for step, name, shift in ((1, "before the step", -0.2), (2, "after it", 0.2)):
    probabilities = np.ravel(worked.value(step, "A1"))
    bars.bar(np.arange(1, 4) + shift, probabilities, 0.4, label=name)
    loss = float(worked.value(step, "L"))
    curve.plot(probabilities[1], loss, "o", label=f"{name}: {loss:.2f}")
bars.set(xticks=[1, 2, 3], xlabel="class (2 is right)", ylabel="probability", ylim=(0, 1))
bars.legend(frameon=False)
p = np.linspace(0.02, 1, 200)
curve.plot(p, -np.log(p), color="grey", zorder=0)
curve.set(xlabel="probability of the right class", ylabel="loss")
curve.legend(frameon=False)
