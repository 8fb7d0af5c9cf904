"""The differences that docs/scikit-learn.md names, each with what tells that it is at work.

Where scikit-learn can be made to do as glassnet does, by one function in another's place, a difference has an
`adaptation`: scikit-learn is then run again with it, and has to give the same.
"""

import contextlib
import copy
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np
from scipy.special import log_softmax, xlogy
from sklearn.neural_network import _multilayer_perceptron as theirs
from sklearn.utils import _safe_indexing

from beside_sklearn.cases import Case
from beside_sklearn.running import Mismatch
from glassnet.data import train_validation_split
from glassnet.errors import DivergedError, InvalidDataError


@dataclass(frozen=True)
class Difference:
    """Hold one difference.

    Attributes
    ----------
    name : str
        As in docs/scikit-learn.md.
    applies : callable
        ``applies(case, mismatch)`` tells whether the mismatch is of this kind.
    adaptation : callable or None
        Returns a context in which scikit-learn does as glassnet.
    passed_over : tuple of str
        What then still differs: how a number is reported, not what it is.
    """

    name: str
    applies: Callable[[Case, Mismatch], bool]
    adaptation: Callable[[], AbstractContextManager[None]] | None = None
    passed_over: tuple[str, ...] = ()


# -- scikit-learn made to do as glassnet --------------------------------------------------------------


@contextlib.contextmanager
def exact_losses() -> Iterator[None]:
    """Let losses be computed from the outputs' z, which are remembered: nothing is cut off, or inf - inf."""
    last: list[Any] = []

    def remembering(activate: Callable[[Any], None]) -> Callable[[Any], None]:
        def function(z: Any) -> None:
            last[:] = [z.copy()]
            activate(z)

        return function

    def softmax_loss(y: Any, outputs: Any, sample_weight: Any = None) -> Any:
        return -np.average((y * log_softmax(last[0], axis=1)).sum(axis=1), weights=sample_weight)

    def logistic_loss(y: Any, outputs: Any, sample_weight: Any = None) -> Any:
        z = last[0]
        return np.average((np.logaddexp(0, np.where(y, -z, z))).sum(axis=1), weights=sample_weight)

    def poisson_loss(y: Any, outputs: Any, sample_weight: Any = None) -> Any:
        return np.average((xlogy(y, y) - y - y * last[0] + outputs).sum(axis=1), weights=sample_weight)

    activations = {name: remembering(theirs.ACTIVATIONS[name]) for name in ("softmax", "logistic", "exp")}
    losses = {"log_loss": softmax_loss, "binary_log_loss": logistic_loss, "poisson": poisson_loss}
    with patch.dict(theirs.ACTIVATIONS, activations), patch.dict(theirs.LOSS_FUNCTIONS, losses):
        yield


OF_THE_NETWORK = ("hidden_layer_sizes", "activation")


@contextlib.contextmanager
def network_as_made() -> Iterator[None]:
    """Let training that goes on keep the layers and the activation that the network was made with."""
    estimator = theirs.BaseMultilayerPerceptron
    initialize, fit = estimator._initialize, estimator._fit

    def remember(self: Any, *arguments: Any) -> None:
        initialize(self, *arguments)
        self._made = {name: getattr(self, name) for name in OF_THE_NETWORK}

    def fit_again(self: Any, X: Any, y: Any, sample_weight: Any = None, incremental: bool = False) -> Any:
        if self.warm_start or incremental:
            vars(self).update(getattr(self, "_made", {}))
        return fit(self, X, y, sample_weight, incremental)

    with patch.multiple(estimator, _initialize=remember, _fit=fit_again):
        yield


@contextlib.contextmanager
def kept_best_weights() -> Iterator[None]:
    """Let the best weights be arrays of their own when training goes on with them."""
    estimator = theirs.BaseMultilayerPerceptron
    fit = estimator._fit

    def fit_again(self: Any, *arguments: Any, **named: Any) -> Any:
        if hasattr(self, "_best_coefs"):
            self._best_coefs = [array.copy() for array in self._best_coefs]
            self._best_intercepts = [array.copy() for array in self._best_intercepts]
        return fit(self, *arguments, **named)

    with patch.object(estimator, "_fit", fit_again):
        yield


