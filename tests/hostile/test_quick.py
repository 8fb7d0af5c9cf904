"""A few damaged inputs for every reader; ``make fuzz`` tries a hundred thousand."""

from collections import defaultdict

import pytest
from corpus import MISBEHAVIOUR
from readers import READERS
from workers import Outcome, Task, try_inputs

INPUTS = 25
"""Of each reader."""
SEED = 1


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Outcome]]:
    """What came of the inputs, by the reader."""
    found = defaultdict(list)
    for outcome in try_inputs([Task(n, reader) for reader in READERS for n in range(INPUTS)], seed=SEED):
        found[outcome.reader].append(outcome)
    return found


@pytest.mark.parametrize("reader", READERS)
def test_nothing_wrong_is_accepted(outcomes: dict[str, list[Outcome]], reader: str) -> None:
    assert len(outcomes[reader]) == INPUTS
    bad = [outcome for outcome in outcomes[reader] if not outcome.is_good]
    assert not bad, "\n\n".join(
        f"{one.kind}: python tests/hostile --seed {SEED} --only {one.number} --reader {reader!r}\n{one.text}"
        for one in bad
    )


def test_workers_find_what_hangs_dies_or_takes_too_much() -> None:
    tasks = [Task(n, function="corpus:misbehave", arguments=(how,)) for n, how in enumerate(MISBEHAVIOUR)]
    found = {outcome.number: outcome.kind for outcome in try_inputs(tasks, wall_seconds=2)}
    assert [found[n] for n in range(len(tasks))] == list(MISBEHAVIOUR.values())
