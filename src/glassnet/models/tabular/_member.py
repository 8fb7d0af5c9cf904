"""One network for an encoded table: how it is built, trained and asked."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet.models.tabular.columns import TableLayout
from glassnet.models.tabular.recipe import Recipe
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.architecture import Architecture, Parameters
from glassnet.nn.course import Course
from glassnet.nn.evaluation import predict
from glassnet.nn.from_data import draw_from_data
from glassnet.nn.history import EpochRecord, History, Stop, StopKind
from glassnet.nn.initializers import INITIALIZERS, lecun_normal
from glassnet.nn.layers import (
    Apart,
    Columns,
    Embedding,
    Layer,
    LearnedActivation,
    Multipliers,
    Periodic,
    Scaling,
    in_a_chain,
)
from glassnet.nn.losses import Head
from glassnet.nn.members import share
from glassnet.nn.network import Dropout
from glassnet.nn.optimizers import Adam
from glassnet.nn.rates import Group, group_rates
from glassnet.nn.samples import Samples
from glassnet.nn.schedules import SCHEDULES
from glassnet.nn.training import Training, train

SLOW, FAST = 0.1, 6.0
"""RealMLP's factors on the learning rate: of biases, numeric embeddings and learned activations, and of the
scaling layer."""

ROWS_TO_START_FROM = 5_000
"""Of so many rows the first weights are measured on."""


@dataclass(frozen=True)
class Member:
    """Hold one trained network, or one whose members share its weights.

    Attributes
    ----------
    parameters : Parameters
    history : History
    """

    parameters: Parameters
    history: History

    def outputs(self, Z: Array) -> Array:
        """Return the outputs for an encoded table, float64 of shape (n, n_outputs): of members, their mean.

        They are computed in double precision, whatever the weights are stored in: so that what a row is
        answered does not depend on the rows beside it, which in float32 it would in the seventh digit.
        """
        architecture = self.parameters.architecture
        wide = Parameters(architecture, self.parameters.theta.astype(np.float64))
        return predict(architecture, wide, Samples(Z, None, np.float64))


def build(recipe: Recipe, layout: TableLayout, head: Head, n_outputs: int, members: int = 1) -> Architecture:
    """Return the architecture that a recipe gives a table; with members, see `glassnet.nn.members`."""
    activation = ACTIVATIONS[recipe.activation]
    n_hidden = len(recipe.hidden_layer_sizes)
    inner: list[Layer | None] = [None] * (n_hidden + 1)
    if recipe.learned_activation:
        inner[1:] = [LearnedActivation(activation, _rate(recipe, SLOW))] * n_hidden
        activation = ACTIVATIONS["identity"]
    inner[0] = _front(recipe, layout)
    if members > 1:
        inner[0] = in_a_chain(inner[0], Multipliers(members))
        inner[-1] = in_a_chain(inner[-1], Apart(members))
    sizes = (layout.width, *recipe.hidden_layer_sizes, n_outputs)
    before = tuple(inner) if any(inner) else ()
    return Architecture(sizes, (activation,) * n_hidden, share(head, members), before)


def _front(recipe: Recipe, layout: TableLayout) -> Layer | None:
    """Return what stands in front of the first dense layer."""
    periodic = Periodic(rate=_rate(recipe, SLOW)) if recipe.numeric_embedding and layout.n_numbers else None
    codes = layout.cardinalities
    embedding = Embedding(codes, width_each=recipe.embedding_size) if codes else None
    layers: list[Layer] = []
    if periodic or embedding:
        blocks = ((layout.n_numbers, periodic), (layout.n_flags, None), (len(codes), embedding))
        layers.append(Columns(tuple(block for block in blocks if block[0])))
    if recipe.scaling_layer:
        layers.append(Scaling(_rate(recipe, FAST)))
    return in_a_chain(*layers)


def _rate(recipe: Recipe, factor: float) -> float:
    return factor if recipe.rate_factors else 1.0


def fit_member(
    recipe: Recipe,
    architecture: Architecture,
    samples: Samples,
    rows: NDArray[np.intp],
    held_out: Samples | None,
    seed: np.random.SeedSequence,
    *,
    accuracy: bool,
    on_epoch: Callable[[EpochRecord], object] = lambda record: None,
) -> Member:
    """Train a network by a recipe, and keep its best epoch where rows are held out.

    Parameters
    ----------
    recipe : Recipe
    architecture : Architecture
    samples : Samples
    rows : ndarray of int
        Those of the samples that it is trained on.
    held_out : Samples or None
        Of None, the last epoch is kept.
    seed : SeedSequence
    accuracy : bool
        Whether the best epoch is the one with the highest accuracy; otherwise with the lowest loss.
    on_epoch : callable
        Called with every record; a return value of True stops training.
    """
    rng = np.random.default_rng(seed)
    parameters = draw_first(recipe, architecture, samples.X, rows, rng)
    batch_size = min(recipe.batch_size, len(rows))
    training = Training(
        architecture,
        parameters,
        optimizer_of(recipe),
        recipe.learning_rate_init,
        batch_size,
        dropout=Dropout(recipe.dropout, rng) if recipe.dropout else None,
        groups=groups_of(recipe, architecture),
    )
    fading = SCHEDULES[recipe.decay_schedule]
    n_steps = recipe.max_iter * (len(rows) // batch_size)
    training.follow(Course(n_steps, SCHEDULES[recipe.learning_rate], fading, fading))
    history = History()
    watch = KeepBest(accuracy, recipe.n_iter_no_change) if held_out is not None else None
    train(
        training,
        samples,
        held_out,
        _whole_batches(rows, batch_size, rng),
        history,
        max_epochs=recipe.max_iter,
        watch=watch,
        accuracy=accuracy,
        on_epoch=on_epoch,
    )
    return Member(parameters, history)


def optimizer_of(recipe: Recipe) -> Adam:
    """Return the optimiser of a recipe."""
    return Adam(beta_2=recipe.beta_2, weight_decay=recipe.weight_decay)


def groups_of(recipe: Recipe, architecture: Architecture) -> tuple[Group, ...]:
    """Return the factors on the learning rate that a recipe gives the parts of a network; () without any."""
    return group_rates(architecture, biases=SLOW, decay_biases=False) if recipe.rate_factors else ()


def draw_first(
    recipe: Recipe, architecture: Architecture, Z: Array, rows: NDArray[np.intp], rng: np.random.Generator
) -> Parameters:
    """Return the parameters that training starts from."""
    if recipe.weight_init == "data":
        some = rng.permutation(rows)[: ROWS_TO_START_FROM // architecture.head.members]
        return draw_from_data(architecture, Z[some], rng, Z.dtype)
    if recipe.weight_init != "normal":
        return Parameters.draw(architecture, INITIALIZERS[recipe.weight_init], rng, Z.dtype)
    parameters = Parameters.draw(architecture, lecun_normal, rng, Z.dtype)
    for bias in parameters.biases:
        bias[...] = rng.standard_normal(bias.shape)
    parameters.weights[-1][...] = parameters.biases[-1][...] = 0
    return parameters


def _whole_batches(
    rows: NDArray[np.intp], batch_size: int, rng: np.random.Generator
) -> Iterator[NDArray[np.intp]]:
    """Yield a new order for every epoch, without the rows that would make a smaller batch at its end."""
    while True:
        yield rng.permutation(rows)[: len(rows) - len(rows) % batch_size]


class KeepBest:
    """Watch a validation score, and leave the parameters of its best epoch, the last of equal ones.

    Parameters
    ----------
    accuracy : bool
        Watch the accuracy; otherwise the loss.
    patience : int or None
        Epochs without a better one after which training ends; None never ends it.
    """

    def __init__(self, accuracy: bool, patience: int | None) -> None:
        self.accuracy = accuracy
        self.patience = patience
        self.best_epoch: int | None = None
        self.best_score = -math.inf
        self.best_theta: Array = np.empty(0)

    def observe(self, record: EpochRecord, training: Training) -> Stop | None:
        """Take note of an epoch; return why to stop now, or None to go on."""
        assert record.validation_loss is not None
        score = record.validation_accuracy if self.accuracy else -record.validation_loss
        assert score is not None
        if score >= self.best_score:
            self.best_score, self.best_epoch = score, record.epoch
            self.best_theta = training.parameters.theta.copy()
        if self.patience is None or record.epoch - (self.best_epoch or 0) < self.patience:
            return None
        what = "accuracy" if self.accuracy else "loss"
        reason = f"early stopping: the validation {what} had not improved for {self.patience} epochs"
        return Stop(StopKind.EARLY_STOPPING, reason)

    def finish(self, training: Training) -> None:
        """Leave the best parameters, if there are any."""
        if self.best_epoch is not None:
            training.parameters.theta[...] = self.best_theta
