"""Interrupt a command at random moments, let it go on, and compare what it comes to.

The disk is not filled: the processes are told that no file of theirs may grow further (`RLIMIT_FSIZE`),
which needs no rights and no disk of its own; writing then fails in the middle of a file, as on a full disk.
The clock is not set back either: the processes see another one.
"""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from clock import sitecustomize as clock
from processes import command_of, members_of
from runs import differences

SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT")
TARGETS = ("runner", "group", "worker")
KILLS = tuple((name, target) for name in SIGNALS for target in TARGETS)
CLOCK, DISK, DELETED, TWO = "clock set back", "disk full", "folder deleted", "two processes"
DISTURBANCES = (CLOCK, DISK, DELETED, TWO)
HANG_SECONDS = 180.0
"""A command that has to end, or a process that nobody waits for any more, is there no longer than this."""
MOMENTS = ((3, 0.0, 0.05), (4, 0.05, 0.15), (3, 0.15, 0.3))
"""When to kill: how often, and between which parts of the time of a whole run. Finished models are kept, so
that ten such kills come to an early, a middle and a late part of it."""
MOST_ENDS = 40
"""How often a command may end by itself between two kills."""


@dataclass(frozen=True)
class Trial:
    """Say what is interrupted, and what it has to come to.

    Attributes
    ----------
    command : sequence of str
        The folder to write to follows as its last word.
    reference : Path
        What an uninterrupted run of it left.
    seconds : float
        How long that took.
    """

    command: Sequence[str]
    reference: Path
    seconds: float


@dataclass
class Tally:
    """Say what happened in a round.

    Attributes
    ----------
    kills : list of (str, str, int)
        Signal, target, and which completion came next.
    disturbances : list of (str, int)
        Likewise.
    completions : int
    problems : list of (str, int)
        What was wrong, and which completion came next.
    """

    kills: list[tuple[str, str, int]] = field(default_factory=list)
    disturbances: list[tuple[str, int]] = field(default_factory=list)
    completions: int = 0
    problems: list[tuple[str, int]] = field(default_factory=list)


class Stopped(Exception):
    """Say that the round is to end early."""


class Process:
    """A run of the command: a runner, and what it starts, in a process group of their own."""

    def __init__(
        self, command: Sequence[str], folder: Path, log: Path, environment: dict[str, str] | None = None
    ) -> None:
        self.log = log
        self.excuses: set[str] = set()
        with log.open("wb") as file:
            self.runner = subprocess.Popen(
                [*command, str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env=os.environ | (environment or {}),
                start_new_session=True,
            )

    @property
    def code(self) -> int | None:
        """How the runner ended; None while it runs."""
        return self.runner.poll()

    def workers(self) -> list[int]:
        """Return the processes that train."""
        return [pid for pid in self.members() if pid != self.runner.pid and "popen_loky" in command_of(pid)]

    def members(self) -> list[int]:
        """Return the processes of the group that have not ended."""
        return members_of(self.runner.pid)

    def send(self, name: str, target: str) -> None:
        """Send a signal."""
        number = signal.Signals[name]
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            if target == "group":
                os.killpg(self.runner.pid, number)
            elif target == "runner":
                self.runner.send_signal(number)
            else:
                os.kill(int(target), number)

    def end(self) -> None:
        """Kill all of it."""
        self.send("SIGKILL", "group")
        self.runner.wait()

    def fill_disk(self, most_bytes: int) -> None:
        """Let no file of these processes grow further than this."""
        for pid in self.members():
            with contextlib.suppress(ProcessLookupError):
                hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (most_bytes, hard))

    def text(self) -> str:
        """Return what it printed."""
        return self.log.read_text(errors="replace")


