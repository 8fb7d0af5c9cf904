"""Draw a solved or measured support vector machine, or the proof that there is none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from glassnet.errors import InvalidDataError
from glassnet.worked.svm._rational import format_fraction, format_inverse_root
from glassnet.worked.svm.model import Inseparable, LinearSVM
from glassnet.worked.svm.points import Point, format_point

if TYPE_CHECKING:
    from glassnet.plots_svm import MarkedPoint


def draw_picture(
    found: LinearSVM | Inseparable, new: Sequence[Point] = (), file_format: Literal["png", "svg"] = "png"
) -> bytes:
    """Draw the points with hyperplane, margins and support vectors.

    Parameters
    ----------
    found : LinearSVM or Inseparable
        Of one or two features.
    new : sequence of Point
        What `LinearSVM.classify` returned.
    file_format : {"png", "svg"}

    Returns
    -------
    bytes

    Raises
    ------
    InvalidDataError
        When there are more than two features.
    """
    from glassnet.plots_svm import draw_svm

    features = found.data.features
    if len(features) > 2:
        raise InvalidDataError(
            f"got points of {len(features)} features; a picture shows one or two. "
            "Choose two of them, with --features."
        )
    margin = found.on_margin if isinstance(found, LinearSVM) else ()
    signs = found.signs if isinstance(found, LinearSVM) else [point.sign for point in found.data.points]
    marked = [
        _mark(point.name, point, sign, "on the margin" if i in margin else "point")
        for i, (point, sign) in enumerate(zip(found.data.points, signs, strict=True))
    ]
    marked += [_mark(format_point(point.x), point, point.sign, "new") for point in new]
    plane, hulls = None, []
    if isinstance(found, LinearSVM):
        w = [*map(float, found.hyperplane.w), 0.0]
        plane = (w[0], w[1], float(found.hyperplane.b))
        shown = format_point(found.hyperplane.w)
        title = (
            f"w = {shown}, b = {format_fraction(found.hyperplane.b)}, "
            f"margin 1/||w|| = {format_inverse_root(found.hyperplane.norm_squared)}"
        )
    else:
        marked.append(_mark("", Point("", found.point), 0, "common"))
        hulls = [[marked[i] for i in part] for part in (found.positive, found.negative)]
        title = "no hyperplane separates these classes"
    names = (features[0], features[1] if len(features) == 2 else "")
    return draw_svm(
        marked,
        plane,
        title=title,
        hulls=hulls,
        classes=found.data.classes,
        features=names,
        file_format=file_format,
    )


def _mark(
    name: str, point: Point, sign: int, kind: Literal["point", "on the margin", "new", "common"]
) -> "MarkedPoint":
    from glassnet.plots_svm import MarkedPoint

    x = [*(None if value is None else float(value) for value in point.x), 0.0]
    return MarkedPoint(name, (x[0], x[1]), sign, kind)
