"""Problems from files and settings: what is read, what is refused."""

import json

import numpy as np
import pytest

from glassnet.errors import (
    DataFileError,
    FileError,
    InvalidDataError,
    InvalidParameterError,
    UnknownNameError,
)
from glassnet.nn.optimizers import SGD, Adam
from glassnet.worked.problem_file import build_problem, read_problem

SMALL = {"sizes": [2, 2, 1], "x": [[0.05, 0.1]], "y": [[0.01]]}

TOML = """
sizes = [2, 2, 1]
activation = "sigmoid"
weights = [[[0.15, 0.25], [0.2, 0.3]], [[0.4], [0.5]]]
biases = [[0.35, 0.35], [0.6]]
x = [[0.05, 0.1]]
y = [[0.01]]
lr = 0.5
optimizer = { name = "adam", beta_1 = 0.8 }
"""

YAML = """
sizes: [2, 2, 1]
activation: [sigmoid]
weights: [[[0.15, 0.25], [0.2, 0.3]], [[0.4], [0.5]]]
biases: [[0.35, 0.35], [0.6]]
x: [[0.05, 0.1]]
y: [[0.01]]
lr: 0.5
optimizer: {name: adam, beta_1: 0.8}
"""


@pytest.mark.parametrize(("name", "text"), [("a.toml", TOML), ("a.yaml", YAML), ("a.yml", YAML)])
def test_a_file_describes_a_problem(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    problem = read_problem(tmp_path / name)
    assert problem.name == "a"
    np.testing.assert_array_equal(problem.parameters.weights[0], [[0.15, 0.25], [0.2, 0.3]])
    np.testing.assert_array_equal(problem.parameters.biases[1], [0.6])
    assert problem.optimizer == Adam(beta_1=0.8)
    assert (problem.learning_rate, problem.batch_size, problem.n_steps) == (0.5, 1, 1)


def test_json_too_and_settings_may_be_changed(tmp_path):
    path = tmp_path / "b.json"
    path.write_text(json.dumps(SMALL))
    assert read_problem(path).optimizer == SGD()
    assert read_problem(path, {"optimizer": "momentum", "steps": 4}).n_steps == 4


def test_drawn_weights_are_those_of_the_seed():
    thetas = [build_problem({**SMALL, "weight_init": "random", "seed": seed}).theta for seed in (1, 1, 2)]
    assert (thetas[0] == thetas[1]).all()
    assert (thetas[0] != thetas[2]).any()


def test_plain_numbers_are_one_sample_each():
    assert build_problem({"sizes": [1, 1], "x": [1, 2, 3], "y": [1, 2, 3]}).X.shape == (3, 1)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"sizes": None}, InvalidParameterError, "no sizes; expected one, such as sizes"),
        ({"sizes": [2]}, InvalidParameterError, "sizes"),
        ({"sizes": [2, 0, 1]}, InvalidParameterError, r"sizes\[1\]=0"),
        ({"sizes": [2, 2000, 2000, 1]}, InvalidParameterError, "at most 10,000"),
        ({"x": None}, InvalidParameterError, "no x"),
        ({"x": [[0.05, 0.1, 0.2]]}, InvalidDataError, r"x of shape \(1, 3\); expected \(n_samples, 2\)"),
        ({"x": [[0.05, float("nan")]]}, InvalidDataError, "x holds NaN"),
        ({"x": [[0.05, True]]}, InvalidDataError, "expected numbers"),
        ({"alpha": False}, InvalidParameterError, "alpha=False"),
        ({"x": [[0.05], [1, 2]]}, InvalidDataError, "rows of one length"),
        ({"x": [["a", "b"]]}, InvalidDataError, "expected numbers"),
        ({"y": [[0.01], [1.0]]}, InvalidDataError, "1 samples in x and 2 in y"),
        ({"activation": "sigmoidal"}, UnknownNameError, "did you mean 'sigmoid'"),
        ({"activation": ["relu", "relu"]}, InvalidParameterError, "for 1 hidden layers"),
        ({"loss": "mse"}, UnknownNameError, "unknown loss 'mse'"),
        ({"loss": "softmax_cross_entropy"}, InvalidDataError, "rows that sum to 1"),
        ({"loss": "sigmoid_cross_entropy", "y": [[2.0]]}, InvalidDataError, "numbers from 0 to 1"),
        ({"loss": "poisson", "y": [[-1.0]]}, InvalidDataError, "at least 0"),
        ({"weights": [[[1.0]]]}, InvalidDataError, "weights of 1 layers; expected 2"),
        (
            {"weights": [[[1.0]], [[1.0]]]},
            InvalidDataError,
            r"weights\[0\] of shape \(1, 1\); expected \(2, 2\)",
        ),
        ({"weights": 3}, InvalidDataError, "got weights=3; expected 2, one of each layer"),
        (
            {"biases": [[0.0, float("inf")], [0.0]]},
            InvalidDataError,
            "weights or biases hold NaN or infinity",
        ),
        ({"weight_init": "he"}, UnknownNameError, "unknown weight_init"),
        ({"seed": -1}, InvalidParameterError, "seed=-1"),
        ({"optimizer": {"name": "adam", "beta": 1}}, InvalidParameterError, "any of beta_1"),
        (
            {"optimizer": {"name": "adam", "beta_1": "x"}},
            InvalidParameterError,
            "beta_1='x'; expected a number",
        ),
        ({"optimizer": {"name": "adam", "beta_2": 1}}, InvalidParameterError, "beta_2=1; expected a number"),
        ({"optimizer": {"name": "adam", "epsilon": 0}}, InvalidParameterError, "epsilon=0; expected a pos"),
        ({"optimizer": {"name": "momentum", "nesterov": 3}}, InvalidParameterError, "nesterov=3; expected"),
        ({"x": 1}, InvalidDataError, r"x of shape \(1, 1\); expected \(n_samples, 2\)"),
        ({"lr": 0}, InvalidParameterError, "lr=0"),
        ({"learning_rate": 1}, UnknownNameError, "unknown setting of a problem"),
    ],
)
def test_what_cannot_be_is_refused(changes, error, message):
    with pytest.raises(error, match=message):
        build_problem({**SMALL, **changes})


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.toml", b"sizes = [", DataFileError, "not in the format"),
        ("a.yaml", b"a: [", DataFileError, "not in the format"),
        ("a.yaml", b"- 1", DataFileError, "holds no settings"),
        ("a.json", b"{", DataFileError, "not in the format"),
        ("a.txt", b"", DataFileError, "ends in .toml"),
        ("a.toml", b"\xff\xfe", DataFileError, "no text in UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(name, content, error, message, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=message):
        read_problem(tmp_path / name)


def test_a_folder_is_no_problem(tmp_path):
    with pytest.raises(FileError, match="cannot read"):
        read_problem(tmp_path)


def test_yaml_may_have_powers_of_ten(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "sizes: [1, 1]\nx: [1e-3, -.5E+1, 2.5]\ny: [1, 2, 3]\nlr: 1e-2\nname: e3\n"
    )
    problem = read_problem(tmp_path / "a.yaml")
    assert (problem.X.ravel().tolist(), problem.learning_rate, problem.name) == (
        [0.001, -5.0, 2.5],
        0.01,
        "e3",
    )


def test_yaml_runs_no_code(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("sizes: !!python/object/apply:os.getcwd []")
    with pytest.raises(DataFileError):
        read_problem(path)
