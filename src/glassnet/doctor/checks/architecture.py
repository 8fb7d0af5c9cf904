"""Checks of the architecture: what the network could do at best."""

import math
from dataclasses import replace

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.checks._severity import hindered
from glassnet.doctor.checks._sources import CS231N
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.probe import Probe
from glassnet.nn.activations import Activation

TOO_MANY_PARAMETERS = 100.0
BENDS = 0.04
NARROW, WIDE = 4, 32


@check(
    code="linear-network",
    severity=Severity.MEDIUM,
    question="Do the hidden layers do more than none?",
    rule=(
        f"every hidden activation is a straight line; high where references that bend score {BENDS:g} more "
        "than a linear one, and no less than the network"
    ),
    source=f"{CS231N}: without the non-linearity the layers collapse into one",
)
def find_linear_network(probe: Probe) -> Symptom | None:
    """Find hidden layers whose activations are all straight lines."""
    activations, reference = probe.view.activations, probe.reference
    if not activations or not all(map(_is_line, activations)):
        return None
    layers = f"{len(activations)} hidden layer{'s' if len(activations) > 1 else ''}"
    bend = 0.0 if reference is None else reference.score - reference.scores["linear"]
    told = (
        ""
        if reference is None
        else (
            f" On these data a linear model scores {reference.scores['linear']:.3f}, and one that bends "
            f"{max(reference.scores['bumps'], reference.scores['forest']):.3f}."
        )
    )
    return Symptom(
        f"The network is linear: its {layers} with identity activations do what none would do.",
        f"{len(activations)} of {len(activations)} activations are straight lines",
        "A matrix times a matrix is a matrix: layers without a bend between them compute together what one "
        "layer computes alone. This network can only separate classes by planes, as a logistic regression "
        "does, or answer with a plane, as a linear regression does, however many layers and units it has."
        + told,
        Cure("Put a bend between the layers.", {probe.view.names["activation"]: "relu"}),
        _severity_of_line(probe, bend),
    )


def _severity_of_line(probe: Probe, bend: float) -> Severity:
    reference = probe.reference
    if reference is None or bend <= max(BENDS, 1.5 * reference.error):
        return Severity.MEDIUM if probe.falls_short else Severity.LOW
    return Severity.HIGH if probe.own_score <= reference.score else Severity.MEDIUM


def _is_line(activation: Activation) -> bool:
    a = np.asarray(activation.function(np.linspace(-4, 4, 81)), np.float64)
    return bool(np.abs(np.diff(a, n=2)).max() <= 1e-6 * max(1.0, np.abs(a).max()))


@check(
    code="too-few-units",
    severity=Severity.HIGH,
    question="Is every layer wide enough?",
    rule=(
        f"a hidden layer has fewer than log2(classes) units; or at most {NARROW}, and a short training with "
        f"{WIDE} in each such layer wins back much of what is missing"
    ),
)
def find_too_few_units(probe: Probe) -> Symptom | None:
    """Find a hidden layer too narrow for what has to pass through it."""
    architecture = probe.view.architecture
    hidden = architecture.sizes[1:-1]
    needed = math.ceil(math.log2(probe.n_classes)) if probe.n_classes > 2 else 1
    if not hidden:
        return None
    narrow = min(hidden)
    if narrow >= needed:
        if narrow > NARROW or not probe.falls_short:
            return None
        wide = tuple(max(size, WIDE) for size in hidden)
        recipe = probe.own_trial.recipe.with_architecture(
            replace(architecture, sizes=(architecture.sizes[0], *wide, architecture.sizes[-1]))
        )
        if not probe.heals(probe.trial("wide", recipe), beside=probe.own_trial):
            return None
    units = f"{narrow} unit{'s' if narrow > 1 else ''}"
    classes = (
        f"; log2({probe.n_classes}) = {short(math.log2(probe.n_classes))}" if probe.n_classes > 2 else ""
    )
    return Symptom(
        f"A hidden layer of {units} is too narrow"
        + (f" for {probe.n_classes} classes." if probe.n_classes > 2 else "."),
        f"{units}{classes}",
        f"Everything that later layers know of a sample has to pass through {narrow} number"
        f"{'s' if narrow > 1 else ''}. "
        + (
            f"Units that are on or off would need {needed} to give {probe.n_classes} classes a sign each. "
            if probe.n_classes > 2
            else ""
        )
        + "The loss stops falling early, on the training data too: that is underfitting, and more epochs do "
        "not help.",
        Cure(
            "Make every hidden layer wider.",
            {probe.view.names["hidden"]: [max(size, 4 * needed, WIDE) for size in hidden]},
        ),
        hindered(probe),
    )


@check(
    code="many-parameters",
    severity=Severity.LOW,
    question="Is the network far larger than the data?",
    rule=(
        f"more than {TOO_MANY_PARAMETERS:g} parameters a sample; not where a model for tables keeps its best "
        "validation epoch"
    ),
)
def find_too_many_parameters(probe: Probe) -> Symptom | None:
    """Find a network with far more parameters than samples."""
    n, m = len(probe.samples), probe.view.architecture.n_parameters
    if m / n <= TOO_MANY_PARAMETERS or (probe.view.prepares and probe.view.restores_best):
        return None
    return Symptom(
        f"The network has {m:,} parameters for {n:,} samples.",
        f"{m / n:,.0f} parameters a sample",
        "A network of that size can learn every sample by heart. It need not: gradient descent and early "
        "stopping prefer simple solutions. But a training accuracy of 100 % means nothing here, and only "
        "validation data tell when to stop.",
        Cure("Watch validation data and stop early; try fewer units."),
    )
