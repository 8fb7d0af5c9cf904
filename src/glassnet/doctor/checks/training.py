"""Checks of the training: its learning rate, how long it ran, the shape of its losses."""

import math

import numpy as np

from glassnet._common.words import counted
from glassnet.doctor._judging import check
from glassnet.doctor.checks._sources import AUTOTRAINER, CS231N, SAGEMAKER
from glassnet.doctor.checks.preparation import (
    find_permuted_labels,
    find_reordered_columns,
    find_reordered_test_labels,
    find_scale_shift,
)
from glassnet.doctor.findings import Cure, Severity, Symptom, short, show_score
from glassnet.doctor.measure.probe import Probe
from glassnet.doctor.measure.trials import Trial
from glassnet.nn.history import StopKind

LOST = 1.2
FASTEST, FADED = 3.0, 0.1
FEW_STEPS, FEW_ITERATIONS = 1000, 100
OVERFITTING_RISE = 1.25
GENERALISATION_GAP = 0.1
CALMER = (0.1, 0.01)
WAITED, LAST, STILL_FALLS = 3, 2, 0.05


@check(
    code="large-learning-rate",
    severity=Severity.HIGH,
    question="Are the steps too long?",
    rule=(
        "the model falls short, and a short training with a smaller rate wins back much of what is missing, "
        f"where its own does not, from the beginning or from where it ended; or the last training loss is "
        f"{LOST:g} times the lowest"
    ),
    source=f"{CS231N}, loss shapes; tried instead of guessed",
)
def find_large_rate(probe: Probe) -> Symptom | None:
    """Find a learning rate with which training does worse than with a smaller one."""
    own, view = probe.own_trial, probe.view
    if not probe.falls_short or not view.trains_by_steps:
        return None
    faded = view.last_learning_rate < FADED * view.learning_rate  # it trained with smaller ones already
    if faded and not view.schedule.over_time:  # such a one fades in the trials too
        return None
    if probe.heals(own):  # the rate does, from the beginning
        return _too_noisy(probe) or _lost_again(probe)
    slower = [trial for factor, trial in probe.by_rate.items() if factor < 1]
    best = max(slower, key=lambda trial: trial.score)
    faster = [trial.score for factor, trial in probe.by_rate.items() if factor > 1]
    if not probe.heals(best, beside=own) or best.score <= max(faster):
        return _too_noisy(probe) or _lost_again(probe)
    outcome = "diverged" if own.diverged else f"came to a score of {own.score:.3f}"
    return Symptom(
        f"The learning rate {short(own.learning_rate)} is too large.",
        f"a short training {outcome}; with {short(best.learning_rate)}: {best.score:.3f}",
        "A step that is too long lands on the other side of the valley, higher up than before. From the same "
        f"initial weights and with the same batches, a short training with {short(own.learning_rate)} "
        f"{outcome}, and one with {short(best.learning_rate)} to {best.score:.3f}, on samples held out. The "
        "largest rate that still falls smoothly is the best one; if in doubt, go down by factors of 3.",
        _rate(probe, best, "Lower the learning rate."),
    )


def _too_noisy(probe: Probe) -> Symptom | None:
    """Find steps so long that they cross the valley to and fro: with shorter ones the network settles."""
    rate, theirs = probe.view.learning_rate, probe.continued
    if theirs is None or theirs.stands_still or probe.heals(theirs):
        return None
    for factor in CALMER:
        calmer = probe.onward(f"calmer by {factor:g}", learning_rate=rate * factor)
        if calmer is not None and probe.heals(calmer, beside=theirs):
            break
    else:
        return None
    return Symptom(
        f"The learning rate {short(rate)} is too large: the network does not settle.",
        f"trained on from where it ended, with {short(rate)}: {show_score(theirs.score)}; with "
        f"{short(calmer.learning_rate)}: {calmer.score:.3f}",
        "Steps that are too long cross the valley to and fro, and the noise of small batches adds to them. "
        "A short training more, from where the network is, brings next to nothing with the same rate, and "
        "much with a smaller one.",
        _rate(probe, calmer, "Lower the learning rate, or take larger batches."),
    )


