"""One estimator asked what a case asks: what it answered, what it has learnt, or how it refused."""

import contextlib
import io
import linecache
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.neural_network import _multilayer_perceptron as theirs
from sklearn.utils import check_array

from beside_sklearn.cases import Call, Case

LEARNT = (
    "n_features_in_",
    "feature_names_in_",
    "classes_",
    "n_iter_",
    "t_",
    "n_layers_",
    "n_outputs_",
    "out_activation_",
    "coefs_",
    "intercepts_",
    "loss_",
    "best_loss_",
    "best_validation_score_",
    "loss_curve_",
    "validation_scores_",
)
"""What is compared after each training."""

WATCHED = (ConvergenceWarning, DataConversionWarning, UserWarning)
"""The warnings that both give, or none; those that NumPy and SciPy give of a calculation are passed over."""


@dataclass
class Outcome:
    """Hold how one call ended.

    Attributes
    ----------
    values : dict
        What was answered or learnt, by name.
    error : Exception or None
    warned : frozenset of str
    printed : list of str
        Lines.
    facts : frozenset of str
        What was seen inside scikit-learn meanwhile.
    dtype : dtype or None
        Of the network.
    """

    values: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None
    warned: frozenset[str] = frozenset()
    printed: list[str] = field(default_factory=list)
    facts: frozenset[str] = frozenset()
    dtype: Any = None

    @property
    def is_accident(self) -> bool:
        """Whether a line of glassnet failed by accident: nobody wrote `raise` there."""
        if self.error is None:
            return False
        last = traceback.extract_tb(self.error.__traceback__)[-1]
        return "/glassnet/" in last.filename and not _line(last).startswith("raise")

    def place(self) -> str:
        """Return where the error came from, for people."""
        assert self.error is not None
        last = traceback.extract_tb(self.error.__traceback__)[-1]
        return f"{last.filename.split('site-packages/')[-1]}:{last.lineno} {_line(last)}"


def _line(frame: traceback.FrameSummary) -> str:
    return linecache.getline(frame.filename, frame.lineno or 0).strip()


@dataclass(frozen=True)
class Mismatch:
    """Hold the first thing that is not the same.

    Attributes
    ----------
    call : int
        Which call of the case.
    kind : {"ours refuses", "theirs refuses", "accident", "warned", "printed", "form", "values"}
    what : str
        What differs, or the errors.
    facts : frozenset of str
        What was seen inside scikit-learn up to this call.
    """

    call: int
    kind: str
    what: str
    ours: Outcome
    theirs: Outcome
    facts: frozenset[str] = frozenset()

    def raised_in(self, *functions: str) -> bool:
        """Return whether our error came out of one of these functions."""
        assert self.ours.error is not None
        return any(frame.name in functions for frame in traceback.extract_tb(self.ours.error.__traceback__))


def run(case: Case, module: ModuleType, nudge: int | None = None) -> list[Outcome]:
    """Ask an estimator of `glassnet` or `sklearn.neural_network` what the case asks, up to the first refusal.

    Parameters
    ----------
    case : Case
        It is used up: the estimators may keep its objects.
    module : module
    nudge : int, optional
        A seed: inputs, target values and weights are changed by a few units in their last place first, and
        so are activations, whenever they are computed.
    """
    outcomes: list[Outcome] = []
    model = None
    for call in case.calls:
        outcome = Outcome()
        arguments = {name: given.value for name, given in call.given.items()}
        if nudge is not None:
            arguments = nudged(arguments, case.estimator, nudge)
        printed = io.StringIO()
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(printed),
            watching() as facts,
            nudged_activations(nudge) if nudge is not None else contextlib.nullcontext(),
            np.errstate(all="warn"),
        ):
            warnings.simplefilter("always")
            try:
                if model is None:
                    model = getattr(module, case.estimator)(**case.parameters)
                if call.settings:
                    model.set_params(**call.settings)
                answer = getattr(model, call.method)(**arguments)
                outcome.values = learnt(model) if answer is model else {call.method: answer}
            except Exception as error:
                outcome.error = error
        outcome.warned = frozenset(w.category.__name__ for w in caught if w.category in WATCHED)
        outcome.printed = printed.getvalue().splitlines()
        overflows = any(
            issubclass(w.category, RuntimeWarning) and "overflow" in str(w.message) for w in caught
        )
        outcome.facts = frozenset({*facts, *({"overflow"} if overflows else ())})
        coefs = getattr(model, "coefs_", None)  # an empty list where scikit-learn failed to draw them
        outcome.dtype = coefs[0].dtype if coefs else None
        outcomes.append(outcome)
        if outcome.error is not None and trains(call):
            break
    return outcomes