@contextlib.contextmanager
def settings_as_floats() -> Iterator[None]:
    """Let settings of NumPy's types be Python's numbers."""
    estimator = theirs.BaseMultilayerPerceptron
    fit = estimator._fit

    def fit_again(self: Any, *arguments: Any, **named: Any) -> Any:
        vars(self).update(
            {
                k: int(v) if isinstance(v, np.integer) else float(v)
                for k, v in self.get_params().items()
                if isinstance(v, np.number)
            }
        )
        return fit(self, *arguments, **named)

    with patch.object(estimator, "_fit", fit_again):
        yield


@contextlib.contextmanager
def split_class_by_class() -> Iterator[None]:
    """Let rows be held back class by class, where the split would leave a class out, or cannot be made."""
    split = theirs.train_test_split

    def parts(*arrays: Any, random_state: Any, test_size: float, stratify: Any) -> list[Any]:
        y = arrays[1]
        labels, rows = y[:, 0] if y.shape[1] == 1 else y.argmax(axis=1), np.arange(len(y))
        options = {"random_state": random_state, "test_size": test_size, "stratify": stratify}
        try:
            kept, held = split(rows, **options)
            whole = set(labels[kept]) == set(labels[held])
        except ValueError:
            kept, held, whole = rows[:0], rows[:0], False
        if not whole:
            rng = np.random.default_rng(copy.deepcopy(random_state).randint(2**31))
            try:
                kept, held, _, _ = train_validation_split(
                    rows, labels, validation_fraction=test_size, random_state=rng
                )
            except InvalidDataError:
                if not len(kept) or np.unique(labels, return_counts=True)[1].min() < 2:
                    raise
            else:
                random_state.randint(2**31)
        return [_safe_indexing(array, some) for array in arrays for some in (kept, held)]

    with patch.object(theirs, "train_test_split", parts):
        yield


@contextlib.contextmanager
def weights_as_inputs() -> Iterator[None]:
    """Let weights of samples be of the dtype of X."""
    check = theirs._check_sample_weight

    def as_inputs(weights: Any, X: Any) -> Any:
        return check(weights, X, dtype=X.dtype.newbyteorder("="))  # else it is taken for none of NumPy's

    with patch.object(theirs, "_check_sample_weight", as_inputs):
        yield


@contextlib.contextmanager
def summed_squares() -> Iterator[None]:
    """Let the squared error be summed over outputs, as its gradient is."""

    def loss(y: Any, outputs: Any, sample_weight: Any = None) -> Any:
        return 0.5 * np.average((y - outputs) ** 2, weights=sample_weight, axis=0).sum()

    with patch.dict(theirs.LOSS_FUNCTIONS, squared_error=loss):
        yield


# -- what tells them ----------------------------------------------------------------------------------


def _setting(case: Case, mismatch: Mismatch, name: str) -> Any:
    """Return the value of a parameter at the call that differs."""
    value = case.parameters.get(name)
    for call in case.calls[: mismatch.call + 1]:
        value = call.settings.get(name, value)
    return value


def _seen(fact: str, *kinds: str) -> Callable[[Case, Mismatch], bool]:
    """Return what tells whether this was seen inside scikit-learn, before a mismatch of these kinds."""
    return lambda case, mismatch: mismatch.kind in kinds and fact in mismatch.facts


def _several_outputs(case: Case, mismatch: Mismatch) -> bool:
    return (
        mismatch.kind in ("values", "warned")
        and case.estimator == "MLPRegressor"
        and _setting(case, mismatch, "solver") == "lbfgs"
        and _setting(case, mismatch, "loss") != "poisson"
        and mismatch.theirs.values.get("n_outputs_", 0) > 1
    )


def _trained_in_float32(case: Case, mismatch: Mismatch) -> bool:
    """Return whether L-BFGS was given X of float32."""
    first = mismatch.ours.values.get("coefs_[0]")
    return (
        mismatch.kind == "form"
        and first is not None
        and first.dtype == np.float32
        and (_setting(case, mismatch, "solver") == "lbfgs")
    )


def _asked_in_another_precision(case: Case, mismatch: Mismatch) -> bool:
    return (
        mismatch.kind == "form"
        and case.calls[mismatch.call].method.startswith("predict")
        and "dtype" in mismatch.what
    )


def _diverged(case: Case, mismatch: Mismatch) -> bool:
    """Return whether our training stopped where scikit-learn's went on with what is not finite."""
    losses = mismatch.theirs.values.get("loss_curve_", mismatch.theirs.values.get("loss_", 0.0))
    return isinstance(mismatch.ours.error, DivergedError) and not np.isfinite(losses).all()


