"""Kill ``reproduce all --quick`` at random moments: ``python tests/hostile/kills.py``, or ``make kill-test``.

It is killed time and again, and started again in the same folder; then it ends, and what it found has to be
what a run finds that nobody interrupts. Before some of the kills the clock is set back, the disk is full, the
folder is deleted, or a second process begins in the same folder. A kill-test that was stopped goes on with
the next folder. Files and output of what failed are kept beside the state, in ``failures``. It reads /proc:
Linux only.
"""

import argparse
import dataclasses
import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
KILLS_A_FOLDER = 10
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]


def main() -> int:
    """Kill it, print the table, and return how the program ends."""
    from standing import fingerprint, read_state, write_state

    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what it started is ended too
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it, and
    # so would all that it starts
    state = read_state(options.state, fingerprint(options.seed, options.jobs), anew=options.anew)
    state = state or {"fingerprint": fingerprint(options.seed, options.jobs), "seconds": None, "rounds": {}}
    base = options.state.parent
    if state["rounds"]:
        print(f"Going on after {_count_kills(state)} kills; --anew begins again.", flush=True)
    else:
        shutil.rmtree(base / "failures", ignore_errors=True)
    command = [sys.executable, "-m", "glassnet", "reproduce", "all", "--quick", "--quiet"]
    command += ["--jobs", str(options.jobs), "--out"]
    if state["seconds"] is None or not (base / "reference").exists():
        print("A run that nobody interrupts ...", flush=True)
        state["seconds"] = run_reference(command, base / "reference")
        write_state(options.state, state)
    print(f"It takes {state['seconds']:.0f} s.", flush=True)
    sizes = [KILLS_A_FOLDER] * (options.kills // KILLS_A_FOLDER)
    sizes += [options.kills % KILLS_A_FOLDER] if options.kills % KILLS_A_FOLDER else []
    todo = [(n, size) for n, size in enumerate(sizes) if str(n) not in state["rounds"]]
    start, n_before = time.monotonic(), _count_kills(state)
    for number, tally in _play(todo, command, base, state["seconds"], options):
        state["rounds"][str(number)] = dataclasses.asdict(tally)
        write_state(options.state, state)
        n_kills = _count_kills(state)
        pace = (time.monotonic() - start) / max(n_kills - n_before, 1)
        print(
            f"{n_kills:>5} of {options.kills} kills, {_sum(state, 'completions')} completions, "
            f"{sum(len(one['problems']) for one in state['rounds'].values())} problems, "
            f"{pace * (options.kills - n_kills) / 60:.0f} min left",
            flush=True,
        )
        for problem, _ in tally.problems:
            print(f"\nfolder {number}: {problem}\n", flush=True)
    return _report(state)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/hostile/kills.py", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="how many (default: %(default)s)")
    parser.add_argument(
        "--jobs", type=int, default=2, help="of the command that is killed (default: %(default)s)"
    )
    parser.add_argument(
        "--folders",
        type=int,
        help="how many at the same time (default: as many as there are cores for, of those that are idle)",
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed kills at other moments")
    parser.add_argument(
        "--state", type=Path, default=ROOT / "runs" / "kills" / "state.json", help="where it stands"
    )
    parser.add_argument("--anew", action="store_true", help="do not go on with an earlier run")
    options = parser.parse_args()
    idle = (os.cpu_count() or 1) - os.getloadavg()[0]
    options.folders = options.folders or max(1, int(idle // options.jobs))
    options.state = options.state.absolute()
    return options


def run_reference(command: Sequence[str], folder: Path) -> float:
    """Run the command without an interruption; return how long it took."""
    from interrupted import Process

    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    process = Process(command, folder, folder.with_suffix(".log"))
    try:
        if process.runner.wait() != 0:
            raise SystemExit(f"It ends with {process.code}, though nobody interrupts it:\n{process.text()}")
    finally:
        process.end()
    return time.monotonic() - start


def _play(
    todo: Sequence[tuple[int, int]], command: Sequence[str], base: Path, seconds: float, options: Any
) -> Any:
    """Yield number and tally of each folder, in no order."""
    from interrupted import Round, Trial, plan

    stop = threading.Event()

    def play(number: int, n_kills: int) -> Any:
        rng = Random(f"{options.seed}:{number}")
        work = base / "folders" / str(number)
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        trial = Trial(command, base / "reference", seconds)
        tally = Round(trial, work, rng, *plan(rng, n_kills), stop).play()
        if tally.problems:
            shutil.copytree(work, base / "failures" / str(number), dirs_exist_ok=True)
        shutil.rmtree(work)
        return number, tally

    with ThreadPoolExecutor(options.folders) as pool:
        futures: set[Future[Any]] = {pool.submit(play, *one) for one in todo}
        try:
            while futures:
                done, futures = wait(futures, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            stop.set()
            for future in futures:
                future.cancel()


def _count_kills(state: dict[str, Any]) -> int:
    return sum(len(one["kills"]) for one in state["rounds"].values())


def _sum(state: dict[str, Any], key: str) -> int:
    return sum(one[key] for one in state["rounds"].values())


def _report(state: dict[str, Any]) -> int:
    """Print how many kills of each kind led to a completion that was equal."""
    from standing import print_table

    counts: Counter[tuple[str, ...]] = Counter()
    equal: Counter[tuple[str, ...]] = Counter()
    for one in state["rounds"].values():
        bad = {place for _, place in one["problems"]}
        for *what, place in (*one["kills"], *((name, "", place) for name, place in one["disturbances"])):
            counts[tuple(what)] += 1
            equal[tuple(what)] += place not in bad and place < one["completions"]
    rows = [["signal", "target", "count", "equal", "differing"]]
    rows += [[*key, str(n), str(equal[key]), str(n - equal[key])] for key, n in sorted(counts.items())]
    print_table(rows, n_words=2)
    n_bad = sum(bool(one["problems"]) for one in state["rounds"].values())
    done = f"{_count_kills(state)} kills, {_sum(state, 'completions')} completions"
    print(f"{done}, {n_bad} of {len(state['rounds'])} folders with problems")
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