def trains(call: Call) -> bool:
    """Return whether a call changes the model."""
    return call.method in ("fit", "partial_fit")


def learnt(model: Any) -> dict[str, Any]:
    """Return copies of all that a fitted model has learnt."""
    values: dict[str, Any] = {}
    for name in LEARNT:
        if not hasattr(model, name):
            continue
        value = getattr(model, name)
        if name in ("coefs_", "intercepts_"):
            values |= {f"{name}[{i}]": np.array(array) for i, array in enumerate(value)}
        else:
            values[name] = np.array(value, np.float64) if isinstance(value, list) else value
    return values


def nudged(arguments: dict[str, Any], estimator: str, seed: int) -> dict[str, Any]:
    """Return arguments whose numbers differ in their last places, as sums of another order do."""
    rng = np.random.default_rng(seed)

    def nudge(value: Any) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                array = check_array(
                    value,
                    accept_sparse=["csr", "csc"],
                    dtype=(np.float64, np.float32),
                    ensure_2d=False,
                    allow_nd=True,
                    ensure_min_samples=0,
                    ensure_min_features=0,
                )
        except (ValueError, TypeError):
            return value
        numbers = array.data if sparse.issparse(array) else array
        step = np.finfo(numbers.dtype).eps
        moved = numbers * (1 + step * rng.integers(-4, 5, size=numbers.shape)).astype(numbers.dtype)
        if not sparse.issparse(array):
            return _with_names(value, moved)
        array = array.copy()
        array.data = moved
        return array

    names = ["X", "sample_weight", "y"] if estimator == "MLPRegressor" else ["X", "sample_weight"]
    return {name: nudge(value) if name in names else value for name, value in arguments.items()}


def _with_names(value: Any, moved: np.ndarray) -> Any:
    if hasattr(value, "iloc") and hasattr(value, "columns"):
        return type(value)(moved, columns=value.columns)
    if hasattr(value, "lazy") and hasattr(value, "columns"):
        return type(value)(moved, schema=list(value.columns))
    return moved


@contextlib.contextmanager
def nudged_activations(seed: int) -> Iterator[None]:
    """Let scikit-learn's activations differ in their last place, as those of other sums do."""
    rng, before = np.random.default_rng(seed), dict(theirs.ACTIVATIONS)

    def nudging(activate: Any) -> Any:
        def function(z: Any) -> None:
            activate(z)
            if getattr(z, "dtype", None) in (np.float32, np.float64):
                z *= (1 + np.finfo(z.dtype).eps * rng.integers(-1, 2, size=z.shape)).astype(z.dtype)

        return function

    theirs.ACTIVATIONS.update({name: nudging(activate) for name, activate in before.items()})
    try:
        yield
    finally:
        theirs.ACTIVATIONS.update(before)


# -- what happens inside scikit-learn -----------------------------------------------------------------


@contextlib.contextmanager
def watching() -> Iterator[set[str]]:
    """Note what tells which difference is at work, while scikit-learn does as it always does."""
    facts: set[str] = set()
    losses, split = dict(theirs.LOSS_FUNCTIONS), theirs.train_test_split

    def watch_loss(name: str) -> Any:
        def loss(y: Any, outputs: Any, weights: Any = None) -> Any:
            if weights is not None and weights.dtype != outputs.dtype:
                facts.add("weights of another dtype")
            found = losses[name](y, outputs, weights)
            if name == "poisson":
                at_limits = not np.isfinite(found) or (outputs == 0).any()
            else:  # near where probabilities are cut off, 1 - p has few digits left
                sure = np.minimum(outputs, 1 - outputs)
                at_limits = name != "squared_error" and (sure < np.sqrt(np.finfo(outputs.dtype).eps)).any()
            if at_limits:
                facts.add("loss at its limits")
            return found

        return loss

    def watch_split(X: Any, y: Any, *rest: Any, **options: Any) -> Any:
        parts = split(X, y, *rest, **options)
        kept, held = parts[2], parts[3]
        if y.dtype == bool and {tuple(row) for row in kept} != {tuple(row) for row in held}:
            facts.add("a class is missing")
        if len(rest) and not np.any(parts[5]):
            facts.add("held-out weights are 0")
        return parts

    for name in losses:
        theirs.LOSS_FUNCTIONS[name] = watch_loss(name)
    theirs.train_test_split = watch_split
    try:
        yield facts
    finally:
        theirs.LOSS_FUNCTIONS.update(losses)
        theirs.train_test_split = split
