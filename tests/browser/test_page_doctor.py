"""A training that diverges, and the doctor beside it: its finding comes to the page, its cure is tried."""

from browsers import PATIENCE
from studio_page import begin_anew, step

STUDIO, DOCTOR = ["--data", "digits"], True


def test_a_rate_of_a_million_is_said_and_the_doctor_has_a_cure(page):
    begin_anew(page)
    page.fill('[name="lr"]', "1e6")
    page.get_by_role("button", name="Restart with these").click()
    step(page, "epoch")
    page.locator("#ended").filter(has_text="not finite").wait_for()
    page.locator("#doctor").scroll_into_view_if_needed()
    finding = page.locator('#doctor [data-code="not-finite"]')
    finding.wait_for(timeout=3 * PATIENCE)  # it tries short trainings, in a process of its own
    finding.get_by_role("button", name="Try the cure").click()
    page.wait_for_selector('[data-view="network"][data-run="b"]')
    assert page.locator("#settings .differs").first.text_content().startswith("learning rate")
