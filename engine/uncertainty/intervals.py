"""Intervals of a case's figures from its trials; where those are too few, from the frames of one."""

import math
import statistics
from collections.abc import Sequence

from engine.uncertainty.records import LEVEL, Interval, IntervalKind
from engine.uncertainty.student import t_quantile

MIN_TRIALS = 3
"""The fewest trials from which an interval is told."""


def geometric_mean(values: Sequence[float]) -> float:
    """The figure of a case with several trials: the exponential of the mean of the logarithms.

    The middle of `trials_interval`, and the same whether frames per second or seconds per frame are averaged.

    Args:
        values: one figure a trial, all above 0.

    Raises:
        ValueError: there is no value, or one that has no logarithm.
    """
    if not values:
        raise ValueError("no trial has a mean")
    if not all(_has_logarithm(value) for value in values):
        raise ValueError("the geometric mean is of finite values above 0")
    if min(values) == max(values):
        return values[0]  # The way through logarithms would change its last digits.
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def trials_interval(values: Sequence[float]) -> Interval | None:
    """The interval of a figure that was measured in several trials.

    exp(mean(y) +- t(0.975, R - 1) * s(y) / sqrt(R)) with y = ln(figure) of R trials: Student, 1908, The
    probable error of a mean, Biometrika 6. On logarithms, so that FPS and frame time have one interval and
    both stay above 0; no bootstrap, which covers 86% instead of 95% with five trials.

    Args:
        values: one figure a trial: FPS, or a percentile in any unit.

    Returns:
        None where there are fewer than three trials, or a figure that is not above 0.
    """
    if len(values) < MIN_TRIALS or not all(_has_logarithm(value) for value in values):
        return None
    logs = [math.log(value) for value in values]
    half = t_quantile((1 + LEVEL) / 2, len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
    middle = math.fsum(logs) / len(logs)
    return Interval(math.exp(middle - half), math.exp(middle + half), IntervalKind.TRIALS)


def case_interval(values: Sequence[float], within: Sequence[Interval | None]) -> Interval | None:
    """The best interval that the trials of a case allow.

    From three trials on it is theirs. Two have one degree of freedom: t(0.975, 1) = 12.7 times a difference
    of two numbers is chance itself, a hundred times wider or nothing at all by turns. So from two trials the
    span of their intervals within the trial is told, labelled as such: it is never narrower than what the
    two disagree by.

    Args:
        values: one figure a trial.
        within: the same trials' intervals from their frames, None where there is none.

    Returns:
        None where not even every single trial has an interval.
    """
    if len(values) >= MIN_TRIALS:
        return trials_interval(values)
    told = [interval for interval in within if interval is not None]
    if not told or len(told) < len(within):
        return None
    return Interval(
        min(interval.low for interval in told),
        max(interval.high for interval in told),
        IntervalKind.WITHIN_TRIAL,
    )


def _has_logarithm(value: float) -> bool:
    return value > 0 and math.isfinite(value)