def _refused(*functions: str, saying: str = "") -> Callable[[Case, Mismatch], bool]:
    """Return what tells whether our error, alone, came out of one of these functions."""

    def applies(case: Case, mismatch: Mismatch) -> bool:
        return (
            mismatch.kind == "ours refuses"
            and mismatch.raised_in(*functions)
            and saying in str(mismatch.ours.error)
        )

    return applies


def _partial_lbfgs(case: Case, mismatch: Mismatch) -> bool:
    return (
        mismatch.kind == "ours refuses"
        and case.estimator == "MLPRegressor"
        and _setting(case, mismatch, "solver") == "lbfgs"
        and case.calls[mismatch.call].method == "partial_fit"
    )


def _loss_of_no_step(case: Case, mismatch: Mismatch) -> bool:
    """Return whether L-BFGS reports NaN, from a step that it did not take."""
    return (
        mismatch.kind == "values"
        and mismatch.what.startswith("loss_:")
        and _setting(case, mismatch, "solver") == "lbfgs"
        and np.isnan(mismatch.theirs.values["loss_"])
    )


ADDED = {"activation", "solver", "loss", "random_state"}


def _added(case: Case, mismatch: Mismatch) -> bool:
    """Return whether scikit-learn refuses a value that glassnet has in addition."""
    found = re.match("The '([a-z_]+)' parameter of", str(mismatch.theirs.error))
    return mismatch.kind == "theirs refuses" and found is not None and found[1] in ADDED


def _types_of_numbers(case: Case, mismatch: Mismatch) -> bool:
    """Return whether scikit-learn calls a function of NumPy or SciPy on numbers that it does not take."""
    return mismatch.kind == "theirs refuses" and "ufunc" in str(mismatch.theirs.error)


def _batch_without_weight(case: Case, mismatch: Mismatch) -> bool:
    return mismatch.kind == "theirs refuses" and isinstance(mismatch.theirs.error, ZeroDivisionError)


def _weights_of_another_precision(case: Case, mismatch: Mismatch) -> bool:
    """Return whether weights were not what they are in the precision of X: infinite there, or all zero."""
    if mismatch.kind == "ours refuses":
        said = str(mismatch.ours.error)
        return "Input sample_weight contains inf" in said or "at least one non-zero number" in said
    return "weights of another dtype" in mismatch.facts and mismatch.kind in ("values", "warned")


def _one_hot_rows(case: Case, mismatch: Mismatch) -> bool:
    """Return whether glassnet alone warns, of labels that are one-hot rows."""
    y = case.calls[mismatch.call].given.get("y")
    if (
        mismatch.kind != "warned"
        or y is None
        or mismatch.ours.warned - mismatch.theirs.warned != {"UserWarning"}
    ):
        return False
    rows = y.value.toarray() if hasattr(y.value, "tocsr") else np.asarray(y.value)
    return rows.ndim == 2 and bool((np.count_nonzero(rows, axis=1) == 1).all())


def _overflows(case: Case, mismatch: Mismatch) -> bool:
    """Return whether numbers are so large that products of them may overflow, with or without a warning."""
    huge = "overflow" in mismatch.facts or "1e308" in case.tags
    diverged = isinstance(mismatch.ours.error, DivergedError)
    return huge and (mismatch.kind in ("values", "warned") or diverged)


def _settings_of_another_precision(case: Case, mismatch: Mismatch) -> bool:
    odd = [value for value in case.parameters.values() if isinstance(value, np.number)]
    return mismatch.kind in ("values", "form", "warned", "printed") and bool(odd)


def _lacks_a_class(case: Case, mismatch: Mismatch) -> bool:
    """Return whether a part of scikit-learn's split lacks a class, of single labels, or cannot be made."""
    error, learnt = mismatch.theirs.error, mismatch.theirs.values
    if case.estimator != "MLPClassifier" or mismatch.kind in ("accident", "form", "printed"):
        return False
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        return any(frame.name == "train_test_split" for frame in frames)
    several = learnt.get("out_activation_") == "logistic" and learnt["n_outputs_"] > 1
    return "a class is missing" in mismatch.facts and not several


def _stopped_early_before(case: Case, mismatch: Mismatch) -> bool:
    """Return whether a warm start follows training that early stopping watched."""
    stops, goes_on = _setting(case, mismatch, "early_stopping"), _setting(case, mismatch, "warm_start")
    return mismatch.kind == "values" and mismatch.call > 0 and bool(stops) and bool(goes_on)


