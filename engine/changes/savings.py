"""What each change saves: pure figures, from the rates of a session's rounds."""

from __future__ import annotations

from collections.abc import Mapping

from engine.record import Record
from engine.uncertainty.comparison import Comparison, compare_rounds
from engine.uncertainty.intervals import geometric_mean, trials_interval
from engine.uncertainty.records import Interval

MIN_ROUNDS = 3
"""The fewest rounds from which a difference gets an interval."""

Rates = Mapping[str, Mapping[int, float]]
"""Frames per second by change ("" for the unchanged case) and by round."""


class FrameTime(Record, frozen=True):
    """The wall time of one frame, in milliseconds."""

    ms: float
    """The geometric mean over the rounds."""
    interval: Interval | None
    """None with fewer than three rounds."""
    rounds: int


class Saving(Record, frozen=True):
    """What a frame takes less where a change is made."""

    change: str
    """As a case has it: ids joined by `+`."""
    ms: float
    """Below 0 where the change costs time."""
    interval: Interval | None
    """The speed-up's, in milliseconds; None with fewer than three rounds in which both were measured."""
    speed_up: Comparison
    """The changed case's speed by that of the unchanged one, paired on rounds."""

    @property
    def is_sure(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.interval is not None and self.interval.low > 0


def unchanged_time(rates: Rates) -> FrameTime | None:
    """The frame time of the unchanged case; None where it was never measured."""
    measured = [rate for rate in rates.get("", {}).values() if rate > 0]
    if not measured:
        return None
    interval = trials_interval([1000 / rate for rate in measured])
    return FrameTime(ms=1000 / geometric_mean(measured), interval=interval, rounds=len(measured))


def find_savings(rates: Rates) -> tuple[Saving, ...]:
    """What each change saves, the most first; those with no round beside the unchanged case are left out.

    With the unchanged frame time t and the speed-up s of `compare_rounds`, t * (1 - 1 / s): both ends of the
    interval are those of s in this formula, so the saving is sure where the speed-up is.
    """
    base = unchanged_time(rates)
    if base is None:
        return ()
    found = []
    for change, own in rates.items():
        rounds = sorted(rates[""].keys() & own.keys())
        compared = compare_rounds([rates[""][at] for at in rounds], [own[at] for at in rounds])
        if change and compared is not None:
            found.append(_saving(change, base.ms, compared))
    return tuple(sorted(found, key=lambda saving: -saving.ms))


def _saving(change: str, base_ms: float, compared: Comparison) -> Saving:
    def saved(speed_up: float) -> float:
        return base_ms * (1 - 1 / speed_up)

    known = compared.interval
    interval = Interval(saved(known.low), saved(known.high), known.kind, known.level) if known else None
    return Saving(change=change, ms=saved(compared.ratio), interval=interval, speed_up=compared)
