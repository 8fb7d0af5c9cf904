"""The five lessons, from start to end, as a student does them: by clicks, first wrong and then right."""

import pytest
from browsers import run_studio
from classroom import do, in_class, right_answer, wrong_answers
from studio_page import step, wait_for_step

from glassnet.studio.lesson_file import NAMES, read_lesson


def write(page, name, value):
    """Give a setting another value on the page."""
    field = page.locator(f'[name="{name}"]')
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(str(value))
    else:
        field.fill(str(value))


def do_by_clicks(page, task, session):
    """Do what the page of the lesson asks for; the session has done it already."""
    shown = page.evaluate(
        "async () => (await (await fetch('/api/session' + location.search)).json()).runs[0]"
    )
    others = {name: value for name, value in task.settings.items() if shown["settings"][name] != value}
    if others:
        for name, value in others.items():
            write(page, name, value)
        page.get_by_role("button", name="Restart with these").click()
        wait_for_step(page, 0)
        shown = {"newest": 0}
    run = session.runs["a"].recorder
    for number in range(shown["newest"] // run.steps_per_epoch + 1, task.epochs + 1):
        step(page, "epoch")
        wait_for_step(page, number * run.steps_per_epoch)
    for number in range(1, task.steps + 1):
        step(page, "batch")
        wait_for_step(page, number)


def give(page, question, value):
    """Answer a question, and return what is said to it."""
    form = page.locator(f'form[data-question="{question.id}"]')
    if question.choices:
        form.get_by_label(value, exact=True).check()
    else:
        form.locator("input").fill(value)
    form.locator(".says").evaluate("says => { says.textContent = ''; }")
    form.get_by_role("button", name="Answer").click()
    says = form.locator(".says").filter(has_text="✓").or_(form.locator(".says").filter(has_text="✗"))
    says.wait_for()
    return says.text_content()


@pytest.mark.parametrize("name", NAMES)
def test_a_student_fails_and_passes_it(name, open_page):
    lesson = read_lesson(name)
    with run_studio("--lesson", name, doctor=False) as studio, in_class(lesson) as session:
        page = open_page(studio.url)
        for number, content in enumerate(lesson.pages):
            page.get_by_text(f"page {number + 1} of {len(lesson.pages)}").wait_for()
            page.locator("#lesson h3").get_by_text(content.title, exact=True).wait_for()
            session.teaching.progress.turn(number)
            if content.task is not None:
                do(session, content.task)
                do_by_clicks(page, content.task, session)
            for question in content.questions:
                right = right_answer(question, session)
                assert give(page, question, wrong_answers(question, right)[0]).startswith("✗")
                assert give(page, question, right).startswith("✓"), question.id
            if number + 1 < len(lesson.pages):
                page.locator("#lesson").get_by_role("button", name="Next").click()
        assert studio.ask("/api/lesson")["passed"] is True
        page.reload()  # what was answered stays answered
        page.locator(".question.right").first.wait_for()
        assert page.locator(".question.right").count() == len(lesson.pages[-1].questions)
    page.complaints.clear()  # views that this network has no numbers for


def test_what_a_lesson_keeps_cannot_be_typed(open_page):
    with run_studio("--lesson", "zero-weights", doctor=False) as studio:
        page = open_page(studio.url)
        page.wait_for_selector('[name="weight_init"]:disabled')
        assert page.locator('[name="activation"]').is_enabled()
        for number in (2, 3):
            page.locator("#lesson").get_by_role("button", name="Next").click()
            page.locator("#lesson").get_by_text(f"page {number} of").wait_for()
        page.wait_for_selector('[name="weight_init"]:enabled')
