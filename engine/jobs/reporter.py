"""How a job tells where it is, and why it cannot go on."""

import time
from collections.abc import Callable

from engine.messages import FailureKind, Message, Stage, StageMessage, encode

_EVERY_S = 0.05
"""Signs of life in the same stage follow one another no faster."""


class JobError(Exception):
    """The job cannot go on; the message is one sentence."""

    def __init__(self, kind: FailureKind, reason: str, fix: str = "") -> None:
        super().__init__(reason)
        self.kind = kind
        self.fix = fix


class Reporter:
    """Sends messages, and remembers the stage for the one about a failure."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self.stage = Stage.START
        self._told_s = 0.0

    def enter(self, stage: Stage) -> None:
        """Tell that `stage` begins; every stage counts as progress, the same one again too."""
        now = time.monotonic()
        if stage is self.stage and now - self._told_s < _EVERY_S:
            return
        self.stage = stage
        self._told_s = now
        self.send(StageMessage(stage=stage))

    def send(self, message: Message) -> None:
        """Put one message on the queue."""
        self._put(encode(message))
