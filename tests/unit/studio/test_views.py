"""What pages are shown: the numbers of the engine, of each kind of data."""

import base64
import json
import threading

import numpy as np
import pytest

from glassnet import load
from glassnet.doctor import diagnose
from glassnet.nn.evaluation import evaluate, predict
from glassnet.studio.parts import Opened, Part
from glassnet.studio.views.table import VIEWS


def numbers_of(packed):
    """Return an array as it is packed for a page."""
    if isinstance(packed, dict):
        assert packed["dtype"] == "float32"
        return np.frombuffer(base64.b64decode(packed["data"]), "<f4").reshape(packed["shape"])
    return np.array(packed, np.float64)


@pytest.fixture
def digits(serve):
    studio = serve("digits", epochs=5)
    studio.do("step", unit="epoch")
    return studio


def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3)).astype(np.float32)
    y = X @ np.array([1.0, -2.0, 0.5], np.float32)
    return Opened("numbers", "table", Part(X[:50], y[:50]), Part(X[50:], y[50:]), columns=("a", "b", "c"))


@pytest.mark.parametrize(
    "settings", [{}, {"A": []}, {"A": [3], "loss": "hinge"}, {"optimizer": "adam", "dropout": 0.2}]
)
@pytest.mark.parametrize("name", [name for name in VIEWS if name not in ("predict", "cell", "doctor")])
def test_every_view_answers_on_points_at_every_step(serve, name, settings):
    studio = serve("moons", **settings)
    studio.do("step", unit="epoch")
    studio.do("step", unit="batch")
    for step in (0, 7, 24, 25):
        response = studio.client.get(f"/api/view/{name}", params={"token": studio.token, "step": step})
        if name == "step_page" and (
            response.status_code == 400
        ):  # not on paper: Adam goes on, dropout is drawn
            assert settings.get("optimizer") == "adam" or settings.get("dropout")
            continue
        assert response.status_code == 200, response.text


def test_losses_are_those_of_the_records(ask):
    for _ in range(3):
        ask.do("step", unit="epoch")
    records = ask.session.runs["a"].recorder.history.records
    found = ask.view("losses")
    for name in ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate"):
        assert [each[name] for each in found["epochs"]] == [getattr(record, name) for record in records]
    assert found["batches"]["steps"] == list(range(1, 73))
    assert found["best_epoch"] == 1 + int(np.argmin([record.validation_loss for record in records]))
    assert [each["epoch"] for each in ask.view("losses", **{"from": 2})["epochs"]] == [3]


def test_the_confusion_is_that_of_the_answers(digits):
    run = digits.session.runs["a"]
    model = run.model_of(digits.session.moment(run))
    part = digits.session.data.validation
    predicted = model.predict(part.X)
    found = digits.view("confusion")
    counts = np.array(found["counts"])
    assert found["score"] == model.score(part.X, part.y)
    assert counts.sum() == len(part)
    for true in range(10):
        for answer in range(10):
            assert counts[true, answer] == np.sum((part.y == true) & (predicted == answer))
    cell = digits.view("cell", true=1, predicted=1)
    assert cell["n"] == counts[1, 1]
    for sample in cell["samples"]:
        own = part.X[sample["index"] - len(digits.session.data.train)]
        assert np.allclose(np.array(sample["image"]).ravel(), own, atol=1e-4)


def test_a_regression_shows_predicted_and_true_values(serve):
    studio = serve(table())
    studio.do("step", unit="epoch")
    run = studio.session.runs["a"]
    part = studio.session.data.validation
    found = studio.view("confusion")
    model = run.model_of(studio.session.moment(run))
    assert np.allclose(found["predicted"], model.predict(part.X))
    assert found["score"] == pytest.approx(model.score(part.X, part.y))
    for name in ("network", "number", "weights", "histograms", "whatif", "code", "model_file", "losses"):
        assert studio.client.get(f"/api/view/{name}", params={"token": studio.token}).status_code == 200


def test_the_network_is_that_of_the_engine(digits):
    run = digits.session.runs["a"]
    moment = digits.session.moment(run)
    found = digits.view("network", sample=5)
    samples = run.recorder.model.make_samples(
        digits.session.data.train.X[5:6], digits.session.data.train.y[5:6]
    )
    parameters = run.model_of(moment).parameters_
    for number, layer in enumerate(found["layers"]):
        a = predict(run.architecture, parameters, samples, number)[0]
        assert [unit["a"] for unit in layer["units"]] == a[:64].tolist()
    assert found["loss"] == pytest.approx(evaluate(run.architecture, parameters, samples)[0], rel=1e-6)
    strongest = np.abs(parameters.weights[0]).max()
    first = found["weights"][0][0]
    assert abs(first[2]) == strongest
    assert parameters.weights[0][first[0], first[1]] == np.float32(first[2])
    assert digits.view("network", sample=len(digits.session.data.train))["sample"] == 1438


