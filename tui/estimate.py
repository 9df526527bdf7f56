"""How long a run will take, before it starts and while it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.case import Case, Settings

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
    """Estimate a whole run in seconds, before anything of it was measured."""
    return len(cases) * settings.trials * trial_seconds(settings)


class RemainingTime:
    """Estimates what is left of a run from what the trials so far have taken."""

    def __init__(self, settings: Settings, total: int) -> None:
        self._settings = settings
        self.total = total
        """Trials of the whole run."""
        self._taken_s: list[float] = []

    def trial_ended(self, status: TrialStatus, seconds: float) -> None:
        """Learn from a trial that is over; one that was not measured to its end says nothing of others."""
        if status == "done":
            self._taken_s.append(seconds)

    def seconds(self, finished: int, in_trial_s: float) -> float:
        """Estimate what is left, `finished` trials being over and the running one `in_trial_s` old."""
        typical_s = (
            sum(self._taken_s) / len(self._taken_s) if self._taken_s else trial_seconds(self._settings)
        )
        return max(0.0, typical_s - in_trial_s) + typical_s * max(0, self.total - finished - 1)
