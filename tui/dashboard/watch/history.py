"""FPS over a whole trial, however long it takes, in a bounded number of points that keep every dip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SAMPLE_NS = 500_000_000
"""One sample is the frames of this much wall time, or one longer frame."""
MOST_POINTS = 512
"""With so many, neighbours are put together and every point stands for twice the time."""


class RatePoint(NamedTuple):
    """A stretch of a trial."""

    fps: float
    """Frames by wall time of the stretch."""
    low_fps: float
    """Of the sample with the lowest FPS."""
    high_fps: float
    shortest_ms: float
    """The shortest frame."""
    longest_ms: float


def merge(points: Sequence[RatePoint]) -> RatePoint:
    """Put neighbours of equal length together: their mean rate over time, and their extremes."""
    return RatePoint(
        fps=sum(point.fps for point in points) / len(points),
        low_fps=min(point.low_fps for point in points),
        high_fps=max(point.high_fps for point in points),
        shortest_ms=min(point.shortest_ms for point in points),
        longest_ms=max(point.longest_ms for point in points),
    )


def fit(points: Sequence[RatePoint], width: int) -> tuple[list[RatePoint], int]:
    """Put neighbours together until at most `width` points are left.

    Always by a power of two and from the start on, so that while a trial goes on only the last point changes,
    and all of them only where the number put together doubles.

    Returns:
        The points, oldest first, and how many of `points` each one holds.
    """
    together = 1
    while width > 0 and len(points) > width * together:
        together *= 2
    if together == 1:
        return list(points), 1
    return [merge(points[i : i + together]) for i in range(0, len(points), together)], together


class RateHistory:
    """Samples of a trial from its first frame on."""

    def __init__(self) -> None:
        self._whole: list[RatePoint] = []
        self._waiting: list[RatePoint] = []
        self._samples_a_point = 1

    def add(self, frames: int, wall_ns: int, shortest_ns: int, longest_ns: int) -> None:
        """Take in one sample: so many frames in so much wall time, both above zero."""
        rate = frames * 1e9 / wall_ns
        self._waiting.append(RatePoint(rate, rate, rate, shortest_ns * 1e-6, longest_ns * 1e-6))
        if len(self._waiting) < self._samples_a_point:
            return
        self._whole.append(merge(self._waiting))
        self._waiting.clear()
        if len(self._whole) == MOST_POINTS:
            self._samples_a_point *= 2
            self._whole = [merge(self._whole[i : i + 2]) for i in range(0, MOST_POINTS, 2)]

    @property
    def points(self) -> tuple[RatePoint, ...]:
        """Oldest first, each of the same length but the last, which may still grow."""
        return (*self._whole, merge(self._waiting)) if self._waiting else tuple(self._whole)

    @property
    def seconds_a_point(self) -> float:
        """The wall time that a point stands for, where frames are shorter than a sample."""
        return self._samples_a_point * SAMPLE_NS * 1e-9
