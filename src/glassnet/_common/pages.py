"""The templates of every page: one environment, one skeleton, one palette."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from glassnet._common import palette
from glassnet._common.quoting import LAYOUT, printable

if TYPE_CHECKING:
    from jinja2 import Environment


def make_environment(
    *packages: str, filters: Mapping[str, Callable[..., Any]] | None = None
) -> "Environment":
    """Return what fills the templates of some packages: in their folders ``templates``, and the common one.

    Every text is escaped, and control characters in it are written out; a name that a template uses and does
    not get is an error. Every template may call ``page_style()`` for the colours of a page, and extend
    ``page.html``, the skeleton of one.

    Parameters
    ----------
    *packages : str
        The names of the packages: ``"glassnet.report"``. Of files of one name the first package's is taken.
    filters : mapping of str to callable, optional
        What the templates may call, by the names that they use.

    Returns
    -------
    jinja2.Environment
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined  # not before a page is made

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in (*packages, __package__)]),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["page_style"] = lambda: Markup(palette.page_style())
    environment.filters.update(filters or {})
    return environment


def _printable(value: Any) -> Any:
    """Return what stands for a value in a page: of a text, control characters are written out."""
    return (
        printable(value, keep=LAYOUT) if isinstance(value, str) and not isinstance(value, Markup) else value
    )
