"""Watching one engine process of a trial: its messages, its progress, its end."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

from engine.backends.registry import measures_itself
from engine.case import Case
from engine.endings import describe_exit, describe_stage, out_of_memory_kills, suggest_fix
from engine.events import Event, FramesMeasured, PreviewDrawn, TrialReady
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
    Stage,
    StageMessage,
)
from engine.results import Failure
from engine.timings import BrokenTimingsError, StampReader

_COMPILE_FACTOR = 10
"""Kernels are compiled without a sign of life: that may take so many times the limit for a hang."""


class WorkerWatch:
    """What is known of one engine process."""

    def __init__(self, job: TrialJob, process: EngineProcess) -> None:
        self.process = process
        self.stage = Stage.START
        self.ready: ReadyMessage | None = None
        self.finished: FinishedMessage | None = None
        self.failure: Failure | None = None
        self.is_stopping = False
        """An end of the process is no failure any more."""
        self.is_gone = False
        """It ended while it was being stopped, and had nothing more to say."""
        self.warmup, self.timed = StampReader(), StampReader()
        self.last_progress_s = time.monotonic()
        self._job = job
        self._kills_before = out_of_memory_kills()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be heard from it."""
        return self.finished is not None or self.failure is not None or self.is_gone

    def look(self, timeout_s: float) -> Iterator[Event] | None:
        """Wait for one message and tell what it means; None where none came."""
        message = self.process.receive(timeout_s)
        if message is None:
            return None
        self.last_progress_s = time.monotonic()
        if isinstance(message, Ended):
            self._take_end(message)
            return iter(())
        return self._take(message)

    def check_progress(self) -> None:
        """Fail where nothing was heard for too long."""
        limit_s = self._job.settings.hang_timeout_s
        if self.stage is Stage.COMPILE:
            limit_s *= _COMPILE_FACTOR
        fix = "a slow machine may need a longer hang_timeout; a driver that hangs, another backend"
        if self.stage is Stage.RUN and measures_itself(self._job.case.backend):
            # It may be silent for as long as it was asked to draw.
            limit_s += self._job.settings.duration_s or 0.0
            fix = "a runner that takes longer calls its configuration's progress() now and then"
        if time.monotonic() - self.last_progress_s <= limit_s:
            return
        self.fail(
            FailureKind.HUNG,
            f"no progress for {limit_s:g} s {describe_stage(self.stage)}, so the engine process was ended",
            fix,
        )

    def fail(self, kind: FailureKind, reason: str, fix: str = "") -> None:
        """Take down why this worker has no result."""
        if self._job.case.workers > 1:
            reason = f"worker {self._job.worker} of {self._job.case.workers}: {reason}"
        log = self.process.log_tail()
        self.failure = Failure(kind=kind, stage=self.stage, reason=reason, fix=fix, log=log)

    def _take(self, message: Message) -> Iterator[Event]:
        case, trial = self._job.case, self._job.trial
        match message:
            case StageMessage():
                self.stage = message.stage
            case ReadyMessage():
                self.ready = message
                if self._job.worker == 1:
                    yield TrialReady(case, trial, message)
            case FramesMessage():
                yield from self._take_frames(message, case)
            case PreviewMessage():
                if is_whole(message):
                    yield PreviewDrawn(case, trial, message.width, message.height, message.pixels)
                else:
                    self.fail(FailureKind.CRASHED, "it sent a broken picture")
            case FinishedMessage():
                self.finished = message
                if message.pictures is not None and (fault := message.pictures.fault) is not None:
                    self.fail(FailureKind.PICTURE, fault.reason, fault.fix)
            case FailedMessage():
                self.stage = message.stage
                self.fail(message.kind, message.reason, message.fix)
            case _:
                self.fail(FailureKind.CRASHED, "it answered a question nobody asked")

    def _take_frames(self, message: FramesMessage, case: Case) -> Iterator[Event]:
        reader = self.warmup if message.warm_up else self.timed
        try:
            phases = reader.read(message.first, message.stamps)
        except BrokenTimingsError as error:
            self.fail(FailureKind.CRASHED, f"its timings are broken: {error}")
            return
        worker = self._job.worker
        yield FramesMeasured(
            case, self._job.trial, message.warm_up, phases, reader.frames, reader.wall_ns, worker
        )

    def _take_end(self, ended: Ended) -> None:
        where = describe_stage(self.stage)
        if self.is_stopping:
            self.is_gone = True
            return
        if ended.garbage:
            self.fail(FailureKind.CRASHED, f"the engine process sent {ended.garbage} {where}")
            return
        code = ended.exit_code
        # A driver that brings the process down while it opens does not work here.
        kind = FailureKind.BACKEND if self.stage is Stage.OPEN else FailureKind.CRASHED
        if code == -signal.SIGKILL and out_of_memory_kills() > self._kills_before:
            kind = FailureKind.MEMORY
        self.fail(kind, f"the engine process {describe_exit(code)} {where}", suggest_fix(code))


def is_whole(message: PreviewMessage) -> bool:
    """Whether a picture has the size that it says, and not too much of it."""
    width, height = message.width, message.height
    return 0 < width <= MOST_COLUMNS and 0 < height <= MOST_ROWS and len(message.pixels) == 3 * width * height
