"""Noise: how much frames differ within a trial, and how much trials differ from each other."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nanoseconds = NDArray[np.int64]


def frame_noise(times_ns: Nanoseconds) -> float | None:
    """The coefficient of variation of one trial's frame times: standard deviation (n - 1) / mean.

    Args:
        times_ns: frame times, shape (frames,), nanoseconds.

    Returns:
        A part of the mean, 0.05 for 5%; None for fewer than two frames, or frames that took no time.
    """
    from engine.statistics import standard_deviation

    if len(times_ns) < 2 or not (mean := float(times_ns.mean())):
        return None
    return standard_deviation(times_ns) / mean


def trial_noise(values: Sequence[float]) -> float | None:
    """The coefficient of variation of a figure from trial to trial: standard deviation (n - 1) / mean.

    Args:
        values: one figure a trial, such as its FPS.

    Returns:
        A part of the mean, 0.004 for 0.4%; None for fewer than two trials, or a mean that is not above 0.
    """
    if len(values) < 2 or not (mean := statistics.fmean(values)) > 0:
        return None
    return statistics.stdev(values) / mean


def pooled_noise(noises: Sequence[float | None]) -> float | None:
    """The frame noise of a case: the root mean square of that of its trials; None where no trial has one."""
    told = [noise for noise in noises if noise is not None]
    return math.sqrt(statistics.fmean(noise**2 for noise in told)) if told else None
