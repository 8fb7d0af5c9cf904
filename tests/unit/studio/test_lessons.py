"""Each lesson that ships is done from start to end: it can be failed and passed, by what the engine says."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from classroom import bench_of, do, in_class, right_answer, wrong_answers

from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.studio.answers import Progress
from glassnet.studio.expressions import check, evaluate
from glassnet.studio.lesson_file import NAMES, read_lesson
from glassnet.studio.lessons import Question, Task
from glassnet.studio.measures import MEASURES, NotYetError


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_can_be_failed_and_passed(name):
    lesson = read_lesson(name)
    assert 3 <= len(lesson.questions) <= 6
    with in_class(lesson) as session:
        teaching = session.teaching
        for number, page in enumerate(lesson.pages):
            teaching.progress.turn(number)
            do(session, page.task)
            for question in page.questions:
                right = right_answer(question, session)
                for wrong in wrong_answers(question, right):
                    verdict = teaching.answer(question.id, wrong, session)
                    assert not verdict.right, (question.id, wrong, verdict)
                    assert question.id not in teaching.progress.done
                assert not teaching.progress.is_passed
                verdict = teaching.answer(question.id, right, session)
                assert verdict.right, (question.id, right, verdict)
        assert teaching.progress.is_passed
        shown = teaching.progress.to_json()
    assert shown["passed"] is True
    assert list(shown["done"]) == list(lesson.questions)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_a_page_is_given_tells_an_answer(name):
    for page in read_lesson(name).to_json()["pages"]:
        for question in page["questions"]:
            assert set(question) == {"id", "text", "text_html", "kind", "unit", "choices"}
            assert all(isinstance(choice, str) for choice in question["choices"])


def test_a_question_before_its_task_is_done_says_what_to_do():
    with in_class(read_lesson("zero-weights")) as session:
        verdict = session.teaching.answer("what-moves", "None", session)
        assert not verdict.right
        assert not verdict.counts
        assert "100 steps" in verdict.says
        assert "activation = sigmoid" in session.teaching.answer("units", "1", session).says


def test_the_run_on_which_the_task_was_done_is_measured():
    with in_class(read_lesson("zero-weights")) as session:
        session.teaching.progress.turn(1)
        session.command({"do": "branch", "step": 0, "changes": {"activation": "sigmoid"}})
        for _ in range(3):
            session.command({"do": "step", "run": "b", "unit": "epoch"})
        assert session.teaching.answer("units", "1", session).right


def test_what_a_page_keeps_cannot_be_changed():
    with in_class(read_lesson("zero-weights")) as session:
        for message in (
            {"do": "restart", "settings": {"weight_init": "normal"}},
            {"do": "branch", "step": 0, "changes": {"lr": 5.0}},
            {"do": "data", "name": "moons"},
        ):
            with pytest.raises(InvalidParameterError, match="lesson keeps"):
                session.command(message)
        same = {"weight_init": "zero", "activation": "tanh"}
        session.command({"do": "restart", "settings": same})  # what stays as it is may be said
        session.teaching.progress.turn(2)
        session.command({"do": "restart", "settings": {"weight_init": "normal"}})
        assert session.runs["a"].model.weight_init == "normal"


def test_grade_judges_lines_that_are_worked_by_hand():
    with in_class(read_lesson("by-hand")) as session:
        answer = partial(session.teaching.answer, session=session)
        assert "sign" in answer("slope-1", "2").says  # it says what was done wrong
        assert answer("slope-1", "−2").right  # a real minus
        assert answer("weight-1", "1,02").right
        assert "bias" in answer("bias-2", "-3.8328").says  # that of the weight
        assert not answer("bias-2", "many").counts
        assert "3 steps" in answer("weight-3", "1.1078").says
        do(session, session.teaching.progress.lesson.pages[-1].task)
        assert not answer("weight-3", "1.11").counts  # too few digits
        assert answer("weight-3", "1.1078").right


def test_a_number_is_right_to_the_digits_it_was_written_with():
    lesson = read_lesson("forty-digits")
    asked = Question("loss", "?", answer='record("validation_loss", 40)', digits=3)
    page = replace(lesson.pages[1], questions=(asked,))
    with in_class(replace(lesson, pages=(page,))) as session:
        do(session, page.task)
        answer = partial(session.teaching.answer, "loss", session=session)
        exact = session.runs["a"].recorder.history.records[39].validation_loss
        for text in (f"{exact:.2f}", f"{exact:.3f}", f"{exact:.6f}", f"{exact:.4e}"):
            assert answer(text).right, text
        few = answer(f"{exact:.1f}")
        assert not few.right
        assert not few.counts
        for text in (f"{exact + 0.01:.2f}", f"{exact + 0.0011:.3f}", "1e300", "-1", "0"):
            verdict = answer(text)
            assert not verdict.right, text
        for text in ("", "1.2.3", "nan", "inf", "1e9999", "9" * 50, "one"):
            verdict = answer(text)
            assert not verdict.right
            assert not verdict.counts, text


def test_an_unknown_question_or_page_is_refused():
    progress = Progress(read_lesson("by-hand"))
    with pytest.raises(UnknownNameError, match="loss-1"):
        progress.answer("loss-11", "2", [])
    for page in (-1, 99, "1", True, 1.0):
        with pytest.raises(InvalidParameterError, match="page"):
            progress.turn(page)


# -- measures ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench():
    lesson = read_lesson("vanishing-gradient")
    setup = replace(
        lesson.setup, samples=200, validation=50, settings=lesson.setup.settings | {"activation": "relu"}
    )
    with in_class(replace(lesson, setup=setup)) as session:
        do(session, Task("", epochs=2))
        yield bench_of(session)


def test_measures_are_those_of_the_engine(bench):
    model = type(bench.model)(**bench.model.get_params(deep=False) | {"epochs": 2})
    model.fit(bench.X, bench.y, bench.X_val, bench.y_val, early_stopping=False, restore_best=False)
    assert evaluate("accuracy('validation', epoch=2)", MEASURES, bench) == model.score(
        bench.X_val, bench.y_val
    )
    assert evaluate("record('loss', 2)", MEASURES, bench) == model.history_.records[1].loss
    assert evaluate("trained('loss', 2)", MEASURES, bench) == model.history_.records[1].loss
    assert evaluate("loss(step=8) == loss(epoch=2)", MEASURES, bench) is True
    assert evaluate("moved('W1', step=0)", MEASURES, bench) == 0
    assert evaluate("moved('W1', epoch=2) > 0 and not moved('b2', step=0) > 0", MEASURES, bench) is True
    assert evaluate("dead(1, epoch=2) <= units(1, epoch=2)", MEASURES, bench) is True
    assert evaluate("n_samples('validation')", MEASURES, bench) == 50
    assert evaluate("max(most_common(), 0.1) < 0.3", MEASURES, bench) is True
    assert math.isnan(evaluate("1 / moved('W1', step=0)", MEASURES, bench))


def test_the_gradient_is_that_of_the_loss(bench):
    precise = type(bench.model)(**bench.model.get_params(deep=False) | {"dtype": "float64"})
    theta = precise.initialize(bench.X, bench.y).parameters_.theta.copy()
    n = 32 * 10  # the weights of the last layer stand last of all weights
    start = 784 * 32 + 3 * 32 * 32

    def loss_at(place, change):
        changed = theta.copy()
        changed[place] += change
        return evaluate(
            "loss(step=0)", MEASURES, replace(bench, model=precise, theta_at=lambda step: changed)
        )

    slopes = [(loss_at(start + i, 1e-5) - loss_at(start + i, -1e-5)) / 2e-5 for i in range(n)]
    found = evaluate(
        "gradient(5, step=0)", MEASURES, replace(bench, model=precise, theta_at=lambda step: theta)
    )
    assert found == pytest.approx(np.sqrt(np.mean(np.square(slopes))), rel=1e-4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accuracy(epoch=3)", "epoch 3"),
        ("record('loss', 3)", "epoch 3"),
        ("gradient(6, step=0)", "1 to 5"),
        ("units(0, step=0)", "1 to 5"),
    ],
)
def test_what_the_run_has_not_reached_is_said(bench, text, message):
    with pytest.raises(NotYetError, match=message):
        evaluate(text, MEASURES, bench)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "loss.__class__",
        "(lambda: 1)()",
        "[1][0]",
        "[loss]",
        "loss",
        "loss(",
        "loss('training', epochs=3)",
        "record()",
        "lss(step=0)",
        "2 ** 99999999",
        "loss(*[1])",
        "loss(**{})",
        "f'{1}'",
        "1 if 1 else 2",
        "1 < 2 < 3",
        "abs()",
        "+".join("1" * 300),
        "x" * 501,
        None,
        "1j",
        "b'1'",
        "None",
    ],
)
def test_other_than_measures_is_not_read(text):
    with pytest.raises(InvalidParameterError):
        check(text, MEASURES)


def test_other_layers_are_tried_too(bench):
    wide = evaluate("trained('loss', 1, A=[16, 8])", MEASURES, bench)
    assert wide != evaluate("trained('loss', 1)", MEASURES, bench)
    model = type(bench.model)(**bench.model.get_params(deep=False) | {"N": 2, "A": [16, 8], "epochs": 1})
    model.fit(bench.X, bench.y, bench.X_val, bench.y_val, early_stopping=False)
    assert wide == model.history_.records[0].loss
