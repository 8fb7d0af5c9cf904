"""Short trainings on copies: what would happen with another learning rate, on one batch, without inputs."""

import math
from dataclasses import dataclass
from itertools import islice

import numpy as np

from glassnet._common.arrays import Array
from glassnet.errors import DivergedError
from glassnet.nn.evaluation import evaluate
from glassnet.nn.network import Architecture, Parameters
from glassnet.nn.optimizers import Optimizer
from glassnet.nn.samples import Samples
from glassnet.nn.training import Training, shuffles, steps

MEASURED_EVERY = 10
"""At every so many steps the size of the update is measured."""


@dataclass(frozen=True)
class Trial:
    """Hold what a short training came to.

    Attributes
    ----------
    learning_rate : float
    first_loss : float
        Of the samples, before the first step.
    last_loss : float
        Of the samples, after the last; infinite when training diverged.
    accuracy : float
        After the last step; 0 when training diverged.
    update_ratio : float
        Median over steps and layers of norm(change of W) / norm(W); NaN where there is none.
    diverged : DivergedError or None
    """

    learning_rate: float
    first_loss: float
    last_loss: float
    accuracy: float
    update_ratio: float
    diverged: DivergedError | None = None


def try_training(
    architecture: Architecture,
    theta: Array,
    samples: Samples,
    *,
    optimizer: Optimizer,
    learning_rate: float,
    batch_size: int,
    n_steps: int,
    alpha: float = 0.0,
    frozen: tuple[str, ...] = (),
) -> Trial:
    """Train a copy of the parameters for some steps.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        Copied, and left as it is.
    samples : Samples
    optimizer, learning_rate, batch_size, alpha, frozen
        As for `Training`.
    n_steps : int

    Returns
    -------
    Trial
    """
    parameters = Parameters(architecture, theta.copy())
    training = Training(
        architecture,
        parameters,
        optimizer,
        learning_rate,
        min(batch_size, len(samples)),
        alpha=alpha,
        frozen=frozen,
    )
    first_loss = evaluate(architecture, parameters, samples)[0]
    ratios: list[float] = []
    try:
        _run(training, samples, n_steps, ratios)
    except DivergedError as error:
        return Trial(learning_rate, first_loss, math.inf, 0.0, _median(ratios), error)
    last_loss, accuracy = evaluate(architecture, parameters, samples)
    if not math.isfinite(last_loss):
        last_loss, accuracy = math.inf, 0.0
    return Trial(learning_rate, first_loss, last_loss, accuracy, _median(ratios))


def _run(training: Training, samples: Samples, n_steps: int, ratios: list[float]) -> None:
    orders = shuffles(len(samples), np.random.default_rng(0))
    done = 0
    for epoch, order in enumerate(orders, start=1):
        before = None
        for _ in islice(steps(training, samples, order, epoch), n_steps - done):
            if before is not None:
                ratios += _relative_change(before, training.parameters)
                before = None
            if done % MEASURED_EVERY == 0:
                before = [weight.copy() for weight in training.parameters.weights]
            done += 1
        if done >= n_steps:
            return


def _relative_change(before: list[Array], after: Parameters) -> list[float]:
    changes = []
    for old, new in zip(before, after.weights, strict=True):
        norm = float(np.linalg.norm(old))
        if norm:
            changes.append(float(np.linalg.norm(new - old)) / norm)
    return changes


def _median(values: list[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return float(np.median(finite)) if finite else math.nan
