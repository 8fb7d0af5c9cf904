"""Checks of the data: what no network can mend."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import confusion_matrix

from glassnet.doctor._judging import check
from glassnet.doctor.checks._severity import hindered
from glassnet.doctor.checks._sources import CS231N, DEEPCHECKER, SAGEMAKER
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.probe import Answers, Probe

CONSTANT_SHARE = 0.5
LARGEST_INPUT = 10.0
SMALLEST_INPUT = 0.02
MAJORITY = 0.8
COPIES, MANY_COPIES = 0.01, 0.1
SCALE_RATIO = 2.0
PERMUTED_GAIN = 0.25


@check(
    code="constant-inputs",
    severity=Severity.HIGH,
    question="Do the features vary at all?",
    rule=f"at least {CONSTANT_SHARE:.0%} of the features are the same in every sample",
    source=f"{DEEPCHECKER}; the share is this library's",
)
def find_constant_inputs(probe: Probe) -> Symptom | None:
    """Find features that are the same in every sample."""
    share = probe.inputs.constant
    if share < CONSTANT_SHARE:
        return None
    return Symptom(
        f"{share:.0%} of the features are the same in every sample.",
        f"{share:.0%} of the features",
        "A feature that never changes says nothing about the label: the weights from it act as a second "
        "bias. So many of them usually mean that a step of the preparation went wrong: numbers cut to "
        "integers, one column copied over the others, or an array that was made and never filled.",
        Cure("Look at the inputs, X.std(axis=0), and repair how they are prepared."),
        Severity.HIGH if share > 0.95 else hindered(probe),
    )


@check(
    code="unscaled-inputs",
    severity=Severity.HIGH,
    question="Are the inputs of the size that initial weights are made for?",
    rule=(
        f"a feature's root mean square is {LARGEST_INPUT:g} or more, or no feature's standard "
        f"deviation reaches {SMALLEST_INPUT:g}"
    ),
    source=f"{CS231N}: zero mean, unit variance; the limits are this library's",
)
def find_unscaled_inputs(probe: Probe) -> Symptom | None:
    """Find inputs far larger or smaller than 1."""
    facts = probe.inputs
    cure = Cure(
        "Scale the inputs to mean 0 and standard deviation 1 (scikit-learn's StandardScaler), or divide "
        "pixels by 255; do the same with the test data.",
        data="standardise",
    )
    if facts.largest >= LARGEST_INPUT:
        return Symptom(
            f"The inputs are large: one feature has a root mean square of {short(facts.largest)}.",
            f"root mean square {short(facts.largest)}",
            "The first layer multiplies its inputs with weights that were drawn for inputs near 1. Inputs "
            f"{short(facts.largest)} times larger drive the units into saturation, and the gradient of their "
            "weights grows as much: a learning rate that suits the other layers is far too large for this "
            "one. Features of different sizes also need different learning rates, and there is only one.",
            cure,
            hindered(probe),
        )
    if 0 < facts.spread < SMALLEST_INPUT:
        return Symptom(
            f"The inputs hardly differ: no feature has a standard deviation above {short(facts.spread)}.",
            f"standard deviation {short(facts.spread)} at most",
            "The first layer sees nearly the same sample every time. Its gradient is as small as its inputs, "
            "so it learns slowly, and the biases learn first. Were the inputs divided by 255 twice?",
            cure,
            hindered(probe),
        )
    return None


@check(
    code="shifted-labels",
    severity=Severity.HIGH,
    question="Do labels and samples stand in the same order?",
    rule=(
        "the nearest neighbour shares the label no more than half as much above chance as with the "
        "labels shifted by 1 to 5 rows"
    ),
)
def find_shifted_labels(probe: Probe) -> Symptom | None:
    """Find labels that fit the samples once they are moved by some rows."""
    facts = probe.labels
    if facts is None or facts.agreement > facts.chance + 0.5 * (facts.best_agreement - facts.chance):
        return None
    if facts.best_agreement - facts.chance < max(0.25 * (1 - facts.chance), 5 * facts.error):
        return None
    rows = f"{abs(facts.best_offset)} row{'s' if abs(facts.best_offset) > 1 else ''}"
    return Symptom(
        f"The labels are shifted against the samples by {rows}.",
        f"neighbours agree in {facts.agreement:.1%}; shifted by {rows}, in {facts.best_agreement:.1%}",
        "Samples that look alike mostly have the same label. Here the nearest neighbour of a sample has its "
        f"label in {facts.agreement:.1%} of the cases, no more than chance ({facts.chance:.1%}). Moved by "
        f"{rows}, the labels agree in {facts.best_agreement:.1%}: X and y have come apart, as when one row "
        "is dropped from one of them, or a header line is read as data. A network can only learn such "
        "labels by heart.",
        Cure(f"Move the labels back: y = np.roll(y, {facts.best_offset}), and find where they came apart."),
    )


@check(
    code="unrelated-labels",
    severity=Severity.HIGH,
    question="Do the labels have to do with the samples?",
    rule=(
        "at any shift, the nearest neighbour shares the label less than 15 % of the way from chance to always"
    ),
)
def find_unrelated_labels(probe: Probe) -> Symptom | None:
    """Find labels that have nothing to do with the samples, at any shift."""
    facts = probe.labels
    if facts is None or 4 * facts.error > 0.3 * (1 - facts.chance):  # too few samples to tell
        return None
    limit = facts.chance + max(0.15 * (1 - facts.chance), 4 * facts.error)
    if max(facts.agreement, facts.best_agreement) > limit:
        return None
    return Symptom(
        "The labels have nothing to do with the samples.",
        f"neighbours agree in {facts.agreement:.1%}; chance is {facts.chance:.1%}",
        "The nearest neighbour of a sample has its label no more often than a label drawn at random. Either "
        "X and y were shuffled apart from each other, or the features do not tell the classes apart. A large "
        "network will still bring its training loss down, by heart; on new samples it is as good as a guess.",
        Cure(
            "Shuffle X and y with the same order: order = rng.permutation(len(y)); X, y = X[order], y[order]."
        ),
    )


@check(
    code="class-imbalance",
    severity=Severity.HIGH,
    question="Is one class so common that accuracy says little?",
    rule=f"one class has at least {MAJORITY:.0%} of the samples",
    source=f"{SAGEMAKER}, ClassImbalance, names the fault; the share is this library's",
)
def find_imbalance(probe: Probe) -> Symptom | None:
    """Find a majority so large that accuracy says little."""
    if probe.codes is None or probe.base_accuracy < MAJORITY:
        return None
    common = probe.label(int(np.bincount(probe.codes).argmax()))
    return Symptom(
        f"{probe.base_accuracy:.1%} of the samples are of one class, “{common}”.",
        f"{probe.base_accuracy:.1%} of one class",
        f"Whoever answers “{common}” without looking is right in {probe.base_accuracy:.1%} of the cases. An "
        "accuracy near that figure means that nothing was learnt, however high it sounds, and the loss "
        "rewards the network for leaving the rare class out.",
        Cure(
            "Report the balanced accuracy (sklearn.metrics.balanced_accuracy_score) or the recall of each "
            "class, and weigh the rare class up."
        ),
        hindered(probe),
    )


@check(
    code="test-leak",
    severity=Severity.HIGH,
    question="Are test samples training samples too?",
    rule=(f"at least {COPIES:.0%} of the test rows are training rows; high from {MANY_COPIES:.0%}"),
)
def find_copies(probe: Probe) -> Symptom | None:
    """Find test rows that are training rows."""
    if probe.copies < COPIES or probe.inputs.constant == 1:
        return None
    return Symptom(
        f"{probe.copies:.1%} of the test rows are training rows too.",
        f"{probe.copies:.1%} of the test rows",
        "A test measures what the network does with samples that it has never seen. These it has seen, with "
        "their labels: it can know them by heart, and the test score is too good.",
        Cure("Remove duplicate rows before the split, and split once, before anything else."),
        Severity.HIGH if probe.copies >= MANY_COPIES else Severity.MEDIUM,
    )


@check(
    code="scale-shift",
    severity=Severity.HIGH,
    question="Were training and test data prepared alike?",
    rule=(
        f"the standard deviation of all test features is {SCALE_RATIO:g} times larger or smaller, "
        "or their mean a standard deviation away"
    ),
)
def find_scale_shift(probe: Probe) -> Symptom | None:
    """Find test features on another scale than the training features."""
    train, test = probe.inputs, probe.test_inputs
    if test is None or not train.std:
        return None
    ratio = test.std / train.std
    shift = abs(test.mean - train.mean) / train.std
    if 1 / SCALE_RATIO < ratio < SCALE_RATIO and shift < 1:
        return None
    what, hint = _describe_scale(ratio, shift)
    return Symptom(
        what,
        f"standard deviation {short(test.std)}, in training {short(train.std)}",
        "The network has learnt what numbers of the training scale mean. On another scale every unit sees "
        "inputs that it never saw; mostly one answer is left. The score then tells of the preparation, not "
        "of "
        "the network." + hint,
        Cure("Prepare the test data with the very same steps and numbers as the training data, once."),
    )


def _describe_scale(ratio: float, shift: float) -> tuple[str, str]:
    """Return what is wrong with the scale of the test features, and a guess why."""
    if not ratio:
        return "The test features are all the same number.", ""
    if 1 / SCALE_RATIO < ratio < SCALE_RATIO:
        return f"The test features lie {short(shift)} standard deviations beside the training features.", ""
    factor = max(ratio, 1 / ratio)
    hint = " 255 is the divisor of pixels: were the test images divided {}?" if 250 < factor < 260 else ""
    if ratio < 1:
        return f"The test features are {factor:,.0f} times smaller than in training.", hint.format("twice")
    return f"The test features are {factor:,.0f} times larger than in training.", hint.format("at all")


@check(
    code="permuted-labels",
    severity=Severity.HIGH,
    question="Do the test labels mean what the training labels mean?",
    rule=f"renamed or shifted labels raise the test accuracy by {PERMUTED_GAIN:.0%} or more",
)
def find_permuted_labels(probe: Probe) -> Symptom | None:
    """Find answers that would be right if the labels had other names, or stood some rows further."""
    test = probe.test
    if test is None or not len(test.codes) or not probe.has_learnt:
        return None
    shifts = {offset: float((np.roll(test.codes, offset) == test.truth).mean()) for offset in (-2, -1, 1, 2)}
    offset = max(shifts, key=lambda key: shifts[key])
    renamed, names = _best_renaming(probe, test)
    best = max(renamed, shifts[offset])
    if best - test.accuracy < PERMUTED_GAIN or best < probe.base_accuracy + 0.2:
        return None
    by_shift = shifts[offset] >= renamed
    how = f"moved by {abs(offset)} row{'s' if abs(offset) > 1 else ''}" if by_shift else f"renamed ({names})"
    return Symptom(
        f"The test labels are not those of the test samples: {how}, the accuracy is {best:.1%}.",
        f"{test.accuracy:.1%}; {how}: {best:.1%}",
        f"The network is right on its training data, and on the test data in {test.accuracy:.1%} of the "
        f"cases. With the labels {how} it would be right in {best:.1%}. So it does recognise the samples: "
        "the names of the classes are numbered differently in the two parts, or the labels have slipped.",
        Cure("Number the classes in both parts by the same table, and keep samples and labels in one order."),
    )


def _best_renaming(probe: Probe, test: Answers) -> tuple[float, str]:
    """Return the accuracy under the best one-to-one renaming of the labels, and that renaming."""
    confusion = confusion_matrix(test.truth, test.codes, labels=np.arange(probe.n_classes))
    labels, answers = linear_sum_assignment(-confusion)
    changed = [
        f"{probe.label(label)} → {probe.label(answer)}"
        for label, answer in zip(labels, answers, strict=True)
        if label != answer
    ]
    return float(confusion[labels, answers].sum() / len(test.truth)), ", ".join(changed)
