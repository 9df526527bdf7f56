"""Watching one trial: from the messages of its engine process to its result, whatever the process does."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from engine.control import Control
from engine.events import (
    Event,
    FramesMeasured,
    PreviewDrawn,
    StageEntered,
    TrialReady,
    UsageMeasured,
    Waiting,
)
from engine.jobs.preview import MOST_COLUMNS, MOST_ROWS
from engine.jobs.requests import TrialJob
from engine.launcher import Ended, EngineProcess
from engine.messages import (
    FailedMessage,
    FailureKind,
    FinishedMessage,
    FramesMessage,
    Message,
    PreviewMessage,
    ReadyMessage,
    SceneMessage,
    Stage,
    StageMessage,
)
from engine.results import Failure, TrialResult, TrialStatus
from engine.timings import BrokenTimingsError, StampReader, TrialTimings
from engine.usage import UsageMeter

_POLL_S = 0.1
_STOP_GRACE_S = 10.0
"""How long the frame that is being drawn may still take after a stop was asked for."""


def now_text() -> str:
    """Now, as ISO 8601 with the offset from UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class TrialWatch:
    """Follows one engine process until it is done, failed, hung or stopped.

    After `events` is exhausted, `result` tells how the trial ended.
    """

    def __init__(
        self, job: TrialJob, process: EngineProcess, control: Control, usage: UsageMeter | None = None
    ) -> None:
        self._job = job
        self._process = process
        self._control = control
        self._usage = usage
        self.given_up = False
        """True where the trial ended because the run is held: it has no result and is to be measured anew."""
        self._stage = Stage.START
        self._ready: ReadyMessage | None = None
        self._finished: FinishedMessage | None = None
        self._failure: Failure | None = None
        self._readers = {True: StampReader(), False: StampReader()}
        self._started_at = now_text()
        self._stop_asked_at: float | None = None

    def events(self) -> Iterator[Event]:
        """Yield what happens, until the trial is over and its process is gone."""
        last_progress = time.monotonic()
        try:
            while self._finished is None and self._failure is None:
                if self._is_unwanted and self._stop_asked_at is None:
                    self._stop_asked_at = time.monotonic()
                    self._process.stop()
                if self._control.take_preview_request():
                    self._process.request_preview()
                message = self._process.receive(_POLL_S)
                now = time.monotonic()
                if message is not None:
                    last_progress = now
                if self._is_over_time(now, last_progress):
                    break
                if self._usage is not None and (used := self._usage.look()) is not None:
                    yield UsageMeasured(self._job.case, self._job.trial, used)
                if message is None:
                    yield Waiting(self._job.case, self._job.trial)
                elif isinstance(message, Ended):
                    self._failure = self._explain_end(message)
                    break
                else:
                    yield from self._take(message)
        finally:
            self._process.end()

    @property
    def _is_unwanted(self) -> bool:
        return self._control.stop_requested or self._control.is_skipped(self._job.case.id)

    def _is_over_time(self, now: float, last_progress: float) -> bool:
        if self._control.kill_requested:
            return True
        if self._control.hold_requested:
            self.given_up = True
            return True
        if self._stop_asked_at is not None:
            return now - self._stop_asked_at > _STOP_GRACE_S
        limit_s = self._job.settings.hang_timeout_s
        if now - last_progress <= limit_s:
            return False
        where = describe_stage(self._stage)
        self._failure = Failure(
            kind=FailureKind.HUNG,
            stage=self._stage,
            reason=f"no progress for {limit_s:g} s {where}, so the engine process was ended",
            fix="a slow machine may need a longer hang_timeout; a driver that hangs, another backend",
            log=self._process.log_tail(),
        )
        return True

    def _take(self, message: Message) -> Iterator[Event]:
        case, trial = self._job.case, self._job.trial
        match message:
            case StageMessage():
                self._stage = message.stage
                yield StageEntered(case, trial, message.stage)
            case ReadyMessage():
                self._ready = message
                yield TrialReady(case, trial, message)
            case FramesMessage():
                reader = self._readers[message.warm_up]
                try:
                    phases = reader.read(message.first, message.stamps)
                except BrokenTimingsError as error:
                    self._failure = self._failed(FailureKind.CRASHED, f"its timings are broken: {error}")
                    return
                yield FramesMeasured(case, trial, message.warm_up, phases, reader.frames, reader.wall_ns)
            case PreviewMessage():
                if is_whole(message):
                    yield PreviewDrawn(case, trial, message.width, message.height, message.pixels)
                else:
                    self._failure = self._failed(FailureKind.CRASHED, "it sent a broken picture")
            case FinishedMessage():
                self._finished = message
            case FailedMessage():
                self._stage = message.stage
                self._failure = self._failed(message.kind, message.reason, message.fix)
            case SceneMessage():
                self._failure = self._failed(FailureKind.CRASHED, "it answered a question nobody asked")

    def _failed(self, kind: FailureKind, reason: str, fix: str = "") -> Failure:
        return Failure(kind=kind, stage=self._stage, reason=reason, fix=fix, log=self._process.log_tail())

    def _explain_end(self, ended: Ended) -> Failure | None:
        if self._stop_asked_at is not None:
            return None
        # A driver that brings the process down while it opens does not work here.
        kind = FailureKind.BACKEND if self._stage is Stage.OPEN else FailureKind.CRASHED
        where = describe_stage(self._stage)
        if ended.garbage:
            return self._failed(FailureKind.CRASHED, f"the engine process sent {ended.garbage} {where}")
        reason = f"the engine process {describe_exit(ended.exit_code)} {where}"
        return self._failed(kind, reason, suggest_fix(ended.exit_code))

    @property
    def result(self) -> TrialResult:
        """How the trial ended; to be asked for once, after `events`."""
        from engine.statistics import benchmark_metrics

        timings = TrialTimings(warmup=self._readers[True].take(), timed=self._readers[False].take())
        metrics = None
        if len(timings.timed["step"]) and self._failure is None:
            metrics = benchmark_metrics(timings, self._pixels)
        status: TrialStatus = "done"
        if self._failure is not None:
            status = "failed"
        elif self._finished is None or self._finished.stopped:
            skipped = self._control.is_skipped(self._job.case.id) and not self._control.stop_requested
            status = "skipped" if skipped else "interrupted"
        ready, finished = self._ready, self._finished
        return TrialResult(
            case=self._job.case,
            trial=self._job.trial,
            status=status,
            started_at=self._started_at,
            ended_at=now_text(),
            metrics=metrics,
            failure=self._failure,
            renderer=ready.renderer if ready else None,
            drawn=finished.drawn if finished else None,
            camera=ready.camera if ready else "",
            steps_per_frame=ready.steps_per_frame if ready else 0,
            start_up=ready.start_up if ready else None,
            saved_frames=tuple(f"frames/{name}" for name in finished.saved_frames) if finished else (),
            timings=timings if metrics else None,
        )

    @property
    def _pixels(self) -> int:
        from engine.backends.registry import find_backend

        return self._job.case.resolution.pixels if find_backend(self._job.case.backend).draws else 0


