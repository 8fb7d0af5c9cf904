"""Checks of the network: its functions, its initial weights, its units."""

import math

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.checks._severity import felt, hindered
from glassnet.doctor.checks._sources import AUTOTRAINER, CS231N, DEEPCHECKER, KARPATHY, SAGEMAKER
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.layers import LayerState
from glassnet.doctor.measure.measured import guess_loss
from glassnet.doctor.measure.probe import Probe
from glassnet.errors import InvalidDataError, InvalidParameterError
from glassnet.gradients.activation import ActivationCheck, check_gradient
from glassnet.nn.activations import ACTIVATIONS, Activation
from glassnet.nn.gradcheck import WRONG, GradientVerdict

EQUAL, NEARLY_EQUAL = 1e-6, 1e-3
LARGEST_GAIN, SMALLEST_GAIN = 5.0, 0.12
DEAD = 0.5
FLAT = 0.5
VANISHED, FADED, DEEP = 0.05, 0.4, 4
EXPLODED = 70.0
INITIAL_LOSS = 3.0


@check(
    code="wrong-gradient",
    severity=Severity.HIGH,
    question="Is the backward pass the slope of the loss?",
    rule=(
        f"relative error above {WRONG:g} against central differences, of the loss or anywhere of an "
        "activation"
    ),
    source=f"{CS231N}, gradient checks: above 1e-2 is wrong",
)
def find_wrong_gradient(probe: Probe) -> Symptom | None:
    """Find a backward pass that does not compute the slope of the loss."""
    checked = [found for own in set(_own_activations(probe)) if (found := _check(own)) is not None]
    wrong = [found for found in checked if found.verdict is GradientVerdict.WRONG]
    error = max([probe.gradient_error, *(found.relative_error for found in wrong)])
    if not wrong and error <= WRONG:
        return None
    names = sorted({a.name.removeprefix("custom:") for a in _own_activations(probe)})
    likely = next((f" {f.likely_error.text}" for f in wrong if f.likely_error is not None), "")
    return Symptom(
        "The gradient is wrong: activation_grad is not the derivative of "
        f"{' or '.join(names) or 'the activation'}.",
        f"relative error {short(error)}",
        "A weight was moved a little to both sides and the loss measured, and the activation likewise: the "
        "slope is not what the backward pass says. Gradient descent then goes in a direction that is not "
        "downhill. It may still learn something, slowly, which makes this the fault that is found last."
        + likely,
        _cure_of_gradient(probe),
    )


def _check(activation: Activation) -> ActivationCheck | None:
    """Check a derivative over its range; None where that cannot be done."""
    try:
        with np.errstate(all="ignore"):
            return check_gradient(activation)
    except (InvalidParameterError, InvalidDataError):
        return None


def _own_activations(probe: Probe) -> list[Activation]:
    """Return the activations that are not the library's."""
    return [a for a in probe.view.architecture.activations if ACTIVATIONS.get(a.name) is not a]


def _cure_of_gradient(probe: Probe) -> Cure:
    """Name the activation of the library that computes the same, if there is one."""
    z = np.linspace(-3, 3, 61)
    for own in _own_activations(probe):
        for name, known in ACTIVATIONS.items():
            if np.allclose(own.function(z), known.function(z), atol=1e-6):
                return Cure(
                    f"Your function is the library's {name}, which has the right derivative.",
                    {probe.view.names["activation"]: name},
                )
    return Cure(
        "Derive the activation again as a function of z, and compare: glassnet.check_gradient(f, f_gradient)."
    )


