"""scikit-learn's private methods, which code may override or call: said to be missing, never ignored."""

from inspect import getattr_static
from typing import Any, NoReturn

from glassnet.errors import InvalidParameterError

_WEIGHTS = "weight_init=f with f(rng, fan_in, fan_out), or initialize(X, y) and then coefs_[i] = W"
_OUTPUTS = "transform(X, layer=i) for hidden layers, predict or predict_proba for the outputs"
_GRADIENTS = (
    "glassnet.trace for the numbers of a step, or make_samples(X, y) with glassnet.nn.Training for a loop of "
    "your own"
)
_TRAINING = "on_epoch=f, which is told of every epoch, or partial_fit in a loop of your own"

HOOKS = {
    "_init_coef": _WEIGHTS,
    "_initialize": _WEIGHTS,
    "_unpack": _WEIGHTS,
    "_forward_pass": _OUTPUTS,
    "_forward_pass_fast": _OUTPUTS,
    "_predict": _OUTPUTS,
    "_backprop": _GRADIENTS,
    "_compute_loss_grad": _GRADIENTS,
    "_loss_grad_lbfgs": _GRADIENTS,
    "_fit": _TRAINING,
    "_fit_lbfgs": _TRAINING,
    "_fit_stochastic": _TRAINING,
    "_update_no_improvement_count": "scoring=f with early_stopping=True, or on_epoch=f, which may stop",
    "_score": "scoring=f with early_stopping=True",
    "_score_with_function": "scoring=f with early_stopping=True",
    "_validate_input": "fit with X and y as they are to be, or a Pipeline that prepares them",
}
"""The private methods of scikit-learn's networks, and what to use in their place."""


class _Missing:
    """Stand where scikit-learn has a private method, and say what to use."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> NoReturn:
        raise AttributeError(
            f"{self.name} is private to scikit-learn's networks, and glassnet's have none; use "
            f"{HOOKS[self.name]}."
        )


class WithoutHooks:
    """Answer for scikit-learn's private methods; the estimators inherit it."""

    _init_coef = _Missing()
    _unpack = _Missing()
    _forward_pass = _Missing()
    _forward_pass_fast = _Missing()
    _predict = _Missing()
    _backprop = _Missing()
    _compute_loss_grad = _Missing()
    _loss_grad_lbfgs = _Missing()
    _fit_stochastic = _Missing()
    _update_no_improvement_count = _Missing()
    _score = _Missing()
    _score_with_function = _Missing()
    _validate_input = _Missing()


def refuse_hooks(estimator: Any) -> None:
    """Raise an InvalidParameterError where a subclass or a patch brings a private method of scikit-learn's.

    It would never be called, or called with other arguments.
    """
    for name, instead in HOOKS.items():
        found = getattr_static(estimator, name, None)
        home = getattr(found, "__module__", None) or ""
        if found is not None and home.partition(".")[0] != "glassnet":
            raise InvalidParameterError(
                f"{type(estimator).__name__} brings a {name} of its own, which scikit-learn's networks call "
                f"and glassnet's do not; use {instead}."
            )
