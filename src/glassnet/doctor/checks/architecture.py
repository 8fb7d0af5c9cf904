"""Checks of the architecture: what the network could do at best."""

import math

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.checks._severity import hindered
from glassnet.doctor.checks._sources import CS231N
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.probe import Probe
from glassnet.nn.activations import Activation

TOO_MANY_PARAMETERS = 100.0


@check(
    code="linear-network",
    severity=Severity.MEDIUM,
    question="Do the hidden layers do more than none?",
    rule="every hidden activation is a straight line",
    source=f"{CS231N}: without the non-linearity the layers collapse into one",
)
def find_linear_network(probe: Probe) -> Symptom | None:
    """Find hidden layers whose activations are all straight lines."""
    activations = probe.view.architecture.activations
    if not activations or not all(map(_is_line, activations)):
        return None
    layers = f"{len(activations)} hidden layer{'s' if len(activations) > 1 else ''}"
    return Symptom(
        f"The network is linear: its {layers} with identity activations do what none would do.",
        f"{len(activations)} of {len(activations)} activations are straight lines",
        "A matrix times a matrix is a matrix: layers without a bend between them compute together what one "
        "layer computes alone. This network can only separate classes by planes, as a logistic regression "
        "does, however many layers and units it has.",
        Cure("Put a bend between the layers.", {probe.view.names["activation"]: "relu"}),
    )


def _is_line(activation: Activation) -> bool:
    a = np.asarray(activation.function(np.linspace(-4, 4, 81)), np.float64)
    return bool(np.abs(np.diff(a, n=2)).max() <= 1e-6 * max(1.0, np.abs(a).max()))


@check(
    code="too-few-units",
    severity=Severity.HIGH,
    question="Is every layer wide enough for the classes?",
    rule="a hidden layer has fewer than log2(classes) units",
)
def find_too_few_units(probe: Probe) -> Symptom | None:
    """Find a hidden layer too narrow to tell the classes apart."""
    hidden = probe.view.architecture.sizes[1:-1]
    needed = math.ceil(math.log2(probe.n_classes)) if probe.n_classes > 2 else 1
    if not hidden or min(hidden) >= needed:
        return None
    narrow = min(hidden)
    return Symptom(
        f"A hidden layer of {narrow} unit{'s' if narrow > 1 else ''} is too narrow for {probe.n_classes} "
        "classes.",
        f"{narrow} unit{'s' if narrow > 1 else ''}; log2({probe.n_classes}) = "
        f"{short(math.log2(probe.n_classes))}",
        f"Everything that later layers know of a sample has to pass through {narrow} number"
        f"{'s' if narrow > 1 else ''}. Units that are on or off would need {needed} to give "
        f"{probe.n_classes} classes a sign each. The loss stops falling early, on the training data too: "
        "that is underfitting, and more epochs do not help.",
        Cure(
            "Make every hidden layer wider.",
            {probe.view.names["hidden"]: [max(size, 4 * needed, 32) for size in hidden]},
        ),
        hindered(probe),
    )


@check(
    code="many-parameters",
    severity=Severity.LOW,
    question="Is the network far larger than the data?",
    rule=f"more than {TOO_MANY_PARAMETERS:g} parameters a sample",
)
def find_too_many_parameters(probe: Probe) -> Symptom | None:
    """Find a network with far more parameters than samples."""
    n, m = len(probe.samples), probe.view.architecture.n_parameters
    if m / n <= TOO_MANY_PARAMETERS:
        return None
    return Symptom(
        f"The network has {m:,} parameters for {n:,} samples.",
        f"{m / n:,.0f} parameters a sample",
        "A network of that size can learn every sample by heart. It need not: gradient descent and early "
        "stopping prefer simple solutions. But a training accuracy of 100 % means nothing here, and only "
        "validation data tell when to stop.",
        Cure("Watch validation data and stop early; try fewer units."),
    )
