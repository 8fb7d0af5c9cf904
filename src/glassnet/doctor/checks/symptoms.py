"""Checks of what shows in the end: losses that rise or stand still, batches and inputs that are not used."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from glassnet._common.words import counted
from glassnet.doctor._judging import check
from glassnet.doctor.checks._sources import AUTOTRAINER, CS231N, DEEPCHECKER, KARPATHY, SAGEMAKER
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.probe import SHORT, Probe
from glassnet.doctor.measure.reference import NAMES
from glassnet.nn.history import StopKind
from glassnet.nn.schedules import Schedule

UPS, UP_SIZE, TINY_BATCH = 0.2, 0.03, 4
STUCK = 0.01
BLIND = 0.05
LEARNT_BATCH = 0.5
BATCH_FACTORS = (1.0, 0.1, 10.0, 0.01, 100.0)


@check(
    code="not-finite",
    severity=Severity.HIGH,
    question="Are all numbers finite, and where do they stop being so?",
    rule="a NaN or an infinity in the weights, or in the loss of training run again",
    source=f"{SAGEMAKER}, ExplodingTensor; {DEEPCHECKER}",
)
def find_infinities(probe: Probe) -> Symptom | None:
    """Find NaN or infinity, and where it began."""
    error = probe.own_trial.diverged
    theta = probe.theta
    broken = theta is not None and not np.isfinite(theta).all()
    history = probe.view.history
    ended = history is not None and history.stopped_by is StopKind.DIVERGED
    if error is None and not broken and not ended:
        return None
    if ended and history is not None:
        where = history.stopping_reason.removeprefix("diverged: ").split(". ")[0]
        text = f"In training {where}. "
    elif error is not None:
        where = f"epoch {error.epoch}, step {error.step}, layer {error.layer}"
        text = f"Trained again from its initial weights, the network came to NaN or infinity at {where}. "
    else:
        where, text = "in the weights", "Its weights hold NaN or infinity. "
    return Symptom(
        f"The numbers stop being finite: {where}.",
        where,
        text
        + "One infinite number is enough: the next loss is NaN, and NaN spreads to every weight within one "
        "step. The causes are steps or inputs that are too large, far more often than a bug.",
        Cure(
            "Lower the learning rate by a factor of 10, and scale the inputs.",
            {probe.view.names["learning_rate"]: probe.view.learning_rate / 10},
        ),
        Severity.HIGH if broken or ended or probe.train is None else Severity.MEDIUM,
    )


@check(
    code="oscillating-loss",
    severity=Severity.MEDIUM,
    question="Does the loss fall smoothly?",
    rule=(
        f"in {UPS:.0%} of the epochs the loss rises by more than {UP_SIZE:.0%} of a constant answer's, and "
        "no schedule raises the learning rate again and again"
    ),
    source=f"{AUTOTRAINER}: amplitude 0.03 in 20 % of the epochs",
)
def find_oscillation(probe: Probe) -> Symptom | None:
    """Find a training loss that goes up and down."""
    noisy = _noisy_steps(probe)
    if noisy is not None:
        return noisy
    losses = np.array(probe.losses[1:])
    if len(losses) < 8 or not np.isfinite(losses).all() or _rises_again(probe.view.schedule):
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
            {probe.view.names["learning_rate"]: float(f"{probe.view.learning_rate / 3:.3g}")},
        ),
    )


def _rises_again(schedule: Schedule) -> bool:
    """Say whether a schedule raises the rate after it has lowered it: then the loss may go up with it."""
    if not schedule.over_time:
        return False
    changes = np.diff([schedule(t) for t in np.linspace(0, 1, 101).tolist()])
    falls = np.flatnonzero(changes < 0)
    return bool(len(falls) and (changes[falls[0] :] > 0).any())


def _noisy_steps(probe: Probe) -> Symptom | None:
    """Find batches of a few samples whose steps contradict each other, which short trainings show."""
    batch = probe.view.batch_size
    if batch > TINY_BATCH or not probe.view.trains_by_steps or not probe.falls_short:
        return None
    larger = probe.trial("larger batches", replace(probe.own_trial.recipe, batch_size=32))
    if not probe.heals(larger):
        return None
    return Symptom(
        f"The steps are noisy: a batch holds {counted(batch, 'sample')}.",
        f"score {probe.own_score:.3f}; after a short training with batches of 32 {larger.score:.3f}",
        "The gradient of a sample or two points hither and thither. With a learning rate that suits larger "
        "batches every step undoes the one before.",
        Cure("Take larger batches, or a smaller learning rate.", {probe.view.names["batch_size"]: 32}),
        Severity.HIGH,
    )


@check(
    code="stuck-loss",
    severity=Severity.HIGH,
    question="Does the loss fall at all?",
    rule=f"the model falls short, and over 5 epochs or more the loss fell by less than {STUCK:.0%}",
    source=f"{SAGEMAKER}, LossNotDecreasing: 0.1 % in 10 steps; here over the whole training",
)
def find_stuck_loss(probe: Probe) -> Symptom | None:
    """Find a training loss that does not fall."""
    losses = [loss for loss in probe.losses if math.isfinite(loss)]
    if len(losses) < 5 or not probe.falls_short:
        return None
    fall = 1 - min(losses) / losses[0] if losses[0] else 0.0
    if fall >= STUCK:
        return None
    return Symptom(
        f"The training loss is stuck: it fell by {max(fall, 0):.2%} in {len(losses)} epochs.",
        f"{short(losses[0])} in the first epoch, {short(min(losses))} at best",
        "Nothing that is learnt would leave the loss where it was. This is a symptom; its cause is among the "
        "findings above, or in how X and y belong together.",
        Cure("Look for the cause; longer training will not help."),
    )


@check(
    code="unfit-batch",
    severity=Severity.HIGH,
    question="Can it learn one batch by heart?",
    rule=(
        "the model falls short, and 200 steps on 20 samples, without penalty and dropout, leave "
        f"{LEARNT_BATCH:.0%} of the loss of the best constant answer, at any of {len(BATCH_FACTORS)} "
        "learning rates, nor at the one that did best in short trainings"
    ),
    source=f"{KARPATHY}: overfit one batch; {CS231N}: 20 samples",
)
def find_unfit_batch(probe: Probe) -> Symptom | None:
    """Find a network that cannot even learn one batch by heart."""
    if not probe.falls_short:
        return None
    least = probe.batch_base_loss
    if not least:
        return None
    trials = []
    for factor in _batch_factors(probe):
        trials.append(probe.batch_trial(factor))
        if trials[-1].last_loss < LEARNT_BATCH * least:  # one that learns it is enough
            return None
    best = min(trials, key=lambda trial: trial.last_loss)
    rates = [trial.learning_rate for trial in trials]
    return Symptom(
        "The network does not learn one batch by heart.",
        f"loss {short(best.last_loss)} after 200 steps on 20 samples; the best constant answer has "
        f"{short(least)}",
        "A network with units enough mostly learns 20 different samples by heart within some hundred steps. "
        f"This one does not, with learning rates from {short(min(rates))} to "
        f"{short(max(rates))}, and without penalty and dropout. So neither the amount of data "
        "nor the number of epochs alone is to blame: look at its functions, its weights and its inputs.",
        Cure("Look for the cause on one batch: it takes a second, and needs no data."),
    )


def _batch_factors(probe: Probe) -> Iterator[float]:
    """Yield multiples of the learning rate, at last the best: where the rate alone is at fault, it learns."""
    yield from BATCH_FACTORS
    if probe.by_rate:
        yield max(probe.by_rate, key=lambda factor: probe.by_rate[factor].score)


@check(
    code="blind-network",
    severity=Severity.HIGH,
    question="Does it look at its input?",
    rule=(
        f"the model falls short, and its answers vary over the samples by less than {BLIND:.0%} of what the "
        "targets vary by"
    ),
    source=f"{KARPATHY}: input-independent baseline",
)
def find_blindness(probe: Probe) -> Symptom | None:
    """Find a network whose answers do not change with its input."""
    state, y = probe.current or probe.initial, probe.samples.y
    if not probe.falls_short or y is None or not math.isfinite(state.output_spread):
        return None
    spread = float(y.std(axis=0, dtype=np.float64).max())
    if not spread or probe.theta is None or state.output_spread >= BLIND * spread:
        return None
    return Symptom(
        "The network ignores its input: it answers nearly the same to every sample.",
        f"answers vary by {short(state.output_spread)}, targets by {short(spread)} (standard deviations)",
        "Whatever it computes from the input does not reach its answers. What is left is the best answer "
        "without looking: how frequent each class is, or the mean of the targets.",
        Cure("Look for what cuts the way from the input to the output: see the other findings."),
    )


@check(
    code="falls-short",
    severity=Severity.MEDIUM,
    question="Does it find what simple models find?",
    rule=(
        f"its score is {SHORT:g}, and 2.5 standard errors, below that of the best of a linear model, one "
        "that compares neighbours, and a forest, on training rows they had not been given"
    ),
)
def find_shortfall(probe: Probe) -> Symptom | None:
    """Find a model that scores less than simple models show to be in the data."""
    reference = probe.reference
    if not probe.falls_short or reference is None or probe.theta is None:
        return None
    own = f"{probe.own_score:.3f}" if math.isfinite(probe.own_score) else "nothing"
    return Symptom(
        f"The network scores {own}, where a {NAMES[reference.best]} scores {reference.score:.3f}.",
        f"{own}; cross-validated on {len(reference.train)} training rows, {reference.score:.3f}",
        "There is more to be learnt from these data than the network has learnt: a simple model finds it, on "
        "rows that it had not been given. Whatever is found above is why, as far as could be told.",
        Cure("Follow the other findings; else begin from settings that are known to work, and change one."),
    )
