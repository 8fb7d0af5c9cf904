"""What the estimators' parameters mean to the engine."""

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions

from glassnet._common.arrays import Array
from glassnet.errors import InvalidParameterError
from glassnet.models.validation import ACTIVATION_ALIASES, resolve_activations, resolve_initializer
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import OPTIMIZERS, SGD, Adam, Optimizer

PARAMETER_CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [StrOptions({*ACTIVATION_ALIASES, *ACTIVATIONS}), tuple, list, Activation],
    "solver": [StrOptions({"lbfgs", *OPTIMIZERS})],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state", np.random.Generator],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
    "scoring": [str, callable, None],
    "weight_init": [str, callable, None],
    "dropout": [Interval(Real, 0, 1, closed="left")],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "max_grad_norm": [Interval(Real, 0, None, closed="neither"), None],
    "dtype": [StrOptions({"float32", "float64"}), None],
    "scale_uint8": ["boolean"],
    "keep_optimizer_state": ["boolean"],
    "on_epoch": [callable, None],
}
"""What each parameter may be, for scikit-learn's check of parameters."""


def hidden_sizes(value: Any) -> list[int]:
    """Return the units of each hidden layer, from a number or a sequence of them."""
    sizes = np.atleast_1d(np.asarray(value, dtype=object)).tolist()
    if any(isinstance(size, bool) or not isinstance(size, Integral) or int(size) <= 0 for size in sizes):
        raise InvalidParameterError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(size) for size in sizes]


def as_random_state(random_state: Any) -> np.random.RandomState:
    """Return the RandomState that scikit-learn's functions draw from; a Generator's bits are its own."""
    if isinstance(random_state, np.random.Generator):
        return np.random.RandomState(random_state.bit_generator)
    found: np.random.RandomState = check_random_state(random_state)
    return found


def make_optimizer(parameters: Mapping[str, Any]) -> Optimizer:
    """Return the optimiser of the solver among an estimator's parameters.

    Those that scikit-learn has, and "adamw", take their settings from the parameters beside it; all others
    are as the table has them.
    """
    solver = parameters["solver"]
    if solver == "sgd":
        return SGD(float(parameters["momentum"]), bool(parameters["nesterovs_momentum"]))
    if solver in ("adam", "adamw"):
        decay = parameters["weight_decay"] if solver == "adamw" else 0.0
        return Adam(parameters["beta_1"], parameters["beta_2"], parameters["epsilon"], decay)
    return OPTIMIZERS[solver]


def draw_parameters(
    architecture: Architecture,
    dtype: DTypeLike,
    random_state: np.random.RandomState,
    *,
    weight_init: str | Callable[..., Array] | None,
    activation: Any,
) -> Parameters:
    """Return weights and biases, drawn in the order in which scikit-learn draws them.

    Parameters
    ----------
    architecture : Architecture
    dtype : dtype
    random_state : RandomState
    weight_init, activation
        The estimator's parameters. With a `weight_init` of one's own, biases are zero.
    """
    parameters = Parameters.zeros(architecture, dtype)
    own = None if weight_init is None else resolve_initializer(weight_init)
    # scikit-learn scales the weights by the activation that they lead to; the outputs' by the last one's
    activations = architecture.activations or resolve_activations(activation, None, 1)
    leads_to = [*architecture.activations, activations[-1]]
    for weight, bias, after in zip(parameters.weights, parameters.biases, leads_to, strict=True):
        if own is not None:
            weight[...] = own(random_state, *weight.shape)  # type: ignore[arg-type]  # it draws alike
        else:
            factor = 2.0 if after is ACTIVATIONS["sigmoid"] else 6.0
            bound = np.sqrt(factor / sum(weight.shape))
            weight[...] = random_state.uniform(-bound, bound, weight.shape)
            bias[...] = random_state.uniform(-bound, bound, len(bias))
    return parameters
