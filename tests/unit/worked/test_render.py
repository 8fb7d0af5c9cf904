"""What a trace looks like: text, Markdown, LaTeX that a real LaTeX sets, HTML that fetches nothing."""

import re
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest
from problems import large_problem

import glassnet
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.optimizers import OPTIMIZERS
from glassnet.worked._formula import (
    Apply,
    MatrixProduct,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Ref,
    Sum,
    Symbol,
    Transpose,
)
from glassnet.worked._numbers import format_number, round_number
from glassnet.worked.problem_file import build_problem
from glassnet.worked.tracing import trace
from glassnet.worked.write._formula import write_numbers, write_symbols, write_value
from glassnet.worked.write._html import MATHML
from glassnet.worked.write._latex import LATEX
from glassnet.worked.write._plain import TEXT


def ref(name, step=1):
    return Ref(Quantity(step, name))


@pytest.mark.parametrize(
    ("formula", "text", "latex"),
    [
        (Sum(((1, ref("a1")), (-1, ref("y")))), "a1 - y", "a_{1} - y"),
        (
            Product((Sum(((1, ref("a1")), (-1, ref("y")))), ref("x"))),
            "(a1 - y)*x",
            r"\left(a_{1} - y\right) \cdot x",
        ),
        (Quotient(Power(ref("z1"), 2), Number(2)), "z1^2/2", r"\frac{{z_{1}}^{2}}{2}"),
        (
            Quotient(ref("x"), Product((Number(2), Number(3, "n")))),
            "x/(2*n)",
            r"\frac{x}{2 \cdot n}",
        ),
        (
            Product((MatrixProduct(ref("X"), Transpose(ref("W1"))), ref("Z1")), "matrices"),
            "(X @ W1.T) * Z1",
            r"\left(X \, {W_{1}}^{\top}\right) \odot Z_{1}",
        ),
        (Apply("sqrt", np.sqrt, ref("vhat_w1")), "sqrt(vhat_w1)", r"\sqrt{\hat{v}_{w_{1}}}"),
        (Symbol("dL/db1"), "dL/db1", r"\frac{\partial L}{\partial b_{1}}"),
        (Product((Number(0.5, "lr"), ref("m_W1"))), "lr*m_W1", r"\eta \cdot m_{W_{1}}"),
        (Power(ref("dL/dw1"), 2), "(dL/dw1)^2", r"{\left(\frac{\partial L}{\partial w_{1}}\right)}^{2}"),
    ],
)
def test_a_formula_is_written_with_names(formula, text, latex):
    assert write_symbols(formula, TEXT) == text
    assert write_symbols(formula, LATEX) == latex
    ElementTree.fromstring(f"<math>{write_symbols(formula, MATHML)}</math>")


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (Sum(((1, ref("a")), (-1, ref("b")))), "-2 - (-3)"),
        (Sum(((1, ref("b")), (1, ref("a")))), "-3 + (-2)"),
        (Product((ref("a"), ref("b"))), "(-2)*(-3)"),
        (Power(ref("a"), 2), "(-2)^2"),
        (Sum(((-1, ref("a")),)), "-(-2)"),
    ],
)
def test_a_negative_number_is_put_in_parentheses(formula, text):
    values = {Quantity(1, "a"): np.array(-2.0), Quantity(1, "b"): np.array(-3.0)}
    assert write_numbers(formula, TEXT, values, None) == text


def test_a_power_of_ten_is_put_in_parentheses_before_it_is_squared():
    values = {Quantity(1, "a"): np.array(1.2e-7)}
    assert write_numbers(Power(ref("a"), 2), TEXT, values, None) == "(1.2e-07)^2"
    assert write_numbers(Power(ref("a"), 2), LATEX, values, None) == r"{\left(1.2 \cdot 10^{-7}\right)}^{2}"


SCALAR = {"x": [1.0], "y": [2.0]}


