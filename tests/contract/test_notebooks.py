"""What a notebook shows of the values that functions return: short text, and HTML that is whole."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet
from glassnet import MLPAutoencoder, MLPClassifier, MLPRegressor, NeuralNetwork
from glassnet.doctor import diagnose
from glassnet.models import view_of
from glassnet.nn import ACTIVATIONS, LOSSES, check_backward
from glassnet.nn.network import Parameters
from glassnet.studies import STUDIES

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = np.where(X[:, 0] > 0, "<yes>", "no")
NUMBERS = X @ [1, 2, 3, 4]
NETWORK = NeuralNetwork(1, [8], epochs=25, random_state=0).fit(X, Y)
POINTS, SIDES = [[0, 0], [1, 0], [0, 1], [1, 1], [2, 2], [2, 0]], ["<p>"] * 3 + ["n"] * 3


def made(cls, *y, **settings):
    return cls(hidden_layer_sizes=(5,), solver="lbfgs", random_state=0, **settings).fit(X, *y)


def backward_check():
    architecture = NETWORK.architecture_
    parameters = Parameters(architecture, NETWORK.parameters_.theta.astype(np.float64))
    return check_backward(architecture, parameters, X[:3], np.eye(2)[[0, 1, 1]])


SHOWN = {
    "trace": (lambda: glassnet.trace("assignment"), ["Step 1", "Step 3", "<math", "<details"]),
    "trace of a model": (lambda: glassnet.trace(NETWORK, X[:20], Y[:20]), ["Step 10", "10 more steps"]),
    "grade": (
        lambda: glassnet.grade("assignment"),
        ["31.5 of 34 points", "First error", "0.0389", "0.0392", "consistent"],
    ),
    "svm": (
        lambda: glassnet.solve_svm(POINTS, SIDES, positive="<p>"),
        ["(-2, -2)", "1/(2√2)", "on the margin", "&lt;p&gt;", "multiplier"],
    ),
    "given hyperplane": (
        lambda: glassnet.measure_margin([-2, 0], 5, POINTS),
        ["(-2, 0)", "corridor", "on the margin"],
    ),
    "large svm": (
        lambda: glassnet.solve_svm([[i, i % 7] for i in range(60)], [-1] * 30 + [1] * 30),
        ["…", "on the margin"],
    ),
    "not separable": (
        lambda: glassnet.solve_svm([[0], [1], [2]], ["<p>", "n", "<p>"]),
        ["No hyperplane", "&lt;p&gt;", "1/2"],
    ),
    "history": (lambda: NETWORK.history_, ["25 epochs", "loss", "…"]),
    "activation check": (
        lambda: glassnet.check_gradient(np.tanh, lambda z: 1 - np.tanh(z)),
        ["tanh: wrong", "likely error"],
    ),
    "network check": (
        lambda: glassnet.check_network_gradient(NETWORK, X[:5], Y[:5]),
        ["layer 1", "output", "4 × 8", "good"],
    ),
    "diagnosis": (lambda: diagnose(NETWORK, X, Y), ["training data", "loss"]),
    "NeuralNetwork": (lambda: NETWORK, ["NeuralNetwork(N=1", "4 → 8", "relu", "58", "<svg"]),
    "MLPClassifier": (lambda: made(MLPClassifier, Y), ["sk-", "4 → 5", "sigmoid", "<svg"]),
    "MLPRegressor": (lambda: made(MLPRegressor, NUMBERS), ["sk-", "4 → 5", "identity", "<svg"]),
    "MLPAutoencoder": (lambda: made(MLPAutoencoder), ["sk-", "4 → 5", "<svg"]),
    "Pipeline": (
        lambda: make_pipeline(StandardScaler(), MLPClassifier((3,), solver="lbfgs")).fit(X, Y),
        ["StandardScaler", "MLPClassifier"],
    ),
}
"""Values, and texts that their HTML has."""

SHORT = {name: value for name, (value, _) in SHOWN.items()} | {
    "parameters": lambda: NETWORK.parameters_,
    "architecture": lambda: NETWORK.architecture_,
    "activation": lambda: ACTIVATIONS["relu"],
    "head": lambda: LOSSES["squared_error"],
    "view": lambda: view_of(NETWORK),
    "problem": lambda: glassnet.trace("assignment").problem,
    "sheet": lambda: glassnet.grade("assignment").sheet,
    "points": lambda: glassnet.solve_svm(POINTS, SIDES).data,
    "backward check": backward_check,
    "study": lambda: STUDIES["fashion-grid"],
}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


VOID = {"br", "input", "img", "use", "path"}


class Tags(HTMLParser):
    """Check that every element is closed, in order."""

    def __init__(self, html):
        super().__init__()
        self.open = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("name", SHORT)
def test_the_text_is_a_few_lines(name):
    text = repr(SHORT[name]())
    assert len(text) < 400
    assert text.count("\n") <= 4
    assert " at 0x" not in text


@pytest.mark.parametrize("name", SHOWN)
def test_the_html_says_what_matters_and_is_whole(name):
    make, texts = SHOWN[name]
    html = make()._repr_html_()
    for text in texts:
        assert text in html
    assert "<yes>" not in html
    assert "<html" not in html
    if not re.search("sk-", html):  # scikit-learn's is its own
        Tags(html)


def outer_selectors(style):
    """Return what stands before each outermost block of a style; what is nested in it belongs to it."""
    depth, begin, found = 0, 0, []
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    for place, character in enumerate(style):
        if character == "{":
            if depth == 0:
                found.append(style[begin:place].strip())
            depth += 1
        elif character == "}":
            depth -= 1
            begin = place + 1
    return found


@pytest.mark.parametrize("name", SHOWN)
def test_the_style_leaves_the_page_of_others_alone(name):
    html = SHOWN[name][0]()._repr_html_()
    for style in re.findall(r"<style>(.*?)</style>", html, re.DOTALL):
        if "sk-" in style:
            continue
        selectors = outer_selectors(style)
        assert selectors
        assert all(selector.startswith((".glassnet", ".doctor")) for selector in selectors)
        declared = " ".join(re.findall(r"\{([^{}]*)\}", style))
        assert not re.search(r"#fff|#000\b|: (white|black)\b", declared)  # it may be dark there


def test_a_diagnosis_names_what_was_found():
    network = NeuralNetwork(1, [4], weight_init="zero", epochs=2, random_state=0).fit(X, Y)
    found = diagnose(network, X, Y)
    assert all(code in repr(found) for code in found.codes)
    assert found.codes


@pytest.mark.parametrize("make", [lambda: glassnet.trace("assignment"), lambda: glassnet.grade("assignment")])
def test_print_writes_all_of_it(make):
    value = make()
    assert str(value) == value.to_text()


def test_what_has_no_weights_is_shown_as_text():
    assert NeuralNetwork(1, [3])._repr_html_() is None


def test_scikit_learns_display_as_text_is_kept():
    import sklearn

    with sklearn.config_context(display="text"):
        assert not hasattr(made(MLPClassifier, Y), "_repr_html_")
