"""Read a model file, whatever class it holds."""

import os
from importlib import import_module
from typing import Any

from glassnet._common.quoting import shown
from glassnet.errors import DataFileError
from glassnet.models.model_file import read_kind

KINDS = (
    "NeuralNetwork",
    "MLPClassifier",
    "MLPRegressor",
    "MLPAutoencoder",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
)
"""The classes of this room that a file may hold; one is imported only where a file holds it."""


def load(path: str | os.PathLike[str], **parameters: Any) -> Any:
    """Read a model that `save` wrote, of any class.

    Parameters
    ----------
    path : path-like
    **parameters : object
        Of the constructor, such as functions, which a file cannot hold.

    Returns
    -------
    NeuralNetwork, MLPClassifier, MLPRegressor, MLPAutoencoder, TabularMLPClassifier or TabularMLPRegressor
        As the file says.

    Raises
    ------
    DataFileError
        When the file is missing, damaged, or of a class that glassnet does not have.
    InvalidParameterError
        When the network had an activation of its maker's own and none is given.

    Examples
    --------
    >>> import tempfile, os
    >>> from glassnet import NeuralNetwork
    >>> path = os.path.join(tempfile.mkdtemp(), "model")
    >>> NeuralNetwork(N=1, A=[3]).initialize([[0.0], [1.0]], ["a", "b"]).save(path)
    >>> load(path).predict([[0.0]]).shape
    (1,)
    """
    kind = read_kind(path)
    if kind not in KINDS:
        raise DataFileError(
            f"{shown(path)} holds a {kind}; expected one of {', '.join(KINDS)}. A class of your own reads "
            f"its files itself: {kind}.load(path)."
        )
    return getattr(import_module("glassnet.models"), kind).load(path, **parameters)
