"""Texts of a fixed choice, which stand in an order: verdicts, severities, kinds."""

from enum import StrEnum


class Word(StrEnum):
    """Be one of a few words that have an order, the one in which they are listed."""

    __repr__ = str.__repr__  # reads as the text that it is

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return list(type(self)).index(self)
