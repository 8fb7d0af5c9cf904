"""Practice: each line is checked as it is entered, hints lead to the answer, and what came of it is kept."""

import pytest

from glassnet.classroom.dice import Secret
from glassnet.classroom.language import LANGUAGES
from glassnet.classroom.practice import Practice, Tally, Verdict, add_progress, read_progress
from glassnet.classroom.template import TEMPLATES

GERMAN = LANGUAGES["de"]


@pytest.mark.parametrize("name", ["backprop-matrices", "hard-margin", "slip"])
def test_right_answers_are_taken_and_wrong_ones_are_not(name):
    practice = Practice(TEMPLATES[name], Secret("a"), GERMAN)
    few = [*practice.questions[::5], *practice.task.choices]
    for question in few:
        last = practice.hints(question)[-1]
        if question.choices:
            shown = GERMAN.choice(question.answer)
            other = next(choice for choice in question.choices if choice != question.answer)
            assert practice.answer(question, other).verdict == Verdict.WRONG
            assert practice.answer(question, "?").verdict == Verdict.UNREADABLE
            assert practice.answer(question, shown.upper()).verdict == Verdict.RIGHT
            assert shown in last
            continue
        assert practice.answer(question, "twelve").verdict == Verdict.UNREADABLE
        assert (
            practice.answer(question, str(question.value + 0.1 * abs(question.value) + 0.02)).verdict
            == Verdict.WRONG
        )
        assert practice.answer(question, GERMAN.number(question.value, 6)).verdict == Verdict.RIGHT
        assert GERMAN.number(question.value, practice.task.digits) in last


def test_a_slip_is_named_in_the_language_and_what_is_rounded_is_carried_on():
    practice = Practice(TEMPLATES["momentum"], Secret("a"), GERMAN)
    by_label = {q.label: q for q in practice.questions if q.quantity.step == 1}
    velocity = by_label["v_w1"]
    reply = practice.answer(velocity, str(-velocity.value))
    assert reply.verdict == Verdict.WRONG
    assert "Vorzeichen" in reply.cause
    first = by_label["dL/dw2"]
    assert practice.answer(first, f"{first.value:.4f}").verdict == Verdict.RIGHT
    assert practice.answer(first, f"{first.value:.1f}").verdict == Verdict.WRONG
    assert practice.answer(first, f"{round(10_000 * first.value)}/10000").verdict == Verdict.RIGHT


def test_hints_come_in_three_stages():
    practice = Practice(TEMPLATES["backprop"], Secret("a"), LANGUAGES["en"])
    first, *_ = practice.questions
    formula, numbers, answer = practice.hints(first)
    assert formula == "The formula: z_h1 = w1*x1 + w2*x2 + b_h1"
    assert numbers.startswith("With numbers: z_h1 = ")
    assert eval(numbers.partition(" = ")[2]) == pytest.approx(first.value)
    assert float(answer.partition(" = ")[2]) == pytest.approx(first.value, abs=1e-4)


def test_progress_is_added_up_and_damage_is_no_end(tmp_path):
    path = tmp_path / "glassnet" / "practice.json"
    assert add_progress("backprop", Tally(1, 30, 28, 2, 1), path) == Tally(1, 30, 28, 2, 1)
    assert add_progress("backprop", Tally(0, 3, 1), path) == Tally(1, 33, 29, 2, 1)
    add_progress("slip", Tally(1), path)
    assert read_progress(path) == {"backprop": Tally(1, 33, 29, 2, 1), "slip": Tally(1)}
    path.write_text('{"backprop": {"problems": "many"}}')
    assert read_progress(path) == {}
