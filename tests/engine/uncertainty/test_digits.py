"""A table writes the digits that an interval bears out, and no others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.uncertainty.digits import decimals, significant_digits, written, written_with
from engine.uncertainty.records import Interval, IntervalKind


def around(value: float, half: float) -> Interval:
    return Interval(value - half, value + half, IntervalKind.TRIALS)


@pytest.mark.parametrize(
    ("value", "half", "texts", "digits"),
    [
        (1423.4, 14.2, ("1423", "1409", "1438"), 4),
        (1423.4, 140.0, ("1420", "1280", "1560"), 3),
        (1423.4, 47.0, ("1420", "1380", "1470"), 3),
        (7.4321, 0.0231, ("7.432", "7.409", "7.455"), 4),
        (7.4321, 0.047, ("7.43", "7.39", "7.48"), 3),
        (7.4321, 0.96, ("7.4", "6.5", "8.4"), 2),
        (0.5, 0.3, ("0.50", "0.20", "0.80"), 2),
        (60.0, 0.0, ("60.0000", "60.0000", "60.0000"), 6),
        (60.0, 1e-9, ("60.0000", "60.0000", "60.0000"), 6),
        (3.0, 400.0, ("3", "-397", "403"), 1),
    ],
)
def test_figures_by_hand(value: float, half: float, texts: tuple[str, str, str], digits: int) -> None:
    interval = around(value, half)
    assert written_with(value, interval) == texts
    assert significant_digits(value, interval) == digits


@given(st.floats(1e-6, 1e9), st.floats(1e-4, 0.9))
def test_rounding_costs_little_and_leaves_no_digit_of_chance(value: float, part: float) -> None:
    interval = around(value, value * part)
    places = decimals(value, interval)
    half = interval.half_width
    assert abs(float(written(value, places)) - value) <= 0.145 * half
    assert 10.0**-places >= half / 36
