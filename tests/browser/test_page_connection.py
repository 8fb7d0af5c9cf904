"""A studio that is killed is said on the page, and the page goes on when it is back."""

from urllib.parse import urlsplit

from browsers import run_studio
from studio_page import step, wait_for_step


def test_a_killed_studio_is_said_and_the_page_goes_on_when_it_is_back(open_page, tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSNET_STUDIO_TOKEN", "a-token-that-a-test-keeps")
    with run_studio("--data", "moons", cwd=tmp_path, doctor=False) as first:
        page = open_page(first.url)
        step(page, "batch")
        wait_for_step(page, 1, "network")
        first.kill()
        page.locator("#lost.bad").filter(has_text="lost").wait_for()
        step(page, "batch")
        page.locator("#said.bad").filter(has_text="did not answer").wait_for()
    with run_studio("--data", "moons", "--port", str(urlsplit(first.url).port), cwd=tmp_path, doctor=False):
        page.locator("#lost.good").filter(has_text="back").wait_for()
        wait_for_step(page, 0, "network")
        step(page, "batch")
        assert wait_for_step(page, 1, "network").get_attribute("data-step") == "1"
        assert page.locator("#lost.bad").count() == 0
    page.complaints.clear()  # the console tells of the lost connection
