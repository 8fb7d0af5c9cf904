"""Checks of the training: its learning rate, how long it ran, the shape of its losses."""

import math

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.checks._sources import AUTOTRAINER, CS231N, SAGEMAKER
from glassnet.doctor.checks.data import find_permuted_labels, find_scale_shift
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.probe import TRIAL_STEPS, Probe
from glassnet.doctor.measure.trials import Trial
from glassnet.nn.history import StopKind

MUCH_BETTER = 0.7
LOST = 1.2
SMALL_UPDATE = 1e-4
FASTER, LEAST_FALL = 10, 0.02
STILL_FALLING, FEW_EPOCHS = 0.01, 5
OVERFITTING_RISE = 1.25
GENERALISATION_GAP = 0.1


@check(
    code="large-learning-rate",
    severity=Severity.HIGH,
    question="Are the steps too long?",
    rule=(
        "not learnt, and a short training with a smaller rate, down to a millionth, ends below "
        f"{MUCH_BETTER:g} of its loss; or the last training loss is {LOST:g} times the "
        "lowest"
    ),
    source=f"{CS231N}, loss shapes; tried instead of guessed",
)
def find_large_rate(probe: Probe) -> Symptom | None:
    """Find a learning rate with which training does worse than with a smaller one."""
    slower = [trial for factor, trial in probe.trials.by_factor.items() if factor < 1]
    own = probe.trials.own
    if probe.has_learnt or not slower:
        return None
    best = min(slower, key=lambda trial: trial.last_loss)
    if not best.last_loss < MUCH_BETTER * min(own.last_loss, probe.base_loss):
        return _lost_again(probe)
    outcome = "diverged" if own.diverged else f"came to a loss of {short(own.last_loss)}"
    return Symptom(
        f"The learning rate {short(own.learning_rate)} is too large.",
        f"a short training {outcome}; with {short(best.learning_rate)}: {short(best.last_loss)}",
        "A step that is too long lands on the other side of the valley, higher up than before. From the same "
        f"initial weights and with the same batches, a short training with {short(own.learning_rate)} "
        f"{outcome}, and one with {short(best.learning_rate)} to {short(best.last_loss)}. The largest rate "
        "that still falls smoothly is the best one; if in doubt, go down by factors of 3.",
        _rate(probe, best, "Lower the learning rate."),
    )


def _lost_again(probe: Probe) -> Symptom | None:
    """Find a training that had come further than where it ended: long steps threw it out again."""
    losses = [loss for loss in probe.losses if math.isfinite(loss)]
    if len(losses) < 3 or not losses[-1] > LOST * min(losses):
        return None
    epoch, rate = losses.index(min(losses)) + 1, probe.view.learning_rate
    return Symptom(
        f"The learning rate {short(rate)} is too large: what was learnt is lost again.",
        f"training loss {short(min(losses))} in epoch {epoch}, {short(losses[-1])} in the end",
        "The loss was lower once than it is in the end, on the very samples that it is trained on. Long "
        "steps do that: one of them leaves the valley, the units are pushed where they have no slope, and "
        "the way back is closed.",
        Cure("Lower the learning rate.", {probe.view.names["learning_rate"]: float(f"{rate / 10:.3g}")}),
        Severity.HIGH,
    )


@check(
    code="small-learning-rate",
    severity=Severity.HIGH,
    question="Are the steps too short?",
    rule=(
        f"not learnt, a step changes the weights by less than {SMALL_UPDATE:g} of their size, "
        f"and a short training with a larger rate ends below {MUCH_BETTER:g} of its loss, or "
        f"falls {FASTER} times as far"
    ),
    source=f"{CS231N}: updates should be about 1e-3 of the weights; a tenth of that is taken",
)
def find_small_rate(probe: Probe) -> Symptom | None:
    """Find a learning rate so small that nothing moves."""
    own = probe.trials.own
    faster = [trial for factor, trial in probe.trials.by_factor.items() if factor > 1]
    if probe.has_learnt or not faster or not own.update_ratio < SMALL_UPDATE:
        return None
    best = min(faster, key=lambda trial: trial.last_loss)
    fall, own_fall = (trial.first_loss - trial.last_loss for trial in (best, own))
    falls_faster = fall > max(FASTER * own_fall, LEAST_FALL * best.first_loss)
    if not falls_faster and not best.last_loss < MUCH_BETTER * min(own.last_loss, probe.base_loss):
        return None
    return Symptom(
        f"The learning rate {short(own.learning_rate)} is too small.",
        f"a step changes the weights by {short(own.update_ratio)} of their size",
        "A good step changes the weights by about a thousandth of their size. Here it is "
        f"{short(own.update_ratio)}: the loss goes down, but so slowly that training ends before anything is "
        f"learnt. From the same weights a short training with {short(best.learning_rate)} came to a loss of "
        f"{short(best.last_loss)}, with the model's own rate to {short(own.last_loss)}.",
        _rate(probe, best, "Raise the learning rate."),
    )


def _rate(probe: Probe, best: Trial, text: str) -> Cure:
    return Cure(
        f"{text} In short trainings {short(best.learning_rate)} did best.",
        {probe.view.names["learning_rate"]: float(f"{best.learning_rate:.3g}")},
    )


