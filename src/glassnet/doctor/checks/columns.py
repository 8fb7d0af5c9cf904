"""Checks of the columns of the training data."""

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.checks._severity import felt, hindered
from glassnet.doctor.checks._sources import CS231N, DEEPCHECKER
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.labels import find_tell_tales
from glassnet.doctor.measure.probe import Probe
from glassnet.doctor.measure.reference import fit_reference
from glassnet.doctor.measure.trials import Trial

CONSTANT_SHARE, MOST_TABLE_COLUMNS = 0.5, 100
LARGEST_INPUT, SMALLEST_INPUT, MOST_UNEQUAL = 10.0, 0.02, 100.0
TELLS_ALL, TELLS_MORE = 0.97, 0.01


@check(
    code="constant-inputs",
    severity=Severity.HIGH,
    question="Do the features vary at all?",
    rule=f"features are the same in every sample; high where {CONSTANT_SHARE:.0%} or more are",
    source=f"{DEEPCHECKER}; the share is this library's",
)
def find_constant_inputs(probe: Probe) -> Symptom | None:
    """Find features that are the same in every sample."""
    share = probe.inputs.constant
    is_table = (
        len(probe.inputs.sizes) <= MOST_TABLE_COLUMNS
    )  # of images, pixels at the rim are always the same
    if not share or (share < CONSTANT_SHARE and not (is_table and probe.falls_short)):
        return None
    serious = Severity.HIGH if share > 0.95 else hindered(probe)
    return Symptom(
        f"{share:.0%} of the features are the same in every sample.",
        f"{share:.0%} of the features",
        "A feature that never changes says nothing about the answer: the weights from it act as a second "
        "bias. So many of them usually mean that a step of the preparation went wrong: numbers cut to "
        "integers, one column copied over the others, or an array that was made and never filled.",
        Cure("Look at the inputs, X.std(axis=0), and repair how they are prepared."),
        serious if share >= CONSTANT_SHARE else Severity.LOW,
    )


@check(
    code="target-leak",
    severity=Severity.HIGH,
    question="Does a feature give the answer away?",
    rule=(
        f"a tree that sees one column scores {TELLS_ALL:g} on rows it has not seen, and leaves a quarter at "
        "most of what references leave that see all other columns"
    ),
)
def find_target_leak(probe: Probe) -> Symptom | None:
    """Find a column that alone tells the answer, which the others do not."""
    reference = probe.reference
    if reference is None or not reference.learns or reference.train.X.shape[1] < 2:
        return None
    tales = [pair for pair in find_tell_tales(reference) if pair[0] not in probe.row_numbers]
    if not tales or tales[0][1] < TELLS_ALL:
        return None
    column, alone = tales[0]
    others = _score_without(probe, column)
    if alone - others < TELLS_MORE or 1 - alone > 0.25 * (1 - others):
        return None
    name = probe.column(column)
    return Symptom(
        f"One feature tells the answer by itself: {name}.",
        f"score {alone:.3f} from {name} alone, {others:.3f} from all others",
        "A single column from which the answer can be read off is rarely a discovery: mostly it is the "
        "answer itself, in another form, or something that is known only once the answer is. The model "
        "looks perfect until it is used, when that column is not there yet.",
        Cure(f"Find out where {name} comes from, and leave it out: np.delete(X, {column}, axis=1)."),
    )


def _score_without(probe: Probe, column: int) -> float:
    reference = probe.reference
    assert reference is not None
    rest = fit_reference(np.delete(reference.train.X, column, axis=1), reference.train.y, probe.task)
    return probe.chance if rest is None else rest.score


@check(
    code="missing-codes",
    severity=Severity.HIGH,
    question="Does a number stand for a missing value?",
    rule=(
        "at least 1 % of the rows have the same least or largest number of a column, as far from all others "
        "as these are from each other"
    ),
)
def find_missing_codes(probe: Probe) -> Symptom | None:
    """Find numbers such as -999 that stand for a missing value."""
    codes = probe.gap_codes
    if not codes:
        return None
    facts = probe.inputs
    column = max(codes, key=lambda j: codes[j][1])
    value, share = codes[column]
    heals = probe.falls_short and probe.heals(_without_codes(probe), beside=probe.own_trial)
    several = f" and {len(codes) - 1} more" if len(codes) > 1 else ""
    name = probe.column(column)
    return Symptom(
        f"One number may stand for missing values: {short(value)} in {name}{several}.",
        f"{share:.1%} of the rows of {name} have {short(value)}; its mean is "
        f"{short(float(facts.means[column]))}",
        "Numbers such as -999, -1 or 9999 are often written where nothing was measured. To a network they "
        "are measurements, farther from the others than any: they rule the mean and the spread that the "
        "column is scaled with, and the sums of the first layer.",
        Cure(
            "Replace them before anything is scaled: SimpleImputer(missing_values=..., strategy='median', "
            "add_indicator=True)."
        ),
        Severity.HIGH if heals or probe.falls_short else Severity.MEDIUM,
    )


