"""Running a session: every trial of every case in an engine process of its own, as a stream of events."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.backends.registry import find_backend, measures_itself
from engine.case import Case, Settings
from engine.control import Control
from engine.events import Event, RoundEnded, TrialEnded, TrialStarted, Waiting
from engine.frame_limit import frame_limit
from engine.interference.gpu import GpuWatch
from engine.interference.watcher import InterferenceWatch
from engine.jobs.requests import TrialJob
from engine.messages import MORE_MEMORY, FailureKind, Stage
from engine.moments import DateClock
from engine.process.environment import engine_environment
from engine.process.launcher import EngineProcess, Launcher, LaunchError, launch_clock_ns
from engine.results import Failure, TrialResult, TrialStatus
from engine.rounds import Place, Rounds
from engine.scratch import scratch_folder
from engine.usage import GpuMeter, UsageMeter
from engine.watch import TrialWatch

_HOLD_POLL_S = 0.05


@dataclass(frozen=True)
class Plan:
    """What a run does."""

    cases: Sequence[Case]
    settings: Settings
    folder: Path
    """The session's folder: PNGs go to `frames/`, what engine processes print to `logs/`."""
    known_failures: dict[str, Failure]
    """Cases, by id, of which it is known before the run that they cannot be measured, and why."""
    watch_usage: bool = False
    """Look at what the engine processes take of the machine, about once a second."""
    first_trial: int = 1
    """The number of the first round, where others of the same session came before."""
    clock: DateClock = field(default_factory=DateClock)
    """What says when a trial began and ended."""


def run(plan: Plan, launcher: Launcher, control: Control) -> Iterator[Event]:
    """Measure every case of `plan` and yield what happens; ends early where `control` says so."""
    gpus = _Gpus(GpuMeter() if plan.watch_usage else None, GpuWatch())
    rounds = Rounds(plan.cases, plan.settings, plan.first_trial)
    out = _LeftOut(plan.known_failures, control, plan.clock)
    began_s = _measuring_s(control)
    try:
        while places := rounds.begin():
            for place in places:
                if control.stop_requested:
                    return
                if out.leaves(place.case):
                    yield from out.tell(place)
                    continue
                measured = yield from _attempts(plan, launcher, control, gpus, place, rounds=rounds)
                if measured is None:
                    return
                out.learn(measured)
                yield _ended(measured, place)
                # Its timings would stay in memory while the next trial collects its own.
                del measured
                # The last trial of a round may have made enough known.
                if control.stop_after_requested and place is not places[-1]:
                    return
            if control.stop_requested:
                return
            found = rounds.end(_measuring_s(control) - began_s, out.cases)
            if found is not None and plan.settings.until is not None:
                yield RoundEnded(found, plan.settings.until)
            if control.stop_after_requested:
                return
    finally:
        gpus.end()


class _LeftOut:
    """The cases that are measured no more, each told once."""

    def __init__(self, known_failures: Mapping[str, Failure], control: Control, clock: DateClock) -> None:
        self.cases: set[str] = set()
        """Ids of those that were told."""
        self._known_failures = known_failures
        self._control = control
        self._clock = clock
        self._exhausted: list[Case] = []

    def leaves(self, case: Case) -> bool:
        """Whether a case is not measured."""
        known = case.id in self._known_failures or self._control.is_skipped(case.id)
        return known or self._smaller(case) is not None

    def tell(self, place: Place) -> Iterator[Event]:
        """Say why a case is not measured, the first time."""
        case, trial = place.case, place.trial
        if case.id in self.cases:
            return
        self.cases.add(case.id)
        smaller, known = self._smaller(case), self._known_failures.get(case.id)
        status: TrialStatus = "failed" if known and smaller is None else "skipped"
        failure = known if smaller is None else _too_large(case, smaller)
        yield _ended(_unmeasured(case, trial, status, self._clock.text(), failure), place)

    def learn(self, result: TrialResult) -> None:
        """Take note of a case that was skipped while it ran, or that ran out of memory."""
        if result.status == "skipped":
            self.cases.add(result.case.id)
        if result.failure is not None and result.failure.kind is FailureKind.MEMORY:
            self.cases.add(result.case.id)
            self._exhausted.append(result.case)

    def _smaller(self, case: Case) -> Case | None:
        """A case that ran out of memory, and that `case` is as large as."""
        return next((other for other in self._exhausted if case.is_as_large_as(other)), None)


def _measuring_s(control: Control) -> float:
    """A clock that stands still while nothing is to be measured."""
    return time.monotonic() - control.held_s


def _ended(result: TrialResult, place: Place, is_repeated: bool = False) -> TrialEnded:
    return TrialEnded(result, place.position, place.total, is_repeated, place.most)


