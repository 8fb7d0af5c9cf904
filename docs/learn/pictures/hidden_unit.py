"""What the network 1-1-1 of the assignment answers, before training and after some passes."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np

from glassnet.worked import read_problem, trace_problem

problem = replace(read_problem("assignment"), n_steps=30)
worked = trace_problem(problem)
x = np.linspace(-1, 4, 200)
figure, ax = plt.subplots()
for step, name, style in (
    (0, "before training", "-"),
    (3, "after 3 steps", "--"),
    (30, "after 30 steps", ":"),
):
    names = ("w1", "b1", "w2", "b2")
    w1, b1, w2, b2 = (float(worked.value(step, name)) for name in names) if step else (1, 0, 1, 0)
    ax.plot(x, w2 * np.maximum(0, w1 * x + b1) + b2, style, label=name)
ax.plot(problem.X, problem.y, "o", color="black")
ax.set(xlabel="x", ylabel="answer a2")
ax.legend(frameon=False)