def _without_codes(probe: Probe) -> Trial:
    codes, std = probe.gap_codes, np.where(probe.inputs.varying, probe.inputs.deviations, np.inf)

    def mend(X: np.ndarray) -> np.ndarray:
        X = X.copy()
        for j, (value, _) in codes.items():
            gone = X[:, j] == value
            kept = X[~gone, j]
            X[gone, j] = np.median(kept) if len(kept) else 0.0
            X[:, j] = (X[:, j] - X[:, j].mean()) / (X[:, j].std() or 1.0)
        others = [j for j in range(X.shape[1]) if j not in codes]
        X[:, others] = (X[:, others] - probe.inputs.means[others]) / std[others]
        return X

    return probe.trial_on("missing codes", lambda part: probe.change_numbers(part, mend))


@check(
    code="identifier-columns",
    severity=Severity.HIGH,
    question="Does a feature number the rows?",
    rule="the numbers of a column are all different, and steps of one length",
)
def find_identifiers(probe: Probe) -> Symptom | None:
    """Find columns that number the rows."""
    columns = probe.row_numbers
    if not columns or probe.samples.X.shape[1] < 3:
        return None
    std = np.where(probe.inputs.varying, probe.inputs.deviations, np.inf)

    def drop(X: np.ndarray) -> np.ndarray:
        X = (X - probe.inputs.means) / std
        X[:, columns] = 0
        return X

    dropped = probe.trial_on("identifiers", lambda part: probe.change_numbers(part, drop))
    harms = probe.falls_short and probe.heals(dropped, beside=probe.own_trial)
    loses = probe.test_facts is not None and probe.test_facts.falls
    return Symptom(
        f"Column {', '.join(map(str, columns[:5]))} numbers the rows.",
        f"{len(probe.samples):,} different numbers, in steps of one length",
        "A number that tells one row from another, an index, a customer's number, says nothing about rows to "
        "come. A network can learn from it only where a row stood in the file: by heart, or because the file "
        "is sorted by the answer, which new rows are not.",
        Cure(f"Leave it out: np.delete(X, {columns}, axis=1)."),
        Severity.HIGH if harms or probe.falls_short or loses else Severity.MEDIUM,
    )


@check(
    code="unscaled-inputs",
    severity=Severity.HIGH,
    question="Are the inputs of the size that initial weights are made for?",
    rule=(
        f"a feature's root mean square is {LARGEST_INPUT:g} or more, or no feature's standard "
        f"deviation reaches {SMALLEST_INPUT:g}, or one is {MOST_UNEQUAL:g} times another"
    ),
    source=f"{CS231N}: zero mean, unit variance; the limits are this library's",
)
def find_unscaled_inputs(probe: Probe) -> Symptom | None:
    """Find inputs far larger or smaller than 1, or than each other."""
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
            felt(probe),
        )
    if 0 < facts.spread < SMALLEST_INPUT:
        return Symptom(
            f"The inputs hardly differ: no feature has a standard deviation above {short(facts.spread)}.",
            f"standard deviation {short(facts.spread)} at most",
            "The first layer sees nearly the same sample every time. Its gradient is as small as its inputs, "
            "so it learns slowly, and the biases learn first. Were the inputs divided by 255 twice?",
            cure,
            felt(probe),
        )
    deviations = facts.deviations[facts.varying]
    if not len(deviations) or not probe.falls_short:
        return None
    ratio = float(deviations.max() / np.median(deviations))
    scaled = probe.trial_on("standardised", probe.standardised)
    if ratio < MOST_UNEQUAL or not probe.heals(scaled, beside=probe.own_trial):
        return None
    return Symptom(
        f"The features are of very different sizes: the spread of one is {short(ratio)} times the usual one.",
        f"standard deviations from {short(float(deviations.min()))} to {short(float(deviations.max()))}",
        "The step of a weight is as large as its input: features of small numbers learn as many times slower "
        "as they are smaller, and the network hardly uses them.",
        cure,
    )