@check(
    code="early-end",
    severity=Severity.HIGH,
    question="Was training given time?",
    rule=(
        f"not learnt, and the loss still falls by {STILL_FALLING:.0%} of a guess's an epoch; or "
        f"training took fewer than {TRIAL_STEPS} steps, and a trial of so many ends below "
        f"{MUCH_BETTER:g} of its loss"
    ),
    source=f"{AUTOTRAINER}, slow convergence: 1 % an epoch",
)
def find_early_end(probe: Probe) -> Symptom | None:
    """Find a training that ended while its loss was still falling."""
    losses = probe.losses
    if len(losses) < 1 or probe.has_learnt or not math.isfinite(losses[-1]):
        return None
    now = math.inf if probe.train is None else probe.train.loss
    slope = _last_slope(probe, now)
    is_falling = slope >= STILL_FALLING and losses[-1] == min(losses)
    if not math.isfinite(now) or not ((is_falling and now <= probe.base_loss) or _goes_on(probe, now)):
        return None
    history = probe.view.history
    by_tolerance = history is not None and history.stopped_by is StopKind.TOLERANCE
    names = probe.view.names
    cure = (
        Cure("Lower the tolerance.", {names["tol"]: 1e-5})
        if by_tolerance
        else Cure("Train longer.", {names["epochs"]: max(10 * len(losses), 50)})
    )
    return Symptom(
        f"Training ended after {len(losses)} epoch{'s' if len(losses) > 1 else ''}, while the loss was "
        "falling.",
        f"in the last epochs it fell by {slope:.1%} of a guess's loss an epoch",
        "The loss curve has not levelled out: in its last epochs it still fell by "
        f"{slope:.1%} of the loss of a guess in each. A network stopped there has learnt a part of what it "
        "could. "
        + (
            "Training stopped because an epoch improved the loss by less than the tolerance, which is too "
            "coarse for this loss."
            if by_tolerance
            else "The number of epochs was used up."
        ),
        cure,
    )


def _goes_on(probe: Probe, now: float) -> bool:
    """Say whether training took fewer steps than a trial, which then comes much further."""
    view = probe.view
    steps = len(probe.losses) * -(-len(probe.samples) // view.batch_size)
    return steps < TRIAL_STEPS and probe.trials.own.last_loss < MUCH_BETTER * now


def _last_slope(probe: Probe, now: float) -> float:
    """Return by how much the loss fell in one of the last epochs, relative to the loss of a guess.

    Of a training of few epochs that is the way from the initial loss to the loss `now`.
    """
    losses, scale = probe.losses, max(probe.base_loss, 1e-12)
    if len(losses) < FEW_EPOCHS:
        return (min(probe.initial.loss, 2 * scale) - now) / len(losses) / scale
    span = min(5, len(losses) - 1)
    return (losses[-1 - span] - losses[-1]) / span / min(scale, losses[0])


@check(
    code="overfitting",
    severity=Severity.MEDIUM,
    question="Does it learn the samples by heart?",
    rule=(
        f"last validation loss {OVERFITTING_RISE:g} times the lowest while the training loss "
        f"falls; or test accuracy {GENERALISATION_GAP:.0%} and 3 standard errors below the "
        "training accuracy"
    ),
    source=f"{SAGEMAKER}, Overfit and Overtraining, name the fault; the limits are this library's",
)
def find_overfitting(probe: Probe) -> Symptom | None:
    """Find a validation loss that rises while the training loss falls, or a test score far below."""
    curve = probe.validation_losses
    if curve and not probe.view.restores_best:
        best = int(np.argmin(curve))
        if curve[-1] > OVERFITTING_RISE * curve[best] and probe.losses[-1] < probe.losses[best]:
            return _overfitting(
                probe,
                f"The network overfits from epoch {best + 1} on.",
                f"validation loss {short(curve[best])} at epoch {best + 1}, {short(curve[-1])} at the end",
                best + 1,
            )
    train, test = probe.train, probe.test
    if train is None or test is None or not probe.has_learnt or not len(test.codes):
        return None
    if find_scale_shift(probe) or find_permuted_labels(probe):  # then the gap is theirs
        return None
    gap = train.accuracy - test.accuracy
    error = math.sqrt(max(test.accuracy * (1 - test.accuracy), 0.01) / len(test.codes))
    if gap < max(GENERALISATION_GAP, 3 * error):
        return None
    return _overfitting(
        probe,
        f"The network overfits: {train.accuracy:.1%} right in training, {test.accuracy:.1%} in the test.",
        f"difference {gap:.1%}",
        None,
    )


def _overfitting(probe: Probe, title: str, measured: str, epoch: int | None) -> Symptom:
    names = probe.view.names
    cure = (
        Cure("Stop there.", {names["epochs"]: epoch})
        if epoch is not None
        else Cure("Stop early, on validation data.", {names["early_stopping"]: True})
        if "early_stopping" in names
        else Cure("Stop early, on validation data: fit(..., early_stopping=True).")
    )
    return Symptom(
        title,
        measured,
        "The network goes on getting better on the samples that it is trained on, and worse on others: it "
        "has begun to learn single samples by heart, with their chance details. What helps is to stop where "
        "the validation loss is lowest, more data, fewer units, or a penalty on large weights.",
        cure,
        Severity.MEDIUM,
    )
