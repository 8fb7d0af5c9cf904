"""Checks of the training: its learning rate, how long it ran, the shape of its losses."""

import math

import numpy as np

from glassnet.doctor.findings import Cure, Symptom, short
from glassnet.doctor.probe import TRIAL_STEPS, Probe
from glassnet.doctor.trials import Trial

MUCH_BETTER = 0.7
LOST = 1.2
SMALL_UPDATE = 1e-4
FASTER, LEAST_FALL = 10, 0.02
STILL_FALLING, FEW_EPOCHS = 0.01, 5
OVERFITTING_RISE = 1.25
GENERALISATION_GAP = 0.1
UPS, UP_SIZE = 0.2, 0.03
STUCK = 0.01
SAME_AS_BLIND = 0.98
LEARNT_BATCH = 0.5


def find_large_rate(probe: Probe) -> Symptom | None:
    """Find a learning rate with which training does worse than with a tenth or a hundredth of it."""
    slower = [trial for factor, trial in probe.trials.items() if factor < 1]
    own = probe.own_trial
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
        "high",
    )


def _lost_again(probe: Probe) -> Symptom | None:
    """Find a training that had come further than where it ended: long steps threw it out again."""
    losses = [loss for loss in probe.losses if math.isfinite(loss)]
    if len(losses) < 3 or not losses[-1] > LOST * min(losses):
        return None
    epoch, rate = losses.index(min(losses)) + 1, probe.patient.learning_rate
    return Symptom(
        f"The learning rate {short(rate)} is too large: what was learnt is lost again.",
        f"training loss {short(min(losses))} in epoch {epoch}, {short(losses[-1])} in the end",
        "The loss was lower once than it is in the end, on the very samples that it is trained on. Long "
        "steps do that: one of them leaves the valley, the units are pushed where they have no slope, and "
        "the way back is closed.",
        Cure("Lower the learning rate.", {probe.patient.names["learning_rate"]: float(f"{rate / 10:.3g}")}),
        "high",
    )


def find_small_rate(probe: Probe) -> Symptom | None:
    """Find a learning rate so small that nothing moves."""
    own = probe.own_trial
    faster = [trial for factor, trial in probe.trials.items() if factor > 1]
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
        "high",
    )


def _rate(probe: Probe, best: Trial, text: str) -> Cure:
    return Cure(
        f"{text} In short trainings {short(best.learning_rate)} did best.",
        {probe.patient.names["learning_rate"]: float(f"{best.learning_rate:.3g}")},
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
    history = probe.patient.history
    reason = history.stopping_reason if history else ""
    by_tolerance = "tol=" in reason
    names = probe.patient.names
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
        "high",
    )


def _goes_on(probe: Probe, now: float) -> bool:
    """Say whether training took fewer steps than a trial, which then comes much further."""
    patient = probe.patient
    steps = len(probe.losses) * -(-len(patient.samples) // patient.batch_size)
    return steps < TRIAL_STEPS and probe.own_trial.last_loss < MUCH_BETTER * now


def _last_slope(probe: Probe, now: float) -> float:
    """Return by how much the loss fell in one of the last epochs, relative to the loss of a guess.

    Of a training of few epochs that is the way from the initial loss to the loss `now`.
    """
    losses, scale = probe.losses, max(probe.base_loss, 1e-12)
    if len(losses) < FEW_EPOCHS:
        return (min(probe.initial.loss, 2 * scale) - now) / len(losses) / scale
    span = min(5, len(losses) - 1)
    return (losses[-1 - span] - losses[-1]) / span / min(scale, losses[0])


def find_overfitting(probe: Probe) -> Symptom | None:
    """Find a validation loss that rises while the training loss falls, or a test score far below."""
    curve = probe.validation_losses
    if curve and not probe.patient.restores_best:
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
    names = probe.patient.names
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
        "medium",
    )