class Round:
    """A folder in which the command is killed time and again, then ends.

    Parameters
    ----------
    trial : Trial
    work : Path
        An empty folder of its own.
    rng : Random
    kills : sequence of (str, str)
        Signals and targets.
    disturbances : dict of int to str
        Which kill comes after which of `DISTURBANCES`.
    stop : threading.Event
        Ends it early.
    """

    def __init__(
        self,
        trial: Trial,
        work: Path,
        rng: Random,
        kills: Sequence[tuple[str, str]],
        disturbances: dict[int, str],
        stop: threading.Event,
    ) -> None:
        self.trial, self.work, self.rng, self.stop = trial, work, rng, stop
        self.kills, self.disturbances = kills, disturbances
        self.folder = work / "run"
        self.tally = Tally()
        self.process: Process | None = None
        self.left: list[Process] = []  # their runners have ended
        self.n_started, self.began = 0, time.monotonic()

    def play(self) -> Tally:
        """Do it.

        Raises
        ------
        Stopped
            When `stop` was set.
        """
        try:
            for number, (name, target) in enumerate(self.kills):
                disturbance = self.disturbances.get(number)
                for _ in range(MOST_ENDS):
                    if self._kill(name, target, disturbance):
                        break
                    disturbance = None
                else:
                    self._complain(f"ended by itself {MOST_ENDS} times before it could be killed")
            done = self.tally.completions
            while self.tally.completions == done:
                process = self._running()
                self._wait(process, max(HANG_SECONDS, 20 * self.trial.seconds))
                if process.code is None:
                    self._complain("hangs", process)
                    break
                if not self._judge_end(process) and not process.excuses:
                    break
            self._check_left()
        finally:
            for process in (*self.left, *([self.process] if self.process else [])):
                process.end()
        return self.tally

    def _kill(self, name: str, target: str, disturbance: str | None) -> bool:
        """Kill the command at a random moment; return False when it ended by itself before."""
        process = self._running(with_clock=disturbance == CLOCK)
        ((_, low, high),) = self.rng.choices(MOMENTS, [weight for weight, _, _ in MOMENTS])
        delay = self.trial.seconds * self.rng.uniform(low, high)
        before = delay * self.rng.random()
        second: Process | None = None
        self._wait(process, before)
        if process.code is None and disturbance is not None:
            second = self._disturb(process, disturbance)
        self._wait(process, delay - before)
        if second is not None:
            self._judge_second(second, process)
        if process.code is not None:
            self._judge_end(process)
            return False
        victim = target
        if target == "worker":
            workers = process.workers()
            target = "worker" if workers else "runner"
            victim = str(self.rng.choice(workers)) if workers else "runner"
        process.send(name, victim)
        self._note(f"{name} to {target}")
        self.tally.kills.append((name, target, self.tally.completions))
        if target == "worker":  # what becomes of the others is theirs to say, or that of the next kill
            process.excuses.add(f"{name} to a worker")
            return True
        process.excuses.add(name)
        self._wait(process, HANG_SECONDS)
        if process.code is None:
            self._complain(f"is still there {HANG_SECONDS:.0f} s after {name} to its {target}", process)
            process.end()
        self._judge_end(process)
        return True

    def _disturb(self, process: Process, disturbance: str) -> Process | None:
        self.tally.disturbances.append((disturbance, self.tally.completions))
        self._note(disturbance)
        if disturbance == TWO:
            return self._start()
        if disturbance == CLOCK:
            return None
        process.excuses.add(disturbance)
        if disturbance == DISK:
            process.fill_disk(int(2 ** self.rng.uniform(12, 20)))
            return None
        self._delete(process)
        self._wait(process, HANG_SECONDS)
        if process.code is None:
            self._complain("goes on though its folder was deleted", process)
        return None

    def _delete(self, process: Process) -> None:
        """Delete the folder once the run has made it, or move it away."""
        while process.code is None and not any(self.folder.glob("*.json")):
            self._wait(process, 0.02)
        if self.rng.random() < 0.5:
            self.folder.rename(self.folder.with_name(f"moved-{self.n_started}"))
            return
        for _ in range(1_000):  # workers may write into it at the same time
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                break

    def _start(self, environment: dict[str, str] | None = None) -> Process:
        self.n_started += 1
        return Process(self.trial.command, self.folder, self.work / f"{self.n_started}.log", environment)

    def _running(self, *, with_clock: bool = False) -> Process:
        """Return the process that runs, or start one."""
        if self.process is None:
            after, seconds = 0.2 * self.trial.seconds * self.rng.random(), 10 ** self.rng.uniform(0, 8)
            self.process = self._start(clock_set_back(after, seconds) if with_clock else None)
        return self.process

    def _wait(self, process: Process, seconds: float) -> None:
        """Wait until it has ended, but no longer than so."""
        deadline = time.monotonic() + seconds
        while process.code is None and (left := deadline - time.monotonic()) > 0:
            if self.stop.is_set():
                raise Stopped
            time.sleep(min(left, 0.02))

    def _judge_end(self, process: Process) -> bool:
        """Look at what a run left that has ended; return whether it is complete."""
        self.process = None
        self.left.append(process)
        if self.rng.random() < 0.5 or process.code == 0:  # else the next one begins at once
            self._check_left()
        text, code = process.text(), process.code
        self._note(f"ends with {code}")
        # what Ctrl-C ends in the first imports, before the command has begun, ends as Python says it
        is_early = (
            "SIGINT" in process.excuses
            and text.startswith("Traceback")
            and "KeyboardInterrupt" in text
            and "Report: " not in text
        )
        if "Traceback" in text and not is_early:
            self._complain("ends with a traceback", process)
        elif code in (1, 2) and not is_early and "Error: " not in text:
            self._complain("ends without a message", process)
        is_complete = code == 0
        if code != 0 and not process.excuses:
            self._complain(f"ends by itself with {code}", process)
        for difference in differences(self.folder, self.trial.reference, whole=is_complete):
            self._complain(f"{'complete' if is_complete else 'incomplete'}: {difference}", process)
        if is_complete:
            self.tally.completions += 1
            if not self.tally.problems:
                shutil.rmtree(self.folder)
            else:
                self.folder = self.work / f"run-{self.n_started}"
        return is_complete

    def _judge_second(self, second: Process, first: Process) -> None:
        """End the second process on a folder, if it still runs; else look at how it ended."""
        if second.code is None:
            second.end()
            return
        if second.code != 0 and "Error: " not in second.text():
            self._complain(f"as the second process on a folder it ends with {second.code}", second)
        if second.code == 0:
            for difference in differences(self.folder, self.trial.reference, whole=first.code is not None):
                self._complain(f"two processes: {difference}", second)
        if "Traceback" in second.text():
            self._complain("as the second process on a folder it ends with a traceback", second)
        self.left.append(second)

    def _check_left(self) -> None:
        """See to it that no process outlives its runner."""
        deadline = time.monotonic() + HANG_SECONDS
        for process in self.left:
            while (members := process.members()) and time.monotonic() < deadline:
                if self.stop.is_set():
                    raise Stopped
                time.sleep(0.02)
            if members:
                words = [command_of(pid)[-200:] for pid in members]
                self._complain(f"leaves processes: {words}", process)
                process.end()
        self.left.clear()

    def _complain(self, what: str, process: Process | None = None) -> None:
        said = f"; it said: {process.text()[-3_000:].strip()}" if process else ""
        excuses = f" ({', '.join(sorted(process.excuses))})" if process and process.excuses else ""
        self.tally.problems.append((f"{what}{excuses}{said}", self.tally.completions))
        self._note(f"PROBLEM: {self.tally.problems[-1][0]}")

    def _note(self, what: str) -> None:
        """Write down what happens: it is kept with the files of a round that failed."""
        with (self.work / "events.txt").open("a") as file:
            file.write(f"{time.monotonic() - self.began:7.1f} s  run {self.n_started}: {what}\n")


def clock_set_back(after: float, seconds: float) -> dict[str, str]:
    """Return the environment of Python processes whose clock goes back by some seconds, after some."""
    places = [str(Path(clock.__file__).parent), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, places))
    return {"PYTHONPATH": path, clock.AFTER: str(after), clock.BACK: str(seconds)}


def plan(rng: Random, n_kills: int) -> tuple[list[tuple[str, str]], dict[int, str]]:
    """Draw the kills of a round, and the disturbances before some of them."""
    kills: list[tuple[str, str]] = []
    while len(kills) < n_kills:
        kills += rng.sample(KILLS, len(KILLS))
    late = rng.sample(range(n_kills), min(n_kills, len(DISTURBANCES)))
    places = dict(zip(late, DISTURBANCES, strict=False))
    return kills[:n_kills], places
