"""The figures of a case from those of its trials: a mean, an interval, and two kinds of noise."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.metrics import WITH_INTERVALS, BenchmarkMetrics
from engine.record import Record
from engine.uncertainty.intervals import case_interval, geometric_mean
from engine.uncertainty.noise import pooled_noise, trial_noise
from engine.uncertainty.records import Interval, Noise

if TYPE_CHECKING:
    from profiles.session import CaseRecord


class Figure(Record, frozen=True):
    """One figure of a case."""

    value: float
    """The geometric mean over the trials: the middle of their interval."""
    interval: Interval | None
    """From the trials where there are three; else what each of them bears out alone, together."""


class CaseFigures(Record, frozen=True):
    """What the trials of a case have in common, and in what they differ."""

    trials: int
    """Trials that have figures."""
    figures: dict[str, Figure]
    """By name, all of `WITH_INTERVALS`; empty where no trial has figures."""
    noise: Noise
    left_out: int
    """Timed frames before the steady state, of all trials."""
    unsettled: tuple[int, ...]
    """The trials that never settled."""


def case_figures(case: CaseRecord) -> CaseFigures:
    """Put together what was measured of a case; of a trial that was run again the attempt that counts."""
    measured = case.measured
    told = list(measured.values())
    return CaseFigures(
        trials=len(told),
        figures={name: _figure(told, name) for name in WITH_INTERVALS} if told else {},
        noise=Noise(
            frame=pooled_noise([_frame_noise(metrics) for metrics in told]),
            trial=trial_noise([metrics.fps for metrics in told]),
        ),
        left_out=sum(metrics.frames_left_out for metrics in told),
        unsettled=tuple(
            number
            for number, metrics in measured.items()
            if metrics.steady is not None and metrics.steady.settled is False
        ),
    )


def mean_over_trials(
    measured: Sequence[BenchmarkMetrics], figure: Callable[[BenchmarkMetrics], float | None]
) -> float | None:
    """The geometric mean of a figure over the trials that have it; None where none has.

    A figure that is 0 in some trial has no geometric mean: then the median is told.
    """
    values = [value for value in map(figure, measured) if value is not None]
    if not values:
        return None
    return geometric_mean(values) if min(values) > 0 else statistics.median(values)


def _figure(measured: Sequence[BenchmarkMetrics], name: str) -> Figure:
    values = [getattr(metrics, name) for metrics in measured]
    within = [metrics.intervals.get(name) for metrics in measured]
    mean = mean_over_trials(measured, lambda metrics: getattr(metrics, name))
    assert mean is not None
    return Figure(value=mean, interval=case_interval(values, within))


def _frame_noise(metrics: BenchmarkMetrics) -> float | None:
    if metrics.frames < 2 or not metrics.mean_ms > 0:
        return None
    return metrics.std_ms / metrics.mean_ms
