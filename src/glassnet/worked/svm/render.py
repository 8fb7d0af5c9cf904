"""A solved or measured support vector machine as plain values, and as a picture."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any, Literal

from glassnet._common.claims import Claim
from glassnet.errors import InvalidDataError
from glassnet.worked.svm.model import Inseparable, LinearSVM
from glassnet.worked.svm.points import Point, format_point


def describe(
    found: LinearSVM | Inseparable, new: Sequence[Point] = (), claims: Sequence[Claim] = ()
) -> dict[str, Any]:
    """Return plain values, ready for JSON; each exact number is there as text, ``"1/3"``, too."""
    head = {
        "separable": found.separable,
        "features": list(found.data.features),
        "classes": dict(zip(("negative", "positive"), found.data.classes, strict=True)),
    }
    if isinstance(found, Inseparable):
        names = [point.name for point in found.data.points]
        return head | {
            "common_point": _floats(found.point),
            "common_point_exact": [*map(str, found.point)],
            "positive_weights": {names[i]: str(weight) for i, weight in found.positive.items()},
            "negative_weights": {names[i]: str(weight) for i, weight in found.negative.items()},
            "contradictions": [list(same) for same in found.contradictions],
        }
    plane, alpha = found.hyperplane, found.multipliers
    return head | {
        "w": _floats(plane.w),
        "w_exact": [*map(str, plane.w)],
        "b": float(plane.b),
        "b_exact": str(plane.b),
        "margin": plane.margin,
        "norm_squared_exact": str(plane.norm_squared),
        "on_margin": found.name(found.on_margin),
        "support_vectors": found.name(found.support),
        "too_near": found.name(found.too_near),
        "multipliers_are_unique": found.multipliers_are_unique if alpha is not None else None,
        "points": [
            {
                "name": point.name,
                "x": _floats(point.x),
                "class": found.class_name(found.signs[i]),
                "value": float(found.values[i]),
                "value_exact": str(found.values[i]),
                "on_margin": i in found.on_margin,
                "multiplier": None if alpha is None else float(alpha[i]),
                "multiplier_exact": None if alpha is None else str(alpha[i]),
            }
            for i, point in enumerate(found.data.points)
        ],
        "new_points": [
            {"x": _floats(p.x), "value": float(plane.value(p.x)), "class": found.class_name(p.sign)}
            for p in new
        ],
        "claims": [asdict(claim) for claim in claims],
    }


def _floats(values: Iterable[Fraction | None]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def draw_picture(
    found: LinearSVM | Inseparable, new: Sequence[Point] = (), file_format: Literal["png", "svg"] = "png"
) -> bytes:
    """Draw the points with hyperplane, margins and support vectors, or the proof that there is none.

    The new points are those that `LinearSVM.classify` returned. Raises `InvalidDataError` when there are more
    than two features.
    """
    from glassnet.plots.hyperplane import MarkedPoint, PointKind, draw_hyperplane

    data = found.data
    if len(data.features) > 2:
        raise InvalidDataError(
            f"got points of {len(data.features)} features; a picture shows one or two. "
            "Choose two of them, with --features."
        )
    points = [
        MarkedPoint(
            point.name,
            _place(point.x),
            sign,
            PointKind.ON_MARGIN if i in found.on_margin else PointKind.POINT,
        )
        for i, (point, sign) in enumerate(zip(data.points, found.signs, strict=True))
    ]
    marked = points + [MarkedPoint(format_point(p.x), _place(p.x), p.sign, PointKind.NEW) for p in new]
    labels: dict[str, Any] = {"classes": data.classes, "features": data.features, "file_format": file_format}
    if isinstance(found, Inseparable):
        marked.append(MarkedPoint("", _place(found.point), 0, PointKind.COMMON))
        hulls = [[points[i] for i in part] for part in (found.positive, found.negative)]
        title = "no hyperplane separates these classes"
        return draw_hyperplane(marked, None, title=title, hulls=hulls, **labels)
    plane = found.hyperplane
    equation: Any = (*_place(plane.w), float(plane.b))
    return draw_hyperplane(marked, equation, title=plane.title, **labels)


def _place(x: Iterable[Fraction | None]) -> tuple[float | None, float | None]:
    """Return a place in the plane; that of a single number is on the axis."""
    first, second, *_ = [*_floats(x), 0.0]
    return first, second
