"""
Early stopping brings the best weights back
===========================================

A fifth of the images is held back. While the loss of those falls, the network learns; when it rises, it learns the
other images by heart. Training goes on for `patience` epochs, and then the best weights come back.
"""

from sklearn.datasets import load_digits

from glassnet import NeuralNetwork

X, y = load_digits(return_X_y=True)
network = NeuralNetwork(N=1, A=[64], lr=0.5, batch_size=32, epochs=300, random_state=0)
network.fit(X[:400] / 16, y[:400], patience=10)
ax = network.plot_losses()

# %%
# The history says why training ended, and what was measured in each epoch. The other images are, for the most part, by
# other writers, so that even the images that were held back promise too much.

print(network.history_.stopping_reason)
print(f"accuracy on 1,397 other images: {network.score(X[400:] / 16, y[400:]):.3f}")
network.history_
