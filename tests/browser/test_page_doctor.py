"""A rate of a million: the training ends with no number, the doctor says why, and its cure is a branch."""

from studio_page import pane, wait_for_step

STUDIO = ["--data", "mnist"]


def test_a_rate_far_too_high_brings_the_doctor_and_its_cure_is_a_branch(page):
    page.wait_for_selector('[name="lr"]')
    page.fill('[name="lr"]', "1e6")
    page.get_by_role("button", name="Restart with these").click()
    wait_for_step(page, 0)
    page.click("#play")
    page.locator("#ended.bad").wait_for()
    finding = pane(page, "doctor").locator(".finding").filter(has_text="learning rate").first
    finding.wait_for(timeout=10 * 60_000)  # the doctor trains networks of its own
    finding.locator("summary").click()
    finding.locator("dd").first.wait_for()
    finding.get_by_role("button", name="Try the cure").click()
    page.wait_for_selector('[data-view="network"][data-run="b"]')
    row = page.locator("#settings .differs").first
    assert row.locator("td").first.text_content() == "1000000"
    assert float(row.locator("td").last.text_content()) < 10
