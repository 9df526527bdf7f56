"""Time per frame as a fixed cost and a cost for each pixel."""

import math
import statistics
from collections.abc import Sequence

from engine.record import Record
from engine.uncertainty.intervals import MIN_TRIALS, geometric_mean, trials_interval
from engine.uncertainty.records import LEVEL, Interval, IntervalKind
from engine.uncertainty.student import t_quantile

MOST_DEVIATION = 0.1
"""Where a time lies further from the line than this part of itself, the line explains nothing."""
MATTERS_FROM = 0.1
"""Pixels matter where they take at least this part of a frame."""
FEWEST_TESTED = 3
"""Numbers of pixels below which nothing tests the line: one through two points always fits."""


class PixelFit(Record, frozen=True):
    """The line time = fixed cost + cost per pixel * pixels; neither cost is below 0."""

    fixed_s: float
    """Seconds that a frame of no pixels would take."""
    s_per_pixel: float
    fixed_interval: Interval | None
    """None with fewer than three rounds in which every size was measured; likewise the other."""
    s_per_pixel_interval: Interval | None
    sizes: int
    """Different numbers of pixels that were measured; two leave nothing to test the line by."""
    largest_deviation: float
    """The largest distance of a measured time from the line, as a part of that time."""
    deviates_at: int
    """The number of pixels where that is."""
    is_within_noise: bool = False
    """Whether the line lies in the 95% interval of every size's time: the deviation may be chance. False with
    fewer than three rounds of any size."""

    @property
    def is_tested(self) -> bool:
        """Whether more sizes were measured than a line needs."""
        return self.sizes >= FEWEST_TESTED

    @property
    def fits(self) -> bool:
        """Whether every measured time lies within a tenth of the line."""
        return self.largest_deviation <= MOST_DEVIATION

    @property
    def matters_from_pixels(self) -> float:
        """Pixels p below which they take less than a tenth of the frame: p = fixed / (9 * cost per pixel).

        There cost per pixel * p = (fixed + cost per pixel * p) / 10. 0 without a fixed cost; infinite where
        pixels cost nothing.
        """
        return self._pixels_of_share(MATTERS_FROM)

    @property
    def half_pixels(self) -> float:
        """Pixels that take half of the frame: fixed cost / cost per pixel. 0 and infinite as above."""
        return self._pixels_of_share(0.5)

    def time_s(self, pixels: float) -> float:
        """Seconds that the line has for a frame of so many pixels."""
        return self.fixed_s + self.s_per_pixel * pixels

    def _pixels_of_share(self, share: float) -> float:
        if self.s_per_pixel == 0:
            return math.inf
        return self.fixed_s / self.s_per_pixel * share / (1 - share)


def fit_pixels(pixels: Sequence[int], times_s: Sequence[Sequence[float | None]]) -> PixelFit | None:
    """Fit the line through the times of several sizes.

    Weighted least squares of relative errors, sum(((a + b * p - t) / t)^2) with a, b >= 0, so that a small
    picture counts as much as a large one (C. Tofallis, 2008, Least squares percentage regression, Journal of
    Modern Applied Statistical Methods 7). t of a size is the geometric mean over its rounds. The intervals of
    a and b are Student's over the fits of single rounds, with the same weights and without the bound at 0;
    their ends are not below 0.

    Args:
        pixels: of each size, above 0.
        times_s: of each size the time of a frame in each round; None where it has none.

    Returns:
        None where fewer than two different numbers of pixels have a time.

    Raises:
        ValueError: the two differ in length, or a number is not above 0.
    """
    if len(pixels) != len(times_s):
        raise ValueError(f"{len(pixels)} sizes cannot have {len(times_s)} lists of times")
    known = [
        (size, [time for time in times if time is not None])
        for size, times in zip(pixels, times_s, strict=True)
    ]
    sizes = [size for size, times in known if times]
    figures = [geometric_mean(times) for _, times in known if times]
    if not all(size > 0 for size in sizes):
        raise ValueError("a size has more than 0 pixels")
    if len(set(sizes)) < 2:
        return None
    fixed, each = _bounded_line(sizes, figures)
    deviations = [abs(fixed + each * size - time) / time for size, time in zip(sizes, figures, strict=True)]
    largest = max(deviations)
    intervals = _intervals(sizes, figures, [times for times in times_s if any(_known(times))])
    return PixelFit(
        fixed_s=fixed,
        s_per_pixel=each,
        fixed_interval=intervals[0],
        s_per_pixel_interval=intervals[1],
        sizes=len(set(sizes)),
        largest_deviation=largest,
        deviates_at=sizes[deviations.index(largest)],
        is_within_noise=all(
            interval is not None and interval.low <= fixed + each * size <= interval.high
            for size, interval in ((size, trials_interval(times)) for size, times in known if times)
        ),
    )


def _known(times: Sequence[float | None]) -> list[bool]:
    return [time is not None for time in times]


def _bounded_line(sizes: Sequence[int], times: Sequence[float]) -> tuple[float, float]:
    """The line with the least relative errors of which neither part is below 0."""
    fixed, each = _line(sizes, times, times)
    inverse = [1 / time for time in times]
    if fixed < 0:
        parts = [size * weight for size, weight in zip(sizes, inverse, strict=True)]
        return 0.0, math.fsum(parts) / math.fsum(part * part for part in parts)
    if each < 0:
        return math.fsum(inverse) / math.fsum(weight * weight for weight in inverse), 0.0
    return fixed, each


def _line(sizes: Sequence[int], times: Sequence[float], scale: Sequence[float]) -> tuple[float, float]:
    """The line with the least sum of ((a + b * size - time) / scale)^2."""
    # Weights of about 1, so that no square of a short time is lost.
    smallest = min(scale)
    weights = [(smallest / one) ** 2 for one in scale]
    total = math.fsum(weights)
    middle = _weighted(weights, sizes) / total
    average = _weighted(weights, times) / total
    spread = math.fsum(weight * (size - middle) ** 2 for weight, size in zip(weights, sizes, strict=True))
    together = math.fsum(
        weight * (size - middle) * (time - average)
        for weight, size, time in zip(weights, sizes, times, strict=True)
    )
    each = together / spread
    return average - each * middle, each


def _weighted(weights: Sequence[float], values: Sequence[float]) -> float:
    return math.fsum(weight * value for weight, value in zip(weights, values, strict=True))


def _intervals(
    sizes: Sequence[int], figures: Sequence[float], times_s: Sequence[Sequence[float | None]]
) -> tuple[Interval | None, Interval | None]:
    """The intervals of both parts, from the rounds in which every size has a time."""
    # Rounds beyond those of the shortest list are of some sizes only.
    rounds = [one for one in zip(*times_s, strict=False) if None not in one]
    lines = [_line(sizes, [time for time in one if time is not None], figures) for one in rounds]
    return _student([fixed for fixed, _ in lines]), _student([each for _, each in lines])


def _student(values: Sequence[float]) -> Interval | None:
    """mean +- t(0.975, R - 1) * s / sqrt(R), cut off at 0; None of fewer than three values."""
    if len(values) < MIN_TRIALS:
        return None
    half = t_quantile((1 + LEVEL) / 2, len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    middle = math.fsum(values) / len(values)
    if middle + half <= 0:
        # All of it is below the bound: the line does not fit, and how badly is told by its deviation.
        return None
    return Interval(max(0.0, middle - half), middle + half, IntervalKind.TRIALS)