def _partial_warm_start(case: Case, mismatch: Mismatch) -> bool:
    return (
        mismatch.kind == "theirs refuses"
        and case.calls[mismatch.call].method == "partial_fit"
        and str(mismatch.theirs.error).startswith("warm_start can only be used")
    )


def _beyond_float64(case: Case, mismatch: Mismatch) -> bool:
    return (
        mismatch.kind == "ours refuses"
        and "longdouble beyond float64" in case.tags
        and "too large for dtype('float64')" in str(mismatch.ours.error)
    )


def _finite_logarithm(case: Case, mismatch: Mismatch) -> bool:
    if mismatch.kind != "values" or not mismatch.what.startswith("predict_log_proba"):
        return False
    ours, other = mismatch.ours.values["predict_log_proba"], mismatch.theirs.values["predict_log_proba"]
    smallest = np.log(np.finfo(mismatch.ours.dtype).tiny)
    gone = np.isneginf(other) | (other < smallest)
    return bool(gone.any() and (ours[gone] < smallest + 2).all() and np.allclose(ours[~gone], other[~gone]))


def _other_network(case: Case, mismatch: Mismatch) -> bool:
    """Return whether parameters of the network were set after it was made."""
    set_later = {name for call in case.calls[: mismatch.call + 1] for name in call.settings}
    return mismatch.kind in ("theirs refuses", "values") and not set_later.isdisjoint(OF_THE_NETWORK)


def _sizes_without_order(case: Case, mismatch: Mismatch) -> bool:
    return mismatch.kind == "ours refuses" and isinstance(case.parameters["hidden_layer_sizes"], (set, dict))


def _whole_sizes(case: Case, mismatch: Mismatch) -> bool:
    """Return whether sizes are whole numbers in a form that scikit-learn does not take."""
    sizes = np.asarray(case.parameters["hidden_layer_sizes"])
    if mismatch.kind != "theirs refuses" or sizes.dtype.kind not in "iuf":
        return False
    return (sizes.dtype.kind == "f" or sizes.ndim == 0) and bool((sizes == np.floor(sizes)).all())


DTYPE = ("dtype",)
"""Passed over where the numbers are compared, and only their dtype differs."""

DIFFERENCES = (
    Difference("exact-losses", _seen("loss at its limits", "values", "warned", "ours refuses"), exact_losses),
    Difference("lbfgs-several-outputs", _several_outputs, summed_squares, ("loss_",)),
    Difference("lbfgs-float32", _trained_in_float32, contextlib.nullcontext, (*DTYPE, "n_iter_")),
    Difference("lbfgs-partial-fit", _partial_lbfgs),
    Difference("lbfgs-loss-of-no-step", _loss_of_no_step, contextlib.nullcontext, ("loss_",)),
    Difference("weights-precision", _weights_of_another_precision, weights_as_inputs),
    Difference("settings-precision", _settings_of_another_precision, settings_as_floats),
    Difference("kept-best-weights", _stopped_early_before, kept_best_weights),
    Difference("network-as-made", _other_network, network_as_made),
    Difference("one-precision", _asked_in_another_precision, contextlib.nullcontext, DTYPE),
    Difference("beyond-float64", _beyond_float64),
    Difference("finite-log-probabilities", _finite_logarithm),
    Difference("split-by-class", _lacks_a_class, split_class_by_class),
    Difference("weightless-validation", _refused("check_held_out_weight")),
    Difference("weightless-batch", _batch_without_weight),
    Difference("no-numbers", _refused("refuse_no_numbers", "refuse_masked")),
    Difference("types-of-numbers", _types_of_numbers),
    Difference("poisson-negative", _refused("_validate", saying="does not allow")),
    Difference("other-outputs", _refused("_targets_of")),
    Difference("partial-fit-warm-start", _partial_warm_start),
    Difference("added-values", _added),
    Difference("sizes-without-order", _sizes_without_order),
    Difference("one-hot-warning", _one_hot_rows, contextlib.nullcontext, ("UserWarning",)),
    Difference("whole-sizes", _whole_sizes),
    Difference("diverged", _diverged),
    Difference("overflow", _overflows),
)

TESTED_ELSEWHERE = (
    "weights-copied-in",
    "weights-before-layers",
    "private-methods",
    "one-hot-size",
    "read-only-weights",
    "partial-fit-early-stopping",
    "history-sums",
)
"""The others of that page, which no case draws."""
