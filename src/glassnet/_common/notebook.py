"""What a notebook shows of a value: sentences, figures and tables in the colours of the page around it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from glassnet._common.pages import make_environment
from glassnet._common.palette import EMBEDDED, style_of

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_ROWS = 20
"""How many rows of a long table are shown."""


class Table(NamedTuple):
    """Hold a table; its entries are texts, escaped where they are no `Markup`."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


def render(
    title: str,
    sentences: Sequence[str] = (),
    *,
    figures: Mapping[str, str] | None = None,
    tables: Sequence[Table] = (),
    picture: Markup | str = "",
    note: str = "",
) -> str:
    """Return HTML for `_repr_html_`, which brings its own style and leaves that of the page alone.

    Parameters
    ----------
    title : str
        May be empty.
    sentences : sequence of str
        Paragraphs below it.
    figures : mapping of str to str, optional
        Numbers by their names.
    tables : sequence of Table
    picture : Markup
        An ``svg`` in the style variables of the palette.
    note : str
        Stands last, small.
    """
    return (
        _environment()
        .get_template("notebook.html")
        .render(
            title=title,
            sentences=list(filter(None, sentences)),
            figures=figures or {},
            tables=tables,
            picture=Markup(picture),
            note=note,
            colours=Markup(style_of(EMBEDDED)),
        )
    )


def ends_of(n: int, *kept: int) -> Iterator[int | None]:
    """Yield which of n rows to show: all of few; of many the first and the last, and those to be kept.

    None stands for rows that are left out.
    """
    shown: Sequence[int] = range(n)
    if n > MOST_ROWS:
        half = MOST_ROWS // 2 - 1
        shown = sorted({*range(half), *range(n - half, n), *kept})
    for i, place in enumerate(shown):
        if i and place != shown[i - 1] + 1:
            yield None
        yield place


@cache
def _environment() -> "Environment":
    return make_environment()
