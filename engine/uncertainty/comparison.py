"""Is one case faster than another? A ratio with its interval, and a verdict that may be: nobody knows yet."""

import math
import statistics
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeGuard

from engine.record import Record
from engine.uncertainty.intervals import MIN_TRIALS
from engine.uncertainty.power import further_rounds, smallest_difference
from engine.uncertainty.records import LEVEL, Interval, IntervalKind
from engine.uncertainty.student import expected_deviation, t_quantile

THRESHOLD = 0.02
"""A difference up to this part is none worth acting on."""

ADVISORY_METRICS = frozenset({"low1_fps", "low01_fps"})
"""They tell of few frames and differ by a sixth from trial to trial of the same case: they never decide."""

_Sample = tuple[int, float | None]
"""How many values, and their standard deviation, None where they are too few for one."""


class Verdict(StrEnum):
    """Where the interval of the ratio lies by the threshold."""

    FASTER = "faster"
    """Wholly above it."""
    SLOWER = "slower"
    """Wholly below it."""
    SAME = "same"
    """Wholly inside: any difference is too small to matter."""
    UNCLEAR = "unclear"
    """Across an edge of it, or there is no interval: this is neither a difference nor none."""


class Comparison(Record, frozen=True):
    """The speed of one case by that of another."""

    ratio: float
    """Above 1 where the other case is faster than the base."""
    interval: Interval | None
    """None with fewer than three rounds, or three trials on either side."""
    verdict: Verdict | None
    """None for a metric that never decides."""
    threshold: float
    rounds: int
    """Rounds in which both were measured; of independent sessions, trials on the side that has fewer."""
    smallest_seen: float | None = None
    """The smallest difference that would show in four of five such comparisons (80% power, alpha 0.05): its
    interval leaves out "no difference". As a part, 0.011 for 1.1%."""
    smallest_called: float | None = None
    """The smallest difference that would be called faster or slower in four of five such comparisons: its
    interval lies beyond the threshold."""
    further_rounds: int | None = None
    """How many more rounds would settle it in four of five cases; None where it is settled, where a thousand
    would not do, and where there is no interval to reckon from."""
    log_error: float | None = None
    """Standard error of the logarithm of the ratio."""


def verdict_of(interval: Interval | None, threshold: float) -> Verdict:
    """Hold the interval of a ratio against the threshold.

    The lower edge is 1 / (1 + threshold): so the verdict turns round with the two cases.

    Raises:
        ValueError: the threshold is negative or no number.
    """
    if not (threshold >= 0 and math.isfinite(threshold)):
        raise ValueError(f"a threshold is 0 or above, not {threshold}")
    edge = 1 + threshold
    if interval is None:
        return Verdict.UNCLEAR
    if interval.low > edge:
        return Verdict.FASTER
    if interval.high < 1 / edge:
        return Verdict.SLOWER
    return Verdict.SAME if interval.low >= 1 / edge and interval.high <= edge else Verdict.UNCLEAR


def compare_rounds(
    base: Sequence[float | None],
    other: Sequence[float | None],
    threshold: float = THRESHOLD,
    metric: str = "fps",
) -> Comparison | None:
    """Compare two cases of one session, round by round.

    With d_r = ln(other_r / base_r) the ratio is exp(mean(d)) and its interval is that of the paired t test,
    exp(mean(d) +- t(0.975, R - 1) * s(d) / sqrt(R)) (Student, 1908, The probable error of a mean,
    Biometrika 6). What slows a whole round down, and where the order alternates a machine that heats up,
    is in both and goes.

    Args:
        base: the base's rate in each round, such as FPS; None, or a rate of 0, where its trial failed.
        other: the other case's rate in the same rounds.
        threshold: differences up to this part are none, 0.02 for 2%.
        metric: the rate's name; one of `ADVISORY_METRICS` gets no verdict.

    Returns:
        None where there is no round in which both were measured.

    Raises:
        ValueError: the two are not of the same number of rounds, or the threshold is negative.
    """
    if len(base) != len(other):
        raise ValueError(f"{len(base)} rounds cannot be paired with {len(other)}")
    differences = [math.log(b / a) for a, b in zip(base, other, strict=True) if _measured(a) and _measured(b)]
    if not differences:
        return None
    return _compared(math.fsum(differences) / len(differences), [_sample(differences)], threshold, metric)


