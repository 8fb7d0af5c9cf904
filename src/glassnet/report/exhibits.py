"""The pictures that a finding rests on, each drawn from its data by the function of its kind.

A kind is one function and one entry of the table `EXHIBITS`. Lines and bars take the page's style variables,
so they are light or dark as the page is.
"""

import base64
from collections.abc import Callable
from typing import Any
from zlib import crc32

from markupsafe import Markup

from glassnet._common.naming import lookup
from glassnet.data import ImageData
from glassnet.errors import InvalidDataError
from glassnet.plots import follow_theme, parallel_svg, sequential_colour, trials_svg
from glassnet.report._pieces import class_name, picture_of
from glassnet.report._scatter import draw_panel
from glassnet.report._templating import render
from glassnet.studies.base import Exhibit

Draw = Callable[[dict[str, Any], ImageData | None], Markup]

COLOUR_STEPS = 11
"""Of the scale beside a heat map."""


def draw_exhibit(exhibit: Exhibit, images: ImageData | None) -> Markup:
    """Return an exhibit as markup for the page.

    Parameters
    ----------
    exhibit : Exhibit
    images : ImageData or None
        The study's data set, for the kinds that show its images.

    Returns
    -------
    Markup

    Raises
    ------
    UnknownNameError
        When `EXHIBITS` has no such kind.
    InvalidDataError
        When the data are not what the kind asks for.
    """
    draw = lookup(EXHIBITS, exhibit.kind, "kind of exhibit")
    try:
        return draw(exhibit.data, images)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InvalidDataError(
            f"the exhibit {exhibit.title!r} cannot be drawn as {exhibit.kind!r}: "
            f"{type(error).__name__}: {error}. See `{draw.__name__}` for the data that it asks for."
        ) from error


