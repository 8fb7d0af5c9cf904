"""The doctor beside a training: in a process of its own, so that it takes no time from it."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from glassnet.studio.parts import Opened, Part

EXAMINED, TESTED = 2_000, 1_000
"""Training and validation samples that it looks at, drawn at random."""
PAUSE, MODESTY = 3.0, 15.0
"""Seconds from one examination to the next; beside training at least so many times as long as one took."""
LONGEST = 300.0


@dataclass
class Examination:
    """Hold what was found in a run, and at which step."""

    step: int
    findings: list[dict[str, Any]] = field(default_factory=list)


class Doctor:
    """Examine runs one after the other, the newest state of each."""

    def __init__(self) -> None:
        self._found: dict[Any, Examination] = {}
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._busy, self._closed, self._ended, self._took = False, False, 0.0, 0.0
        self.trouble = ""

    @property
    def n_findings(self) -> int:
        """How many findings the first of the runs has that were examined."""
        return len(next(iter(self._found.values())).findings) if self._found else 0

    def ask(
        self, key: Any, keys: set[Any], step: int, model: Any, data: Opened, *, training: bool
    ) -> Examination | None:
        """Return what is known of a run, and examine it if it has gone on since.

        Parameters
        ----------
        key : object
            Of the run.
        keys : set
            Of all runs; what others left is forgotten.
        step : int
        model : callable
            Returns a copy of the model at that step, which nobody changes.
        data : Opened
        training : bool
            Whether a run is training now.
        """
        rest = max(PAUSE, MODESTY * self._took if training else 0.0)
        with self._lock:
            self._found = {own: found for own, found in self._found.items() if own in keys}
            known = self._found.get(key)
            is_new = known is None or known.step != step
            if (
                is_new
                and not self._busy
                and not self._closed
                and time.monotonic() - self._ended > rest * bool(known)
            ):
                self._busy = True
                threading.Thread(
                    target=self._examine, args=(key, step, model(), data), name="glassnet-doctor", daemon=True
                ).start()
            return known

    def leave_out(self, why: str) -> None:
        """Examine nothing from now on, and say why."""
        self.close()
        self.trouble = why

    def close(self) -> None:
        """End what is being examined."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def _examine(self, key: Any, step: int, model: Any, data: Opened) -> None:
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="glassnet-doctor-") as folder:
                model.save(Path(folder) / "model.safetensors")
                train, tested = _some(data.train, EXAMINED), _some(data.validation, TESTED)
                _save(Path(folder), train, tested)
                findings = self._run(folder, list(data.classes))
            with self._lock:
                self._found[key] = Examination(step, findings)
                self.trouble = ""
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            self.trouble = str(error)
            with self._lock:
                self._found.setdefault(key, Examination(step)).step = step  # not again until it has gone on
        finally:
            self._ended = time.monotonic()
            self._busy, self._took = False, self._ended - began

    def _run(self, folder: str, classes: list[str]) -> list[dict[str, Any]]:
        with self._lock:
            if self._closed:
                raise OSError("the studio is closed")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "glassnet.studio.examine", folder, json.dumps(classes)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                stdin=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
        try:
            out, complaint = self._process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        if self._process.returncode:
            raise OSError(complaint.strip().rpartition("\n")[2] or "the doctor has ended")
        found: list[dict[str, Any]] = json.loads(out)
        return found


def _save(folder: Path, train: Part, tested: Part) -> None:
    """Write the data as numbers and text, which nothing is run from."""
    inputs = {"X": train.X, "X_test": tested.X}
    save_file({name: np.ascontiguousarray(X) for name, X in inputs.items()}, folder / "inputs.safetensors")
    targets = {"y": train.y.tolist(), "y_test": tested.y.tolist(), "dtype": train.y.dtype.str}
    (folder / "targets.json").write_text(json.dumps(targets), encoding="utf-8")


def _some(part: Part, most: int) -> Part:
    if len(part) <= most:
        return part
    rows = np.sort(np.random.default_rng(0).choice(len(part), most, replace=False))
    return Part(part.X[rows], part.y[rows])
