"""What the templates of the report may call."""

from typing import Any

from markupsafe import Markup

from glassnet._common.pages import make_environment
from glassnet._common.words import counted
from glassnet.doctor.write.html import render_blocks
from glassnet.report import _formats as formats

_ENVIRONMENT = make_environment(
    "glassnet.report",
    "glassnet.doctor.write",  # for the style of what the doctor says
    filters={
        "number": formats.number,
        "score": formats.score,
        "scale_end": formats.scale_end,
        "duration": formats.duration,
        "plain": formats.plain,
        "readable": formats.readable,
        "engine": formats.engine,
        "environment": formats.environment,
        "blocks": render_blocks,
        "counted": counted,
    },
)


def render(template: str, **values: Any) -> Markup:
    """Fill a template; what it writes is markup, in which every text was escaped.

    Parameters
    ----------
    template : str
        A file of the folder ``templates``.
    **values
        What the template names; one that it names and does not get is an error.

    Returns
    -------
    Markup
    """
    return Markup(_ENVIRONMENT.get_template(template).render(**values))
