"""How labels are written."""

from typing import Any


def as_text(label: Any) -> str:
    """Write a label as a file has it: truth values in small letters.

    Examples
    --------
    >>> as_text(True), as_text(3), as_text("Adelie")
    ('true', '3', 'Adelie')
    """
    return str(label).lower() if isinstance(label, bool) else str(label)
