"""Each lesson that ships is done from start to end: it can be failed and passed, by what the engine says."""

import math
from dataclasses import replace

import numpy as np
import pytest

from glassnet.errors import InvalidParameterError, UnknownNameError
from glassnet.studio.answers import Progress, right_choice, right_number
from glassnet.studio.expressions import check, evaluate
from glassnet.studio.lesson_file import NAMES, read_lesson
from glassnet.studio.lessons import Question
from glassnet.studio.measures import MEASURES, Bench, NotYetError
from glassnet.studio.opening import open_setup
from glassnet.studio.recorder import Recorder
from glassnet.worked.tracing import trace


def bench_of(recorder, opened):
    return Bench(
        recorder.model,
        *opened[1:],
        theta_at=lambda step: recorder.at(step).theta,
        newest=recorder.newest,
        records=recorder.history.records,
    )


def record(opened, task=None):
    """Return the bench of a training that was set and run as a task says."""
    settings = {} if task is None else task.settings
    model = type(opened.model)(**opened.model.get_params(deep=False) | settings)
    own = (
        {}
        if opened.X_val is None
        else {"X_val": opened.X_val, "y_val": opened.y_val, "early_stopping": False}
    )
    recorder = Recorder(model, opened.X, opened.y, **own)
    if task is not None and task.epochs:
        recorder.epoch(task.epochs)
    if task is not None and task.steps:
        recorder.step(task.steps)
    return bench_of(recorder, opened)


def right_answer(question, bench, opened):
    if question.choices:
        return right_choice(question, bench)
    if question.quantity:  # of all steps, worked with no helper of the lessons
        model = type(opened.model)(**opened.model.get_params(deep=False)).initialize(opened.X, opened.y)
        return f"{float(trace(model, opened.X, opened.y).value(question.step, question.quantity)):.6f}"
    return f"{right_number(question, bench):.6g}"


def wrong_answers(question, right):
    if question.choices:
        return [choice.text for choice in question.choices if choice.text != right]
    number = float(right)
    return [f"{number * 1.2 + 0.5:.4g}", f"{-number - 1:.4g}"]


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_can_be_failed_and_passed(name):
    lesson = read_lesson(name)
    opened = open_setup(lesson.setup)
    assert 3 <= len(lesson.questions) <= 6
    progress = Progress(lesson)
    for number, page in enumerate(lesson.pages):
        progress.turn(number)
        bench = record(opened, page.task)
        for question in page.questions:
            right = right_answer(question, bench, opened)
            for wrong in wrong_answers(question, right):
                verdict = progress.answer(question.id, wrong, [bench])
                assert not verdict.right, (question.id, wrong, verdict)
                assert question.id not in progress.done
            assert not progress.is_passed
            verdict = progress.answer(question.id, right, [bench])
            assert verdict.right, (question.id, right, verdict)
    assert progress.is_passed
    shown = progress.to_json()
    assert shown["passed"] is True
    assert list(shown["done"]) == list(lesson.questions)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_a_page_is_given_tells_an_answer(name):
    for page in read_lesson(name).to_json()["pages"]:
        for question in page["questions"]:
            assert set(question) == {"id", "text", "text_html", "kind", "unit", "choices"}
            assert all(isinstance(choice, str) for choice in question["choices"])


def test_a_question_before_its_task_is_done_says_what_to_do():
    lesson = read_lesson("zero-weights")
    opened = open_setup(lesson.setup)
    fresh = record(opened)
    progress = Progress(lesson)
    verdict = progress.answer("what-moves", "None", [fresh])
    assert not verdict.right
    assert not verdict.counts
    assert "100 steps" in verdict.says
    verdict = progress.answer("units", "1", [fresh])
    assert "activation = sigmoid" in verdict.says


def test_the_run_on_which_the_task_was_done_is_measured():
    lesson = read_lesson("zero-weights")
    opened = open_setup(lesson.setup)
    first, second = record(opened), record(opened, lesson.page_of("units").task)
    assert Progress(lesson).answer("units", "1", [first, second]).right


def test_grade_judges_lines_that_are_worked_by_hand():
    lesson = read_lesson("by-hand")
    opened = open_setup(lesson.setup)
    bench = record(opened)
    progress = Progress(lesson)
    assert "sign" in progress.answer("slope-1", "2", [bench]).says  # it says what was done wrong
    assert progress.answer("slope-1", "−2", [bench]).right  # a real minus
    assert progress.answer("weight-1", "1,02", [bench]).right
    assert "twice" in progress.answer("bias-2", "-3.8328", [bench]).says  # that of the weight
    early = progress.answer("weight-3", "1.11", [bench])
    assert "three times" in early.says or "3 steps" in early.says
    assert not progress.answer("bias-2", "many", [bench]).counts


def test_a_number_is_right_to_the_digits_it_was_written_with():
    lesson, bench = read_lesson("forty-digits"), None
    opened = open_setup(lesson.setup)
    bench = record(opened, lesson.page_of("training").task)
    exact = bench.records[39].validation_loss
    asked = Question("loss", "?", answer='record("validation_loss", 40)', digits=3)
    page = replace(lesson.pages[1], questions=(asked,))
    progress = Progress(replace(lesson, pages=(page,)))
    for text in (f"{exact:.2f}", f"{exact:.3f}", f"{exact:.6f}", f"{exact:.4e}"):
        assert progress.answer("loss", text, [bench]).right, text
    few = progress.answer("loss", f"{exact:.1f}", [bench])
    assert not few.right
    assert not few.counts
    for text in (f"{exact + 0.01:.2f}", f"{exact + 0.0011:.3f}", "1e300", "-1", "0"):
        verdict = progress.answer("loss", text, [bench])
        assert not verdict.right, text
    for text in ("", "1.2.3", "nan", "inf", "1e9999", "9" * 50, "one"):
        verdict = progress.answer("loss", text, [bench])
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
    return record(open_setup(setup), replace(lesson.pages[1].task, settings={}, epochs=2))


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