@check(
    code="symmetric-units",
    severity=Severity.HIGH,
    question="Do the units of a layer differ?",
    rule=(
        f"incoming weights of all units of a layer equal to {EQUAL:g} of the largest before "
        f"training, {NEARLY_EQUAL:g} after"
    ),
    source=f"{CS231N}: all-zero initialisation; {DEEPCHECKER}: unbreaking symmetry",
)
def find_symmetric_units(probe: Probe) -> Symptom | None:
    """Find a hidden layer whose units are all the same unit."""
    state, when = probe.initial, "before training"
    layers = _equal_layers(state, EQUAL)
    if not layers and probe.current is not None and not _was_pulled_to_zero(probe):
        state, when = probe.current, "after training"
        layers = _equal_layers(state, NEARLY_EQUAL)
    if not layers:
        return None
    return Symptom(
        f"The units of a hidden layer are all the same unit (layer {', '.join(map(str, layers))}).",
        f"the incoming weights of two units differ by at most {short(min(state.unit_differences))} {when}, "
        "relative to the largest",
        "With equal weights the units of a layer give equal outputs and get equal gradients, so they stay "
        "equal for ever: a layer of any width works like a single unit. Where the weights are zero not even "
        "that is left: nothing of the input gets through, and only the output biases learn. The network then "
        "answers the most common class. That is neither overfitting nor bad luck; no number of epochs helps.",
        _draw_weights(probe, "Draw the initial weights at random, each unit its own."),
        hindered(probe),
    )


def _was_pulled_to_zero(probe: Probe) -> bool:
    """Say whether it is the penalty that has left no weights to differ."""
    return probe.current is not None and probe.current.is_empty and probe.view.alpha > 0.01


def _equal_layers(state: LayerState, limit: float) -> list[int]:
    return [
        number for number, difference in enumerate(state.unit_differences, start=1) if difference <= limit
    ]


def _draw_weights(probe: Probe, text: str) -> Cure:
    """Return the cure of bad initial weights: the scale that fits the activation."""
    view = probe.view
    if "weight_init" not in view.names:
        return Cure(f"{text} scikit-learn does so by itself: fit a new estimator with warm_start=False.")
    bends = any(activation.kinks for activation in view.activations)
    name = "he_normal" if bends else "glorot_uniform"
    return Cure(f"{text} {name} has the scale that fits the activation.", {view.names["weight_init"]: name})


@check(
    code="large-weights",
    severity=Severity.HIGH,
    question="Do the initial weights blow the signal up?",
    rule=f"geometric mean of std(W) √fan_in of the layers at least {LARGEST_GAIN:g}",
    source="He et al. (2015), eq. 10: √2 keeps a ReLU's signal; the limit is this library's",
)
def find_large_weights(probe: Probe) -> Symptom | None:
    """Find initial weights that blow the signal up from layer to layer."""
    gain = _mean_gain(probe.initial)
    if gain < LARGEST_GAIN or probe.view.fits_first_weights:
        return None
    return Symptom(
        f"The initial weights are large: each layer makes the signal about {short(gain)} times larger.",
        f"std(W) · √fan_in = {short(gain)}, geometric mean of the layers",
        "A unit sums fan_in inputs, so its pre-activation varies by std(W) · √fan_in times as much as they "
        f"do. A factor of {short(gain)} in each of {len(probe.initial.gains) + 1} layers saturates sigmoid "
        "and tanh, where the gradient is nearly zero, and makes ReLU outputs so large that the first losses "
        "are enormous and the network begins by being wrong with great confidence.",
        _draw_weights(probe, "Draw smaller initial weights."),
        hindered(probe),
    )


@check(
    code="small-weights",
    severity=Severity.HIGH,
    question="Do the initial weights let the signal die?",
    rule=f"geometric mean of std(W) √fan_in of the layers at most {SMALLEST_GAIN:g}",
    source="He et al. (2015), eq. 10; Glorot and Bengio (2010); the limit is this library's",
)
def find_small_weights(probe: Probe) -> Symptom | None:
    """Find initial weights that let the signal die from layer to layer."""
    gain = _mean_gain(probe.initial)
    if gain > SMALLEST_GAIN or not gain or probe.view.fits_first_weights:
        return None
    return Symptom(
        f"The initial weights are small: each layer leaves {short(gain)} of the signal.",
        f"std(W) · √fan_in = {short(gain)}, geometric mean of the layers",
        "What a layer passes on is std(W) · √fan_in of what it gets, and so is the gradient on its way back. "
        f"With {short(gain)} in each of {len(probe.initial.gains) + 1} layers next to nothing of the input "
        "reaches the output, and next to nothing of the error reaches the first layer: for a long time only "
        "the output biases learn.",
        _draw_weights(probe, "Draw larger initial weights."),
        hindered(probe),
    )


def _mean_gain(state: LayerState) -> float:
    """Return the geometric mean of the layers' gains; 0 where a layer has none."""
    gains = [*state.gains, state.output_gain]
    return math.exp(sum(map(math.log, gains)) / len(gains)) if min(gains) > 0 else 0.0