def _lost_again(probe: Probe) -> Symptom | None:
    """Find a training that had come further than where it ended: long steps threw it out again."""
    losses = [loss for loss in probe.losses if math.isfinite(loss)]
    if len(losses) < 3 or not losses[-1] > LOST * min(losses) or probe.view.restores_best:
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
        "the model falls short, and a short training with a larger rate, ten times or more, wins back much "
        "of what is missing, where its own does not"
    ),
    source=f"{CS231N}: updates should be about 1e-3 of the weights; tried instead of guessed",
)
def find_small_rate(probe: Probe) -> Symptom | None:
    """Find a learning rate so small that nothing moves."""
    own = probe.own_trial
    if not probe.falls_short or not probe.view.trains_by_steps:
        return None
    if probe.theta is not None and probe.heals(own):  # the rate does, given more steps
        return None
    if probe.view.mean_factor < FADED:  # the schedule makes it small
        return None
    faster = [trial for factor, trial in probe.by_rate.items() if factor > FASTEST]
    if not faster:
        return None
    best = max(faster, key=lambda trial: trial.score)
    slower = [trial.score for factor, trial in probe.by_rate.items() if factor < 1]
    if not probe.heals(best, beside=own) or best.score <= max(slower):
        return None
    if _was_stopped(probe) and (probe.goes_on or _was_cut_off(probe)):
        return None
    return Symptom(
        f"The learning rate {short(own.learning_rate)} is too small.",
        f"a step changes the weights by {short(own.update_ratio)} of their size",
        "A good step changes the weights by about a thousandth of their size. Here it is "
        f"{short(own.update_ratio)}: the loss goes down, but so slowly that training ends before anything is "
        f"learnt. From the same weights a short training with {short(best.learning_rate)} came to a score of "
        f"{best.score:.3f} on samples held out, with the model's own rate to {own.score:.3f}.",
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
        "a network gets better on test data when training goes on for a while from where it ended; or it "
        f"falls short, and fewer than {FEW_STEPS} steps were taken and a short training from the beginning "
        f"comes further, or was stopped within {WAITED} epochs of its best while the training loss fell "
        f"by {STILL_FALLS:.0%} in {LAST} epochs. High where it falls short, low where nothing tells so"
    ),
    source=f"{AUTOTRAINER}, slow convergence; tried instead of guessed",
)
def find_early_end(probe: Probe) -> Symptom | None:
    """Find a training that ended before it had learnt what it could."""
    losses = probe.losses
    if probe.theta is None or (losses and not math.isfinite(losses[-1])):
        return None
    severity = _severity_of_end(probe)
    if severity is None:
        return None
    how, cure = _why_it_ended(probe)
    now = probe.score_now
    then = max(probe.own_trial.score, -math.inf if probe.continued is None else probe.continued.score)
    told = (
        f"A few more, with the same settings, make the network better on samples held out: {show_score(now)} "
        f"before, {show_score(then)} after. "
        if then > now
        else f"The training loss was still falling: {', '.join(map(short, losses[-1 - LAST :]))} at the end. "
    )
    return Symptom(
        f"Training ended after {counted(_n_epochs(probe), 'epoch')}, with more to learn.",
        f"score {show_score(now)}; after a short training more {show_score(then)}",
        f"Training made {counted(max(probe.n_steps, _n_epochs(probe)), 'step')}. " + told + how,
        cure,
        severity,
    )


def _severity_of_end(probe: Probe) -> Severity | None:
    """Return how bad it is that training ended where it did; None where there was nothing more to learn."""
    by_steps = probe.view.trains_by_steps
    if not by_steps:
        if not _is_out_of_iterations(probe) or not (probe.falls_short or probe.goes_on):
            return None
        return Severity.HIGH if probe.falls_short else Severity.MEDIUM
    if not probe.losses:
        return None
    if not probe.falls_short:
        if probe.goes_on and probe.test_is_alike:
            return Severity.MEDIUM
        return Severity.LOW if _was_cut_off(probe) else None
    few = probe.n_steps < FEW_STEPS and probe.heals(probe.own_trial)
    return Severity.HIGH if few or probe.goes_on or _was_cut_off(probe) else None


