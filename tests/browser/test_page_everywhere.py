"""The page at all widths, in light and dark, for keyboard and screen reader."""

import pytest
from studio_page import pane, shown_step, wait_for_step

STUDIO = ["--data", "circles"]

UNNAMED = """() => [...document.querySelectorAll('button, input, select, a[href], [tabindex="0"]')]
.filter((e) => {
  const labelled = e.getAttribute('aria-labelledby');
  const name = e.getAttribute('aria-label') || (labelled && document.getElementById(labelled)?.textContent)
    || [...(e.labels ?? [])].map((label) => label.textContent).join('') || e.textContent || e.title;
  return !e.hidden && e.id !== 'views' && !name.trim();
}).map((e) => e.outerHTML.slice(0, 120))"""

BESIDE = """() => [...document.querySelectorAll('body *')].filter((e) =>
  e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, nav, pre"))
  .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("width", [390, 768, 1280, 2560])
def test_nothing_stands_beside_the_page(open_page, studio, width):
    page = open_page(studio.url, width=width)
    wait_for_step(page, 0, "network")
    pane(page, "confusion").locator("td").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(BESIDE) == []


def test_every_control_has_a_name_and_focus_is_seen(page):
    wait_for_step(page, 0, "network")
    assert page.evaluate(UNNAMED) == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the views"
    page.locator("#scrubber").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_dark_has_the_palettes_colours(open_page, studio):
    from glassnet._common.palette import DARK, LIGHT

    for scheme, palette in (("light", LIGHT), ("dark", DARK)):
        page = open_page(studio.url, color_scheme=scheme)
        colour = tuple(bytes.fromhex(palette["surface"][1:]))
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == f"rgb{colour}".replace(
            "'", ""
        )


def test_training_by_keyboard_alone(page):
    page.locator("#play").focus()
    for _ in range(2):
        page.keyboard.press("Tab")  # over "sample" to "batch"
    page.keyboard.press("Enter")
    wait_for_step(page, 1)
    page.locator("#scrubber").focus()
    page.keyboard.press("Home")
    wait_for_step(page, 0)
    page.keyboard.press("End")
    wait_for_step(page, 1)
    assert shown_step(page) == 1


@pytest.mark.parametrize("how", ["button", "keys"])
def test_views_that_were_never_in_sight_are_drawn_before_printing(page, how):
    page.evaluate("() => { window.print = () => { document.body.dataset.printed = 'yes' } }")
    panes = page.locator("[data-view]")
    assert page.locator("[data-view]:not([data-step])").count() > 0
    page.locator("#print").click() if how == "button" else page.keyboard.press("Control+p")
    page.wait_for_selector("body[data-printed]")
    assert panes.count() > 8
    assert page.locator("[data-view]:not([data-step])").count() == 0


def test_nothing_of_a_printed_view_is_cut_off(page):
    page.wait_for_selector("[data-view='network'][data-step]")
    page.emulate_media(media="print")
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll')].every((e) => getComputedStyle(e).overflowX === 'visible')"
    )
