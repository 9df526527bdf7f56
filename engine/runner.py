"""Running a session: every trial of every case in an engine process of its own, as a stream of events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.case import Case, Settings
from engine.control import Control
from engine.environment import engine_environment
from engine.events import Event, TrialEnded, TrialStarted
from engine.jobs.requests import TrialJob
from engine.launcher import Launcher, LaunchError, launch_clock_ns
from engine.messages import FailureKind, Stage
from engine.results import Failure, TrialResult
from engine.watch import TrialWatch, now_text


@dataclass(frozen=True)
class Plan:
    """What a run does."""

    cases: Sequence[Case]
    settings: Settings
    folder: Path
    """The session's folder: PNGs go to `frames/`, what engine processes print to `logs/`."""
    known_failures: dict[str, Failure]
    """Cases, by id, of which it is known before the run that they cannot be measured, and why."""


def trial_order(cases: Sequence[Case], trials: int) -> list[tuple[Case, int]]:
    """Order the trials in rounds, every other one backwards: A B C, C B A, ...

    A machine that drifts while it is measured is so unfair to no case.
    """
    order = []
    for trial in range(1, trials + 1):
        order += [(case, trial) for case in (cases if trial % 2 else reversed(cases))]
    return order


def run(plan: Plan, launcher: Launcher, control: Control) -> Iterator[Event]:
    """Measure every case of `plan` and yield what happens; ends early where `control` says so."""
    folder = plan.folder.absolute()
    order = trial_order(plan.cases, plan.settings.trials)
    failed_before: set[str] = set()
    for position, (case, trial) in enumerate(order, 1):
        if control.stop_requested:
            return
        known = plan.known_failures.get(case.id)
        if known is not None:
            if case.id not in failed_before:
                failed_before.add(case.id)
                yield TrialEnded(_failed(case, trial, known), position, len(order))
            continue
        yield TrialStarted(case, trial, position, len(order))
        job = TrialJob(
            case=case,
            settings=plan.settings,
            trial=trial,
            launched_ns=launch_clock_ns(),
            # One picture a case is enough: its trials draw the same frames.
            frames_folder=str(folder / "frames") if trial == 1 else "",
        )
        log = folder / "logs" / f"{case.id}.{trial}.log"
        try:
            process = launcher.launch(job, log, engine_environment(case.backend))
        except LaunchError as error:
            failure = Failure(kind=FailureKind.ERROR, stage=Stage.START, reason=str(error))
            yield TrialEnded(_failed(case, trial, failure), position, len(order))
            continue
        watch = TrialWatch(job, process, control)
        yield from watch.events()
        yield TrialEnded(watch.result, position, len(order))


def _failed(case: Case, trial: int, failure: Failure) -> TrialResult:
    now = now_text()
    return TrialResult(case=case, trial=trial, status="failed", started_at=now, ended_at=now, failure=failure)
