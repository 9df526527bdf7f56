"""The statistics of a trial are those that their names promise, on any data."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.statistics import (
    STUTTER_FACTOR,
    benchmark_metrics,
    fps,
    frames_needed_for_low,
    low_fps,
    phase_metrics,
    slowest_count,
    stutter_share,
    trailing_window,
)
from engine.timings import PHASES, TrialTimings, WorkerSpan
from engine.uncertainty.records import IntervalKind

MS = 1_000_000


def trial(times_ns: Sequence[int], warmup_ns: Sequence[int] = (5 * MS,)) -> TrialTimings:
    """A trial whose frames take these times, all of it in `render`."""

    def columns(times: Sequence[int]) -> dict[str, np.ndarray]:
        whole = np.asarray(times, np.int64)
        return {name: whole if name == "render" else np.zeros_like(whole) for name in PHASES}

    return TrialTimings(warmup=columns(warmup_ns), timed=columns(times_ns))


def slow_stutter_share(times_ns: Sequence[int]) -> float:
    """The definition, word for word."""
    window = round(10 * (sum(times_ns) / len(times_ns) / MS) ** 0.5)
    window = min(999, max(5, window))
    slow = 0
    for i in range(1, len(times_ns)):
        if times_ns[i] > STUTTER_FACTOR * np.median(times_ns[max(0, i - window) : i]):
            slow += times_ns[i]
    return slow / sum(times_ns) if sum(times_ns) else 0.0


def test_one_slow_frame_among_a_thousand() -> None:
    metrics = benchmark_metrics(trial([8 * MS] * 999 + [200 * MS]), pixels=100)
    assert metrics.fps == pytest.approx(1000 / 8.192)
    # The mean of 1/dt would be 124.88, the mean of all frames at or above the 99th percentile 122.07.
    assert metrics.fps == pytest.approx(122.07, abs=0.005)
    assert metrics.low1_fps == pytest.approx(10 / (9 * 0.008 + 0.2))
    assert metrics.low1_fps == pytest.approx(36.76, abs=0.01)
    assert metrics.low01_fps is None
    assert metrics.absent == {"low01_fps": "1000 frames, needs 9001"}
    assert metrics.max_ms == pytest.approx(200)
    assert metrics.p50_ms == metrics.p99_ms == pytest.approx(8)
    assert metrics.stutter_share == pytest.approx(200 / 8192)
    assert metrics.wall_time_s == pytest.approx(8.192)
    assert metrics.pixels_per_s == pytest.approx(metrics.fps * 100)


def test_fps_is_frames_by_wall_time_and_never_a_mean_of_rates() -> None:
    metrics = benchmark_metrics(trial([1 * MS, 99 * MS]), pixels=1)
    assert metrics.fps == pytest.approx(20)
    assert fps(3, 0) == 0.0


def test_slowest_frames_are_counted_in_whole_numbers() -> None:
    # 0.01 * 700 is 7.000000000000001 as a float, whose ceiling is 8.
    assert slowest_count(700, 100) == 7
    assert [slowest_count(n, 100) for n in (1, 100, 101, 900, 901)] == [1, 1, 2, 9, 10]
    assert all(slowest_count(n, 1000) == (n + 999) // 1000 for n in range(1, 30001, 7))


def test_lows_are_absent_below_ten_slowest_frames_and_say_why() -> None:
    assert (frames_needed_for_low(100), frames_needed_for_low(1000)) == (901, 9001)
    for frames, absent in ((900, {"low1_fps", "low01_fps"}), (901, {"low01_fps"}), (9000, {"low01_fps"})):
        metrics = benchmark_metrics(trial([MS] * frames), pixels=1)
        assert set(metrics.absent) == absent
        assert metrics.absent["low01_fps"] == f"{frames} frames, needs 9001"
        assert (metrics.low1_fps is None) == ("low1_fps" in absent)
        assert metrics.low01_fps is None
    full = benchmark_metrics(trial([MS] * 9001), pixels=1)
    assert full.absent == {}
    assert full.low1_fps == full.low01_fps == pytest.approx(1000)


def test_ties_do_not_change_how_many_frames_are_slowest() -> None:
    generator = np.random.default_rng(5)
    for frames in (901, 1000, 1099, 2350):
        for values in (2, 5, 1000):
            times = generator.integers(1, values + 1, frames) * MS
            count = -(-frames // 100)
            assert low_fps(times, 100) == pytest.approx(1e9 / np.mean(sorted(times)[-count:]))
            assert low_fps(times, 1000) is None


def test_percentiles_are_linear_type_7_of_frame_time() -> None:
    times = [7 * MS, 1 * MS, 3 * MS, 9 * MS]
    metrics = benchmark_metrics(trial(times), pixels=1)
    assert metrics.p50_ms == pytest.approx(5)
    assert metrics.p90_ms == pytest.approx(7 + 0.7 * 2)  # h = 0.9 * 3 = 2.7
    assert metrics.p95_ms == pytest.approx(7 + 0.85 * 2)
    assert metrics.p999_ms == pytest.approx(7 + 0.997 * 2)
    ordered = np.sort(times)
    for name, p in (("p50_ms", 50), ("p90_ms", 90), ("p95_ms", 95), ("p99_ms", 99), ("p999_ms", 99.9)):
        assert getattr(metrics, name) == pytest.approx(np.percentile(ordered, p, method="linear") / MS)


def test_standard_deviation_is_that_of_a_sample() -> None:
    assert benchmark_metrics(trial([2 * MS, 4 * MS]), pixels=1).std_ms == pytest.approx(2**0.5)


def test_a_single_frame_has_all_metrics_but_the_lows() -> None:
    metrics = benchmark_metrics(trial([4 * MS]), pixels=10)
    assert metrics.frames == 1
    assert metrics.fps == pytest.approx(250)
    assert metrics.std_ms == metrics.stutter_share == 0.0
    assert metrics.p50_ms == metrics.p999_ms == metrics.max_ms == pytest.approx(4)
    assert metrics.absent == {"low1_fps": "1 frames, needs 901", "low01_fps": "1 frames, needs 9001"}


def test_warm_up_is_in_no_metric_but_its_own() -> None:
    metrics = benchmark_metrics(trial([MS] * 10, warmup_ns=[500 * MS, 2 * MS, 4 * MS]), pixels=1)
    assert (metrics.frames, metrics.warmup_frames) == (10, 3)
    assert metrics.max_ms == pytest.approx(1)
    assert metrics.first_frame_ms == pytest.approx(500)
    assert metrics.warmup_mean_ms == pytest.approx(3)
    alone = benchmark_metrics(trial([MS], warmup_ns=[500 * MS]), pixels=1)
    assert alone.warmup_mean_ms == alone.first_frame_ms == pytest.approx(500)


def test_no_frames_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match="without a timed frame"):
        benchmark_metrics(trial([]), pixels=1)
    with pytest.raises(ValueError, match="first frame"):
        benchmark_metrics(trial([MS], warmup_ns=[]), pixels=1)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_stutter_is_what_its_definition_says(data: st.DataObject) -> None:
    scale = data.draw(st.sampled_from([1, 500, MS, 16 * MS, 3000 * MS]), "scale")
    pattern = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=60), "pattern")
    repeats = data.draw(st.integers(1, 8), "repeats")
    times = [scale * value for value in pattern * repeats]
    assert stutter_share(np.array(times, np.int64)) == pytest.approx(slow_stutter_share(times))


def test_stutter_over_many_chunks_and_over_fewer_frames_than_the_window() -> None:
    generator = np.random.default_rng(7)
    slow = (generator.lognormal(0, 0.8, 300) * 40_000 * MS).astype(np.int64)
    assert trailing_window(float(slow.mean()) / MS) == 999
    assert 0 < stutter_share(slow) == pytest.approx(slow_stutter_share(slow.tolist()))
    wide = (generator.lognormal(0, 0.8, 6000) * 12_000 * MS).astype(np.int64)
    assert trailing_window(float(wide.mean()) / MS) == 999
    assert 0 < stutter_share(wide) == pytest.approx(slow_stutter_share(wide.tolist()))


def test_the_first_frame_and_a_steady_trial_never_stutter() -> None:
    assert stutter_share(np.array([900 * MS, MS, MS], np.int64)) == 0.0
    assert stutter_share(np.full(5000, 8 * MS)) == 0.0


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.lists(
            st.lists(st.integers(0, 10**10), min_size=n, max_size=n),
            min_size=len(PHASES),
            max_size=len(PHASES),
        )
    )
)
@settings(max_examples=50, deadline=None)
def test_phases_and_shares_add_up(columns: list[list[int]]) -> None:
    timed = {name: np.array(column, np.int64) for name, column in zip(PHASES, columns, strict=True)}
    metrics = benchmark_metrics(TrialTimings(warmup=timed, timed=timed), pixels=1)
    if metrics.wall_time_s:
        assert sum(phase.share for phase in metrics.phases.values()) == pytest.approx(1)
    assert sum(phase.mean_ms for phase in metrics.phases.values()) == pytest.approx(metrics.mean_ms)
    assert metrics.wall_time_s == pytest.approx(sum(map(sum, columns)) / 1e9)


def test_phases_are_described_one_by_one() -> None:
    phase = phase_metrics(np.array([1 * MS, 2 * MS, 9 * MS]), wall_ns=48 * MS)
    assert phase.mean_ms == pytest.approx(4)
    assert phase.p50_ms == pytest.approx(2)
    assert phase.p95_ms == pytest.approx(8.3)
    assert phase.share == pytest.approx(0.25)


def test_days_of_frames_do_not_overflow() -> None:
    day_ns = 24 * 3600 * 10**9
    metrics = benchmark_metrics(trial([30 * day_ns] * 1000), pixels=1)
    assert metrics.wall_time_s == pytest.approx(30_000 * 24 * 3600)
    assert metrics.low1_fps == pytest.approx(1 / (30 * 24 * 3600))
    assert metrics.stutter_share == 0.0


def test_a_clock_that_stands_still_gives_no_wrong_reason() -> None:
    metrics = benchmark_metrics(trial([0] * 20_000, warmup_ns=[0]), pixels=9)
    assert metrics.fps == metrics.mean_ms == metrics.stutter_share == metrics.pixels_per_s == 0.0
    assert metrics.low1_fps is None
    assert metrics.low01_fps is None
    assert set(metrics.absent) == {"low1_fps", "low01_fps"}
    assert not any("needs" in reason for reason in metrics.absent.values())
    assert all(phase.share == 0.0 for phase in metrics.phases.values())


def test_ten_million_frames_take_no_gigabytes() -> None:
    times = np.random.default_rng(3).integers(400, 900, 10_000_000)
    times[::1000] *= 20
    timings = trial(times)
    tracemalloc.start()
    try:
        metrics = benchmark_metrics(timings, pixels=0)
        peak_mib = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert metrics.frames == 10_000_000
    assert metrics.stutter_share == pytest.approx(times[::1000].sum() / times.sum(), rel=0.02)
    assert peak_mib < 300


def test_frames_before_the_steady_state_are_counted_and_in_no_figure() -> None:
    random = np.random.default_rng(4)
    times = (MS * random.normal(8, 0.2, 1000)).astype(np.int64)
    times[:120] += 4 * MS
    metrics = benchmark_metrics(trial(times), pixels=100)
    assert metrics.steady is not None
    assert metrics.steady.settled is True
    assert metrics.frames_left_out == metrics.steady.first_frame == pytest.approx(120, abs=3)
    assert metrics.frames == 1000 - metrics.frames_left_out
    assert metrics.fps == pytest.approx(1e9 / times[metrics.frames_left_out :].mean())
    assert metrics.steady.change == pytest.approx(0.5, abs=0.02)
    assert metrics.max_ms < 10


def test_a_trial_that_never_settles_says_so_and_leaves_nothing_out() -> None:
    random = np.random.default_rng(5)
    times = (MS * random.normal(8, 0.2, 1000) * np.linspace(1, 1.5, 1000)).astype(np.int64)
    metrics = benchmark_metrics(trial(times), pixels=100)
    assert metrics.steady is not None
    assert (metrics.steady.settled, metrics.frames_left_out, metrics.frames) == (False, 0, 1000)
    assert metrics.steady.change is not None
    assert metrics.steady.change < -0.05


def test_figures_carry_the_intervals_that_the_frames_bear_out() -> None:
    random = np.random.default_rng(6)
    times = (MS * random.normal(8, 0.4, 400)).astype(np.int64)
    metrics = benchmark_metrics(trial(times), pixels=100)
    assert set(metrics.intervals) == {"fps", "p50_ms", "p90_ms", "p95_ms"}  # 400 frames are too few for p99.
    for name, interval in metrics.intervals.items():
        assert interval.low < getattr(metrics, name) < interval.high
        assert interval.kind is IntervalKind.WITHIN_TRIAL
    assert metrics.intervals["fps"].relative_error < 0.02
    assert benchmark_metrics(trial([8 * MS] * 10), pixels=1).intervals == {}


def test_the_steady_state_of_several_workers_is_one_moment_of_time() -> None:
    random = np.random.default_rng(7)
    fast, slow = (MS * random.normal((4, 8), 0.1, (800, 2))).astype(np.int64).T
    fast[:100] += 4 * MS  # 0.8 s, in which the other draws as many.
    slow = slow[:400]
    slow[:100] += 8 * MS
    both = trial(np.concatenate([fast, slow]), warmup_ns=[MS, MS])
    workers = (WorkerSpan(800, 1, 0), WorkerSpan(400, 1, 0))
    metrics = benchmark_metrics(replace(both, workers=workers), pixels=1)
    assert metrics.frames_left_out >= 140
    assert metrics.fps == pytest.approx(1000 / 4 + 1000 / 8, rel=0.01)
    assert metrics.intervals["fps"].low < metrics.fps < metrics.intervals["fps"].high
