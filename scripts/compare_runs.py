"""Compare two folders of runs, value by value, apart from what was timed and the machine.

    python scripts/compare_runs.py runs/before runs/after [--ignore KEY ...]

Every JSON file of either folder is compared with the one at the same place in the other: results.json and
history.json of a study or of the whole assignment, and what the doctor found. Left out are ``seconds``,
``score_seconds``, ``environment`` and ``sha256``, the digests of what holds these, the columns of tables that
hold seconds or their ratio, and the seconds and ratios inside sentences. Everything else has to be equal to
the last digit. Each difference is a line; the exit code is 1 when there is one, 2 when there is nothing to
compare.
"""

import argparse
import json
import math
import re
import sys
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

TIMED_KEYS = frozenset({"seconds", "score_seconds", "environment", "sha256"})
TIMED_COLUMN = re.compile(r"seconds|ratio")
TIMED_WORDS = re.compile(r"[\d.]+(?= s\b)|[\d.]+(?= times as long)")


def timeless(value: Any, ignored: Set[str] = TIMED_KEYS) -> Any:
    """Return a JSON value without what was timed, and without the keys that are ignored."""
    if isinstance(value, dict):
        kept = {key: timeless(entry, ignored) for key, entry in value.items() if key not in ignored}
        return _without_timed_columns(kept) if {"columns", "rows"} <= kept.keys() else kept
    if isinstance(value, list):
        return [timeless(entry, ignored) for entry in value]
    return TIMED_WORDS.sub("#", value) if isinstance(value, str) else value


def _without_timed_columns(table: dict[str, Any]) -> dict[str, Any]:
    """Leave out the columns from the first one that is timed: those behind it are timed as well."""
    first = next((i for i, name in enumerate(table["columns"]) if TIMED_COLUMN.search(str(name))), None)
    if first is None:
        return table
    rows = [row[:first] if isinstance(row, list) else row for row in table["rows"]]
    return {**table, "columns": table["columns"][:first], "rows": rows}


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Yield a line for each place at which two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if key in one and key in other:
                yield from differences(one[key], other[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}: only in the {'first' if key in one else 'second'}"
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{place}: {len(one)} entries, then {len(other)}"
        for index, (mine, theirs) in enumerate(zip(one, other, strict=False)):
            yield from differences(mine, theirs, f"{place}[{index}]")
    elif not _equal(one, other):
        yield f"{place}: {one!r}, then {other!r}"


def _equal(one: Any, other: Any) -> bool:
    """Return whether two plain values are the same; NaN is NaN, and 1 is not 1.0 or true."""
    both_nan = isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    return both_nan or (type(one) is type(other) and one == other)


def compare_folders(one: Path, other: Path, ignored: Set[str] = TIMED_KEYS) -> Iterator[str]:
    """Yield a line for each difference of the JSON files of two folders."""
    files = [{path.relative_to(root): path for path in root.rglob("*.json")} for root in (one, other)]
    for name in sorted(files[0].keys() | files[1].keys()):
        if name in files[0] and name in files[1]:
            values = [timeless(json.loads(found[name].read_bytes()), ignored) for found in files]
            for line in differences(*values):
                yield f"{name}: {line.lstrip('.')}"
        else:
            yield f"{name}: only in the {'first' if name in files[0] else 'second'} folder"


def main() -> int:
    """Print the differences; return how the process ends."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("one", type=Path, help="a run folder, or the folder of the whole assignment")
    parser.add_argument("other", type=Path, help="the one to compare with it")
    parser.add_argument(
        "--ignore",
        nargs="*",
        default=[],
        metavar="KEY",
        help="further keys to leave out: new ones, for example",
    )
    arguments = parser.parse_args()
    for folder in (arguments.one, arguments.other):
        if not any(folder.rglob("*.json")):
            print(f"{folder} holds no JSON file: expected the folder of a run.", file=sys.stderr)
            return 2
    count = 0
    ignored = TIMED_KEYS | set(arguments.ignore)
    for line in compare_folders(arguments.one, arguments.other, ignored):
        print(line)
        count += 1
    print(f"{count} differences." if count else "Equal, apart from what was timed and the machine.")
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main())
