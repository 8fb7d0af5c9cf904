"""What a network computes, written down with symbols."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.exchange.graph import GraphSymbol
from glassnet.nn.architecture import Parameters


def write_layers(parameters: Parameters, x: GraphSymbol) -> list[GraphSymbol]:
    """Return the activations of each layer for the inputs x; the last are what the network answers."""
    architecture = parameters.architecture
    layers: list[GraphSymbol] = []
    a: Any = x
    for i, activation in enumerate([*architecture.activations, architecture.head.activation]):
        before = architecture.in_front[i]
        if before is not None:
            a = before.outline(parameters.before[i], a)
        bias = parameters.biases[i]
        z = a @ parameters.weights[i] + (bias[:, np.newaxis] if bias.ndim == 2 else bias)
        a = z.bent(activation)
        layers.append(a)
    if architecture.head.members > 1:
        layers[-1] = layers[-1].mean(0)
    return layers


def mean_of(symbols: Sequence[GraphSymbol]) -> GraphSymbol:
    """Return the mean of several values of the same shape."""
    total = symbols[0]
    for symbol in symbols[1:]:
        total = total + symbol
    return total * (1 / len(symbols)) if len(symbols) > 1 else total
