"""The frame times that a runner told, as the stamps from which the instrument computes every figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.backends.madrona_runner.numbers import WrongResultError, count, number, times_ns
from engine.loop import BLOCK_FRAMES
from engine.timings import PHASES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Nanoseconds = NDArray[np.int64]

FRAME_TIMES, WARMUP_TIMES, PHASE_TIMES = "frame_times_ms", "warmup_times_ms", "phase_times_ms"
TIME_KEYS = (FRAME_TIMES, WARMUP_TIMES, PHASE_TIMES)
CHECKED_KEYS = ("frames", "warmup_frames", "wall_time_s", "fps")
"""Figures that may stand beside frame times, with which they must agree."""
TOLERANCE = 0.02
"""By so much of itself a figure may differ from what it is computed from."""
_CLOCK_S = 1e-3
"""So far apart may two readings of the clock be that mean the same moment."""
_MEASURED = PHASES[:-1]
_OVERHEAD_NS = 1_000
"""By so much may the phases of a frame exceed it: two clocks, or rounding."""


@dataclass(frozen=True)
class FrameTimes:
    """What each batch took, as phases of shape (batches,), nanoseconds."""

    warmup: dict[str, Nanoseconds]
    timed: dict[str, Nanoseconds]

    def blocks(self) -> Iterator[tuple[bool, int, bytes]]:
        """Whether it is the warm-up, the first frame's number, and stamps as `FramesMessage` has them."""
        for warm_up, phases in ((True, self.warmup), (False, self.timed)):
            frames = len(phases[PHASES[0]])
            end_ns = 0
            for first in range(0, frames, BLOCK_FRAMES):
                part = [phases[name][first : first + BLOCK_FRAMES] for name in ("overhead", *_MEASURED)]
                stamps = end_ns + np.cumsum(np.stack(part, axis=1), dtype=np.int64)
                end_ns = int(stamps[-1])
                yield warm_up, first, stamps.tobytes()


def read_times(told: Mapping[str, Any], worlds: int) -> FrameTimes:
    """Read frame times, and hold what stands beside them against them.

    Args:
        told: what a runner returned, with `frame_times_ms`.
        worlds: frames in each batch that was timed.

    Raises:
        WrongResultError: something is missing, no time, or does not agree.
    """
    if WARMUP_TIMES not in told:
        raise WrongResultError(
            f"no {WARMUP_TIMES}: the times of the batches before the timed ones, of the first at least"
        )
    timed = times_ns(FRAME_TIMES, told[FRAME_TIMES])
    warmup = times_ns(WARMUP_TIMES, told[WARMUP_TIMES])
    if not timed.sum():
        raise WrongResultError(f"{FRAME_TIMES} that are all 0")
    phases = _phases(told.get(PHASE_TIMES) or {}, timed)
    _check_agreement(told, timed, len(warmup), worlds)
    return FrameTimes(_in_render(warmup), phases)


def _in_render(times: Nanoseconds) -> dict[str, Nanoseconds]:
    """Frames of which no phase is known: all of each counts as `render`."""
    nothing = np.zeros_like(times)
    return {name: times if name == "render" else nothing for name in PHASES}


def _phases(told: Any, times: Nanoseconds) -> dict[str, Nanoseconds]:
    """Take each frame apart; what none of its phases accounts for is `overhead`."""
    if not isinstance(told, Mapping):
        raise WrongResultError(f"{PHASE_TIMES} of type {type(told).__name__}, expected a mapping")
    if not told:
        return _in_render(times)
    phases = {name: np.zeros_like(times) for name in PHASES}
    for name, value in told.items():
        if name not in _MEASURED:
            raise WrongResultError(f"{PHASE_TIMES} of {name!r}, expected some of {', '.join(_MEASURED)}")
        column = times_ns(f"{PHASE_TIMES}[{name!r}]", value)
        if len(column) != len(times):
            raise WrongResultError(
                f"{len(column)} {PHASE_TIMES} of {name!r} and {len(times)} {FRAME_TIMES}, expected as many"
            )
        phases[name] = column
    left = times - sum(phases.values())
    if (left < -_OVERHEAD_NS).any():
        index = int((left < -_OVERHEAD_NS).argmax())
        raise WrongResultError(f"{PHASE_TIMES} that add up to more than {FRAME_TIMES}[{index}]")
    phases["overhead"] = np.maximum(left, 0)
    # Overhead is time since the frame before, which the first one has not.
    phases["render"][0] += phases["overhead"][0]
    phases["overhead"][0] = 0
    return phases


def _check_agreement(told: Mapping[str, Any], timed: Nanoseconds, warmup_batches: int, worlds: int) -> None:
    for name, batches in (("frames", len(timed)), ("warmup_frames", warmup_batches)):
        if name in told and count(name, told[name], 1) != batches * worlds:
            key = FRAME_TIMES if name == "frames" else WARMUP_TIMES
            raise WrongResultError(
                f"{name} = {told[name]} and {batches} {key}, which is {batches * worlds} frames"
                + (f" with {worlds} worlds in a batch" if worlds > 1 else "")
            )
    spent_s = float(timed.sum()) / 1e9
    if "wall_time_s" in told:
        wall_s = number("wall_time_s", told["wall_time_s"])
        check_close("wall_time_s", wall_s, spent_s, FRAME_TIMES, _CLOCK_S)
    if "fps" in told:
        check_close("fps", number("fps", told["fps"]), len(timed) * worlds / spent_s, FRAME_TIMES)


def check_close(name: str, told: float, computed: float, source: str, spare: float = 0.0) -> None:
    """Refuse a figure that does not follow from others.

    Raises:
        WrongResultError: it differs from what `source` gives by more than `TOLERANCE` of that and `spare`.
    """
    if abs(told - computed) > max(spare, TOLERANCE * computed):
        raise WrongResultError(f"{name} = {told:g}, but {source} give {computed:g}")
