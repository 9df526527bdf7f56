"""From how many worlds on a batch renderer beats processes that draw one world each."""

import math
from collections.abc import Mapping
from enum import StrEnum

from engine.record import Record
from engine.scaling.interpolation import size_at


class Outcome(StrEnum):
    """Where among the measured numbers of worlds the batch renderer is faster."""

    FROM = "from"
    """From some number on."""
    EVERY = "every"
    """At all of them."""
    NONE = "none"
    """At none."""
    SOME = "some"
    """At some, but no more at the largest."""


class Crossover(Record, frozen=True):
    """A batch renderer's curve held against one rate."""

    outcome: Outcome
    worlds: int | None
    """The smallest number from which on it is faster: read off between `between`. Of EVERY the smallest
    measured; None of NONE and SOME."""
    between: tuple[int, int] | None
    """The largest measured number that is not faster, and the next one, from which on all are; for FROM."""
    faster_at: tuple[int, ...]
    """The measured numbers at which it is faster."""
    best_ratio: float
    """Its best FPS by the rate that it is held against."""
    best_worlds: int
    """Where that is."""


def find_crossover(batch_fps: Mapping[int, float], process_fps: float) -> Crossover:
    """Find the number of worlds from which a batch renderer is faster.

    Between the last measured number that is not faster and the next one, ln(FPS) is taken as linear in
    ln(worlds), and the first whole number above the rate is told.

    Args:
        batch_fps: images per second by the number of worlds; at least one.
        process_fps: images per second of the processes, above 0.
    """
    sizes = sorted(batch_fps)
    faster = tuple(size for size in sizes if batch_fps[size] > process_fps)
    slower = [size for size in sizes if size not in faster]
    best = max(sizes, key=lambda size: batch_fps[size])
    between, worlds = None, None
    if not faster:
        outcome = Outcome.NONE
    elif not slower:
        outcome, worlds = Outcome.EVERY, sizes[0]
    elif slower[-1] == sizes[-1]:
        outcome = Outcome.SOME
    else:
        outcome = Outcome.FROM
        low, high = slower[-1], min(size for size in faster if size > slower[-1])
        reached = size_at((low, batch_fps[low]), (high, batch_fps[high]), process_fps)
        between, worlds = (low, high), min(high, max(low + 1, math.floor(reached) + 1))
    return Crossover(
        outcome=outcome,
        worlds=worlds,
        between=between,
        faster_at=faster,
        best_ratio=batch_fps[best] / process_fps,
        best_worlds=best,
    )
