"""What the one who watches asks of a trial that runs: single bytes in a pipe."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Callable

PREVIEW = b"p"
"""A picture of what is drawn."""
GO = b"g"
"""All workers are ready: the timed loop begins."""

_LOOK_S = 0.1


class Asked:
    """The reading end of the pipe.

    To look costs a microsecond and never waits.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)
        self._preview = False
        self._go = False

    def take_preview(self) -> bool:
        """Whether a picture was asked for since this was asked last."""
        self._read()
        asked, self._preview = self._preview, False
        return asked

    def wait_for_go(self, keep_waiting: Callable[[], bool]) -> None:
        """Return when all workers are to begin, or when `keep_waiting` says no."""
        while not self._go and keep_waiting():
            select.select([self._descriptor], [], [], _LOOK_S)
            self._read()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            read = os.read(self._descriptor, 64)
            self._preview |= PREVIEW in read
            self._go |= GO in read
