"""Mistakes put into right sheets are found, and right sheets are left alone."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "grade.py"


@pytest.fixture(scope="module")
def measured():
    """Return what the benchmark measures, on fewer sheets."""
    spec = importlib.util.spec_from_file_location("benchmark_of_grade", SCRIPT)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    return benchmark.measure(120, seed=2024)


def test_the_line_and_the_kind_of_a_mistake_are_found(measured):
    assert measured["line_and_cause_found_share"] >= 0.9
    assert min(measured["line_found"].values()) >= 0.9


def test_there_is_no_false_alarm_on_right_sheets(measured):
    assert measured["false_alarms"] == 0
