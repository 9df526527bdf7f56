"""What all workers of a trial have drawn so far."""

from __future__ import annotations

from engine.case import Case
from engine.events import FramesMeasured
from engine.timings import fps


class WorkerRates:
    """Adds up the timed frames of the workers of one trial; a frame is one world's image."""

    def __init__(self, case: Case) -> None:
        self._worlds = case.worlds
        self._workers: dict[int, tuple[int, int]] = {}

    def add(self, event: FramesMeasured) -> None:
        """Take in a block of timed frames."""
        self._workers[event.worker] = (event.frames, event.wall_ns)

    @property
    def frames(self) -> int:
        """Images of all workers."""
        return sum(batches for batches, _ in self._workers.values()) * self._worlds

    @property
    def wall_ns(self) -> int:
        """Wall time of the worker that has drawn for longest."""
        return max((wall_ns for _, wall_ns in self._workers.values()), default=0)

    @property
    def of_workers(self) -> tuple[float, ...]:
        """Images a second of each worker that has drawn, in their order, over its own wall time."""
        drawn = (self._workers[worker] for worker in sorted(self._workers))
        return tuple(fps(batches * self._worlds, wall_ns) for batches, wall_ns in drawn)

    @property
    def fps(self) -> float:
        """Images a second of all workers together."""
        return sum(self.of_workers)
