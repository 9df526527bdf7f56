"""The statistics of one trial's frames: pure functions of numpy arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.metrics import PERCENTILES, BenchmarkMetrics, PhaseMetrics
from engine.timings import PHASES, TrialTimings, fps, frame_times_ns
from engine.uncertainty.steady import find_steady_state
from engine.uncertainty.trial import frame_series, frames_left_out, steady_part
from engine.uncertainty.within import fps_interval, percentile_intervals
from engine.workers import common_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.uncertainty.records import Interval

    Nanoseconds = NDArray[np.int64]

MIN_SLOWEST_FRAMES = 10
"""A low is told only where it is the mean of at least this many frames."""

STUTTER_FACTOR = 2.5
"""A frame stutters above this multiple of its trailing median (the factor that CapFrameX uses)."""

_MILLI = 1e-6
_CHUNK = 1_000_000
"""Numbers that are worked on at a time: a trial may hold ten million frames."""


def slowest_count(frames: int, per: int) -> int:
    """How many frames are the slowest one in `per`: ceil(frames / per), in whole numbers."""
    return -(-frames // per)


def standard_deviation(values: Nanoseconds) -> float:
    """The sample standard deviation (n - 1) in the unit of `values`; 0 for one value.

    Numpy's own makes two arrays of float64 as long as the input; a bounded part at a time is enough.
    """
    if len(values) < 2:
        return 0.0
    mean = float(values.mean())
    parts = (values[start : start + _CHUNK] - mean for start in range(0, len(values), _CHUNK))
    return math.sqrt(sum(float(part @ part) for part in parts) / (len(values) - 1))


def _first_frames(timings: TrialTimings) -> list[int]:
    """Where each worker's first frame stands in the warm-up."""
    counts = [worker.warmup_frames for worker in timings.workers]
    return [0, *np.cumsum(counts[:-1]).tolist()] if counts else [0]


def low_fps(times_ns: Nanoseconds, per: int, at_once: int = 1) -> float | None:
    """1 / mean of the slowest `1 in per` frame times, in 1/s: `per` = 100 is the 1% low.

    The count form of the definition (the mean of k = ceil(n / per) frames, whatever ties there are), as
    Gamers Nexus and CapFrameX name it. None where k is below ten: such a mean is chance.

    Args:
        times_ns: frame times, shape (frames,), nanoseconds.
        per: 100 for the 1% low, 1000 for the 0.1% low.
        at_once: images that are drawn in one frame time, by all workers in all worlds.
    """
    count = slowest_count(len(times_ns), per)
    if count < MIN_SLOWEST_FRAMES:
        return None
    slowest = np.partition(times_ns, len(times_ns) - count)[-count:]
    mean_ns = float(slowest.mean())
    return at_once * 1e9 / mean_ns if mean_ns > 0 else None


def frames_needed_for_low(per: int) -> int:
    """The fewest frames for which `low_fps` gives a figure."""
    return (MIN_SLOWEST_FRAMES - 1) * per + 1


def _why_absent(frames: int, per: int) -> str:
    needed = frames_needed_for_low(per)
    return f"{frames} frames, needs {needed}" if frames < needed else "the frames took no time"


def trailing_window(mean_ms: float) -> int:
    """Frames in the trailing median: 10 * sqrt(mean frame time in ms) as CapFrameX has it, in 5..999."""
    return int(min(999, max(5, round(10 * mean_ms**0.5))))


