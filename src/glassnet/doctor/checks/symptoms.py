"""Checks of what shows in the end: losses that rise or stand still, batches and inputs that are not used."""

import math

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.checks._sources import AUTOTRAINER, CS231N, DEEPCHECKER, KARPATHY, SAGEMAKER
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.probe import Probe
from glassnet.nn.history import StopKind

UPS, UP_SIZE = 0.2, 0.03
STUCK = 0.01
SAME_AS_BLIND = 0.98
LEARNT_BATCH = 0.5


@check(
    code="not-finite",
    severity=Severity.HIGH,
    question="Are all numbers finite, and where do they stop being so?",
    rule="a NaN or an infinity in the weights, or in the loss of training run again",
    source=f"{SAGEMAKER}, ExplodingTensor; {DEEPCHECKER}",
)
def find_infinities(probe: Probe) -> Symptom | None:
    """Find NaN or infinity, and where it began."""
    error = probe.trials.own.diverged
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
    rule=(f"in {UPS:.0%} of the epochs the loss rises by more than {UP_SIZE:.0%} of a constant answer's"),
    source=f"{AUTOTRAINER}: amplitude 0.03 in 20 % of the epochs",
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
            {probe.view.names["learning_rate"]: float(f"{probe.view.learning_rate / 3:.3g}")},
        ),
    )


@check(
    code="stuck-loss",
    severity=Severity.HIGH,
    question="Does the loss fall at all?",
    rule=f"not learnt, and over 5 epochs or more it fell by less than {STUCK:.0%}",
    source=f"{SAGEMAKER}, LossNotDecreasing: 0.1 % in 10 steps; here over the whole training",
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
    )


@check(
    code="unfit-batch",
    severity=Severity.HIGH,
    question="Can it learn one batch by heart?",
    rule=(
        f"not learnt, and 200 steps on 20 samples leave {LEARNT_BATCH:.0%} of the loss, at any "
        "of three learning rates"
    ),
    source=f"{KARPATHY}: overfit one batch; {CS231N}: 20 samples",
)
def find_unfit_batch(probe: Probe) -> Symptom | None:
    """Find a network that cannot even learn one batch by heart."""
    if probe.has_learnt:
        return None
    best = min(probe.trials.on_batch, key=lambda trial: trial.last_loss)
    if best.last_loss < LEARNT_BATCH * min(probe.base_loss, best.first_loss):
        return None
    return Symptom(
        "The network cannot even learn one batch by heart.",
        f"loss {short(best.last_loss)} after 200 steps on 20 samples, from {short(best.first_loss)}",
        "Any network with enough units can learn 20 samples by heart within some hundred steps, and the loss "
        "goes to nearly 0. This one does not, with a tenth, once and ten times its learning rate. So neither "
        "the amount of data nor the number of epochs is to blame: something between input and loss is "
        "broken.",
        Cure("Look for the cause on one batch: it takes a second, and needs no data."),
    )


@check(
    code="blind-network",
    severity=Severity.HIGH,
    question="Does it look at its input?",
    rule=(f"not learnt, and its loss is at least {SAME_AS_BLIND:.0%} of that of a twin that is fed zeros"),
    source=f"{KARPATHY}: input-independent baseline",
)
def find_blindness(probe: Probe) -> Symptom | None:
    """Find a network that is no better than its twin that is fed zeros."""
    own, twin = probe.trials.own, probe.trials.blind
    if probe.has_learnt or twin is None:
        return None
    loss = own.last_loss if probe.train is None else probe.train.loss
    blind = min(twin.last_loss, own.first_loss) if probe.train is None else probe.base_loss
    if not loss >= SAME_AS_BLIND * blind:
        return None
    return Symptom(
        "The network ignores its input: a twin that is fed zeros is as good.",
        f"loss {short(loss)}; without inputs {short(blind)}",
        "A twin of the network that sees zeros instead of samples can only learn how frequent each class is. "
        f"That costs {short(blind)}, and this network costs {short(loss)}: whatever it computes from the "
        "input does not reach its answers.",
        Cure("Look for what cuts the way from the input to the output: see the other findings."),
    )
