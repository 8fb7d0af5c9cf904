"""What the estimators' parameters mean to the engine."""

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Hidden, Interval, Options, StrOptions

from glassnet._common.arrays import Array
from glassnet.errors import InvalidParameterError
from glassnet.models.validation import ACTIVATION_ALIASES, as_whole
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS, SGD, Adam, Optimizer
from glassnet.nn.schedules import SCHEDULES, InverseScaling, Schedule

PARAMETER_CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": [
        "array-like",
        Interval(Integral, 1, None, closed="left"),
        Hidden(Interval(Real, 1, None, closed="left")),  # 16.0, as tuners give it; see `hidden_sizes`
    ],
    "activation": [StrOptions({*ACTIVATION_ALIASES, *ACTIVATIONS}), tuple, list, Activation],
    "solver": [StrOptions({"lbfgs", *OPTIMIZERS})],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions(set(SCHEDULES))],
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


REGRESSION_LOSSES = tuple(name for name, head in LOSSES.items() if head.output not in ("softmax", "sigmoid"))
"""The losses of outputs that are no probabilities."""

AUTO_BATCH = 200
"""What ``batch_size="auto"`` means, where there are as many samples."""


class SharedParameters:
    """Declare the parameters of all estimators. Constructors only store them; ``fit`` checks them."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = PARAMETER_CONSTRAINTS

    hidden_layer_sizes: Any
    activation: Any
    solver: str
    alpha: float
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: Any
    tol: float
    verbose: bool
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    scoring: str | Callable[..., float] | None
    weight_init: str | Callable[..., Array] | None
    dropout: float
    weight_decay: float
    max_grad_norm: float | None
    dtype: str | None
    keep_optimizer_state: bool
    on_epoch: Callable[[EpochRecord], object] | None
    scale_uint8: bool

    def _store(self, arguments: dict[str, Any]) -> None:
        """Store the arguments of the constructor, and do nothing else."""
        for name, value in arguments.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)


def hidden_sizes(value: Any) -> list[int]:
    """Return the units of each hidden layer, from a number or a sequence of them; 16.0 is taken as 16."""
    sizes = [as_whole(size) for size in np.atleast_1d(np.asarray(value, dtype=object)).tolist()]
    if any(isinstance(size, bool) or not isinstance(size, Integral) for size in sizes):
        raise InvalidParameterError(f"hidden_layer_sizes must be integers, got {value!r}.")
    if any(size <= 0 for size in sizes):
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


def make_schedule(parameters: Mapping[str, Any]) -> Schedule:
    """Return the schedule of an estimator's learning rate; only SGD's changes, as in scikit-learn."""
    if parameters["solver"] != "sgd":
        return SCHEDULES["constant"]
    if parameters["learning_rate"] == "invscaling":
        return InverseScaling(float(parameters["power_t"]))
    return SCHEDULES[parameters["learning_rate"]]
