"""How commands end."""

import re

from click.testing import Result


def refused(result: Result, *parts: str, code: int = 2) -> bool:
    """Check that a command ended with one message and no traceback."""
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert re.search("^Error: ", result.stderr, re.MULTILINE)
    for part in parts:
        assert part in result.stderr
    return True
