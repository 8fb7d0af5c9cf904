"""A model and its samples as a problem to be worked by hand."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models.view import View, view_of
from glassnet.worked.problem import Problem


def problem_of(model: Any, X: ArrayLike | None, y: ArrayLike | None) -> Problem:
    """Return the training of a model on some samples as a problem, in float64.

    Parameters
    ----------
    model : NeuralNetwork, MLPClassifier, MLPRegressor or MLPAutoencoder
        glassnet's or scikit-learn's, fitted or initialised; it stays as it is.
    X : array-like of shape (n_samples, n_features)
        Bytes are divided by 255 where the model does so.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        As for its `fit`; not for an autoencoder.

    Returns
    -------
    Problem
        One sample a step, one step for each sample.

    Raises
    ------
    InvalidParameterError
        When it is no such model, or one whose steps are not worked on paper.
    NotFittedError
        When the model has no weights yet.
    InvalidDataError
        When X or y is missing or does not fit.
    """
    view = view_of(model)
    if view.prepares:
        raise InvalidParameterError(
            f"got a {view.name}, which is not worked on paper: it encodes its columns, and has layers and "
            "learning rates that a trace does not write. Trace an MLPClassifier or MLPRegressor behind a "
            "TableEncoder."
        )
    if view.dropout:
        raise _not_on_paper(view, "dropout", "which units are left out is drawn anew in every step")
    if view.max_gradient_norm is not None:
        why = "a gradient is scaled by the size of all of it together"
        raise _not_on_paper(view, "max_gradient_norm", why)
    if X is None:
        raise InvalidDataError("got a model without X; expected the samples to train on, and labels.")
    samples = view.samples(X, y, dtype=np.float64)
    assert view.theta is not None
    return Problem(
        name=view.name,
        architecture=view.architecture,
        theta=view.theta.astype(np.float64),
        X=samples.inputs(slice(None)).copy(),
        y=samples.targets(slice(None)).copy(),
        optimizer=view.optimizer,
        learning_rate=view.learning_rate,
        batch_size=1,
        n_steps=len(samples),
        alpha=view.alpha,
        frozen=view.frozen,
    )


def _not_on_paper(view: View, parameter: str, why: str) -> InvalidParameterError:
    given = f"{view.names[parameter]}={quoted(getattr(view, parameter))}"
    return InvalidParameterError(
        f"got a {view.name} with {given}, which is not worked on paper: {why}. Trace one without it."
    )
