"""What the dashboard shows while a run goes on: a plain object that folds the engine's events."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.case import Case, Settings
from engine.events import (
    Disturbed,
    Event,
    FramesMeasured,
    PictureJudged,
    PreviewDrawn,
    RoundEnded,
    StageEntered,
    TrialEnded,
    TrialReady,
    TrialStarted,
    UsageMeasured,
)
from engine.messages import Stage
from engine.pictures.judging import judged_result
from engine.timings import PHASES, fps, frame_times_ns
from tui.dashboard.watch.distribution import LiveDistribution
from tui.dashboard.watch.history import SAMPLE_NS, RateHistory, RatePoint
from tui.dashboard.watch.run_clock import RunClock
from tui.output.worker_rates import WorkerRates

if TYPE_CHECKING:
    from engine.interference.records import Finding
    from engine.messages import RendererIdentity
    from engine.results import TrialResult
    from engine.uncertainty.stopping import Standing
    from engine.usage import Usage


class CaseStatus(StrEnum):
    """How far a case has come."""

    WAITING = "waiting"
    STARTING = "starting"
    COMPILING = "compiling"
    WARMING_UP = "warming up"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"

    @property
    def is_live(self) -> bool:
        """True while an engine process is at work on it: its figures are provisional."""
        return self in _LIVE


_LIVE = (CaseStatus.STARTING, CaseStatus.COMPILING, CaseStatus.WARMING_UP, CaseStatus.RUNNING)


@dataclass(frozen=True)
class CaseView:
    """One case at one moment; figures are None where there is none yet."""

    case: Case
    status: CaseStatus
    trial: int
    frames: int
    fps: float | None
    """Over the whole trial; of a case that is done, the median of its trials is the table's to tell."""
    fps_now: float | None
    """Over the last half second."""
    points: tuple[RatePoint, ...]
    """FPS and frame times over the whole trial, oldest first."""
    seconds_a_point: float
    p50_ms: float | None
    p99_ms: float | None
    low1_fps: float | None
    shares: dict[str, float]
    """Part of the wall time by phase; empty without frames."""
    worker_fps: tuple[float, ...]
    """FPS of each of several workers; empty for one alone."""
    renderer: RendererIdentity | None
    reason: str
    fix: str
    log: str
    cpu_cores: float | None
    """Of the engine process: CPU time by wall time over the last second."""
    memory_mib: float | None
    gpu_percent: float | None
    findings: tuple[Finding, ...] = ()
    """What disturbs the trial now, and once it is over, what did."""

    @property
    def provisional(self) -> bool:
        """True while the trial goes on: the final figures will be computed from every frame."""
        return self.status.is_live


@dataclass(frozen=True)
class PreviewPicture:
    """What a case was drawing."""

    case: str
    """The case's id."""
    number: int
    """Each picture has another."""
    width: int
    height: int
    pixels: bytes
    """RGB, 8 bits a channel, top row first."""


@dataclass
class _LiveCase:
    """One case as it is being fed."""

    case: Case
    status: CaseStatus = CaseStatus.WAITING
    trial: int = 0
    rates: WorkerRates = field(init=False)
    spent_ns: int = 0
    """Frame times of all workers."""
    history: RateHistory = field(default_factory=RateHistory)
    distribution: LiveDistribution = field(default_factory=LiveDistribution)
    phase_ns: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PHASES, 0))
    renderer: RendererIdentity | None = None
    result: TrialResult | None = None
    sample_frames: int = 0
    sample_ns: int = 0
    sample_shortest_ns: int = 0
    sample_longest_ns: int = 0
    fps_now: float | None = None
    usage: Usage | None = None
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        self.rates = WorkerRates(self.case)

    @property
    def at_once(self) -> int:
        """Images that are drawn in one frame time, by all workers in all worlds."""
        return self.case.workers * self.case.worlds

    def begin(self, trial: int) -> None:
        """Forget the trial before, and what it was drawn with stays."""
        self.status, self.trial = CaseStatus.STARTING, trial
        self.rates = WorkerRates(self.case)
        self.spent_ns = self.sample_frames = self.sample_ns = 0
        self.history, self.fps_now = RateHistory(), None
        self.distribution = LiveDistribution()
        self.phase_ns = dict.fromkeys(PHASES, 0)
        self.result, self.findings = None, ()

    def count(self, event: FramesMeasured) -> None:
        """Take in a block of timed frames."""
        times_ns = frame_times_ns(event.phases)
        block_ns = int(times_ns.sum())
        self.rates.add(event)
        self.spent_ns += block_ns
        self.distribution.add(times_ns)
        for phase, column in event.phases.items():
            self.phase_ns[phase] += int(column.sum())
        self._sample(len(times_ns), block_ns, int(times_ns.min()), int(times_ns.max()))

    def _sample(self, frames: int, block_ns: int, shortest_ns: int, longest_ns: int) -> None:
        """Gather blocks into samples of the history."""
        self.sample_shortest_ns = (
            min(self.sample_shortest_ns, shortest_ns) if self.sample_frames else shortest_ns
        )
        self.sample_longest_ns = max(self.sample_longest_ns, longest_ns) if self.sample_frames else longest_ns
        self.sample_frames += frames
        self.sample_ns += block_ns
        if self.sample_ns >= SAMPLE_NS * self.case.workers:
            # Each worker's frames at its own pace, all of them together.
            images = self.sample_frames * self.at_once
            self.history.add(images, self.sample_ns, self.sample_shortest_ns, self.sample_longest_ns)
            self.fps_now = fps(images, self.sample_ns)
            self.sample_frames = self.sample_ns = 0

    def judge(self, event: PictureJudged) -> None:
        """Take in what came of comparing the picture with the others'."""
        if self.result is not None:
            self.result = judged_result(self.result, event)
            self.status = _STATUS_OF_RESULT[self.result.status]

    def view(self) -> CaseView:
        """Make what a widget may read."""
        metrics = self.result.metrics if self.result else None
        failure = self.result.failure if self.result else None
        rate: float | None
        p50: float | None
        p99: float | None
        if metrics is not None:
            rate, p50, p99, low1 = metrics.fps, metrics.p50_ms, metrics.p99_ms, metrics.low1_fps
            shares = {phase: metrics.phases[phase].share for phase in PHASES}
            of_workers = metrics.worker_fps
        else:
            rate = self.rates.fps if self.rates.frames else None
            p50, p99 = self.distribution.percentile_ms(50), self.distribution.percentile_ms(99)
            slow = self.distribution.low1_fps()
            low1 = None if slow is None else slow * self.at_once
            spent_ns = self.spent_ns
            shares = {phase: ns / spent_ns for phase, ns in self.phase_ns.items()} if spent_ns else {}
            of_workers = self.rates.of_workers if self.case.workers > 1 else ()
        return CaseView(
            case=self.case,
            status=self.status,
            trial=self.trial,
            frames=metrics.frames if metrics else self.rates.frames,
            fps=rate,
            fps_now=rate if self.fps_now is None else self.fps_now,
            points=self.history.points,
            seconds_a_point=self.history.seconds_a_point,
            p50_ms=p50,
            p99_ms=p99,
            low1_fps=low1,
            shares=shares,
            worker_fps=of_workers,
            renderer=self.renderer,
            reason=failure.reason if failure else "",
            fix=failure.fix if failure else "",
            log=failure.log if failure else "",
            cpu_cores=self.usage.cpu_cores if self.usage else None,
            memory_mib=self.usage.memory_mib if self.usage else None,
            gpu_percent=self.usage.gpu_percent if self.usage else None,
            findings=self.result.findings if self.result else self.findings,
        )


