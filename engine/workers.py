"""Several workers on one case: what all of them drew in the time in which all of them drew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.timings import PHASES, TrialTimings, frame_times_ns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nanoseconds = NDArray[np.int64]


@dataclass(frozen=True)
class CommonInterval:
    """From the moment when the last worker had begun to the moment when the first was done."""

    wall_ns: int
    phases: dict[str, Nanoseconds]
    """Each phase of the frames that lie in the interval, wholly or in part; shape (frames,), nanoseconds."""
    worker_frames: tuple[float, ...]
    """How many frames each worker drew in it; of a frame that reaches over an end, the part inside counts."""

    @property
    def worker_rates(self) -> tuple[float, ...]:
        """Frames a second of each worker."""
        return tuple(frames * 1e9 / self.wall_ns for frames in self.worker_frames)


def common_interval(timings: TrialTimings) -> CommonInterval | None:
    """Find the interval of a trial of several workers; None where there was no moment when all drew.

    A part of a frame counts by its part of the time: counting whole frames only would lose half a frame of
    each worker but the one that is done first.
    """
    import numpy as np

    times = frame_times_ns(timings.timed)
    edges = np.cumsum([0, *(worker.frames for worker in timings.workers)])
    ends = [
        worker.start_ns + np.cumsum(times[low:high])
        for worker, low, high in zip(timings.workers, edges[:-1], edges[1:], strict=True)
    ]
    if not all(len(end) for end in ends):
        return None
    begin = max(worker.start_ns for worker in timings.workers)
    end = min(int(own[-1]) for own in ends)
    if end <= begin:
        return None
    counts = []
    inside = np.zeros(len(times), bool)
    for low, high, own in zip(edges[:-1], edges[1:], ends, strict=True):
        lasted = times[low:high]
        overlap = np.minimum(own, end) - np.maximum(own - lasted, begin)
        part = np.clip(overlap, 0, None) / np.maximum(lasted, 1)
        counts.append(float(part.sum()))
        inside[low:high] = overlap > 0
    phases = {name: timings.timed[name][inside] for name in PHASES}
    return CommonInterval(end - begin, phases, tuple(counts))
