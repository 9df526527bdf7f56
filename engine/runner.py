"""Running a session: every trial of every case in an engine process of its own, as a stream of events."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine.backends.registry import find_backend, measures_itself
from engine.case import Case, Settings
from engine.control import Control
from engine.environment import engine_environment
from engine.events import Event, TrialEnded, TrialStarted, Waiting
from engine.interference.gpu import GpuWatch
from engine.interference.watcher import InterferenceWatch
from engine.jobs.requests import TrialJob
from engine.launcher import EngineProcess, Launcher, LaunchError, launch_clock_ns
from engine.messages import MORE_MEMORY, FailureKind, Stage
from engine.results import Failure, TrialResult, TrialStatus
from engine.usage import GpuMeter, UsageMeter
from engine.watch import TrialWatch, now_text

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


def trial_order(cases: Sequence[Case], trials: int, first: int = 1) -> list[tuple[Case, int]]:
    """Order the trials in rounds, every other one backwards: A B C, C B A, ...

    A machine that drifts while it is measured is so unfair to no case. Rounds are numbered from `first` on.
    """
    order = []
    for trial in range(first, first + trials):
        order += [(case, trial) for case in (cases if trial % 2 else reversed(cases))]
    return order


def run(plan: Plan, launcher: Launcher, control: Control) -> Iterator[Event]:
    """Measure every case of `plan` and yield what happens; ends early where `control` says so."""
    order = trial_order(plan.cases, plan.settings.trials, plan.first_trial)
    gpus = _Gpus(GpuMeter() if plan.watch_usage else None, GpuWatch())
    told: set[str] = set()
    exhausted: list[Case] = []
    try:
        for position, (case, trial) in enumerate(order, 1):
            if control.stop_requested:
                return
            known = plan.known_failures.get(case.id)
            smaller = next((other for other in exhausted if case.is_as_large_as(other)), None)
            if smaller is not None and case.id not in told:
                told.add(case.id)
                yield TrialEnded(_too_large(case, trial, smaller), position, len(order))
            if smaller is not None:
                continue
            if known is not None or control.is_skipped(case.id):
                if case.id not in told:
                    told.add(case.id)
                    result = _failed(case, trial, known) if known else _unmeasured(case, trial, "skipped")
                    yield TrialEnded(result, position, len(order))
                continue
            place = Place(case, trial, position, len(order))
            measured = yield from _attempts(plan, launcher, control, gpus, place)
            if measured is None:
                return
            if measured.status == "skipped":
                told.add(case.id)
            if measured.failure is not None and measured.failure.kind is FailureKind.MEMORY:
                told.add(case.id)
                exhausted.append(case)
            yield TrialEnded(measured, position, len(order))
            if control.stop_after_requested:
                return
    finally:
        gpus.end()


@dataclass(frozen=True)
class Place:
    """Where in a session a trial stands."""

    case: Case
    trial: int
    position: int
    total: int
    attempt: int = 1


def _attempts(
    plan: Plan, launcher: Launcher, control: Control, gpus: _Gpus, place: Place
) -> Generator[Event, None, TrialResult | None]:
    """Measure one trial, again while it is spoiled and may be; earlier attempts are told on the way."""
    while True:
        measured = yield from _measure(plan, launcher, control, gpus, place)
        if measured is None:
            return None
        measured = replace(measured, attempt=place.attempt)
        is_final = place.attempt > plan.settings.rerun_spoiled or measured.status != "done"
        if is_final or not measured.is_spoiled or control.stop_requested or control.stop_after_requested:
            return measured
        yield TrialEnded(measured, place.position, place.total, is_repeated=True)
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
        yield TrialStarted(case, trial, place.position, place.total, place.attempt)
        with ExitStack() as stack:
            try:
                scratch = stack.enter_context(_scratch_folder(case))
                workers = _launch(plan, launcher, case, trial, scratch)
            except LaunchError as error:
                failure = Failure(kind=FailureKind.ERROR, stage=Stage.START, reason=str(error))
                return _failed(case, trial, failure)
            processes = [process for _, process in workers]
            usage = UsageMeter(processes, gpus.usage) if gpus.usage is not None else None
            draws = find_backend(case.backend).draws
            pids = [process.pid for process in processes]
            interference = InterferenceWatch(pids, gpus.interference, draws=draws)
            watch = TrialWatch(workers, control, usage, interference)
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
    try:
        folder = tempfile.TemporaryDirectory(prefix="mjbench-", ignore_cleanup_errors=True)
    except OSError as error:
        raise LaunchError(f"no temporary folder can be made: {error.strerror or error}") from error
    with folder as path:
        yield path


def _launch(
    plan: Plan, launcher: Launcher, case: Case, trial: int, scratch_folder: str
) -> list[tuple[TrialJob, EngineProcess]]:
    """Start every worker of a trial.

    Raises:
        LaunchError: one cannot be started; then none is left.
    """
    folder = plan.folder.absolute()
    started: list[tuple[TrialJob, EngineProcess]] = []
    try:
        for worker in range(1, case.workers + 1):
            job = TrialJob(
                case=case,
                settings=plan.settings,
                trial=trial,
                launched_ns=launch_clock_ns(),
                # One picture a case is enough: its trials and its workers draw the same frames.
                frames_folder=str(folder / "frames") if (trial, worker) == (plan.first_trial, 1) else "",
                worker=worker,
                scratch_folder=scratch_folder,
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
        time.sleep(_HOLD_POLL_S)
        yield Waiting(place.case, place.trial)
    control.is_held = False


def _failed(case: Case, trial: int, failure: Failure) -> TrialResult:
    return _unmeasured(case, trial, "failed", failure)


def _too_large(case: Case, trial: int, smaller: Case) -> TrialResult:
    same = "it" if smaller == case else f"{smaller.id}, which is no larger,"
    reason = f"not measured, as {same} ran out of memory before"
    failure = Failure(kind=FailureKind.MEMORY, stage=Stage.START, reason=reason, fix=MORE_MEMORY)
    return _unmeasured(case, trial, "skipped", failure)


def _unmeasured(case: Case, trial: int, status: TrialStatus, failure: Failure | None = None) -> TrialResult:
    now = now_text()
    return TrialResult(case=case, trial=trial, status=status, started_at=now, ended_at=now, failure=failure)