def test_weights_are_shown_as_images(digits):
    run = digits.session.runs["a"]
    weights = run.model_of(digits.session.moment(run)).weights_
    found = digits.view("weights", layer=1, unit=3, count=4)
    assert np.array_equal(numbers_of(found["images"]), weights[0][:, 3:7].T.reshape(4, 8, 8))
    assert np.array_equal(numbers_of(digits.view("weights", layer=3)["matrix"]), weights[2])


def test_dead_units_are_marked(serve):
    studio = serve("moons", activation="relu", weight_init="zero")
    found = studio.view("weights", layer=1)
    assert found["dead"] == list(range(8))
    layers = studio.view("histograms")["layers"]
    assert [layer["dead"] for layer in layers] == [8, 8, 0]
    assert all(sum(layer["weights"]["counts"]) > 0 for layer in layers)


def test_saturated_units_are_marked(serve):
    studio = serve("moons", activation="tanh", A=[4], weight_init="normal")
    run = studio.session.runs["a"]
    first = run.recorder.training.parameters
    first.weights[0][...], first.biases[0][...] = 0.5, 5.0
    assert studio.view("weights", layer=1)["saturated"] == [0, 1, 2, 3]


def test_histograms_over_time_have_a_row_for_each_moment(ask):
    for _ in range(10):
        ask.do("step", unit="epoch")
    found = ask.view("histograms_over_time")
    assert found["steps"] == ask.session.runs["a"].recorder.kept_steps
    assert numbers_of(found["layers"][0]["weights"]["counts"]).shape[0] == len(found["steps"])


def test_the_surface_is_what_the_network_answers(serve):
    for source, n_classes in (("moons", 2), ("blobs", 3)):
        studio = serve(source)
        studio.do("step", unit="epoch")
        found = studio.view("surface", grid=16)
        run = studio.session.runs["a"]
        model = run.model_of(studio.session.moment(run))
        low, high = found["x"]
        side = np.linspace(low, high, 16)
        places = [[side[3], side[5]]]  # x, y
        answer = model.predict_prob(np.array(places, np.float32))[0]
        output = numbers_of(found["output"])
        shown = output[5, 3]
        assert np.allclose(shown, answer[1] if n_classes == 2 else answer, atol=1e-6)
        unit = model.transform(np.array(places, np.float32), 0)[0]
        assert np.allclose(numbers_of(found["units"][0])[:, 5, 3], unit, atol=1e-6)
        assert len(found["points"]) == 300


def test_a_drawing_is_answered(digits):
    drawing = np.zeros((28, 28))
    drawing[4:24, 13:16] = 1
    response = digits.client.post(
        "/api/view/predict", params={"token": digits.token}, json={"drawing": drawing.tolist()}
    ).json()
    assert np.isclose(sum(response["probabilities"]), 1)
    assert np.array(response["image"]).shape == (8, 8)
    assert numbers_of(response["pull"]).shape == (8, 8)
    run = digits.session.runs["a"]
    row = np.array(response["image"], np.float32).reshape(1, -1)
    model = run.model_of(digits.session.moment(run))
    assert np.allclose(model.predict_prob(row)[0], response["probabilities"], atol=1e-3)


@pytest.mark.parametrize(
    "body", [{}, {"drawing": []}, {"drawing": [[0]]}, {"row": [1]}, {"row": "x"}, [1], {"row": None}]
)
def test_what_is_no_drawing_is_refused(digits, body):
    response = digits.client.post("/api/view/predict", params={"token": digits.token}, json=body)
    assert response.status_code == 400


def test_what_if_is_the_next_step_with_other_rates(ask):
    ask.do("step", unit="epoch")
    run = ask.session.runs["a"]
    moment = ask.session.moment(run)
    found = ask.view("whatif", rates="0.1,0.5")
    ask.do("step")
    after = run.model_of(ask.session.moment(run))
    rows = moment.rows
    loss, _ = after.evaluate(ask.session.data.train.X[rows], ask.session.data.train.y[rows])
    assert found["tries"][0]["rate"] == 0.1  # the run's own
    assert found["tries"][0]["loss"] == pytest.approx(loss, rel=1e-5)
    assert found["loss_before"] == pytest.approx(run.recorder.losses.last, rel=1e-6)


def test_the_code_gives_exactly_this_run(ask):
    ask.do("step", unit="epoch")
    ask.do("branch", step=20, changes={"lr": 0.3})
    ask.do("step", unit="epoch")
    for run in ask.session.runs.values():
        names = {}
        exec(ask.view("code", run=run.id)["python"], names)
        assert np.array_equal(names["theta"], ask.session.moment(run).theta)


