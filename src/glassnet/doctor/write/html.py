"""A document as HTML: in a notebook, on a page of its own, or in a study's report."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

from markupsafe import Markup

from glassnet._common.pages import make_environment
from glassnet._common.palette import EMBEDDED, style_of
from glassnet.doctor.write.document import Block, Document, LossCurves

if TYPE_CHECKING:
    from jinja2 import Environment


def render_blocks(document: Document) -> Markup:
    """Return what stands below the title and the summary, for a page that has the style ``document.css``."""
    macros: Any = _environment().get_template("document.html").module
    return Markup(macros.show_blocks(document.blocks))


def render_section(document: Document) -> Markup:
    """Return the document with all that it needs, for a notebook or another page of somebody else's."""
    return _fill("section.html", document=document, colours=Markup(style_of(EMBEDDED)))


def render_page(title: str, documents: Sequence[Document]) -> Markup:
    """Return a whole page, which needs no network."""
    return _fill("doctor_page.html", title=title, documents=documents)


def _fill(template: str, **values: object) -> Markup:
    return Markup(_environment().get_template(template).render(**values))


def _name_kind(block: Block) -> str:
    return type(block).__name__


def _draw(curves: LossCurves) -> list[tuple[str, Markup]]:
    """Return what is said of each training, with its picture."""
    from glassnet.plots import loss_limits, loss_svg  # matplotlib takes a while

    limits = loss_limits(curves.histories.values())
    epochs = max(map(len, curves.histories.values()), default=0)
    return [
        (text, Markup(loss_svg(history, f"doctor-{crc32(text.encode())}", epochs=epochs, limits=limits)))
        for text, history in curves.histories.items()
    ]


@cache
def _environment() -> "Environment":
    return make_environment("glassnet.doctor.write", filters={"kind": _name_kind, "draw": _draw})
