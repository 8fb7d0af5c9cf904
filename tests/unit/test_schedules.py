"""How the learning rate changes, by the formulas; that the estimators use them is in ``tests/parity``."""

import pytest

from glassnet.nn.schedules import SCHEDULES, Adaptive, InverseScaling


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
