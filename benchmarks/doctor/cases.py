"""Sick and healthy networks by their seeds, kept once they are trained, and what the doctor says of each."""

import hashlib
import os
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

import glassnet
from glassnet.doctor import diagnose
from glassnet.errors import InvalidDataError, InvalidParameterError

from .data import Half, names_of
from .kinds import HELD_OUT_KINDS, KINDS, TUNING_KINDS, has_rows_enough
from .networks import Case, draw_healthy, run

HARM = 0.05
"""What a fault must cost."""
BASES, STRENGTHS, SETS_TRIED = 2, 4, 5
"""Healthy networks that a fault is put into, times it is made stronger, data sets it is tried on."""
SEEDS: dict[Half, int] = {"tuning": 10_000_000, "held-out": 20_000_000}


class Slot(NamedTuple):
    """Say what to make: a kind, or a healthy network, of the first of these data sets that can be had."""

    half: Half
    kind: str
    sets: tuple[str, ...]
    seed: int


@dataclass(frozen=True)
class Patient:
    """Hold a trained network with its data, and what its fault cost.

    Attributes
    ----------
    score, score_clean : float
        On the test rows that it was given, and on rows that are in order.
    twin, twin_clean : float
        The healthy twin's.
    """

    case: Case
    model: Any
    data_set: str
    harm: float
    strength: float
    score: float
    score_clean: float
    twin: float
    twin_clean: float


@dataclass
class Outcome:
    """Hold what the doctor said of one network."""

    kind: str
    family: str
    is_held_out: bool
    task: str
    data_set: str
    seed: int
    settings: str
    harm: float
    strength: float
    score: float
    twin: float
    answers: list[str]
    codes: list[str] = field(default_factory=list)
    severities: list[str] = field(default_factory=list)
    is_healthy: bool = True
    refused: str = ""
    crash: str = ""
    seconds: float = 0.0
    cure: str = ""
    treatment: str = ""
    won_back: float | None = None

    @property
    def is_first(self) -> bool:
        """Whether a right answer is the first."""
        return bool(self.codes) and self.codes[0] in self.answers

    @property
    def is_among(self) -> bool:
        """Whether a right answer is among the findings."""
        return bool(set(self.codes) & set(self.answers))

    def codes_of(self, *severities: str) -> set[str]:
        """Return the findings of these severities."""
        return {code for code, one in zip(self.codes, self.severities, strict=True) if one in severities}


def kinds_of(half: Half, which: str = "") -> list[str]:
    """Return the kinds that a half is asked for: tuning its own, held-out its own and the others' too."""
    named = {"tuning": TUNING_KINDS, "held-out": HELD_OUT_KINDS, "all": tuple(KINDS)}
    if not which:
        which = "tuning" if half == "tuning" else "all"
    if which in named:
        return list(named[which])
    chosen = [name for name in KINDS if any(part.strip() == name for part in which.split(";"))]
    if not chosen:
        raise SystemExit(
            f"got --kinds {which!r}; expected tuning, held-out, all, or names: {'; '.join(KINDS)}"
        )
    return chosen


def slots(
    half: Half, kinds: list[str], sets: list[str], n_sick: int, n_healthy: int, begin: int
) -> list[Slot]:
    """Return what is to be made: every kind, task and data set as often as the others."""
    made: list[Slot] = []
    number = begin
    while len(made) < n_sick:
        before = len(made)
        turn = (number - begin) // max(1, len(kinds))
        for name in kinds:
            one = KINDS[name]
            seed = SEEDS[half] + number
            number += 1
            rng = np.random.default_rng(seed)
            task = one.tasks[(turn + begin + list(KINDS).index(name)) % len(one.tasks)]
            fitting = [s for s in one.sets(half) if s in sets and s in names_of(half, task)]  # type: ignore[arg-type]
            if fitting and len(made) < n_sick:
                order = tuple(fitting[int(i)] for i in rng.permutation(len(fitting)))
                made.append(Slot(half, name, order[:SETS_TRIED], seed))
        if len(made) == before:
            break
    for number in range(n_healthy):
        name = sets[(number + begin) % len(sets)]
        made.append(Slot(half, "", (name,), SEEDS[half] + 5_000_000 + begin + number))
    return made


