"""Train the models of a study by an array job of Slurm, whose nodes see the run folder."""

import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from glassnet._common.fields import build
from glassnet._common.files import write_atomically
from glassnet._common.quoting import listed, shown
from glassnet.errors import RunFolderError, StudyError
from glassnet.studies.base import Study
from glassnet.studies.folder import RunFolder
from glassnet.studies.workers import Key, Order, train_one

FOLDER = "slurm"
"""Of the run folder: what an array job is given, and what its tasks print."""
ARRAY_FILE = "array.json"
POLL_SECONDS = 2.0
MOST_TASKS = 100
"""Of an array, unless told otherwise; Slurm itself allows 1,001 unless its administrator does otherwise."""


@dataclass(frozen=True)
class ArrayJob:
    """Hold what an array job trains.

    Attributes
    ----------
    study : list of str
        What names it on the command line, see `Study.words`.
    tasks : list of list of str
        The models of each task, in their order.
    job : str
        Its number; empty before it is submitted.
    """

    study: list[str]
    tasks: list[list[str]]
    job: str = ""

    @property
    def names(self) -> set[str]:
        """All models."""
        return {name for task in self.tasks for name in task}


class SlurmArrays:
    """Train by an array job for each run.

    Parameters
    ----------
    options : sequence of str
        Of ``sbatch``: ``["--partition=short"]``.
    tasks : int
        How many tasks an array has at most; each trains its models one after the other, on one core.
    studies : mapping of int to Study
        Whose models the orders are, by the number of their run.
    """

    in_this_process = False

    def __init__(self, options: Sequence[str], tasks: int, studies: Mapping[int, Study]) -> None:
        self.jobs, self._options, self._studies = tasks, list(options), studies
        self._submitted: list[str] = []

    def train(self, orders: Sequence[Order], stop: threading.Event) -> Iterator[Key]:
        """Yield the models as they finish.

        A job that an earlier run submitted, and that still goes on, is waited for.
        """
        waiting: dict[int, list[Order]] = defaultdict(list)
        for order in orders:
            waiting[order.run].append(order)
        jobs = {number: _find_running(some[0].folder) for number, some in waiting.items()}
        submitted = set()
        while waiting and not stop.is_set():
            for number, some in list(waiting.items()):
                job = jobs.get(number)
                has_ended = job is None or not is_queued(job.job)  # asked before the files are looked at
                done = [order for order in some if order.folder.is_finished(order.spec.name)]
                yield from (order.key for order in done)
                waiting[number] = left = [order for order in some if order not in done]
                if not left:
                    del waiting[number]
                elif has_ended and number in submitted:
                    raise StudyError(_describe_end(job, left))
                elif has_ended:
                    jobs[number] = self.submit(number, left)
                    submitted.add(number)
            stop.wait(POLL_SECONDS)

    def submit(self, number: int, orders: Sequence[Order]) -> ArrayJob:
        """Write the script of an array job, and submit it."""
        path, names = orders[0].folder.path, [order.spec.name for order in orders]
        n_tasks = min(self.jobs, len(names))
        study = self._studies[number]
        job = ArrayJob(study.words(), [names[task::n_tasks] for task in range(n_tasks)])
        script = _write(orders[0].folder, job, study.name)
        words = ["sbatch", "--parsable", *self._options, str(script)]
        if shutil.which("sbatch") is None:
            raise StudyError(
                f"there is no sbatch on this machine. The array job is written: where there is one, and "
                f"{shown(path.absolute())} is seen, submit it by\n  {shlex.join(words)}\n"
                "The same command goes on when it has ended."
            )
        said = _call(words)
        if said is None:
            raise StudyError(f"sbatch did not take the job: {shlex.join(words)}")
        job = ArrayJob(job.study, job.tasks, said.split(";")[0].strip())
        _write(orders[0].folder, job, study.name)
        self._submitted.append(job.job)
        return job

    def close(self) -> None:
        """Leave what is done."""

    def abandon(self) -> None:
        """Cancel the jobs of this run; finished models stay."""
        for job in self._submitted:
            _call(["scancel", job])


def _write(folder: RunFolder, job: ArrayJob, name: str) -> Path:
    """Write what an array job trains, and its script; return where that is."""
    place = folder.path.absolute() / FOLDER
    folder.write_beside(f"{FOLDER}/{ARRAY_FILE}", asdict(job))
    command = [sys.executable, "-m", "glassnet", "study", "part", str(folder.path.absolute())]
    lines = [
        "#!/bin/sh",
        f"#SBATCH --job-name=glassnet-{name}",
        f"#SBATCH --array=0-{len(job.tasks) - 1}",
        "#SBATCH --cpus-per-task=1",
        f"#SBATCH --output={place}/%a.txt",
        f"cd {shlex.quote(os.getcwd())} || exit 1",
        f'exec {shlex.join(command)} "$SLURM_ARRAY_TASK_ID"',
    ]
    script = place / "array.sh"
    write_atomically(script, "\n".join(lines) + "\n", make_folder=False)
    return script


def read_job(folder: RunFolder) -> ArrayJob | None:
    """Return the array job that was last written for a run; None where there was none."""
    return folder.read_beside(f"{FOLDER}/{ARRAY_FILE}", lambda value: build(ArrayJob, value))


def _find_running(folder: RunFolder) -> ArrayJob | None:
    job = read_job(folder)
    return job if job is not None and job.job and is_queued(job.job) else None


def is_queued(job: str) -> bool:
    """Whether tasks of a job wait or run; so is said, too, while Slurm's controller does not answer."""
    said = _call(["squeue", "--noheader", "--me", "--format=%F"])
    return said is None or job in said.split()


def _call(words: Sequence[str]) -> str | None:
    """Return what a command of Slurm prints; None when it fails."""
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def _describe_end(job: ArrayJob | None, left: Sequence[Order]) -> str:
    number = "" if job is None else job.job
    return (
        f"the array job {number} has ended, and these were not trained: "
        f"{listed([order.spec.name for order in left])}. What its tasks printed is in "
        f"{shown(left[0].folder.path / FOLDER)}. Finished models are kept; the same command submits the rest."
    )


def train_part(study: Study, folder: RunFolder, task: int) -> None:
    """Train the models of a task of the array job of a run, those that are not finished.

    Raises
    ------
    RunFolderError
        When no array job was written there, or the run is of another study.
    """
    job, config = read_job(folder), folder.read_config()
    if job is None or not 0 <= task < len(job.tasks):
        raise RunFolderError(f"{shown(folder.path)} has no task {task} of an array job of Slurm.")
    folder.claim(config, study)
    specs = {spec.name: spec for spec in study.specs}
    for name in job.tasks[task]:
        if not folder.is_finished(name):
            train_one(study, config, specs[name], folder, lambda: lambda: None)
