"""MNIST: draw a seven and see a seven, by mouse and by keyboard; images of cells and of weights."""

import pytest
from studio_page import begin_anew, pane, step, values, wait_for_step

from glassnet.studio.opened import open_data
from glassnet.studio.settings import first_model

STUDIO = ["--data", "mnist"]


@pytest.fixture(scope="module")
def per_epoch():
    data = open_data("mnist")
    return -(-len(data.train) // first_model(data).batch_size)


@pytest.fixture
def page(page, per_epoch):
    """Return the page after an epoch."""
    begin_anew(page)
    step(page, "epoch")
    wait_for_step(page, per_epoch)
    return page


def strongest(digit):
    """Return the class with the highest bar."""
    digit.locator(".bars .likely").wait_for()
    return digit.locator(".bars .likely").get_attribute("data-class")


def test_a_drawn_seven_is_seen_as_a_seven(page):
    digit = pane(page, "digit")
    sheet = digit.locator(".sheet")
    box = sheet.bounding_box()
    corners = [(0.28, 0.22), (0.72, 0.22), (0.45, 0.85)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=10)
    page.mouse.up()
    digit.locator(".readout").filter(has_text="The network says 7").wait_for()
    assert strongest(digit) == "7"
    assert sum(values(digit.locator(".bars li"))) == pytest.approx(1, abs=1e-5)
    assert digit.locator(".strips figure").count() == 3
    digit.get_by_role("button", name="Clear").click()
    assert digit.locator(".bars li").count() == 0


def test_a_one_is_drawn_by_keyboard(page):
    digit = pane(page, "digit")
    digit.locator(".sheet").focus()
    page.keyboard.press(" ")
    for _ in range(16):
        page.keyboard.press("ArrowDown")
    digit.locator(".readout").filter(has_text="The network says 1").wait_for()
    assert strongest(digit) == "1"
    page.keyboard.press("Delete")
    digit.locator(".readout").filter(has_text="empty").wait_for()
    assert digit.locator(".bars li").count() == 0


def test_a_cell_opens_its_images(page, per_epoch):
    shown = wait_for_step(page, per_epoch, "confusion")
    cell = shown.locator("td button.wrong").first
    n = int(cell.text_content())
    cell.click()
    shown.locator(".opened canvas").first.wait_for()
    assert shown.locator(".opened canvas").count() == min(n, 60)


def test_first_weights_are_images_and_a_click_opens_the_unit(page, per_epoch):
    weights = wait_for_step(page, per_epoch, "weights")
    buttons = weights.locator(".over-all button")
    assert buttons.count() == 64
    buttons.nth(5).click()
    numbers = pane(page, "numbers")
    assert numbers.locator('[name="to"]').input_value() == "5"
    numbers.locator(".line output").first.wait_for()
