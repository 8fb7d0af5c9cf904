"""What is written and drawn about a support vector machine, and how answers to such a problem are checked."""

import json
import re
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest

from glassnet.errors import DataFileError, FileError, InvalidDataError, UnknownNameError
from glassnet.worked.svm._equations import solve_by_steps
from glassnet.worked.svm._numbers import agrees, evaluate
from glassnet.worked.svm.assignment import A2_NEW, read_published, solve_a2, solve_a3
from glassnet.worked.svm.check import check_answer, read_answer
from glassnet.worked.svm.render import describe, draw_picture
from glassnet.worked.svm.solve import measure_margin, solve_svm
from glassnet.worked.svm.text import write_measurement, write_proof, write_solution

CROSSED = solve_svm([[0, 0], [1, 1], [0, 1], [1, 0]], [1, 1, -1, -1], names="abcd")


def check_a2():
    return check_answer(solve_a2(), read_published("a2"))


def check_a3():
    return check_answer(solve_a3(), read_published("a3"))


def draw_a2():
    return draw_picture(solve_a2(), solve_a2().classify(A2_NEW), "svg").decode()


def draw_a3():
    return draw_picture(solve_a3(), file_format="svg").decode()


def text_of(sections):
    return "\n".join(map(str, sections))


# -- the published answers ------------------------------------------------------------------------------


def verdicts(claims):
    return {claim.quantity: claim.verdict for claim in claims}


def test_the_published_answer_to_a3_has_two_slips():
    claims = {claim.quantity: claim for claim in check_a3()}
    wrong = {name for name, claim in claims.items() if claim.verdict != "confirmed"}
    assert wrong == {"equation A", "support vector D"}
    assert claims["equation A"].published == "A: w1 + b = 1"
    assert claims["equation A"].reproduced == "B: w1 + b = 1"
    assert "The coordinates are those of B, not of A." in claims["equation A"].explanation
    assert claims["support vector D"].published == "D on the side +"
    assert claims["support vector D"].reproduced == "D on the side -"
    assert "w·x + b = -1" in claims["support vector D"].explanation
    assert {"w and b", "margin", "the set of support vectors", "equation F"} <= claims.keys()


def test_the_published_answer_to_a2_is_right():
    assert set(verdicts(check_a2()).values()) == {"confirmed"}
    assert len(check_a2()) == 5


@pytest.mark.parametrize("draw", [draw_a2, draw_a3])
def test_the_pictures_for_the_page_stand_by_themselves(draw):
    svg = draw()
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert svg == draw()
    assert not re.search(r"<!DOCTYPE|<metadata|DejaVu|url\(http|<g id=", svg)
    assert "margin 1/||w||" in svg
    shared = set(re.findall(r'id="([^"]+)"', draw_a2())) & set(re.findall(r'id="([^"]+)"', draw_a3()))
    assert not shared


# -- claims -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("margin", "verdict", "text"),
    [
        ("1/(2*sqrt(2))", "confirmed", ""),
        ("sqrt(2)/4", "confirmed", ""),
        ("0.354", "confirmed", ""),
        ("0.35355339", "confirmed", ""),
        ("0.353", "wrong", "Neither"),
        ("0.7071", "wrong", "the whole corridor"),
        ("1/sqrt(2)", "wrong", "the whole corridor"),
    ],
)
def test_a_claimed_margin(margin, verdict, text):
    (claim,) = check_answer(solve_a3(), {"margin": margin})
    assert (claim.verdict, claim.reproduced) == (verdict, "1/||w|| = 1/(2√2) = 0.353553")
    assert text in claim.explanation


@pytest.mark.parametrize(
    ("w", "b", "verdict", "text"),
    [
        (["-2", "-2.0"], 3, "confirmed", ""),
        (["-1.9999", "-1.9999"], "2.9998", "wrong", "numerical solver"),
        ([2, 2], -3, "wrong", "classes are exchanged"),
        ([-4, -4], 6, "wrong", "2 times as long."),
        ([1, 1], "-1.5", "wrong", "1/2 times as long, and with the classes exchanged"),
        ([-2, -2], 4, "wrong", "Another hyperplane"),
        (None, 4, "wrong", "Another number"),
        ([-2, -2], None, "confirmed", ""),
    ],
)
def test_a_claimed_hyperplane(w, b, verdict, text):
    claims = {key: value for key, value in (("w", w), ("b", b)) if value is not None}
    (claim,) = check_answer(solve_a3(), claims)
    assert claim.verdict == verdict
    assert text in claim.explanation