def draw_answers(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Draw test images with their labels, and below each every model's answer.

    ``{"indices": [of the test images], "models": [{"name": str, "answers": [a label for each image]}]}``
    """
    if images is None:
        raise ValueError("the study has no data set, expected one with test images")
    labels = [int(images.test.labels[index]) for index in data["indices"]]
    rows = []
    for model in data["models"]:
        answers = [
            (class_name(images, answer), answer == label)
            for answer, label in zip(model["answers"], labels, strict=True)
        ]
        rows.append((model["name"], answers, sum(right for _, right in answers)))
    pictures = [picture_of(images, index) for index in data["indices"]]
    return render("exhibits/answers.html", pictures=pictures, rows=rows)


def draw_heatmaps(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Draw a heat map for each panel, all on one scale of colours, the best cell marked.

    ``{"rows": [str], "columns": [str], "row_title": str, "column_title": str, "panels": [{"title": str,
    "values": [[a float or null for each column] for each row]}], "best": [panel, row, column] or null}``
    """
    known = [
        value for panel in data["panels"] for row in panel["values"] for value in row if value is not None
    ]
    low, high = min(known, default=0.0), max(known, default=1.0)

    def cell(value: float | None) -> tuple[float | None, str, str]:
        share = 0.0 if value is None or high == low else (value - low) / (high - low)
        return value, *sequential_colour(share)

    panels = [(panel["title"], [list(map(cell, row)) for row in panel["values"]]) for panel in data["panels"]]
    return render(
        "exhibits/heatmaps.html",
        data=data,
        panels=panels,
        best=data["best"],
        scale=[sequential_colour(step / (COLOUR_STEPS - 1))[0] for step in range(COLOUR_STEPS)]
        if known
        else [],
        low=low,
        high=high,
    )


def draw_histograms(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Draw how often each class was answered, all bars on one scale.

    ``{"classes": [str], "columns": [str], "rows": [{"name": str, "counts": [[an int for each class] for each
    column], "notes": [a str for each column]}]}``
    """
    top = max((n for row in data["rows"] for counts in row["counts"] for n in counts), default=0)
    rows = [
        (row["name"], [
            ([(name, n, _share(n, 0, top)) for name, n in zip(data["classes"], counts, strict=True)], note)
            for counts, note, _ in zip(row["counts"], row["notes"], data["columns"], strict=True)
        ])
        for row in data["rows"]
    ]  # fmt: skip
    return render("exhibits/histograms.html", columns=data["columns"], rows=rows, top=top)


def draw_images(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Draw rows of pictures above one another, in columns.

    ``{"rows": [{"label": str, "pictures": [a PNG in base64], "notes": [a str for each, or none at all]}]}``
    """
    rows = []
    for row in data["rows"]:
        notes = row["notes"] or [""] * len(row["pictures"])
        for picture in row["pictures"]:
            base64.b64decode(picture, validate=True)
        rows.append((row["label"], list(zip(row["pictures"], notes, strict=True))))
    return render("exhibits/images.html", rows=rows)


def draw_scatter(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Draw points in the plane, coloured and shaped by class, each class named where its middle is.

    ``{"panels": [{"title": str, "points": [[x, y]], "labels": [an int for each]}], "classes": [str],
    "axes": [str, str]}``
    """
    panels = [
        (panel["title"], draw_panel(panel["points"], panel["labels"], data["classes"]))
        for panel in data["panels"]
    ]
    key = f"scatter-{crc32(repr(data).encode()):08x}"  # ids are one for the whole page
    return render("exhibits/scatter.html", panels=panels, classes=data["classes"], axes=data["axes"], key=key)


def draw_bars(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Draw horizontal bars from `low` to `high`, their texts at the end, the groups told apart.

    ``{"rows": [{"label": str, "value": float, "text": str, "group": str}], "low": float, "high": float}``
    """
    groups = list(dict.fromkeys(row["group"] for row in data["rows"]))
    rows = [
        (row, _share(row["value"], data["low"], data["high"]), groups.index(row["group"]))
        for row in data["rows"]
    ]
    return render("exhibits/bars.html", rows=rows, groups=groups, low=data["low"], high=data["high"])


def draw_drawing(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Show a drawing, dark where the screen is; as an image, so that nothing in it can run.

    ``{"svg": the text of an svg element, "alt": what it shows, in words}``
    """
    source = base64.b64encode(follow_theme(data["svg"]).encode()).decode("ascii")
    return render("exhibits/drawing.html", source=source, alt=data["alt"])


def draw_trials(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Draw the trials of a search in their order, with the best so far; those given up at the edge.

    ``{"points": [[number, figure or null, how it ended]], "default": float or null, "metric": str,
    "less_is_better": bool}``
    """
    picture = trials_svg(
        [(number, value) for number, value, _ in data["points"]],
        data["default"],
        data["metric"],
        f"trials-{crc32(repr(data).encode()):08x}",
        less_is_better=data["less_is_better"],
    )
    return render("exhibits/trials.html", picture=picture, data=data)


def draw_parallel(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Draw trials as lines from axis to axis, the first of them thick, the first few in colour.

    ``{"axes": [{"name": str, "ticks": [[place from 0 to 1, str]]}], "lines": [[a place for each axis]],
    "n_top": int}``
    """
    axes = [(axis["name"], [(place, text) for place, text in axis["ticks"]]) for axis in data["axes"]]
    picture = parallel_svg(axes, data["lines"], data["n_top"], f"lines-{crc32(repr(data).encode()):08x}")
    return render("exhibits/parallel.html", picture=picture, data=data)


def draw_text(data: dict[str, Any], images: ImageData | None) -> Markup:
    """Show lines of text as they are.

    ``{"text": str}``
    """
    return render("exhibits/text.html", text=str(data["text"]))


def _share(value: float, low: float, high: float) -> float:
    """Return where a value lies between two others, from 0 to 1."""
    return round(min(max((value - low) / (high - low), 0), 1), 4) if high > low else 0.0


EXHIBITS: dict[str, Draw] = {
    "answers": draw_answers,
    "heatmaps": draw_heatmaps,
    "histograms": draw_histograms,
    "images": draw_images,
    "scatter": draw_scatter,
    "bars": draw_bars,
    "drawing": draw_drawing,
    "text": draw_text,
    "trials": draw_trials,
    "parallel": draw_parallel,
}
"""Every kind of exhibit: what draws it from its data and the study's data set."""
