"""Checks of the test data: whether they belong to the training data, and are no part of them."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import confusion_matrix

from glassnet._common.quoting import listed
from glassnet._common.words import counted
from glassnet.doctor._judging import check
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.copies import COMPARED_ROWS
from glassnet.doctor.measure.labels import OFFSETS
from glassnet.doctor.measure.measured import Answers
from glassnet.doctor.measure.preparation import PreparationFacts, Remedy
from glassnet.doctor.measure.probe import Probe

COPIES, MANY_COPIES = 0.01, 0.1
SCALE_RATIO = 2.0
MOST_FEW = 0.5
PERMUTED_GAIN = 0.25
LOST = 0.05
OTHER_UNITS, SAME_LINE = 1.5, 0.3
OTHER_SHARES, OUTSIDE = 0.3, 0.2


@check(
    code="test-leak",
    severity=Severity.HIGH,
    question="Are test samples training samples too?",
    rule=(
        f"{COPIES:.0%} more of the test rows have a twin among the training rows, with the same answer, than "
        f"training rows have among the others; high from {MANY_COPIES:.0%}. A twin is equal, or much nearer "
        "than neighbours are"
    ),
)
def find_copies(probe: Probe) -> Symptom | None:
    """Find test rows that are training rows, or nearly."""
    facts = probe.copies
    if facts is None or probe.inputs.constant == 1 or probe.test_samples is None:
        return None
    n = min(len(probe.test_samples), COMPARED_ROWS)
    within = facts.exact_within if facts.are_exact else facts.near_within
    error = np.sqrt(max(within * (1 - within), 1 / n) / n)
    if facts.excess < max(COPIES, 4 * error if within else COPIES):
        return None
    share = facts.exact if facts.are_exact else facts.near
    kind = "training rows too" if facts.are_exact else "nearly training rows"
    return Symptom(
        f"{share:.1%} of the test rows are {kind}.",
        f"{share:.1%} of the test rows have a twin in training; {within:.1%} of the training rows have one",
        "A test measures what the network does with samples that it has never seen. These it has seen, with "
        "their answers: it can know them by heart, and the test score is too good. That rows repeat by "
        "nature, as in tables of few columns, is taken into account: so they would among the training rows.",
        Cure("Remove duplicate rows before the split, and split once, before anything else."),
        Severity.HIGH if facts.excess >= MANY_COPIES else Severity.MEDIUM,
    )


@check(
    code="scale-shift",
    severity=Severity.HIGH,
    question="Were training and test data prepared alike?",
    rule=(
        f"the standard deviation of all test features is {SCALE_RATIO:g} times larger or smaller, or their "
        "mean a standard deviation away; or columns are so where no chance explains it; or both parts were "
        "scaled by their own statistics; or the test's targets are in other units"
    ),
)
def find_scale_shift(probe: Probe) -> Symptom | None:
    """Find test features, or targets, on another scale than the training ones."""
    facts = probe.test_facts
    few = facts is not None and 0 < len(facts.moved_columns) < MOST_FEW * facts.X.shape[1]
    features = (_shift_of_columns, _shift_of_all) if few else (_shift_of_all, _shift_of_columns)
    found = (find(probe) for find in (*features, _shift_of_targets))
    return next((symptom for symptom in found if symptom is not None), None)


_SHIFT_TEXT = (
    "The network has learnt what numbers of the training scale mean. On another scale every unit sees inputs "
    "that it never saw; mostly one answer is left. The score then tells of the preparation, not of the "
    "network."
)
_SAME_STEPS = Cure("Prepare the test data with the very same steps and numbers as the training data, once.")


def _shift_of_all(probe: Probe) -> Symptom | None:
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
        _SHIFT_TEXT + hint,
        _SAME_STEPS,
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


def _shift_of_columns(probe: Probe) -> Symptom | None:
    facts, test = probe.test_facts, probe.test
    if facts is None:
        return None
    gap = facts.reference.score - facts.score
    lost = facts.falls or (test is not None and test.score < facts.reference.score - LOST)
    if facts.has_own_statistics and lost:
        return Symptom(
            "The test data were scaled by their own mean and standard deviation.",
            "every test column has mean 0 and standard deviation 1, to the last digit",
            "Scaled by its own numbers, a test set always lies around 0, wherever its rows lay before: what "
            "made them differ from the training rows is gone, and what is left means something else. A "
            "single "
            "sample could not be scaled at all. " + _SHIFT_TEXT,
            Cure("Fit the scaler on the training data alone: scaler.fit(X_train), scaler.transform(X_test)."),
        )
    columns = facts.moved_columns
    if not len(columns) or gap < LOST or facts.rescaled_score - facts.score < 0.5 * gap:
        return None
    if facts.remedy not in (None, Remedy.RESCALED):
        return None
    worst = int(columns[0])
    name, mean, std = probe.column(worst), float(facts.X[:, worst].mean()), float(facts.X[:, worst].std())
    several = f"{len(columns)} of the test columns lie elsewhere than in training, {name} the farthest."
    one = f"One of the test columns lies elsewhere than in training: {name}."
    return Symptom(
        several if len(columns) > 1 else one,
        f"{name}: mean {short(mean)} and standard deviation {short(std)}, in units of the training "
        "column's 0 and 1",
        _SHIFT_TEXT,
        _SAME_STEPS,
    )


def _shift_of_targets(probe: Probe) -> Symptom | None:
    facts = probe.test_facts
    if facts is None or probe.n_classes or not facts.reference.learns:
        return None
    slope, offset, fit = facts.line
    spread = float(facts.reference.train.y[:, 0].std()) or 1.0
    center = float(facts.reference.train.y[:, 0].mean())
    away = abs(slope * center + offset - center) / spread
    strange = not 1 / OTHER_UNITS < slope < OTHER_UNITS or away > 1
    if fit < SAME_LINE or fit < 0.5 * facts.reference.score or not strange or not facts.falls:
        return None
    return Symptom(
        "The test targets are in other units than the training targets.",
        f"test target = {short(slope)} · expected + {short(offset)}, which explains {fit:.0%} of its "
        "variance",
        "The answers of simple models, trained on the training data, lie on a line with the test targets, "
        "but not on the line y = x. One of the parts was scaled, or measured in other units.",
        Cure("Bring the targets of both parts to the same units, with the same numbers."),
    )


@check(
    code="reordered-columns",
    severity=Severity.HIGH,
    question="Do the test columns stand in the order of the training columns?",
    rule=(
        "references lose on the test data what no chance explains, and get back at least half of it when the "
        "test columns are put in the order in which they look like the training columns, or two of them are "
        "exchanged"
    ),
)
def find_reordered_columns(probe: Probe) -> Symptom | None:
    """Find test columns in another order than the training columns."""
    facts = probe.test_facts
    if facts is None or facts.remedy is not Remedy.REORDERED or facts.reorder is None:
        return None
    order, score = facts.reorder
    moved = np.flatnonzero(order != np.arange(len(order)))
    side = round(len(order) ** 0.5)
    is_transposed = side**2 == len(order) and bool(
        (np.arange(len(order)).reshape(side, side) == order.reshape(side, side).T).mean() > 0.7
    )
    how = f"{len(moved)} of {len(order)} have moved"
    if is_transposed:
        how = "as if the images were transposed"
    elif len(moved) == 2:
        how = f"{probe.column(moved[0])} and {probe.column(moved[1])} are exchanged"
    return Symptom(
        f"The test columns stand in another order than the training columns: {how}.",
        f"score of simple models {facts.score:.3f}; in the order that fits, {score:.3f}",
        "Each test column was compared with each training column: by its quantiles, and by its means where "
        "the answer is this or that; and of few columns every two were exchanged. In the order that fits "
        f"best the test data give {score:.1%} where they gave {facts.score:.1%}. A network knows its inputs "
        "by their places only.",
        Cure(
            "Select the columns by name, in one order, for both parts: X_test = X_test[X_train.columns]; of "
            "images, see that both are read row by row."
        ),
    )


@check(
    code="unseen-classes",
    severity=Severity.HIGH,
    question="Does the test ask for classes that were trained?",
    rule="test samples are of classes that no training sample has",
)
def find_unseen_classes(probe: Probe) -> Symptom | None:
    """Find test samples of classes that the training data do not have."""
    if not probe.unseen:
        return None
    n, labels = sum(probe.unseen.values()), list(probe.unseen)
    named = listed([f"“{label}”" for label in labels])
    return Symptom(
        f"{counted(n, 'test sample')} are of classes that no training sample has: {named}.",
        f"{counted(len(labels), 'class', 'classes')}, {counted(n, 'test sample')}",
        "A classifier answers with the classes that it was trained on, and no others: each of these samples "
        "counts as wrong. A file that is sorted by its labels and cut in two gives such a split, and so does "
        "a class of one sample, or a label that is written in two ways. Everything else here was measured "
        "without these samples.",
        Cure("Shuffle before the split, with stratify=y: train_test_split(X, y, stratify=y)."),
    )


@check(
    code="target-shift",
    severity=Severity.HIGH,
    question="Are the answers of the test data as frequent as in training?",
    rule=(
        f"the shares of the classes differ by {OTHER_SHARES:.0%} in all, or test targets by a standard "
        f"deviation in their mean or by {OUTSIDE:.0%} outside of the range of training, where no chance "
        "explains it"
    ),
)
def find_target_shift(probe: Probe) -> Symptom | None:
    """Find test data whose answers are others than those of the training data."""
    if probe.test_samples is None or probe.reference is None or len(probe.test_samples) < 20:
        return None
    train, test = probe.targets(probe.samples), probe.targets(probe.test_samples)
    if probe.n_classes:
        shares, others = train.mean(axis=0), test.mean(axis=0)
        differ = float(np.abs(shares - others).sum() / 2)
        error = float(np.sqrt(shares * (1 - shares) * (1 / len(train) + 1 / len(test))).sum() / 2)
        if differ < max(OTHER_SHARES, 3 * error):
            return None
        most = int(np.argmax(np.abs(shares - others)))
        label = probe.label(most)
        measured = (
            f"“{label}” is {shares[most]:.0%} of the training samples, {others[most]:.0%} of the test's"
        )
    else:
        x, y = train[:, 0], test[:, 0]
        away = abs(float(y.mean() - x.mean())) / (float(x.std()) or 1.0)
        outside = float(((y < x.min()) | (y > x.max())).mean())
        if away < 1 and outside < OUTSIDE:
            return None
        measured = f"mean {short(float(x.mean()))} in training, {short(float(y.mean()))} in the test"
    return Symptom(
        "The answers of the test data are others than those of the training data.",
        measured,
        "A split by chance leaves both parts alike. Here they are not, as when a file that is sorted by its "
        "answer, or by time, is cut in two: the model is asked for what it was never shown.",
        Cure("Shuffle before the split, with stratify=y: train_test_split(X, y, stratify=y)."),
    )


@check(
    code="permuted-labels",
    severity=Severity.HIGH,
    question="Do the test labels mean what the training labels mean?",
    rule=f"renamed labels raise the test accuracy by {PERMUTED_GAIN:.0%} or more",
)
def find_permuted_labels(probe: Probe) -> Symptom | None:
    """Find answers that would be right if the labels had other names."""
    test = probe.test
    if test is None or not len(test.codes) or probe.train is None:
        return None
    facts = probe.test_facts
    if facts is not None and facts.remedy not in (None, Remedy.RENAMED):
        return None
    best, names = _best_renaming(probe, test)
    if best - test.score < PERMUTED_GAIN:
        return None
    if facts is None or facts.remedy is None:
        learnt = probe.train.score >= max(probe.chance + 0.1, test.score + 0.1)
        if not learnt or best < max(probe.chance + 0.15, 0.6 * probe.train.score):
            return None
    return Symptom(
        f"The test labels have other names than the training labels: renamed ({names}), the accuracy is "
        f"{best:.1%}.",
        f"{test.score:.1%}; renamed ({names}): {best:.1%}",
        f"The network is right on its training data, and on the test data in {test.score:.1%} of the "
        f"cases. With the labels renamed it would be right in {best:.1%}. So it does recognise the samples: "
        "the names of the classes are numbered differently in the two parts.",
        Cure("Number the classes in both parts by the same table."),
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
    shown = changed if len(changed) <= 10 else [*changed[:9], f"and {len(changed) - 9} more"]
    return float(confusion[labels, answers].sum() / len(test.truth)), ", ".join(shown)


@check(
    code="reordered-test-labels",
    severity=Severity.HIGH,
    question="Do the test labels stand in the order of the test samples?",
    rule=(
        "references lose on the test data nearly all that they have above chance, while the test columns "
        "look like the training columns; or get it back when the labels are shifted by 1 to 5 rows"
    ),
)
def find_reordered_test_labels(probe: Probe) -> Symptom | None:
    """Find test labels that are not those of the test samples: shifted, or shuffled."""
    facts = probe.test_facts
    if facts is None or not facts.falls:
        return None
    offset, shifted = facts.best_shift
    if facts.remedy is Remedy.SHIFTED:
        rows = f"{abs(offset)} row{'s' if abs(offset) > 1 else ''}"
        return _test_labels(facts, f"they are shifted by {rows}", f"; shifted by {rows}, {shifted:.3f}")
    chance = facts.reference.task.score(
        facts.outputs[np.random.default_rng(0).permutation(len(facts.y))], facts.y
    )
    left = (facts.score - chance) / max(facts.reference.score - chance, 1e-9)
    if left > 0.3 or len(facts.moved_columns) > 0.1 * facts.X.shape[1]:
        return None
    if facts.remedy is not None or find_scale_shift(probe) is not None:
        return None
    return _test_labels(facts, "they seem to be shuffled", f"; by chance {chance:.3f}")


def _test_labels(facts: PreparationFacts, how: str, measured: str) -> Symptom:
    return Symptom(
        f"The test labels are not those of the test samples: {how}.",
        f"score of simple models {facts.score:.3f}, on training rows they had not seen "
        f"{facts.reference.score:.3f}{measured}",
        "Simple models that are right on training rows which they have not seen are wrong on the test rows, "
        "although these look like the training rows, column by column. What has changed is which label "
        "belongs to which row: one of the two was sorted, shuffled, or lost a row by itself. "
        f"Shifts of up to {max(OFFSETS)} rows, other names of the classes, other orders and scales of the "
        "columns were tried.",
        Cure("Load samples and labels of the test data again, from one table, and never reorder one alone."),
    )
