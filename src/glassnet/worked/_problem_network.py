"""A network and its samples as a problem to be worked by hand."""

import numpy as np
from numpy.typing import ArrayLike

from glassnet.errors import InvalidDataError, InvalidParameterError, NotFittedError
from glassnet.models.neural_network import NeuralNetwork
from glassnet.models.validation import (
    as_labels,
    check_inputs,
    check_lengths,
    check_width,
    encode_labels,
    resolve_optimizer,
)
from glassnet.worked.problem import Problem


def problem_of(network: NeuralNetwork, X: ArrayLike | None, y: ArrayLike | None) -> Problem:
    """Return the training of a network on some samples as a problem, in float64.

    Parameters
    ----------
    network : NeuralNetwork
        Fitted or initialised; it stays as it is.
    X : array-like of shape (n_samples, n_features)
        Bytes are divided by 255, as the network does.
    y : array-like of shape (n_samples,) or (n_samples, n_classes)

    Returns
    -------
    Problem
        One sample a step, one step for each sample.

    Raises
    ------
    InvalidParameterError
        When it is no NeuralNetwork.
    NotFittedError
        When the network has no weights yet.
    InvalidDataError
        When X or y is missing or does not fit.
    """
    if not isinstance(network, NeuralNetwork):
        raise InvalidParameterError(
            f"got {type(network).__name__}; expected a NeuralNetwork, or a problem by its name or file."
        )
    if not hasattr(network, "parameters_"):
        raise NotFittedError(
            "the network has no weights yet; call initialize(X, y) or fit(X, y) on it first."
        )
    if X is None or y is None:
        raise InvalidDataError("got a network without X and y; expected the samples to train on, and labels.")
    inputs, labels = check_inputs(X, np.dtype(np.float64)), as_labels(y)
    check_width(inputs, network.n_features_in_)
    check_lengths(inputs, labels)
    codes = encode_labels(labels, network.classes_)
    scaled = inputs / 255 if inputs.dtype == np.uint8 else inputs
    return Problem(
        name=type(network).__name__,
        architecture=network.architecture_,
        theta=network.parameters_.theta.astype(np.float64),
        X=scaled,
        y=np.eye(len(network.classes_))[codes],
        optimizer=resolve_optimizer(network.optimizer),
        learning_rate=network.lr,
        batch_size=1,
        n_steps=len(inputs),
    )
