"""Numbers for a class, and the folder that holds them."""

from dataclasses import replace
from fractions import Fraction
from math import hypot, tanh
from statistics import median

import numpy as np
import pytest
from handed_out import CLASS, SECRET, handed_out

from glassnet.classroom.choosing import Chooser
from glassnet.classroom.dice import Secret
from glassnet.classroom.folder import RECORD, Homework, read_homework
from glassnet.classroom.students import Student, read_students
from glassnet.classroom.template import TEMPLATES, parse_template
from glassnet.errors import FileError, InvalidDataError, InvalidParameterError
from glassnet.worked import read_problem
from glassnet.worked.lines import Quantity


@pytest.mark.parametrize("name", TEMPLATES)
def test_tasks_differ_are_equal_work_and_within_reach(name):
    chosen = handed_out(name)
    assert len({repr(one.task.settings) for one in chosen}) == len(CLASS)
    for counts in zip(*((one.effort.operations, one.effort.digits) for one in chosen), strict=True):
        assert max(counts) - min(counts) <= 0.1 * median(counts)
    for one in chosen:
        values = np.array([question.value for question in one.task.questions if not question.choices])
        assert np.isfinite(values).all()
        assert abs(values).max() <= 100


def numbers(task):
    return {quantity.name: float(value) for quantity, value in task.values.items() if value.ndim == 0}


def test_a_network_is_what_numpy_makes_of_it():
    for one in handed_out("backprop"):
        s, values = one.task.settings, one.task.values
        (W1, W2), (b1, b2) = map(np.array, s["weights"]), map(np.array, s["biases"])
        x, y = np.array(s["x"][0]), s["y"][0]
        z = x @ W1 + b1
        assert (z > 0).sum() == 1
        assert abs(z).min() >= 0.05
        delta2 = np.maximum(z, 0) @ W2 + b2 - y
        delta1 = (W2 @ delta2) * (z > 0)
        updated = (W1 - 0.5 * np.outer(x, delta1)).T.ravel()
        names = ("w1", "w2", "w3", "w4")
        np.testing.assert_allclose([values[Quantity(1, name)] for name in names], updated, atol=1e-12)


def test_a_gradient_check_is_the_central_difference():
    for one in handed_out("gradient-check"):
        s, found = one.task.settings, numbers(one.task)
        (((w1,),), ((w2,),)), ((b1,), (b2,)) = s["weights"], s["biases"]
        ((x,),), ((y,),) = s["x"], s["y"]
        plus, minus = ((w2 * tanh((w1 + h) * x + b1) + b2 - y) ** 2 / 2 for h in (0.1, -0.1))
        exact = (w2 * tanh(w1 * x + b1) + b2 - y) * w2 * (1 - tanh(w1 * x + b1) ** 2) * x
        expected = {"L+": plus, "L-": minus, "numeric": (plus - minus) / 0.2, "dL/dw1": exact}
        assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)
        asked = {question.label for question in one.task.questions}
        assert {*expected, "difference"} <= asked


def test_hyperplanes_are_what_fractions_make_of_them():
    for name in ("margin", "hard-margin"):
        for one in handed_out(name):
            s, found = one.task.settings, numbers(one.task)
            w = [Fraction(str(round(found[f"w{k}"], 9))) for k in (1, 2)]
            b = Fraction(str(round(found["b"], 9)))
            at = {
                p["name"]: w[0] * Fraction(str(p["x1"])) + w[1] * Fraction(str(p["x2"])) + b
                for p in s["points"]
            }
            nearest = [point for point, value in at.items() if abs(value) == 1]
            answers = {q.quantity.name: q.answer for q in one.task.choices}
            assert [p for p in at if answers[f"support_{p}"] == "yes"] == nearest
            assert min(map(abs, at.values())) == 1
            assert found["margin"] == pytest.approx(1 / hypot(*w))
            for point in s["points"] if name == "hard-margin" else ():
                assert (at[point["name"]] > 0) == (point["class"] == "+")


def test_a_later_student_leaves_the_others_theirs():
    template = TEMPLATES["softmax"]
    before = {one.student.id: one.task.settings for one in handed_out("softmax")}
    more = (CLASS[0], Student("new", "New"), *CLASS[1:])
    after = {
        one.student.id: one.task.settings for one in Chooser(template, Secret("course secret")).choose(more)
    }
    assert {id: after[id] for id in before} == before
    other = {one.student.id: one.task.settings for one in Chooser(template, Secret("other")).choose(CLASS)}
    assert not any(other[id] == before[id] for id in before)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("units_on = 1", "units_on = 5", "units_on"),
        ("units_on = 1", "kink = 3.9", "kink"),
    ],
)
def test_a_template_that_gives_nothing_says_why(old, new, reason, monkeypatch):
    monkeypatch.setattr("glassnet.classroom.choosing.MOST_DRAWS", 60)
    template = parse_template("mine", TEMPLATES["backprop"].text.replace(old, new))
    with pytest.raises(InvalidParameterError, match=reason):
        Chooser(template, SECRET)


def test_a_folder_is_read_as_it_was_written(tmp_path):
    template = TEMPLATES["backprop"]
    homework = Homework(tmp_path / "hw", template, "en", ("html",), SECRET.fingerprint, CLASS)
    chosen = list(Chooser(template, SECRET).choose(CLASS[:1]))
    homework.write_settings(CLASS[0], chosen[0].task.settings)
    homework.write_record()
    again = read_homework(tmp_path / "hw")
    assert replace(again, path=homework.path) == homework
    assert "course secret" not in (tmp_path / "hw" / RECORD).read_text()
    assert again.read_task(CLASS[0]).questions == chosen[0].task.questions
    assert read_problem(again.problem_path(CLASS[0])).digits == template.limits.digits
    record = tmp_path / "hw" / RECORD
    record.write_text(record.read_text().replace('"s000"', '"../s000"'))
    with pytest.raises(FileError, match="can be no id"):
        read_homework(tmp_path / "hw")


def test_a_class_list_keeps_ids_as_they_are_written(tmp_path):
    path = tmp_path / "class.csv"
    path.write_bytes(
        "ID number;First name;Surname;Section\n007;Zoë;Müller;a\n012;Ann;Lee;\n".encode("utf-8-sig")
    )
    assert read_students(path) == (Student("007", "Zoë Müller", "a"), Student("012", "Ann Lee"))
    for bad, match in (("../x,N", "can be the name of a file"), ("S1,N\ns1,M", "no other has")):
        path.write_text(f"id,name\n{bad}\n")
        with pytest.raises(InvalidDataError, match=match):
            read_students(path)