def make(slot: Slot) -> Patient | None:
    """Train a healthy network of a slot and put its fault in; None when no network can be had."""
    rng = np.random.default_rng(slot.seed)
    one = KINDS[slot.kind] if slot.kind else None
    for data_set in slot.sets:
        for _ in range(BASES):
            healthy = draw_healthy(rng, data_set, one.shape if one else None)
            if healthy is None:
                break
            twin = healthy.score, healthy.honest()
            if one is None:
                case = healthy.case
                return Patient(case, healthy.model, data_set, 0.0, 0.0, *twin, *twin)
            seed, begin = int(rng.integers(2**31)), float(rng.uniform(0, 0.6))
            for step in range(STRENGTHS):
                strength = begin + (1 - begin) * step / (STRENGTHS - 1)
                with np.errstate(all="ignore"):
                    case_or_none = one.inject(np.random.default_rng(seed), healthy.case, strength)
                if case_or_none is None or not has_rows_enough(case_or_none.rows):
                    break
                sick = run(case_or_none)
                harm = one.harm(healthy, sick)
                if harm >= HARM:
                    scores = sick.score, sick.honest(), *twin
                    return Patient(sick.case, sick.model, data_set, harm, strength, *scores)
    return None


def fingerprint() -> str:
    """Return what changes when the networks do: the text of what draws them, and of what trains them."""
    folder, room = Path(__file__).parent, Path(glassnet.__file__).parent
    paths = [folder / f"{name}.py" for name in ("data", "networks", "kinds", "cases")]
    paths += sorted([*(room / "nn").rglob("*.py"), *(room / "models").rglob("*.py")])
    paths.remove(room / "models" / "view.py")  # it only looks at them
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def fetch(slot: Slot, folder: Path, *, again: bool = False) -> Patient | None:
    """Return the network of a slot from the folder, or train it and keep it there."""
    key = hashlib.sha256(repr(slot).encode()).hexdigest()[:20]
    path = folder / f"{key}.joblib"
    if path.exists() and not again:
        kept: Patient | None = joblib.load(path)  # this benchmark's own file
        return kept
    patient = make(slot)
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    joblib.dump(patient, part, compress=1)
    part.replace(path)
    return patient


def examine(slot: Slot, folder: Path, *, again: bool = False, treat: bool = False) -> Outcome | None:
    """Ask the doctor about the network of a slot; None when there is none."""
    patient = fetch(slot, folder, again=again)
    if patient is None:
        return None
    one, rows = KINDS.get(slot.kind), patient.case.rows
    outcome = Outcome(
        kind=slot.kind,
        family=one.family if one else "healthy",
        is_held_out=slot.kind in HELD_OUT_KINDS,
        task=rows.task,
        data_set=patient.data_set,
        seed=slot.seed,
        settings=str(patient.case),
        harm=patient.harm,
        strength=patient.strength,
        score=patient.score,
        twin=patient.twin,
        answers=list(one.answers) if one else [],
    )
    start = time.perf_counter()
    try:
        diagnosis = diagnose(patient.model, rows.X, rows.y, X_test=rows.X_test, y_test=rows.y_test)
    except (InvalidDataError, InvalidParameterError) as error:
        outcome.refused = f"{type(error).__name__}: {error}"
        outcome.is_healthy = False
    except Exception:
        outcome.crash = traceback.format_exc(limit=-3)
        outcome.is_healthy = False
    else:
        outcome.codes = list(diagnosis.codes)
        outcome.severities = [str(finding.severity.value) for finding in diagnosis.findings]
        outcome.is_healthy = bool(diagnosis.is_healthy)
    outcome.seconds = time.perf_counter() - start
    if treat and one and not outcome.crash and not outcome.refused:
        from .cures import try_cure

        try_cure(patient, diagnosis, outcome)
    return outcome


def examine_all(
    todo: list[Slot], folder: Path, *, jobs: int, again: bool = False, treat: bool = False
) -> Iterator[tuple[Slot, Outcome | None]]:
    """Yield each slot with what the doctor said, as they are done."""
    parallel = Parallel(jobs, return_as="generator_unordered", batch_size=1)
    yield from parallel(delayed(_work)(slot, folder, again, treat) for slot in todo)


def _work(slot: Slot, folder: Path, again: bool, treat: bool) -> tuple[Slot, Outcome | None]:
    with threadpool_limits(1):  # the cases are trained side by side, each on one core
        return slot, examine(slot, folder, again=again, treat=treat)
