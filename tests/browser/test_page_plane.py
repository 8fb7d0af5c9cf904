"""The views of points in the plane, by what a person does; numbers on screen are the engine's."""

import numpy as np
import pytest
from processes import wait_until
from studio_page import begin_anew, pane, record, step, values, wait_for_step

from glassnet.nn.evaluation import predict
from glassnet.nn.network import Parameters

STUDIO = ["--data", "moons"]


@pytest.fixture
def page(page):
    begin_anew(page)
    return page


def trained(page, epochs=2):
    """Train some epochs in the studio and without it; return the recorder, and the step that is shown."""
    data, recorder = record("moons")
    for _ in range(epochs):
        recorder.epoch()
        step(page, "epoch")
        wait_for_step(page, recorder.newest)
    return data, recorder, recorder.newest


def test_the_matrix_counts_as_the_engine_does_and_a_cell_opens_its_rows(page):
    data, recorder, newest = trained(page)
    shown = wait_for_step(page, newest, "confusion")
    parameters = Parameters(recorder.model.architecture_, recorder.at(newest).theta)
    samples = recorder.model.make_samples(data.validation.X, data.validation.y)
    predicted = predict(recorder.model.architecture_, parameters, samples).argmax(axis=1)
    true = samples.y.argmax(axis=1)
    counts = [[int(((true == i) & (predicted == j)).sum()) for j in range(2)] for i in range(2)]
    cells = shown.locator("td button")
    assert [int(text) for text in cells.all_text_contents()] == [n for row in counts for n in row]
    assert values(shown.locator(".score")) == [float((true == predicted).mean())]
    cells.first.click()
    shown.locator(".opened li").first.wait_for()
    assert shown.locator(".opened li").count() == counts[0][0]


def test_a_unit_opens_its_numbers_by_mouse_and_by_keyboard(page):
    _, _, newest = trained(page, 1)
    network = wait_for_step(page, newest, "network")
    unit = network.locator('[data-unit="1 2"]')
    unit.click()
    numbers = pane(page, "numbers")
    numbers.locator(".line").first.wait_for()
    assert numbers.locator("select").input_value() == "a"
    unit.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_until(lambda: numbers.locator('[name="to"]').input_value() == "3")
    numbers.locator("select").select_option("w")
    numbers.locator('[name="from"]').fill("1")
    numbers.locator('[name="from"]').press("Enter")
    numbers.locator(".group.gradient .line").first.wait_for()
    numbers.locator(".group.update .line").first.wait_for()


def test_the_loss_of_a_sample_is_the_engines(page):
    data, recorder, newest = trained(page, 1)
    page.locator('[data-view="network"] .loss').click()
    numbers = wait_for_step(page, newest, "numbers")
    numbers.locator('.line[data-name="L"] output').wait_for()
    moment = recorder.at(newest)
    architecture = recorder.model.architecture_
    first = moment.rows[:1]
    samples = recorder.model.make_samples(data.train.X[first], data.train.y[first])
    outputs = predict(architecture, Parameters(architecture, moment.theta), samples)
    expected = -np.log(outputs[0, samples.y[0].argmax()])
    shown = values(numbers.locator('.line[data-name="L"] output'))
    assert shown == pytest.approx([expected], rel=1e-5)
    assert values(page.locator('[data-view="network"] .loss')) == pytest.approx([expected], rel=1e-5)


def test_what_if_tries_five_rates_and_does_not_train(page):
    _, recorder, newest = trained(page, 1)
    tries = wait_for_step(page, newest, "whatif")
    tries.locator("input").fill("0.001, 0.01, 0.1, 1, 1e6")
    tries.locator("input").press("Enter")
    tries.locator('li[data-rate="0.001"]').wait_for()
    before = values(tries.locator(".note"))[0]
    recorder.step(1)
    assert before == pytest.approx(recorder.losses.last, rel=1e-6)
    assert tries.locator("li").count() == 5
    losses = values(tries.locator("li:not(:last-child)"))
    assert all(np.isfinite(losses))
    assert wait_for_step(page, newest) is None


def test_layers_weights_and_code_are_shown(page, tmp_path):
    _, recorder, newest = trained(page, 1)
    weights = wait_for_step(page, newest, "weights")
    assert weights.locator("canvas.matrix").evaluate("c => [c.height, c.width]") == [2, 8]
    layers = wait_for_step(page, newest, "histograms")
    assert layers.locator("section").count() == 3
    layers.get_by_label("over time").check()
    layers.locator(".over").first.wait_for(state="visible")
    code = wait_for_step(page, newest, "code")
    assert "glassnet" in code.locator("code").text_content()
    with page.expect_download() as download:
        code.get_by_text("Model file").click()
    download.value.save_as(tmp_path / "model.safetensors")
    from glassnet import load_model

    loaded = load_model(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(loaded.parameters_.theta, recorder.at(newest).theta)


def test_a_rate_far_too_high_brings_the_doctor_and_its_cure_is_a_branch(page):
    page.select_option('[name="activation"]', "relu")
    page.fill('[name="lr"]', "1e6")
    page.get_by_role("button", name="Restart with these").click()
    wait_for_step(page, 0)
    page.click("#play")
    page.locator("#ended.bad").wait_for()
    finding = pane(page, "doctor").locator(".finding").first
    finding.wait_for()
    finding.locator("summary").click()
    finding.locator("dd").first.wait_for()
    cure = pane(page, "doctor").get_by_role("button", name="Try the cure").first
    cure.click()
    page.wait_for_selector('[data-view="network"][data-run="b"]')
    page.locator("#settings .differs").first.wait_for()
    page.get_by_role("button", name="Forget B").click()
    page.select_option('[name="activation"]', "tanh")
    page.fill('[name="lr"]', "0.1")
    page.get_by_role("button", name="Restart with these").click()
    wait_for_step(page, 0)
