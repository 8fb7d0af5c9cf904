"""An exercise in the studio: judged, hinted at and counted as in the terminal, beside its own network."""

import re
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest

from glassnet.classroom.dice import Secret
from glassnet.classroom.language import LANGUAGES
from glassnet.classroom.practice import Practice, Tally, read_progress
from glassnet.classroom.template import TEMPLATES, read_template
from glassnet.studio.practising import Practising, open_practice
from glassnet.studio.serving import Serving
from glassnet.studio.session import Session

OPENED = ("adam", "backprop", "backprop-one-unit", "momentum")
"""The templates of a network with one linear output and the squared error; `gradient-check` has one too."""


def draw(name="backprop", secret="a", language="en"):
    return Practice(read_template(name), Secret(secret), LANGUAGES[language])


class Desk:
    """Ask the server of an exercise's session, as its page does; the next problems are new."""

    def __init__(self, name="backprop", language="en"):
        practice, secrets = draw(name, language=language), iter("bcd")
        data, model, theta = open_practice(practice)
        self.teaching = Practising(practice, lambda: draw(name, next(secrets), language))
        self.session = Session(data, model, theta=theta, teaching=self.teaching)
        self.serving = Serving(self.session)
        self.serving.start()
        token = {"token": self.serving.token}
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.serving.port}", params=token, timeout=60)

    def __call__(self, path, **message):
        answer = self.client.post(path, json=message) if message else self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path, **sent):
        answer = self.client.post(path, **sent)
        assert answer.status_code == 400
        return answer.json()["error"]["message"]


