"""Where each of several workers stands in the timings of a trial, as arrays beside those of the phases."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.timings import TrialTimings, WorkerSpan

if TYPE_CHECKING:
    from engine.timings import Nanoseconds

_FIELDS = ("frames", "warmup_frames", "start_ns")
WORKER_ARRAY_NAMES = tuple(f"workers.{field}" for field in _FIELDS)


def worker_arrays(timings: TrialTimings) -> "dict[str, Nanoseconds]":
    """Each field of `WorkerSpan` as an array: int64, shape (workers,); nothing of one worker alone."""
    import numpy as np

    if not timings.workers:
        return {}
    return {
        name: np.array([getattr(worker, field) for worker in timings.workers], np.int64)
        for name, field in zip(WORKER_ARRAY_NAMES, _FIELDS, strict=True)
    }


def worker_spans(arrays: "Mapping[str, Nanoseconds]") -> tuple[WorkerSpan, ...]:
    """Read what `worker_arrays` made; nothing where there is none.

    Raises:
        ValueError: the arrays do not belong together.
    """
    if not arrays:
        return ()
    columns = [arrays[name].tolist() for name in WORKER_ARRAY_NAMES]
    return tuple(WorkerSpan(*values) for values in zip(*columns, strict=True))
