"""Check that everything says the version that is about to be released.

    python scripts/check_release.py v0.2.0

The tag, ``glassnet.__version__``, CITATION.cff, and a section of CHANGELOG.md with a date must agree.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def versions(root: Path = ROOT) -> dict[str, str | None]:
    """Return what each file says the version is; None where it says none."""

    def find(pattern: str, *parts: str) -> str | None:
        found = re.search(pattern, root.joinpath(*parts).read_text(encoding="utf-8"), re.MULTILINE)
        return found and found[1]

    return {
        "src/glassnet/__init__.py": find(r'^__version__ = "(.+)"$', "src", "glassnet", "__init__.py"),
        "CITATION.cff": find(r"^version: (.+)$", "CITATION.cff"),
        "CHANGELOG.md": find(r"^## (\d\S*) - \d{4}-\d\d-\d\d$", "CHANGELOG.md"),
    }


def complaints(tag: str, said: dict[str, str | None]) -> list[str]:
    """Return what does not agree with a tag."""
    wanted = tag.removeprefix("v")
    return [
        f"{name} says {version}; expected {wanted}" for name, version in said.items() if version != wanted
    ]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit("\n".join(complaints(sys.argv[1], versions())) or None)
