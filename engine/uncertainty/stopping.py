"""When enough rounds have been measured: by how narrow the intervals are, never by what they say.

Who stops when a difference becomes significant finds one in every fifth pair of equal cases; stopping at a
width keeps the intervals honest.
"""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum

from engine.record import Record
from engine.uncertainty.intervals import MIN_TRIALS, trials_interval


class Until(Record, frozen=True):
    """Rounds are added until each case's FPS is known this well, or a limit is reached.

    Raises:
        ValueError: a value that cannot be meant; the message is one sentence.
    """

    relative_error: float
    """Half the width of the 95% interval of FPS, as a part of it: 0.01 for 1%."""
    min_trials: int = 5
    max_trials: int = 30
    max_duration_s: float = 600.0

    def __post_init__(self) -> None:
        if not 0 < self.relative_error < 1:
            raise ValueError(f"relative_error is above 0 and below 1, not {self.relative_error}")
        if self.min_trials < MIN_TRIALS:
            raise ValueError(
                f"min_trials is at least {MIN_TRIALS}, since fewer have no interval, not {self.min_trials}"
            )
        if self.max_trials < self.min_trials:
            raise ValueError(f"max_trials is at least min_trials, {self.min_trials}, not {self.max_trials}")
        if not (self.max_duration_s > 0 and math.isfinite(self.max_duration_s)):
            raise ValueError(f"max_duration_s is a number of seconds above 0, not {self.max_duration_s}")


class Decision(StrEnum):
    """What comes after a round."""

    GO_ON = "go on"
    DONE = "done"
    """Every case is known well enough."""
    LIMIT = "limit reached"


class Standing(Record, frozen=True):
    """Where a session stands after a round."""

    decision: Decision
    unmet: tuple[str, ...] = ()
    """A line for each condition that is not met, with both numbers: "apartment egl: 2.3% > 1%"."""
    limit: str | None = None
    """Which limit ended it: "30 trials" or "600 s"; None otherwise."""
    rounds: int = 0
    """Rounds so far."""
    widest: float | None = None
    """The largest relative error of all cases; None where no case has an interval yet."""


def relative_error(values: Sequence[float]) -> float | None:
    """Half the width of the 95% interval of a case's FPS, as a part of it; None where there is none yet.

    Args:
        values: FPS of each trial so far.
    """
    interval = trials_interval(values)
    return interval.relative_error if interval else None


def standing(
    until: Until, fps_by_case: Mapping[str, Sequence[float]], elapsed_s: float, rounds: int | None = None
) -> Standing:
    """Say whether another round is to be measured.

    A case none of whose trials has a result keeps nobody waiting: after `min_trials` rounds it is only named.

    Args:
        until: what is asked for.
        fps_by_case: the FPS of each successful trial so far, by the case's name.
        elapsed_s: seconds since the session began.
        rounds: rounds so far; without it, the trials of the case that has most.
    """
    done = max(map(len, fps_by_case.values()), default=0) if rounds is None else rounds
    reasons = {case: _unmet(until, values) for case, values in fps_by_case.items()}
    unmet = tuple(f"{case}: {reason}" for case, reason in reasons.items() if reason is not None)
    waiting = any(
        reason is not None and (fps_by_case[case] or done < until.min_trials)
        for case, reason in reasons.items()
    )
    decision, limit = Decision.GO_ON, None
    if not waiting:
        decision = Decision.DONE
    elif done >= until.max_trials:
        decision, limit = Decision.LIMIT, f"{until.max_trials} trials"
    elif elapsed_s >= until.max_duration_s:
        decision, limit = Decision.LIMIT, f"{until.max_duration_s:g} s"
    errors = [error for error in map(relative_error, fps_by_case.values()) if error is not None]
    return Standing(
        decision=decision, unmet=unmet, limit=limit, rounds=done, widest=max(errors, default=None)
    )


def _unmet(until: Until, values: Sequence[float]) -> str | None:
    """Why a case is not known well enough, or None where it is."""
    if not values:
        return "no trial has a result"
    if len(values) < until.min_trials:
        return f"{len(values)} {'trial' if len(values) == 1 else 'trials'} < {until.min_trials}"
    error = relative_error(values)
    if error is None:
        return "a trial has no rate"
    return larger_text(error, until.relative_error) if error > until.relative_error else None


def larger_text(error: float, target: float) -> str:
    """Of an error above its target write "2.3% > 1%", with the digits it takes to see which is larger."""
    asked = f"{100 * target:g}"
    decimals = max(0, 1 - math.floor(math.log10(100 * error)))
    while float(shown := f"{100 * error:.{decimals}f}") <= float(asked) and decimals < 15:
        decimals += 1
    return f"{shown}% > {asked}%"
