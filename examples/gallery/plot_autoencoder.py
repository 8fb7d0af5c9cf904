"""
Images through eight numbers
============================

`MLPAutoencoder` learns to regenerate its input through a narrow layer. Eight numbers keep more of a digit than eight
principal components do, for the network may bend.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from glassnet import MLPAutoencoder

X = load_digits().data / 16
coder = MLPAutoencoder((64, 8, 64), learning_rate_init=0.005, max_iter=120, random_state=0).fit(X[:1500])
pca = PCA(8).fit(X[:1500])

test = X[1500:]
rows = {
    "digit": test,
    "network": coder.inverse_transform(coder.transform(test)),
    "components": pca.inverse_transform(pca.transform(test)),
}
figure, axes = plt.subplots(3, 8, figsize=(8, 3.2), layout="constrained")
for line, (name, images) in zip(axes, rows.items(), strict=True):
    for ax, image in zip(line, images, strict=False):
        ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name)

# %%
# The share of the variance of the test images that each keeps:

total = ((test - X[:1500].mean(axis=0)) ** 2).sum()
{name: round(1 - float(((test - images) ** 2).sum() / total), 3) for name, images in list(rows.items())[1:]}
