"""What a network that scikit-learn trained has in common with one of glassnet's."""

import copy
from collections.abc import Collection
from typing import Any

import numpy as np

from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.models._state import ModelState
from glassnet.models.resolving import resolve_activations, scikit_learn_name
from glassnet.nn.history import EpochRecord, History, Stop, StopKind
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import Architecture, Parameters

TAKEN_OVER = (
    "n_iter_",
    "t_",
    "n_outputs_",
    "n_layers_",
    "n_features_in_",
    "feature_names_in_",
    "out_activation_",
    "loss_",
    "best_loss_",
    "best_validation_score_",
    "loss_curve_",
    "validation_scores_",
    "classes_",
)
"""The fitted attributes that mean the same in both libraries; an estimator has some of them."""

LOSS_OF_OUTPUT = {
    scikit_learn_name(head.output): name for name, head in LOSSES.items() if head.gives_probabilities
}
"""The loss of a classifier, by scikit-learn's name of the output activation."""


def state_of(model: Any, kind: str) -> ModelState:
    """Return the state of a fitted estimator of scikit-learn.

    Parameters
    ----------
    model : sklearn.neural_network.MLPClassifier or MLPRegressor
        It is left as it is; everything is copied.
    kind : str
        The name of the class that it must be of.

    Raises
    ------
    InvalidParameterError
        When it is of another class, or not fitted.
    """
    if not hasattr(model, "coefs_") or kind not in (base.__name__ for base in type(model).__mro__):
        raise InvalidParameterError(
            f"got {quoted(model)}; expected a fitted {kind} of scikit-learn. "
            "Is it another class, or was fit not called yet?"
        )
    sizes = (model.coefs_[0].shape[0], *(weight.shape[1] for weight in model.coefs_))
    loss = LOSS_OF_OUTPUT.get(model.out_activation_) if hasattr(model, "classes_") else model.loss
    architecture = Architecture(
        sizes, resolve_activations(model.activation, None, len(sizes) - 2), LOSSES[loss or "squared_error"]
    )
    fitted = {name: copy.deepcopy(getattr(model, name)) for name in TAKEN_OVER if hasattr(model, name)}
    losses = getattr(model, "loss_curve_", [])
    history = History(
        [EpochRecord(epoch, loss, None, None, None, 0.0) for epoch, loss in enumerate(losses, 1)]
    )
    reason = f"trained by scikit-learn for {model.n_iter_} iterations"
    history.end(Stop(StopKind.ELSEWHERE, reason))
    return ModelState(
        kind,
        model.get_params(deep=False),
        architecture,
        np.concatenate([np.ravel(array) for array in (*model.coefs_, *model.intercepts_)]),
        fitted | {"validation_loss_curve_": [], "stopped_": False},
        history,
    )


def adopted_by_sklearn(
    model: Any, architecture: Architecture, parameters: Parameters, fitted_names: Collection[str]
) -> Any:
    """Return scikit-learn's estimator of the same name, with the parameters and weights of one of ours.

    Raises
    ------
    InvalidParameterError
        When it has none, or none that can be such a network.
    """
    from sklearn import neural_network

    name = type(model).__name__
    kind = getattr(neural_network, name, None)
    if kind is None:
        raise InvalidParameterError(
            f"got a {name}, which scikit-learn has not; expected a classifier or a regressor."
        )
    names = {scikit_learn_name(activation.name) for activation in architecture.activations}
    known = {"identity", "logistic", "tanh", "relu"}
    head = architecture.head.name
    has_other_loss = name == "MLPRegressor" and head not in ("squared_error", "poisson")
    if len(names) > 1 or not names <= known or has_other_loss:
        raise InvalidParameterError(
            f"got a network of {', '.join(sorted(names))} units and the loss {head}; scikit-learn's have one "
            f"activation, of {', '.join(sorted(known))}, and numbers the loss squared_error or poisson. "
            "to_onnx writes any network."
        )
    theirs = kind()
    own = model.get_params(deep=False) | {"activation": next(iter(names), "relu")}
    shared = {key: value for key, value in own.items() if key in theirs.get_params(deep=False)}
    solver = shared.get("solver")
    shared["solver"] = solver if solver in ("sgd", "adam", "lbfgs") else "adam"
    theirs.set_params(**shared)
    for key in fitted_names:
        if hasattr(model, key):
            setattr(theirs, key, copy.deepcopy(getattr(model, key)))
    theirs.coefs_ = [np.array(weight) for weight in parameters.weights]
    theirs.intercepts_ = [np.array(bias) for bias in parameters.biases]
    return theirs
