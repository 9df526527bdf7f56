"""Watching one engine process of a trial: its messages, its progress, its end."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

from engine.backends.registry import measures_itself
from engine.case import Case
from engine.events import Event, FramesMeasured, PreviewDrawn, TrialReady
from engine.jobs.requests import TrialJob
from engine.messages import (
    MORE_MEMORY,
    FailedMessage,
    FailureKind,
    FinishedMessage,
    FramesMessage,
    Message,
    PreviewMessage,
    ReadyMessage,
    Stage,
)
from engine.process.bounds import one_sentence
from engine.process.endings import (
    describe_exit,
    describe_stage,
    is_out_of_memory,
    out_of_memory_kills,
    suggest_fix,
)
from engine.process.launcher import Ended, EngineProcess
from engine.process.protocol import ProtocolError, TrialProtocol
from engine.results import Failure
from engine.timings import BrokenTimingsError, StampReader

_COMPILE_FACTOR = 10
"""Kernels are compiled without a sign of life: that may take so many times the limit for a hang."""
_NOT_TO_BE_TRUSTED = "what draws has damaged its own process: update the driver, or choose another backend"


class WorkerWatch:
    """What is known of one engine process."""

    def __init__(self, job: TrialJob, process: EngineProcess) -> None:
        self.process = process
        self.ready: ReadyMessage | None = None
        self.finished: FinishedMessage | None = None
        self.failure: Failure | None = None
        self.is_gone = False
        """It ended while it was being stopped, and had nothing more to say."""
        self.warmup, self.timed = StampReader(), StampReader()
        self._job = job
        self._protocol = TrialProtocol(job, self.warmup, self.timed)
        self._kills_before = out_of_memory_kills()
        self._heard_s = time.monotonic()
        self._running_since_s: float | None = None

    @property
    def stage(self) -> Stage:
        """How far it has come."""
        return self._protocol.stage

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be heard from it."""
        return self.finished is not None or self.failure is not None or self.is_gone

    def stop(self) -> None:
        """Ask it to end; from now on its end is no failure."""
        self._protocol.is_stopping = True
        self.process.stop()

    def release(self) -> None:
        """Let it begin its timed loop."""
        self._protocol.is_released = True
        self._heard_s = time.monotonic()
        self.process.release()

    def forgive(self, missed_s: float) -> None:
        """Do not count so much time in which nobody watched."""
        self._heard_s += missed_s
        if self._running_since_s is not None:
            self._running_since_s += missed_s

    def look(self, timeout_s: float) -> Iterator[Event] | None:
        """Wait for one message and tell what it means; None where none came."""
        message = self.process.receive(timeout_s)
        if message is None:
            return None
        self._heard_s = time.monotonic()
        if isinstance(message, Ended):
            self._take_end(message)
            return iter(())
        return self._take(message)

    def check_progress(self) -> None:
        """Fail where nothing was heard for too long, or where it goes on for too long."""
        now = time.monotonic()
        limit_s = self._job.settings.hang_timeout_s
        duration_s = self._job.settings.duration_s
        fix = "a slow machine may need a longer hang_timeout; a driver that hangs, another backend"
        if self.stage is Stage.COMPILE:
            limit_s *= _COMPILE_FACTOR
        if self.stage is Stage.RUN and measures_itself(self._job.case.backend):
            # It may be silent for as long as it was asked to draw.
            limit_s += duration_s or 0.0
            fix = "a runner that takes longer calls its configuration's progress() now and then"
        elif duration_s is not None and now - (self._running_since_s or now) > duration_s + limit_s:
            went_on = f"drew for {limit_s:g} s more than the {duration_s:g} s asked for"
            self.fail(FailureKind.HUNG, f"the engine process {went_on}, so it was ended", fix)
            return
        if now - self._heard_s > limit_s:
            where = describe_stage(self.stage)
            reason = f"no progress for {limit_s:g} s {where}, so the engine process was ended"
            self.fail(FailureKind.HUNG, reason, fix)

    def fail(self, kind: FailureKind, reason: str, fix: str = "") -> None:
        """Take down why this worker has no result."""
        reason = one_sentence(reason) or "the engine process failed and did not say why"
        if self._job.case.workers > 1:
            reason = f"worker {self._job.worker} of {self._job.case.workers}: {reason}"
        log = self.process.log_tail()
        self.failure = Failure(kind=kind, stage=self.stage, reason=reason, fix=one_sentence(fix), log=log)

    def _take(self, message: Message) -> Iterator[Event]:
        try:
            self._protocol.check(message)
            is_running = self.stage is Stage.RUN
            self._running_since_s = (self._running_since_s or time.monotonic()) if is_running else None
            yield from self._use(message)
        except ProtocolError as error:
            where = describe_stage(self.stage)
            self.fail(FailureKind.CRASHED, f"the engine process {error} {where}", _NOT_TO_BE_TRUSTED)

    def _use(self, message: Message) -> Iterator[Event]:
        case, trial = self._job.case, self._job.trial
        match message:
            case ReadyMessage():
                self.ready = message
                if self._job.worker == 1:
                    yield TrialReady(case, trial, message)
            case FramesMessage():
                yield from self._use_frames(message, case)
            case PreviewMessage():
                yield PreviewDrawn(case, trial, message.width, message.height, message.pixels)
            case FinishedMessage():
                self.finished = message
                if message.pictures is not None and (fault := message.pictures.fault) is not None:
                    self.fail(FailureKind.PICTURE, fault.reason, fault.fix)
            case FailedMessage():
                self.fail(message.kind, message.reason, message.fix)

    def _use_frames(self, message: FramesMessage, case: Case) -> Iterator[Event]:
        reader = self.warmup if message.warm_up else self.timed
        try:
            phases = reader.read(message.first, message.stamps)
        except BrokenTimingsError as error:
            raise ProtocolError(f"sent broken timings ({error})") from error
        self._protocol.check_frames(message)
        worker = self._job.worker
        yield FramesMeasured(
            case, self._job.trial, message.warm_up, phases, reader.frames, reader.wall_ns, worker
        )

    def _take_end(self, ended: Ended) -> None:
        where = describe_stage(self.stage)
        if self._protocol.is_stopping:
            self.is_gone = True
            return
        if ended.garbage:
            reason = f"the engine process sent {ended.garbage} {where}"
            self.fail(FailureKind.CRASHED, reason, _NOT_TO_BE_TRUSTED)
            return
        code = ended.exit_code
        # A driver that brings the process down while it opens does not work here.
        kind, fix = (
            FailureKind.BACKEND if self.stage is Stage.OPEN else FailureKind.CRASHED,
            suggest_fix(code),
        )
        reason = f"the engine process {describe_exit(code)} {where}"
        if code == -signal.SIGKILL and out_of_memory_kills() > self._kills_before:
            kind = FailureKind.MEMORY
        elif is_out_of_memory(code, self.process.log_tail()):
            kind, fix, reason = FailureKind.MEMORY, MORE_MEMORY, f"{reason}, as memory ran out"
        self.fail(kind, reason, fix)
