"""Fit every peer on every table, five splits each, and say who is better, by how much, and where not.

    python -m benchmarks.tables --list
    python -m benchmarks.tables [--half development] [--tables small] [--peers NAMES] [--splits 2]
    python -m benchmarks.tables --half development --ablate
    python -m benchmarks.tables --summary-only --markdown FILE --picture FILE

Whoever sets a recipe looks at the development half alone. Results are in a file under runs/ as they come:
the same command goes on where it was stopped, and does nothing twice. Peers beside scikit-learn are installed
by hand: the module by_hand says how.
"""

import argparse
import sys
import time
from functools import cache
from pathlib import Path

from . import results
from .catalog import TABLES, missing
from .data import TableSource
from .fits import Fit
from .peers import ABLATIONS, CONSTANT, PEERS, Peer, choose
from .results import Key
from .run import TimeLeft, remaining, run


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.tables",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--list", action="store_true", help="only print what the tables hold")
    parser.add_argument("--half", choices=["development", "held-out", "both"], default="both")
    parser.add_argument(
        "--tables", default="", help='names with commas between; "small": six of at most 5,000 rows'
    )
    parser.add_argument(
        "--peers", default="", help='names with commas between; "all": those installed by hand too'
    )
    parser.add_argument(
        "--ablate", action="store_true", help="the recipe, and the recipe without each of its pieces"
    )
    parser.add_argument(
        "--splits", type=int, default=5, choices=range(1, 6), help="of the five, the first N (5)"
    )
    parser.add_argument("--max-rows", type=int, metavar="N", help="draw N rows; results are kept apart")
    parser.add_argument(
        "--jobs", type=int, default=1, help="fits at a time (1); more make all of them slower"
    )
    parser.add_argument("--threads", type=int, default=1, help="of each fit (1); results are kept apart")
    parser.add_argument(
        "--limit", type=float, default=3_600, metavar="S", help="seconds a fit may take (3600)"
    )
    parser.add_argument("--again", action="store_true", help="do what is there already once more")
    parser.add_argument("--retry", action="store_true", help="do once more what ended with an error")
    parser.add_argument(
        "--results",
        type=Path,
        action="append",
        metavar="FILE",
        help="where results are read, and in the first of which they are kept (runs/tables/results.jsonl)",
    )
    parser.add_argument("--summary-only", action="store_true", help="fit nothing")
    parser.add_argument(
        "--metric", choices=["score", "loss", "auc"], default="score",
        help="score: accuracy and R2; loss: log loss and RMSE; auc: AUC and R2 (score)",
    )  # fmt: skip
    parser.add_argument(
        "--reference", default="glassnet", help="the peer that is set beside the others (glassnet)"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the summary to this file")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw it: PNG or SVG")
    arguments = parser.parse_args()
    if arguments.ablate:
        arguments.peers = ",".join(["glassnet", *(peer.name for peer in ABLATIONS)])
    arguments.results = arguments.results or [Path("runs", "tables", "results.jsonl")]
    return arguments


def tell(text: str) -> None:
    """Say something beside what is printed."""
    print(text, file=sys.stderr, flush=True)


def chosen_tables(arguments: argparse.Namespace) -> list[TableSource]:
    """Return the tables that are meant and there."""
    halves = [table for table in TABLES.values() if arguments.half in ("both", table.half)]
    if arguments.tables == "small":
        halves = [table for table in halves if table.is_small]
    elif arguments.tables:
        names = arguments.tables.split(",")
        if unknown := sorted(set(names) - set(TABLES)):
            raise SystemExit(
                f"got --tables {arguments.tables!r}; {', '.join(unknown)}: none of {', '.join(TABLES)}"
            )
        halves = [table for table in halves if table.name in names]
    for name, package in missing().items():
        tell(f"left out: the table {name}, as {package} is not installed")
    return [table for table in halves if table.is_there]


@cache
def rows_of(table: str) -> int:
    """Return the rows of a table."""
    return len(TABLES[table].read()[1])


