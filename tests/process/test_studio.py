"""`glassnet studio` as a process: it says its address, serves, and ends with Ctrl-C."""

import httpx
import pytest
from browsers import run_studio
from click.testing import CliRunner

from glassnet import NeuralNetwork
from glassnet.cli import main
from glassnet.studio.opened import open_data


def session_of(studio):
    url, _, token = studio.url.partition("?token=")
    return httpx.get(f"{url}api/session", params={"token": token}, timeout=60).json()


def test_it_serves_until_it_is_interrupted():
    with run_studio("--data", "moons") as studio:
        assert session_of(studio)["data"]["name"] == "moons"
        process = studio.process
    assert process.returncode in (0, 130, -2)
    assert "Traceback" not in "".join(studio.log)


def test_the_doctor_can_be_left_out():
    with run_studio("--data", "moons", doctor=False) as studio:
        said = studio.ask("/api/view/doctor")
    assert said["findings"] == []
    assert said["trouble"] == "The doctor was left out, by --no-doctor."


def test_a_model_file_is_opened_with_its_weights(tmp_path):
    data = open_data("moons")
    network = NeuralNetwork(N=1, A=[5], epochs=2, batch_size=30, random_state=0)
    network.fit(data.train.X, data.train.y, early_stopping=False).save(tmp_path / "model.safetensors")
    with run_studio("--data", "moons", "--model", str(tmp_path / "model.safetensors")) as studio:
        assert session_of(studio)["runs"][0]["sizes"] == [2, 5, 2]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--lesson", "zero-weights", "--data", "moons"], "give it alone"),
        (["--run", "runs/x"], "--model NAME"),
        (["--data", "moonlight"], "moons"),
        (["--data", "moons", "--target", "y"], "labels of its own"),
        (["--data", "moons", "--model", "missing.safetensors"], "missing.safetensors"),
    ],
)
def test_what_cannot_be_opened_is_said(words, says):
    result = CliRunner().invoke(main, ["studio", "--no-browser", *words])
    assert result.exit_code == 2
    assert says in result.output
