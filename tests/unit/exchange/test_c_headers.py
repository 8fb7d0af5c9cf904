"""Networks as headers of C, compiled by the machine's compiler and asked for the same rows."""

import itertools
import shutil
import subprocess

import numpy as np
import pytest

from glassnet import MLPClassifier, NeuralNetwork, TabularMLPClassifier, TabularMLPRegressor
from glassnet.errors import InvalidParameterError, NotFittedError
from glassnet.exchange import name_in_c, write_c
from glassnet.nn import Activation, Architecture, Parameters
from glassnet.nn.activations import ACTIVATIONS
from glassnet.nn.initializers import INITIALIZERS
from glassnet.nn.losses import LOSSES
from glassnet.nn.network import forward
from glassnet.nn.workspace import Workspace

COMPILER = shutil.which("gcc") or shutil.which("cc")
ROWS = 9
RNG = np.random.default_rng(0)
SIZES = (3, 7, 5, 4)
HEADS = [head for head in LOSSES.values() if head.members == 1 and head.activation.name != "step"]
CUBE = Activation("z^3!", lambda z: z**3, lambda z: 3 * z**2, formula="z**3")
NETWORKS = {
    f"net{k}": (activation, head, dtype)
    for k, (activation, head, dtype) in enumerate(
        zip(
            [*ACTIVATIONS.values(), CUBE],
            itertools.cycle(HEADS),
            itertools.cycle(["float32", "float64"]),
            strict=False,
        )
    )
}


