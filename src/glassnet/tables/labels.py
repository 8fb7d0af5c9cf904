"""How labels and parts are written."""

from typing import Any


def as_text(label: Any) -> str:
    """Write a label as a file has it: truth values in small letters.

    Examples
    --------
    >>> as_text(True), as_text(3), as_text("Adelie")
    ('true', '3', 'Adelie')
    """
    return str(label).lower() if isinstance(label, bool) else str(label)


def percent(share: float) -> str:
    """Write a part in two digits.

    Examples
    --------
    >>> percent(1.0), percent(0.123), percent(0.0456)
    ('100 %', '12 %', '4.6 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"
