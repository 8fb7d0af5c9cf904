"""A problem to be worked by hand: a network, its first parameters, samples, and how it is trained."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import pairwise
from numbers import Real
from typing import NamedTuple

import numpy as np

from glassnet._common.arrays import Array
from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.models.validation import check_batch_size, check_count, check_not_negative, check_positive
from glassnet.nn.losses import Head
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import OPTIMIZERS, Equations, Optimizer

MAX_PARAMETERS = 10_000
"""Above this nobody works by hand, and a trace would only be long."""

NAMES = ("arrays", "units")
"""How quantities may be called, see `Problem.names`."""

MAX_LAYERS = 20
"""Above this the chain rule fills a page for each line."""

MAX_LINES = 2_000
"""What is written out, of all steps together: some forty pages."""

MAX_NAMED = 100
"""Above this many parameters nobody can tell them by their numbers."""


@dataclass(frozen=True)
class Problem:
    """Describe a training that is worked by hand.

    Attributes
    ----------
    name : str
        What it is called on a page.
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        The parameters before the first step, of float64; never changed.
    X : ndarray of shape (n, n_features)
        Samples in the order in which they are taken, of float64.
    y : ndarray of shape (n, n_outputs)
        Targets.
    optimizer : Optimizer
        One that states its equations.
    learning_rate : float
    batch_size : int
        Samples a step.
    n_steps : int
        How many updates; after the last sample the first comes again.
    digits : int or None
        How many digits after the point are shown; None shows six significant ones.
    alpha : float
        Strength of the L2 penalty; a batch of n samples adds alpha / 2n * sum(W^2) to its loss.
    frozen : tuple of str
        Weights and biases that are not updated: ``("b1", "W2")``.
    names : {"arrays", "units"}
        How quantities are called: ``W1``, ``Z1``, ``A1``, those of a layer together; or one by one,
        ``w5``, ``h1``, ``o1``, as textbooks do it, which small networks may have with one sample a step.

    Raises
    ------
    InvalidDataError
        When shapes do not fit, a number is not finite, or a target is none for the loss.
    InvalidParameterError
        When a setting cannot be right, or the network is too large for paper.
    """

    name: str
    architecture: Architecture
    theta: Array
    X: Array
    y: Array
    optimizer: Optimizer
    learning_rate: float
    batch_size: int
    n_steps: int
    digits: int | None = None
    alpha: float = 0.0
    frozen: tuple[str, ...] = ()
    names: str = "arrays"

    def __repr__(self) -> str:
        return f"<Problem {self.name!r}: {self.architecture!r}, {self.n_steps} steps>"

    def __post_init__(self) -> None:
        check_positive("lr", self.learning_rate)
        check_batch_size(self.batch_size, len(self.X))
        check_count("steps", self.n_steps)
        check_digits(self.digits)
        check_not_negative("alpha", self.alpha)
        equations_of(self.optimizer)
        check_settings(self.optimizer)
        check_sizes(self.architecture.sizes)
        self.architecture.places_of(self.frozen)
        levels = self.architecture.head.quantiles
        if len(levels) > 1:
            raise InvalidParameterError(
                f"got a network of the quantiles {levels}; a worked example has one formula for all outputs. "
                f"Take one level: quantiles={levels[0]:g}."
            )
        self._check_names()
        self._check_samples()

    def _check_names(self) -> None:
        lookup(dict.fromkeys(NAMES), self.names, "names of quantities")
        if self.by_unit and self.architecture.n_parameters > MAX_NAMED:
            raise InvalidParameterError(
                f'got names="units" for {self.architecture.n_parameters:,} parameters; expected at most '
                f'{MAX_NAMED} with a name each. Take names="arrays", or smaller layers.'
            )
        if self.by_unit and self.batch_size != 1:
            raise InvalidParameterError(
                f'got names="units" with batch_size={self.batch_size}; each unit has one name for one sample '
                'a step. Take batch_size=1, or names="arrays".'
            )

    def _check_samples(self) -> None:
        sizes = self.architecture.sizes
        for what, array, width in (("x", self.X, sizes[0]), ("y", self.y, sizes[-1])):
            if array.ndim != 2 or array.shape[1] != width:
                raise InvalidDataError(
                    f"got {what} of shape {array.shape}; expected (n_samples, {width}) for layers of {sizes} "
                    "units. One sample is a row."
                )
            if not np.isfinite(array).all():
                raise InvalidDataError(f"{what} holds NaN or infinity; expected finite numbers.")
        if len(self.X) != len(self.y):
            raise InvalidDataError(
                f"got {len(self.X)} samples in x and {len(self.y)} in y; expected as many of each."
            )
        if not np.isfinite(self.theta).all():
            raise InvalidDataError("the weights or biases hold NaN or infinity; expected finite numbers.")
        check_targets(self.architecture.head, self.y)

    @property
    def by_unit(self) -> bool:
        """Whether each unit and each weight has a name of its own."""
        return self.names == "units"

    @property
    def is_scalar(self) -> bool:
        """Whether the arrays are of one number each: layers of one unit, one sample a step."""
        return self.batch_size == 1 and set(self.architecture.sizes) == {1}

    @property
    def has_numbers(self) -> bool:
        """Whether every quantity is one number, by its name or by the sizes of the layers."""
        return self.by_unit or self.is_scalar

    @property
    def parameters(self) -> Parameters:
        """A copy of the parameters before the first step, with the views of each layer."""
        return Parameters(self.architecture, self.theta.copy())

    def rows_of(self, step: int) -> slice:
        """Return the rows of a step; the first is 1."""
        steps_a_pass = -(-len(self.X) // self.batch_size)
        start = (step - 1) % steps_a_pass * self.batch_size
        return slice(start, min(start + self.batch_size, len(self.X)))


def check_sizes(sizes: Sequence[int]) -> None:
    """Check that a network is small enough for paper; nothing is made of its size before.

    Raises
    ------
    InvalidParameterError
    """
    n_layers, n_parameters = len(sizes) - 1, sum((a + 1) * b for a, b in pairwise(sizes))
    if n_layers > MAX_LAYERS:
        raise InvalidParameterError(
            f"got {n_layers:,} layers of weights; expected at most {MAX_LAYERS} for work by hand."
        )
    if n_parameters > MAX_PARAMETERS:
        raise InvalidParameterError(
            f"layers of {quoted(tuple(sizes))} units have {n_parameters:,} parameters; expected at "
            f"most {MAX_PARAMETERS:,} for work by hand. Take smaller layers."
        )


def check_digits(digits: int | None) -> None:
    """Check a number of digits after the point: None, or 1 to 12."""
    if digits is not None and not 1 <= check_count("digits", digits) <= 12:
        raise InvalidParameterError(f"got digits={digits}; expected 1 to 12 digits after the point.")


class Setting(NamedTuple):
    """Hold a setting of an optimiser, and what is said of it; see `glassnet.nn.optimizers.setting`."""

    name: str
    value: float
    symbol: str
    words: str
    positive: bool
    is_flag: bool


def settings_of(optimizer: Optimizer) -> list[Setting]:
    """Return the settings of an optimiser that states its equations."""
    assert is_dataclass(optimizer)
    return [
        Setting(
            field.name,
            getattr(optimizer, field.name),
            field.metadata.get("symbol") or field.name.replace("_", ""),
            field.metadata.get("words", ""),
            field.metadata.get("positive", False),
            isinstance(field.default, bool),
        )
        for field in fields(optimizer)
    ]


def equations_of(optimizer: Optimizer) -> Equations:
    """Return what an optimiser does to a parameter, as one writes it on paper.

    Raises
    ------
    InvalidParameterError
        When the optimiser does not say it.
    """
    equations = getattr(optimizer, "equations", None)
    if isinstance(equations, Equations) and is_dataclass(optimizer):
        return equations
    known = dict.fromkeys(
        type(entry).__name__ for entry in OPTIMIZERS.values() if hasattr(entry, "equations")
    )
    raise InvalidParameterError(
        f"got optimizer={quoted(optimizer)}, which does not state its equations; expected one whose "
        "updates can be "
        f"written out: {', '.join(known)}, or a dataclass with equations as they have."
    )


def check_settings(optimizer: Optimizer) -> None:
    """Check an optimiser's settings, which its own class takes as they are.

    Raises
    ------
    InvalidParameterError
    """
    for setting in settings_of(optimizer):
        name, value = setting.name, setting.value
        if setting.is_flag:
            if not isinstance(value, bool):
                raise InvalidParameterError(f"got {name}={quoted(value)}; expected true or false.")
        elif setting.positive:
            check_positive(name, value)
        elif isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value < 1:
            raise InvalidParameterError(f"got {name}={quoted(value)}; expected a number from 0 to below 1.")


def check_targets(head: Head, y: Array) -> None:
    """Check that the targets are some that the loss is made for.

    Raises
    ------
    InvalidDataError
    """
    for targets in head.all_targets:
        if not targets.fit(y):
            raise InvalidDataError(
                f"y does not fit the loss {head.label}: expected {targets.expected}; got "
                f"{quoted(y.tolist())}."
            )