def make(activation, head, dtype):
    architecture = Architecture(SIZES, (activation, activation), head)
    parameters = Parameters.draw(architecture, INITIALIZERS["glorot_uniform"], RNG, dtype)
    parameters.theta += RNG.normal(0, 0.1, parameters.theta.size).astype(dtype)
    X = RNG.normal(0, 1, (ROWS, SIZES[0])).astype(dtype)
    return parameters, X


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Return what each compiled network answers, beside our own forward pass; all are one program."""
    if COMPILER is None:
        pytest.skip("there is no compiler of C here")
    folder = tmp_path_factory.mktemp("c")
    lines, own = ["#include <stdio.h>"], {}
    calls = []
    for name, settings in NETWORKS.items():
        parameters, X = make(*settings)
        (folder / f"{name}.h").write_text(write_c(parameters, name))
        own[name] = forward(
            parameters.architecture, parameters, X, Workspace(parameters.architecture, ROWS, X.dtype)
        ).copy()
        lines.append(f'#include "{name}.h"')
        rows = ", ".join("{" + ", ".join(float(value).hex() for value in row) + "}" for row in X)
        calls.append(
            f"{{ {name}_real x[][{SIZES[0]}] = {{ {rows} }}, out[{name}_n_outputs]; int i, j;"
            f" for (i = 0; i < {ROWS}; i++) {{ {name}_predict(x[i], out);"
            f' for (j = 0; j < {name}_n_outputs; j++) printf("{name} %.17g\\n", (double)out[j]); }} }}'
        )
    lines += ["int main(void) {", *calls, "return 0; }"]
    (folder / "main.c").write_text("\n".join(lines))
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    done = subprocess.run(
        [COMPILER, *strict, "main.c", "-o", "main", "-lm"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    printed = subprocess.run([folder / "main"], capture_output=True, text=True, check=True).stdout
    found: dict[str, list[float]] = {name: [] for name in NETWORKS}
    for line in printed.splitlines():
        name, value = line.split()
        found[name].append(float(value))
    return {name: (np.reshape(found[name], (ROWS, SIZES[-1])), own[name]) for name in NETWORKS}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_activation_and_output_answers_the_same_compiled(answers, name):
    found, own = answers[name]
    close = 1e-5 if own.dtype == np.float32 else 1e-12
    assert np.max(np.abs(found - own) / np.maximum(1, np.abs(own))) < close


def test_a_classifier_names_its_classes_and_writes_the_file(tmp_path):
    X, y = RNG.normal(size=(30, 2)), np.array(["yes */", "no??/\n"])[RNG.integers(0, 2, 30)]
    network = NeuralNetwork(N=1, A=[3], epochs=1, random_state=0).fit(X, y, early_stopping=False)
    text = network.to_c(tmp_path / "answer.h", name="answer")
    assert (tmp_path / "answer.h").read_text() == text
    comment = text[: text.index("*/")]
    assert " *   0: no? ?/" in comment
    assert " *   1: yes * /" in comment
    assert "answer_class(const answer_real *x)" in text


@pytest.mark.skipif(COMPILER is None, reason="there is no compiler of C here")
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_class_is_the_one_that_predict_names(tmp_path, n_classes):
    X = RNG.normal(size=(40, 2)).astype("float32")
    y = np.digitize(X[:, 0], [-0.4, 0.4]) % n_classes
    model = MLPClassifier((5,), max_iter=300, tol=0, n_iter_no_change=300, random_state=0, dtype="float32")
    with pytest.warns(match="converge"):
        model.fit(X, y)
    model.to_c(tmp_path / "net.h", name="net")
    rows = ", ".join("{" + ", ".join(float(value).hex() for value in row) + "}" for row in X)
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "net.h"\nint main(void) { net_real x[][2] = {' + rows + "}; int i;"
        ' for (i = 0; i < 40; i++) printf("%d\\n", net_class(x[i])); return 0; }'
    )
    subprocess.run([COMPILER, "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
    printed = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True).stdout
    assert [int(line) for line in printed.split()] == model.predict(X).tolist()


def test_several_labels_a_row_have_no_likeliest_class():
    X, y = RNG.normal(size=(40, 2)), RNG.integers(0, 2, (40, 3))
    with pytest.warns(match="converge"):
        model = MLPClassifier((3,), max_iter=2, random_state=0).fit(X, y)
    assert "_class" not in model.to_c()


@pytest.mark.parametrize(
    ("stem", "name"),
    [("net", "net"), ("my-net", "my_net"), ("3x", "network_3x"), ("naïve", "na_ve"), ("_a", "network__a")],
)
def test_the_name_of_a_file_becomes_one_of_c(stem, name):
    parameters, _ = make(ACTIVATIONS["relu"], HEADS[0], "float32")
    assert name_in_c(stem) == name
    assert f"{name}_predict" in write_c(parameters, name_in_c(stem))


def test_what_cannot_be_written_is_refused():
    X, y = RNG.normal(size=(40, 2)), RNG.integers(0, 2, 40)
    with pytest.raises(NotFittedError):
        NeuralNetwork(N=1, A=[3]).to_c()
    table = TabularMLPClassifier(hidden_layer_sizes=(4,), max_iter=1, random_state=0).fit(X, y)
    with pytest.raises(InvalidParameterError, match="in front of its dense layers"):
        table.to_c()
    parameters, _ = make(ACTIVATIONS["relu"], HEADS[0], "float32")
    with pytest.raises(InvalidParameterError, match="got the name 'my net' for a header of C"):
        write_c(parameters, "my net")
    parameters.theta[3] = np.nan
    with pytest.raises(InvalidParameterError, match="weights that are not finite"):
        write_c(parameters, "net")
    own = Activation("own", np.sin, np.cos)
    with pytest.raises(InvalidParameterError, match="without a formula"):
        write_c(make(own, HEADS[0], "float32")[0], "net")


@pytest.mark.parametrize("write", ["to_c", "to_torch", "to_keras"])
@pytest.mark.parametrize(
    ("kind", "settings", "why"),
    [
        (TabularMLPClassifier, {"n_ensemble": 2, "ensemble": "seeds"}, "averages 2 networks"),
        (TabularMLPClassifier, {"calibration": "temperature"}, "temperature"),
        (TabularMLPRegressor, {}, "units of the target"),
    ],
)
def test_what_is_more_than_a_network_is_not_written_as_one(write, kind, settings, why):
    X = RNG.normal(size=(60, 2))
    y = (X[:, 0] > 0) * 1.0
    model = kind("plain", hidden_layer_sizes=(3,), max_iter=3, random_state=0, **settings).fit(X, y)
    with pytest.raises(InvalidParameterError, match=rf"{why}.*to_onnx"):
        getattr(model, write)()
