"""Checks of the labels and targets of the training data."""

import numpy as np

from glassnet._common.quoting import listed
from glassnet._common.words import counted
from glassnet.doctor._judging import check
from glassnet.doctor.checks._severity import felt, hindered
from glassnet.doctor.checks._sources import SAGEMAKER
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.labels import share_contradicted
from glassnet.doctor.measure.probe import Probe

LARGEST_TARGET, SMALLEST_TARGET, FARTHEST_TARGET = 30.0, 0.03, 5.0
MAJORITY = 0.8
CONTRADICTED = 0.05
MANY_NUMBERS, ROWS_A_NUMBER = 12, 0.1
FEW_FAR, FAR_AWAY = 0.03, 8.0
MOST_NUMBERED_CLASSES = 30
FEW_OF_A_CLASS, FEW_ROWS, LESS_OFTEN = 8, 40, 0.2


@check(
    code="one-hot-labels",
    severity=Severity.HIGH,
    question="Is each sample of one class, and said to have several labels?",
    rule="the model takes several labels a sample, and every row of y has exactly one 1",
)
def find_one_hot_labels(probe: Probe) -> Symptom | None:
    """Find one-hot rows that the model takes for several labels a sample."""
    y = probe.samples.y
    if probe.view.classes is not None or y is None or y.shape[1] < 2 or not np.isin(y, (0, 1)).all():
        return None
    if not probe.view.architecture.head.gives_probabilities or not (y.sum(axis=1) == 1).all():
        return None
    return Symptom(
        f"Every row of y has exactly one 1: these are {y.shape[1]} classes, not {y.shape[1]} labels.",
        "one 1 in each row",
        "A matrix of zeros and ones is taken for several labels a sample: each gets a yes or a no of its "
        "own, a sample may get none or two, and the score counts rows that are right as a whole. One class a "
        "sample is what softmax is for.",
        Cure("Give the labels themselves: y = y.argmax(axis=1)."),
    )


@check(
    code="classes-on-numbers",
    severity=Severity.HIGH,
    question="Are the classes measured numbers?",
    rule=(
        f"more than {MANY_NUMBERS} classes are numbers, with fewer than {1 / ROWS_A_NUMBER:.0f} samples each"
    ),
)
def find_classes_on_numbers(probe: Probe) -> Symptom | None:
    """Find a classifier that is given a measured number."""
    classes, n = probe.view.classes, len(probe.samples)
    if classes is None or len(classes) <= max(MANY_NUMBERS, ROWS_A_NUMBER * n):
        return None
    if not np.issubdtype(np.asarray(classes).dtype, np.number):
        return None
    return Symptom(
        f"The {len(classes)} classes are numbers, with {n / len(classes):.1f} samples each.",
        f"{len(classes)} classes, {n} samples",
        "A classifier knows no order: to it 4.1 and 4.2 are as different as any two classes, and most of "
        "them it sees once or twice. A quantity that is measured is for a regressor, which is nearly right "
        "where it is nearly right.",
        Cure("Use an MLPRegressor, with targets of mean 0 and standard deviation 1."),
    )


@check(
    code="regression-on-classes",
    severity=Severity.HIGH,
    question="Are the targets the numbers of classes?",
    rule=(
        f"the targets are the whole numbers from 0 or 1 to at most {MOST_NUMBERED_CLASSES}; high where "
        "there are two, or a reference asked for classes names more rows rightly than by rounding numbers"
    ),
)
def find_regression_on_classes(probe: Probe) -> Symptom | None:
    """Find a regressor that is given class numbers."""
    reference, y = probe.reference, probe.samples.y
    if probe.n_classes or reference is None or y is None or y.shape[1] != 1:
        return None
    values = np.unique(y)
    whole = (values == np.round(values)).all()
    if not whole or not 2 <= len(values) <= MOST_NUMBERED_CLASSES or values[0] not in (0, 1):
        return None
    if values[-1] - values[0] != len(values) - 1 or len(y) < 5 * len(values):
        return None
    return Symptom(
        f"The targets are {len(values)} whole numbers, {short(values[0])} to {short(values[-1])}: classes?",
        f"{len(values)} different values in {len(y)} samples",
        "A regressor takes class numbers for quantities: to it class 2 lies between 1 and 3, and an answer "
        "of 2 is half right for either. Unless the numbers count something, the order is an accident of "
        "how the classes were numbered.",
        Cure("Use an MLPClassifier; for counts, keep the regressor, with loss='poisson'."),
        Severity.HIGH if len(values) == 2 or _have_no_order(probe, values) else Severity.LOW,
    )


