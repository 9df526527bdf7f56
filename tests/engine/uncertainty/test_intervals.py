"""Intervals from trials are those of Student on logarithms, and cover what they promise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.uncertainty.intervals import case_interval, geometric_mean, trials_interval
from engine.uncertainty.records import Interval, IntervalKind
from tests.engine.uncertainty.simulated import share

RATES = st.lists(st.floats(0.01, 1e7), min_size=3, max_size=30)


def within(low: float, high: float) -> Interval:
    return Interval(low, high, IntervalKind.WITHIN_TRIAL)


def test_three_trials_by_hand() -> None:
    interval = trials_interval([100, 110, 121])
    assert interval is not None
    # Logarithms a step of ln(1.1) apart have that as standard deviation; t(0.975, 2) = 4.3027.
    half = 4.30265 * math.log(1.1) / math.sqrt(3)
    assert interval.low == pytest.approx(110 / math.exp(half), rel=1e-5)
    assert interval.high == pytest.approx(110 * math.exp(half), rel=1e-5)
    assert interval.kind == "trials"
    assert interval.level == 0.95
    assert interval.relative_error == pytest.approx(math.exp(half) - 1, rel=1e-5)
    assert interval.half_width == pytest.approx((interval.high - interval.low) / 2)


@given(RATES, st.floats(0.01, 100))
def test_rate_and_time_have_one_interval_in_any_unit(rates: list[float], unit: float) -> None:
    rate, time = trials_interval(rates), trials_interval([unit / value for value in rates])
    assert rate is not None
    assert time is not None
    assert time.low == pytest.approx(unit / rate.high)
    assert time.high == pytest.approx(unit / rate.low)
    assert rate.low * (1 - 1e-9) <= geometric_mean(rates) <= rate.high * (1 + 1e-9)
    assert rate.low > 0


@pytest.mark.parametrize(
    "rates", [[], [100], [100, 101], [100, 101, 0], [100, 101, math.nan], [1, 2, math.inf]]
)
def test_no_interval_where_there_is_nothing_to_reckon_from(rates: list[float]) -> None:
    assert trials_interval(rates) is None


@pytest.mark.parametrize("rates", [[], [1, 0], [1, math.nan]])
def test_no_geometric_mean_without_logarithms(rates: list[float]) -> None:
    with pytest.raises(ValueError, match="mean"):
        geometric_mean(rates)


def test_the_best_interval_that_the_trials_allow() -> None:
    one = within(99, 101)
    assert case_interval([100], [one]) == one
    two = case_interval([100, 110], [one, within(109, 112)])
    assert two == within(99, 112)
    three = case_interval([100, 110, 105], [one, one, one])
    assert three == trials_interval([100, 110, 105])
    assert case_interval([100, 110], [one, None]) is None
    assert case_interval([], []) is None


@pytest.mark.slow
@pytest.mark.parametrize("trials", [3, 5, 10])
@pytest.mark.parametrize("noise", [0.005, 0.1])
def test_covers_the_true_rate_in_95_of_100_sessions(trials: int, noise: float) -> None:
    generator = np.random.default_rng(trials)
    sessions = 10_000
    rates = 60 * np.exp(noise * generator.standard_normal((sessions, trials)))

    def covered(i: int) -> bool:
        interval = trials_interval(rates[i].tolist())
        assert interval is not None
        return interval.low <= 60 <= interval.high

    assert 0.93 <= share(sessions, covered) <= 0.97
