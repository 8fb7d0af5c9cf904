"""Parameters of the estimators, checked before scikit-learn checks them, where more help can be given."""

from typing import Any

from sklearn.utils._param_validation import StrOptions

from glassnet._common.naming import lookup


def check_words(estimator: Any, constraints: dict[str, list[Any]]) -> None:
    """Raise an UnknownNameError for a word that a parameter does not know: the nearest, and all, sorted.

    Parameters
    ----------
    estimator : estimator
    constraints : dict
        What each parameter may be, as scikit-learn has it.
    """
    for name, allowed in constraints.items():
        value = getattr(estimator, name, None)
        words = [word for kind in allowed if isinstance(kind, StrOptions) for word in kind.options]
        if words and isinstance(value, str) and str not in allowed:
            lookup(dict.fromkeys(sorted(words)), value, name)
