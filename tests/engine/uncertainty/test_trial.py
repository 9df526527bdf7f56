"""Frames of several workers in order of time, and the steady part of a trial."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.statistics import benchmark_metrics
from engine.timings import PHASES, TrialTimings, WorkerSpan, frame_times_ns
from engine.uncertainty.steady import find_steady_state
from engine.uncertainty.trial import frame_series, frames_left_out, steady_part

MS = 1_000_000


def columns(times: np.ndarray) -> dict[str, np.ndarray]:
    """Frames that spend a quarter of their time in readback, the rest in render."""
    nothing = np.zeros_like(times)
    parts = {"render": times - times // 4, "readback": times // 4}
    return {name: parts.get(name, nothing) for name in PHASES}


def trial(*workers: list[int], starts_ms: tuple[int, ...] = ()) -> TrialTimings:
    times = np.concatenate([np.array(own, np.int64) * MS for own in workers])
    spans = tuple(
        WorkerSpan(frames=len(own), warmup_frames=1, start_ns=start * MS)
        for own, start in zip(workers, starts_ms, strict=False)
    )
    warmup = np.full(len(workers), 50 * MS)
    return TrialTimings(warmup=columns(warmup), timed=columns(times), workers=spans)


def test_of_one_worker_frames_stand_as_they_are() -> None:
    one = trial([10, 20, 30, 40])
    series = frame_series(one)
    assert (series.times_ns // MS).tolist() == [10, 20, 30, 40]
    assert (series.ends_ns // MS).tolist() == [10, 30, 60, 100]
    assert frames_left_out(one, 1) == (1,)
    assert (frame_times_ns(steady_part(one, (1,)).timed) // MS).tolist() == [20, 30, 40]


def test_frames_of_workers_stand_side_by_side() -> None:
    # The common interval is 5 to 47 ms: the second worker's last frame begins after it.
    two = trial([10, 20, 10, 7], [15, 10, 10, 9, 5], starts_ms=(0, 5))
    series = frame_series(two)
    assert (series.ends_ns // MS).tolist() == [10, 20, 30, 30, 40, 40, 47, 49]
    assert (series.times_ns // MS).tolist() == [10, 15, 20, 10, 10, 10, 7, 9]
    assert frames_left_out(two, 0) == (0, 0)
    # Three frames have ended by 30 ms, and so has a fourth.
    assert frames_left_out(two, 3) == (2, 2)
    rest = steady_part(two, (2, 2))
    assert (frame_times_ns(rest.timed) // MS).tolist() == [10, 7, 10, 9, 5]
    assert [(worker.frames, worker.start_ns) for worker in rest.workers] == [(2, 0), (3, 0)]
    uneven = steady_part(two, (1, 2))
    assert [worker.start_ns // MS for worker in uneven.workers] == [0, 20]
    assert uneven.warmup is two.warmup


def test_workers_that_never_drew_together_have_no_series() -> None:
    assert len(frame_series(trial([10, 10], [10, 10], starts_ms=(0, 20))).times_ns) == 0
    assert len(frame_series(trial([10, 10], [], starts_ms=(0, 0))).times_ns) == 0


@given(st.lists(st.lists(st.integers(1, 50), min_size=3, max_size=30), min_size=1, max_size=4), st.data())
def test_what_is_kept_is_the_end_of_each_worker(workers: list[list[int]], data: st.DataObject) -> None:
    starts = tuple(range(len(workers))) if len(workers) > 1 else ()
    whole = trial(*workers, starts_ms=starts)
    count = len(frame_series(whole).times_ns)
    first = data.draw(st.integers(0, max(0, count - 1)))
    left_out = frames_left_out(whole, first)
    rest = steady_part(whole, left_out)
    kept = np.concatenate(
        [np.array(own[skip:], np.int64) for own, skip in zip(workers, left_out, strict=True)]
    )
    assert (frame_times_ns(rest.timed) // MS).tolist() == kept.tolist()
    if not first:
        assert rest is whole


@pytest.mark.parametrize("workers", [1, 3])
def test_metrics_of_the_steady_part_do_not_know_of_the_beginning(workers: int) -> None:
    generator = np.random.default_rng(1)
    # Each worker's first 50 of 1000 frames take twice as long.
    own = [
        [*generator.integers(19, 22, 50).tolist(), *generator.integers(9, 12, 950).tolist()]
        for _ in range(workers)
    ]
    starts = tuple(range(workers)) if workers > 1 else ()
    whole = trial(*own, starts_ms=starts)
    steady = find_steady_state(frame_series(whole).times_ns)
    assert steady.settled is True
    left_out = frames_left_out(whole, steady.first_frame)
    assert all(count == pytest.approx(50, abs=3) for count in left_out)
    metrics = benchmark_metrics(steady_part(whole, left_out), pixels=1)
    assert metrics.fps == pytest.approx(workers * 100, rel=0.01)
    assert len(frame_series(whole).times_ns) * 1e9 / frame_series(whole).times_ns.sum() < 96.5
    # A trial's own metrics are those of its steady part.
    of_trial = benchmark_metrics(whole, pixels=1)
    assert (of_trial.fps, of_trial.frames_left_out) == (metrics.fps, sum(left_out))