@check(
    code="dead-units",
    severity=Severity.HIGH,
    question="Do the ReLU units react to anything?",
    rule=f"the slope of at least {DEAD:.0%} of a layer's units is 0 on every sample",
    source=f"{DEEPCHECKER} and {SAGEMAKER}, DeadRelu: half a layer. {CS231N} warns from 40 %",
)
def find_dead_units(probe: Probe) -> Symptom | None:
    """Find a layer whose units mostly have no slope on any sample."""
    states = {"before training": probe.initial, "after training": probe.current}
    when, state = max(
        ((when, state) for when, state in states.items() if state is not None),
        key=lambda pair: max(pair[1].dead, default=0.0),
    )
    share = max(state.dead, default=0.0)
    if share < DEAD or min(state.unit_differences) <= EQUAL:
        return None
    layer = state.dead.index(share) + 1
    return Symptom(
        f"{share:.0%} of the units of layer {layer} are dead {when}.",
        f"{share:.0%} of the units of layer {layer}",
        "A ReLU gives 0 for every negative pre-activation, and its slope there is 0 too. A unit whose "
        "pre-activation is negative for every sample passes nothing on and gets no gradient: it never comes "
        "back. Negative weights or biases at the start do that, and so does one step with too large a "
        "learning rate. A layer that is dead altogether cuts the network in two.",
        Cure(
            "Use an activation with a slope on both sides, and draw weights around 0; if the units die in "
            "training, lower the learning rate.",
            {probe.view.names["activation"]: "leaky_relu" if _has_leaky(probe) else "tanh"}
            | _draw_weights(probe, "").parameters,
        ),
        hindered(probe) if when == "before training" else felt(probe),
    )


def _has_leaky(probe: Probe) -> bool:
    return "weight_init" in probe.view.names  # scikit-learn's own classes have no leaky ReLU


@check(
    code="saturated-units",
    severity=Severity.HIGH,
    question="Do sigmoid and tanh units work where they bend?",
    rule=(
        f"at least {FLAT:.0%} of a layer's slopes are below 5 % of the steepest; high where they are so "
        "before training, and the model falls short"
    ),
    source=f"{DEEPCHECKER}: half a layer's units saturated",
)
def find_saturated_units(probe: Probe) -> Symptom | None:
    """Find a layer of sigmoid-like units on their flat ends."""
    states = [state for state in (probe.initial, probe.current) if state is not None]
    state = max(states, key=lambda state: max(state.flat, default=0.0))
    share = max(state.flat, default=0.0)
    if share < FLAT or not _is_bounded(probe.view.activations[state.flat.index(share)]):
        return None
    layer = state.flat.index(share) + 1
    came_so = max(probe.initial.flat, default=0.0) < FLAT  # in training: then that is the cause
    severity = Severity.MEDIUM if came_so and probe.falls_short else felt(probe)
    return Symptom(
        f"The units of layer {layer} are saturated: {share:.0%} of their slopes are nearly zero.",
        f"{share:.0%} of the slopes below 5 % of the steepest",
        "Sigmoid and tanh are flat far from 0. A unit that is pushed there gives about the same output for "
        "every sample, and the gradient that passes through it is multiplied by nearly 0, so that neither it "
        "nor the layers before it learn. Too large weights, biases or inputs push units there, or too large "
        "steps.",
        _draw_weights(probe, "Begin with smaller weights and zero biases, and scale the inputs."),
        severity,
    )


def _relu_heals(probe: Probe) -> bool:
    relu = probe.view.architecture_with(ACTIVATIONS["relu"])
    recipe = probe.own_trial.recipe.with_architecture(relu)
    return probe.heals(probe.trial("ReLU", recipe), beside=probe.own_trial)


def _is_bounded(activation: Activation) -> bool:
    with np.errstate(all="ignore"):
        ends = np.asarray(activation.function(np.array([-60.0, -30.0, 30.0, 60.0])), np.float64)
    return bool(
        np.isfinite(ends).all() and np.abs(np.diff(ends[[0, 1]])) < 0.1 and abs(ends[3] - ends[2]) < 0.1
    )


