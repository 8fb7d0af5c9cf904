"""The update of one step, as formulas: SGD, with momentum too, and Adam."""

from collections.abc import Iterator

import numpy as np

from glassnet.nn.optimizers import SGD, Adam, Optimizer
from glassnet.worked._formula import (
    Apply,
    Constant,
    Formula,
    Line,
    Power,
    Product,
    Quantity,
    Quotient,
    Ref,
    Sum,
)
from glassnet.worked.problem import Problem

ONE = Constant(1)


def memory_names(optimizer: Optimizer, parameter: str) -> list[str]:
    """Return what the optimiser remembers of a parameter, by the names in a trace."""
    if isinstance(optimizer, Adam):
        return [f"m_{parameter}", f"v_{parameter}"]
    return [f"v_{parameter}"] if isinstance(optimizer, SGD) and optimizer.momentum else []


def write_updates(problem: Problem, step: int, names: list[str]) -> Iterator[Line]:
    """Yield the lines that update each parameter, what the optimiser remembers of it first."""
    for name in names:
        write = _adam if isinstance(problem.optimizer, Adam) else _sgd
        yield from write(problem, step, name)


def _sgd(problem: Problem, step: int, name: str) -> Iterator[Line]:
    assert isinstance(problem.optimizer, SGD)
    mu = problem.optimizer.momentum
    before, descent = Ref(Quantity(step - 1, name)), _times(_rate(problem), _gradient(step, name))
    if not mu:
        yield _line(step, name, Sum(((1, before), (-1, descent))))
        return
    momentum, velocity = Constant(mu, "mu"), Ref(Quantity(step, f"v_{name}"))
    last = Ref(Quantity(step - 1, f"v_{name}"))
    yield _line(step, f"v_{name}", Sum(((1, _times(momentum, last)), (-1, descent))))
    if problem.optimizer.nesterov:
        yield _line(step, name, Sum(((1, before), (1, _times(momentum, velocity)), (-1, descent))))
    else:
        yield _line(step, name, Sum(((1, before), (1, velocity))))


def _adam(problem: Problem, step: int, name: str) -> Iterator[Line]:
    """Write Adam with the bias-corrected means; epsilon stands where the engine has it, see `Adam`."""
    adam = problem.optimizer
    assert isinstance(adam, Adam)
    beta_1, beta_2 = Constant(adam.beta_1, "beta1"), Constant(adam.beta_2, "beta2")
    for letter, beta, power in (("m", beta_1, 1), ("v", beta_2, 2)):
        gradient: Formula = _gradient(step, name)
        gradient = Power(gradient, 2) if power == 2 else gradient
        last = Ref(Quantity(step - 1, f"{letter}_{name}"))
        fresh = _times(Sum(((1, ONE), (-1, beta))), gradient)
        yield _line(step, f"{letter}_{name}", Sum(((1, _times(beta, last)), (1, fresh))))
    for letter, beta in (("m", beta_1), ("v", beta_2)):
        mean = Ref(Quantity(step, f"{letter}_{name}"))
        yield _line(step, f"{letter}hat_{name}", Quotient(mean, _rest_of_power(beta, step)))
    m_hat, v_hat = Ref(Quantity(step, f"mhat_{name}")), Ref(Quantity(step, f"vhat_{name}"))
    epsilon = Quotient(Constant(adam.epsilon, "epsilon"), _root(_rest_of_power(beta_2, step)))
    move = Quotient(_times(_rate(problem), m_hat), Sum(((1, _root(v_hat)), (1, epsilon))))
    before: Formula = Ref(Quantity(step - 1, name))
    if adam.weight_decay:
        decay = _times(_rate(problem), Constant(adam.weight_decay, "lambda"))
        before = _times(Sum(((1, ONE), (-1, decay))), before)
    yield _line(step, name, Sum(((1, before), (-1, move))))


def _line(step: int, name: str, formula: Formula) -> Line:
    return Line(Quantity(step, name), "update", formula)


def _gradient(step: int, name: str) -> Ref:
    return Ref(Quantity(step, f"dL/d{name}"))


def _rate(problem: Problem) -> Constant:
    return Constant(problem.learning_rate, "lr")


def _times(left: Formula, right: Formula) -> Product:
    return Product((left, right))


def _rest_of_power(beta: Constant, t: int) -> Sum:
    return Sum(((1, ONE), (-1, Power(beta, t))))


def _root(formula: Formula) -> Apply:
    return Apply("sqrt", np.sqrt, formula)
