"""Networks of PyTorch and Keras as models of glassnet."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glassnet._common.quoting import quoted
from glassnet._common.words import Word
from glassnet.errors import InvalidParameterError
from glassnet.exchange import Foreign, read_keras, read_torch
from glassnet.models.neural_network import NeuralNetwork
from glassnet.nn.losses import LOSSES, Head


class OutputUse(Word):
    """Say how the loss of another library meets the network's outputs."""

    FITS = "fits"
    TWICE = "twice"
    """The loss applies the output activation that the network applies already."""
    MISSING = "missing"
    """The loss takes the values of an activation that the network lacks."""
    NO_LOGARITHM = "no logarithm"
    """The loss takes logarithms of probabilities, and is given these themselves."""


def from_torch(module: Any, *, loss: Any = None, classes: ArrayLike | None = None, **parameters: Any) -> Any:
    """Return a PyTorch module as a model of glassnet, with the same weights, to the last bit.

    Parameters
    ----------
    module : torch.nn.Module
        A `Sequential` of `Linear`, activations, `Dropout` and `Flatten`, or a module of one's own whose
        `forward` calls such, one behind the other. It is left as it is.
    loss : torch.nn loss, str or None
        What it was trained with, such as ``torch.nn.CrossEntropyLoss()``, or a name from
        `glassnet.nn.LOSSES`. Unless given, the last activation tells: a softmax or sigmoid makes a
        classifier, none a regressor.
    classes : array-like, optional
        The labels of the outputs, 0, 1, 2, ... unless given.
    **parameters : object
        Of the constructor of what is returned.

    Returns
    -------
    NeuralNetwork, MLPClassifier or MLPRegressor
        With a softmax a `NeuralNetwork`, with a sigmoid an `MLPClassifier`, of two classes where there is
        one output, else of several labels a sample; otherwise an `MLPRegressor`.

    Raises
    ------
    InvalidParameterError
        When the module holds what glassnet has not, which is named, or output and loss do not fit.
    MissingPackageError
        When PyTorch is not installed.
    """
    return adopt(read_torch(module), loss, classes, parameters)


def from_keras(model: Any, *, loss: Any = None, classes: ArrayLike | None = None, **parameters: Any) -> Any:
    """Return a Sequential model of Keras as a model of glassnet, with the same weights, to the last bit.

    Parameters
    ----------
    model : keras.Sequential
        Of `Dense`, activations, `Dropout` and `Flatten`, built. It is left as it is.
    loss : keras loss, str or None
        Its own where it was compiled, otherwise as for `from_torch`.
    classes : array-like, optional
        The labels of the outputs, 0, 1, 2, ... unless given.
    **parameters : object
        Of the constructor of what is returned.

    Returns
    -------
    NeuralNetwork, MLPClassifier or MLPRegressor
        As of `from_torch`.

    Raises
    ------
    InvalidParameterError
        When the model holds what glassnet has not, which is named, or output and loss do not fit.
    MissingPackageError
        When Keras is not installed.
    """
    return adopt(read_keras(model), loss or getattr(model, "loss", None), classes, parameters)


def adopt(foreign: Foreign, loss: Any, classes: ArrayLike | None, parameters: dict[str, Any]) -> Any:
    """Return the model of a network that was read; see `from_torch`."""
    head, use = find_head(foreign, loss)
    if use is not OutputUse.FITS:
        raise InvalidParameterError(
            f"got {foreign.output} outputs and the loss {name_of(loss)}, which do not fit each other "
            f"({use.value}); glassnet.diagnose(module, X, y, loss=...) says more. Expected a network whose "
            "outputs are what its loss takes."
        )
    return make(foreign, head, classes, parameters)