@check(
    code="vanishing-gradients",
    severity=Severity.HIGH,
    question="Does the gradient reach the first layer?",
    rule=(
        f"at least 3 hidden layers, and norm of dLoss/dW of the first below {VANISHED:g} of the "
        f"last one's, before training; or below {FADED:g}, and a short training with ReLU wins back much of "
        "what is missing"
    ),
    source=f"{AUTOTRAINER} takes 1e-3; at a twentieth the first layer learns twenty times slower",
)
def find_vanishing_gradients(probe: Probe) -> Symptom | None:
    """Find a gradient that dies on its way to the first layer."""
    gradients = probe.initial.gradients
    if len(gradients) < DEEP or not gradients[-1]:
        return None
    if not probe.initial.output_gain and min(probe.initial.gains) > 0:  # the last weights begin at 0
        return None
    ratio = gradients[0] / gradients[-1]
    if ratio >= VANISHED and not (ratio < FADED and probe.falls_short and _relu_heals(probe)):
        return None
    names = probe.view.names
    return Symptom(
        f"The gradient vanishes: the first layer gets {short(ratio)} of what the last one gets.",
        f"norm of dLoss/dW, first layer / last layer = {short(ratio)}",
        "On its way back the gradient is multiplied in every layer by the weights and by the slope of the "
        "activation. The slope of a sigmoid is at most 1/4, so every sigmoid layer passes back a quarter at "
        f"best. Over {len(gradients)} layers that leaves {short(ratio)}: the last layers learn, the first "
        "keep their random weights, and what they throw away of the input is lost.",
        Cure(
            "Use ReLU with weights drawn for it, or fewer layers.",
            {names["activation"]: "relu"}
            | ({names["weight_init"]: "he_normal"} if "weight_init" in names else {}),
        ),
        hindered(probe),
    )


@check(
    code="exploding-gradients",
    severity=Severity.HIGH,
    question="Does the gradient grow on its way back?",
    rule=(f"norm of dLoss/dz of the first layer above {EXPLODED:g} times the last one's, before training"),
    source=f"{AUTOTRAINER}: 70",
)
def find_exploding_gradients(probe: Probe) -> Symptom | None:
    """Find a gradient that grows on its way to the first layer."""
    deltas = probe.initial.deltas
    if len(deltas) < 3 or not deltas[-1] or deltas[0] / deltas[-1] <= EXPLODED:
        return None
    ratio = deltas[0] / deltas[-1]
    return Symptom(
        f"The gradient explodes: the first layer gets {short(ratio)} times what the last one gets.",
        f"norm of dLoss/dz, first layer / last layer = {short(ratio)}",
        "On its way back the gradient is multiplied by the weights of every layer. Weights a little too "
        "large multiply up over the layers: a learning rate small enough for the first layer is far too "
        "small for the last, and one that suits the last throws the first about.",
        _draw_weights(probe, "Draw smaller initial weights; in training, cut the gradient (max_grad_norm)."),
        hindered(probe),
    )


@check(
    code="large-initial-loss",
    severity=Severity.HIGH,
    question="Does the network begin like a guess?",
    rule=f"initial loss above {INITIAL_LOSS:g} times that of outputs of 0, and of the best constant answer",
    source=f"{CS231N} and {KARPATHY}: ln K at the start; the factor is this library's",
)
def find_initial_loss(probe: Probe) -> Symptom | None:
    """Find a first loss far above that of a guess, in the model's own loss."""
    guess = max(guess_loss(probe.view.architecture.head, probe.samples), probe.base_loss)
    if not guess or not probe.initial.loss > INITIAL_LOSS * guess or probe.view.fits_first_weights:
        return None
    return Symptom(
        f"The first loss is {short(probe.initial.loss)}; a guess costs {short(guess)}.",
        f"{short(probe.initial.loss / guess)} times the loss of a guess",
        "A network that knows nothing should begin about as well as a guess: of K classes, softmax with "
        f"equal probabilities costs ln K; here a guess costs {short(guess)}. A larger loss means that it "
        "begins by being sure of wrong answers: the weights of the last layer, or what they are given, are "
        "too large. The first steps are spent on undoing that.",
        _draw_weights(probe, "Draw smaller weights for the last layer, and scale the inputs."),
        felt(probe),
    )
