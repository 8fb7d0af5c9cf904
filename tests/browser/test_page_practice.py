"""An exercise beside its network, as a student practises it: missed, hinted at, solved, and then another."""

import json

from browsers import run_studio

PRACTISE = ("exercise", "practise", "backprop-one-unit", "--studio")


def test_a_line_is_practised_with_hints_and_another_problem_follows(open_page, tmp_path):
    with run_studio("--seed", "a", command=PRACTISE, data=tmp_path) as studio:
        page = open_page(studio.url, width=390)
        lesson = page.locator("#lesson")
        form = lesson.locator("form.question").first
        form.locator("input").fill("77.5")
        form.get_by_role("button", name="Answer").click()
        form.get_by_text("✗ not right").wait_for()
        for number in (1, 2, 3):
            form.get_by_role("button", name="Hint").click()
            form.locator(f".hints li:nth-child({number})").wait_for()
        hint = form.locator(".hints li").last.text_content()
        assert hint.startswith("The answer: z1 = ")
        form.locator("input").fill(hint.rpartition(" ")[2])
        form.get_by_role("button", name="Answer").click()
        form.get_by_text("✓ right").wait_for()
        assert page.locator('[name="learning_rate_init"]').is_disabled()
        page.reload()  # what was answered and shown stays
        lesson.locator(".question.right").wait_for()
        assert lesson.locator(".hints li").count() == 3
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        given = lesson.locator(".text").first.text_content()
        lesson.get_by_role("button", name="Next").click()
        lesson.get_by_text("page 2 of").wait_for()
        lesson.get_by_role("button", name="Another problem").click()
        lesson.get_by_text("page 1 of").wait_for()
        assert lesson.locator(".text").first.text_content() != given
        assert lesson.locator(".question.right").count() == lesson.locator(".hints li").count() == 0
    (kept,) = tmp_path.rglob("practice.json")
    assert json.loads(kept.read_text())["backprop-one-unit"] == {
        "problems": 0, "lines": 1, "first_try": 0, "hints": 3, "skipped": 0
    }  # fmt: skip
    page.complaints.clear()  # views that this network has no numbers for
