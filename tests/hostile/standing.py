"""Where a long trial stands, kept so that one that was stopped goes on; and the table at its end."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def fingerprint(*words: object) -> str:
    """Return a digest of the code that is tried, of what tries it, and of some words."""
    digest = hashlib.sha256(" ".join(map(str, words)).encode())
    for folder in (ROOT / "src", HERE):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def read_state(path: Path, fingerprint: str, *, anew: bool) -> dict[str, Any] | None:
    """Return where a trial of this fingerprint stands; None when it has to begin."""
    if anew or not path.exists():
        return None
    state: dict[str, Any] = json.loads(path.read_text())
    if state["fingerprint"] == fingerprint:
        return state
    print("The code has changed since the last run, or it was another one; beginning anew.", flush=True)
    return None


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Write where it stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(state))
    new.replace(path)


def print_table(rows: Sequence[Sequence[str]], *, n_words: int) -> None:
    """Print rows of which the first cells are words, and the others numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if n < n_words else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells))
