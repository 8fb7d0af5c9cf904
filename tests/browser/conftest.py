"""A Chromium for each module, and a studio, on a free port in a process of its own.

A module says in `STUDIO` which words its ``glassnet studio`` has, ``STUDIO = ["--data", "moons"]``, and with
``DOCTOR = True`` that it needs the doctor, which takes a core while it looks.
"""

import pytest
from browsers import PATIENCE, find_chromium, open_browser, run_studio


def pytest_itemcollected(item):
    """Mark every test of this folder."""
    item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser():
    """Return a Chromium. The tests of this folder are skipped only where there is none.

    While it is in use, Playwright runs an event loop in this thread, and what starts one of its own there
    fails.
    """
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="there is no Playwright: pip install playwright"
    )
    with sync_api.sync_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            pytest.skip("there is no Chromium on this machine: apt-get install chromium")
        with open_browser(playwright, executable) as browser:
            yield browser


@pytest.fixture(scope="module")
def studio(request, browser, tmp_path_factory):
    """Return the studio of the module, started with the words of its `STUDIO`."""
    words = map(str, getattr(request.module, "STUDIO", ()))
    doctor = getattr(request.module, "DOCTOR", False)
    with run_studio(*words, cwd=tmp_path_factory.mktemp("studio"), doctor=doctor) as studio:
        yield studio
        studio_log = "".join(studio.log)
    assert "Traceback" not in studio_log, studio_log


@pytest.fixture
def open_page(browser):
    """Return a function that opens a page of some size and scheme; errors in its console fail the test."""
    opened = []

    def open_one(url, width=1280, height=800, **settings):
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.complaints = []  # what a test expects it may clear
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda message: _note(page, message))
        opened.append(context)
        page.goto(url)
        return page

    yield open_one
    complaints = [text for context in opened for page in context.pages for text in page.complaints]
    for context in opened:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def page(open_page, studio):
    """Return the module's studio in a window of 1280 x 800."""
    return open_page(studio.url)


def _note(page, message):
    if message.type in ("error", "warning"):
        page.complaints.append(f"{message.type}: {message.text} {message.location}")
