"""How long a run still takes, as it learns."""

from engine.case import Case, Effects, Resolution, Settings
from engine.events import TrialEnded, TrialStarted
from engine.results import TrialResult
from tui.dashboard.watch.run_clock import RunClock

CASE = Case(scene="none", backend="null", resolution=Resolution(width=8, height=8), effects=Effects.BARE)


class Clock:
    """A run of some trials, at times that a test says."""

    def __init__(self, total: int, settings: Settings) -> None:
        self.now_s = 0.0
        self.total = total
        self.clock = RunClock(settings, total, lambda: self.now_s)

    def trial(self, position: int, seconds: float, status: str) -> None:
        """One trial from its start to its end."""
        self.clock.fold(TrialStarted(CASE, position, position, self.total))
        self.now_s += seconds
        result = TrialResult(case=CASE, trial=position, status=status, started_at="", ended_at="")
        self.clock.fold(TrialEnded(result, position, self.total))


def test_trials_that_are_done_tell_how_long_others_take():
    run = Clock(4, Settings(duration_s=60))
    run.trial(1, 20, "done")
    run.trial(2, 30, "done")
    assert run.clock.left_s == 50
    assert run.clock.gone_s == 50


def test_trials_that_were_cut_short_or_failed_tell_nothing():
    run = Clock(3, Settings(duration_s=600))
    before = run.clock.left_s
    run.trial(1, 2, "skipped")
    run.trial(2, 1, "failed")
    assert run.clock.left_s == before / 3
