"""Short trainings on copies: what would happen with one thing changed."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.doctor.measure.reference import Task
from glassnet.errors import DivergedError
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.course import Course
from glassnet.nn.evaluation import evaluate, predict
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.network import Dropout
from glassnet.nn.optimizers import Optimizer
from glassnet.nn.rates import Group
from glassnet.nn.samples import Samples
from glassnet.nn.schedules import SCHEDULES, Schedule
from glassnet.nn.training import Training, shuffles, steps

MEASURED_EVERY = 10
"""At every so many steps the size of the update is measured."""

STANDS_STILL, OVERTHROWS = 1e-3, 1.0
"""A training stands still that moves the weights by so small a share; a single step overthrows by so much."""

LARGEST_BATCH = 64
"""A short training from the beginning takes no larger batches, unless their size is what is tried."""

MOST_ROWS = 1000
"""No trial is given more rows to train on."""

MOST_STEPS, FEWEST_STEPS, WORK = 240, 60, 5e9
"""A trial is as many steps as this work in floating-point operations allows, within limits."""


@dataclass(frozen=True)
class Recipe:
    """Say how a network is trained; `dataclasses.replace` changes one thing.

    Attributes
    ----------
    architecture : Architecture
    theta : ndarray of shape (n_parameters,)
        Where training begins; it is copied, and left as it is.
    optimizer : Optimizer
    learning_rate : float
    batch_size : int
    alpha, dropout : float
    max_gradient_norm : float or None
    shuffles : bool
    frozen : tuple of str
        Weights and biases that stay as they are.
    schedule, fading : Schedule
        Of the learning rate, and of dropout and weight decay. One over time is run through whole, however
        short the training.
    groups_of : callable
        Returns the factors on the learning rate of the parts of an architecture, see `View`.
    """

    architecture: Architecture
    theta: Array
    optimizer: Optimizer
    learning_rate: float
    batch_size: int
    alpha: float = 0.0
    dropout: float = 0.0
    max_gradient_norm: float | None = None
    shuffles: bool = True
    frozen: tuple[str, ...] = ()
    schedule: Schedule = SCHEDULES["constant"]
    fading: Schedule = SCHEDULES["constant"]
    groups_of: Callable[[Architecture], tuple[Group, ...]] = lambda architecture: ()

    def with_architecture(self, architecture: Architecture, *, initializer: str = "he_normal") -> "Recipe":
        """Return the recipe of another network, its weights drawn anew from a fixed seed, none frozen."""
        theta = Parameters.draw(
            architecture, INITIALIZERS[initializer], np.random.default_rng(0), self.theta.dtype
        ).theta
        return replace(self, architecture=architecture, theta=np.asarray(theta), frozen=())


@dataclass(frozen=True)
class Trial:
    """Hold what a short training came to.

    Attributes
    ----------
    recipe : Recipe
    first_loss, last_loss : float
        Of the samples, before the first step and after the last; infinite when training diverged.
    row_scores : ndarray of shape (n,)
        What each sample that was held out has of the score, after the last step; empty when training
        diverged.
    update_ratio : float
        Median over steps and layers of norm(change of W) / norm(W); NaN where there is none.
    moved : float
        The largest norm(change of W) / norm(W) of a layer over all steps; infinite where W was 0 and moved,
        or training diverged.
    diverged : DivergedError or None
    """

    recipe: Recipe
    first_loss: float
    last_loss: float
    row_scores: NDArray[np.float64]
    update_ratio: float
    moved: float
    diverged: DivergedError | None = None

    @property
    def score(self) -> float:
        """The mean of `row_scores`; minus infinity when training diverged."""
        return float(self.row_scores.mean()) if len(self.row_scores) else -math.inf

    @property
    def learning_rate(self) -> float:
        """The recipe's."""
        return self.recipe.learning_rate

    @property
    def stands_still(self) -> bool:
        """Whether all steps together hardly changed the weights: shorter ones would not help."""
        return self.moved < STANDS_STILL

    @property
    def overthrows(self) -> bool:
        """Whether a step changes the weights by more than there is of them: longer ones would not help."""
        return self.diverged is not None or self.update_ratio > OVERTHROWS


def steps_for(recipe: Recipe) -> int:
    """Return how many steps a trial takes."""
    work = 6 * recipe.architecture.n_parameters * min(recipe.batch_size, MOST_ROWS)
    return int(np.clip(WORK / work, FEWEST_STEPS, MOST_STEPS))


