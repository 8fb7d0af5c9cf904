"""Whether two inputs differ: what each of two hidden units sees, and what the output makes of them."""

import matplotlib.pyplot as plt
import numpy as np

grid = np.linspace(-0.3, 1.3, 161)
x1, x2 = np.meshgrid(grid, grid)
either, both = np.maximum(0, x1 + x2), np.maximum(0, x1 + x2 - 1)
pictures = {"unit 1: how many": either, "unit 2: both": both, "unit 1 - 2 * unit 2": either - 2 * both}

figure, axes = plt.subplots(1, 3, figsize=(8, 2.9), sharey=True)
for ax, (name, values) in zip(axes, pictures.items(), strict=True):
    shades = ax.contourf(x1, x2, values, levels=np.linspace(-0.6, 2.6, 17), cmap="Blues")
    for point in ((0, 0), (0, 1), (1, 0), (1, 1)):
        differ = point[0] != point[1]
        ax.plot(*point, "o" if differ else "s", color="black", markerfacecolor="black" if differ else "white")
    ax.set(title=name, xlabel="x1", xticks=[0, 1], yticks=[0, 1])
axes[0].set_ylabel("x2")
figure.colorbar(shades, ax=axes[-1], ticks=[0, 1, 2])
