"""In which order an engine process tells of a trial, and what it may claim: only what it can have measured.

What it says decides figures that people believe, and a driver may have written over any part of its memory.
"""

from __future__ import annotations

import time

from engine.backends.registry import measures_itself
from engine.jobs.preview import MOST_COLUMNS, MOST_ROWS
from engine.jobs.requests import TrialJob
from engine.messages import (
    FailedMessage,
    FinishedMessage,
    FramesMessage,
    Message,
    PreviewMessage,
    ReadyMessage,
    Stage,
    StageMessage,
)
from engine.metrics import BenchmarkMetrics
from engine.pictures.fingerprint import MOST_CELLS
from engine.pictures.records import Fingerprint
from engine.timings import PHASES, StampReader

_STAGES = list(Stage)
_LONGEST_NAME = 255


class ProtocolError(Exception):
    """An engine process said what it cannot say here; the message goes on after "the engine process "."""


class TrialProtocol:
    """Follows what one engine process tells of its trial.

    Args:
        job: what it was asked for.
        warmup: has read the warm-up's frames.
        timed: has read the timed ones.
    """

    def __init__(self, job: TrialJob, warmup: StampReader, timed: StampReader) -> None:
        self._job = job
        self._warmup, self._timed = warmup, timed
        self._times_itself = measures_itself(job.case.backend)
        self._times_ready = 0
        self.stage = Stage.START
        self.is_released = job.case.workers == 1
        """Whether it may begin its timed loop."""
        self.is_stopping = False
        """Whether it was asked to stop."""

    def check(self, message: Message) -> None:
        """Look at what comes next, before it is used.

        Raises:
            ProtocolError: it does not fit what came before, or what was asked for.
        """
        match message:
            case StageMessage():
                self._enter(message.stage)
            case ReadyMessage():
                self._check_ready()
            case FramesMessage():
                self._check_place_of_frames(message.warm_up)
            case PreviewMessage():
                self._demand(self._is_drawing, "sent a picture before it drew any")
                self._demand(is_whole(message), "sent a broken picture")
            case FinishedMessage():
                self._check_finished(message)
            case FailedMessage():
                self.stage = max(self.stage, message.stage, key=_STAGES.index)
            case _:
                raise ProtocolError("answered a question that nobody asked")

    def check_frames(self, message: FramesMessage) -> None:
        """Look at frames once they were read.

        Raises:
            ProtocolError: there are more than were asked for, or they were not drawn since its start.
        """
        if self._times_itself:
            return
        reader = self._warmup if message.warm_up else self._timed
        most = self._job.warmup_batches if message.warm_up else self._job.most_batches
        self._demand(most is None or reader.frames <= most, f"drew more than the {most} frames asked for")
        self._demand(
            self._job.launched_ns <= reader.start_ns and reader.end_ns <= time.monotonic_ns(),
            "sent frames of another time than that in which it ran",
        )
        self._demand(
            message.warm_up or self._warmup.end_ns <= self._timed.start_ns,
            "sent timed frames from before the end of its warm-up",
        )

    def _enter(self, stage: Stage) -> None:
        is_later = _STAGES.index(stage) >= _STAGES.index(self.stage)
        self._demand(is_later, f"went back from {self.stage} to {stage}")
        if stage in (Stage.WARM_UP, Stage.BARRIER, Stage.RUN, Stage.FINISH):
            self._demand(self._times_ready > 0, "began to draw before its renderer was open")
        if stage is Stage.RUN:
            self._demand(self.is_released, "did not wait for the other workers")
        self.stage = stage

    def _check_ready(self) -> None:
        # What draws for a runner is known a second time, when it has drawn.
        again = self._times_itself and self.stage is Stage.FINISH and self._times_ready == 1
        self._demand(not self._times_ready or again, "said twice that its renderer was open")
        opened = (Stage.SCENE, Stage.FINISH) if self._times_itself else (Stage.OPEN, Stage.COMPILE)
        self._demand(self.stage in opened, "said too early that its renderer was open")
        self._times_ready += 1

    def _check_place_of_frames(self, warm_up: bool) -> None:
        place = Stage.WARM_UP if warm_up else Stage.RUN
        self._demand(
            self.stage is (Stage.FINISH if self._times_itself else place),
            "sent frames that it cannot have drawn then",
        )

    @property
    def _is_drawing(self) -> bool:
        return _STAGES.index(self.stage) >= _STAGES.index(Stage.WARM_UP)

    def _check_finished(self, message: FinishedMessage) -> None:
        self._demand(self.stage is Stage.FINISH, "said that it had finished before it had drawn")
        self._check_names(message.saved_frames)
        if message.pictures is not None and message.pictures.fingerprint is not None:
            self._demand(is_small(message.pictures.fingerprint), "sent a broken picture")
        if message.metrics is not None:
            self._demand(self._times_itself, "told figures of its own, which nobody asked for")
            self._demand(_are_whole(message.metrics), "told figures that no frames have")
        if message.stopped:
            was_drawing = self._timed.frames > 0
            self._demand(was_drawing or self.is_stopping, "was told to end by another program (SIGTERM)")
        elif not self._times_itself:
            self._check_all_was_drawn()
        else:
            has_told = message.metrics is not None or (self._timed.frames and self._warmup.frames)
            self._demand(bool(has_told), "finished without any frames")

    def _check_all_was_drawn(self) -> None:
        frames, most = self._timed.frames, self._job.most_batches
        enough = most is not None and frames == most
        if not enough and frames and (duration_s := self._job.settings.duration_s) is not None:
            # The timed loop begins after the warm-up's last frame.
            enough = self._timed.end_ns - self._warmup.end_ns >= round(duration_s * 1e9)
        self._demand(enough, "finished before it had drawn all that was asked for")
        self._demand(self._warmup.frames == self._job.warmup_batches, "finished without a whole warm-up")

    def _check_names(self, names: tuple[str, ...]) -> None:
        prefix = f"{self._job.case.id}.{self._job.trial}."
        for name in names:
            is_plain = name.startswith(prefix) and name.endswith(".png") and len(name) <= _LONGEST_NAME
            is_plain = is_plain and name.isprintable() and not {"/", "\\"}.intersection(name)
            self._demand(is_plain, "named a picture that is none of its own")

    @staticmethod
    def _demand(is_so: bool, otherwise: str) -> None:
        if not is_so:
            raise ProtocolError(otherwise)


def is_whole(message: PreviewMessage) -> bool:
    """Whether a picture has the size that it says, and not too much of it."""
    width, height = message.width, message.height
    return 0 < width <= MOST_COLUMNS and 0 < height <= MOST_ROWS and len(message.pixels) == 3 * width * height


def is_small(picture: Fingerprint) -> bool:
    """Whether a fingerprint has the size that it says, and not too much of it."""
    width, height = picture.width, picture.height
    return 0 < width <= MOST_CELLS and 0 < height <= MOST_CELLS and len(picture.pixels) == 3 * width * height


def _are_whole(metrics: BenchmarkMetrics) -> bool:
    """Whether figures that were told, not computed here, are of one worker's frames."""
    return (
        metrics.frames > 0
        and metrics.fps > 0
        and metrics.wall_time_s > 0
        and set(metrics.phases) == set(PHASES)
        and not metrics.worker_fps
        and metrics.fairness is None
        and metrics.steady is None
        and not metrics.intervals
        and all(0 <= phase.share <= 1 for phase in metrics.phases.values())
    )
