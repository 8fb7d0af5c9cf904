"""What the summary says, as Markdown: losses as openly as wins."""

from collections.abc import Iterable, Sequence

from .arithmetic import Mean, Tally
from .catalog import TABLES
from .data import TableSource
from .peers import CONSTANT, PEERS
from .results import Result
from .summary import PeerRow, Summary, TableRow
from .traits import Traits, traits_of

PERCENT = {"accuracy"}
LEAST_OF_A_KIND = 3
"""Tables that a kind has before a sentence says that it is lost."""
NAMES = {"accuracy": "accuracy", "r2": "R²", "log_loss": "log loss", "rmse": "RMSE", "auc": "AUC"}


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; all columns but the first are set to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def list_tables(tables: Iterable[TableSource]) -> str:
    """Return what the tables hold, with what is left out of them and why."""
    heads = (
        "table",
        "half",
        "from",
        "to predict",
        "rows",
        "columns",
        "categories",
        "most values",
        "with gaps",
        "cells missing",
    )
    rows = []
    for table in tables:
        t = traits_of(table.name)
        cells = f"{100 * t.share_missing:.2g} %" if t.share_missing else ""
        counts = (t.n_columns, t.n_categories, t.most_values, t.n_with_gaps)
        shown = [f"{t.n_rows:,}", *(str(count) if count else "" for count in counts), cells]
        source = f"{table.package}: {table.item}"
        rows.append((table.name, table.half, source, f"{table.target}, {_asked(t)}", *shown))
    parts = [markdown(heads, rows)]
    parts += [f"- {t.name}: without {', '.join(t.drop.split())} ({t.why})" for t in tables if t.drop]
    return "\n".join([parts[0], "", *parts[1:]])


def _asked(t: Traits) -> str:
    return f"{t.n_classes} classes" if t.n_classes else "a number"


# -- figures -----------------------------------------------------------------------------------------


def _score(one: Mean, metric: str) -> str:
    if metric in PERCENT:
        return f"{100 * one.mean:.1f}" + (f" ± {100 * one.error:.1f}" if one.error is not None else "")
    if metric == "rmse":
        return f"{one.mean:.4g}" + (f" ± {one.error:.2g}" if one.error is not None else "")
    if one.mean < -10:
        return "< -10"
    return f"{one.mean:.3f}" + (f" ± {one.error:.3f}" if one.error is not None else "")


def _times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"× {ratio:.2g}" if ratio < 10 else f"× {ratio:.0f}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2g} s" if value < 10 else f"{value:.0f} s"


def _peer_cells(row: PeerRow, reference: str) -> list[str]:
    normalised = "" if row.normalised is None else f"{row.normalised.mean:.3f}"
    if row.normalised is not None and row.normalised.error is not None:
        normalised += f" ± {row.normalised.error:.3f}"
    tally = row.tally
    won = ["", "", ""]
    if tally is not None and tally.n:
        low, high = tally.interval
        clear = f"{tally.clearly_better} : {tally.clearly_worse}"
        won = [
            f"{tally.better} : {tally.equal} : {tally.worse}",
            f"{tally.rate:.0%} ({low:.0%} to {high:.0%})",
            clear,
        ]
    ratios = [_times(row.fit_ratio), _times(row.predict_ratio)] if row.name != reference else ["1", "1"]
    memory = "" if row.megabytes is None else f"{row.megabytes:.0f} MB"
    return [row.name, normalised, *won, _seconds(row.fit_seconds), *ratios, memory]


# -- the page ----------------------------------------------------------------------------------------