@pytest.mark.parametrize(
    ("settings", "text", "greek"),
    [
        (
            {"sizes": [1, 1], "optimizer": "nesterov"},
            "SGD with learning rate lr = 0.01, momentum mu = 0.9, Nesterov's look-ahead, 1 sample a step.",
            "learning rate η = 0.01, momentum μ = 0.9, Nesterov",
        ),
        (
            {"sizes": [1, 1, 1, 1, 1], "activation": ["relu", "tanh", "relu"], "optimizer": "adamw"},
            "activations relu, tanh, relu, loss squared_error, Adam with learning rate lr = 0.01, "
            "beta1 = 0.9, beta2 = 0.999, epsilon = 1e-08, weight decay lambda = 0.01,",
            "η = 0.01, β₁ = 0.9, β₂ = 0.999, ε = 1e-08, weight decay λ = 0.01,",
        ),
    ],
)
def test_the_settings_have_the_symbols_of_the_formulas(settings, text, greek):
    worked = trace(build_problem({**SCALAR, **settings}))
    assert text in worked.to_text()
    assert greek in worked.to_html()
    assert greek in worked.to_markdown()
    assert r"learning rate $\eta$ = 0.01" in worked.to_latex()


def test_an_activation_of_ones_own_has_its_own_name():
    network = glassnet.NeuralNetwork(
        N=1, A=[2], activation=np.tanh, activation_grad=lambda z: 1 - np.tanh(z) ** 2
    )
    worked = trace(network.initialize([[0.0], [1.0]], [0, 1]), [[1.0]], [1])
    assert "activation tanh, loss" in worked.to_text()
    assert worked.to_markdown().startswith("# NeuralNetwork\n")


def test_only_high_content_has_parentheses_that_grow():
    assert MATHML.enclose("<mi>x</mi>").count("stretchy='false'") == 2
    assert "stretchy" not in MATHML.enclose(MATHML.quotient("<mn>1</mn>", "<mn>2</mn>"))


def test_functions_in_the_lines_are_defined():
    assert "With ReLU(z) = max(0, z).\n" in trace("assignment").to_text()
    problem = build_problem({**SCALAR, "sizes": [1, 1], "loss": "huber"})
    assert "huber(z) = z^2/2 if abs(z) < 1 else abs(z) - 1/2" in trace(problem).to_text()
    assert r"huber(z) = z\^{}2/2 if abs(z) $<$ 1 else" in trace(problem).to_latex()
    settings = {**SCALAR, "sizes": [1, 1, 1, 1], "activation": ["leaky_relu", "gelu"]}
    assert r"else 0.01\*z; GELU(z) = z\*(1" in trace(build_problem(settings)).to_markdown()
    assert "With" not in trace(build_problem({**SCALAR, "sizes": [1, 1]})).to_text()


def test_a_function_of_a_matrix_has_its_parentheses_once():
    values = {Quantity(1, "Z1"): np.ones((2, 2))}
    of_matrix, of_more = Apply("tanh", np.tanh, ref("Z1")), Apply("tanh", np.tanh, Sum(((1, ref("Z1")),) * 2))
    assert write_numbers(of_matrix, LATEX, values, None) == (
        r"\tanh\begin{pmatrix} 1 & 1 \\ 1 & 1 \end{pmatrix}"
    )
    assert write_numbers(of_more, LATEX, values, None).startswith(r"\tanh\left(\begin{pmatrix}")
    assert write_numbers(of_matrix, MATHML, values, None).count("<mo>(</mo>") == 1
    assert write_numbers(of_more, MATHML, values, None).count("<mo>(</mo>") == 3
    assert write_numbers(of_matrix, TEXT, values, None) == "tanh([1 1; 1 1])"


def test_formulas_scroll_sideways_only():
    html = trace("assignment").to_html()
    assert ".scroll { overflow-x: auto;" in html
    assert ".scroll { margin: 0; padding-bottom: 0.25rem; overflow-y: hidden; }" in html


