"""How the learning rate changes, by the formulas; that the estimators use them is in ``tests/parity``."""

import math

import numpy as np
import pytest

from glassnet.errors import InvalidParameterError
from glassnet.nn.schedules import (
    SCHEDULES,
    Adaptive,
    CosineWarmup,
    Custom,
    InverseScaling,
    LinearWarmup,
    OneCycle,
)

N = 40


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule_can_be_told_from_another_and_not_changed(schedule):
    assert hash(schedule) == hash(type(schedule)())
    assert [other for other in SCHEDULES.values() if other == schedule] == [schedule]


def test_constant_keeps_the_rate_and_ends_at_a_stall():
    schedule = SCHEDULES["constant"]
    assert schedule.after_epoch(0.3, 0.1, 1000) == 0.3
    assert schedule.after_stall(0.3) is None


def test_inverse_scaling_divides_the_first_rate_by_a_power_of_the_samples_seen():
    assert SCHEDULES["invscaling"].after_epoch(0.3, 0.1, 99) == 0.1 / 10
    assert InverseScaling(1.0).after_epoch(0.3, 0.1, 99) == 0.1 / 100
    assert InverseScaling(1.0).after_stall(0.1) is None


def test_adaptive_divides_by_five_at_a_stall_until_the_rate_is_small():
    schedule = SCHEDULES["adaptive"]
    assert schedule.after_epoch(0.3, 0.1, 1000) == 0.3
    assert schedule.after_stall(0.3) == 0.3 / 5
    assert schedule.after_stall(1e-6) is None
    assert Adaptive(divisor=2, smallest=0.2).after_stall(0.3) == 0.15


# -- over time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("cosine", {0: 1, 1 / 3: 0.75, 0.5: 0.5, 2 / 3: 0.25, 1: 0}),
        ("flat_cos", {0: 1, 0.25: 1, 0.5: 1, 2 / 3: 0.75, 0.75: 0.5, 1: 0}),
        # its four waves begin and end at 0, 1/15, 3/15, 7/15, 1 (figure B.1 of the paper)
        ("coslog4", {0: 0, 1 / 15: 0, 3 / 15: 0, 7 / 15: 0, 1: 0}),
        ("coslog4", {(2**wave - 1) / 15: 1 for wave in (0.5, 1.5, 2.5, 3.5)}),
        ("one_cycle", {0: 0.04, 0.15: 0.52, 0.3: 1, 0.65: 0.500002, 1: 4e-6}),
        ("linear_warmup", {0: 0, 0.05: 0.5, 0.1: 1, 0.55: 0.5, 1: 0}),
        ("cosine_warmup", {0: 0, 0.05: 0.5, 0.1: 1, 0.4: 0.75, 0.55: 0.5, 1: 0}),
    ],
)
def test_a_schedule_over_time_by_hand(name, values):
    for t, factor in values.items():
        assert SCHEDULES[name](t) == pytest.approx(factor, abs=1e-12)


def factors_of_torch(make, n_steps):
    """Return what a scheduler of PyTorch makes of a rate of 1 in each step."""
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    found = []
    for _ in range(n_steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def warmed_up(schedulers, optimizer, falling):
    rising = schedulers.LambdaLR(optimizer, lambda step: step / 4)
    return schedulers.SequentialLR(optimizer, [rising, falling], milestones=[4])


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        ("cosine", lambda schedulers, optimizer: schedulers.CosineAnnealingLR(optimizer, N)),
        # PyTorch counts steps from 0 to the last, and is at the end in that
        (
            "one_cycle",
            lambda schedulers, optimizer: schedulers.OneCycleLR(
                optimizer, 1.0, N + 1, pct_start=(0.3 * N + 1) / (N + 1), cycle_momentum=False
            ),
        ),
        (
            "linear_warmup",
            lambda schedulers, optimizer: warmed_up(
                schedulers, optimizer, schedulers.LinearLR(optimizer, 1.0, 0.0, total_iters=N - 4)
            ),
        ),
        (
            "cosine_warmup",
            lambda schedulers, optimizer: warmed_up(
                schedulers, optimizer, schedulers.CosineAnnealingLR(optimizer, N - 4)
            ),
        ),
    ],
)
def test_a_schedule_over_time_is_that_of_pytorch(schedule, make):
    ours = [SCHEDULES[schedule](step / N) for step in range(N)]
    np.testing.assert_allclose(ours, factors_of_torch(make, N), atol=1e-12)


def test_a_warm_up_may_be_longer_or_none():
    assert CosineWarmup(0.5)(0.25) == LinearWarmup(0.5)(0.25) == 0.5
    assert CosineWarmup(0.0)(0.0) == LinearWarmup(0)(0.0) == OneCycle(warmup=0.0)(0.0) == 1
    assert OneCycle(start=0.0, end=0.5)(0.0) == 0
    assert OneCycle(start=0.0, end=0.5)(1.0) == 0.5


@pytest.mark.parametrize("make", [LinearWarmup, CosineWarmup, OneCycle])
@pytest.mark.parametrize("warmup", [1, 10, -0.1, math.nan])
def test_a_warm_up_in_epochs_is_refused(make, warmup):
    with pytest.raises(InvalidParameterError, match=r"warmup=.*expected a share.*A number of epochs"):
        make(warmup=warmup)


@pytest.mark.parametrize("answer", [math.nan, math.inf, -0.1, None, "x", np.ones(3), 1j])
@pytest.mark.parametrize("wrong_at", [0.0, 0.5, 1.0])
def test_a_function_that_returns_no_factor_is_refused_at_once(answer, wrong_at):
    with pytest.raises(InvalidParameterError, match=f"for t={wrong_at:g}; expected a finite number"):
        Custom(lambda t: answer if t == wrong_at else 1.0)


def test_what_a_function_returns_is_a_plain_number():
    """A scalar of float64 would make float32 parameters float64."""
    assert type(Custom(np.cos)(0.3)) is float
    assert type(Custom(np.float32)(0.25)) is float