def test_the_code_gives_points_that_were_changed(ask):
    ask.do("points", move={"index": 0, "x": 1.25, "y": 0.5})
    ask.do("step")
    names = {}
    exec(ask.view("code")["python"], names)
    assert np.array_equal(names["theta"], ask.session.moment(ask.session.runs["a"]).theta)


def test_the_model_file_holds_the_shown_weights(ask, tmp_path):
    ask.do("step", unit="epoch")
    ask.do("seek", step=5)
    path = tmp_path / "model.safetensors"
    path.write_bytes(ask.client.get("/api/view/model_file", params={"token": ask.token}).content)
    assert np.array_equal(load(path).parameters_.theta, ask.session.moment(ask.session.runs["a"], 5).theta)


@pytest.mark.parametrize(
    "query",
    [
        {"step": -1},
        {"step": 1},
        {"step": "x"},
        {"run": "b"},
        {"layer": 9},
        {"what": "q"},
        {"to": 99},
        {"sample": 300},
        {"format": "pdf"},
        {"grid": 10**9},
        {"rates": "a"},
        {"rates": "1,2,3,4,5,6"},
        {"rates": "-1"},
    ],
)
def test_what_a_view_cannot_show_is_refused(ask, query):
    uses = {"layer": "weights", "what": "number", "to": "number", "format": "step_page", "grid": "surface"}
    name = next((uses[key] for key in query if key in uses), "whatif" if "rates" in query else "network")
    response = ask.client.get(f"/api/view/{name}", params={"token": ask.token, **query})
    assert response.status_code == 400
    assert response.json()["error"]["message"]


def test_views_of_many_pages_at_once_agree(ask):
    ask.do("step", unit="epoch")
    expected = {name: ask.view(name, step=7) for name in ("network", "confusion", "surface", "histograms")}
    wrong = []

    def look():
        for name, answer in expected.items():
            if ask.view(name, step=7) != answer:
                wrong.append(name)

    ask.do("play")
    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ask.do("pause")
    assert not wrong


def test_events_bring_the_newest_frame(ask):
    with ask.client.stream("GET", "/api/events", params={"token": ask.token}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        frame = json.loads(next(line for line in lines if line.startswith("data: "))[6:])
        assert (frame["runs"][0]["newest"], frame["version"]) == (0, ask.session.version)
        ask.session.command({"do": "step", "unit": "epoch"})
        frame = json.loads(next(line for line in lines if line.startswith("data: "))[6:])
        assert frame["runs"][0]["newest"] == 24


def test_the_doctor_finds_what_it_finds_alone(serve):
    studio = serve("moons", weight_init="zero", activation="relu", A=[6], epochs=4)
    for _ in range(4):
        studio.do("step", unit="epoch")
    found, end = studio.view("doctor"), 120.0
    wait = threading.Event()
    while found["as_of_step"] is None and end:
        wait.wait(0.5)
        end -= 0.5
        found = studio.view("doctor")
    session = studio.session
    run, data = session.runs["a"], session.data
    model = run.model_of(session.moment(run))
    alone = diagnose(model, data.train.X, data.train.y, X_test=data.validation.X, y_test=data.validation.y)
    assert [finding["code"] for finding in found["findings"]] == alone.codes
    assert "symmetric-units" in alone.codes
    cured = next(finding for finding in found["findings"] if finding["code"] == "symmetric-units")
    studio.do("branch", step=0, changes=cured["changes"])
    assert session.frame()["findings"] == len(alone.codes)


def test_a_table_is_uploaded(ask):
    rows = "\n".join(f"{i % 7},{i % 5},{'yes' if i % 7 > i % 5 else 'no'}" for i in range(80))
    files = {"file": ("../flowers.csv", f"a,b,c\n{rows}\n".encode(), "text/csv")}
    response = ask.client.post("/api/upload", params={"token": ask.token}, files=files, data={"target": "c"})
    assert response.status_code == 200, response.text
    data = response.json()["session"]["data"]
    assert (data["name"], data["classes"], data["columns"]) == ("flowers.csv", ["no", "yes"], ["a", "b"])
    ask.do("step", unit="epoch")


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\x00\x01", b"a\n1\n2\n", b"<html>"])
def test_what_is_no_table_is_refused_and_what_was_open_stays(ask, content):
    files = {"file": ("t.csv", content, "text/csv")}
    response = ask.client.post("/api/upload", params={"token": ask.token}, files=files)
    assert response.status_code == 400, response.text
    assert ask.get("/api/session")["data"]["name"] == "moons"
