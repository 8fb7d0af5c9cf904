"""What the doctor judges by: what was measured, what simple models make of the data, and what he tried."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.arrays import Array
from glassnet._common.quoting import shorten
from glassnet.doctor.measure.measured import Measured, constant_loss, take_rows
from glassnet.doctor.measure.trials import (
    LARGEST_BATCH,
    MOST_ROWS,
    Recipe,
    Trial,
    change_columns,
    gain_of,
    score_rows,
    steps_for,
    try_recipe,
)
from glassnet.nn.network import Parameters
from glassnet.nn.samples import Samples
from glassnet.nn.schedules import SCHEDULES

HELD_OUT = 0.3
"""Which share of the samples of a trial is held out to score it."""

GOES_ON = 0.03
"""By so much at least a training gets better that goes on."""

LONGER = 3
"""A training that goes on from where the model is takes so many times the steps of others."""

BATCH_STEPS, BATCH_ROWS = 200, 20

SLOWER, FASTER = (0.3, 0.1, 0.01, 1e-3, 1e-4, 1e-6), (3.0, 10.0, 100.0, 1e3, 1e4)
"""The learning rates of the trials, as multiples of the model's own."""

LEARNT = 0.5
"""Without references, a network has learnt when its loss is below this share of the best constant one's."""

SHORT = 0.05
"""A network falls short when it scores so much less than a simple model on rows which that has not seen."""


