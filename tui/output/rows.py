"""A session's cases as the rows of a result table."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.timings import PHASES
from profiles.case_figures import CaseFigures, Figure, case_figures, mean_over_trials
from profiles.relative_speed import relative_speeds

if TYPE_CHECKING:
    from engine.metrics import BenchmarkMetrics
    from engine.uncertainty.comparison import Comparison
    from profiles.session import CaseRecord, Session


_ENDED_EARLY = ("interrupted", "skipped")
NOT_REACHED = "not reached"
"""The reason of a case that the run ended before."""


@dataclass(frozen=True)
class Row:
    """One case; rates and times are geometric means over its trials, None where nothing was measured."""

    case: CaseRecord
    measured: CaseFigures
    fps_low: float | None
    """The slowest trial's FPS."""
    fps_high: float | None
    low1_fps: float | None
    shares: dict[str, float]
    """Part of the wall time by phase."""
    fairness: float | None
    """The slowest worker's FPS over the fastest's."""
    render_ms: float | None
    """Wall time of the phase `render`, mean of a batch."""
    device_ms: float | None
    """What the device says of the same."""
    device_source: str
    host_mib: float | None
    """Main memory of one worker, the largest over the trials; likewise the two below."""
    host_scene_mib: float | None
    """What of it came with the scene and its renderer."""
    device_mib: float | None
    reason: str
    """Why there is no figure, or why the figures are of a part only."""
    fix: str

    @property
    def trials(self) -> int:
        """Trials that have figures."""
        return self.measured.trials

    @property
    def fps(self) -> float | None:
        """FPS; None where nothing was measured."""
        return self._value("fps")

    @property
    def p50_ms(self) -> float | None:
        """The median of the frame time; None where nothing was measured."""
        return self._value("p50_ms")

    @property
    def p99_ms(self) -> float | None:
        """The 99th percentile of the frame time; None where nothing was measured."""
        return self._value("p99_ms")

    def _value(self, name: str) -> float | None:
        figure = self.figure(name)
        return figure.value if figure is not None else None

    def figure(self, name: str) -> Figure | None:
        """One of `engine.metrics.WITH_INTERVALS` with its interval; None where nothing was measured."""
        return self.measured.figures.get(name)


@dataclass(frozen=True)
class Relative:
    """A row's speed, held against the fastest of its group."""

    row: Row
    speed: float | None
    """1 for the fastest; None without a figure."""
    comparison: Comparison | None = None
    """By the rounds in which both were measured; None of the fastest itself."""
    base: CaseRecord | None = None
    """The fastest."""


def make_rows(session: Session) -> list[Row]:
    """Make one row for each case of a session, in the session's order."""
    return [_row(case, session.profile.measure.trials) for case in session.cases]


def _row(case: CaseRecord, asked: int) -> Row:
    counted = case.counted
    measured = list(case.measured.values())
    failure = next((trial.failure for trial in case.trials if trial.failure is not None), None)
    reason = failure.reason if failure else ""
    ended = next((trial.status for trial in counted if trial.status in _ENDED_EARLY), None)
    if not failure and ended is not None:
        reason = f"{ended}: these are the frames until then" if measured else ended
    if not counted:
        reason = NOT_REACHED
    elif not reason and len(counted) < asked:
        reason = f"{len(counted)} of {asked} trials were reached"
    rates = [metrics.fps for metrics in measured]
    times = [trial.device.mean_ms for trial in counted if trial.device]
    return Row(
        case=case,
        measured=case_figures(case),
        fps_low=min(rates, default=None),
        fps_high=max(rates, default=None),
        low1_fps=mean_over_trials(measured, lambda metrics: metrics.low1_fps),
        shares=_shares(measured),
        fairness=mean_over_trials(measured, lambda metrics: metrics.fairness),
        render_ms=mean_over_trials(measured, lambda metrics: metrics.phases["render"].mean_ms),
        device_ms=statistics.median(times) if times else None,
        device_source=next((trial.device.source for trial in counted if trial.device), ""),
        host_mib=_largest(case, "host_mib"),
        host_scene_mib=_largest(case, "host_scene_mib"),
        device_mib=_largest(case, "device_mib"),
        reason=reason,
        fix=failure.fix if failure else "",
    )


def _largest(case: CaseRecord, figure: str) -> float | None:
    values = [getattr(trial.memory, figure) for trial in case.counted if trial.memory is not None]
    return max((value for value in values if value is not None), default=None)


def _shares(measured: Sequence[BenchmarkMetrics]) -> dict[str, float]:
    wall_s = sum(metrics.wall_time_s for metrics in measured)
    if not wall_s:
        return {}
    return {
        phase: sum(metrics.phases[phase].share * metrics.wall_time_s for metrics in measured) / wall_s
        for phase in PHASES
    }


def relative_to_fastest(rows: Iterable[Row]) -> list[Relative]:
    """Hold each row against the fastest for the same picture: scene, resolution, effects and change."""
    rows = list(rows)
    relative = relative_speeds(row.case for row in rows)
    return [
        Relative(row, told.speed, told.comparison, told.base)
        for row, told in zip(rows, relative, strict=True)
    ]
