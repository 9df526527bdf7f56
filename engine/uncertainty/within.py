"""Intervals of one trial's figures from its frames, which are not independent: a slow one follows a slow one.

What they say is how well this trial knows its own figure. How much a further trial would differ they cannot
know.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.timings import fps as frames_by_time
from engine.uncertainty.records import LEVEL, Interval, IntervalKind
from engine.uncertainty.student import t_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nanoseconds = NDArray[np.int64]

MIN_FRAMES = 25
"""The fewest frames from which an interval is told: five batches of five frames."""

_MIN_FRAMES_BEYOND = 15
_MOST_EFFECTIVE = 2.0
"""Effective frames by frames, at the most: frames that take turns can know more than independent ones."""

_FEWEST_BATCHES = 5
_MOST_BATCHES = 30
_MILLI = 1e-6


def batch_count(frames: int) -> int:
    """How many batches a trial's frames are cut into: 0.7 * sqrt(frames), in 5..30.

    Long batches are nearly independent however slowly frame times drift along; from about thirty on, more of
    them hardly make an interval narrower (B. Schmeiser, 1982, Batch size effects in the analysis of
    simulation output, Operations Research 30).
    """
    return max(_FEWEST_BATCHES, min(_MOST_BATCHES, int(0.7 * math.sqrt(frames))))


def batch_means(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """The means of consecutive batches that are equally long but for one frame, shape (batches,).

    Args:
        values: one number a frame, or True and False for 1 and 0; shape (frames,), at least `MIN_FRAMES`.
    """
    import numpy as np

    count = batch_count(len(values))
    edges = np.arange(count + 1) * len(values) // count
    kind = np.float64 if np.issubdtype(values.dtype, np.floating) else np.int64
    return np.add.reduceat(values, edges[:-1], dtype=kind) / np.diff(edges)


def fps_interval(times_ns: Nanoseconds, fps: float | None = None) -> Interval | None:
    """The interval of one trial's FPS, by the method of batch means.

    The frames are cut into k consecutive batches. Their mean frame times m_j are nearly independent where the
    batches are long, so ln(FPS) lies within t(0.975, k - 1) * s(m) / (mean(m) * sqrt(k)) (A. M. Law and
    J. S. Carson, 1979, A sequential procedure for determining the length of a steady-state simulation,
    Operations Research 27; the division by the mean carries the interval to logarithms). With
    autocorrelations of 0, 0.3 and 0.6 from frame to frame it was simulated to cover 92% to 95%, better than
    the stationary bootstrap.

    Args:
        times_ns: frame times in order of time, shape (frames,), nanoseconds.
        fps: the rate that is told of the trial, in 1/s, where it is not frames / time of one loop: of several
            workers or worlds. The interval is then around it, with the same relative width.

    Returns:
        None where there are fewer than 25 frames, or they took no time.
    """
    frames = len(times_ns)
    spent_ns = int(times_ns.sum())
    if frames < MIN_FRAMES or spent_ns <= 0:
        return None
    means = batch_means(times_ns)
    count = len(means)
    half = t_quantile((1 + LEVEL) / 2, count - 1) * float(means.std(ddof=1) / means.mean()) / math.sqrt(count)
    middle = frames_by_time(frames, spent_ns) if fps is None else fps
    return Interval(middle * math.exp(-half), middle * math.exp(half), IntervalKind.WITHIN_TRIAL)


def frames_needed_for_percentile(percent: float) -> int:
    """The fewest frames for which the interval of a percentile is told: p50 30, p90 150, p99 1500.

    So that at least 15 frames lie on either side. With fewer, and an autocorrelation of 0.6, the interval was
    simulated to cover less than 90%.

    Args:
        percent: above 0 and below 100.
    """
    return max(MIN_FRAMES, math.ceil(round(100 * _MIN_FRAMES_BEYOND / min(percent, 100 - percent), 6)))


def percentile_intervals(times_ns: Nanoseconds, percents: Sequence[float]) -> tuple[Interval | None, ...]:
    """The intervals of percentiles of one trial's frame time, in milliseconds, by order statistics.

    The share of frames up to the percentile q is known to be p; how well, tells an interval of a proportion:
    that of Clopper and Pearson with an effective number of frames, the one that the batch means of "this
    frame took at most q" bear out, made smaller by the t quantile for the few batches (E. L. Korn and
    B. I. Graubard, 1998, Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data, Survey Methodology 24). The frame times at the two ends of that interval are
    the interval of q (R. S. Woodruff, 1952, Confidence intervals for medians and other position measures,
    Journal of the American Statistical Association 47). A bootstrap would take a thousand times as long.

    Args:
        times_ns: frame times in order of time, shape (frames,), nanoseconds.
        percents: above 0 and below 100, such as (50, 99).

    Returns:
        One for each percentile; None where the frames are too few, or depend on each other so much that they
        cannot bound it on both sides.
    """
    import numpy as np
    from scipy.special import betaincinv

    asked = [percent for percent in percents if len(times_ns) >= frames_needed_for_percentile(percent)]
    if not asked:
        return (None,) * len(percents)
    shares = np.asarray(asked, np.float64) / 100
    values = np.quantile(times_ns, shares)
    frames = np.array([_effective_frames(times_ns, *pair) for pair in zip(values, shares, strict=True)])
    below, above = frames * shares, frames * (1 - shares)
    tail = (1 - LEVEL) / 2
    ends = np.quantile(times_ns, [betaincinv(below, above + 1, tail), betaincinv(below + 1, above, 1 - tail)])
    # The chance that all frames lie on the same side of the percentile: then they do not bound it.
    bounded = np.maximum(shares, 1 - shares) ** frames <= tail
    told = {
        percent: Interval(low * _MILLI, high * _MILLI, IntervalKind.WITHIN_TRIAL)
        for percent, (low, high), known in zip(asked, ends.T.tolist(), bounded.tolist(), strict=True)
        if known
    }
    return tuple(told.get(percent) for percent in percents)


def _effective_frames(times_ns: Nanoseconds, value: float, share: float) -> float:
    """How many independent frames would know the share of frames up to `value` as well as these do."""
    means = batch_means(times_ns <= value)
    count = len(means)
    variance = float(means.var(ddof=1)) / count
    most = _MOST_EFFECTIVE * len(times_ns)
    if variance == 0:
        return most
    widening = t_quantile((1 + LEVEL) / 2, count - 1) / t_quantile((1 + LEVEL) / 2, math.inf)
    return min(share * (1 - share) / variance / widening**2, most)
