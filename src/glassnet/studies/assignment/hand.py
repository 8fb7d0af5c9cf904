"""The study hand: section A of the assignment, worked by hand there, worked out and checked here.

It trains no models: a training step by step, the margin of a given hyperplane, and the hyperplane with the
largest margin, each beside the published answer.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from glassnet._common.claims import Claim, Verdict
from glassnet.errors import StudyError
from glassnet.nn.history import EpochRecord
from glassnet.studies.base import Conclusion, Exhibit, Insight, ModelResult, ModelSpec, RunConfig, Study
from glassnet.worked.claims import judge_published
from glassnet.worked.svm.assignment import A2_NEW, read_published, solve_a2, solve_a3
from glassnet.worked.svm.check import check_answer
from glassnet.worked.svm.model import LinearSVM
from glassnet.worked.svm.points import Point
from glassnet.worked.svm.render import draw_picture
from glassnet.worked.svm.text import Section, write_measurement, write_solution
from glassnet.worked.tracing import trace

PROBLEM = "assignment"


def train(
    config: RunConfig, spec: ModelSpec, folder: Path, on_epoch: Callable[[EpochRecord], object]
) -> ModelResult:
    """Refuse: nothing is trained here."""
    raise StudyError("the study hand has no models to train.")


def conclude(config: RunConfig, results: Sequence[ModelResult], folder: Path) -> Conclusion:
    """Work the three problems out, and judge every published number."""
    steps, steps_finding = _follow_training()
    margin, margin_finding = _measure_margin()
    plane, plane_finding = _find_hyperplane()
    return Conclusion(
        claims=[*steps, *margin, *plane], findings=[steps_finding, margin_finding, plane_finding]
    )


def _follow_training() -> tuple[list[Claim], Insight]:
    judged = judge_published(PROBLEM)
    claims = [_caption(claim, f"A1, sample {claim.step}") for claim in judged]
    differing = [claim for claim in judged if claim.verdict != Verdict.CONFIRMED]
    swapped = next((claim for claim in differing if claim.slip == "swap"), None)
    title = f"A1: {len(judged) - len(differing)} of {len(judged)} published numbers are right"
    if swapped is not None:
        title += f"; in sample {swapped.step} two gradients are swapped, and later lines carry it on"
    finding = Insight(
        f"{title}.",
        "The network has one hidden unit; its parameters are updated after each of three samples. The lines "
        "below are those of the engine that trains every other network of this report, with the published "
        "number beside each line where it differs.",
        {
            "columns": ["sample", "quantity", "published", "reproduced", "why"],
            "rows": [
                [str(claim.step), claim.quantity, claim.published, claim.reproduced, claim.explanation]
                for claim in differing
            ],
        },
        [
            Exhibit(
                "text",
                "Every number of the three updates",
                {"text": trace(PROBLEM).to_text()},
            )
        ],
        needs_full_run=False,
    )
    return claims, finding


def _measure_margin() -> tuple[list[Claim], Insight]:
    svm = solve_a2()
    new = svm.classify(A2_NEW)
    claims = [_caption(claim, "A2") for claim in check_answer(svm, read_published("a2"))]
    return claims, Insight(
        f"A2: {_count_right(claims)} statements on the given hyperplane are right.",
        "The margin, the points on it and the class of a new point follow from w and b alone.",
        exhibits=[
            _drawing("The given hyperplane, its margins and the points", svm, new),
            _worked_out(write_measurement(svm, new)),
        ],
        needs_full_run=False,
    )


def _find_hyperplane() -> tuple[list[Claim], Insight]:
    svm = solve_a3()
    claims = [_caption(claim, "A3") for claim in check_answer(svm, read_published("a3"))]
    return claims, Insight(
        f"A3: {_count_right(claims)} statements on the best hyperplane are right.",
        "The hyperplane with the largest margin, in exact fractions, from the equations of its support "
        "vectors.",
        exhibits=[
            _drawing("The classes, the hyperplane and its margins", svm),
            _worked_out(write_solution(svm)),
        ],
        needs_full_run=False,
    )


def _drawing(title: str, svm: LinearSVM, new: Sequence[Point] = ()) -> Exhibit:
    points = ", ".join(
        f"{point} {'+' if sign > 0 else '-'}" for point, sign in zip(svm.data.points, svm.signs, strict=True)
    )
    alt = f"The points ({points}), the hyperplane between the classes and its margins."
    return Exhibit("drawing", title, {"svg": draw_picture(svm, new, "svg").decode(), "alt": alt})


def _worked_out(sections: Sequence[Section]) -> Exhibit:
    return Exhibit("text", "Worked out", {"text": "\n\n".join(map(str, sections))})


def _caption(claim: Claim, section: str) -> Claim:
    """Return a claim for the report: with the section of the assignment, and its reason as a sentence."""
    explanation = _sentence(claim.explanation)
    return Claim(
        f"{section}: {claim.quantity}",
        claim.published,
        claim.reproduced,
        claim.verdict,
        explanation,
        needs_full_run=False,
    )


def _sentence(explanation: str) -> str:
    if not explanation:
        return "It comes out the same."
    first = explanation[0]
    first = first.upper() if explanation.split()[0].isalpha() else first  # dL/db1 stays as it is written
    return first + explanation[1:].rstrip(".") + "."


def _count_right(claims: Sequence[Claim]) -> str:
    right = sum(claim.verdict == Verdict.CONFIRMED for claim in claims)
    return f"all {right}" if right == len(claims) else f"{right} of {len(claims)}"


HAND = Study(
    name="hand",
    title="Worked by hand",
    question="Are the numbers right that were worked out on paper: three training steps, a margin, a "
    "hyperplane?",
    dataset="",
    settings={},
    epochs=1,
    quick_epochs=1,
    specs=(),
    train=train,
    conclude=conclude,
    chapter="hand",
    section="A",
)
