"""Checks of how the network was evaluated."""

from collections.abc import Sequence

import numpy as np

from glassnet.doctor._judging import check
from glassnet.doctor.findings import Cure, Severity, Symptom, short
from glassnet.doctor.measure.measured import Answers
from glassnet.doctor.measure.probe import Probe
from glassnet.doctor.scores.chance import chance_of_match
from glassnet.doctor.scores.explanations import likeliest, name_slips, phrase_of, reason_of
from glassnet.doctor.scores.figures import BEST_VALIDATION, LOSS, VALIDATION, cure_of
from glassnet.doctor.scores.reported import Reported
from glassnet.doctor.scores.scores import Slip, wilson_interval

ONE_ANSWER = 0.95
HALF_WIDTH = 0.1


def find_answer(counts: Sequence[int]) -> int | None:
    """Return the class that nearly every answer is, from how often each is answered; None without one."""
    code = int(np.argmax(counts))
    return code if counts[code] >= ONE_ANSWER * sum(counts) > 0 else None


@check(
    code="constant-answer",
    severity=Severity.HIGH,
    question="Does it give more than one answer?",
    rule=f"at least {ONE_ANSWER:.0%} of the answers are one class",
)
def find_constant_answer(probe: Probe) -> Symptom | None:
    """Find a network that gives one answer to nearly every sample."""
    answers = probe.test or probe.train
    if answers is None or not len(answers.codes):
        return None
    counts = np.bincount(answers.codes, minlength=probe.n_classes)
    code = find_answer(counts.tolist())
    n_classes = max(probe.n_classes, len(counts))
    truth = np.bincount(answers.truth, minlength=n_classes) / len(answers.truth)
    if code is None or truth[code] >= ONE_ANSWER:
        return None
    share = counts[code] / counts.sum()
    label, part = probe.label(code), "test" if probe.test else "training"
    return Symptom(
        f"The network answers “{label}” to {share:.1%} of the {part} samples.",
        f"accuracy {answers.score:.4f}; the answer “{label}” alone scores {truth[code]:.4f}",
        f"An accuracy of {answers.score:.4f} is that of the constant answer “{label}”, whose share of the "
        f"{part} samples is {truth[code]:.4f}. Such a score is not a poor result of the network: it is no "
        "result at all.",
        Cure(
            "Look at the answers, not only at the score: np.bincount(answers). Then see the other findings."
        ),
    )


@check(
    code="wrong-measure",
    severity=Severity.HIGH,
    question="Is the reported score the accuracy of the answers?",
    rule=(
        "the reported score is, to its last digit, not the accuracy of the answers to the test data; low "
        "where it was cut off instead of rounded"
    ),
)
def find_wrong_measure(probe: Probe) -> Symptom | None:
    """Find a reported score that is not the accuracy of the model's answers, and say what it is."""
    reported, test = probe.reported, probe.test
    if reported is None or test is None or reported.equals(test.score):
        return None
    fact = f"The reported {reported.text} is not the accuracy of the model, {test.score:.4f}"
    if reported.cuts_off(test.score):
        return Symptom(
            f"{fact}: it was cut off instead of rounded.",
            f"accuracy {test.score:.7g}",
            "The last digit is one too small. Nothing else is wrong with it.",
            Cure('Round: f"{score:.4f}".'),
            Severity.LOW,
        )
    slips = likeliest([*probe.slips, *_search_history(probe, reported, test)])
    names = name_slips(slips, {code: probe.label(code) for code in range(probe.n_classes)})
    is_sure = bool(slips) and slips[0].is_sure
    return Symptom(
        f"{fact}: {phrase_of(names, is_sure=is_sure)}." if names else f"{fact}.",
        f"accuracy {test.score:.7g}" + "".join(f"; {name} {reported.text}" for name in names),
        "An accuracy is the share of samples whose class is answered rightly. Other figures are taken for it "
        "by a slip; those that can be computed from the model's answers were compared with the reported one. "
        + reason_of(names, is_sure=is_sure),
        Cure(cure_of(slips[0].name if slips else "accuracy")),
    )


def _search_history(probe: Probe, reported: Reported, test: Answers) -> list[Slip]:
    """Return the figures of the training's history that reproduce the reported score."""
    history = probe.view.history
    column = [] if history is None else history.column("validation_accuracy")
    accuracies = [accuracy for accuracy in column if accuracy is not None]
    figures = {VALIDATION: accuracies[-1], BEST_VALIDATION: max(accuracies)} if accuracies else {}
    figures |= {LOSS: test.loss}
    chance = chance_of_match(reported, figures.values(), test.score, len(test.truth))
    return [
        Slip(name, None, value, test.score, chance)
        for name, value in figures.items()
        if reported.equals(value) and name not in {slip.name for slip in probe.slips}
    ]


@check(
    code="small-test",
    severity=Severity.LOW,
    question="Is the test set large enough for its score?",
    rule=f"half the 95 % interval of the accuracy is {HALF_WIDTH:.0%} or more",
    source="Wilson (1927); the limit is this library's",
)
def find_small_test(probe: Probe) -> Symptom | None:
    """Find a test set too small for its score to mean much."""
    test = probe.test
    if test is None or not len(test.codes):
        return None
    low, high = wilson_interval(test.score, len(test.codes))
    if (high - low) / 2 < HALF_WIDTH:
        return None
    return Symptom(
        f"{len(test.codes)} test samples tell little: the accuracy lies between {low:.1%} and {high:.1%}.",
        f"95 % interval {low:.3f} to {high:.3f}",
        f"With {len(test.codes)} samples one more right answer moves the accuracy by "
        f"{short(100 / len(test.codes))} points. Drawn again, the test set would give another score: 95 of "
        f"100 intervals made like this one, {low:.1%} to {high:.1%}, hold the true accuracy. Two models "
        "whose scores lie within it cannot be told apart.",
        Cure("Test on more samples, or by cross-validation."),
    )
