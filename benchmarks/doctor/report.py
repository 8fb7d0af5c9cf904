"""Count what the doctor said: tables for people, values for JSON."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .cases import Outcome
from .cures import HALF
from .kinds import HELD_OUT_KINDS, KINDS


def share(flags: Iterable[bool]) -> float | None:
    """Return how many are true, of 1; None of none."""
    values = list(flags)
    return sum(values) / len(values) if values else None


def rates(group: Sequence[Outcome]) -> dict[str, Any]:
    """Return how often a right answer was first, and among the findings."""
    return {
        "runs": len(group),
        "first": share(o.is_first for o in group),
        "among": share(o.is_among for o in group),
        "silent": sum(not o.codes and not o.crash and not o.refused for o in group),
        "healthy": sum(o.is_healthy for o in group),
        "refused": sum(bool(o.refused) for o in group),
        "crashed": sum(bool(o.crash) for o in group),
    }


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return all rates."""
    sick, healthy = [o for o in outcomes if o.kind], [o for o in outcomes if not o.kind]
    groups: dict[str, Callable[[Outcome], bool]] = {
        "all": lambda o: True,
        "classification": lambda o: o.task == "classification",
        "regression": lambda o: o.task == "regression",
        "kinds of the tuning half": lambda o: not o.is_held_out,
        "kinds held out": lambda o: o.is_held_out,
        "kinds held out, classification": lambda o: o.is_held_out and o.task == "classification",
        "kinds held out, regression": lambda o: o.is_held_out and o.task == "regression",
    }
    seconds = [o.seconds for o in outcomes]
    high = [o for o in healthy if o.codes_of("high")]
    medium = [o for o in healthy if o.codes_of("high", "medium") - {"overfitting"}]
    return {
        "groups": {name: rates([o for o in sick if test(o)]) for name, test in groups.items()},
        "kinds": {
            name: rates([o for o in sick if o.kind == name]) for name in dict.fromkeys(o.kind for o in sick)
        },
        "sets": {
            name: rates([o for o in sick if o.data_set == name])
            for name in sorted({o.data_set for o in sick})
        },
        "healthy": {
            "runs": len(healthy),
            "high": share(o in high for o in healthy),
            "medium_without_overfitting": share(o in medium for o in healthy),
            "crashed": sum(bool(o.crash) for o in healthy),
            "refused": sum(bool(o.refused) for o in healthy),
            "codes": {
                code: [
                    sum(code in o.codes_of(severity) for o in healthy)
                    for severity in ("high", "medium", "low")
                ]
                for code in sorted({code for o in healthy for code in o.codes})
            },
        },
        "cures": cures(sick),
        "seconds": {
            "median": float(np.median(seconds)) if seconds else None,
            "max": max(seconds, default=None),
        },
    }


def cures(sick: Sequence[Outcome]) -> dict[str, Any]:
    """Return how many of the cures won back half of the harm, by what the doctor said of them."""
    return {
        outcome: {
            "cures": sum(o.treatment == outcome for o in sick),
            "measured": len(group),
            "won_back_half": share(won >= HALF for won in group),
        }
        for outcome in sorted({o.treatment for o in sick} - {""})
        for group in [[o.won_back for o in sick if o.treatment == outcome and o.won_back is not None]]
    }


def table_of_kinds() -> str:
    """Return the kinds of fault with the answers that are right, as docs/doctor.md has them."""
    rows = ["| fault | right answers | half |", "|---|---|---|"]
    for name, one in KINDS.items():
        codes = ", ".join(f"`{code}`" for code in one.answers)
        rows.append(f"| {name} | {codes} | {'held out' if name in HELD_OUT_KINDS else 'tuning'} |")
    return "\n".join(rows)


def percent(value: float | None) -> str:
    """Return a share for people."""
    return "-" if value is None else f"{100 * value:.1f}%"


def show(result: dict[str, Any]) -> None:
    """Print the tables."""
    for title, table in (("kind", result["kinds"]), ("data set", result["sets"]), ("", result["groups"])):
        print(f"\n{title:44}{'runs':>6}{'first':>8}{'among':>8}{'silent':>8}{'healthy':>9}{'crashed':>9}")
        for name, row in table.items():
            if row["runs"]:
                counts = f"{row['silent']:8}{row['healthy']:9}{row['crashed']:9}"
                refused = f"  {row['refused']} refused" if row["refused"] else ""
                print(
                    f"{name:44}{row['runs']:6}{percent(row['first']):>8}{percent(row['among']):>8}"
                    f"{counts}{refused}"
                )
    print("\nsilent: nothing was found; healthy: is_healthy is True though there is a fault")
    healthy = result["healthy"]
    if healthy["runs"]:
        print(
            f"\n{healthy['runs']} healthy networks: an alarm of high severity on {percent(healthy['high'])}, "
            f"medium or worse without overfitting on {percent(healthy['medium_without_overfitting'])}, "
            f"{healthy['crashed']} crashed, {healthy['refused']} refused"
        )
        print(f"  {'said of them':30}{'high':>6}{'medium':>8}{'low':>6}")
        for code, (high, medium, low) in healthy["codes"].items():
            print(f"  {code:30}{high:6}{medium:8}{low:6}")
    for outcome, row in result["cures"].items():
        print(
            f"\n{row['cures']} cures {outcome}: of {row['measured']} whose harm can be measured "
            f"{percent(row['won_back_half'])} won back half of it or more"
        )
    seconds = result["seconds"]
    if seconds["median"] is not None:
        print(f"\ndiagnose took {seconds['median']:.2f} s (median), {seconds['max']:.2f} s at most")


def show_misses(outcomes: Sequence[Outcome]) -> None:
    """Print each network that was judged wrongly, with what was said."""
    for o in sorted(outcomes, key=lambda o: (o.kind, o.data_set)):
        alarmed = not o.kind and o.codes_of("high", "medium") - {"overfitting"}
        if not (o.kind and not o.is_first) and not alarmed and not o.crash:
            continue
        said = [f"{code}[{severity[0]}]" for code, severity in zip(o.codes, o.severities, strict=True)]
        where = "among" if o.is_among else "missed"
        print(f"\n{o.kind or 'HEALTHY'} | {o.data_set} | seed {o.seed} | {o.settings}")
        if o.kind:
            scores = f"score {o.score:.3f}, healthy twin {o.twin:.3f}"
            print(f"  {scores}, harm {o.harm:.3f}, strength {o.strength:.2f}")
            print(f"  right: {', '.join(o.answers)}; {where}; said: {' '.join(said) or 'nothing'}")
        else:
            print(f"  score {o.score:.3f}; said: {' '.join(said) or 'nothing'}")
        if o.cure:
            won = "" if o.won_back is None else f", won back {o.won_back:.0%}"
            print(f"  cure {o.cure} -> {o.treatment}{won}")
        for text in (o.refused, o.crash):
            if text:
                print("  " + text.strip().replace("\n", "\n  "))