@pytest.mark.parametrize(
    ("table", "verdict", "text"),
    [
        ({"label": "B", "x": [1, 0], "value": 1}, "confirmed", ""),
        ({"label": "B", "x": [1, 0], "value": -1}, "wrong", "w·x + b is 1 there."),
        ({"label": "B", "x": [0, 1], "value": 1}, "wrong", "those of C, not of B. B (1, 0) has the value 1."),
        ({"label": "Z", "x": [0, 1], "value": 1}, "wrong", "those of C, not of Z."),
        ({"label": "B", "x": [5, 5], "value": 1}, "wrong", "None of the points is at (5, 5)."),
    ],
)
def test_a_claimed_equation(table, verdict, text):
    (claim,) = check_answer(solve_a3(), {"equation": [table]})
    assert claim.verdict == verdict
    assert text in claim.explanation


def test_claimed_support_vectors():
    tables = [
        {"point": "A", "side": "+"},
        {"x": [1, 0], "side": "+1"},
        {"point": "C"},
        {"point": "Z"},
        {"x": [9, 9]},
    ]
    a, b, c, z, none, whole = check_answer(solve_a3(), {"support_vector": tables})
    assert (a.verdict, a.explanation) == ("wrong", "A (0, 0) is not on the margin: w·x + b = 3.")
    assert (b.verdict, c.verdict) == ("confirmed", "confirmed")
    assert z.explanation == none.explanation == "There is no such point."
    assert whole.explanation == "Missing: D, F. Too many: A."


def test_a_claimed_class():
    right, wrong = check_answer(
        solve_a2(), {"new_point": [{"x": ["1", "3"], "side": "+"}, {"x": [3, 3], "side": "+"}]}
    )
    assert right.verdict == "confirmed"
    assert (wrong.verdict, wrong.explanation) == ("wrong", "w·x + b = -1 there.")


def test_sides_may_be_the_classes_own_names():
    svm = solve_svm([[0], [1]], ["yes", "no"], names="ab")
    claims = check_answer(
        svm, {"support_vector": [{"point": "a", "side": "yes"}, {"point": "b", "side": "yes"}]}
    )
    assert [claim.verdict for claim in claims] == ["confirmed", "wrong", "confirmed"]


@pytest.mark.parametrize("suffix", ["toml", "yaml", "json"])
def test_claims_are_read_as_they_were_written(tmp_path, suffix):
    text = {
        "toml": 'margin = 0.350\n[[support_vector]]\npoint = "B"\n',
        "yaml": "margin: 0.350\nsupport_vector:\n  - point: B\n",
        "json": '{"margin": 0.350, "support_vector": [{"point": "B"}]}',
    }[suffix]
    path = tmp_path / f"claims.{suffix}"
    path.write_text(text)
    assert read_answer(path) == {"margin": "0.350", "support_vector": [{"point": "B"}]}


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", DataFileError, "holds no claims; expected some of w, b, margin"),
        ("marign = 1", UnknownNameError, "did you mean 'margin'"),
        ("equation = 1", DataFileError, "equation is a list of tables with label, x, value"),
        ("[[equation]]\nlable = 'A'", UnknownNameError, "did you mean 'label'"),
        ("w = [", DataFileError, "is not in the format of its name"),
    ],
)
def test_bad_files_of_claims_are_refused(tmp_path, text, error, message):
    path = tmp_path / "claims.toml"
    path.write_text(text)
    with pytest.raises(error, match=message):
        read_answer(path)


