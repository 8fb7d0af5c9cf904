"""The training loss over the epochs for several learning rates, and for Adam."""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

from glassnet import NeuralNetwork

X, y = load_digits(return_X_y=True)
figure, ax = plt.subplots()
for optimizer, rate, style in (
    ("sgd", 0.001, ":"),
    ("sgd", 0.01, "-."),
    ("sgd", 0.1, "--"),
    ("sgd", 2.0, (0, (1, 3))),
    ("adam", 0.01, "-"),
):
    network = NeuralNetwork(1, [32], lr=rate, optimizer=optimizer, epochs=20, batch_size=64, random_state=0)
    network.fit(X / 16, y, early_stopping=False)
    ax.plot(
        network.history_.column("epoch"),
        network.history_.column("loss"),
        linestyle=style,
        label=f"{optimizer}, rate {rate:g}",
    )
ax.set(xlabel="epoch", ylabel="training loss", yscale="log")
figure.legend(loc="outside right upper", frameon=False)
