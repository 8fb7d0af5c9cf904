"""
Activations and their slopes
============================

Every activation of the library, with the slope that the backward pass multiplies with. Where the slope is near 0 over
a wide range, as the sigmoid's, little of the error passes through many layers.
"""

import matplotlib.pyplot as plt
import numpy as np

from glassnet.nn import ACTIVATIONS

z = np.linspace(-4, 4, 400)
figure, axes = plt.subplots(3, 4, figsize=(9, 6), sharex=True, sharey=True, layout="constrained")
for ax in axes.flat[len(ACTIVATIONS) :]:
    ax.set_axis_off()
for ax, activation in zip(axes.flat, ACTIVATIONS.values(), strict=False):
    ax.plot(z, activation.function(z), label="value")
    ax.plot(z, activation.gradient(z), "--", label="slope")
    ax.set(title=activation.name, ylim=(-1.5, 3))
axes[0, 0].legend(frameon=False)

# %%
# The table is open: an activation of your own is a pair of functions, and `check_gradient` says whether they belong
# together.

import glassnet

print(glassnet.check_gradient(lambda z: z / (1 + np.abs(z)), lambda z: 1 / (1 + np.abs(z)) ** 2))