def test_a_large_matrix_is_shortened_and_a_small_one_is_not():
    assert write_value(np.arange(16.0).reshape(4, 4), TEXT, None).count(";") == 3
    shown = write_value(np.arange(36.0).reshape(6, 6), TEXT, None)
    assert shown == "[0 1 2 ... 5; 6 7 8 ... 11; 12 13 14 ... 17; ...; 30 31 32 ... 35]"
    assert "first 3 and the last are shown" in trace(large_problem()).to_text()
    assert "are shown" not in trace("assignment").to_text().replace("Numbers are shown", "")


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (2.00005, 4, "2.0001"),  # half up, although the float is a hair less
        (-0.03878849, 4, "-0.0388"),
        (0.00001299, 4, "0.000013"),
        (1.0, 4, "1"),
        (123456.0, 1, "123456"),
        (1e-9, None, "1e-09"),
        (float("inf"), 3, "inf"),
    ],
)
def test_numbers_are_rounded_half_up(number, digits, text):
    assert format_number(number, digits) == text
    if digits is not None and np.isfinite(number):
        assert round_number(number, digits) == float(text)


def test_the_text_of_the_assignment():
    text = trace("assignment").to_text()
    assert "    z1 = w1*x + b1 = 1.02*2 + 0.02 = 2.06\n" in text
    assert "dL/dw2 = dL/da2 * da2/dz2 * dz2/dw2 = (a2 - y)*1*a1 = (2.1212 - 4)*1*2.06 = -3.8703\n" in text
    assert "b1 <- b1 - lr * dL/db1 = 0.02 - 0.01*(-1.9164) = 0.0392   [published: 0.0389]\n" in text
    assert max(map(len, text.splitlines())) <= 125


def test_the_rule_of_rounding_is_stated():
    assert "rounded at every line to 4 digits" in trace("assignment", course_rounding=True).to_text()
    assert "carried on in full" in trace("assignment").to_text()
    assert "six significant digits" in trace(large_problem()).to_text()


def test_every_rendering_gives_the_shape_of_a_matrix():
    worked = trace(large_problem())
    assert "(7 x 3)" in worked.to_text()
    assert r"\qquad (7 \times 3)" in worked.to_latex()
    assert r"\qquad (7 \times 3)" in worked.to_markdown()
    assert "7 x 3" in worked.to_html()


def test_markdown_has_its_formulas_between_dollar_signs():
    markdown = trace("assignment").to_markdown()
    assert markdown.startswith("# A1")
    assert markdown.count("$$") % 2 == 0
    assert markdown.count(r"\begin{aligned}") == markdown.count(r"\end{aligned}") == 12


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_written_and_defined_in_every_form(activation):
    worked = trace(build_problem({**SCALAR, "sizes": [1, 1, 1], "activation": activation}))
    label, formula = ACTIVATIONS[activation].label or activation, ACTIVATIONS[activation].formula
    if formula not in ("z", f"{label}(z)"):
        assert f"{label}(z) = {formula.replace('**', '^')}" in worked.to_text()
        assert f"{label}(z1)" in worked.to_text()
        assert f"{label}(z) = " in unescape(worked.to_html())
    check_page(worked.to_html())
    assert worked.to_latex().count("{") == worked.to_latex().count("}")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimiser_is_written_in_every_form(optimizer):
    worked = trace(build_problem({**SCALAR, "sizes": [1, 1], "optimizer": optimizer}))
    for form in (worked.to_text(), worked.to_markdown(), worked.to_latex(), worked.to_html()):
        assert type(OPTIMIZERS[optimizer]).__name__ in form
    for line in worked.lines:
        assert f"    {line.line.quantity.name} " in worked.to_text()
    check_page(worked.to_html())
    assert worked.to_latex().count("{") == worked.to_latex().count("}")


@pytest.mark.parametrize(
    "make", [lambda: trace("assignment"), lambda: trace(large_problem())], ids=["A1", "large"]
)
def test_the_page_is_whole_and_fetches_nothing(make):
    check_page(make().to_html())


def check_page(page):
    assert not re.search(r"(src|href|url)\s*[=(]", page)
    assert "<script" not in page
    for formula in re.findall(r"<math.*?</math>", page, re.DOTALL):
        ElementTree.fromstring(formula)
    body = page[page.index("<body>") : page.index("</html>")]
    ElementTree.fromstring(body)  # every tag is closed


def test_names_are_escaped():
    settings = {"sizes": [1, 1], "x": [1.0], "y": [2.0], "name": "<b>1 & 2</b>"}
    assert "&lt;b&gt;1 &amp; 2&lt;/b&gt;" in trace(build_problem(settings)).to_html()
    assert r"1 \& 2" in trace(build_problem(settings)).to_latex()