def is_whole(message: PreviewMessage) -> bool:
    """Whether a picture has the size that it says, and not too much of it."""
    width, height = message.width, message.height
    return 0 < width <= MOST_COLUMNS and 0 < height <= MOST_ROWS and len(message.pixels) == 3 * width * height


_STAGE_WORDS = {
    Stage.START: "while it started",
    Stage.IMPORT: "while it imported the renderer",
    Stage.SCENE: "while it loaded the scene",
    Stage.COMPILE: "while it compiled the model",
    Stage.OPEN: "while it opened the renderer",
    Stage.WARM_UP: "during warm-up",
    Stage.RUN: "in the timed loop",
    Stage.FINISH: "after the last frame",
}


def describe_stage(stage: Stage) -> str:
    """Say when, as the end of a sentence."""
    return _STAGE_WORDS[stage]


def describe_exit(exit_code: int | None) -> str:
    """Say how a process ended, as the middle of a sentence."""
    if exit_code is None:
        return "closed its queue and went on"
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        hint = " (the kernel does this when memory runs out)" if exit_code == -signal.SIGKILL else ""
        return f"was killed by {name}{hint}"
    return f"exited with code {exit_code} too early"


def suggest_fix(exit_code: int | None) -> str:
    """Say what a person can do about a process that ended too early."""
    if exit_code == -signal.SIGKILL:
        return "choose a smaller resolution or scene, or a machine with more memory"
    return "look whether the driver is installed as a whole, or choose another backend"
