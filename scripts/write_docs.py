"""Write the parts of the documentation that the code says better: the doctor's checks, the commands' help.

    .venv/bin/python scripts/write_docs.py      # or: make pages

`docs/doctor.md` keeps its text and its examples; the question, severity, rule and source of each check come
from the tables. `docs/cli.md` is what each command prints with `--help`. A test compares both.
"""

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from glassnet.cli import main as glassnet
from glassnet.doctor.checks.table import CHECKS
from glassnet.doctor.scores.table import CLAIM_CHECKS

ROOT = Path(__file__).parents[1]
WIDTH = 120
SECTIONS: dict[str, dict[str, Any]] = {
    "## Checks of a model": dict(CHECKS),
    "## Checks of reported scores": dict(CLAIM_CHECKS),
}
EXAMPLE = re.compile(
    r"^### `([a-z-]+)`\n.*?(- \*\*Example\*\*: .*?)\n*(?=^### |\Z)", re.MULTILINE | re.DOTALL
)
TO_BE_WRITTEN = "- **Example**: "

# -- the doctor -------------------------------------------------------------------------------------


def write_doctor(page: str) -> str:
    """Return docs/doctor.md with the entry of each check as the tables have it, in their order."""
    for title, checks in SECTIONS.items():
        begin = page.index(f"\n{title}\n") + 1
        end = page.index("\n## ", begin)
        section = page[begin:end]
        introduction = section.partition("\n### ")[0].rstrip()
        examples = dict(
            re.findall(r"^### `([a-z-]+)`\n.*?(- \*\*Example\*\*: .*?)\n*(?=^### |\Z)", section, re.M | re.S)
        )
        entries = [
            write_check(check, examples.get(code, "- **Example**: ")) for code, check in checks.items()
        ]
        page = page[:begin] + "\n\n".join([introduction, *entries]) + "\n" + page[end:]
    return page


def write_check(check: Any, example: str) -> str:
    """Return what the page says of a check."""
    rule = _item(f"- **Rule**: {check.rule}.")
    source = _item(f"- **Source**: {check.source}.")
    question = textwrap.fill(f"{check.question} Severity: {check.severity}.", WIDTH)
    return f"### `{check.code}`\n\n{question}\n\n{rule}\n{source}\n{example}"


def _item(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


# -- the commands -----------------------------------------------------------------------------------

CLI_HEAD = """# The command line

What each command prints with `--help`. This page is written by `make pages`.
"""


def write_cli(page: str = "") -> str:
    """Return docs/cli.md: the help of every command."""
    entries = [CLI_HEAD]
    for words in commands(glassnet):
        shown = CliRunner().invoke(glassnet, [*words, "--help"], prog_name="glassnet", terminal_width=100)
        assert shown.exit_code == 0, shown.output
        title = " ".join(("glassnet", *words))
        entries.append(f"## `{title}`\n\n```text\n{shown.output.rstrip()}\n```\n")
    return "\n".join(entries)


def commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words that call each command and group."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*words, name))


PAGES: dict[str, Callable[[str], str]] = {"docs/doctor.md": write_doctor, "docs/cli.md": write_cli}
"""The function that makes each page, from what it holds now."""


def main() -> None:
    """Write every page anew."""
    for name, write in PAGES.items():
        path = ROOT / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = write(before)
        path.write_text(after, encoding="utf-8")
        print(f"{name}: {'as it was' if after == before else 'written'}")


if __name__ == "__main__":
    main()
