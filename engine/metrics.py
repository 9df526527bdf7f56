"""What is told of a trial: the numbers, and whose they are."""

import msgspec

from engine.record import Record
from engine.uncertainty.records import Interval, SteadyState

PERCENTILES = {"p50_ms": 50.0, "p90_ms": 90.0, "p95_ms": 95.0, "p99_ms": 99.0, "p999_ms": 99.9}
"""The percentiles of frame time that are told, by the names of their metrics."""
WITH_INTERVALS = ("fps", *PERCENTILES)
"""The metrics of which is told how sure they are."""


class PhaseMetrics(Record, frozen=True):
    """One phase of the frame, over the timed frames."""

    mean_ms: float
    p50_ms: float
    p95_ms: float
    share: float
    """Part of the wall time, 0 to 1; the shares of all phases add up to 1."""


class BenchmarkMetrics(Record, frozen=True):
    """The statistics of one trial's steady frames; warm-up frames are in none of them but their own."""

    frames: int
    """Images: one a world in each batch, of all workers."""
    warmup_frames: int
    wall_time_s: float
    fps: float
    """Frames divided by wall time; of several workers, all frames over the time in which all of them drew."""
    mean_ms: float
    """Of a frame's time, as all that follow: with several worlds the time of a whole batch."""
    std_ms: float
    """Sample standard deviation of the frame time (n - 1); 0 for one frame."""
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    low1_fps: float | None
    """1 / mean of the ceil(n / 100) slowest frame times, or None where those are fewer than ten.

    With several worlds or workers, times the frames that are drawn in one frame time.
    """
    low01_fps: float | None
    """1 / mean of the ceil(n / 1000) slowest frame times, or None where those are fewer than ten."""
    absent: dict[str, str]
    """Why a metric is None, by its name."""
    stutter_share: float
    """Part of the frame time, 0 to 1, spent in frames above 2.5 times their trailing median."""
    pixels_per_s: float
    first_frame_ms: float
    warmup_mean_ms: float
    """Mean of the warm-up's frame times without the first; the first one's where it is alone."""
    phases: dict[str, PhaseMetrics]
    worker_fps: tuple[float, ...] = ()
    """FPS of each of several workers over their common interval; empty for one alone."""
    fairness: float | None = None
    """The slowest worker's FPS over the fastest's, 0 to 1; None for one alone."""
    steady: SteadyState | None = None
    """Where the frames became alike, in passes of the timed loop; None where nobody looked."""
    frames_left_out: int = 0
    """Timed images before the steady state: they are in no figure here."""
    intervals: dict[str, Interval] = msgspec.field(default_factory=dict)
    """What this trial alone bears out of `fps` and the percentiles, by their names; without what the frames
    are too few for."""
