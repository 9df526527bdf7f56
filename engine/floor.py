"""What a frame takes this machine at the least, and what a case's speed means for a person who needs many."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.metrics import BenchmarkMetrics
from engine.record import Record

MANY_FRAMES = 100_000_000
"""What learning from pixels takes: the unit in which a case's speed is told."""


class Floor(Record, frozen=True):
    """What was measured of one batch after the timed frames, in the same process and context."""

    empty_draw_ms: float | None = None
    """The quickest draw of a picture with nothing in it, until the device was finished; None where the
    backend cannot draw one."""
    empty_draws: int = 0
    """How many it is the quickest of."""
    copy_ms: float = 0.0
    """The quickest copy in main memory of as many bytes as `readback` delivers."""
    copy_bytes: int = 0
    """0 where `readback` delivers nothing: the draw does, or the pixels stay on the device."""
    copies: int = 0
    """How many it is the quickest of."""


@dataclass(frozen=True)
class Limit:
    """How close a trial came to what its machine can do."""

    least_ms: float | None
    """What a batch takes at the least; None where that is not known, as are the two below."""
    share: float | None
    """The part of the mean frame time that the machine needs at the least, above 0 and at most 1."""
    room: float | None
    """By how many times a frame could be quicker at the most; at least 1."""
    hours: float
    """To draw `MANY_FRAMES` frames at this speed."""


def limit_of(metrics: BenchmarkMetrics, floor: Floor | None) -> Limit:
    """Hold what a trial measured against its floor.

    Physics and the scene update are no part of the least: they are not drawing. The floor is made of minima
    and the frame time is a mean, so that what is left to win is told too high rather than too low; where
    noise makes the floor the longer of the two, nothing is left.
    """
    hours = hours_to_draw(MANY_FRAMES, metrics.fps)
    least_ms = None if floor is None or floor.empty_draw_ms is None else floor.empty_draw_ms + floor.copy_ms
    if least_ms is None or least_ms <= 0 or metrics.mean_ms <= 0:
        return Limit(least_ms=None, share=None, room=None, hours=hours)
    share = min(1.0, least_ms / metrics.mean_ms)
    return Limit(least_ms=least_ms, share=share, room=1 / share, hours=hours)


def hours_to_draw(frames: int, fps: float) -> float:
    """How long so many frames take at a constant speed; infinite where nothing is drawn."""
    return frames / fps / 3600 if fps > 0 else float("inf")


def mean_floor(floors: Sequence[Floor]) -> Floor | None:
    """The mean over several workers, which drew and copied at about the same time; None without any."""
    if not floors:
        return None
    draws = [floor.empty_draw_ms for floor in floors if floor.empty_draw_ms is not None]
    return Floor(
        empty_draw_ms=sum(draws) / len(draws) if len(draws) == len(floors) else None,
        empty_draws=min(floor.empty_draws for floor in floors),
        copy_ms=sum(floor.copy_ms for floor in floors) / len(floors),
        copy_bytes=max(floor.copy_bytes for floor in floors),
        copies=min(floor.copies for floor in floors),
    )
