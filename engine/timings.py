"""Per-frame timings: stamps as an engine process takes them, phases as everybody else reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nanoseconds = NDArray[np.int64]

PHASES = ("step", "update", "render", "readback", "overhead")
"""The parts of a frame; they add up to the wall time."""

STAMPS_PER_FRAME = 5
"""Start, after step, after update, after render, after readback."""

BYTES_PER_FRAME = STAMPS_PER_FRAME * 8


class BrokenTimingsError(ValueError):
    """Stamps that no engine process of ours would send: torn, out of order, or with a gap."""


@dataclass(frozen=True)
class WorkerSpan:
    """Where one of several workers stands in the arrays of a trial, and in time."""

    frames: int
    """How many of the timed frames are this worker's."""
    warmup_frames: int
    start_ns: int
    """When its first timed frame began, counted from the first of all workers'."""


@dataclass(frozen=True)
class TrialTimings:
    """All frames of a trial, each phase as one int64 array of nanoseconds, shape (frames,).

    A frame of these is one pass of the timed loop: with several worlds it is a whole batch.
    """

    warmup: dict[str, Nanoseconds]
    timed: dict[str, Nanoseconds]
    workers: tuple[WorkerSpan, ...] = ()
    """Of several workers, whose frames stand one after the other in the arrays; empty for one alone."""


def join_timings(workers: Sequence[tuple[StampReader, StampReader]]) -> TrialTimings:
    """Take everything out of each worker's readers, of its warm-up and of its timed frames."""
    import numpy as np

    first_ns = min((timed.start_ns for _, timed in workers if timed.frames), default=0)
    spans = tuple(
        WorkerSpan(timed.frames, warmup.frames, max(0, timed.start_ns - first_ns))
        for warmup, timed in workers
    )
    taken = [(warmup.take(), timed.take()) for warmup, timed in workers]
    if len(taken) == 1:
        ((warmup, timed),) = taken
        return TrialTimings(warmup, timed)
    return TrialTimings(
        warmup={name: np.concatenate([warmup[name] for warmup, _ in taken]) for name in PHASES},
        timed={name: np.concatenate([timed[name] for _, timed in taken]) for name in PHASES},
        workers=spans,
    )


def frame_times_ns(phases: dict[str, Nanoseconds]) -> Nanoseconds:
    """Add up the phases of each frame: shape (frames,), nanoseconds."""
    total = phases[PHASES[0]].copy()
    for name in PHASES[1:]:
        total += phases[name]
    return total


def fps(frames: int, wall_ns: int) -> float:
    """Frames divided by wall time, in 1/s; 0 where no time went by."""
    return frames * 1e9 / wall_ns if wall_ns > 0 else 0.0


class _GrowingColumn:
    """Numbers that come in blocks, in one array that grows where it lies.

    Blocks kept in a list and joined at the end would take the memory twice.
    """

    STEP = 1 << 16
    """What is kept beyond the frames that there are: half a MiB a column."""

    def __init__(self) -> None:
        import numpy as np

        self._array = np.empty(0, np.int64)
        self._used = 0

    def append(self, block: Nanoseconds) -> None:
        end = self._used + len(block)
        if end > len(self._array):
            self._array.resize(end + min(max(1024, end // 8), self.STEP), refcheck=False)
        self._array[self._used : end] = block
        self._used = end

    def take(self) -> Nanoseconds:
        self._array.resize(self._used, refcheck=False)
        return self._array


class StampReader:
    """Turns consecutive blocks of stamps into phases, and keeps them.

    A frame's `overhead` is the time between the end of the frame before and its own start; the first
    frame has none. So the phases of all frames add up to the wall time from the first stamp to the last.
    """

    def __init__(self) -> None:
        self._columns = {name: _GrowingColumn() for name in PHASES}
        self.start_ns = 0
        """When the first frame began, by the clock of the stamps."""
        self.end_ns = 0
        """When the last frame ended."""
        self.frames = 0
        self.wall_ns = 0

    def read(self, first: int, stamps: bytes) -> dict[str, Nanoseconds]:
        """Take in one block and return its phases, each of shape (frames of the block,), nanoseconds.

        Args:
            first: index of the block's first frame.
            stamps: five int64 stamps a frame, in native byte order, frame after frame.

        Raises:
            BrokenTimingsError: the block is torn, does not follow the one before, or runs backwards.
        """
        import numpy as np

        if len(stamps) % BYTES_PER_FRAME or not stamps:
            raise BrokenTimingsError(f"a block of {len(stamps)} bytes holds no whole frames")
        if first != self.frames:
            raise BrokenTimingsError(f"frame {first} came where frame {self.frames} was due")
        flat = np.frombuffer(stamps, np.int64)
        # Compared, not subtracted: a difference of two int64 can overflow to a number that looks well.
        if flat[0] < self.end_ns or (flat[1:] < flat[:-1]).any():
            raise BrokenTimingsError("the stamps of a block run backwards")
        table = flat.reshape(-1, STAMPS_PER_FRAME)
        if not self.frames:
            self.start_ns = int(flat[0])
        before = np.empty(len(table), np.int64)
        before[0] = self.end_ns if self.frames else table[0, 0]
        before[1:] = table[:-1, -1]
        phases = {name: table[:, i + 1] - table[:, i] for i, name in enumerate(PHASES[:-1])}
        phases["overhead"] = table[:, 0] - before
        for name, column in phases.items():
            self._columns[name].append(column)
        self.frames += len(table)
        self.wall_ns += int(table[-1, -1]) - int(before[0])
        self.end_ns = int(table[-1, -1])
        return phases

    def take(self) -> dict[str, Nanoseconds]:
        """Give away everything read so far, each phase as one array of shape (frames,); then be empty."""
        whole = {name: column.take() for name, column in self._columns.items()}
        self.__init__()  # type: ignore[misc]
        return whole