def make(foreign: Foreign, head: Head, classes: ArrayLike | None, parameters: dict[str, Any]) -> Any:
    """Return a model with the weights of a network that was read, and the head of its loss."""
    n, n_outputs, hidden = foreign.sizes[0], foreign.sizes[-1], list(foreign.sizes[1:-1])
    rates = set(foreign.dropout) or {0.0}
    if len(rates) > 1 and "dropout" not in parameters:
        raise InvalidParameterError(
            f"got dropout of {', '.join(map(str, foreign.dropout))}; glassnet has one probability for all "
            "hidden layers. Say which one training is to go on with: dropout=0.0."
        )
    names = [activation.name for activation in foreign.activations]
    settings: dict[str, Any] = {"dropout": max(rates), "dtype": foreign.theta.dtype.name}
    if names:
        settings["activation"] = names if len(set(names)) > 1 else names[0]
    settings |= parameters
    X = np.zeros((n_outputs, n))
    if head.output == "softmax":
        labels = _labels(classes, n_outputs)
        model: Any = NeuralNetwork(len(hidden), hidden, loss=head.name, **settings).initialize(X, labels)
    elif head.output == "sigmoid":
        from glassnet.models.classifier import MLPClassifier

        targets: Any = np.array([[0] * n_outputs, [1] * n_outputs])
        if n_outputs == 1:
            targets = _labels(classes, 2)
        elif classes is not None:
            raise InvalidParameterError(
                f"got classes and {n_outputs} sigmoid outputs, of which each is a label for itself, 0 or 1; "
                "expected none."
            )
        model = MLPClassifier(tuple(hidden), **settings).initialize(np.zeros((2, n)), targets)
    else:
        from glassnet.models.regressor import MLPRegressor

        numbers = np.zeros((2, n_outputs)) if n_outputs > 1 else np.zeros(2)
        regressor: Any = MLPRegressor  # the loss is one of its own: `find_head` has seen to that
        model = regressor(head.name, tuple(hidden), **settings).initialize(np.zeros((2, n)), numbers)
    model.parameters_.theta[...] = foreign.theta
    return model


def find_head(foreign: Foreign, loss: Any) -> tuple[Head, OutputUse]:
    """Return the head that the loss means, and how it meets the outputs.

    Raises
    ------
    InvalidParameterError
        When glassnet has no such loss, or no model with such outputs.
    """
    output, name = foreign.output, name_of(loss)
    if loss is None:
        fitting = {"softmax": "softmax_cross_entropy", "sigmoid": "sigmoid_cross_entropy", "exp": "poisson"}
        head = LOSSES[fitting.get(output, "squared_error")]
        return _checked(head, output), OutputUse.FITS
    head, takes_z = _by_name(name, loss, foreign)
    is_own, is_raw = output == head.output, output == "identity"
    if head.output == "identity":
        return _checked(head, output), OutputUse.FITS
    if takes_z:
        return head, OutputUse.FITS if is_raw else OutputUse.TWICE
    if name == "NLLLoss" and not foreign.in_logarithms:
        return head, OutputUse.NO_LOGARITHM if is_own else OutputUse.MISSING
    return head, OutputUse.FITS if is_own else OutputUse.MISSING


def _by_name(name: str, loss: Any, foreign: Foreign) -> tuple[Head, bool]:
    """Return the head of a loss, and whether the loss applies the output's activation itself."""
    library = foreign.library
    if name in LOSSES:  # of glassnet's names nothing is known of who applies it
        return LOSSES[name], foreign.output == "identity"
    for head in LOSSES.values():
        names = head.elsewhere.get(library, ())
        if name in names:
            takes_z = name == names[0] if library == "torch" else bool(getattr(loss, "from_logits", False))
            if name == "PoissonNLLLoss":
                takes_z = bool(getattr(loss, "log_input", True))
            return head, takes_z
    known = [name for head in LOSSES.values() for name in head.elsewhere.get(library, ())]
    raise InvalidParameterError(
        f"got the loss {quoted(name)}; expected one of {', '.join([*known, *LOSSES])}."
    )


def name_of(loss: Any) -> str:
    """Return what a loss is called: a name, a class's, or that of an instance of it."""
    if isinstance(loss, str) or loss is None:
        return str(loss or "")
    found = getattr(loss, "name", None) or getattr(loss, "__name__", None) or type(loss).__name__
    return str(found)


def _checked(head: Head, output: str) -> Head:
    if output != head.output:
        raise InvalidParameterError(
            f"got a network with {output} outputs and the loss {head.name}; glassnet's models of numbers "
            f"have {head.output} outputs with it. Expected a last layer without {output}, or loss=..., which "
            "says what it was trained with."
        )
    return head


def _labels(classes: ArrayLike | None, n: int) -> NDArray[Any]:
    labels = np.arange(n) if classes is None else np.asarray(classes)
    if labels.shape != (n,) or len(np.unique(labels)) < n or (np.sort(labels) != labels).any():
        raise InvalidParameterError(
            f"got classes={quoted(classes)} for {n} classes; expected as many different labels, in ascending "
            "order, as the outputs are."
        )
    return labels
