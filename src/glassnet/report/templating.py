"""The templates of the pages, and what they may call."""

from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from glassnet.doctor.render import cure_text, summary
from glassnet.report import _formats as formats


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
    return Markup(_environment().get_template(template).render(**values))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("glassnet.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=formats.number,
        score=formats.score,
        short=formats.short,
        duration=formats.duration,
        plain=formats.plain,
        readable=formats.readable,
        engine=formats.engine,
        cure=cure_text,
        summary=summary,
    )
    return environment
