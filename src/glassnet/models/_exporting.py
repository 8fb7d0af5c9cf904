"""What every class can be written as for other libraries."""

import os
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from glassnet._common.files import write_atomically
from glassnet.exchange import Graph, GraphSymbol, make_keras, make_model, make_torch, write_c, write_onnx
from glassnet.exchange.onnx_files import INPUT, Input
from glassnet.nn.architecture import Parameters


class Exported:
    """Write a model down for other libraries. A class says in `outline` what it answers."""

    def to_onnx(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Return the model as one of ONNX, which many programs run; write it to a file, if one is named.

        The input ``X`` has shape (n, n_features), in the dtype of the weights. Outputs are called as
        scikit-learn's converters call them: ``label`` and ``probabilities`` of a classifier, ``variable`` of
        a regressor; of an autoencoder ``variable`` is what `transform` returns, beside ``reconstruction``.

        Parameters
        ----------
        path : path-like, optional

        Returns
        -------
        onnx.ModelProto

        Raises
        ------
        NotFittedError
            When there are no weights yet.
        MissingPackageError
            When the package onnx is not installed.
        InvalidParameterError
            When an activation is a function of one's own, without a formula.
        FileError
            When the file cannot be written.
        """
        n_features, dtype = self._inputs_of_outline()
        graph = Graph(dtype)
        outputs = self.outline(graph.symbol(INPUT))
        inputs = {INPUT: Input(np.dtype(dtype), n_features)}
        return self._finish_onnx(path, make_model(graph, inputs, outputs, type(self).__name__))

    def _finish_onnx(self, path: str | os.PathLike[str] | None, model: Any) -> Any:
        """Write a model of ONNX to a file, if one is named, and return it."""
        if path is not None:
            write_onnx(path, model)
        return model

    def to_c(self, path: str | os.PathLike[str] | None = None, *, name: str = "network") -> str:
        """Return the network as a header of C99 that needs ``math.h`` alone; write it, if a file is named.

        ``NAME_predict(x, out)`` computes the outputs for one row, and ``NAME_class(x)`` of a classifier with
        one label a row which class is the likeliest. Inputs are given as the network takes them: bytes of an
        image divided by 255 where ``scales_uint8_`` is True, a table as its encoder encodes it.

        Parameters
        ----------
        path : path-like, optional
        name : str
            What all names in the header begin with.

        Returns
        -------
        str
            The header.

        Raises
        ------
        NotFittedError
            When there are no weights yet.
        InvalidParameterError
            When there are layers that are not dense, an activation has no formula, weights are not finite,
            the name is none in C, or the answers of a model for tables are more than one network's outputs.
        FileError
            When the file cannot be written.
        """
        parameters = self._plain_network()
        classes = list(getattr(self, "classes_")) if self._has_single_labels() else []  # noqa: B009  # has them
        text = write_c(parameters, name, classes if len(classes) > 1 else ())
        if path is not None:
            write_atomically(path, text)
        return text

    def to_torch(self) -> Any:
        """Return the network as a ``torch.nn.Sequential`` with the same weights, to the last bit.

        Its outputs are the network's: probabilities of a classifier, behind a softmax or sigmoid. To train on
        with a loss that applies these itself, leave the last module out: ``module[:-1]``.

        Returns
        -------
        torch.nn.Sequential
            In evaluation mode.

        Raises
        ------
        NotFittedError
            When there are no weights yet.
        InvalidParameterError
            When there are layers that are not dense, or an activation that PyTorch has no module for.
        MissingPackageError
            When PyTorch is not installed.
        """
        return make_torch(self._plain_network(), self._dropout_rate())

    def to_keras(self) -> Any:
        """Return the network as a ``keras.Sequential`` with the same weights, to the last bit.

        Its outputs are the network's, as those of `to_torch`.

        Returns
        -------
        keras.Sequential

        Raises
        ------
        NotFittedError
            When there are no weights yet.
        InvalidParameterError
            When there are layers that are not dense, or an activation that Keras has no layer for.
        MissingPackageError
            When Keras is not installed.
        """
        return make_keras(self._plain_network(), self._dropout_rate())

    def _plain_network(self) -> Parameters:
        """Return the weights of the network; refuse where it has none."""
        self._inputs_of_outline()
        parameters: Parameters = getattr(self, "parameters_")  # noqa: B009  # an attribute, or a property
        return parameters

    def _has_single_labels(self) -> bool:
        """Return whether targets are labels, one for each sample."""
        return False

    def _dropout_rate(self) -> float:
        """Return the probability with which training drops hidden units."""
        rate = getattr(self, "dropout", 0.0)
        return float(rate) if isinstance(rate, float | int) else 0.0

    def _inputs_of_outline(self) -> tuple[int, DTypeLike]:
        """Return how many numbers a network is given, and of which dtype; refuse where it has no weights."""
        raise NotImplementedError

    def outline(self, x: GraphSymbol) -> dict[str, GraphSymbol]:
        """Return what is answered, written down, by the names that scikit-learn's converters give it."""
        raise NotImplementedError
