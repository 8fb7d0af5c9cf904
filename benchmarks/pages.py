"""Write the figures of a run into a Markdown page, between two marks."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from harness import rows_of
from targets import HEADS, target_rows

from glassnet._common.files import write_atomically

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def update_page(path: Path, results: dict[str, Any], titles: dict[str, str]) -> None:
    """Put the figures between the marks of a page; without marks the figures become the page."""
    figures = f"{BEGIN}\n\n{render(results, titles)}\n\n{END}"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    write_atomically(path, f"{before}{figures}{after}" if begin and end else f"{figures}\n")


def render(results: dict[str, Any], titles: dict[str, str]) -> str:
    """Return the targets, then every table, as Markdown."""
    blocks = [_describe_run(results), "### Targets"]
    rows = [(text, measured, met, f"`{command}`") for text, measured, met, command in target_rows(results)]
    blocks.append(_table(HEADS, rows))
    for name, figures in results.items():
        others = figures.get("others")
        disturbed = "" if others is None else f"; others took {others:.1%} of the processors"
        blocks += [f"### {titles[name]}", f"`{figures['command']}`, {figures['date']}{disturbed}"]
        blocks += _tables(figures.get("tables", ()))
    return "\n\n".join(blocks)


def _tables(tables: Iterable[dict[str, Any]]) -> Iterator[str]:
    for table in tables:
        yield f"**{table['title']}**"
        yield _table(("", "median", "least", "most", f"times {table['reference']}"), rows_of(table))
        if table["notes"]:
            yield " ".join(table["notes"])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _describe_run(results: dict[str, Any]) -> str:
    dates = sorted(figures["date"] for figures in results.values())
    machines: dict[str, None] = {}  # in their order, each once
    for figures in results.values():
        if environment := figures.get("environment"):
            packages = ", ".join(f"{name} {v}" for name, v in environment["packages"].items() if v)
            blas = ", ".join(
                f"{pool['internal_api']} {pool['version']} ({pool['architecture']})"
                for pool in environment["blas"][:1]
            )
            machines[
                f"{environment['processor']}, {environment['cores']} cores, {environment['system']}, "
                f"Python {environment['python']}, {blas}; {packages}"
            ] = None
    when = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
    return f"Run from {when} on: " + "; and on: ".join(machines) + "."