def try_recipe(
    recipe: Recipe, samples: Samples, held_out: Samples, task: Task, n_steps: int | None = None
) -> Trial:
    """Train a copy of the parameters for some steps.

    Parameters
    ----------
    recipe : Recipe
    samples, held_out : Samples
        To train on, and to score.
    task : Task
        Says how.
    n_steps : int, optional
        What `steps_for` says unless given.
    """
    architecture, n_steps = recipe.architecture, n_steps or steps_for(recipe)
    parameters = Parameters(architecture, recipe.theta.copy())
    training = Training(
        architecture,
        parameters,
        recipe.optimizer,
        recipe.learning_rate,
        min(recipe.batch_size, len(samples)),
        alpha=recipe.alpha,
        dropout=Dropout(recipe.dropout, np.random.default_rng(0)) if recipe.dropout else None,
        max_gradient_norm=math.inf if recipe.max_gradient_norm is None else recipe.max_gradient_norm,
        frozen=recipe.frozen,
        course=Course(n_steps, recipe.schedule, recipe.fading, recipe.fading),
        groups=recipe.groups_of(architecture),
    )
    first_loss = evaluate(architecture, parameters, samples)[0]
    ratios: list[float] = []
    try:
        _run(training, samples, n_steps, ratios, recipe.shuffles)
    except DivergedError as error:
        return Trial(recipe, first_loss, math.inf, np.zeros(0), _median(ratios), math.inf, error)
    last_loss = evaluate(architecture, parameters, samples)[0]
    rows = score_rows(architecture, parameters, held_out, task)
    if not (math.isfinite(last_loss) and np.isfinite(rows).all()):
        last_loss, rows = math.inf, np.zeros(0)
    moved = max(_relative_change(Parameters(architecture, recipe.theta).weights, parameters))
    return Trial(recipe, first_loss, last_loss, rows, _median(ratios), moved)


def score_rows(
    architecture: Architecture, parameters: Parameters, samples: Samples, task: Task
) -> NDArray[np.float64]:
    """Return what each labelled sample has of the network's accuracy, or R squared; see `Task.row_scores`."""
    return score_outputs(predict(architecture, parameters, samples), samples, task)


def score_outputs(outputs: Array, samples: Samples, task: Task) -> NDArray[np.float64]:
    """Return what each labelled sample has of the score of a network's outputs."""
    assert samples.y is not None
    if outputs.shape[1] == 1 and task.n_classes:
        return np.asarray((outputs[:, 0] > 0.5) == (samples.y[:, 0] > 0.5), np.float64)
    return task.row_scores(outputs.astype(np.float64), samples.y.astype(np.float64))


def gain_of(after: NDArray[np.float64], before: NDArray[np.float64]) -> tuple[float, float]:
    """Return by how much a score is above another of the same rows, and the standard error of that.

    Both are means of what each row has: rows that are hard for both do not count as chance.
    """
    if not len(after) or not len(before):
        return (math.inf if len(after) else -math.inf), 0.0
    differences = after - before
    return float(differences.mean()), float(differences.std() / math.sqrt(len(differences)))


def _orders(n: int, shuffled: bool) -> Iterator[NDArray[np.intp]]:
    return shuffles(n, np.random.default_rng(0)) if shuffled else repeat(np.arange(n))


def _run(training: Training, samples: Samples, n_steps: int, ratios: list[float], shuffled: bool) -> None:
    done = 0
    for epoch, order in enumerate(_orders(len(samples), shuffled), start=1):
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


def _relative_change(before: Sequence[Array], after: Parameters) -> list[float]:
    """Return norm(change of W) / norm(W) of each layer; where it was 0, infinity, or 0 if it still is."""
    changes = []
    for old, new in zip(before, after.weights, strict=True):
        change, norm = float(np.linalg.norm(new - old)), float(np.linalg.norm(old))
        changes.append(change / norm if norm else math.inf if change else 0.0)
    return changes


def _median(values: list[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return float(np.median(finite)) if finite else math.nan


def change_columns(
    samples: Samples, function: Callable[[Array], Array], n_numbers: int | None = None
) -> Samples:
    """Return samples with other inputs, of the same dtype; of the columns only the first are changed.

    Parameters
    ----------
    samples : Samples
    function : callable
        Is given those columns, float64.
    n_numbers : int, optional
        How many they are, all unless given: the others are codes.
    """
    given = samples.inputs(slice(0, len(samples)))
    X = given.copy()
    X[:, :n_numbers] = function(given[:, :n_numbers].astype(np.float64))
    return Samples(X, samples.y, X.dtype)
