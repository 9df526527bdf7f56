"""Frames per second against the number of workers or worlds: what each adds, and from where on little."""

import math
from collections.abc import Mapping, Sequence

from engine.record import Record
from engine.scaling.interpolation import interpolated
from engine.uncertainty.intervals import geometric_mean, trials_interval
from engine.uncertainty.records import Interval

WORTH_DOUBLING = 0.1
"""A doubling that gains less than this part is not worth it."""
_ROUNDING = 1e-9


class ThroughputPoint(Record, frozen=True):
    """What was measured with one number of workers or worlds."""

    size: int
    """That number."""
    fps: float
    """Images per second of all together: the geometric mean over the rounds."""
    speed_up: float
    """How many times as fast as the smallest size."""
    efficiency: float
    """FPS of each one as a part of that at the smallest size: 1 where nobody is in another's way."""
    efficiency_interval: Interval | None
    """From the ratios of single rounds; None with fewer than three, and at the smallest size itself."""
    doubling_gain: float | None
    """FPS over that of half as many, less 1: 0.8 for 80% more. None at the smallest size."""
    is_doubling_measured: bool
    """False where half as many were not measured, and their FPS is read off between those that were."""


class Throughput(Record, frozen=True):
    """A curve of at least two points, the sizes ascending."""

    points: tuple[ThroughputPoint, ...]
    knee: int
    """The largest size that is worth it: the doubling that leads to it gains at least a tenth, and it is
    faster than every smaller one. The smallest size where no doubling gains that much."""

    @property
    def base(self) -> int:
        """The size that efficiency and speed-up are relative to: the smallest that was measured."""
        return self.points[0].size

    @property
    def is_knee_beyond(self) -> bool:
        """Whether doubling still gained a tenth at the largest size, so that the knee was not seen."""
        return self.knee == self.points[-1].size

    @property
    def knee_point(self) -> ThroughputPoint:
        """The point at the knee."""
        return next(point for point in self.points if point.size == self.knee)

    @property
    def after_knee(self) -> ThroughputPoint | None:
        """The next larger size; None where the knee is at the largest."""
        return next((point for point in self.points if point.size > self.knee), None)


def throughput_curve(rates: Mapping[int, Sequence[float | None]]) -> Throughput | None:
    """Reckon efficiency, gain of doubling, and the knee.

    With T(n) the FPS of n workers or worlds and m the smallest n, the speed-up is T(n) / T(m) and the
    efficiency T(n) / T(m) * m / n (the parallel efficiency of strong scaling, its speed-up by the number of
    processors; here each one draws images of its own). The gain of doubling is T(n) / T(n / 2) - 1, where a
    T(n / 2) that was not measured lies on the straight line between its neighbours on logarithms. Where n / 2
    is below m, the line from m to n tells it.

    Args:
        rates: FPS in each round, by the number of workers or worlds; None, or 0, where there is none.

    Returns:
        None where fewer than two sizes have a rate.

    Raises:
        ValueError: a size is not above 0.
    """
    known = {size: [rate for rate in rates[size] if rate] for size in sorted(rates)}
    figures = {size: geometric_mean(found) for size, found in known.items() if found}
    if any(size < 1 for size in figures):
        raise ValueError("a number of workers or worlds is at least 1")
    if len(figures) < 2:
        return None
    base = min(figures)
    points = tuple(_point(size, figures, rates[size], rates[base]) for size in figures)
    return Throughput(points=points, knee=_knee(points))


def _point(
    size: int,
    figures: Mapping[int, float],
    rounds: Sequence[float | None],
    base_rounds: Sequence[float | None],
) -> ThroughputPoint:
    base = min(figures)
    speed_up = figures[size] / figures[base]
    return ThroughputPoint(
        size=size,
        fps=figures[size],
        speed_up=speed_up,
        efficiency=speed_up * base / size,
        efficiency_interval=None if size == base else _efficiency_interval(size / base, rounds, base_rounds),
        doubling_gain=None if size == base else _doubling_gain(size, figures),
        is_doubling_measured=size != base and size % 2 == 0 and size // 2 in figures,
    )


def _efficiency_interval(
    times: float, rounds: Sequence[float | None], base_rounds: Sequence[float | None]
) -> Interval | None:
    pairs = zip(base_rounds, rounds, strict=False)
    return trials_interval([rate / base / times for base, rate in pairs if base and rate])


def _doubling_gain(size: int, figures: Mapping[int, float]) -> float:
    base = min(figures)
    if size >= 2 * base:
        return figures[size] / interpolated(figures, size / 2) - 1
    slope = math.log(figures[size] / figures[base]) / math.log(size / base)
    return math.exp(slope * math.log(2)) - 1


def _knee(points: Sequence[ThroughputPoint]) -> int:
    knee, best = points[0].size, points[0].fps
    for point in points[1:]:
        gain = point.doubling_gain
        if gain is not None and gain >= WORTH_DOUBLING - _ROUNDING and point.fps > best:
            knee = point.size
        best = max(best, point.fps)
    return knee
