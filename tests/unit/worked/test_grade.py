"""Grading: the first wrong line, its cause, and what follows rightly from it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.errors import DataFileError, FileError, GlassnetError, InvalidDataError, UnknownNameError
from glassnet.worked._formula import Quantity
from glassnet.worked.claims import judge_published
from glassnet.worked.grade._tolerance import Approximate, Precision
from glassnet.worked.grade.grade import grade, grade_sheet
from glassnet.worked.problem_file import build_problem, read_problem
from glassnet.worked.sheet import Entry, Sheet, parse_sheet, read_published_sheet, read_sheet
from glassnet.worked.trace._lines import derive, givens, work_out
from glassnet.worked.tracing import trace

CSV = Path("sheet.csv")

SIGMOID: dict[str, Any] = {
    "sizes": [1, 1, 1],
    "activation": "sigmoid",
    "weights": [[[0.8]], [[-0.6]]],
    "biases": [[0.1], [0.3]],
    "x": [1.5, 0.7],
    "y": [0.9, 0.2],
    "lr": 0.2,
}
MATRIX: dict[str, Any] = {
    "sizes": [2, 2, 1],
    "activation": "relu",
    "weights": [[[0.5, -1.4], [0.3, 0.8]], [[0.7], [-0.9]]],
    "biases": [[0.1, 0.2], [0.05]],
    "x": [[1.0, 2.0], [1.5, 0.5]],
    "y": [[1.0], [0.0]],
    "lr": 0.1,
    "batch_size": 2,
    "steps": 2,
}


def sheet_of(problem, changes=(), *, digits=5, until=99, carry=True):
    """Write a right sheet; `changes` are other numbers, from which the rest is worked."""
    changes = dict(changes)
    values = trace(problem).values
    if carry:
        values = work_out(
            derive(problem),
            givens(problem),
            lambda q, value: np.round(np.reshape(changes.get(tuple(q), value), value.shape), digits),
        )
    entries = []
    for line in trace(problem).lines:
        q = line.line.quantity
        value = np.asarray(
            values[q] if carry else np.reshape(changes.get(tuple(q), values[q]), values[q].shape)
        )
        for place, number in np.ndenumerate(value):
            text = f"{number:.{digits}f}"
            entries.append(Entry(q, tuple(i + 1 for i in place), text, f"row {len(entries) + 1}"))
    return Sheet("mine", tuple(entries[:until]))


def test_the_published_sheet_of_the_assignment():
    graded = glassnet.grade("assignment")
    status = {tuple(line.quantity): line.status for line in graded.lines}
    first = graded.first_error
    assert first.quantity == (2, "b1")
    assert round(float(first.expected), 4) == 0.0392
    assert first.cause.kind == "swap"
    assert "b1 was worked out with dL/db2, and b2 with dL/db1" in first.cause.text
    assert {q for q, verdict in status.items() if verdict == "wrong"} == {(2, "b1"), (2, "b2")}
    assert [(line.quantity.name, line.entries[0].text) for line in graded.slips] == [("(a2-y)^2", "3.5249")]
    assert all(verdict == "consistent" for (step, _), verdict in status.items() if step == 3)
    assert all(verdict == "right" for (step, _), verdict in status.items() if step == 1)
    assert status[2, "L"] == "right"  # worked from 3.5299, whatever was written
    assert graded.points == 31.5
    assert graded.score == 31.5 / 34


def test_a_wrong_half_line_that_was_worked_from_is_an_error():
    text = "step,quantity,value\n2,(a2-y)^2,3.5249\n2,L,1.76245\n"
    graded = grade(parse_sheet(text, CSV), "assignment")
    assert [line.status for line in graded.lines] == ["wrong", "consistent"]
    assert graded.first_error.cause.text == "one digit is wrong"


@pytest.mark.parametrize("settings", [SIGMOID, MATRIX], ids=["numbers", "matrices"])
@pytest.mark.parametrize("digits", [3, 4, 5, 6])
@pytest.mark.parametrize("carry", [True, False], ids=["rounded numbers carried on", "all digits carried on"])
def test_a_right_sheet_is_right(settings, digits, carry):
    problem = build_problem(settings)
    graded = grade_sheet(sheet_of(problem, digits=digits, carry=carry), problem)
    assert {line.status for line in graded.lines} == {"right"}
    assert graded.score == 1
    assert graded.missing == 0


def values_of(settings, step, *names):
    worked = trace(build_problem(settings))
    return [worked.value(step, name) for name in names]


def mistake(settings, step, name, value):
    """Return the grade of a sheet with one mistake, from which the rest is worked."""
    problem = build_problem(settings)
    return grade_sheet(sheet_of(problem, {(step, name): value}), problem)


def expect(graded, step, name, kind, text):
    first = graded.first_error
    assert first.quantity == (step, name)
    assert (first.cause.kind, first.cause.text) == (kind, text)
    later = graded.lines[graded.lines.index(first) + 1 :]
    assert {line.status for line in later} <= {"right", "consistent"}
    assert any(line.status == "consistent" for line in later) or name == "L"


def test_the_half_of_the_squared_error_is_missing():
    (loss,) = values_of(SIGMOID, 1, "L")
    expect(mistake(SIGMOID, 1, "L", 2 * loss), 1, "L", "factor", "the factor 1/2 is missing")


def test_the_sign_of_the_step_is_wrong():
    (w1,), (slope,) = values_of(SIGMOID, 1, "w1"), values_of(SIGMOID, 1, "dL/dw1")
    expect(mistake(SIGMOID, 1, "w1", 0.8 + 0.2 * slope), 1, "w1", "sign", "the sign of lr * dL/dw1 is wrong")
    assert w1 != 0.8 + 0.2 * slope


def test_the_learning_rate_is_missing():
    (slope,) = values_of(SIGMOID, 1, "dL/dw2")
    expect(mistake(SIGMOID, 1, "w2", -0.6 - slope), 1, "w2", "factor", "the factor lr is missing")


def test_the_activations_derivative_is_missing():
    a1, slope = values_of(SIGMOID, 1, "a1", "dL/dw1")
    without = slope / (a1 * (1 - a1))
    text = "the derivative of the activation, a1*(1 - a1), is missing"
    expect(mistake(SIGMOID, 1, "dL/dw1", without), 1, "dL/dw1", "gate", text)


def test_the_gate_of_a_relu_is_forgotten():
    delta, weight = values_of(MATRIX, 1, "dL/dZ2")[0], np.array(MATRIX["weights"][1])
    text = "the derivative of the activation, ReLU'(Z1), is missing"
    expect(mistake(MATRIX, 1, "dL/dZ1", delta @ weight.T), 1, "dL/dZ1", "gate", text)


def test_the_updated_weight_was_used_instead_of_the_old_one():
    problem = build_problem(SIGMOID)
    a1, a2, w2 = values_of(SIGMOID, 1, "a1", "a2", "w2")
    slope = (a2 - 0.9) * w2 * a1 * (1 - a1) * 1.5
    graded = grade_sheet(sheet_of(problem, {(1, "dL/dw1"): slope}, digits=6), problem)
    expect(graded, 1, "dL/dw1", "old weight", "the updated w2 was used, not the old one")


def test_a_weight_was_not_updated():
    b1 = values_of(SIGMOID, 1, "b1")[0]
    graded = mistake(SIGMOID, 2, "z1", 0.8 * 0.7 + b1)
    expect(graded, 2, "z1", "old weight", "the w1 of the step before was used, not the updated one")


def test_a_sum_was_taken_for_a_mean():
    (delta,) = values_of(MATRIX, 1, "dL/dZ2")
    text = "the sum over the samples was taken, not the mean: 1/n is missing"
    expect(mistake(MATRIX, 1, "dL/dZ2", 2 * delta), 1, "dL/dZ2", "mean", text)


def test_two_values_are_swapped():
    w1, w2 = values_of(SIGMOID, 1, "dL/dw1", "dL/dw2")
    problem = build_problem(SIGMOID)
    sheet = sheet_of(problem, {(1, "dL/dw1"): w2, (1, "dL/dw2"): w1})
    graded = grade_sheet(sheet, problem)
    assert graded.first_error.quantity == (1, "dL/dw2")  # it is worked out first
    assert graded.first_error.cause.text == "dL/dw2 and dL/dw1 are swapped"


def test_two_entries_of_a_matrix_are_swapped():
    (weights,) = values_of(MATRIX, 1, "W1")
    swapped = weights.copy()
    swapped[0, 1], swapped[1, 0] = weights[1, 0], weights[0, 1]
    expect(mistake(MATRIX, 1, "W1", swapped), 1, "W1", "swap", "the entries [1,2] and [2,1] are swapped")


def test_a_number_that_was_rounded_too_early_loses_half_a_point():
    (z1,) = values_of(SIGMOID, 1, "z1")
    problem = build_problem({**SIGMOID, "x": [1.523, 0.7]})
    graded = grade_sheet(sheet_of(problem, {(1, "z1"): 1.32}), problem)
    assert graded.first_error.cause.kind == "rounding"
    assert "rounded to 2 digits" in graded.first_error.cause.text
    assert graded.first_error.points == 0.5
    assert z1


def test_a_number_without_zeros_at_its_end_may_be_coarser():
    text = "step,quantity,value\n2,z1,2.06\n2,a2,2.12\n2,L,1.7649\n3,z1,3.2141\n"
    assert grade(parse_sheet(text, CSV), "assignment").first_error is None
    wrong = text.replace("2.12", "2.1200")  # four digits, of which two are wrong
    assert grade(parse_sheet(wrong, CSV), "assignment").first_error.quantity == (2, "a2")


def test_a_single_digit_is_not_taken_for_a_rounded_number():
    text = "step,quantity,value\n2,dL/db2,-1.8788\n2,w1,1\n"  # it is 1.0583
    assert grade(parse_sheet(text, CSV), "assignment").first_error.cause.kind == "unknown"


def test_two_digits_are_exchanged():
    text = "step,quantity,value\n2,dL/dw2,-3.8073\n"
    first = grade(parse_sheet(text, CSV), "assignment").first_error
    assert first.cause.text == "two digits are exchanged"
    without_zero = parse_sheet("step,quantity,value\n2,dL/dw2,-3.873\n2,dL/db2,-1.8788\n", CSV)
    assert grade(without_zero, "assignment").first_error.cause.text == "two digits are exchanged"


def test_what_no_mistake_explains_is_said_so():
    first = grade(parse_sheet("step,quantity,value\n2,dL/dw2,17.1234\n", CSV), "assignment").first_error
    assert first.cause.kind == "unknown"


def test_lines_that_are_left_out_are_counted_and_worked_through():
    graded = grade(parse_sheet("step,quantity,value\n3,w2,1.1088\n", CSV), "assignment")
    assert graded.lines[0].status == "right"
    assert graded.missing == 38


# -- reading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'Step, Quantity, Value\n1, z1, 2.50\n\n1, "W1[1,2]", −0.125\n'),
        (
            "a.yaml",
            "- {step: 1, quantity: z1, value: 2.50}\n- {step: 1, quantity: 'W1[1,2]', value: -0.125}\n",
        ),
        (
            "a.json",
            '[{"step": 1, "quantity": "z1", "value": 2.50},'
            ' {"step": 1, "quantity": "W1[1,2]", "value": -0.125}]',
        ),
        (
            "a.toml",
            'rows = [{step = 1, quantity = "z1", value = 2.50},'
            ' {step = 1, quantity = "W1[1, 2]", value = -0.125}]',
        ),
    ],
)
def test_a_sheet_keeps_the_digits_as_they_were_written(name, text, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    first, second = read_sheet(tmp_path / name).entries
    assert (first.quantity, first.index, first.text, first.decimals) == (Quantity(1, "z1"), (), "2.50", 2)
    assert (second.quantity.name, second.index, second.text) == ("W1", (1, 2), "-0.125")


def test_a_matrix_may_be_given_whole(tmp_path):
    (tmp_path / "a.yaml").write_text("rows:\n- {step: 1, quantity: W1, value: [[1, 2], [3, 4]]}\n")
    entries = read_sheet(tmp_path / "a.yaml").entries
    assert [(entry.index, entry.text) for entry in entries] == [
        ((1, 1), "1"),
        ((1, 2), "2"),
        ((2, 1), "3"),
        ((2, 2), "4"),
    ]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", DataFileError, "holds no rows; expected some of step, quantity, value"),
        ("step,name,value\n1,z1,1\n", DataFileError, "row 2: got step, name, value; expected step, quant"),
        ("step,quantity,value\n", DataFileError, "holds no rows"),
        ("step,quantity,value\n1,z1,abc\n", InvalidDataError, "row 2, column value: got 'abc'"),
        (
            "step,quantity,value\n1,z1,nan\n",
            InvalidDataError,
            "row 2, column value: got 'nan'; expected a finite",
        ),
        ("step,quantity,value\n1,z1,1e400\n", InvalidDataError, "row 2, column value: got '1e400'"),
        ("step,quantity,value\n1,z1,1e-5000\n", InvalidDataError, "got '1e-5000' for row 2, column value"),
        ("step,quantity,value\n1,z1,1,5\n", DataFileError, "row 2: got 4 cells; expected 3"),
        ("step,quantity,value\n0,z1,1\n", InvalidDataError, "row 2, column step: got '0'"),
        ("step,quantity,value\n1,z1[a],1\n", InvalidDataError, "row 2, column quantity"),
        (
            "step,quantity,value\n1,z1,1\n1,z1,2\n",
            InvalidDataError,
            "row 3: z1 of step 1 was already given in row 2",
        ),
        (
            "step,quantity,value\n1,z1,1\n1,dL/dw9,2\n",
            UnknownNameError,
            "unknown quantity in row 3: 'dL/dw9'; did you mean",
        ),
        ("step,quantity,value\n4,z1,1\n", InvalidDataError, "row 2: got step 4; the problem has 3 steps"),
        ('step,quantity,value\n1,"z1[1,1]",1\n', InvalidDataError, "z1 is one number"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused_by_row_and_column(text, error, message, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(error, match=message.replace("[", r"\[")):
        grade(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('"W1[3,1]",1', "got W1.3,1. of step 1; W1 is 2 x 2"),
        ("W1,1", "with entries such as W1.1,1."),
        ("b1,1", "got b1 of step 1; b1 is 1 x 2"),
        ('"b1[1]",1\n1,"b1[1,1]",1', "already given"),
    ],
)
def test_entries_that_a_matrix_does_not_have(row, message):
    with pytest.raises(InvalidDataError, match=message):
        grade(parse_sheet(f"step,quantity,value\n1,{row}\n", CSV), build_problem(MATRIX))


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("a.json", "{}", DataFileError),
        ("a.json", '[{"step": 1}]', DataFileError),
        ("a.yaml", "- 3", DataFileError),
        ("a.yaml", "- {step: 1, quantity: z1, value: {}}", InvalidDataError),
        ("a.xlsx", "", DataFileError),
    ],
)
def test_other_formats_are_refused_likewise(name, text, error, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(error):
        read_sheet(tmp_path / name)


def test_a_number_of_forty_digits_is_graded():
    graded = grade(parse_sheet(f"step,quantity,value\n1,z1,1.{'0' * 39}1\n1,L,0.{'0' * 39}1\n", CSV))
    assert [line.status for line in graded.lines] == ["right", "wrong"]
    assert "should be 2" in graded.to_text()


@pytest.mark.parametrize(
    ("published", "message"),
    [(3, "published=3"), ("none.csv", "no sheet"), ("a.csv", "unknown quantity in row 2: 'z9'")],
)
def test_a_published_sheet_that_is_none_is_refused(published, message, tmp_path):
    (tmp_path / "a.csv").write_text("step,quantity,value\n1,z9,1\n")
    settings = {"sizes": [1, 1], "x": [1], "y": [1], "published": published}
    (tmp_path / "a.json").write_text(json.dumps(settings))
    with pytest.raises(GlassnetError, match=message):
        trace(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("row", "kind", "text"),
    [
        ("1,w2,1.04", "factor", "lr * dL/dw2 is twice as large as it should be"),
        ("1,w2,1.0002", "factor", "lr * dL/dw2 was multiplied with lr once too often"),
        ("2,w1,1.0383", "old weight", "the w1 of the step before was used, not the updated one"),
        ("2,dL/dw1,-1.9164", "factor", "the factor x is missing"),  # and x is 2: it is half as large, too
        ("1,a2,2", "factor", "it is twice as large as it should be"),  # not: a2 was worked out with a2
        ("2,dL/dw2,-3.9", "rounding", "it was rounded to 1 digit after the point only"),
    ],
)
def test_the_likeliest_of_several_causes_is_named(row, kind, text):
    graded = grade(parse_sheet(f"step,quantity,value\n{row}\n2,z1,2.06\n2,a2,2.1212\n1,dL/dw2,-2\n", CSV))
    cause = graded.first_error.cause
    assert (cause.kind, cause.text) == (kind, text)


BATCH = {**MATRIX, "activation": "tanh"}


def forward_of(settings):
    """Work the first step of a network of one hidden layer out, with NumPy alone."""
    (W1, W2), (b1, b2) = map(np.array, settings["weights"]), map(np.array, settings["biases"])
    X, y = np.array(settings["x"]), np.array(settings["y"])
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    delta2 = (A1 @ W2 + b2 - y) / len(X)
    return X, W1, b1, Z1, A1, W2, delta2


def changed(array, place, value):
    array = np.array(array)
    array[place] = value
    return array


def wrong_in_a_matrix():
    """Yield a line, its wrong numbers, and the cause."""
    X, W1, b1, Z1, A1, W2, delta2 = forward_of(BATCH)
    back = delta2 @ W2.T
    z = Z1[0, 1] - 2 * X[0, 1] * W1[1, 1]
    yield "Z1", changed(Z1, (0, 1), z), "sign", "in [1,2], the sign of X[1,2] * W1[2,2] is wrong"
    z = Z1[0, 1] + (X[1, 0] - X[0, 0]) * W1[0, 1]
    yield "Z1", changed(Z1, (0, 1), z), "sample", "in [1,2], X[1,1] was taken from another sample (X[2,1])"
    yield "A1", changed(A1, (1, 0), Z1[1, 0]), "gate", "in [2,1], tanh was left out"
    text = "the derivative of the activation was taken at A1, not at Z1"
    yield "dL/dZ1", back * (1 - np.tanh(A1) ** 2), "slope", text
    text = "in the derivative of the activation Z1 was taken in place of A1"
    yield "dL/dZ1", back * (1 - Z1**2), "slope", text
    slope = back[1, 1] * (1 - np.tanh(A1[1, 1]) ** 2)
    right = back * (1 - A1**2)
    text = "in [2,2], the derivative of the activation was taken at A1[2,2], not at Z1[2,2]"
    yield "dL/dZ1", changed(right, (1, 1), slope), "slope", text
    dW1 = X.T @ right
    text = "the entries [1,2] and [2,1] are swapped"
    yield "dL/dW1", dW1.T, "swap", text
    del b1


@pytest.mark.parametrize(("name", "value", "kind", "text"), list(wrong_in_a_matrix()))
def test_a_mistake_in_one_number_of_a_matrix_is_named(name, value, kind, text):
    problem = build_problem(BATCH)
    first = grade_sheet(sheet_of(problem, {(1, name): value}, digits=6), problem).first_error
    assert first.quantity == (1, name)
    assert (first.cause.kind, first.cause_in()) == (kind, text)


def test_a_transposed_outer_product_is_named():
    rng = np.random.default_rng(3)
    sizes = [3, 3, 1]
    settings = {
        **BATCH,
        "sizes": sizes,
        "weights": [rng.normal(size=(3, 3)).round(2).tolist(), rng.normal(size=(3, 1)).round(2).tolist()],
        "biases": [[0.1, 0.2, -0.3], [0.1]],
        "x": rng.normal(size=(2, 3)).round(2).tolist(),
    }
    problem = build_problem(settings)
    (gradient,) = values_of(settings, 1, "dL/dW1")
    sheet = sheet_of(problem, {(1, "dL/dW1"): gradient.T}, carry=False)
    first = grade_sheet(sheet, problem).first_error
    assert first.cause.kind == "transposed"


def test_mistakes_in_numbers_are_named():
    a1, delta, b2 = values_of(SIGMOID, 1, "a1", "dL/db2", "b2")
    graded = mistake(SIGMOID, 1, "dL/db2", delta * a1)
    expect(
        graded,
        1,
        "dL/db2",
        "bias",
        "the gradient of a bias is multiplied by nothing, and was multiplied by a1",
    )
    z1 = values_of(SIGMOID, 1, "w1")[0] * 1.5 + values_of(SIGMOID, 1, "b1")[0]
    expect(mistake(SIGMOID, 2, "z1", z1), 2, "z1", "sample", "x was taken from another sample (1)")
    two = -0.6 + delta * a1  # neither the sign nor lr
    text = "two slips: the sign of lr * dL/dw2 is wrong, and the factor lr is missing"
    graded = mistake(SIGMOID, 1, "w2", two)
    assert graded.first_error.cause.kind == "two slips"
    assert text in graded.first_error.cause_in()
    assert b2


def wrong_at_the_output():
    """Yield what is given, a line with a slip at a softmax or sigmoid, by NumPy alone, and the cause."""
    X, W, b = (
        np.array([[0.5, -1.0], [1.2, 0.3]]),
        np.array([[0.4, -0.3, 0.9], [0.2, 0.8, -0.5]]),
        [0.1, -0.2, 0.3],
    )
    Y = np.eye(3)[[2, 0]]
    settings = {
        "sizes": [2, 3],
        "loss": "softmax_cross_entropy",
        "batch_size": 2,
        "lr": 0.1,
        "weights": [W.tolist()],
    }
    settings |= {"biases": [b], "x": X.tolist(), "y": Y.tolist()}
    E = np.exp(X @ W + b)
    A = E / E.sum(axis=1, keepdims=True)
    too_many = "the derivative of the activation, {0} * (1 - {0}), is a factor too many"
    text = "in [1,2], the factor 1/(exp(Z1[1,1]) + exp(Z1[1,2]) + exp(Z1[1,3])) is missing"
    yield settings, "A1", changed(A, (0, 1), E[0, 1]), "factor", text
    yield settings, "dL/dZ1", (A - Y) / 2 * A * (1 - A), "slope", too_many.format("A1")
    delta = (A - Y) / 2
    one = changed(delta, (1, 2), delta[1, 2] * A[1, 2] * (1 - A[1, 2]))
    yield settings, "dL/dZ1", one, "slope", "in [2,3], " + too_many.format("A1[2,3]")
    units = {**settings, "batch_size": 1, "x": X[:1].tolist(), "y": Y[:1].tolist(), "names": "units"}
    o = float(A[0, 0])
    yield units, "dL/dz_o1", o * o * (1 - o), "slope", too_many.format("o1").replace(" * ", "*")
    sigmoid = {**units, "sizes": [2, 1], "loss": "sigmoid_cross_entropy", "weights": [W[:, :1].tolist()]}
    sigmoid |= {"biases": [b[:1]], "y": [[1]]}
    o = float(1 / (1 + np.exp(-(X[0] @ W[:, 0] + b[0]))))
    yield sigmoid, "dL/dz_o1", (o - 1) * o * (1 - o), "slope", too_many.format("o1").replace(" * ", "*")


@pytest.mark.parametrize(("settings", "name", "value", "kind", "text"), list(wrong_at_the_output()))
def test_a_mistake_at_the_output_is_named(settings, name, value, kind, text):
    problem = build_problem(settings)
    first = grade_sheet(sheet_of(problem, {(1, name): value}, digits=6), problem).first_error
    assert first.quantity == (1, name)
    assert (first.cause.kind, first.cause_in()) == (kind, text)


def test_a_loss_of_another_convention_is_named():
    problem = read_problem("textbook-sigmoid")
    loss = trace(problem).value(1, "L")
    graded = grade_sheet(sheet_of(problem, {(1, "L"): loss / 2}, digits=9), problem)
    assert graded.first_error.cause_in() == "the mean over the outputs was taken, not the sum"


def test_causes_that_explain_a_number_equally_well_are_said_as_a_tie():
    settings = {**SIGMOID, "x": [1.0, 0.7], "biases": [[0.8], [0.3]]}  # w1 x = b1
    graded = mistake(settings, 1, "z1", 0.8)
    causes = graded.first_error.causes
    assert graded.first_error.cause_in() == "either w1*x is missing, or b1 is missing"
    assert graded.first_error.cause_in("de") == "entweder w1*x fehlt, oder b1 fehlt"
    assert {cause.kind for cause in causes} == {"term"}
    assert "either w1*x is missing, or b1 is missing" in graded.to_text()


def test_a_sheet_that_is_not_there():
    with pytest.raises(FileError, match="there is no sheet"):
        grade("nothing.csv")


# -- tolerance ----------------------------------------------------------------------------------------------


def test_an_approximate_value_bounds_every_value_within_its_error():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 2)) + 3
    e, f = 0.01 * rng.random((2, 3)), 0.01 * rng.random((3, 2))

    def compute(x, y):
        product = (x @ y) * 2 + -1 / y.sum()
        tanh = product.apply(np.tanh, False) if isinstance(product, Approximate) else np.tanh(product)
        return tanh**2 + (x @ y).T

    bounds = compute(Approximate(a, e), Approximate(b, f))
    for _ in range(200):
        signs = rng.choice([-1, 1], (2, 3)), rng.choice([-1, 1], (3, 2))
        value = compute(a + e * signs[0], b + f * signs[1])
        assert (abs(value - bounds.value) <= bounds.error + 1e-12).all()


@pytest.mark.parametrize(
    ("texts", "units"),
    [
        (["3.2138", "1.02", "-2", "12.3456"], [1e-4, 1e-4, 1e-4, 1e-4]),  # four digits after the point
        (["3.214", "0.03921", "12.35", "0.02"], [1e-3, 1e-5, 1e-2, 1e-5]),  # four significant digits
        (["1010", "2.53"], [10, 1e-2]),
    ],
)
def test_how_numbers_were_rounded_is_told_from_all_of_them(texts, units):
    entries = [Entry(Quantity(1, "z1"), (), text, "") for text in texts]
    precision = Precision(entries)
    assert [precision.unit(entry) for entry in entries] == pytest.approx(units)


# -- the published numbers ----------------------------------------------------------------------------------


def test_each_published_number_of_the_assignment_is_judged():
    claims = {(claim.step, claim.quantity): claim for claim in judge_published()}
    assert len(claims) == 34
    wrong = {key for key, claim in claims.items() if claim.verdict == "wrong"}
    assert wrong == {
        *((2, name) for name in ("(a2-y)^2", "b1", "b2")),
        *((3, name) for name in ("z1", "dL/dw2", "b1", "b2")),
    }
    assert [key for key, claim in claims.items() if claim.verdict == "not reproducible"] == [(3, "w2")]
    assert (claims[3, "w2"].published, claims[3, "w2"].reproduced) == ("1.1087", "1.1088")
    assert "cut off" in claims[3, "w2"].explanation
    assert "carried forward" in claims[3, "b1"].explanation
    assert all(claim.explanation for claim in claims.values() if claim.verdict != "confirmed")


def test_a_number_that_only_course_rounding_gives_is_confirmed(tmp_path):
    rough = trace("assignment", digits=2, course_rounding=True)
    exact = trace("assignment", digits=2)
    step, name = next(
        line.line.quantity
        for line in rough.lines
        if round(float(line.value), 2) != round(float(exact.value(*line.line.quantity)), 2)
    )
    (tmp_path / "s.csv").write_text(
        f"step,quantity,value\n{step},{name},{float(rough.value(step, name)):.2f}\n"
    )
    (tmp_path / "p.toml").write_text(
        "sizes = [1, 1, 1]\nweights = [[[1.0]], [[1.0]]]\nx = [1.0, 2.0, 3.0]\ny = [3.0, 4.0, 5.0]\n"
        'digits = 2\npublished = "s.csv"\n'
    )
    (claim,) = judge_published(str(tmp_path / "p.toml"))
    assert claim.verdict == "confirmed"
    assert "every line rounded" in claim.explanation


def test_a_problem_without_published_numbers_has_none_to_judge(tmp_path):
    (tmp_path / "p.toml").write_text("sizes = [1, 1]\nx = [1.0]\ny = [3.0]\n")
    assert read_published_sheet(tmp_path / "p.toml") is None
    with pytest.raises(InvalidDataError, match="names no published numbers"):
        judge_published(str(tmp_path / "p.toml"))


def test_what_a_huge_number_makes_infinite_is_null_in_json():
    graded = grade(parse_sheet("step,quantity,value\n1,o1,1e300\n1,L,1\n", CSV), "textbook-sigmoid")
    lines: Any = graded.to_json()["lines"]
    assert lines[1]["expected"] is None
    assert json.dumps(graded.to_json(), allow_nan=False)
    assert graded.to_text()