def fit_all(arguments: argparse.Namespace, tables: list[TableSource], peers: list[Peer]) -> None:
    """Fit what is not there yet, the first splits of all tables first, and say how long the rest takes."""
    fits = [
        Fit(Key(table.name, peer.name, number, arguments.max_rows, arguments.threads), peer)
        for number in range(arguments.splits)
        for table in tables
        for peer in peers
    ]
    done = results.read(arguments.results)
    todo = remaining(fits, done, again=arguments.again, retry=arguments.retry)
    tell(f"{len(fits)} fits, {len(fits) - len(todo)} of them are there")
    left = TimeLeft(done, lambda name: min(rows_of(name), arguments.max_rows or rows_of(name)))
    waiting = {fit.key: fit for fit in todo}
    ending = run(todo, jobs=arguments.jobs, threads=arguments.threads, limit=arguments.limit)
    try:
        for result in ending:
            results.append(arguments.results[0], result)
            del waiting[result.key]
            left.add(result)
            said = result.error or ", ".join(f"{name} {value:.4g}" for name, value in result.scores.items())
            took = "" if result.fit_seconds is None else f" in {result.fit_seconds:.1f} s"
            rest = time.strftime("%H:%M:%S", time.gmtime(left.guess(waiting.values(), arguments.jobs)))
            place, key = f"{len(todo) - len(waiting)}/{len(todo)}", result.key
            tell(f"[{place}, {rest} left] {key.table} {key.peer} {key.split}{took}: {said}")
    except KeyboardInterrupt:
        tell(f"stopped; {len(waiting)} fits are left, and the same command does them")
        raise SystemExit(130) from None
    finally:
        ending.close()  # type: ignore[attr-defined]  # a generator


def main() -> None:
    arguments = parse()
    tables = chosen_tables(arguments)
    if not tables:
        raise SystemExit("none of the tables that were asked for is there")
    from .page import list_tables

    if arguments.list:
        print(list_tables(tables))
        return
    if not arguments.summary_only:
        peers = choose(arguments.peers)
        peers += [PEERS[CONSTANT]] if CONSTANT not in {peer.name for peer in peers} else []
        fit_all(arguments, tables, peers)
    show(arguments, tables)


def show(arguments: argparse.Namespace, tables: list[TableSource]) -> None:
    """Print the summary of what is there, and write and draw it if asked."""
    from glassnet._common.files import write_atomically

    from .page import write_page
    from .picture import draw
    from .summary import Scores, summarise
    from .traits import traits_of

    names = {table.name for table in tables}
    wanted = arguments.peers.split(",") if arguments.peers not in ("", "all") else list(PEERS)
    kept = [
        result
        for result in results.read(arguments.results).values()
        if result.key.table in names
        and result.key.peer in {*wanted, CONSTANT, arguments.reference}
        and (result.key.max_rows, result.key.threads) == (arguments.max_rows, arguments.threads)
    ]
    if not kept:
        raise SystemExit(
            f"no results of these tables, peers and settings in {', '.join(map(str, arguments.results))}"
        )
    found = {result.key.peer for result in kept}
    reference = arguments.reference
    if reference not in found:
        reference = next((name for name in PEERS if name in found), CONSTANT)
        tell(f"there are no results of {arguments.reference}; the wins are those of {reference}")
    traits = {table.name: traits_of(table.name) for table in tables}
    summary = summarise(Scores(kept, arguments.metric), traits, reference, list(PEERS))
    drawn = f", {arguments.max_rows:,} rows drawn of each" if arguments.max_rows else ""
    threads = f"{arguments.threads} thread{'s' if arguments.threads > 1 else ''} each"
    page = write_page(summary, f"{len(summary.tables)} tables{drawn}, {len(kept):,} fits with {threads}.")
    if arguments.markdown:
        write_atomically(arguments.markdown, page)
    if arguments.picture:
        draw(arguments.picture, summary)
    print(page)


if __name__ == "__main__":
    main()