def _attempts(
    plan: Plan, launcher: Launcher, control: Control, gpus: _Gpus, place: Place, *, rounds: Rounds
) -> Generator[Event, None, TrialResult | None]:
    """Measure one trial, again while it is spoiled and may be; earlier attempts are told on the way."""
    while True:
        measured = yield from _measure(plan, launcher, control, gpus, place)
        if measured is None:
            return None
        measured = replace(measured, attempt=place.attempt)
        rounds.count(measured)
        is_final = place.attempt > plan.settings.rerun_spoiled or measured.status != "done"
        if is_final or not measured.is_spoiled or control.stop_requested or control.stop_after_requested:
            return measured
        yield _ended(measured, place, is_repeated=True)
        place = replace(place, attempt=place.attempt + 1)


@dataclass(frozen=True)
class _Gpus:
    """What looks at GPUs, once for all trials."""

    usage: GpuMeter | None
    interference: GpuWatch

    def end(self) -> None:
        """Look no more; returns at once."""
        self.interference.end()
        if self.usage is not None:
            self.usage.end()


def _measure(
    plan: Plan, launcher: Launcher, control: Control, gpus: _Gpus, place: Place
) -> Generator[Event, None, TrialResult | None]:
    """Measure one trial, anew where it was given up; None where the run was stopped while it was held."""
    case, trial = place.case, place.trial
    while True:
        yield from _hold(control, place)
        if control.stop_requested:
            return None
        yield TrialStarted(case, trial, place.position, place.total, place.attempt, place.most)
        with ExitStack() as stack:
            try:
                scratch = stack.enter_context(_scratch_folder(case))
                workers = _launch(plan, launcher, case, trial, scratch)
            except LaunchError as error:
                failure = Failure(kind=FailureKind.ERROR, stage=Stage.START, reason=str(error))
                return _unmeasured(case, trial, "failed", plan.clock.text(), failure)
            processes = [process for _, process in workers]
            usage = UsageMeter(processes, gpus.usage) if gpus.usage is not None else None
            draws = find_backend(case.backend).draws
            pids = [process.pid for process in processes]
            interference = InterferenceWatch(pids, gpus.interference, draws=draws)
            watch = TrialWatch(workers, control, usage, interference, plan.clock)
            yield from watch.events()
        if not watch.given_up:
            return watch.result


@contextmanager
def _scratch_folder(case: Case) -> Iterator[str]:
    """A folder for a backend that measures itself, "" for any other; however it ends, nothing is left.

    Raises:
        LaunchError: none can be made.
    """
    if not measures_itself(case.backend):
        yield ""
        return
    with scratch_folder() as path:
        yield str(path)


def _launch(
    plan: Plan, launcher: Launcher, case: Case, trial: int, scratch_folder: str
) -> list[tuple[TrialJob, EngineProcess]]:
    """Start every worker of a trial.

    Raises:
        LaunchError: one cannot be started; then none is left.
    """
    folder = plan.folder.absolute()
    started: list[tuple[TrialJob, EngineProcess]] = []
    most_frames = frame_limit(case, plan.settings)
    try:
        for worker in range(1, case.workers + 1):
            job = TrialJob(
                case=case,
                settings=plan.settings,
                trial=trial,
                launched_ns=launch_clock_ns(),
                # One picture a case is enough: its trials and its workers draw the same frames.
                frames_folder=str(folder / "frames") if (trial, worker) == (plan.first_trial, 1) else "",
                kept_folder=str(folder / "frames"),
                worker=worker,
                scratch_folder=scratch_folder,
                most_frames=most_frames,
            )
            name = f"{case.id}.{trial}.{worker}.log" if case.workers > 1 else f"{case.id}.{trial}.log"
            environment = engine_environment(case.backend, case.workers)
            started.append((job, launcher.launch(job, folder / "logs" / name, environment)))
    except LaunchError:
        for _, process in started:
            process.end()
        raise
    return started


def _hold(control: Control, place: Place) -> Iterator[Event]:
    """Measure nothing for as long as that is asked for."""
    while control.hold_requested and not control.stop_requested:
        control.is_held = True
        began_s = time.monotonic()
        time.sleep(_HOLD_POLL_S)
        yield Waiting(place.case, place.trial)
        control.held_s += time.monotonic() - began_s
    control.is_held = False


def _too_large(case: Case, smaller: Case) -> Failure:
    same = "it" if smaller == case else f"{smaller.id}, which is no larger,"
    reason = f"not measured, as {same} ran out of memory before"
    return Failure(kind=FailureKind.MEMORY, stage=Stage.START, reason=reason, fix=MORE_MEMORY)


def _unmeasured(
    case: Case, trial: int, status: TrialStatus, now: str, failure: Failure | None = None
) -> TrialResult:
    return TrialResult(case=case, trial=trial, status=status, started_at=now, ended_at=now, failure=failure)
