"""Intervals from the frames of one trial know that frames depend on each other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from engine.uncertainty.within import (
    MIN_FRAMES,
    batch_count,
    batch_means,
    fps_interval,
    frames_needed_for_percentile,
    percentile_intervals,
)
from tests.engine.uncertainty.simulated import frame_times, share

MS = 1_000_000
TIMES = st.lists(st.integers(1, 10**9), min_size=MIN_FRAMES, max_size=400).map(
    lambda values: np.array(values, np.int64)
)


def test_batches_by_hand() -> None:
    times = np.repeat([10, 11, 12, 11, 10], 5) * MS
    assert batch_means(times).tolist() == [10 * MS, 11 * MS, 12 * MS, 11 * MS, 10 * MS]
    interval = fps_interval(times)
    assert interval is not None
    # The five means have a mean of 10.8 and a standard deviation of sqrt(0.7); t(0.975, 4) = 2.77645.
    half = 2.77645 * math.sqrt(0.7) / 10.8 / math.sqrt(5)
    assert interval.low == pytest.approx(1000 / 10.8 * math.exp(-half), rel=1e-5)
    assert interval.high == pytest.approx(1000 / 10.8 * math.exp(half), rel=1e-5)
    assert interval.kind == "within trial"


def test_batches_are_equally_long_but_for_one_frame_and_lose_none() -> None:
    assert batch_count(MIN_FRAMES) == 5
    assert batch_count(10**7) == 30
    odd = np.arange(1007)
    assert len(batch_means(odd)) == batch_count(1007) == 22
    sizes = 1 / batch_means(odd % 46 == 0)[0]
    assert 45 <= sizes <= 46
    assert batch_means(np.ones(1007, bool)).tolist() == [1.0] * 22


@given(TIMES, st.integers(2, 100))
def test_the_interval_is_around_the_rate_in_any_unit(times: np.ndarray, factor: int) -> None:
    interval, slower = fps_interval(times), fps_interval(times * factor)
    assert interval is not None
    assert slower is not None
    rate = len(times) * 1e9 / times.sum()
    assert math.sqrt(interval.low * interval.high) == pytest.approx(rate)
    assert slower.low == pytest.approx(interval.low / factor)
    assert slower.high == pytest.approx(interval.high / factor)
    shared = fps_interval(times, fps=4 * rate)
    assert shared is not None
    assert shared.low == pytest.approx(4 * interval.low)


def test_frames_that_are_equal_are_known_exactly() -> None:
    interval = fps_interval(np.full(100, 8 * MS))
    assert interval is not None
    assert interval.low == interval.high == 125
    (median,) = percentile_intervals(np.full(100, 8 * MS), (50,))
    assert median is not None
    assert median.low == median.high == pytest.approx(8)


def test_too_few_frames_have_no_interval() -> None:
    assert fps_interval(np.full(MIN_FRAMES - 1, MS)) is None
    assert fps_interval(np.zeros(100, np.int64)) is None
    assert fps_interval(np.zeros(0, np.int64)) is None
    assert percentile_intervals(np.zeros(0, np.int64), (50, 99)) == (None, None)


@pytest.mark.parametrize(
    ("percent", "frames"), [(50, 30), (10, 150), (90, 150), (95, 300), (99, 1500), (99.9, 15_000)]
)
def test_percentiles_need_frames_beyond_them(percent: float, frames: int) -> None:
    assert frames_needed_for_percentile(percent) == frames
    times = np.random.default_rng(1).integers(9 * MS, 11 * MS, frames)
    assert percentile_intervals(times, (percent,))[0] is not None
    assert percentile_intervals(times[1:], (percent,))[0] is None


@given(TIMES)
def test_percentiles_lie_in_their_intervals(times: np.ndarray) -> None:
    percents = (50, 90, 95, 99)
    for percent, interval in zip(percents, percentile_intervals(times, percents), strict=True):
        if interval is not None:
            value = np.percentile(times, percent) / MS
            assert interval.low <= value * (1 + 1e-12)
            assert interval.high >= value * (1 - 1e-12)


def test_a_slow_stretch_widens_the_interval_where_shuffled_frames_do_not() -> None:
    generator = np.random.default_rng(2)
    times = (1e7 * (1 + 0.02 * generator.standard_normal(2000))).astype(np.int64)
    times[500:800] *= 2
    shuffled = generator.permutation(times)
    for interval, other in (
        (fps_interval(times), fps_interval(shuffled)),
        (percentile_intervals(times, (90,))[0], percentile_intervals(shuffled, (90,))[0]),
    ):
        assert interval is not None
        assert other is not None
        assert interval.relative_error > 1.5 * other.relative_error


def test_frames_that_say_the_same_again_and_again_bound_no_percentile() -> None:
    levels = np.random.default_rng(3).integers(9 * MS, 11 * MS, 20)
    assert percentile_intervals(np.repeat(levels, 100), (95,)) == (None,)
    (shuffled,) = percentile_intervals(np.tile(levels, 100), (95,))
    assert shuffled is not None


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("frames", [60, 600, 3000])
def test_fps_is_covered_in_85_to_97_of_100_sessions(correlation: float, frames: int) -> None:
    sessions = 2000
    times = frame_times(np.random.default_rng(frames), sessions, frames, correlation=correlation).astype(
        np.int64
    )

    def covered(i: int) -> bool:
        interval = fps_interval(times[i])
        assert interval is not None
        return interval.low <= 100 <= interval.high

    assert 0.85 <= share(sessions, covered) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("frames", [60, 300, 1500])
def test_percentiles_are_covered_in_85_to_97_of_100_sessions(correlation: float, frames: int) -> None:
    sessions = 1000
    percents = [percent for percent in (50, 90, 95, 99) if frames >= frames_needed_for_percentile(percent)]
    times = frame_times(np.random.default_rng(frames), sessions, frames, correlation=correlation).astype(
        np.int64
    )
    told = [percentile_intervals(row, percents) for row in times]
    for percent, intervals in zip(percents, zip(*told, strict=True), strict=True):
        truth = 10 * (1 + 0.05 * ndtri(percent / 100))
        known = [interval for interval in intervals if interval is not None]
        assert len(known) > 0.9 * sessions
        coverage = sum(each.low <= truth <= each.high for each in known) / len(known)
        assert {0.0: 0.93, 0.3: 0.9, 0.6: 0.85}[correlation] <= coverage <= 0.97, percent
