"""Waiting for engine processes where the one who waits may itself stand still: such time does not count."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.messages import Message
    from engine.process.launcher import Ended, EngineProcess

_COUNTS_S = 1.0
"""Looks that come this much later than they should were held up; a busy machine delays them by less."""
_LOOK_S = 0.2


class Attention:
    """Notices where this process stood still: stopped by a signal, by a debugger, in a paused container.

    Args:
        every_s: how often `missed_s` is asked for where nothing is wrong.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._asked_s = time.monotonic()

    def missed_s(self) -> float:
        """How long ago this was asked before, where that is much too long ago; else 0."""
        before_s, self._asked_s = self._asked_s, time.monotonic()
        gone_s = self._asked_s - before_s
        return gone_s if gone_s > self._every_s + _COUNTS_S else 0.0


class Patience:
    """Waits for what one engine process says, for a limited time.

    Args:
        process: who is listened to.
        limit_s: how long in all.
        is_unwanted: asked a few times a second; True ends the waiting.
    """

    def __init__(
        self, process: EngineProcess, limit_s: float, is_unwanted: Callable[[], bool] | None = None
    ) -> None:
        self._process = process
        self._limit_s = limit_s
        self._is_unwanted = is_unwanted or (lambda: False)
        self._attention = Attention(_LOOK_S)
        self._deadline_s = time.monotonic() + limit_s

    def extend(self, more_s: float) -> None:
        """Let it take so much longer."""
        self._deadline_s += more_s

    def renew(self) -> None:
        """Give it the whole time once more."""
        self._deadline_s = time.monotonic() + self._limit_s

    def receive(self) -> Message | Ended | None:
        """Wait for what comes next; None where the time is over or nobody wants it any more."""
        while True:
            self._deadline_s += self._attention.missed_s()
            left_s = self._deadline_s - time.monotonic()
            if left_s <= 0 or self._is_unwanted():
                return None
            if (said := self._process.receive(min(left_s, _LOOK_S))) is not None:
                return said
