"""A solved or measured support vector machine as plain values."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from glassnet._common.claims import Claim
from glassnet.worked.svm.model import Inseparable, LinearSVM
from glassnet.worked.svm.points import Point


def describe(
    found: LinearSVM | Inseparable, new: Sequence[Point] = (), claims: Sequence[Claim] = ()
) -> dict[str, Any]:
    """Return plain values, ready for JSON; each exact number is there as text, ``"1/3"``, too.

    Parameters
    ----------
    found : LinearSVM or Inseparable
    new : sequence of Point
        What `LinearSVM.classify` returned.
    claims : sequence of Claim
    """
    head = {
        "separable": found.separable,
        "exact": found.is_exact,
        "features": list(found.data.features),
        "classes": {"negative": found.data.classes[0], "positive": found.data.classes[1]},
    }
    if isinstance(found, Inseparable):
        return head | _describe_proof(found)
    plane, residuals = found.hyperplane, found.residuals
    return head | {
        "w": _floats(plane.w),
        "w_exact": _texts(plane.w),
        "b": float(plane.b),
        "b_exact": str(plane.b),
        "margin": plane.margin,
        "norm_squared_exact": str(plane.norm_squared),
        "on_margin": [found.data.points[i].name for i in found.on_margin],
        "support_vectors": [found.data.points[i].name for i in found.support],
        "too_near": [found.data.points[i].name for i in found.too_near],
        "multipliers_are_unique": found.multipliers_are_unique if found.multipliers is not None else None,
        "kkt_residuals": None if residuals is None else asdict(residuals) | {"largest": residuals.largest},
        "points": [_describe_point(found, i) for i in range(len(found.data.points))],
        "new_points": [
            {"x": _floats(p.x), "value": float(plane.value(p.x)), "class": found.class_name(p.sign)}
            for p in new
        ],
        "claims": [asdict(claim) for claim in claims],
    }


def _describe_point(svm: LinearSVM, i: int) -> dict[str, Any]:
    point, alpha = svm.data.points[i], svm.multipliers
    return {
        "name": point.name,
        "x": _floats(point.x),
        "class": svm.class_name(svm.signs[i]),
        "value": float(svm.values[i]),
        "value_exact": str(svm.values[i]),
        "on_margin": i in svm.on_margin,
        "multiplier": None if alpha is None else float(alpha[i]),
        "multiplier_exact": None if alpha is None else str(alpha[i]),
    }


def _describe_proof(found: Inseparable) -> dict[str, Any]:
    names = [point.name for point in found.data.points]
    weights = {
        key: {names[i]: str(weight) for i, weight in part.items()}
        for key, part in (("positive_weights", found.positive), ("negative_weights", found.negative))
    }
    return {
        "common_point": _floats(found.point),
        "common_point_exact": _texts(found.point),
        **weights,
        "contradictions": [list(same) for same in found.contradictions],
    }


def _floats(values: Iterable[Fraction | None]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def _texts(values: Iterable[Fraction]) -> list[str]:
    return [str(value) for value in values]
