"""The frames of a trial of one or several workers in order of time, and the steady part of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.timings import TrialTimings, WorkerSpan, frame_times_ns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nanoseconds = NDArray[np.int64]


@dataclass(frozen=True)
class FrameSeries:
    """A trial's timed frames in the order in which they ended.

    Of several workers, those that lie in their common interval, wholly or in part: what slows the machine
    slows them at the same time, so their frames belong side by side.
    """

    times_ns: Nanoseconds
    """Frame times, shape (frames,), nanoseconds."""
    ends_ns: Nanoseconds
    """When each frame ended, counted from the first of all workers' first frame; shape (frames,)."""


def frame_series(timings: TrialTimings) -> FrameSeries:
    """Put a trial's timed frames in order of time; none where there was no moment when all workers drew."""
    import numpy as np

    times = frame_times_ns(timings.timed)
    if not timings.workers:
        return FrameSeries(times, np.cumsum(times))
    ends_by_worker = _ends(timings)
    if not all(len(ends) for ends in ends_by_worker):
        return FrameSeries(times[:0], times[:0])
    begin = max(worker.start_ns for worker in timings.workers)
    end = min(int(ends[-1]) for ends in ends_by_worker)
    ends = np.concatenate(ends_by_worker)
    inside = np.flatnonzero((ends > begin) & (ends - times < end))
    order = inside[np.argsort(ends[inside], kind="stable")]
    return FrameSeries(times[order], ends[order])


def frames_left_out(timings: TrialTimings, first_frame: int) -> tuple[int, ...]:
    """How many timed frames of each worker ended before the steady state began; one number for one alone.

    Args:
        timings: the whole trial.
        first_frame: where the steady state begins in the trial's `frame_series`.
    """
    import numpy as np

    if not timings.workers:
        return (first_frame,)
    if not first_frame:
        return (0,) * len(timings.workers)
    begins_ns = frame_series(timings).ends_ns[first_frame - 1]
    return tuple(int(np.searchsorted(ends, begins_ns, side="right")) for ends in _ends(timings))


def steady_part(timings: TrialTimings, left_out: tuple[int, ...]) -> TrialTimings:
    """The trial without the first timed frames of each worker; its warm-up stays as it is.

    Args:
        timings: the whole trial.
        left_out: from `frames_left_out`.
    """
    import numpy as np

    if not any(left_out):
        return timings
    if not timings.workers:
        return replace(timings, timed={name: each[left_out[0] :] for name, each in timings.timed.items()})
    edges = np.cumsum([0, *(worker.frames for worker in timings.workers)]).tolist()
    kept = np.ones(edges[-1], bool)
    starts = []
    for worker, begin, count, ends in zip(timings.workers, edges, left_out, _ends(timings), strict=False):
        kept[begin : begin + count] = False
        starts.append(int(ends[count - 1]) if count else worker.start_ns)
    first_ns = min(starts)
    spans = tuple(
        WorkerSpan(worker.frames - count, worker.warmup_frames, start - first_ns)
        for worker, count, start in zip(timings.workers, left_out, starts, strict=True)
    )
    return replace(timings, timed={name: each[kept] for name, each in timings.timed.items()}, workers=spans)


def _ends(timings: TrialTimings) -> list[Nanoseconds]:
    """When each frame of each worker ended, counted from the first of all workers' first frame."""
    import numpy as np

    times = frame_times_ns(timings.timed)
    edges = np.cumsum([0, *(worker.frames for worker in timings.workers)]).tolist()
    return [
        worker.start_ns + np.cumsum(times[begin:end])
        for worker, begin, end in zip(timings.workers, edges[:-1], edges[1:], strict=True)
    ]
