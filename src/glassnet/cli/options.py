"""The options that every command has that trains models."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from glassnet.studies.engines import BOTH, ENGINES

Command = Callable[..., Any]

scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS", help="Of the Dask cluster: tcp://HOST:8786."
)

_OPTIONS = (
    click.option("--quick", is_flag=True, help="Part of the data and few epochs: a first look."),
    click.option("--engine", type=click.Choice([*ENGINES, BOTH]), help="Whose networks to train."),
    click.option(
        "--jobs",
        type=click.IntRange(1),
        help="Models trained at once, one process each.  [default: one a core]",
    ),
    click.option(
        "--seed", type=click.IntRange(0), help="Same seed, same numbers.  [default: each study's own]"
    ),
    click.option(
        "--backend",
        type=click.Choice(("processes", "dask", "slurm")),
        default="processes",
        show_default=True,
        help="Where models are trained: in processes of this machine, on a Dask cluster, by a job of Slurm.",
    ),
    scheduler_option,
    click.option(
        "--sbatch",
        metavar="OPTIONS",
        help='Of the array job of Slurm: "--partition=short --time=60". --jobs is how many tasks it has.',
    ),
    click.option(
        "--repair",
        is_flag=True,
        help="Train finished models anew whose files are damaged or were exchanged, and name them.",
    ),
    click.option("--quiet", is_flag=True, help="Show nothing but where the report is."),
    click.option("--json", "as_json", is_flag=True, help="Print results.json to standard output in the end."),
)

allow_option = click.option(
    "--allow",
    multiple=True,
    metavar="MODULE",
    help="A module of yours that a study's file may have imported; may be given several times.",
)


@dataclass(frozen=True)
class Means:
    """Hold what a run is done with: nothing of it changes a number.

    Attributes
    ----------
    jobs : int or None
        Models trained at once, in processes of this machine.
    scheduler : str or None
        Address of the Dask scheduler that is to train them instead.
    slurm : list of str or None
        Options of ``sbatch``, where an array job of Slurm is to train them.
    repair : bool
        Whether finished models that do not fit their manifest are trained anew.
    quiet, as_json : bool
        Whether nothing is shown on the way.
    """

    jobs: int | None
    scheduler: str | None
    slurm: list[str] | None
    repair: bool
    quiet: bool
    as_json: bool

    @property
    def talks(self) -> bool:
        """Whether the run is shown on the way."""
        return not (self.quiet or self.as_json)


def choose_means(
    jobs: int | None,
    backend: str,
    scheduler: str | None,
    sbatch: str | None,
    repair: bool,
    quiet: bool,
    as_json: bool,
) -> Means:
    """Return the means that the options name.

    Raises
    ------
    click.UsageError
        When the backend and the other options do not go together.
    """
    if backend == "dask" and scheduler is None:
        raise click.UsageError("--backend dask needs --scheduler ADDRESS, which `dask scheduler` prints.")
    if backend != "dask" and scheduler is not None:
        raise click.UsageError("--scheduler is for --backend dask: add that.")
    if backend != "slurm" and sbatch is not None:
        raise click.UsageError("--sbatch is for --backend slurm: add that.")
    if backend == "dask" and jobs is not None:
        raise click.UsageError(
            "--jobs is for processes of this machine; the Dask cluster has its own workers."
        )
    slurm = shlex.split(sbatch or "") if backend == "slurm" else None
    return Means(jobs, scheduler, slurm, repair, quiet, as_json)


def run_options(command: Command) -> Command:
    """Give a command the options of a run."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
