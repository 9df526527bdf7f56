"""The timed loop: draws frames one after the other and stamps each of their phases.

Everything in here that runs once a frame is paid by the measurement, so there is nothing in here that need
not run once a frame: stamps go into a preallocated block, and only when the block is full, time is up or a
flush is due does the loop leave for the slower part.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns

from engine.timings import STAMPS_PER_FRAME

BLOCK_FRAMES = 16384
FLUSH_NS = 250_000_000
"""Blocks leave the process this often at the least, where frames are quicker than that."""

_NEVER = 2**63 - 1


@dataclass(frozen=True)
class FramePhases:
    """The four calls that make a frame."""

    step: Callable[[], object]
    update: Callable[[], object]
    render: Callable[[], object]
    readback: Callable[[], object]


class FrameLoop:
    """Draws frames and hands their stamps on in blocks.

    Args:
        phases: the calls of one frame.
        send: takes the index of a block's first frame and the block, five int64 stamps a frame. It runs
            between two frames; its cost is part of the next frame's overhead.
        keep_going: asked between blocks; False ends the loop.
    """

    def __init__(
        self, phases: FramePhases, send: Callable[[int, bytes], None], keep_going: Callable[[], bool]
    ) -> None:
        self._phases = phases
        self._send = send
        self._keep_going = keep_going
        self._block = memoryview(array("q", bytes(8 * STAMPS_PER_FRAME * BLOCK_FRAMES)))

    def run(self, frames: int | None, duration_ns: int | None = None) -> int:
        """Draw until there are `frames` frames or `duration_ns` went by, and one frame at the least.

        Returns:
            The number of frames drawn; less than asked for where `keep_going` said so.
        """
        sent = 0
        if frames is not None:
            frames = max(1, frames)
        deadline = _NEVER if duration_ns is None else perf_counter_ns() + duration_ns
        while True:
            room = BLOCK_FRAMES if frames is None else min(BLOCK_FRAMES, frames - sent)
            used, now = self._fill(room * STAMPS_PER_FRAME, min(deadline, perf_counter_ns() + FLUSH_NS))
            self._send(sent, self._block[:used].tobytes())
            sent += used // STAMPS_PER_FRAME
            if now >= deadline or sent == frames or not self._keep_going():
                return sent

    def _fill(self, room: int, until: int) -> tuple[int, int]:
        """Draw frames until the block is full or the clock passes `until`: stamps written, time now."""
        block, now = self._block, perf_counter_ns
        phases = self._phases
        step, update, render, readback = phases.step, phases.update, phases.render, phases.readback
        i = 0
        while True:
            block[i] = now()
            step()
            block[i + 1] = now()
            update()
            block[i + 2] = now()
            render()
            block[i + 3] = now()
            readback()
            block[i + 4] = end = now()
            i += 5
            if i == room or end >= until:
                return i, end
