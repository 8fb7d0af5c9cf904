"""
One step, with every number
===========================

A training step on paper, and where it leads: down the slope of the loss.
"""

import matplotlib.pyplot as plt
import numpy as np

import glassnet

worked = glassnet.trace("assignment", digits=4)
print("\n".join(str(worked).splitlines()[:32]))

# %%
# Of the network 1-1-1 above, all but `w2` is held fast. The loss of the first sample, x = 1 and y = 3, is then a
# parabola in `w2`; the trace gives its slope at the start, and the step of the learning rate 0.01 goes against it.

slope, after = float(worked.value(1, "dL/dw2")), float(worked.value(1, "w2"))
w2 = np.linspace(0.5, 3.5, 100)
loss = (w2 * 1 - 3) ** 2 / 2

figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(w2, loss)
ax.plot(w2[:30], 2 + slope * (w2[:30] - 1), "--", label=f"slope {slope:g}")
ax.plot([1], [2], "o", color="black", label="before, w2 = 1")
ax.plot([after], [(after - 3) ** 2 / 2], "x", color="black", label=f"after, w2 = {after:g}")
ax.set(xlabel="w2", ylabel="L")
ax.legend(frameon=False)