def test_a_missing_file_of_claims_is_refused(tmp_path):
    with pytest.raises(FileError, match="there is no file of claims"):
        read_answer(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"w": [1]}, "w has 1 numbers in the claims; expected 2"),
        ({"w": [1, "x"]}, "'x' for w and b"),
        ({"margin": "a lot"}, "expected a number, or an expression"),
        ({"equation": [{"label": "A", "x": [1, 0]}]}, "a claimed equation has no value"),
        (
            {"equation": [{"label": "A", "x": [1], "value": 1}]},
            "got 1 coordinates in the equation A; expected 2",
        ),
        ({"support_vector": [{}]}, "has no x"),
        ({"support_vector": [{"point": "B", "side": "left"}]}, "unknown side 'left'"),
    ],
)
def test_bad_claims_are_refused(claims, message):
    with pytest.raises((InvalidDataError, UnknownNameError), match=message):
        check_answer(solve_a3(), claims)


# -- expressions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("1/3", Fraction(1, 3)), ("−0.5", Fraction(-1, 2)), ("2*(3 - 1)/8", Fraction(1, 2)), ("3·sqrt(4)", 6.0)],
)
def test_expressions(text, value):
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text", ["", "x", "2**9", "__import__('os')", "sqrt(-1)", "1/0", "sqrt(1, 2)", "True", "'1'", "(" * 500]
)
def test_what_is_no_expression_of_numbers_is_refused(text):
    with pytest.raises(InvalidDataError, match="expected a number, or an expression"):
        evaluate(text)


def test_decimals_agree_when_they_are_rounded_rightly():
    assert agrees("0.3333", Fraction(1, 3))
    assert agrees("0.3536", 1 / np.sqrt(8))
    assert not agrees("0.3535", 1 / np.sqrt(8))
    assert not agrees("1/4", Fraction(1, 3))


# -- the derivation -----------------------------------------------------------------------------------------


def test_the_derivation_of_a3():
    text = text_of(write_solution(solve_a3(), solve_a3().classify([["0.5", 1]])))
    for part in (
        "(1)  B  w1 + b = 1",
        "(3)  D  w1 + w2 + b = -1",
        "(4) - (1):  w1 = -2",
        "0 = 0, which adds nothing",
        "w = (-2, -2), b = 3",
        "||w|| = √((-2)² + (-2)²) = 2√2 = 2.82843",
        "1/||w|| = 1/(2√2) = 0.353553",
        "D (1, 1)  -2·1 - 2·1 + 3 = -1  class -1, on the margin",
        "αB = 3, αC = 1, αD = 3, αF = 1; all others 0",
        "3·(1, 0) + 1·(0, 1) - 3·(1, 1) - 1·(2, 0) = (-2, -2)",
        "Others would do too",
        "(1/2, 1):  -2·1/2 - 2·1 + 3 = 0, on the hyperplane, of neither class",
    ):
        assert part in text


def test_each_step_of_a_solution_holds():
    """Every equation that is written down is satisfied by the solution."""
    rng = np.random.default_rng(0)
    for _ in range(30):
        rows = [[Fraction(int(value)) for value in row] for row in rng.integers(-3, 4, (5, 3))]
        solution = [Fraction(int(value)) for value in rng.integers(-3, 4, 3)]
        full = [[*row, sum(a * b for a, b in zip(row, solution, strict=True))] for row in rows]
        lines = solve_by_steps("ABCDE", full, dict(zip("uvw", solution, strict=True)))
        names = dict(zip("uvw", map(int, solution), strict=True))
        equations = [line.split("  ")[-1] for line in lines if "=" in line and "free" not in line]
        assert len(equations) >= 8
        for equation in equations:
            left, _, value = equation.removesuffix(", which adds nothing").partition(" = ")
            assert eval(left.replace("·", "*"), {}, names) == pytest.approx(eval(value))


def test_two_support_vectors_in_space_are_solved_for_their_multipliers():
    svm = solve_svm([[0, 0, 1], [1, 1, 1]], [1, -1])
    text = text_of(write_solution(svm))
    assert "in their multipliers α" in text
    assert "α1 - α2 = 0" in text
    assert "w = (-1, -1, 0), b = 1" in text


