"""What one takes home from a studio: code that gives exactly this run, and a step worked out on a page."""

import inspect
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet._common.naming import lookup
from glassnet._common.quoting import quoted
from glassnet.errors import InvalidParameterError
from glassnet.worked.tracing import trace

WIDTH = 100


@dataclass(frozen=True)
class Stage:
    """Hold a run, or what one branch has changed of it.

    Attributes
    ----------
    step : int
        How many steps of it are made; where another stage follows, it branches off there.
    changes : mapping of str to object
        The parameters that a branch has other than what it branches from; {} of the first stage.
    """

    step: int
    changes: Mapping[str, Any]


def python_code(data: str, model: Any, fit_parameters: Mapping[str, Any], stages: Sequence[Stage]) -> str:
    """Return Python code that gives exactly the weights of a run at a step.

    Parameters
    ----------
    data : str
        Lines of Python that name X and y, X_val and y_val where there are such, and theta where the first
        weights are not drawn.
    model : NeuralNetwork, MLPClassifier, MLPRegressor or MLPAutoencoder
        Of the first stage, with its parameters and a seed that is a number.
    fit_parameters : mapping of str to object
        More arguments of its `fit`, besides the data.
    stages : sequence of Stage
        The run and, where it is a branch, its branches; the last step is the one that is wanted.

    Returns
    -------
    str

    Raises
    ------
    InvalidParameterError
        When a parameter is a function or an object, which code cannot write.
    """
    cls = type(model).__name__
    parameters = changed_parameters(model)
    imports = [f"from glassnet import {cls}", "from glassnet.studio.recorder import Recorder"]
    imports += [line for value in parameters.values() if (line := _import_of(value))]
    given = ["X", "y"]
    if "X_val" in data:
        given += ["X_val=X_val", "y_val=y_val"]
    if "\ntheta = " in data:
        given.append("theta=theta")
    given += [f"{name}={_written(name, value)}" for name, value in fit_parameters.items()]
    first, *branches = stages
    lines = [
        *dict.fromkeys(imports),
        "",
        data.strip(),
        "",
        _call("model = ", cls, [f"{name}={_written(name, value)}" for name, value in parameters.items()]),
        _call("run = ", "Recorder", ["model", *given]),
        *_steps(first.step),
    ]
    done = first.step
    for stage in branches:
        changes = [f"{name}={_written(name, value)}" for name, value in stage.changes.items()]
        lines += [_call("run = ", "run.branch", [str(done), *changes]), *_steps(stage.step - done)]
        done = stage.step
    lines += [
        "",
        f"network = run.model_at({done})  # as it was after {done:,} steps",
        f"theta = run.at({done}).theta  # all its weights and biases, in one array",
    ]
    return "\n".join(lines) + "\n"


def changed_parameters(model: Any) -> dict[str, Any]:
    """Return the parameters of a model that are not what its class has by itself."""
    usual = {name: parameter.default for name, parameter in inspect.signature(type(model)).parameters.items()}
    return {
        name: value
        for name, value in model.get_params(deep=False).items()
        if usual[name] is inspect.Parameter.empty or repr(value) != repr(usual[name])
    }


def _steps(n: int) -> list[str]:
    return [f"run.step({n})"] if n else []


def _written(name: str, value: Any) -> str:
    """Return a value as Python writes it.

    Raises
    ------
    InvalidParameterError
        When it is none that can be written.
    """
    if isinstance(value, list | tuple):
        inner = ", ".join(_written(name, item) for item in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str) or _import_of(value):
        return repr(value)
    raise InvalidParameterError(
        f"got {name}={quoted(value)}, which code cannot write; expected a number, a "
        "text, or a name of glassnet's."
    )


def _import_of(value: Any) -> str | None:
    """Return how a value of glassnet's own is imported, whose text makes it again."""
    cls = type(value)
    if (
        is_dataclass(value)
        and cls.__module__.startswith("glassnet.")
        and repr(value).startswith(f"{cls.__name__}(")
    ):
        return f"from {cls.__module__} import {cls.__name__}"
    return None


def _call(begin: str, name: str, arguments: Sequence[str]) -> str:
    line = f"{begin}{name}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    inner = textwrap.fill(
        ", ".join(argument.replace(" ", "\0") for argument in arguments), WIDTH - 4, break_long_words=False
    ).replace("\0", " ")
    return f"{begin}{name}(\n{textwrap.indent(inner, '    ')},\n)"


def data_code(source: str, target: str | None = None) -> str:
    """Return the lines that name the data of a source that a studio opens by its name or its path."""
    words = repr(source) if target is None else f"{source!r}, target={target!r}"
    return (
        "from glassnet.studio.opened import open_data\n\n"
        f"data = open_data({words})\n"
        "X, y = data.train.X, data.train.y\n"
        "X_val, y_val = data.validation.X, data.validation.y"
    )


def points_code(X: NDArray[Any], y: NDArray[Any], X_val: NDArray[Any], y_val: NDArray[Any]) -> str:
    """Return the lines that write out points in the plane, such as a person has moved."""
    lines = ["import numpy as np", ""]
    for names, points, labels in (("X, y", X, y), ("X_val, y_val", X_val, y_val)):
        rows = ", ".join(f"({float(a)!r}, {float(b)!r})" for a, b in points)
        lines += [
            f"{names} = (",
            *textwrap.wrap(
                f"np.array([{rows}], np.{points.dtype}),",
                WIDTH - 4,
                initial_indent="    ",
                subsequent_indent="    ",
            ),
            *textwrap.wrap(
                f"np.array({labels.tolist()}),", WIDTH - 4, initial_indent="    ", subsequent_indent="    "
            ),
            ")",
        ]
    return "\n".join(lines)


def step_page(model: Any, X: Any, y: Any, format: str, *, learning_rate: float, updates: int = 0) -> str:
    """Return one step, worked out line by line as a page of its own.

    Parameters
    ----------
    model : NeuralNetwork, MLPClassifier, MLPRegressor or MLPAutoencoder
        With the weights before the step.
    X, y : array-like
        The samples of the step.
    format : {"latex", "html"}
    learning_rate : float
        Of the step.
    updates : int
        How many updates the optimiser has made before.

    Raises
    ------
    InvalidParameterError
        When the network is too large for paper, or the optimiser goes on from what it remembers of earlier
        updates, which a page that begins with this step does not have.
    """
    formats = {"latex": "to_latex", "html": "to_html"}
    method = lookup(formats, format, "format of a page")
    worked = trace(model, X, y, lr=learning_rate, batch_size=len(X), steps=1)
    problem = worked.problem
    if updates and problem.optimizer.init(problem.theta).memory:
        raise InvalidParameterError(
            f"got a step of {type(problem.optimizer).__name__} after {updates:,} updates, which it "
            "remembers; expected step 0, or an optimiser without a memory. Go back to step 0, or take "
            "optimizer='sgd'."
        )
    page: str = getattr(worked, method)()
    return page
