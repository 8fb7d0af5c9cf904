"""What the parameters of the two estimators for tables may be."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from glassnet.models.tabular.recipe import RECIPES
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.schedules import SCHEDULES

AUTO = StrOptions({"auto"})
_SCHEDULE = StrOptions(
    {"auto", *(name for name, schedule in SCHEDULES.items() if schedule.over_time), "constant"}
)

CONSTRAINTS: dict[str, list[Any]] = {
    "recipe": [StrOptions(set(RECIPES))],
    "numbers": [StrOptions({"auto", "robust", "standard", "none"})],
    "max_one_hot": [AUTO, Interval(Integral, 0, None, closed="left"), None],
    "embedding_size": [AUTO, Interval(Integral, 1, None, closed="left")],
    "numeric_embedding": [StrOptions({"auto", "periodic"}), None],
    "scaling_layer": [AUTO, "boolean"],
    "hidden_layer_sizes": [AUTO, "array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [StrOptions({"auto", *ACTIVATIONS})],
    "learned_activation": [AUTO, "boolean"],
    "weight_init": [StrOptions({"auto", "data", "normal", *INITIALIZERS})],
    "rate_factors": [AUTO, "boolean"],
    "learning_rate_init": [AUTO, Interval(Real, 0, None, closed="neither")],
    "learning_rate": [_SCHEDULE],
    "beta_2": [AUTO, Interval(Real, 0, 1, closed="left")],
    "weight_decay": [AUTO, Interval(Real, 0, None, closed="left")],
    "dropout": [AUTO, Interval(Real, 0, 1, closed="left")],
    "decay_schedule": [_SCHEDULE],
    "batch_size": [AUTO, Interval(Integral, 1, None, closed="left")],
    "max_iter": [AUTO, Interval(Integral, 1, None, closed="left")],
    "n_iter_no_change": [AUTO, Interval(Integral, 1, None, closed="left"), None],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_ensemble": [Interval(Integral, 1, None, closed="left")],
    "ensemble": [StrOptions({"seeds", "folds", "tabm"})],
    "n_jobs": [Integral, None],
    "random_state": ["random_state", np.random.Generator],
    "dtype": [StrOptions({"float32", "float64"})],
    "verbose": ["verbose"],
    "on_epoch": [callable, None],
}
"""What each parameter may be, for scikit-learn's check of parameters."""