_STATUS_OF_STAGE = {
    Stage.COMPILE: CaseStatus.COMPILING,
    Stage.WARM_UP: CaseStatus.WARMING_UP,
    Stage.RUN: CaseStatus.RUNNING,
}
_STATUS_OF_RESULT = {
    "done": CaseStatus.DONE,
    "failed": CaseStatus.FAILED,
    "interrupted": CaseStatus.INTERRUPTED,
    "skipped": CaseStatus.SKIPPED,
}


class RunState:
    """All cases of a run; fed from one thread and read from another.

    Args:
        cases: in the order of listing.
        settings: of the run.
    """

    def __init__(self, cases: Sequence[Case], settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._cases = {case.id: _LiveCase(case) for case in cases}
        self._changed = set(self._cases)
        self._views: dict[str, CaseView] = {}
        self._current = ""
        self._preview: PreviewPicture | None = None
        self._pictures = 0
        self._finished_trials = 0
        self._total_trials = len(cases) * settings.trials
        self._most_trials: int | None = None
        self._standing: Standing | None = None
        self.clock = RunClock(settings, self._total_trials)

    def fold(self, event: Event) -> None:
        """Take note of what happened."""
        with self._lock:
            self.clock.fold(event)
            if isinstance(event, RoundEnded):
                self._standing = event.standing
                return
            case = event.result.case if isinstance(event, TrialEnded) else event.case
            live = self._cases[case.id]
            match event:
                case TrialStarted():
                    live.begin(event.trial)
                    self._current = case.id
                    self._total_trials, self._most_trials = event.total, event.most
                case StageEntered():
                    live.status = _STATUS_OF_STAGE.get(event.stage, live.status)
                case TrialReady():
                    live.renderer = event.ready.renderer
                case FramesMeasured(warm_up=False):
                    live.count(event)
                case PreviewDrawn():
                    self._pictures += 1
                    self._preview = PreviewPicture(
                        case.id, self._pictures, event.width, event.height, event.pixels
                    )
                    return
                case UsageMeasured():
                    live.usage = event.usage
                case Disturbed():
                    live.findings = event.findings
                case TrialEnded():
                    live.result, live.status = event.result, _STATUS_OF_RESULT[event.result.status]
                    live.renderer = event.result.renderer or live.renderer
                    self._finished_trials = event.position - event.is_repeated
                case PictureJudged():
                    live.judge(event)
                case _:
                    return
            self._changed.add(case.id)

    def extend(self, cases: Sequence[Case]) -> None:
        """More cases are measured, in the same run; those that are known already stay as they are."""
        with self._lock:
            added = {case.id: _LiveCase(case) for case in cases if case.id not in self._cases}
            self._cases |= added
            self._changed |= set(added)

    def views(self) -> list[CaseView]:
        """Every case as it is now, in the order of listing; only what changed is made anew."""
        with self._lock:
            for name in self._changed:
                self._views[name] = self._cases[name].view()
            self._changed.clear()
            return [self._views[name] for name in self._cases]

    @property
    def current(self) -> str:
        """The id of the case that was started last, or ""."""
        with self._lock:
            return self._current

    @property
    def preview(self) -> PreviewPicture | None:
        """The newest picture of what is drawn; None before the first."""
        with self._lock:
            return self._preview

    @property
    def progress(self) -> tuple[int, int]:
        """Trials that are over, and all of them."""
        with self._lock:
            return self._finished_trials, self._total_trials

    @property
    def most_trials(self) -> int | None:
        """How many trials there can be at the most, where rounds are added until enough is known."""
        with self._lock:
            return self._most_trials

    @property
    def standing(self) -> Standing | None:
        """What is known since the last whole round, where that decides whether another one follows."""
        with self._lock:
            return self._standing
