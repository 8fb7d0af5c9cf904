"""Two estimators side by side: what is the same to rounding, and what is not.

Rounding is judged by what it does to scikit-learn itself. Sums of another order differ in their last
places, and training makes such differences grow, by as much as its curvature, its learning rate and its
length say: no fixed tolerance is right for all. So two numbers are the same where they differ by less than
`BASE` units in the last place of the largest of their array; or, where they differ by more, by less than
`FACTOR` times what scikit-learn's own differ when inputs, target values and weights are changed by at most
four units in their last place, and every activation by one. Whole numbers, words and labels have to be
equal, but where scikit-learn's own change so too.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn import neural_network

import glassnet
from beside_sklearn.cases import Case, draw_case
from beside_sklearn.differences import DIFFERENCES, Difference
from beside_sklearn.running import Mismatch, Outcome, run, trains

BASE = 2.0**14
"""Units in the last place: 4e-12 in float64, 2e-3 in float32."""

FACTOR = 100
_FIGURE = re.compile(r"(?<== )\S+|(?<=score: )\S+")
"""What is printed of values that are compared themselves."""

NUDGES = (1, 2, 3, 4)


def meanings() -> dict[str, str]:
    """Return the endings of a case, and what they mean."""
    return {
        "equal": "equal",
        "rounding": "equal as far as rounding goes, which training made grow",
        "refused": "refused by both",
        "named": "different, by a difference that docs/scikit-learn.md names:",
        "different": "FAILED: different, and nothing says why",
    }


@dataclass(frozen=True)
class Verdict:
    """Hold what a case has shown.

    Attributes
    ----------
    ending : str
        One of `meanings`.
    names : tuple of str
        Of the differences that were at work.
    report : str
        The case, and what is not the same.
    """

    number: int
    ending: str
    names: tuple[str, ...]
    report: str


@dataclass(frozen=True)
class Pair:
    """Run a case on both, the latter with what makes it do as the former."""

    seed: int
    number: int
    folder: Path
    at_work: tuple[Difference, ...] = ()

    def ours(self) -> list[Outcome]:
        return run(self.case(), glassnet)

    def theirs(self, nudge: int | None = None) -> list[Outcome]:
        with contextlib.ExitStack() as stack:
            for difference in self.at_work:
                assert difference.adaptation is not None
                stack.enter_context(difference.adaptation())
            return run(self.case(), neural_network, nudge)

    def case(self) -> Case:
        """Draw the case anew: estimators keep, and change, what they are given."""
        return draw_case(self.seed, self.number, self.folder)

    @property
    def passed_over(self) -> set[str]:
        return {name for difference in self.at_work for name in difference.passed_over}


def judge_many(seed: int, numbers: Iterable[int], jobs: int) -> Iterator[Verdict]:
    """Judge cases in some processes; the verdicts come in order, as they are reached."""
    parts = joblib.Parallel(n_jobs=jobs, return_as="generator")(
        joblib.delayed(_judge_part)(seed, part) for part in batched(numbers, 50)
    )
    for part in parts:
        yield from part


def _judge_part(seed: int, numbers: Iterable[int]) -> list[Verdict]:
    with tempfile.TemporaryDirectory() as folder:
        return [judge(seed, number, Path(folder)) for number in numbers]


def batched(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    """Yield the numbers in lists of some size (`itertools.batched` is newer than Python 3.11)."""
    rest = iter(numbers)
    while part := list(islice(rest, size)):
        yield part


def judge(seed: int, number: int, folder: Path) -> Verdict:
    """Run a case on both, and say what came of it."""
    pair = Pair(seed, number, folder)
    case = pair.case()
    ending, names, mismatch = _ending(pair, case, pair.ours())
    report = case.describe()
    if mismatch is not None:
        report += f"\n  call {mismatch.call}, {mismatch.kind}: {mismatch.what}"
    return Verdict(number, ending, names, report)


def _ending(pair: Pair, case: Case, ours: list[Outcome]) -> tuple[str, tuple[str, ...], Mismatch | None]:
    theirs, names = pair.theirs(), tuple(difference.name for difference in pair.at_work)
    mismatch = first_mismatch(case, ours, theirs, pair.passed_over)
    if mismatch is None:
        refused = theirs[-1].error is not None and trains(case.calls[len(theirs) - 1])
        return ("named" if names else "refused" if refused else "equal"), names, None
    if mismatch.kind == "values" and _is_rounding(pair, ours, theirs):
        return ("named" if names else "rounding"), names, None
    found = next((d for d in DIFFERENCES if d.name not in names and d.applies(case, mismatch)), None)
    if found is None:
        return "different", names, mismatch
    if found.adaptation is None:
        return "named", (*names, found.name), mismatch
    return _ending(replace(pair, at_work=(*pair.at_work, found)), case, ours)


def first_mismatch(
    case: Case, ours: list[Outcome], theirs: list[Outcome], passed_over: set[str]
) -> Mismatch | None:
    """Return what first differs by more than a few last places."""
    facts: frozenset[str] = frozenset()
    for i, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
        facts |= other.facts
        found = _compare(mine, other, passed_over)
        if found is not None:
            return Mismatch(i, *found, mine, other, facts)
    return None


def _compare(ours: Outcome, theirs: Outcome, passed_over: set[str]) -> tuple[str, str] | None:
    if ours.is_accident:
        return "accident", f"{ours.error!r} at {ours.place()}"
    if (ours.error is None) != (theirs.error is None):
        refused = ours if ours.error is not None else theirs
        return (
            "ours" if refused is ours else "theirs"
        ) + " refuses", f"{refused.error!r} at {refused.place()}"
    if ours.error is not None:
        return None
    if ours.values.keys() != theirs.values.keys():
        return "form", str(sorted(ours.values.keys() ^ theirs.values.keys()))
    for name, value in theirs.values.items():
        problem = _odd_form(ours.values[name], value)
        if problem and not (problem.startswith("dtype") and "dtype" in passed_over):
            return "form", f"{name}: {problem}"
    unit = unit_of(ours, theirs)
    for name, value in theirs.values.items():
        if name not in passed_over and distance(ours.values[name], value, unit) > BASE:
            return "values", f"{name}: {_short(ours.values[name])} and {_short(value)}"
    if ours.warned - passed_over != theirs.warned - passed_over:
        return "warned", f"{sorted(ours.warned)} and {sorted(theirs.warned)}"
    if [_FIGURE.sub("", line) for line in ours.printed] != [_FIGURE.sub("", line) for line in theirs.printed]:
        return "printed", f"{ours.printed[:3]} and {theirs.printed[:3]}"
    return None


def _odd_form(ours: Any, theirs: Any) -> str | None:
    """Return how two values differ in shape or dtype, which rounding does not change."""
    if (ours is None) != (theirs is None) or isinstance(ours, str) != isinstance(theirs, str):
        return f"{ours!r} and {theirs!r}"
    if hasattr(ours, "tocsr") != hasattr(theirs, "tocsr"):
        return f"{type(ours)} and {type(theirs)}"
    if isinstance(theirs, np.ndarray) and theirs.dtype != getattr(ours, "dtype", None):
        return f"dtype {getattr(ours, 'dtype', type(ours))} and {theirs.dtype}"
    return None


def _dense(value: Any) -> np.ndarray:
    return np.asarray(value.toarray() if hasattr(value, "tocsr") else value)


def unit_of(ours: Outcome, theirs: Outcome) -> float:
    """Return the unit in the last place of 1, in the coarser of the two."""
    return float(np.finfo(np.float32 if np.float32 in (ours.dtype, theirs.dtype) else np.float64).eps)


def distance(ours: Any, theirs: Any, unit: float) -> float:
    """Return how far apart two values are, in units in the last place of the largest of `theirs`.

    Infinite where they are no numbers and not equal, or one is not finite where the other is.
    """
    a, b = _dense(ours), _dense(theirs)
    if a.shape != b.shape or (a.dtype.kind == "O") != (
        b.dtype.kind == "O"
    ):  # nothing, where there is a value
        return np.inf
    if b.dtype.kind != "f":
        return 0.0 if np.array_equal(a, b) else np.inf
    finite = np.isfinite(b)
    if not (
        np.array_equal(finite, np.isfinite(a)) and np.array_equal(a[~finite], b[~finite], equal_nan=True)
    ):
        return np.inf
    if not finite.any():
        return 0.0
    a, b = a[finite].astype(np.longdouble), b[finite].astype(np.longdouble)
    return float(np.abs(a - b).max() / max(np.abs(b).max(), np.finfo(np.float64).tiny) / unit)


def _short(value: Any) -> str:
    return " ".join(repr(value).split())[:150]


def _is_rounding(pair: Pair, ours: list[Outcome], theirs: list[Outcome]) -> bool:
    """Return whether scikit-learn parts from itself as far as glassnet from it."""
    allowed: dict[tuple[int, str], float] = {}
    for nudge in NUDGES:
        moved = pair.theirs(nudge)
        for i, outcome in enumerate(theirs):
            for name, value in outcome.values.items():
                there = moved[i].values.get(name) if i < len(moved) else None
                apart = np.inf if there is None else distance(there, value, unit_of(outcome, outcome))
                allowed[i, name] = max(allowed.get((i, name), 0.0), apart)
    return all(
        distance(mine.values.get(name), value, unit_of(mine, other)) <= max(BASE, FACTOR * allowed[i, name])
        for i, (mine, other) in enumerate(zip(ours, theirs, strict=False))
        for name, value in other.values.items()
        if name not in pair.passed_over
    )
