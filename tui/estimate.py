"""How long a run will take, before it starts and while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.case import Case, Settings
from tui.text import duration

if TYPE_CHECKING:
    from engine.results import TrialStatus

START_UP_S = 1.5
"""An engine process until its first frame, on a small machine; the first trial puts the real figure here."""
ASSUMED_FPS = 10.0
"""Of a frame nobody has measured yet: a software rasterizer's, so that the estimate errs on the long side."""


def trial_seconds(settings: Settings, fps: float = ASSUMED_FPS, start_up_s: float = START_UP_S) -> float:
    """Estimate one trial in seconds, where frames come at `fps`."""
    warm_up_s = settings.warmup_frames / fps
    if settings.duration_s is not None:
        return start_up_s + warm_up_s + settings.duration_s
    return start_up_s + warm_up_s + (settings.frames or 0) / fps


def run_seconds(cases: Sequence[Case], settings: Settings) -> float:
    """Estimate a whole run in seconds, before anything of it was measured, without rounds that are added."""
    return len(cases) * settings.trials * trial_seconds(settings)


def most_seconds(cases: Sequence[Case], settings: Settings) -> float | None:
    """Estimate how long a run can take where rounds are added until enough is known; None where none are."""
    until = settings.until
    if until is None:
        return None
    round_s = len(cases) * trial_seconds(settings)
    # A round that has begun is finished.
    return max(settings.trials * round_s, min(until.max_trials * round_s, until.max_duration_s + round_s))


def time_text(seconds: float, most_s: float | None) -> str:
    """Write a time that is not known exactly: "about 1:20", or between which two it lies."""
    low, high = duration(seconds), duration(most_s) if most_s is not None else ""
    return f"{low} to {high}" if high and high != low else f"about {low}"


class RemainingTime:
    """Estimates what is left of a run from what the trials so far have taken."""

    def __init__(self, settings: Settings, total: int) -> None:
        self._settings = settings
        self.total = total
        """Trials of the whole run, without those of rounds that may be added."""
        self.most: int | None = None
        """Trials of the whole run, with all rounds that may be added."""
        self._taken_s: list[float] = []

    def trial_ended(self, status: TrialStatus, seconds: float) -> None:
        """Learn from a trial that is over; one that was not measured to its end says nothing of others."""
        if status == "done":
            self._taken_s.append(seconds)

    def seconds(self, finished: int, in_trial_s: float) -> float:
        """Estimate what is left, `finished` trials being over and the running one `in_trial_s` old.

        Rounds that may be added are not in it.
        """
        return self._left_s(self.total, finished, in_trial_s)

    def most_seconds(self, finished: int, in_trial_s: float, gone_s: float) -> float | None:
        """Estimate the most that is left, `gone_s` after the start; None where no rounds are added."""
        until = self._settings.until
        if until is None or self.most is None:
            return None
        # No round begins after that time, and the one that has begun then is finished.
        round_s = self._typical_s * self.most / max(self._settings.trials, until.max_trials)
        late_s = max(0.0, until.max_duration_s - gone_s) + round_s
        return max(
            self._left_s(self.total, finished, in_trial_s),
            min(self._left_s(self.most, finished, in_trial_s), late_s),
        )

    def _left_s(self, total: int, finished: int, in_trial_s: float) -> float:
        typical_s = self._typical_s
        return max(0.0, typical_s - in_trial_s) + typical_s * max(0, total - finished - 1)

    @property
    def _typical_s(self) -> float:
        if not self._taken_s:
            return trial_seconds(self._settings)
        return sum(self._taken_s) / len(self._taken_s)
