"""Networks as textbooks have them: published numbers, a name for each weight, any output, frozen biases."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from heads import HEADS, PAIRS, draw_hard_or_soft
from sklearn.linear_model import Perceptron

import glassnet
from glassnet.errors import InvalidDataError, InvalidParameterError, UnknownNameError
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.worked.claims import judge_published
from glassnet.worked.problem_file import BUILT_IN, build_problem, read_problem
from glassnet.worked.sheet import Entry, Sheet
from glassnet.worked.trace._lines import derive
from glassnet.worked.trace._names import UnitNames
from glassnet.worked.tracing import trace
from glassnet.worked.write._plain import TEXT
from glassnet.worked.write.layout import define, stages

PUBLISHED = {
    "w1": 0.149780716,
    "w2": 0.19956143,
    "w3": 0.24975114,
    "w4": 0.29950229,
    "w5": 0.35891648,
    "w6": 0.408666186,
    "w7": 0.511301270,
    "w8": 0.561370121,
}
"""The weights after one step of the example that most people learn backpropagation from."""


def test_the_textbook_example_has_its_published_numbers():
    worked = glassnet.trace("textbook-sigmoid")
    assert float(worked.value(1, "L")) == pytest.approx(0.298371109, abs=5e-10)
    for name, value in PUBLISHED.items():
        assert float(worked.value(1, name)) == pytest.approx(value, abs=6e-9), name
    assert not any(line.published for line in worked.lines)  # none of the published numbers differs
    claims = judge_published("textbook-sigmoid")
    assert {claim.verdict for claim in claims} == {"confirmed"}
    assert len(claims) == 22


def test_the_same_numbers_stand_in_matrices():
    worked = glassnet.trace("textbook-sigmoid", names="arrays")
    w = list(PUBLISHED.values())
    np.testing.assert_allclose(worked.value(1, "W1"), np.array(w[:4]).reshape(2, 2).T, atol=6e-9)
    np.testing.assert_allclose(worked.value(1, "W2"), np.array(w[4:]).reshape(2, 2).T, atol=6e-9)
    text = worked.to_text()
    assert "dL/dZ2 = dL/dA2 * dA2/dZ2 = (A2 - Y) * A2 * (1 - A2)\n" in text
    assert "b1 <-" not in text
    assert "b1 and b2 left as they are" in text


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def test_the_second_step_is_worked_from_the_first_one_and_the_biases_stay():
    """By loops over plain numbers, which know nothing of the engine."""
    w, b = [0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55], (0.35, 0.6)
    x, y = (0.05, 0.1), (0.01, 0.99)
    for _ in range(5):
        h = [sigmoid(w[2 * k] * x[0] + w[2 * k + 1] * x[1] + b[0]) for k in range(2)]
        o = [sigmoid(w[4 + 2 * k] * h[0] + w[5 + 2 * k] * h[1] + b[1]) for k in range(2)]
        to_o = [(o[k] - y[k]) * o[k] * (1 - o[k]) for k in range(2)]
        to_h = [(to_o[0] * w[4 + i] + to_o[1] * w[6 + i]) * h[i] * (1 - h[i]) for i in range(2)]
        slopes = [to_h[k] * x[i] for k in range(2) for i in range(2)]
        slopes += [to_o[k] * h[i] for k in range(2) for i in range(2)]
        w = [weight - 0.5 * slope for weight, slope in zip(w, slopes, strict=True)]
    worked = trace(replace(read_problem("textbook-sigmoid"), n_steps=5))
    assert [float(worked.value(5, f"w{i}")) for i in range(1, 9)] == pytest.approx(w, rel=1e-13)
    assert (float(worked.value(0, "b1")), float(worked.value(0, "b2"))) == b


def test_the_published_sheet_is_graded_by_its_name_alone():
    graded = glassnet.grade("textbook-sigmoid")
    assert graded.problem.name.startswith("Textbook")
    assert (graded.points, len(graded.lines)) == (22, 22)


def test_a_problem_without_a_published_answer_says_what_to_grade():
    with pytest.raises(InvalidDataError, match=r"glassnet grade mine.csv --problem textbook-softmax"):
        glassnet.grade("textbook-softmax")


# -- the other two ----------------------------------------------------------------------------------------


def test_softmax_and_cross_entropy_of_three_classes_by_differences():
    problem = read_problem("textbook-softmax")
    worked = trace(problem)

    def loss(theta):
        w = theta[:10].tolist()
        b = theta[10:].tolist()
        (x1, x2), y = problem.X[0].tolist(), problem.y[0].tolist()
        h = [math.tanh(w[2 * k] * x1 + w[2 * k + 1] * x2 + b[k]) for k in range(2)]
        e = [math.exp(w[4 + 2 * k] * h[0] + w[5 + 2 * k] * h[1] + b[2 + k]) for k in range(3)]
        return -sum(target * math.log(one / sum(e)) for one, target in zip(e, y, strict=True))

    names = [f"w{i}" for i in range(1, 11)] + ["b_h1", "b_h2", "b_o1", "b_o2", "b_o3"]
    theta = np.array([float(worked.value(0, name)) for name in names])
    assert loss(theta) == pytest.approx(float(worked.value(1, "L")), rel=1e-12)
    for i, name in enumerate(names):
        step = 1e-6 * (np.arange(15) == i)
        slope = (loss(theta + step) - loss(theta - step)) / 2e-6
        assert float(worked.value(1, f"dL/d{name}")) == pytest.approx(slope, abs=1e-8), name
        moved = theta[i] - 0.1 * float(worked.value(1, f"dL/d{name}"))
        assert float(worked.value(1, name)) == pytest.approx(moved, rel=1e-12)
    text = worked.to_text()
    assert "o1 = exp(z_o1)/(exp(z_o1) + exp(z_o2) + exp(z_o3))" in text
    assert "softmax(z)" not in text  # it is written out
    assert "softmax(z) = exp(z)/sum(exp(z))" in trace(problem_named(problem, "arrays")).to_text()


def problem_named(problem, names):
    return replace(problem, names=names)


def test_the_perceptron_learns_and_in_three_passes_as_scikit_learns_does():
    problem = read_problem("perceptron-and")
    worked = trace(problem)
    theirs = Perceptron(eta0=0.5, shuffle=False, max_iter=3, tol=None)
    theirs.fit(problem.X, problem.y.ravel(), coef_init=[[0.25, 1.0]], intercept_init=[-0.5])
    found = [float(worked.value(12, name)) for name in ("w1", "w2", "b1")]
    assert found == [*theirs.coef_.ravel(), *theirs.intercept_]
    answers = [float(worked.value(step, "o1")) for step in range(1, 13)]
    wrong = [answer != target for answer, target in zip(answers, [0, 0, 0, 1] * 3, strict=True)]
    assert [sum(wrong[i : i + 4]) for i in (0, 4, 8)] == [2, 1, 0]
    assert "With step(z) = 1 if z > 0 else 0." in worked.to_text()


# -- names ------------------------------------------------------------------------------------------------


def test_weights_are_numbered_unit_by_unit_and_units_layer_by_layer():
    names = UnitNames((2, 3, 1, 2), shared={2})
    numbered = [name for name, _ in names.of("w", 1, np.zeros((2, 3)))]
    assert numbered == ["w1", "w2", "w3", "w4", "w5", "w6"]
    assert [name for name, _ in names.of("w", 2, np.zeros((3, 1)))] == ["w7", "w8", "w9"]
    assert [name for name, _ in names.of("w", 3, np.zeros((1, 2)))] == ["w10", "w11"]
    assert [name for name, _ in names.of("a", 2, np.zeros((1, 1)))] == ["h4"]
    assert [name for name, _ in names.of("z", 3, np.zeros((1, 2)))] == ["z_o1", "z_o2"]
    biases = [name for i, n in ((1, 3), (2, 1), (3, 2)) for name, _ in names.of("b", i, np.zeros(n))]
    assert biases == ["b_h1", "b_h2", "b_h3", "b2", "b_o1", "b_o2"]
    values = dict(names.of("w", 1, np.arange(6.0).reshape(2, 3)))
    assert [float(values[f"w{i}"]) for i in (1, 2, 3, 4)] == [0, 3, 1, 4]


def drawn(head, sizes=(2, 3, 2), **settings):
    """Return a problem of some network under a head of `HEADS`."""
    rng = np.random.default_rng(5)
    pair = HEADS[head]
    return build_problem(
        {
            "sizes": list(sizes),
            "activation": "tanh",
            "loss": pair.name,
            "output_activation": pair.output,
            "weight_init": "glorot_normal",
            "biases": [rng.normal(0, 0.5, size).tolist() for size in sizes[1:]],
            "x": rng.normal(size=(2, sizes[0])).tolist(),
            "y": draw_hard_or_soft(pair, rng, 2, sizes[-1], hard=False).tolist(),
            "lr": 0.05,
            **settings,
        }
    )


@pytest.mark.parametrize("head", HEADS)
def test_every_head_is_worked_in_all_three_styles_to_the_same_numbers(head):
    by_unit, in_arrays = (trace(drawn(head, names=names)) for names in ("units", "arrays"))
    W1, W2, b2 = (in_arrays.value(2, name) for name in ("W1", "W2", "b2"))
    assert [float(by_unit.value(2, f"w{i}")) for i in range(1, 7)] == W1.T.ravel().tolist()
    assert [float(by_unit.value(2, f"w{i}")) for i in range(7, 13)] == W2.T.ravel().tolist()
    assert [float(by_unit.value(2, f"b_o{i}")) for i in (1, 2)] == b2.ravel().tolist()
    assert float(by_unit.value(2, "L")) == float(in_arrays.value(2, "L"))
    if head != "sigmoid_cross_entropy/softmax":  # of one output it would be the logarithm of 0
        trace(drawn(head, sizes=(1, 1, 1)))  # raises where a line is not the engine's
    trace(drawn(head, batch_size=2, alpha=0.1, optimizer="adam"))
    trace(drawn(head, sizes=(2, 2), names="units", alpha=0.1, optimizer="momentum", steps=4))


NAMED = re.compile(r"\b(?:[xhoyw]|z_[ho]|b_[ho]|L_o|b)\d+\b|dL/d|\bL\b|\blr\b")


def work_out_text(text, functions):
    return eval(text.replace("^", "**"), {"__builtins__": {}}, functions)


@pytest.mark.parametrize(
    "head", ["squared_error/sigmoid", "squared_error/softmax", "hinge", "poisson/softplus"]
)
def test_the_printed_formula_gives_the_printed_value(head):
    """Every line of numbers is read by Python, which knows nothing of the engine."""
    worked = trace(drawn(head, names="units", digits=12, alpha=0.2, frozen=["b1", "W2"]))
    functions = {name: getattr(math, name) for name in ("exp", "log", "tanh")} | {"max": max}
    for name, formula in re.findall(r"(\w+)\(z\) = ([^;]+)", define(worked.problem).rstrip(".")):
        functions[name] = lambda z, formula=formula: work_out_text(formula, {**functions, "z": z})
    functions["softplus'"] = None
    assert len(worked.lines) > 30
    for line in worked.lines:
        numbers = [text for text in stages(worked, line, TEXT) if not NAMED.search(text)]
        assert numbers, line
        for text in numbers:
            value = work_out_text(text, functions)
            assert value == pytest.approx(float(line.exact), rel=1e-5, abs=1e-9), (line.line.quantity, text)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_updates_weight_by_weight_are_the_engines_too(optimizer):
    worked = trace(drawn("squared_error/sigmoid", names="units", optimizer=optimizer, steps=5))
    in_arrays = trace(drawn("squared_error/sigmoid", optimizer=optimizer, steps=5))
    assert float(worked.value(5, "w7")) == in_arrays.value(5, "W2")[0, 0]


def test_every_rendering_has_the_names():
    worked = trace("textbook-sigmoid")
    assert "dL/dw5 = dL/dz_o1 * dz_o1/dw5 = dL/dz_o1 * h1 = 0.138498562*0.593269992" in worked.to_text()
    assert "  x1 = 0.05, x2 = 0.1, y1 = 0.01, y2 = 0.99\n" in worked.to_text()
    assert r"\frac{\partial L}{\partial w_{5}} &= \frac{\partial L}{\partial z_{o_{1}}}" in worked.to_latex()
    assert "landscape" not in worked.to_latex()
    assert r"\begin{gathered}" in worked.to_markdown()
    assert "<msub><mi>z</mi><msub><mi>h</mi><mn>1</mn></msub></msub>" in worked.to_html()
    content = json.loads(json.dumps(worked.to_json(), allow_nan=False))
    line = next(row for row in content["lines"] if row["quantity"] == "w8")
    assert line["value"] == pytest.approx(0.561370121, abs=5e-10)
    assert line["formula"] == ["w8 - lr * dL/dw8", "0.55 - 0.5*(-0.022740242)"]


def test_a_network_is_traced_by_units_if_asked():
    network = glassnet.NeuralNetwork(
        1,
        [2],
        activation="sigmoid",
        loss="squared_error",
        output_activation="sigmoid",
        frozen=["b2"],
        random_state=0,
        dtype="float64",
        batch_size=1,
    ).initialize([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    worked = trace(network, [[0.5, 0.25]], [1], names="units")
    assert "o1 = sigmoid(z_o1)" in worked.to_text()
    assert "b_h1 <- b_h1 - lr" in worked.to_text()
    assert "b2 <-" not in worked.to_text()
    network.backward_propagation([[0.5, 0.25]], [1])
    assert network.weights_[1][0, 1] == float(worked.value(1, "w7"))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"names": "unit"}, UnknownNameError, "did you mean 'units'"),
        ({"names": "units", "batch_size": 2}, InvalidParameterError, "one sample a step. Take batch_size=1"),
        ({"names": "units", "sizes": [2, 40, 2], "biases": None}, InvalidParameterError, "at most 100"),
        ({"frozen": "b1"}, InvalidParameterError, "expected a list of names"),
        ({"frozen": ["b3"]}, UnknownNameError, "unknown weights or biases 'b3'.*Known: W1, W2, b1, b2"),
        ({"output_activation": "sigmod"}, UnknownNameError, "did you mean 'sigmoid'"),
        ({"output_activation": "step"}, InvalidParameterError, "slope of the output is 0 everywhere"),
        (
            {"output_activation": "tanh", "y": [[0.0, 2.0]], "x": [[0.0, 0.0]]},
            InvalidDataError,
            "loss squared_error of tanh outputs: expected numbers from -1 to 1",
        ),
        (
            {"output_activation": "softmax", "y": [[1.0, 1.0]], "x": [[0.0, 0.0]]},
            InvalidDataError,
            "rows that sum to 1",
        ),
        ({"loss": "perceptron", "output_activation": None}, InvalidDataError, "numbers that are 0 or 1"),
    ],
)
def test_what_cannot_be_is_refused(changes, error, message):
    with pytest.raises(error, match=message):
        drawn("squared_error", **changes)


# -- grades -----------------------------------------------------------------------------------------------


def sheet_of(problem, wrong=None, digits=6):
    """Return a right sheet of all lines of a problem, but for some that are replaced."""
    worked, wrong = trace(problem), wrong or {}
    entries = []
    for line in derive(problem):
        quantity = line.quantity
        for place, number in np.ndenumerate(worked.values[quantity]):
            number = wrong.get((quantity.step, quantity.name), number)
            index = tuple(i + 1 for i in place)
            entries.append(Entry(quantity, index, f"{number:.{digits}f}", f"row {len(entries) + 1}"))
    return Sheet("drawn", tuple(entries))


@pytest.mark.parametrize("head", [*PAIRS, "hinge", "perceptron"])
@pytest.mark.parametrize("names", ["units", "arrays"])
def test_a_right_sheet_is_right_whatever_names_it_and_the_problem_have(head, names):
    problem = drawn(head, names=names)
    sheet = sheet_of(problem)
    for other in ("units", "arrays"):
        graded = glassnet.grade(sheet, replace(problem, names=other))
        assert graded.first_error is None, graded.to_text()
        assert graded.problem.names == names
        assert graded.missing == 0


TEXTBOOK = read_problem("textbook-sigmoid")


@pytest.mark.parametrize(
    ("quantity", "value", "kind", "words"),
    [
        ("w5", 0.4 + 0.5 * 0.082167041, "sign", "wrong"),
        ("L_o1", 2 * 0.274811083, "factor", ""),
        ("dL/dz_o1", 0.74136507, "gate", "the derivative of the activation, o1*(1 - o1), is missing"),
        ("h1", 0.3775, "gate", "sigmoid was left out"),
        ("dL/dw5", 0.138498562 * 0.596884378, "swap", "h2 was taken in place of h1"),
        ("dL/dh1", 0.138498562 * 0.4 - 0.038098237 * 0.45, "swap", "w6 was taken in place of w7"),
    ],
)
def test_a_mistake_is_found_and_named_by_unit_and_weight(quantity, value, kind, words):
    graded = glassnet.grade(sheet_of(TEXTBOOK, {(1, quantity): value}, digits=9), TEXTBOOK)
    assert graded.first_error.quantity == (1, quantity)
    assert graded.first_error.cause.kind == kind
    assert words in graded.first_error.cause.text


def test_the_updated_weight_taken_for_the_old_one():
    """The slip that the example warns of: hidden units are worked with the old w5."""
    value = 0.138498562 * 0.35891648 + -0.038098237 * 0.5
    sheet = sheet_of(TEXTBOOK, {(1, "dL/dh1"): value}, digits=9)
    graded = glassnet.grade(sheet, TEXTBOOK)
    assert graded.first_error.quantity == (1, "dL/dh1")
    assert graded.first_error.cause.text == "the updated w5 was used, not the old one"


def test_a_derivative_by_a_frozen_bias_may_be_written():
    worked = trace(TEXTBOOK)
    assert "dL/db1" not in worked.to_text()
    value = sum(float(worked.value(1, f"dL/dz_h{i}")) for i in (1, 2))
    quantity = next(line.quantity for line in derive(TEXTBOOK) if line.quantity.name == "dL/db1")
    sheet = Sheet("mine", (Entry(quantity, (), f"{value:.9f}", "row 1"),))
    assert glassnet.grade(sheet, TEXTBOOK).points == 1


def test_a_name_that_no_style_has_is_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'w8'"):
        glassnet.grade(
            Sheet("mine", (Entry(derive(TEXTBOOK)[0].quantity._replace(name="w88"), (), "1", "row 1"),)),
            TEXTBOOK,
        )


def test_every_problem_of_the_package_is_traced():
    for name in BUILT_IN:
        assert trace(name).lines