class Probe(Measured):
    """Ask what a model lacks, and try what would help, each thing once. It takes what `Measured` takes."""

    @cached_property
    def _tried(self) -> dict[str, Trial]:
        """The trials so far, by their names."""
        return {}

    def _once(self, name: str, train: Callable[[], Trial]) -> Trial:
        """Return the trial of a name, made when it is first asked for."""
        if name not in self._tried:
            self._tried[name] = train()
        return self._tried[name]

    @cached_property
    def own_score(self) -> float:
        """The model's score: on the test data where those are as the training data are, else on the latter.

        To that on the test data is added what the references lose there.

        Of a model that was not trained, that of a short training with its own settings.
        """
        if self.train is None:
            return -math.inf if self.theta is not None else self.own_trial.score
        facts = self.test_facts
        if (
            facts is not None
            and self.test is not None
            and self.test_is_alike
            and math.isfinite(self.test.score)
        ):
            harder = max(facts.reference.score - facts.score, 0.0)  # test rows on which all lose a little
            return min(self.test.score + harder, self.train.score)
        return self.train.score

    @property
    def test_is_alike(self) -> bool:
        """Whether there are test data on which references do as well as on the training data."""
        return self.test_facts is not None and not self.test_facts.falls

    @cached_property
    def falls_short(self) -> bool:
        """Whether the model scores less than what simple models show to be in the data."""
        reference = self.reference
        if reference is None:
            return self._has_loss_of_a_guess
        if not reference.learns:
            return False
        allowed = max(SHORT, 2.5 * reference.error)
        if self.theta is None:  # it was not trained; a short training need not come as far
            allowed = max(3 * SHORT, 3 * reference.error)
        return self._is_outdone or not self.own_score >= reference.score - allowed

    @property
    def _is_outdone(self) -> bool:
        """Whether the best reference does better on the very same test samples, beyond chance."""
        facts = self.test_facts
        if facts is None or not self.test_is_alike or self._rows_now is None:
            return False
        gain, error = gain_of(self.task.row_scores(facts.outputs, facts.y), self._rows_now)
        return gain > max(SHORT, 2.5 * error)

    @property
    def _has_loss_of_a_guess(self) -> bool:
        loss = self.own_trial.last_loss if self.train is None else self.train.loss
        return not loss < LEARNT * self.base_loss

    # -- trials -------------------------------------------------------------------------------------------

    @cached_property
    def recipe(self) -> Recipe:
        """How the model is trained, from its initial weights."""
        view = self.view
        return Recipe(
            view.architecture,
            view.initial_theta,
            view.optimizer,
            view.learning_rate,
            view.batch_size,
            view.alpha,
            view.dropout,
            view.max_gradient_norm,
            view.shuffles,
            view.frozen,
            view.schedule,
            view.fading,
            view.groups_of,
        )

    @cached_property
    def trial_parts(self) -> tuple[Samples, Samples]:
        """Some training samples to train on, in their order, and others to score."""
        rows = self._rows[:MOST_ROWS]
        cut = max(1, round(HELD_OUT * len(rows)))
        train, held_out = np.sort(rows[cut:]), np.sort(rows[:cut])
        if not len(train):
            train = held_out
        return take_rows(self.samples, train), take_rows(self.samples, held_out)

    def trial(self, name: str, recipe: Recipe, n_steps: int | None = None) -> Trial:
        """Train by a recipe, once for each name."""
        return self._once(name, lambda: try_recipe(recipe, *self.trial_parts, self.task, n_steps))

    def trial_on(self, name: str, change: Callable[[Samples], Samples]) -> Trial:
        """Train with the model's own settings on other inputs or targets, once for each name."""
        recipe, (train, held_out) = self.own_trial.recipe, self.trial_parts
        return self._once(name, lambda: try_recipe(recipe, change(train), change(held_out), self.task))

    @property
    def own_trial(self) -> Trial:
        """A short training with the model's own settings."""
        batch = min(self.recipe.batch_size, LARGEST_BATCH)
        return self.trial("own", replace(self.recipe, batch_size=batch))

    @cached_property
    def by_rate(self) -> dict[float, Trial]:
        """Short trainings by the multiple of the learning rate, nearest first, without the model's own."""
        if not self.view.trains_by_steps:
            return {}
        own = self.own_trial.recipe
        trials: dict[float, Trial] = {}
        for factors in (SLOWER, FASTER):
            for factor in factors:
                trial = self.trial(f"rate {factor:g}", replace(own, learning_rate=own.learning_rate * factor))
                trials[factor] = trial
                if trial.stands_still if factor < 1 else trial.overthrows:
                    break  # what is farther off does no better
        return trials

    @cached_property
    def _batch(self) -> Samples:
        """A few different training samples, with targets of the size of 1."""
        part = self.trial_parts[0]
        X = np.asarray(part.inputs(slice(0, len(part))), np.float64)
        different = np.sort(np.unique(X, axis=0, return_index=True)[1])
        return self.scaled_targets(
            take_rows(part, np.random.default_rng(1).permutation(different)[:BATCH_ROWS])
        )

    def column(self, number: int) -> str:
        """Return what a column of `table` is called: by its name, where the columns have names."""
        names = self.column_names
        return f"column {number}" if names is None else f"column “{shorten(names[number], 50)}”"

    def change_numbers(self, samples: Samples, function: Callable[[Array], Array]) -> Samples:
        """Return samples with other numbers; codes of categories stay."""
        return change_columns(samples, function, self.view.n_numbers)

    def batch_trial(self, factor: float) -> Trial:
        """Train on one batch, with a multiple of the learning rate, without penalty, dropout and schedule."""
        rate = self.recipe.learning_rate * factor
        recipe = replace(
            self.recipe, learning_rate=rate, alpha=0.0, dropout=0.0, schedule=SCHEDULES["constant"]
        )
        return self._once(
            f"batch, rate {factor:g}",
            lambda: try_recipe(recipe, self._batch, self._batch, self.task, BATCH_STEPS),
        )

    @property
    def batch_base_loss(self) -> float:
        """The loss of the best constant answer to that batch."""
        return constant_loss(self.view.architecture.head, self._batch)

    @property
    def _onward_parts(self) -> tuple[Samples, Samples]:
        """Training samples to go on with, and test samples to score, as long as those are like them.

        What the model was trained on tells little of what more training brings: it may know it by heart.
        """
        if not self.test_is_alike:
            return self.trial_parts
        return take_rows(self.samples, self._rows[:MOST_ROWS]), self._test_part

    def onward(self, name: str, **change: Any) -> Trial | None:
        """Train on from where the model is, with some of its settings changed, once for each name.

        Returns
        -------
        Trial or None
            None where the model has no weights.
        """
        if self._rows_now is None or self.theta is None:
            return None
        recipe = replace(self.recipe, theta=self.theta, **change)
        n_steps = LONGER * steps_for(recipe)
        return self._once(name, lambda: try_recipe(recipe, *self._onward_parts, self.task, n_steps))

    @property
    def continued(self) -> Trial | None:
        """A short training from where the model is, with its own settings; None where it has no weights."""
        return self.onward("continued")

    @property
    def goes_on(self) -> bool:
        """Whether training that goes on from where it ended, for a short while, still gets better."""
        if self.continued is None or self._rows_now is None:
            return False
        gain, error = gain_of(self.continued.row_scores, self._rows_now)
        return gain > max(GOES_ON, 2 * error)

    @cached_property
    def _rows_now(self) -> NDArray[np.float64] | None:
        """What each of the samples that `onward` scores has of the model's score; None without weights."""
        theta = self.theta
        if theta is None or not np.isfinite(theta).all():
            return None
        architecture = self.view.architecture
        return score_rows(architecture, Parameters(architecture, theta), self._onward_parts[1], self.task)

    @property
    def score_now(self) -> float:
        """The model's score on the samples that `onward` scores."""
        rows = self._rows_now
        return float(rows.mean()) if rows is not None and len(rows) else -math.inf

    def standardised(self, samples: Samples) -> Samples:
        """Return samples with inputs, and targets that are numbers, of mean 0 and standard deviation 1."""
        facts = self.inputs
        std = np.where(facts.varying, facts.deviations, np.inf)
        changed = self.change_numbers(samples, lambda X: (X - facts.means) / std)
        return self.scaled_targets(changed)

    def scaled_targets(self, samples: Samples) -> Samples:
        """Return samples whose targets, where they are numbers, have mean 0 and standard deviation 1."""
        assert samples.y is not None
        assert self.samples.y is not None
        if self.n_classes or self._gives_probabilities:
            return samples
        y = np.asarray(self.samples.y, np.float64)
        std = np.where(y.std(axis=0) > 0, y.std(axis=0), 1.0)
        return Samples(
            samples.X, ((samples.y - y.mean(axis=0)) / std).astype(samples.y.dtype), samples.X.dtype
        )

    def heals(self, trial: Trial, *, beside: Trial | None = None) -> bool:
        """Say whether what a trial changed wins back much of what the model lacks.

        That is at least 0.04, and 40 % of what the references, or the trial itself, show to be there.

        Parameters
        ----------
        trial : Trial
        beside : Trial, optional
            A trial without the change, which it has to outdo as well.
        """
        before = max(self.own_score, self.chance, -math.inf if beside is None else beside.score)
        best = trial.score if self.reference is None else max(self.reference.score, trial.score)
        error = self.task.error(trial.score, len(self.trial_parts[1])) if trial.score > -1 else 0.0
        return trial.score - before >= max(0.04, 1.5 * error, 0.4 * (best - before))
