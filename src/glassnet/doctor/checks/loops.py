"""Checks of what people write themselves with PyTorch or Keras: the loss they choose, the loop."""

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.checks._sources import KARPATHY
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.measured import take_rows
from glassnet.doctor.measure.probe import Probe
from glassnet.models.adopted import OutputUse
from glassnet.nn.network import Parameters, backward, forward
from glassnet.nn.workspace import Workspace

MANY_TIMES, ROOM = 20, 1.1
MOST_BATCHES = 30

TITLES = {
    OutputUse.TWICE: "The loss applies the {output} that the network applies already.",
    OutputUse.MISSING: "The loss takes the values of a {output}, and the network ends without one.",
    OutputUse.NO_LOGARITHM: "The loss takes logarithms, and the network gives probabilities themselves.",
}
TEXTS = {
    OutputUse.TWICE: "What reaches the loss lies between 0 and 1, and is squashed again: the loss cannot "
    "come near to 0 however sure the network is, and its gradients are small. The network learns slowly, and "
    "stays unsure; its answers may look sound.",
    OutputUse.MISSING: "The loss reads the outputs as probabilities or their logarithms, which they are not: "
    "it has no minimum where the answers are right, and may fall below 0 without end, or be NaN.",
    OutputUse.NO_LOGARITHM: "The loss is minus the output of the right class, and means its logarithm. Of a "
    "probability that is no logarithm the slope is the same wherever the network is, so that rows that are "
    "answered wrongly hardly count; the loss is below 0.",
}


@check(
    code="output-misfit",
    severity=Severity.HIGH,
    question="Does the loss take what the network gives?",
    rule="the output activation is applied once: by the network or by the loss",
    source=KARPATHY,
)
def find_output_misfit(probe: Probe) -> Symptom | None:
    """Find an output activation that is applied twice, or not at all."""
    use = probe.view.output_use
    if use is OutputUse.FITS:
        return None
    head = probe.view.architecture.head
    twice = use is OutputUse.TWICE
    cure = (
        f"Leave the {head.output} out of the network, and apply it where probabilities are shown."
        if twice
        else f"End the network with what the loss takes, or use a loss that applies the {head.output} itself."
    )
    return Symptom(
        TITLES[use].format(output=head.output), f"{head.label}: {use.value}", TEXTS[use], Cure(cure)
    )


@check(
    code="kept-gradients",
    severity=Severity.HIGH,
    question="Are gradients of one step gone before the next?",
    rule=(
        "the gradient that the module holds is one that a batch can have: by the output's biases, where the "
        f"loss bounds it, {ROOM:g} times as large at most; else {MANY_TIMES} times as long at most as of any "
        "batch"
    ),
    source=KARPATHY,
)
def find_kept_gradients(probe: Probe) -> Symptom | None:
    """Find gradients that were added up over the steps."""
    kept, theta = probe.view.kept_gradient, probe.theta
    if kept is None or theta is None or not (np.isfinite(kept).all() and np.isfinite(theta).all()):
        return None
    head = probe.view.architecture.head
    if head.gives_probabilities or head.cut is not None:  # delta is between -1 and 1, and so is its mean
        largest = float(np.abs(Parameters(probe.view.architecture, kept).biases[-1]).max())
        if largest > ROOM:
            return _added_up(f"at an output's bias it is {short(largest)}, of any batch 1 at most")
    longest, length = _longest_gradient(probe, theta), float(np.linalg.norm(kept))
    if not length > MANY_TIMES * longest:
        return None
    return _added_up(f"its length is {short(length)}, that of the longest of a batch {short(longest)}")


def _added_up(measured: str) -> Symptom:
    return Symptom(
        "The module holds a gradient that no batch has: gradients are added up.",
        measured,
        "PyTorch adds each gradient to what is there. Unless it is cleared before the next, every step goes "
        "along the sum of all gradients so far, as with a momentum of 1: ever faster, past every minimum, "
        "and back.",
        Cure("Call optimizer.zero_grad() in every step, before loss.backward()."),
    )


def _longest_gradient(probe: Probe, theta: np.ndarray) -> float:
    """Return the length of the longest gradient of some batches."""
    architecture, samples = probe.view.architecture, probe.samples
    size = min(probe.view.batch_size, len(samples))
    workspace = Workspace(architecture, size, theta.dtype)
    parameters = Parameters(architecture, theta)
    gradient = Parameters.zeros(architecture, theta.dtype)
    longest = 0.0
    order = np.random.default_rng(0).permutation(len(samples))
    for start in range(0, min(len(order) - size + 1, MOST_BATCHES * size), size):
        batch = take_rows(samples, order[start : start + size])
        X = batch.inputs(slice(0, size))
        forward(architecture, parameters, X, workspace)
        backward(architecture, parameters, X, batch.targets(slice(0, size)), workspace, gradient)
        longest = max(longest, float(np.linalg.norm(gradient.theta)))
    return longest
