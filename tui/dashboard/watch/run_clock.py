"""How long a run has taken and how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.case import Settings
from engine.events import Event, TrialEnded, TrialStarted
from tui.estimate import RemainingTime


class RunClock:
    """Learns from the trials that are over; fed with every event of a run.

    Args:
        settings: of the run.
        total: trials of the run.
        now: the clock, in seconds.
    """

    def __init__(self, settings: Settings, total: int, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._remaining = RemainingTime(settings, total)
        self._started = now()
        self._trial_started: float | None = None
        self._finished = 0
        self._ended: float | None = None

    def fold(self, event: Event) -> None:
        """Take note of trials that begin and end."""
        if isinstance(event, TrialStarted):
            self._trial_started = self._now()
            if event.most is not None:
                self._remaining.total, self._remaining.most = event.total, event.most
        elif isinstance(event, TrialEnded):
            if self._trial_started is not None:
                self._remaining.trial_ended(event.result.status, self._now() - self._trial_started)
            self._trial_started = None
            self._finished = event.position - event.is_repeated

    def expect(self, total: int) -> None:
        """The run has so many trials in all."""
        self._remaining.total = total

    def end(self) -> None:
        """Nothing more comes."""
        self._ended = self._now()

    @property
    def gone_s(self) -> float:
        """Seconds from the start until now, or until the end."""
        return (self._now() if self._ended is None else self._ended) - self._started

    @property
    def left_s(self) -> float:
        """About how many seconds are left, without rounds that may be added."""
        if self._ended is not None:
            return 0.0
        return self._remaining.seconds(self._finished, self._in_trial_s)

    @property
    def most_left_s(self) -> float | None:
        """About how many seconds are left at the most, where rounds may be added."""
        if self._ended is not None:
            return None
        return self._remaining.most_seconds(self._finished, self._in_trial_s, self.gone_s)

    @property
    def _in_trial_s(self) -> float:
        return 0.0 if self._trial_started is None else self._now() - self._trial_started
