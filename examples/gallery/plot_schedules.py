"""
Learning rates over the time of a training
==========================================

What each schedule multiplies the learning rate with, from the first step to the last.
"""

import matplotlib.pyplot as plt
import numpy as np

from glassnet.nn import SCHEDULES

over_time = {name: schedule for name, schedule in SCHEDULES.items() if schedule.over_time}
t = np.linspace(0, 1, 300)
figure, axes = plt.subplots(
    2, -(-len(over_time) // 2), figsize=(9, 4), sharex=True, sharey=True, layout="constrained"
)
for ax in axes.flat[len(over_time) :]:
    ax.set_axis_off()
for ax, (name, schedule) in zip(axes.flat, over_time.items(), strict=False):
    ax.plot(t, [schedule(share) for share in t.tolist()])
    ax.set_title(name)
figure.supxlabel("share of the training that is done")
figure.supylabel("factor")

# %%
# They are names for `learning_rate`; so is any function of the share that is done.

from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from glassnet import MLPClassifier

X, y = load_wine(return_X_y=True)
model = MLPClassifier(
    learning_rate=lambda t: (1 - t) ** 2, learning_rate_init=0.01, max_iter=40, random_state=0
)
model.fit(scale(X), y).history_.column("learning_rate")[::10]
