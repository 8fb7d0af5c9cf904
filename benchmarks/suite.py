"""Run every part of the benchmarks, and judge their figures by the targets.

    python benchmarks/suite.py [--only PART ...] [--repeats N] [--quick] [--full] [--again]
                               [--out FOLDER] [--json FILE] [--picture FILE] [--markdown FILE]

Each part is a script of its own and runs in a process of its own. Beside its figures stands the share of
the processors' time that others took meanwhile; a part that was disturbed is run once more, and the calmer
run kept. Its figures are in the folder runs/benchmarks as soon as it is done; a part that is there with the
same settings is not run again, so what was stopped goes on where it stood. PyTorch and JAX take part where
they are installed:

    .venv/bin/pip install -e ".[bench]"        # Numba and JAX; `make bench` does this
    .venv/bin/pip install torch==2.13.0        # by hand: the usual wheel weighs several GB
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import picture
from disturbance import MOST, watch_others
from harness import Table, describe_machine
from pages import update_page
from targets import HEADS, TARGETS, target_rows

from glassnet._common.files import write_json

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Part:
    """Describe a part: the script of its name, the suite's options that it takes, and its word for quick.

    One of a quarter of an hour `takes_long`: it runs with ``--full``, or when it is asked for by its name.
    """

    name: str
    title: str
    options: tuple[str, ...] = ("repeats", "quick")
    quick: tuple[str, ...] = ("--quick",)
    takes_long: bool = False

    @property
    def script(self) -> Path:
        """Where it is."""
        return HERE / f"{self.name}.py"


PARTS = (
    Part("startup", "Imports, --help, the first compilation"),
    Part("memory", "Peak memory"),
    Part("prediction", "Prediction of 1, 100 and 10,000 rows"),
    Part("estimators", "The same weights as scikit-learn"),
    Part("epoch", "One epoch of MNIST"),
    Part("sizes", "One fit over sizes"),
    Part("busy", "Fits while another program keeps a core busy"),
    Part("streaming", "Data larger than memory", quick=("--rows", "1e4", "1e5")),
    Part("study", "The study of 12 models"),
    Part("grid", "The grid of 27 candidates in 3 folds", ("repeats", "quick", "full")),
    Part("assignment", "The whole assignment", ("quick",), takes_long=True),
)


def run_part(part: Part, settings: dict[str, Any]) -> dict[str, Any] | None:
    """Run a part in a process of its own and return its figures; None when it failed."""
    options: list[str] = []
    for name, value in settings.items():
        if value is True:
            options += part.quick if name == "quick" else [f"--{name}"]
        elif value is not None and value is not False:
            options += [f"--{name}", str(value)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.json"
        began = time.monotonic()
        with watch_others() as others:
            done = subprocess.run([sys.executable, str(part.script), *options, "--json", str(path)])
        if done.returncode or not path.exists():
            return None
        figures = json.loads(path.read_text(encoding="utf-8"))
    return {
        "settings": settings,
        "command": " ".join(["python", f"benchmarks/{part.script.name}", *options]),
        "date": datetime.now().astimezone().isoformat(timespec="minutes"),
        "seconds": time.monotonic() - began,
        "others": others[0],
        "environment": figures["environment"],
        "tables": figures["tables"] if "tables" in figures else tables_of_streams(figures["figures"]),
    }


def run_calmly(part: Part, settings: dict[str, Any]) -> dict[str, Any] | None:
    """Run a part, and once more where others disturbed it; return the calmer figures."""
    figures = run_part(part, settings)
    if figures is None or (figures["others"] or 0.0) <= MOST:
        return figures
    print(f"  others took {figures['others']:.0%} of the processors: once more", flush=True)
    again = run_part(part, settings)
    return figures if again is None or again["others"] >= figures["others"] else again


def tables_of_streams(figures: dict[str, dict[str, dict[str, float]]]) -> list[dict[str, Any]]:
    """Return the figures of the part streaming, by job and then by number of rows, as tables by rows."""
    job = "glassnet fit, generator"
    tables = []
    for rows in figures[job]:
        title = f"{int(float(rows)):,} streamed rows"
        found = {name: by_rows[rows] for name, by_rows in figures.items() if rows in by_rows}
        seconds = {name: [values["ns_per_sample"] * 1e-9] for name, values in found.items()}
        megabytes = {name: [values["megabytes"]] for name, values in found.items()}
        tables += [
            Table(f"cost {rows}", f"{title}, time for a row", "s", seconds, job),
            Table(f"memory {rows}", f"{title}, peak memory", "MB", megabytes, job),
        ]
    return [asdict(table) for table in tables]


def is_asked(part: Part, arguments: argparse.Namespace) -> bool:
    """Return whether a part is to be run."""
    if arguments.only:
        return part.name in arguments.only
    return not part.takes_long or arguments.full or arguments.quick


def run_parts(parts: list[Part], arguments: argparse.Namespace) -> list[str]:
    """Run what is not in the folder yet; return the names of the parts that failed."""
    failed = []
    for number, part in enumerate(parts, start=1):
        heading = f"[{number}/{len(parts)}] {part.name}: {part.title}"
        settings = {name: getattr(arguments, name) for name in part.options}
        path = arguments.out / f"{part.name}.json"
        kept = read(path)
        if not part.script.exists():
            print(f"\n{heading}: {part.script.name} is not there, and takes no part.", flush=True)
        elif kept and kept["settings"] == settings and not arguments.again:
            print(f"\n{heading}: kept from {kept['date']}; --again runs it again.", flush=True)
        else:
            print(f"\n{heading}", flush=True)
            figures = run_calmly(part, settings)
            if figures is None:
                failed.append(part.name)
            else:
                write_json(path, figures)
                print(f"  done in {figures['seconds']:.0f} s{say_others(figures)}", flush=True)
    return failed


def say_others(figures: dict[str, Any]) -> str:
    """Say what others took of the processors; nothing where it is not known."""
    others = figures.get("others")
    return "" if others is None else f"; others took {others:.1%} of the processors"


def read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def show_targets(results: dict[str, Any]) -> None:
    """Print every target with its figure."""
    rows = [HEADS, *target_rows(results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    print()
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    states = [target.is_met(results) for target in TARGETS]
    print(f"\n{states.count(True)} met, {states.count(False)} missed, {states.count(None)} not measured")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run every part of the benchmarks.")
    names = [part.name for part in PARTS]
    parser.add_argument("--only", nargs="+", choices=names, metavar="PART", help=", ".join(names))
    parser.add_argument("--repeats", type=int, help="samples of each figure, unless each part's own")
    parser.add_argument("--quick", action="store_true", help="one small sample of each: does it work here?")
    parser.add_argument(
        "--full", action="store_true", help="all 81 fits of the grid, and the whole assignment"
    )
    parser.add_argument("--again", action="store_true", help="run what is in the folder already, too")
    parser.add_argument("--out", type=Path, help="folder of the parts' figures [runs/benchmarks]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything to one file")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw a PNG")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables into a page")
    arguments = parser.parse_args()
    arguments.out = arguments.out or Path("runs", "benchmarks-quick" if arguments.quick else "benchmarks")
    return arguments


def main() -> None:
    arguments = parse()
    parts = [part for part in PARTS if is_asked(part, arguments)]
    failed = run_parts(parts, arguments)
    saved = {part.name: read(arguments.out / f"{part.name}.json") for part in PARTS}
    results = {name: figures for name, figures in saved.items() if figures}
    show_targets(results)
    if arguments.quick:
        print("These are figures of --quick, one sample on part of the data: they judge nothing.")
    if arguments.json:
        rows = [dict(zip(HEADS, row, strict=True)) for row in target_rows(results)]
        write_json(arguments.json, {"environment": describe_machine(), "parts": results, "targets": rows})
    if arguments.markdown:
        update_page(arguments.markdown, results, {part.name: part.title for part in PARTS})
    if arguments.picture:
        picture.draw(arguments.picture, results)
    if failed:
        sys.exit(f"{', '.join(failed)} failed; the same command runs only what is missing.")


if __name__ == "__main__":
    main()
