"""Support vector machines too large for exact fractions: scikit-learn's SVC and SciPy's linear programs."""

import warnings
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from glassnet.worked.svm._exact import Vector

Weights = dict[int, Fraction]

_NONE = 1e-9  # a weight or multiplier below is rounding


def fit_numerically(
    X: Sequence[Vector], signs: Sequence[int]
) -> tuple[Vector, Fraction, tuple[Fraction, ...]]:
    """Fit scikit-learn's ``SVC(C=1e10, kernel="linear")`` to separable classes, and refine what it found.

    Parameters
    ----------
    X : sequence of tuple of Fraction, shape (n_points, n_features)
    signs : sequence of int
        +1 or -1.

    Returns
    -------
    w : tuple of Fraction
    b : Fraction
    alpha : tuple of Fraction, length n_points

    Notes
    -----
    SVC stops at about 1e-6. Its support vectors then give one system of linear equations,
    ``sum_j alpha_j y_j x_j . x_i + b = y_i`` and ``sum_j alpha_j y_j = 0``, which is solved by least squares.
    """
    from sklearn.svm import SVC

    inputs, y = np.array(X, dtype=np.float64), np.array(signs, dtype=np.float64)
    centre, scale = inputs.mean(axis=0), float(inputs.std()) or 1.0
    scaled = (inputs - centre) / scale
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=UserWarning)  # it stops at max_iter; residuals are reported
        found = SVC(C=1e10, kernel="linear", tol=1e-8, max_iter=10**6).fit(scaled, y)
    alpha = np.zeros(len(y))
    alpha[found.support_] = np.abs(found.dual_coef_[0])
    w, b = found.coef_[0], float(found.intercept_[0])
    refined = _refine(scaled, y, found.support_)
    if _violation(scaled, y, *refined) < _violation(scaled, y, w, b, alpha):
        w, b, alpha = refined
    w, alpha = w / scale, alpha / scale**2
    b -= float(w @ centre)
    return tuple(map(Fraction, w.tolist())), Fraction(b), tuple(map(Fraction, alpha.tolist()))


def _refine(
    X: NDArray[np.float64], y: NDArray[np.float64], support: NDArray[np.intp]
) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    points, signs = X[support], y[support]
    n = len(support)
    system = np.zeros((n + 1, n + 1))
    system[:n, :n] = (points @ points.T) * signs
    system[:n, n] = 1
    system[n, :n] = signs
    solution = np.linalg.lstsq(system, np.append(signs, 0.0), rcond=None)[0]
    alpha = np.zeros(len(y))
    alpha[support] = solution[:n]
    return (solution[:n] * signs) @ points, float(solution[n]), alpha


def _violation(
    X: NDArray[np.float64],
    y: NDArray[np.float64],
    w: NDArray[np.float64],
    b: float,
    alpha: NDArray[np.float64],
) -> float:
    """Return by how much the conditions of Karush, Kuhn and Tucker are violated."""
    slack = y * (X @ w + b) - 1
    parts = (np.abs(w - (alpha * y) @ X), np.abs(alpha @ y), -slack, -alpha, np.abs(alpha * slack))
    return float(max(np.max(part) for part in parts))


def find_common_point(
    positives: Sequence[Vector], negatives: Sequence[Vector]
) -> tuple[Weights, Weights] | None:
    """Look for a point that lies in the convex hulls of both classes, by a linear program.

    Returns
    -------
    positive, negative : dict of int to Fraction
        Weights that make it an average of each class, by index; they sum to 1. None when there is none.
    """
    from scipy.optimize import linprog

    plus, minus = (np.array(part, dtype=np.float64) for part in (positives, negatives))
    both = np.concatenate([plus, minus])
    centre, scale = both.mean(axis=0), float(both.std()) or 1.0
    n_plus, n_minus = len(plus), len(minus)
    equations = np.vstack(
        [
            np.hstack([(plus - centre).T / scale, -(minus - centre).T / scale]),
            np.repeat([1.0, 0.0], [n_plus, n_minus]),
            np.repeat([0.0, 1.0], [n_plus, n_minus]),
        ]
    )
    right = np.append(np.zeros(both.shape[1]), [1.0, 1.0])
    found = linprog(np.zeros(len(both)), A_eq=equations, b_eq=right, bounds=(0, None), method="highs-ds")
    if found.status != 0:
        return None
    return _as_weights(found.x[:n_plus]), _as_weights(found.x[n_plus:])


def can_vary(columns: Sequence[Vector], alpha: Sequence[Fraction]) -> bool:
    """Return whether a multiplier that is zero could be positive, all others following suit.

    Parameters
    ----------
    columns : sequence of tuple of Fraction
    alpha : sequence of Fraction
        At least 0; sum_i alpha_i column_i is to stay what it is.
    """
    from scipy.optimize import linprog

    matrix = np.array(columns, dtype=np.float64).T
    values = np.array(alpha, dtype=np.float64)
    found = linprog(-(values == 0).astype(float), A_eq=matrix, b_eq=matrix @ values, bounds=(0, None))
    return bool(found.status == 0 and -found.fun > _NONE * values.sum())


def _as_weights(values: NDArray[np.float64]) -> Weights:
    kept = {i: Fraction(value) for i, value in enumerate(values.tolist()) if value > _NONE}
    total = sum(kept.values())
    return {i: value / total for i, value in kept.items()}
