"""Take over a network that scikit-learn trained: its parameters, weights and curves."""

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from glassnet.errors import InvalidParameterError
from glassnet.models._settings import make_activations
from glassnet.nn.history import EpochRecord, History, Stop, StopKind
from glassnet.nn.network import Architecture, Parameters

if TYPE_CHECKING:
    from glassnet.models._fitted import FittedEstimator

Estimator = TypeVar("Estimator", bound="FittedEstimator")

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
    "_label_binarizer",
)
"""The fitted attributes that mean the same in both libraries; an estimator has some of them."""


def adopt(cls: type[Estimator], model: Any) -> Estimator:
    """Build an estimator from scikit-learn's, see `FittedEstimator.from_sklearn`."""
    if not hasattr(model, "coefs_") or cls.__name__ not in (base.__name__ for base in type(model).__mro__):
        raise InvalidParameterError(
            f"got {model!r}; expected a fitted {cls.__name__} of scikit-learn. "
            "Is it another class, or was fit not called yet?"
        )
    estimator = cls(**model.get_params(deep=False))
    for name in TAKEN_OVER:
        if hasattr(model, name):
            setattr(estimator, name, getattr(model, name))
    sizes = (model.coefs_[0].shape[0], *(weight.shape[1] for weight in model.coefs_))
    architecture = Architecture(sizes, make_activations(model.activation, len(sizes) - 2), estimator._head())
    parameters = Parameters.zeros(architecture, model.coefs_[0].dtype)
    for own, other in zip(
        [*parameters.weights, *parameters.biases], [*model.coefs_, *model.intercepts_], strict=True
    ):
        own[...] = np.asarray(other)
    estimator._install(architecture, parameters)
    losses = getattr(model, "loss_curve_", [])
    records = [EpochRecord(epoch, loss, None, None, None, 0.0) for epoch, loss in enumerate(losses, 1)]
    estimator.history_ = History(records)
    reason = f"trained by scikit-learn for {model.n_iter_} iterations"
    estimator.history_.end(Stop(StopKind.ELSEWHERE, reason))
    estimator.validation_loss_curve_ = []
    return estimator
