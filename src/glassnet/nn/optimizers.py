"""Optimisers: how the gradient changes the parameters, on the flat vector theta.

An optimiser is one frozen value with two functions: ``init(theta)`` makes its state, and
``update(theta, grad, state, learning_rate)`` moves theta in place. It knows nothing of layers, epochs or
stopping. The learning rate is an argument, because schedules belong to the training loop.

An optimiser that has `Equations` besides can be worked by hand: they are what `glassnet.trace` writes, line
by line, and holds to what ``update`` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from glassnet._common.arrays import Array
from glassnet.nn import ops
from glassnet.nn._denormals import beside_gradient, flush_decayed
from glassnet.nn.rates import WHOLE, Group


@dataclass
class OptimizerState:
    """Hold what an optimiser remembers between steps.

    Attributes
    ----------
    t : int
        How many updates were made.
    memory : dict of str to ndarray
        Arrays of theta's shape and dtype, by name: ``velocity``, or ``mean`` and ``square``.
    scratch : ndarray
        An array of theta's shape to work in.
    """

    t: int = 0
    memory: dict[str, Array] = field(default_factory=dict)
    scratch: Array = field(default_factory=lambda: np.empty(0))


class Optimizer(Protocol):
    """Describe what the training loop asks of an optimiser.

    One that can give parts of theta learning rates of their own takes `groups` besides, see
    `glassnet.nn.rates`.
    """

    def init(self, theta: Array) -> OptimizerState:
        """Return the state before the first update."""

    def update(self, theta: Array, grad: Array, state: OptimizerState, learning_rate: float) -> None:
        """Move `theta` in place, and `state` with it; `grad` is used up as working space."""


@dataclass(frozen=True)
class Equations:
    """State what an optimiser does to a parameter, as one writes it on paper.

    Parameters
    ----------
    lines : tuple of str
        Assignments in Python's notation, made one after the other: ``"v = momentum*v - lr*g"``. They name
        the parameter theta, its gradient g, the learning rate lr, the number of the update t as an exponent,
        the optimiser's settings, functions such as sqrt, and what other lines compute. What is used before
        it is computed is remembered from the last update, and zero before the first.
    kept : mapping of str to str
        What is remembered, in terms of the arrays in `OptimizerState.memory`; whatever is not listed is kept
        under its own name.
    """

    lines: tuple[str, ...]
    kept: Mapping[str, str] = field(default_factory=dict)


def setting(
    default: Any, symbol: str = "", *, words: str = "", positive: bool = False, below: float = 1.0
) -> Any:
    """Declare a field of an optimiser, and what is said of it where the optimiser is worked by hand.

    Parameters
    ----------
    default : float or bool
    symbol : str
        What it is called on paper: ``"mu"``; its own name without underscores unless given.
    words : str
        What stands before the symbol in a list of settings; of a flag, what is said where it is set.
    positive : bool
        Whether it is any positive number. Other numbers are at least 0 and less than `below`.
    below : float
    """
    return field(
        default=default, metadata={"symbol": symbol, "words": words, "positive": positive, "below": below}
    )


@dataclass(frozen=True)
class SGD:
    """Descend along the gradient of each batch, with momentum if wanted.

    Without momentum: theta <- theta - lr g. With momentum mu (Polyak 1964)::

        v <- mu v - lr g
        theta <- theta + v                    or, with Nesterov's look-ahead,
        theta <- theta + mu v - lr g

    Parameters
    ----------
    momentum : float
        mu, in [0, 1).
    nesterov : bool
        Look ahead (Nesterov 1983, in the form of Sutskever et al. 2013).
    """

    momentum: float = setting(0.0, "mu", words="momentum")
    nesterov: bool = setting(False, words="Nesterov's look-ahead")

    @property
    def equations(self) -> Equations:
        """The equations above, on paper."""
        if not self.momentum:
            return Equations(("theta = theta - lr*g",))
        move = "momentum*v - lr*g" if self.nesterov else "v"
        return Equations(("v = momentum*v - lr*g", f"theta = theta + {move}"), {"v": "velocity"})

    def init(self, theta: Array) -> OptimizerState:
        """Return the state before the first update: no velocity."""
        if not self.momentum:
            return OptimizerState()
        return OptimizerState(memory={"velocity": np.zeros_like(theta)}, scratch=np.empty_like(theta))

    def update(
        self,
        theta: Array,
        grad: Array,
        state: OptimizerState,
        learning_rate: float,
        groups: Sequence[Group] = WHOLE,
    ) -> None:
        """Move `theta` in place by one step; `grad` is used up."""
        state.t += 1
        if not self.momentum:
            for group in groups:
                ops.sgd(theta[group.part], grad[group.part], learning_rate * group.rate)
            return
        velocity, mu = state.memory["velocity"], self.momentum
        for group in groups:
            part, rate = group.part, learning_rate * group.rate
            own = theta[part], grad[part], velocity[part]
            ops.momentum(*own, rate, mu, self.nesterov, state.scratch[part])
        flush_decayed((velocity,), state.scratch, state.t)


@dataclass(frozen=True)
class Adam:
    """Scale each parameter's step by running means of its gradient and squared gradient.

    ::

        m <- beta_1 m + (1 - beta_1) g
        v <- beta_2 v + (1 - beta_2) g^2
        theta <- theta - lr sqrt(1 - beta_2^t) / (1 - beta_1^t)  m / (sqrt(v) + epsilon)

    This is the order of operations at the end of section 2 of the paper (as in scikit-learn);
    `epsilon` there is not yet divided by the bias correction, unlike in algorithm 1 (as in PyTorch).

    Parameters
    ----------
    beta_1, beta_2 : float
        Decay of the two means, in [0, 1).
    epsilon : float
        Keeps the division finite; positive.
    weight_decay : float
        At least 0. Before each step theta <- (1 - lr weight_decay) theta, biases too: AdamW.

    References
    ----------
    Kingma, Ba (2015), Adam: a method for stochastic optimization.
    Loshchilov, Hutter (2019), Decoupled weight decay regularization, algorithm 2.

    Notes
    -----
    In float32 a gradient below about 1e-18 counts as zero. Its square would be a denormal number, which
    takes a processor many times longer, and beside `epsilon` it moves nothing; units that are dead for good
    have such gradients, from the penalty on their weights alone.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = setting(1e-8, positive=True)
    weight_decay: float = setting(0.0, "lambda", words="weight decay", below=np.inf)

    @property
    def equations(self) -> Equations:
        """The equations above with the means' bias corrections on lines of their own, as one writes them."""
        theta = "(1 - lr*weight_decay)*theta" if self.weight_decay else "theta"
        return Equations(
            (
                "m = beta_1*m + (1 - beta_1)*g",
                "v = beta_2*v + (1 - beta_2)*g**2",
                "mhat = m/(1 - beta_1**t)",
                "vhat = v/(1 - beta_2**t)",
                f"theta = {theta} - lr*mhat/(sqrt(vhat) + epsilon/sqrt(1 - beta_2**t))",
            ),
            kept={"m": "(1 - beta_1)*mean", "v": "(1 - beta_2)*square"},
        )

    def init(self, theta: Array) -> OptimizerState:
        """Return the state before the first update: both means zero.

        They are kept without their factors, as m / (1 - beta_1) and v / (1 - beta_2): two passes less over
        arrays of theta's size, in a step that has nine.
        """
        memory = {"mean": np.zeros_like(theta), "square": np.zeros_like(theta)}
        return OptimizerState(memory=memory, scratch=np.empty_like(theta))

    def update(
        self,
        theta: Array,
        grad: Array,
        state: OptimizerState,
        learning_rate: float,
        groups: Sequence[Group] = WHOLE,
    ) -> None:
        """Move `theta` in place by one step; `grad` is used up."""
        state.t += 1
        mean, square = state.memory["mean"], state.memory["square"]
        betas = self.beta_1, self.beta_2
        epsilon = self.epsilon / (1 - self.beta_2) ** 0.5
        scale = learning_rate * self.step_scale(state.t)
        decay, beside = learning_rate * self.weight_decay, beside_gradient(theta.dtype)
        for group in groups:
            part, rate, kept = group.part, scale * group.rate, 1 - decay * group.decay
            own = theta[part], grad[part], mean[part], square[part]
            ops.adam(*own, betas, epsilon, rate, kept, beside, state.scratch[part])
        flush_decayed((mean, square), state.scratch, state.t)

    def step_scale(self, t: int) -> float:
        """Return the bias correction of update t, with the factors that the means are kept without."""
        correction = (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
        return float(correction * (1 - self.beta_1) / (1 - self.beta_2) ** 0.5)


OptimizerName = Literal["sgd", "momentum", "nesterov", "adam", "adamw"]
"""The names of the table below, for type checkers."""

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": SGD(),
    "momentum": SGD(momentum=0.9),
    "nesterov": SGD(momentum=0.9, nesterov=True),
    "adam": Adam(),
    "adamw": Adam(weight_decay=0.01),
}
"""The optimisers by name, with their usual settings."""