def _have_no_order(probe: Probe, values: np.ndarray) -> bool:
    """Say whether the references, asked for each number as a class, name more rows than by rounding."""
    reference = probe.reference
    assert reference is not None
    y = reference.train.y[:, 0]
    classes = (y[:, None] == values).astype(np.float64)
    ridge, strength = reference.bumps, reference.strengths["bumps"]
    named = (ridge.left_out(classes, strength).argmax(axis=1) == classes.argmax(axis=1)).mean()
    rounded = (np.abs(ridge.left_out(y[:, None], strength)[:, 0] - y) < 0.5).mean()
    return bool(named - rounded > 0.1)


@check(
    code="unscaled-targets",
    severity=Severity.HIGH,
    question="Are the targets of the size that a network answers with?",
    rule=(
        f"the targets of a regression vary by more than {LARGEST_TARGET:g} or less than {SMALLEST_TARGET:g}, "
        f"or their mean lies {FARTHEST_TARGET:g} standard deviations from 0; low unless the model falls short"
    ),
)
def find_unscaled_targets(probe: Probe) -> Symptom | None:
    """Find targets of a regression that are far from 0, or far larger or smaller than 1."""
    y = probe.samples.y
    if probe.n_classes or y is None or probe.view.architecture.head.gives_probabilities:
        return None
    if probe.reference is None:
        return None
    means, stds = np.abs(y.mean(axis=0, dtype=np.float64)), y.std(axis=0, dtype=np.float64)
    far = float((means / np.where(stds > 0, stds, np.inf)).max())
    if stds.min() > SMALLEST_TARGET and stds.max() < LARGEST_TARGET and far < FARTHEST_TARGET:
        return None
    return Symptom(
        f"The targets are not scaled: mean {short(float(y.mean()))}, standard deviation "
        f"{short(float(stds.max()))}.",
        f"standard deviation {short(float(stds.max()))}, {short(far)} of them from 0",
        "A network begins with answers near 0, of the size of 1. It has to grow its last layer to the size "
        "of the targets first, in steps that were made for errors of 1: with large targets the errors, and "
        "the steps with them, are enormous; with small ones the penalty and the tolerance are larger than "
        "all there is to learn.",
        Cure(
            "Scale the targets, and let the answers be scaled back: "
            "TransformedTargetRegressor(model, transformer=StandardScaler()).",
            target="standardise",
        ),
        felt(probe),
    )


@check(
    code="outliers",
    severity=Severity.HIGH,
    question="Do a few targets lie far from all others?",
    rule=(
        f"at most {FEW_FAR:.0%} of the targets of a regression lie {FAR_AWAY:g} interquartile ranges beyond "
        "the quartiles, and have most of the variance"
    ),
)
def find_outliers(probe: Probe) -> Symptom | None:
    """Find a few targets that rule the squared error."""
    y = probe.samples.y
    if probe.n_classes or y is None or probe.reference is None or y.shape[1] != 1:
        return None
    column = np.asarray(y[:, 0], np.float64)
    low, high = np.quantile(column, (0.25, 0.75))
    beyond = np.maximum(low - column, column - high)
    far = beyond > FAR_AWAY * (high - low)
    if high == low or not far.any() or far.mean() > FEW_FAR:
        return None
    kept = column[~far].var()
    if kept > 0.5 * column.var():
        return None
    worst = float(column[int(np.argmax(beyond))])
    return Symptom(
        f"{counted(int(far.sum()), 'target')} lie far from all others, such as {short(worst)}.",
        f"they have {1 - kept / column.var():.0%} of the variance; half of all targets lie from "
        f"{short(low)} to {short(high)}",
        "The squared error of a target that is a hundred times too large weighs as much as ten thousand "
        "others: the network spends its steps on that one, and the mean and the spread that targets are "
        "scaled with are its own. Such targets are mostly typing errors: a comma that slipped, another "
        "unit, a code for “unknown”.",
        Cure("Look at those rows and mend or drop them; or use loss='huber', which a far target pulls less."),
    )