def _was_cut_off(probe: Probe) -> bool:
    """Say whether training was stopped, after next to no wait, while the loss fell."""
    losses, waited = probe.losses, _waited(probe)
    if not _was_stopped(probe) or len(losses) <= LAST or waited is None or waited >= WAITED:
        return False
    return losses[-1] < (1 - STILL_FALLS) * losses[-1 - LAST]


def _waited(probe: Probe) -> int | None:
    """Return for how many epochs training went on after the best one; None where that is not known."""
    history, model = probe.view.history, probe.view.model
    if history is not None and history.best_epoch is not None:
        return len(probe.losses) - history.best_epoch
    return getattr(model, "n_iter_no_change", None)


def _n_epochs(probe: Probe) -> int:
    return len(probe.losses) or int(getattr(probe.view.model, "n_iter_", 0))


def _is_out_of_iterations(probe: Probe) -> bool:
    """Say whether L-BFGS used up its iterations, and those were few."""
    n = _n_epochs(probe)
    return probe.view.epochs <= n < FEW_ITERATIONS


def _was_stopped(probe: Probe) -> bool:
    """Say whether training ended before its epochs were used up."""
    return 0 < len(probe.losses) < probe.view.epochs


def _why_it_ended(probe: Probe) -> tuple[str, Cure]:
    history, names = probe.view.history, probe.view.names
    stopped = None if history is None else history.stopped_by
    epochs = {names["epochs"]: max(10 * len(probe.losses), 200)}
    if "tol" in names and stopped in (StopKind.TOLERANCE, StopKind.ELSEWHERE, None):
        ended_before = len(probe.losses) < probe.view.epochs
        if ended_before or stopped is StopKind.TOLERANCE:
            return (
                "It stopped because loss or score had not improved by more than the tolerance for some "
                "epochs: the tolerance is too coarse, or its patience too short.",
                Cure("Lower the tolerance, and wait longer.", {names["tol"]: 1e-6, names["patience"]: 20}),
            )
    if stopped is StopKind.EARLY_STOPPING:
        wait = Cure("Wait longer before stopping: fit(..., patience=30).")
        if "tol" not in names and "patience" in names:
            wait = Cure("Wait longer before stopping.", {names["patience"]: 30})
        return (
            "Early stopping ended it: the validation loss had not improved for a few epochs, as it may not "
            "for a while on few validation samples.",
            wait,
        )
    return "The number of epochs was used up.", Cure("Train longer.", epochs)


@check(
    code="overfitting",
    severity=Severity.MEDIUM,
    question="Does it learn the samples by heart?",
    rule=(
        f"last validation loss {OVERFITTING_RISE:g} times the lowest while the training loss "
        f"falls; or test score {GENERALISATION_GAP:g} and 3 standard errors below the training score"
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
    if train is None or test is None or not math.isfinite(test.score) or not train.score > probe.chance + 0.1:
        return None
    gap = train.score - test.score
    if gap < max(GENERALISATION_GAP, 3 * probe.task.error(max(test.score, 0.0), test.n)):
        return None
    theirs = (find_scale_shift, find_permuted_labels, find_reordered_columns, find_reordered_test_labels)
    if any(look(probe) for look in theirs):  # then the gap is not overfitting
        return None
    return _overfitting(
        probe,
        f"The network overfits: score {train.score:.3f} in training, {test.score:.3f} in the test.",
        f"difference {gap:.3f}",
        None,
    )


def _overfitting(probe: Probe, title: str, measured: str, epoch: int | None) -> Symptom:
    names = probe.view.names
    cure = (
        Cure("It stops early already: collect more samples, or use fewer units or more dropout.")
        if probe.view.prepares and probe.view.restores_best
        else Cure("Stop there.", {names["epochs"]: epoch})
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
