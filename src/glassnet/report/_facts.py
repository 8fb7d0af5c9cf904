"""The figures under the title of a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """Hold one of the figures; `rest` is written smaller."""

    name: str
    value: str
    rest: str = ""