def find_infinities(probe: Probe) -> Symptom | None:
    """Find NaN or infinity, and where it began."""
    error = probe.own_trial.diverged
    theta = probe.patient.theta
    broken = theta is not None and not np.isfinite(theta).all()
    ended = bool(probe.patient.history and probe.patient.history.stopping_reason.startswith("diverged"))
    if error is None and not broken and not ended:
        return None
    if error is not None:
        where = f"epoch {error.epoch}, step {error.step}, layer {error.layer}"
        text = f"Trained again from its initial weights, the network came to NaN or infinity at {where}. "
    else:
        where = "in training" if ended else "in the weights"
        text = "Its training came to NaN or infinity. "
    return Symptom(
        f"The numbers stop being finite: {where}.",
        where,
        text
        + "One infinite number is enough: the next loss is NaN, and NaN spreads to every weight within one "
        "step. The causes are steps or inputs that are too large, far more often than a bug.",
        Cure(
            "Lower the learning rate by a factor of 10, and scale the inputs.",
            {probe.patient.names["learning_rate"]: probe.patient.learning_rate / 10},
        ),
        "high" if broken or ended or probe.train is None else "medium",
    )


def find_oscillation(probe: Probe) -> Symptom | None:
    """Find a training loss that goes up and down."""
    losses = np.array(probe.losses[1:])
    if len(losses) < 8 or not np.isfinite(losses).all():
        return None
    rises = np.diff(losses) / max(probe.base_loss, 1e-12)
    share = float((rises > UP_SIZE).mean())
    if share < UPS:
        return None
    return Symptom(
        f"The training loss goes up and down: it rose in {share:.0%} of the epochs.",
        f"{share:.0%} of the epochs",
        "With steps of the right size the training loss falls from epoch to epoch, but for a little noise of "
        "the batches. Jumps upwards mean that the steps cross the valley instead of following it.",
        Cure(
            "Lower the learning rate by a factor of 3, or take larger batches.",
            {probe.patient.names["learning_rate"]: float(f"{probe.patient.learning_rate / 3:.3g}")},
        ),
        "medium",
    )


def find_stuck_loss(probe: Probe) -> Symptom | None:
    """Find a training loss that does not fall."""
    losses = [loss for loss in probe.losses if math.isfinite(loss)]
    if len(losses) < 5 or probe.has_learnt:
        return None
    fall = 1 - min(losses) / losses[0]
    if fall >= STUCK:
        return None
    return Symptom(
        f"The training loss is stuck: it fell by {max(fall, 0):.2%} in {len(losses)} epochs.",
        f"{short(losses[0])} in the first epoch, {short(min(losses))} at best",
        "Nothing that is learnt would leave the loss where it was. This is a symptom; its cause is among the "
        "findings above, or in how X and y belong together.",
        Cure("Look for the cause; longer training will not help."),
        "high",
    )


def find_unfit_batch(probe: Probe) -> Symptom | None:
    """Find a network that cannot even learn one batch by heart."""
    best = min(probe.batch_trials, key=lambda trial: trial.last_loss)
    base = min(probe.base_loss, best.first_loss)
    if probe.has_learnt or best.last_loss < LEARNT_BATCH * base:
        return None
    return Symptom(
        "The network cannot even learn one batch by heart.",
        f"loss {short(best.last_loss)} after 200 steps on 20 samples, from {short(best.first_loss)}",
        "Any network with enough units can learn 20 samples by heart within some hundred steps, and the loss "
        "goes to nearly 0. This one does not, with a tenth, once and ten times its learning rate. So neither "
        "the amount of data nor the number of epochs is to blame: something between input and loss is "
        "broken.",
        Cure("Look for the cause on one batch: it takes a second, and needs no data."),
        "high",
    )


def find_blindness(probe: Probe) -> Symptom | None:
    """Find a network that is no better than its twin that is fed zeros."""
    loss = probe.train.loss if probe.train is not None else probe.own_trial.last_loss
    blind = (
        probe.base_loss if probe.train is not None else min(probe.blind.last_loss, probe.own_trial.first_loss)
    )
    if probe.has_learnt or not loss >= SAME_AS_BLIND * blind:
        return None
    return Symptom(
        "The network ignores its input: a twin that is fed zeros is as good.",
        f"loss {short(loss)}; without inputs {short(blind)}",
        "A twin of the network that sees zeros instead of samples can only learn how frequent each class is. "
        f"That costs {short(blind)}, and this network costs {short(loss)}: whatever it computes from the "
        "input does not reach its answers.",
        Cure("Look for what cuts the way from the input to the output: see the other findings."),
        "high",
    )
