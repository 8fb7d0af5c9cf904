"""Play, pause, step, rewind and branch, as a person does; numbers on screen are the engine's."""

import re

import numpy as np
import pytest
from processes import wait_until
from studio_page import begin_anew, flat, pane, record, seek, shown_step, step, values, wait_for_step

from glassnet.nn.network import Parameters

STUDIO = ["--data", "moons"]


@pytest.fixture
def page(page):
    begin_anew(page)
    return page


def test_a_batch_a_time_shows_the_weights_of_fit(page):
    _, recorder = record("moons")
    for number in range(1, 4):
        step(page, "batch")
        wait_for_step(page, number)
    recorder.step(3)
    shown = wait_for_step(page, 3, "network")
    biases = Parameters(recorder.model.architecture_, recorder.at(3).theta).biases
    assert values(shown.locator(".bias")) == flat(biases)
    assert shown.locator(".unit").count() == 2 + 8 + 8 + 2


def test_a_sample_a_time_goes_through_the_batch_and_then_updates(page):
    _, recorder = record("moons")
    rows = recorder.at(0).rows
    for k in range(1, len(rows)):
        step(page, "sample")
        page.wait_for_selector(f'[data-view="network"][data-sample="{rows[k]}"]')
    assert shown_step(page) == 0
    step(page, "sample")
    wait_for_step(page, 1)


def test_an_epoch_a_time_and_its_losses_are_those_of_fit(page):
    _, recorder = record("moons")
    per_epoch = recorder.steps_per_epoch
    for number in (1, 2, 3):
        step(page, "epoch")
        wait_for_step(page, number * per_epoch)
        recorder.epoch()
    losses = wait_for_step(page, 3 * per_epoch, "losses")
    losses.locator("svg.plot").focus()
    page.keyboard.press("ArrowLeft")
    second = recorder.history.records[1]
    readout = losses.locator(".readout")
    readout.filter(has_text="epoch 2:").wait_for()
    shown = [float(text) for text in re.findall(r"(?:training|validation) ([\d.]+)", readout.text_content())]
    assert shown == pytest.approx([second.loss, second.validation_loss], rel=1e-5)


def test_play_goes_on_until_pause_and_the_speed_is_heeded(page):
    page.fill("#speed", "0")
    page.click("#play")
    wait_until(lambda: shown_step(page) >= 2)
    assert page.locator("#play").text_content() == "Pause"
    page.fill("#speed", "10")
    wait_until(lambda: shown_step(page) > 100)
    page.click("#play")
    page.wait_for_selector('#play[data-playing="false"]')
    shown = shown_step(page)
    page.reload()
    wait_for_step(page, shown)  # a closed page stops nothing, an opened one catches up


def test_rewind_and_branch_with_one_change(page):
    _, recorder = record("moons")
    per_epoch = recorder.steps_per_epoch
    for number in range(1, 21):
        step(page, "epoch")
        wait_for_step(page, number * per_epoch)
    fork = 5 * per_epoch + 3
    seek(page, fork)
    page.fill('[name="lr"]', "0.5")
    page.get_by_role("button", name="Branch with this learning rate").click()
    page.wait_for_selector('[data-view="network"][data-run="b"]')
    assert page.locator("#settings .differs").all_text_contents() == ["learning rate0.10.5"]

    recorder.step(20 * per_epoch)
    second = recorder.branch(fork, lr=0.5)
    step(page, "batch")
    second.step(1)
    for run, own in (("a", recorder), ("b", second)):
        shown = wait_for_step(page, fork + 1, "network", run)
        biases = Parameters(own.model.architecture_, own.at(fork + 1).theta).biases
        assert values(shown.locator(".bias")) == flat(biases), run
    assert not np.array_equal(recorder.at(fork + 1).theta, second.at(fork + 1).theta)
    assert page.locator('[data-view="losses"] .key li').count() == 4

    page.get_by_role("button", name="Forget B").click()
    page.wait_for_selector('[data-view="network"][data-run="b"]', state="detached")


def test_what_is_refused_is_said(page):
    page.fill('[name="lr"]', "-1")
    page.get_by_role("button", name="Restart with these").click()
    page.locator("#said").filter(has_text="lr=-1").wait_for()
    page.complaints.clear()  # the console tells of the answer 400


def test_two_pages_on_one_session_see_the_same(page, open_page, studio):
    other = open_page(studio.url)
    step(page, "epoch")
    _, recorder = record("moons")
    wait_for_step(other, recorder.steps_per_epoch, "network")
    wait_for_step(page, recorder.steps_per_epoch, "network")
    assert values(pane(page, "network").locator(".bias")) == values(pane(other, "network").locator(".bias"))
    page.fill('[name="batch_size"]', "20")
    page.get_by_role("button", name="Restart with these").click()
    wait_for_step(other, 0)
    wait_until(lambda: other.input_value('[name="batch_size"]') == "20")
    page.fill('[name="batch_size"]', "10")
    page.get_by_role("button", name="Restart with these").click()
    wait_for_step(page, 0)


def test_a_cursor_over_losses_that_are_not_there_yet_breaks_nothing(page):
    page.route("**/api/view/losses*", lambda route: None)  # they never come
    page.reload()
    plot = page.locator('[data-view="losses"] svg.plot')
    plot.scroll_into_view_if_needed()
    plot.hover(position={"x": 100, "y": 100})
    plot.press("ArrowRight")
    assert page.locator('[data-view="losses"] .curve').count() == 0
