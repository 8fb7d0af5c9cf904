"""What the estimators' parameters mean to the engine."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Hidden, Interval, Options, StrOptions

from glassnet._common.arrays import Array
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.models.resolving import ACTIVATION_ALIASES, resolve_schedule
from glassnet.models.validation import as_whole
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.history import EpochRecord
from glassnet.nn.losses import LOSSES
from glassnet.nn.optimizers import OPTIMIZERS, Optimizer, OptimizerName
from glassnet.nn.schedules import SCHEDULES, Schedule, ScheduleName

T = TypeVar("T")

# What type checkers know of the parameters. Names of closed tables are spelled out, which they need; a test
# holds them to the tables. An activation may be any text, since ACTIVATIONS is a table that users add to.
SolverName = Literal["lbfgs"] | OptimizerName
DtypeName = Literal["float32", "float64"]
RegressionLossName = Literal["squared_error", "poisson", "absolute_error", "huber", "pinball"]
LayerSizes = float | Sequence[float] | NDArray[Any]
RandomState = int | np.random.RandomState | np.random.Generator | None
LearningRate = ScheduleName | Callable[[float], float]
ActivationFunction = Callable[[Array], Array]
ActivationArgument = str | Activation | tuple[ActivationFunction, ActivationFunction] | list[Any]

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
    "learning_rate": [StrOptions(set(SCHEDULES)), callable],
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


REGRESSION_LOSSES = tuple(name for name, head in LOSSES.items() if head.estimates_numbers)
"""The losses of outputs that estimate numbers."""

AUTO_BATCH = 200
"""What ``batch_size="auto"`` means, where there are as many samples."""


class SharedParameters:
    """Declare the parameters of all estimators. Constructors only store them; ``fit`` checks them."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = PARAMETER_CONSTRAINTS

    hidden_layer_sizes: LayerSizes
    activation: ActivationArgument
    solver: SolverName
    alpha: float
    batch_size: int | Literal["auto"]
    learning_rate: LearningRate
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: RandomState
    tol: float
    verbose: int
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
    dtype: DtypeName | None
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
        raise InvalidParameterError(f"hidden_layer_sizes must be integers, got {quoted(value)}.")
    if any(size <= 0 for size in sizes):
        raise InvalidParameterError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(size) for size in sizes]


def as_random_state(random_state: Any) -> np.random.RandomState:
    """Return the RandomState that scikit-learn's functions draw from; a Generator's bits are its own."""
    if isinstance(random_state, np.random.Generator):
        return np.random.RandomState(random_state.bit_generator)
    found: np.random.RandomState = check_random_state(random_state)
    return found


PARAMETER_OF_FIELD = {
    "momentum": "momentum",
    "nesterov": "nesterovs_momentum",
    "beta_1": "beta_1",
    "beta_2": "beta_2",
    "epsilon": "epsilon",
    "weight_decay": "weight_decay",
    "power": "power_t",
}
"""The parameter that sets a field of an optimiser or a schedule, whichever has one of that name."""

FIXED_FIELDS: dict[str, tuple[str, ...]] = {
    "momentum": ("momentum", "nesterov"),
    "nesterov": ("momentum", "nesterov"),
    "adam": ("weight_decay",),
}
"""The fields that make a solver what it is, by its name: no parameter sets them."""

SCHEDULED_SOLVERS = ("sgd",)
"""The solvers whose learning rate changes from epoch to epoch, as in scikit-learn."""


def make_optimizer(parameters: Mapping[str, Any]) -> Optimizer:
    """Return the optimiser of the solver among an estimator's parameters, which set its fields."""
    solver = parameters["solver"]
    return _with_fields(OPTIMIZERS[solver], parameters, FIXED_FIELDS.get(solver, ()))


def make_schedule(parameters: Mapping[str, Any]) -> Schedule:
    """Return the schedule of an estimator's learning rate.

    Raises
    ------
    InvalidParameterError
        When it changes the rate over time, and the solver has none.
    """
    given, solver = parameters["learning_rate"], parameters["solver"]
    schedule = resolve_schedule(given, "learning_rate")
    if schedule.over_time and solver not in OPTIMIZERS:
        raise InvalidParameterError(
            f"got learning_rate={quoted(given)} and solver={quoted(solver)}, which finds the length of its "
            f'steps itself; expected learning_rate="constant", or one of the solvers {", ".join(OPTIMIZERS)}.'
        )
    if not schedule.over_time and solver not in SCHEDULED_SOLVERS:
        return SCHEDULES["constant"]
    return _with_fields(schedule, parameters) if isinstance(given, str) else schedule


def _with_fields(entry: T, parameters: Mapping[str, Any], fixed: Collection[str] = ()) -> T:
    """Return the entry of a table with the fields that parameters set, in the types of their defaults."""
    if not is_dataclass(entry) or isinstance(entry, type):
        return entry
    changes = {
        field.name: type(getattr(entry, field.name))(parameters[PARAMETER_OF_FIELD[field.name]])
        for field in fields(entry)
        if field.name in PARAMETER_OF_FIELD and field.name not in fixed
    }
    return replace(entry, **changes)
