"""What a case held against itself seems to differ by."""

import math

import numpy as np
import pytest

from engine.uncertainty.margins import false_alarm_band


def test_the_band_by_hand() -> None:
    band = false_alarm_band([1.01, 1 / 1.01, 1.01])
    assert band is not None
    # All logarithms are as far from 0; t(0.975, 3) = 3.18245.
    assert band.high == pytest.approx(1.01**3.18245, rel=1e-6)
    assert band.low == pytest.approx(1 / band.high)
    assert band.difference == pytest.approx(band.high - 1)
    assert (band.ratios, band.rounds) == (3, 1)
    four = false_alarm_band([1.01, 1 / 1.01, 1.01], rounds=4)
    assert four is not None
    assert math.log(four.high) == pytest.approx(math.log(band.high) / 2)


def test_what_favours_the_second_of_two_alike_is_in_the_band() -> None:
    even, biased = false_alarm_band([1.001] * 5), false_alarm_band([1.03] * 5)
    assert even is not None
    assert biased is not None
    assert even.high < 1.005
    assert biased.low < 1 / 1.03 < 1.03 < biased.high


def test_ratios_that_say_nothing() -> None:
    assert false_alarm_band([1.0, 1.01]) is None
    with pytest.raises(ValueError, match="above 0"):
        false_alarm_band([1.0, 0.0, 1.0])
    with pytest.raises(ValueError, match="at least one round"):
        false_alarm_band([1.0] * 3, rounds=0)


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [1, 5])
def test_95_of_100_further_comparisons_of_equal_cases_lie_in_the_band(rounds: int) -> None:
    generator = np.random.default_rng(rounds)
    inside = 0
    sessions = 4000
    for _ in range(sessions):
        band = false_alarm_band(np.exp(0.01 * generator.standard_normal(8)).tolist(), rounds)
        assert band is not None
        further = math.exp(0.01 * generator.standard_normal(rounds).mean())
        inside += band.low <= further <= band.high
    assert 0.93 <= inside / sessions <= 0.97
