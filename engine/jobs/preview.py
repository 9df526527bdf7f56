"""Pictures for whoever watches: only where asked for, between two frames, and small."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.messages import PreviewMessage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.jobs.asked import Asked
    from engine.jobs.reporter import Reporter

MOST_COLUMNS, MOST_ROWS = 192, 108
EVERY_S = 1.0
"""No picture follows another sooner, however often one is asked for."""


class Previews:
    """Sends the frame last read back, where one was asked for.

    Called between two frames, where blocks of timings are sent too: its time is part of the next frame's
    overhead.

    Args:
        reporter: takes the message.
        asked: who asks; None where nobody ever does.
    """

    def __init__(self, reporter: Reporter, asked: Asked | None) -> None:
        self._reporter = reporter
        self._asked = asked
        self._is_wanted = False
        self._next_s = 0.0

    def answer(self, frame: Callable[[], NDArray[np.uint8] | None]) -> None:
        """Send what `frame` gives, shape (height, width, 3), top row first, if it is time to.

        A backend may have to unpack its pixels, or to fetch them: it is not asked where nobody looks.
        """
        if self._asked is None:
            return
        self._is_wanted |= self._asked.take_preview()
        if not self._is_wanted or time.monotonic() < self._next_s:
            return
        pixels = frame()
        if pixels is None:
            return
        small = sample(pixels)
        self._is_wanted = False
        self._next_s = time.monotonic() + EVERY_S
        self._reporter.send(
            PreviewMessage(width=small.shape[1], height=small.shape[0], pixels=small.tobytes())
        )


def sample(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Take every so manieth pixel, so that at most `MOST_COLUMNS` x `MOST_ROWS` are left.

    An average would look smoother and cost fifteen times as much; who shows the picture averages these.
    """
    height, width = pixels.shape[:2]
    stride = max(-(-width // MOST_COLUMNS), -(-height // MOST_ROWS))
    return pixels[::stride, ::stride]