@check(
    code="shifted-labels",
    severity=Severity.HIGH,
    question="Do labels and samples stand in the same order?",
    rule=(
        "references that are cross-validated do more than twice as well above chance with the labels shifted "
        "by 1 to 5 rows"
    ),
)
def find_shifted_labels(probe: Probe) -> Symptom | None:
    """Find labels that fit the samples once they are moved by some rows."""
    facts, reference = probe.shifts, probe.reference
    if facts is None or reference is None:
        return None
    now, moved = facts.score - reference.chance, facts.best_score - reference.chance
    if moved < max(0.1, 4 * reference.chance_error) or now > 0.5 * moved:
        return None
    rows = f"{abs(facts.best_offset)} row{'s' if abs(facts.best_offset) > 1 else ''}"
    return Symptom(
        f"The labels are shifted against the samples by {rows}.",
        f"score {facts.score:.3f} as they are, {facts.best_score:.3f} shifted by {rows}; chance is "
        f"{reference.chance:.3f}",
        "Simple models, a linear one and one that compares neighbours, were asked for labels that they had "
        f"not been given. With the labels as they are they score {facts.score:.1%}, near chance; with the "
        f"labels moved by {rows}, {facts.best_score:.1%}: X and y have come apart, as when one row is "
        "dropped from one of them, or a header line is read as data. A network can only learn such labels "
        "by heart.",
        Cure(f"Move the labels back: y = np.roll(y, {facts.best_offset}), and find where they came apart."),
    )


@check(
    code="unrelated-labels",
    severity=Severity.HIGH,
    question="Do the labels have to do with the samples?",
    rule=(
        "no reference, linear model, model of neighbours or forest, scores or ranks rows above what it does "
        "with shuffled labels, and neither does the model on test data"
    ),
)
def find_unrelated_labels(probe: Probe) -> Symptom | None:
    """Find labels that have nothing to do with the samples, as far as any model can tell."""
    reference, test = probe.reference, probe.test
    if reference is None or reference.ranks or reference.chance >= MAJORITY:
        return None
    n = len(reference.train)
    if 3 * reference.chance_error > 0.35 * (1 - reference.chance) or n < 50:  # too few samples to tell
        return None
    if test is not None and test.score > reference.chance + max(
        0.05, 3 * probe.task.error(reference.chance, test.n)
    ):
        return None
    return Symptom(
        "The labels have nothing to do with the samples.",
        f"score {reference.score:.3f} at best; chance is {reference.chance:.3f}",
        "A linear model, one that compares neighbours, and a forest were asked for labels that they had not "
        "been given, and none did better than with shuffled labels. Either X and y were shuffled apart from "
        "each other, or the features do not tell the answer. A large network will still bring its training "
        "loss down, by heart; on new samples it is as good as a guess.",
        Cure(
            "Shuffle X and y with the same order: order = rng.permutation(len(y)); X, y = X[order], y[order]."
        ),
    )


@check(
    code="noisy-labels",
    severity=Severity.HIGH,
    question="Are many of the labels wrong?",
    rule=(
        f"references contradict at least {CONTRADICTED:.0%} of the training labels of five classes or more, "
        "or score or rank better on the test rows than on training rows they had not been given, or as well "
        "once they answer each class as often as the test has it"
    ),
)
def find_noisy_labels(probe: Probe) -> Symptom | None:
    """Find training labels that the samples contradict."""
    reference, facts = probe.reference, probe.test_facts
    if reference is None:
        return None
    contradicted = share_contradicted(reference) if reference.learns else 0.0
    cleaner = facts is not None and (facts.is_cleaner or facts.is_mistaught)
    if contradicted < CONTRADICTED and not cleaner:
        return None
    said = (
        f"{contradicted:.1%} of the labels are contradicted"
        if contradicted >= CONTRADICTED
        else f"score {reference.score:.3f} in training, {facts.score if facts else 0:.3f} on the test's"
    )
    return Symptom(
        "Many of the training labels seem to be wrong.",
        said,
        "Simple models were asked for labels that they had not been given, and are sure of another answer, "
        "or agree better with the labels of the test data than with those that they were trained on. Wrong "
        "labels teach the wrong thing, and a network that is trained long learns each of them by heart.",
        Cure("Look at the samples whose labels a cross-validated model contradicts; stop training early."),
        Severity.HIGH if cleaner else hindered(probe),
    )


