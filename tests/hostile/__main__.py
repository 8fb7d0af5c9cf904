"""Try damaged inputs on every reader: ``python tests/hostile --inputs 100000``, or ``make fuzz``.

A run that was stopped goes on where it stood. The files of what failed are kept beside the state, in
``failures``. ``--only NUMBER`` tries one input again in this process, and leaves its files to look at; those
of run folders are not quite the same again, since they hold how long training took.
"""

import argparse
import re
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BLOCK = 500
"""After so many inputs the state is written, and a line says how far it is."""
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from standing import fingerprint, print_table, read_state, write_state  # noqa: E402 (behind the path)


def main() -> int:
    """Try the inputs, print the table, and return how the program ends."""
    from workers import prepare_process, try_inputs

    prepare_process()
    from readers import READERS

    options = _options(list(READERS))
    if options.only is not None:
        return _try_one(options)
    state = _read_state(options)
    begun, start = state["next"], time.monotonic()
    if begun:
        print(f"Going on after {begun:,} inputs; --anew begins again.", flush=True)
    tasks = [_task(number, options) for number in range(begun, options.inputs)]
    kept = options.state.with_name("failures")
    if not begun:
        shutil.rmtree(kept, ignore_errors=True)
    waiting: dict[int, Any] = {}  # what came out before an earlier input did
    for outcome in try_inputs(tasks, seed=options.seed, jobs=options.jobs, keep=kept):
        waiting[outcome.number] = outcome
        while (now := waiting.pop(state["next"], None)) is not None:
            _count(state, now)
            if state["next"] % BLOCK == 0 or state["next"] == options.inputs:
                write_state(options.state, state)
                pace = (time.monotonic() - start) / (state["next"] - begun)
                left = pace * (options.inputs - state["next"]) / 60
                done = f"{state['next']:>9,} of {options.inputs:,} inputs"
                print(f"{done}, {len(state['failures'])} failures, {left:.0f} min left", flush=True)
    return _report(state, options)


def _options(readers: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/hostile", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="how many (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other inputs")
    parser.add_argument("--reader", choices=readers, help="inputs for this reader alone")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="try this input alone, in this process")
    parser.add_argument(
        "--state", type=Path, default=ROOT / "runs" / "fuzz" / "state.json", help="where it stands"
    )
    parser.add_argument("--anew", action="store_true", help="do not go on with an earlier run")
    parser.add_argument(
        "--shown", type=int, default=20, help="failures in full at the end (default: %(default)s)"
    )
    return parser.parse_args()


def _task(number: int, options: argparse.Namespace) -> Any:
    from workers import Task, reader_of

    return Task(number, options.reader or reader_of(options.seed, number))


def _read_state(options: argparse.Namespace) -> dict[str, Any]:
    digest = fingerprint(options.seed, options.reader)
    state = read_state(options.state, digest, anew=options.anew)
    if state is not None and state["next"] <= options.inputs:
        return state
    return {"fingerprint": digest, "next": 0, "counts": {}, "slowest": {}, "failures": []}


def _count(state: dict[str, Any], outcome: Any) -> None:
    counts, slowest = state["counts"].setdefault(outcome.reader, {}), state["slowest"]
    counts[outcome.kind] = counts.get(outcome.kind, 0) + 1
    slowest[outcome.reader] = max(slowest.get(outcome.reader, 0), outcome.seconds)
    if not outcome.is_good:
        state["failures"].append([outcome.number, outcome.reader, outcome.kind, outcome.text])
    state["next"] += 1


def _report(state: dict[str, Any], options: argparse.Namespace) -> int:
    from workers import KINDS

    rows = [["reader", *KINDS, "slowest"]]
    total: Counter[str] = Counter()
    for reader, counts in sorted(state["counts"].items()):
        total.update(counts)
        numbers = [f"{counts.get(kind, 0):,}" for kind in KINDS]
        rows.append([reader, *numbers, f"{state['slowest'][reader]:.2f} s"])
    rows.append(["all", *(f"{total[kind]:,}" for kind in KINDS), f"{max(state['slowest'].values()):.2f} s"])
    print_table(rows, n_words=1)
    groups: dict[Any, list[Any]] = {}
    for failure in state["failures"]:
        groups.setdefault(_signature(*failure[1:]), []).append(failure)
    for failures in sorted(groups.values(), key=len, reverse=True)[: options.shown]:
        number, reader, kind, text = failures[0]
        print(f"\n{len(failures)} x {kind}: --seed {options.seed} --only {number} --reader {reader!r}")
        print(text.strip())
    if len(groups) > options.shown:
        print(f"\n{len(groups) - options.shown} more kinds of failures are in {options.state}.")
    return 1 if state["failures"] else 0


def _signature(reader: str, kind: str, text: str) -> tuple[str, str, str]:
    """Return what failures of one cause have in common, mostly: the last words, without what varies."""
    lines = text.strip().splitlines() or [""]
    where = next((line for line in reversed(lines) if line.lstrip().startswith("File ")), "")
    return reader.partition(",")[0], kind, where or re.sub(r"[\d.'\"]+", "", lines[-1])[:40]


def _try_one(options: argparse.Namespace) -> int:
    from workers import allow_seconds, limit_memory, try_task

    folder = Path(mkdtemp(prefix="hostile-"))
    allow_seconds()
    limit_memory()
    outcome = try_task(options.seed, _task(options.only, options), folder)
    print(f"{outcome.reader}: {outcome.kind} after {outcome.seconds:.2f} s; its files are in {folder}")
    print(outcome.text)
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
