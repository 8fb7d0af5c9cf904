"""What a person sees in a terminal: the one way there, in which every name is shown and none does anything.

Square brackets are no markup, colons no emoji, and an escape sequence in the name of a model is text.
"""

from collections.abc import Iterable
from typing import Any

import click
from rich import console
from rich.segment import Segment

from glassnet._common.quoting import LAYOUT, printable


class Console(console.Console):
    """Write to a terminal as rich does, but every text as it is, with control characters escaped."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **settings)

    def render(self, renderable: Any, options: console.ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is to be written, piece by piece."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable(segment.text, keep=LAYOUT), segment.style)


def echo(text: str = "", *, err: bool = False) -> None:
    """Write lines, with control characters escaped."""
    click.echo(printable(text, keep=LAYOUT), err=err)