@check(
    code="class-imbalance",
    severity=Severity.HIGH,
    question="Is one class so common that accuracy says little?",
    rule=(
        f"one class has at least {MAJORITY:.0%} of the samples; high where the model finds less than half of "
        "each of the others"
    ),
    source=f"{SAGEMAKER}, ClassImbalance, names the fault; the limits are this library's",
)
def find_imbalance(probe: Probe) -> Symptom | None:
    """Find a majority so large that accuracy says little."""
    if probe.codes is None or probe.base_accuracy < MAJORITY or probe.n_classes < 2:
        return None
    common = int(np.bincount(probe.codes).argmax())
    label, recall = probe.label(common), _recall_of_others(probe, common)
    return Symptom(
        f"{probe.base_accuracy:.1%} of the samples are of one class, “{label}”.",
        f"{probe.base_accuracy:.1%} of one class; {recall:.1%} of the others are found",
        f"Whoever answers “{label}” without looking is right in {probe.base_accuracy:.1%} of the cases. An "
        "accuracy near that figure means that nothing was learnt, however high it sounds, and the loss "
        "rewards the network for leaving the rare class out.",
        Cure(
            "Report the balanced accuracy (sklearn.metrics.balanced_accuracy_score) or the recall of each "
            "class, and weigh the rare class up."
        ),
        Severity.HIGH if recall < 0.5 else Severity.LOW,
    )


def _recall_of_others(probe: Probe, common: int) -> float:
    """Return which share of the samples of all other classes is answered rightly; 1 without answers."""
    answers = probe.test or probe.train
    if answers is None or not (answers.truth != common).any():
        return 1.0
    others = answers.truth != common
    return float((answers.codes[others] == answers.truth[others]).mean())


@check(
    code="few-samples",
    severity=Severity.MEDIUM,
    question="Are there samples enough to learn from?",
    rule=(
        f"a class has fewer than {FEW_OF_A_CLASS} samples and is found on test data by {LESS_OFTEN:.0%} less "
        f"than the others; or half of the classes have so few, or a regression fewer than {FEW_ROWS}, and "
        f"the model does worse on test data than on those; or there are fewer than {FEW_ROWS // 2} in all"
    ),
)
def find_few_samples(probe: Probe) -> Symptom | None:
    """Find training data too few to learn from."""
    n, codes = len(probe.samples), probe.codes
    counts = np.zeros(0, np.intp) if codes is None else np.bincount(codes, minlength=probe.n_classes)
    rare = [int(code) for code in np.flatnonzero(counts < FEW_OF_A_CLASS)]
    if rare and _found_less_often(probe, rare):
        named = listed([f"“{probe.label(code)}”: {counts[code]}" for code in rare])
        measured = f"samples of {named}"
    else:
        usual = float(np.median(counts)) if len(counts) else n
        are_few = usual < FEW_OF_A_CLASS if len(counts) else n < FEW_ROWS
        train, test = probe.train, probe.test
        is_fine = train is not None and test is not None and not train.score - test.score > 0.05
        if n >= FEW_ROWS / 2 and (is_fine or not are_few):
            return None
        measured = f"{usual:g} samples of the usual class" if len(counts) else f"{n} samples"
    return Symptom(
        f"There are few samples to learn from: {measured}.",
        measured,
        "What a class has in common cannot be told from what its few samples have by chance. A network "
        "learns them by heart at once, and the score on new samples hangs on which few it was given.",
        Cure("Collect more samples, start from a network trained on similar data, or use a simpler model."),
    )


def _found_less_often(probe: Probe, rare: list[int]) -> bool:
    """Say whether test samples of rare classes are answered rightly less often than others."""
    test = probe.test
    if test is None or not len(test.codes):
        return False
    is_rare = np.isin(test.truth, rare)
    if is_rare.sum() < 5 or is_rare.all():
        return False
    right = test.codes == test.truth
    return bool(right[~is_rare].mean() - right[is_rare].mean() > LESS_OFTEN)