@pytest.fixture
def at_a_desk(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.classroom.practice.user_data_folder", lambda: tmp_path)
    desks = []

    def sit_down(*arguments):
        desks.append(Desk(*arguments))
        return desks[-1]

    yield sit_down
    for desk in desks:
        desk.client.close()
        desk.serving.stop()


@pytest.fixture
def asked(at_a_desk):
    return at_a_desk()


def test_a_line_is_missed_hinted_at_in_three_stages_solved_and_counted(asked):
    (first, second, *_), *_ = [page["questions"] for page in asked("/api/lesson")["pages"]]
    said = asked("/api/lesson/answer", question=first["id"], value="x")
    assert (said["right"], said["counts"]) == (False, False)
    said = asked("/api/lesson/answer", question=first["id"], value="77.5")
    assert (said["right"], said["counts"], said["says"]) == (False, True, "not right")
    stages = [asked("/api/lesson/hint", question=first["id"])["hints"] for _ in range(4)]
    assert [len(stage) for stage in stages] == [1, 2, 3, 3]
    for text, begin in zip(stages[-1], ("The formula: ", "With numbers: ", "The answer: "), strict=True):
        assert text.startswith(begin + "z_h1 = ")
    numbers = re.sub(r"[\d.]+", r"Fraction('\g<0>')", stages[1][1].rpartition("= ")[2])
    right = float(eval(numbers, {"Fraction": Fraction}))  # worked out with fractions
    said = asked("/api/lesson/answer", question=first["id"], value=f"{right:.4f}".replace(".", ","))
    assert (said["right"], said["done"], said["passed"]) == (True, [first["id"]], False)
    assert read_progress()["backprop"] == Tally(lines=1, hints=3)
    asked("/api/lesson/answer", question=first["id"], value=f"{right:.4f}")
    assert asked("/api/lesson/answer", question=second["id"], value=f"{max(right, 0):.4f}")["right"]
    late = asked("/api/lesson/hint", question=second["id"])["hints"]
    assert read_progress()["backprop"] == Tally(lines=2, hints=3, first_try=1)  # each line once
    assert asked("/api/lesson")["hints"] == {first["id"]: stages[-1], second["id"]: late}


def test_a_whole_exercise_is_answered_and_another_begins_with_its_own_network(asked):
    shown = [asked("/api/lesson")]
    questions = [question["id"] for page in shown[0]["pages"] for question in page["questions"]]
    for question, line in zip(questions, asked.teaching.practice.questions, strict=True):
        assert question == f"{line.quantity.step}:{line.label}"
        said = asked("/api/lesson/answer", question=question, value=repr(line.value))
        assert said["right"], question
    assert said["passed"]
    assert read_progress()["backprop"] == Tally(1, len(said["done"]), len(said["done"]))
    before = asked.session.runs["a"].recorder.at(0).theta
    answer = asked("/api/lesson/another", please=True)
    assert answer["session"]["opened"] > 1
    shown.append(asked("/api/lesson"))
    assert (shown[1]["done"], shown[1]["passed"], shown[1]["hints"]) == ([], False, {})
    assert shown[0]["pages"][0]["text_html"] != shown[1]["pages"][0]["text_html"]
    run, problem = asked.session.runs["a"], asked.teaching.practice.task.problem
    assert np.array_equal(run.recorder.at(0).theta, problem.theta)
    assert not np.array_equal(before, problem.theta)
    names = {}
    exec(asked("/api/view/code")["python"], names)  # what one takes home begins there too
    assert np.array_equal(names["theta"], problem.theta)


def test_the_network_stays_that_of_the_exercise(asked):
    for command in (
        {"do": "restart", "settings": {}},
        {"do": "branch", "step": 0, "changes": {"lr": 1.0}},
        {"do": "data", "name": "moons"},
    ):
        assert "keeps its network" in asked.refused("/api/command", json=command)
    table = {"file": ("a.csv", b"a,b\n1,2\n3,4\n")}
    assert "keeps its network" in asked.refused("/api/upload", files=table)


@pytest.mark.parametrize("name", OPENED)
def test_the_studio_trains_it_to_the_numbers_of_the_sheet(name):
    practice = draw(name)
    data, model, theta = open_practice(practice)
    session = Session(data, model, theta=theta)
    try:
        for step in range(1, practice.task.problem.n_steps + 1):
            session.command({"do": "step", "unit": "batch"})
            updated = [
                question.value
                for question in practice.questions
                if question.quantity.step == step and re.fullmatch(r"[wb]\d|b_h\d", question.label)
            ]
            trained = session.runs["a"].recorder.at(step).theta
            np.testing.assert_allclose(np.sort(trained), np.sort(updated), rtol=1e-12)
    finally:
        session.close()


ALONE = sorted({*TEMPLATES} - {*OPENED, "gradient-check"})


@pytest.mark.parametrize("name", ALONE)
def test_what_no_model_of_the_studio_trains_is_a_lesson_alone(name, tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.classroom.practice.user_data_folder", lambda: tmp_path)
    practice = draw(name)
    data, model, theta = open_practice(practice)
    assert (data.kind, model, theta) == ("nothing", None, None)
    teaching = Practising(practice, lambda: practice)
    nothing: Any = SimpleNamespace(runs={})
    asked = teaching.progress.lesson.questions
    assert {id: len(question.choices) for id, question in asked.items()} == {
        f"{line.quantity.step}:{line.label}": len(line.choices) for line in practice.questions
    }
    for id, line in zip([*asked][::4], practice.questions[::4], strict=True):
        right = practice.sheet.language.choice(line.answer) if line.choices else repr(line.value)
        assert teaching.answer(id, right, nothing).right
        assert teaching.hint(id)


def test_a_lesson_alone_is_served_in_its_language_and_another_follows(at_a_desk):
    asked = at_a_desk("margin", "de")
    session = asked("/api/session")
    assert (session["runs"], session["lesson"]["name"], asked.session.frame()["runs"]) == ([], "margin", [])
    for command in ({"do": "step", "unit": "sample"}, {"do": "play"}, {"do": "data", "name": "moons"}):
        assert "has no network" in asked.refused("/api/command", json=command)
    pages = asked("/api/lesson")["pages"]
    last = pages[-1]["questions"][-1]
    assert last["choices"] == ["f > 0", "f < 0"]
    said = asked("/api/lesson/answer", question=last["id"], value="links")
    assert (said["counts"], said["says"]) == (False, "Eines von: f > 0, f < 0.")
    right = asked.teaching.practice.questions[-1].answer
    assert asked("/api/lesson/answer", question=last["id"], value=f"f {'<>'[right == '+']} 0")["right"]
    assert asked("/api/lesson/another", please=True)["session"]["runs"] == []
    assert asked("/api/lesson")["pages"] != pages


def test_a_gradient_check_is_opened_at_its_point():
    practice = draw("gradient-check")
    assert np.array_equal(open_practice(practice)[2], practice.task.problem.theta)


def test_what_the_model_has_no_setting_for_is_not_trained():
    practice = draw()
    frozen = replace(practice.task.problem, frozen=("b1",))
    practice.sheet = replace(practice.sheet, task=replace(practice.task, problem=frozen))
    assert open_practice(practice)[1] is None


def test_a_lesson_of_a_file_has_no_hints_to_ask_for(serve):
    studio = serve()
    for path in ("hint", "another"):
        answer = studio.client.post(f"/api/lesson/{path}", json={}, params={"token": studio.token})
        assert "no lesson is open" in answer.json()["error"]["message"]