def write_page(summary: Summary, note: str = "") -> str:
    """Return the whole summary; the note, on how it was run, comes first."""
    parts = [note, _headline(summary), _peers(summary), _kinds(summary), _tables(summary), _notes(summary)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(summary: Summary) -> str:
    """Say in sentences where the reference is better, and where it is not."""
    lines = []
    for row in summary.peers:
        if row.tally is None or row.name == CONSTANT:
            continue
        low, high = row.tally.interval
        lost = [
            f"{kind.name} ({kind.tallies[row.name].rate:.0%} of {kind.tallies[row.name].n})"
            for kind in summary.kinds
            if len(kind.tables) < len(summary.tables)
            and _is_lost(kind.tallies.get(row.name), LEAST_OF_A_KIND)
        ]
        where = f" Worse on most tables: {', '.join(lost)}." if lost else ""
        lines.append(
            f"- {summary.reference} is better than {row.name} on {row.tally.rate:.0%} of {row.tally.n} "
            f"tables (95 % interval {low:.0%} to {high:.0%}).{where}"
        )
    return "\n".join(lines)


def _is_lost(tally: Tally | None, least: int = 1) -> bool:
    return tally is not None and tally.n >= least and tally.rate < 0.5


def _peers(summary: Summary) -> str:
    heads = (
        "peer",
        "normalised score",
        f"{summary.reference} better : equal : worse",
        "win rate (95 %)",
        "clearly better : worse",
        "fit, median",
        "fit",
        "predict",
        "memory",
    )
    return markdown(heads, [_peer_cells(row, summary.reference) for row in summary.peers])


def _kinds(summary: Summary) -> str:
    peers = [row.name for row in summary.peers if row.tally is not None and row.name != CONSTANT]
    if not peers:
        return ""
    rows = []
    for kind in summary.kinds:
        cells = []
        for peer in peers:
            tally = kind.tallies[peer]
            text = f"{tally.rate:.0%} of {tally.n}" if tally.n else ""
            cells.append(f"**{text}**" if _is_lost(tally) else text)
        rows.append([kind.name, str(len(kind.tables)), *cells])
    text = f"On how many tables of a kind {summary.reference} is better; bold where it is worse on most:"
    return f"{text}\n\n{markdown(['kind of table', 'tables', *peers], rows)}"


def _tables(summary: Summary) -> str:
    peers = [row.name for row in summary.peers]
    counts = sorted({one.n for row in summary.tables for one in row.means.values()})
    splits = f"{counts[0]} to {counts[-1]} splits" if len(counts) > 1 else f"{counts[0]} splits"
    text = f"Means over {splits}, with their standard errors; the best in bold. Accuracy in percent."
    rows = [_table_cells(row, peers) for row in summary.tables]
    return f"{text}\n\n{markdown(['table', 'half', 'rows', 'score', *peers], rows)}"


def _table_cells(row: TableRow, peers: Sequence[str]) -> list[str]:
    cells = []
    for peer in peers:
        text = _score(row.means[peer], row.metric) if peer in row.means else ""
        cells.append(f"**{text}**" if peer in row.best else text)
    half = TABLES[row.name].half if row.name in TABLES else ""
    return [row.name, half, f"{row.traits.n_rows:,}", NAMES[row.metric], *cells]


def _notes(summary: Summary) -> str:
    lines = [
        "- Normalised score: on each table 0 is the constant answer (the shares of the classes, or the mean) "
        "and also what is worse, 1 is the best peer here; its mean and standard error are over the tables.",
        "- Better, equal, worse: by the mean over the splits that both have. Clearly: beyond chance, by the "
        "corrected resampled t-test at 5 %. Times: geometric means over the tables, relative to "
        f"{summary.reference}. Memory: what the fit adds to its process at its peak, the median.",
    ]
    if summary.unscaled:
        lines.append(
            "- Without a normalised score, as no peer beats the constant answer by two standard errors: "
            f"{', '.join(summary.unscaled)}."
        )
    if summary.incomplete:
        lines.append(
            f"- Without a normalised score, as a peer has no result: {', '.join(summary.incomplete)}."
        )
    lines += [
        f"- {_failure(peer, [f for f in summary.failures if f.key.peer == peer])}"
        for peer in _failed(summary)
    ]
    lines += [
        f"- {row.name} ({' and '.join(summary.versions[row.name])}): {PEERS[row.name].said}."
        for row in summary.peers
        if row.name in PEERS
    ]
    mixed = [peer for peer, versions in summary.versions.items() if len(versions) > 1]
    if mixed:
        lines.append(f"- Results of several versions are mixed: {', '.join(mixed)}. --again does them anew.")
    return "\n".join(lines)


def _failed(summary: Summary) -> list[str]:
    return list(dict.fromkeys(result.key.peer for result in summary.failures))


def _failure(peer: str, failures: Sequence[Result]) -> str:
    where = ", ".join(dict.fromkeys(result.key.table for result in failures))
    return (
        f"{peer} failed {len(failures)} times, on {where} ({failures[0].error.splitlines()[0][:120]}); "
        "there it has the score of the constant answer"
    )
