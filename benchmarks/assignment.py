"""Time the whole assignment: `glassnet reproduce all`, from an empty folder to the report.

    python benchmarks/assignment.py [--repeats 1] [--json FILE]

It trains with scikit-learn's networks too where the report compares both, and runs in a process of its own.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from harness import Table, make_parser, run_part, take_turns


def measure(arguments: argparse.Namespace) -> Iterator[Table]:
    form = ["--quick"] if arguments.quick else []

    def reproduce() -> None:
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                "-m",
                "glassnet",
                "reproduce",
                "all",
                "--quiet",
                "--out",
                folder,
                *form,
            ]
            subprocess.run(command, check=True)

    samples = take_turns({"glassnet": reproduce}, arguments.repeats, warm_up=False)
    yield Table("all", " ".join(["glassnet reproduce all", *form]), "s", samples, "glassnet")


if __name__ == "__main__":
    run_part(make_parser(__doc__, repeats=1).parse_args(), measure)
