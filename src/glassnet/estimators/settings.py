"""What the estimators' parameters mean to the engine."""

from typing import TYPE_CHECKING, Any

from glassnet.activations import Activation
from glassnet.errors import InvalidParameterError
from glassnet.optimizers import SGD, Adam, AdamW, Optimizer
from glassnet.validation import resolve_activation

if TYPE_CHECKING:
    from glassnet.estimators.base import BaseMLP

ALIASES = {"logistic": "sigmoid"}
"""scikit-learn's names for what the tables call otherwise."""


def make_activations(activation: Any, n_hidden: int) -> tuple[Activation, ...]:
    """Return one activation for each hidden layer.

    Parameters
    ----------
    activation : str, Activation, pair of callables, or list of these
        A list has one entry for each hidden layer; a tuple (f, f') is a function of z and its derivative.
    n_hidden : int
    """
    if not isinstance(activation, list):
        return (_make_activation(activation),) * n_hidden
    if len(activation) != n_hidden:
        raise InvalidParameterError(
            f"got {len(activation)} activations for {n_hidden} hidden layers; expected one for each, "
            "or a single one that is not in a list."
        )
    return tuple(_make_activation(one) for one in activation)


def _make_activation(activation: Any) -> Activation:
    if isinstance(activation, tuple):
        if len(activation) != 2:
            raise InvalidParameterError(
                f"got activation={activation!r}; expected a pair (function of z, its derivative)."
            )
        return resolve_activation(*activation)
    return resolve_activation(ALIASES.get(activation, activation), None)


def make_optimizer(estimator: "BaseMLP") -> Optimizer:
    """Return the optimiser of the estimator's solver."""
    if estimator.solver == "adam":
        return Adam(estimator.beta_1, estimator.beta_2, estimator.epsilon)
    if estimator.solver == "adamw":
        return AdamW(estimator.beta_1, estimator.beta_2, estimator.epsilon, estimator.weight_decay)
    return SGD(float(estimator.momentum), bool(estimator.nesterovs_momentum))