def compare_sessions(
    base: Sequence[float | None],
    other: Sequence[float | None],
    threshold: float = THRESHOLD,
    metric: str = "fps",
) -> Comparison | None:
    """Compare two cases that were measured independently, such as one case in two sessions.

    Welch's t interval of the difference of the mean logarithms (B. L. Welch, 1947, The generalization of
    "Student's" problem when several different population variances are involved, Biometrika 34). It knows
    only what differs from trial to trial of a session: a machine that was warmer throughout one of the two
    looks like a difference of the cases.

    Args:
        base: the base's rate in each trial, such as FPS; None, or a rate of 0, where it failed.
        other: the other case's rate in each trial; as many or not.
        threshold: differences up to this part are none, 0.02 for 2%.
        metric: the rate's name; one of `ADVISORY_METRICS` gets no verdict.

    Returns:
        None where one of the two was never measured.

    Raises:
        ValueError: the threshold is negative.
    """
    sides = [[math.log(rate) for rate in side if _measured(rate)] for side in (base, other)]
    if not all(sides):
        return None
    below, above = (math.fsum(logs) / len(logs) for logs in sides)
    return _compared(above - below, [_sample(logs) for logs in sides], threshold, metric)


def compare_over_scenes(
    comparisons: Sequence[Comparison], threshold: float = THRESHOLD, metric: str = "fps"
) -> Comparison:
    """Summarize the same comparison in several scenes: the geometric mean of the ratios, with its interval.

    It speaks of these scenes, not of others: the interval holds what the trials differ in, with the degrees
    of freedom of F. E. Satterthwaite (1946, An approximate distribution of estimates of variance components,
    Biometrics Bulletin 2). Of the means, only the geometric one says the same whichever case is the base
    (P. J. Fleming and J. J. Wallace, 1986, How not to lie with statistics, Communications of the ACM 29).

    Raises:
        ValueError: there is no comparison, or the threshold is negative.
    """
    if not comparisons:
        raise ValueError("there is no comparison to summarize")
    count = len(comparisons)
    middle = math.fsum(math.log(each.ratio) for each in comparisons) / count
    samples = [
        (each.rounds, each.log_error and each.log_error * math.sqrt(each.rounds) / count)
        for each in comparisons
    ]
    return _compared(middle, samples, threshold, metric)


def _measured(rate: float | None) -> TypeGuard[float]:
    return rate is not None and rate > 0 and math.isfinite(rate)


def _sample(logs: Sequence[float]) -> _Sample:
    return len(logs), statistics.stdev(logs) if len(logs) >= MIN_TRIALS else None


def _error(samples: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """The standard error of a sum of means, and its degrees of freedom by Welch and Satterthwaite."""
    parts = [(spread**2 / size, size - 1) for size, spread in samples]
    variance = math.fsum(part for part, _ in parts)
    if variance == 0:
        return 0.0, float(sum(degrees for _, degrees in parts))
    # By shares: a square of a variance can be too small for a number.
    return math.sqrt(variance), 1 / math.fsum((part / variance) ** 2 / degrees for part, degrees in parts)


def _compared(log_ratio: float, samples: Sequence[_Sample], threshold: float, metric: str) -> Comparison:
    """Put a comparison together from what each sample adds to the variance of the logarithm."""
    rounds = min(size for size, _ in samples)
    decides = metric not in ADVISORY_METRICS
    known = [(size, spread) for size, spread in samples if spread is not None]
    if len(known) < len(samples):
        verdict = verdict_of(None, threshold)
        return Comparison(
            ratio=math.exp(log_ratio),
            interval=None,
            verdict=verdict if decides else None,
            threshold=threshold,
            rounds=rounds,
        )
    error, degrees = _error(known)
    half = t_quantile((1 + LEVEL) / 2, degrees) * error
    interval = Interval(math.exp(log_ratio - half), math.exp(log_ratio + half), IntervalKind.TRIALS)
    verdict = verdict_of(interval, threshold)

    def error_after(further: int) -> tuple[float, float]:
        return _error([(size + further, spread / expected_deviation(size - 1)) for size, spread in known])

    open_still = decides and verdict is Verdict.UNCLEAR
    return Comparison(
        ratio=math.exp(log_ratio),
        interval=interval,
        verdict=verdict if decides else None,
        threshold=threshold,
        rounds=rounds,
        smallest_seen=smallest_difference(error, degrees),
        smallest_called=smallest_difference(error, degrees, threshold),
        further_rounds=further_rounds(log_ratio, threshold, error_after) if open_still else None,
        log_error=error,
    )
