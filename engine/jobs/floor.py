"""Measuring what a frame takes at the least: an empty draw, and a copy of the pixels."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.floor import Floor
from engine.jobs.repeating import repetitions

if TYPE_CHECKING:
    from engine.backends.base import Backend

_LONGEST_S = 0.1
"""Draws are timed for so long, and copies."""
_MOST_COPIED = 32 * 2**20
"""Bytes: of more, a part is copied and the time scaled, as a big batch may fill the memory that there is."""


def sample_floor(backend: Backend, delivered_pixels: int, sign_of_life: Callable[[], object]) -> Floor | None:
    """Time draws with nothing in them and copies of as many bytes as a batch's readback delivers.

    The quickest of each counts: other work on the machine can only make it longer, and what is to be known is
    how short it can be. The first draw is left out, as the driver may make something ready in it.

    Args:
        backend: one that has drawn its frames; what it is to draw is as before afterwards.
        delivered_pixels: of all images in a batch; 0 where they stay on the device.
        sign_of_life: called before each draw.

    Returns:
        None where it could not be measured: the frames of the trial are not given up for that.
    """
    try:
        draws = _time_empty_draws(backend, sign_of_life)
        copy_bytes = delivered_pixels * backend.read_bytes_per_pixel
        copies = time_copies(copy_bytes)
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return None
    return Floor(
        empty_draw_ms=min(draws) if draws else None,
        empty_draws=len(draws),
        copy_ms=min(copies, default=0.0),
        copy_bytes=copy_bytes,
        copies=len(copies),
    )


def _time_empty_draws(backend: Backend, sign_of_life: Callable[[], object]) -> list[float]:
    """Milliseconds of each draw; none where the backend has no such draw."""
    with backend.empty_draw() as draw:
        if draw is None:
            return []
        sign_of_life()
        draw()
        return _timed(draw, sign_of_life)


def time_copies(size: int) -> list[float]:
    """Milliseconds of each copy of `size` bytes, by one thread, into an array that is there already.

    So it is with readback, whose array is made once and used for every frame: in an array that is new, the
    copy would also pay for the system's first handing out of its pages.
    """
    if not size:
        return []
    import numpy as np

    part = min(size, _MOST_COPIED)
    source, target = np.ones(part, np.uint8), np.zeros(part, np.uint8)
    return [ms * size / part for ms in _timed(lambda: np.copyto(target, source), lambda: None)]


def _timed(call: Callable[[], object], before: Callable[[], object]) -> list[float]:
    """Call again and again, and tell the milliseconds of each call; `before` is not timed."""
    times: list[float] = []
    for _ in repetitions(_LONGEST_S):
        before()
        started = time.perf_counter_ns()
        call()
        times.append((time.perf_counter_ns() - started) / 1e6)
    return times