def stutter_share(times_ns: Nanoseconds) -> float:
    """Part of the time, 0 to 1, that was spent in frames above 2.5 times their trailing median.

    CapFrameX's stutter time with a median in place of its guarded moving average: a median needs no guard
    against the stutter itself. The median is over the frames before; the first frame has none and cannot
    stutter.

    Args:
        times_ns: frame times, shape (frames,), nanoseconds.
    """
    total = int(times_ns.sum())
    if len(times_ns) < 2 or total == 0:
        return 0.0
    window = min(trailing_window(float(times_ns.mean()) * _MILLI), len(times_ns) - 1)
    slow_ns = 0
    for i in range(1, window):
        if times_ns[i] > STUTTER_FACTOR * np.median(times_ns[:i]):
            slow_ns += int(times_ns[i])
    chunk = max(1, _CHUNK // window)
    for start in range(window, len(times_ns), chunk):
        end = min(start + chunk, len(times_ns))
        windows = np.lib.stride_tricks.sliding_window_view(times_ns[start - window : end - 1], window)
        current = times_ns[start:end]
        slow_ns += int(current[current > STUTTER_FACTOR * np.median(windows, axis=1)].sum())
    return slow_ns / total


def phase_metrics(column: Nanoseconds, wall_ns: int) -> PhaseMetrics:
    """Describe one phase over the timed frames.

    Args:
        column: the phase's duration in each frame, shape (frames,), nanoseconds.
        wall_ns: wall time of all these frames.
    """
    p50, p95 = np.percentile(column, (50, 95))
    return PhaseMetrics(
        mean_ms=float(column.mean()) * _MILLI,
        p50_ms=float(p50) * _MILLI,
        p95_ms=float(p95) * _MILLI,
        share=int(column.sum()) / wall_ns if wall_ns else 0.0,
    )


def benchmark_metrics(timings: TrialTimings, pixels: int, worlds: int = 1) -> BenchmarkMetrics:
    """Describe one trial: the frames of its steady state, with the frames before it counted.

    FPS is frames / wall time; percentiles are numpy's linear type 7, of frame time; the phases add up to
    the wall time. Of several workers only what they did at the same time is described.

    Args:
        timings: the trial's frames; at least one warm-up and one timed frame.
        pixels: pixels in one image.
        worlds: images in one batch.

    Raises:
        ValueError: there is no timed or no warm-up frame, or no moment when all workers drew.
    """
    steady = find_steady_state(frame_series(timings).times_ns)
    left_out = frames_left_out(timings, steady.first_frame)
    metrics = _described(steady_part(timings, left_out), pixels, worlds)
    return msgspec.structs.replace(metrics, steady=steady, frames_left_out=sum(left_out) * worlds)


def _described(timings: TrialTimings, pixels: int, worlds: int) -> BenchmarkMetrics:
    """Describe all frames of these timings."""
    interval = common_interval(timings) if timings.workers else None
    phases = interval.phases if interval else timings.timed
    times = frame_times_ns(phases)
    warmup = frame_times_ns(timings.warmup)
    if not len(times) or not len(warmup) or (timings.workers and interval is None):
        raise ValueError("a trial without a timed frame and a first frame has no metrics")
    spent_ns = int(times.sum())
    wall_ns = interval.wall_ns if interval else spent_ns
    rates = tuple(rate * worlds for rate in interval.worker_rates) if interval else ()
    rate = sum(rates) if rates else fps(len(times) * worlds, wall_ns)
    at_once = worlds * max(1, len(timings.workers))
    percentiles = np.percentile(times, tuple(PERCENTILES.values())) * _MILLI
    lows = {"low1_fps": low_fps(times, 100, at_once), "low01_fps": low_fps(times, 1000, at_once)}
    absent = {
        name: _why_absent(len(times), per)
        for (name, value), per in zip(lows.items(), (100, 1000), strict=True)
        if value is None
    }
    firsts = _first_frames(timings)
    others = np.delete(warmup, firsts)
    return BenchmarkMetrics(
        frames=len(times) * worlds,
        warmup_frames=len(warmup) * worlds,
        wall_time_s=wall_ns / 1e9,
        fps=rate,
        mean_ms=float(times.mean()) * _MILLI,
        std_ms=standard_deviation(times) * _MILLI,
        **dict(zip(PERCENTILES, percentiles.tolist(), strict=True)),
        max_ms=float(times.max()) * _MILLI,
        low1_fps=lows["low1_fps"],
        low01_fps=lows["low01_fps"],
        absent=absent,
        stutter_share=stutter_share(times),
        pixels_per_s=rate * pixels,
        first_frame_ms=float(warmup[firsts].max()) * _MILLI,
        warmup_mean_ms=float((others if len(others) else warmup).mean()) * _MILLI,
        phases={name: phase_metrics(phases[name], spent_ns) for name in PHASES},
        worker_fps=rates,
        fairness=min(rates) / max(rates) if rates and max(rates) > 0 else None,
        intervals=_intervals(frame_series(timings).times_ns if timings.workers else times, rate),
    )


def _intervals(times_ns: Nanoseconds, rate: float) -> dict[str, Interval]:
    """The intervals of FPS and the percentiles, of those that the frames suffice for.

    Args:
        times_ns: frame times in order of time, shape (frames,), nanoseconds.
        rate: the trial's FPS.
    """
    told = {
        "fps": fps_interval(times_ns, rate),
        **dict(zip(PERCENTILES, percentile_intervals(times_ns, tuple(PERCENTILES.values())), strict=True)),
    }
    return {name: interval for name, interval in told.items() if interval is not None}
