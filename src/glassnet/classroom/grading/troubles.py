"""Why a file counts for nothing, as values; the languages of the pages have a sentence for each."""

from collections.abc import Mapping
from dataclasses import dataclass

from glassnet._common.words import Word
from glassnet.errors import DataFileError


class Why(Word):
    """Say why a file counts for nothing."""

    TOO_MANY_FILES = "too_many_files"
    TOO_MUCH = "too_much"
    """All files together are beyond the limit."""
    TOO_DEEP = "too_deep"
    LINK = "link"
    NO_PERMISSION = "no_permission"
    DISK = "disk"
    NO_ARCHIVE = "no_archive"
    LEADS_OUT = "leads_out"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_LONG = "too_long"
    ENDING = "ending"
    EMPTY = "empty"
    NO_TEXT = "no_text"
    TOO_MANY_ROWS = "too_many_rows"
    NO_TABLE = "no_table"
    ENCODING = "encoding"
    NO_SPREADSHEET = "no_spreadsheet"
    UNPACKED = "unpacked"
    """A spreadsheet that is more than it seems."""
    XML = "xml"
    SPREADSHEET = "spreadsheet"
    NO_COLUMNS = "no_columns"
    NOTHING_ASKED = "nothing_asked"
    NOBODY = "nobody"
    """Its name does not tell whose it is."""
    ANOTHER_COUNTS = "another_counts"


@dataclass(frozen=True)
class Trouble:
    """Hold why a file counts for nothing.

    Attributes
    ----------
    why : Why
    facts : mapping of str to str or int
        What the sentence has places for.
    """

    why: Why
    facts: Mapping[str, str | int]

    @classmethod
    def of(cls, why: Why, **facts: str | int) -> "Trouble":
        """Return a trouble with its facts by name."""
        return cls(why, facts)


class NoSheetError(DataFileError):
    """Refuse what is no sheet.

    Parameters
    ----------
    why : Why
    **facts : str or int
        Of the `Trouble`, which is its attribute `trouble`.
    """

    def __init__(self, why: Why, **facts: str | int) -> None:
        self.trouble = Trouble(why, facts)
        super().__init__(f"it is no sheet: {why} {dict(facts) or ''}".rstrip() + ".")