def test_large_problems_are_not_written_out_whole():
    X = np.vstack([np.full((60, 1), -1), np.full((60, 1), 1)]) * np.arange(1, 121)[:, None] / 100
    svm = solve_svm(X, np.repeat([-1, 1], 60))
    text = text_of(write_solution(svm))
    assert "118 more points are not written out." in text
    assert len(text.splitlines()) < 40
    many = solve_svm([[k, s] for s in (0, 2) for k in range(8)], [1] * 8 + [-1] * 8)
    assert "16 equations for 3 unknowns, too many to write out." in text_of(write_solution(many))


def test_the_measurement_says_whether_the_hyperplane_is_the_best():
    assert "no hyperplane has a larger margin" in text_of(write_measurement(solve_a2()))
    worse = text_of(write_measurement(measure_margin([-1, 0], 3, [[1, 0], [5, 0], [2, 0]])))
    assert "Another one separates these points with a larger margin" in worse
    bad = text_of(write_measurement(measure_margin([1], 0, [[2], ["0.5"], [-1], [1]], ["+", "+", "-", "-"])))
    assert "class -, on the wrong side" in bad
    assert "class +, inside the margin" in bad
    assert "2, 4: inside the margin or on the wrong side." in bad


def test_the_proof_of_inseparability():
    text = text_of(write_proof(CROSSED))
    assert "class 1:  1/2·(0, 0) + 1/2·(1, 1) = (1/2, 1/2)  (of a, b)" in text
    assert "it would be both at this point" in text
    contradicting = solve_svm([[0], [0]], [1, 2], names="pq")
    assert "p and q are the same point, with both labels." in text_of(write_proof(contradicting))


# -- JSON and pictures --------------------------------------------------------------------------------------


def test_the_json_holds_numbers_and_their_exact_form():
    svm = solve_a3()
    described = json.loads(json.dumps(describe(svm, svm.classify([[1, 1]]), check_a3()), allow_nan=False))
    assert described["w"] == [-2.0, -2.0]
    assert described["w_exact"] == ["-2", "-2"]
    assert described["margin"] == pytest.approx(8**-0.5)
    assert described["on_margin"] == ["B", "C", "D", "F"]
    assert described["points"][3]["multiplier_exact"] == "3"
    assert described["new_points"] == [{"x": [1.0, 1.0], "value": -1.0, "class": "-1"}]
    assert {claim["verdict"] for claim in described["claims"]} == {"confirmed", "wrong"}
    assert describe(solve_a2())["points"][0]["x"] == [1.0, None]


def test_the_json_of_a_proof():
    described = json.loads(json.dumps(describe(CROSSED)))
    assert described["separable"] is False
    assert described["common_point_exact"] == ["1/2", "1/2"]
    assert described["positive_weights"] == {"a": "1/2", "b": "1/2"}


def test_the_picture_shows_points_lines_and_new_points():
    svm = solve_a2()
    svg = draw_picture(svm, svm.classify([[1, 3]]), "svg").decode()
    texts = {element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")}
    assert {"2", "3", "(1, 3)", "1, anywhere here", "class +1", "class -1", "new point, class +1"} <= texts
    assert {"hyperplane w·x + b = 0", "margins w·x + b = +1 and -1", "on the margin"} <= texts


@pytest.mark.parametrize(
    "found",
    [CROSSED, solve_svm([[0], [2]], [1, -1]), solve_a3(), solve_svm([[1, 1], [1, 1]], [1, 2])],
    ids=["inseparable", "one feature", "two features", "one place"],
)
def test_pictures_are_png_files(found):
    assert draw_picture(found).startswith(b"\x89PNG")


def test_more_than_two_features_cannot_be_drawn():
    with pytest.raises(InvalidDataError, match="3 features; a picture shows one or two"):
        draw_picture(solve_svm([[0, 0, 0], [1, 1, 1]], [1, -1]))


def test_of_many_points_only_those_on_the_margin_are_named():
    X = [[k, s * (k + 1)] for s in (1, -1) for k in range(30)]
    svg = draw_picture(solve_svm(X, [1] * 30 + [-1] * 30), file_format="svg").decode()
    texts = {element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")}
    assert {"1", "31"} <= texts
    assert "57" not in texts
