"""Watching a run that adds rounds until enough is known: how far it is, and what is not known yet."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from textual.app import App
from textual.widgets import Static

from engine.case import Case, Effects, Resolution, Settings
from engine.events import RoundEnded, TrialEnded, TrialStarted
from engine.results import TrialResult
from engine.uncertainty.stopping import Decision, Standing, Until
from profiles.profile import Profile
from profiles.sessions import load_session
from tui.dashboard.session_run import RunPhase, SessionRun
from tui.dashboard.watch.headline import headline, note_line
from tui.dashboard.watch.run_clock import RunClock
from tui.dashboard.watch.screen import WatchScreen
from tui.dashboard.watch.state import RunState

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]
UNTIL = Until(relative_error=0.01)
SETTINGS = Settings(duration_s=3.0, trials=5, until=UNTIL)
CASES = [
    Case(scene="none", backend=name, resolution=Resolution(width=64, height=64), effects=Effects.SCENE)
    for name in ("null", "misbehaving")
]


class Fed(SessionRun):
    """A run of two cases that a test feeds with events, and whose clock stands where it is put."""

    def __init__(self) -> None:
        super().__init__(Profile(), "test")
        self.now_s = 0.0
        self.state = RunState(CASES, SETTINGS)
        self.state.clock = RunClock(SETTINGS, 10, lambda: self.now_s)
        self.phase = RunPhase.RUNNING

    def feed_rounds(self, count: int, seconds: float) -> None:
        """So many rounds, each trial of so many seconds; the last interval is 2.3%."""
        position = 0
        for number in range(1, count + 1):
            total = 2 * max(5, number)
            for case in CASES:
                position += 1
                self.state.fold(TrialStarted(case, number, position, total, most=60))
                self.now_s += seconds
                result = TrialResult(case=case, trial=number, status="done", started_at="", ended_at="")
                self.state.fold(TrialEnded(result, position, total, most=60))
            standing = Standing(decision=Decision.GO_ON, rounds=number, widest=0.023)
            self.state.fold(RoundEnded(standing, UNTIL))


def test_the_title_tells_the_trials_that_are_certain_and_the_most_there_can_be() -> None:
    run = Fed()
    run.feed_rounds(6, 4.0)
    run.state.fold(TrialStarted(CASES[1], 7, 13, 14, most=60))
    # Two of 4 s are certain; 48 are possible, and no limit of time comes before them.
    text = headline(run, 0.012, False, 80)
    assert text.startswith("trial 13 of 14 to 60   0:48 gone, 0:08 to 3:12 left  ")
    assert text.rstrip().endswith((" observer 1.2%", " observer 1.2% of a core"))
    assert len(text) <= 80
    assert run.state.progress == (12, 14)
    assert run.state.most_trials == 60


def test_the_line_below_it_tells_what_is_known_after_the_last_round() -> None:
    run = Fed()
    assert note_line(run, 80).startswith("64x64, ")
    run.feed_rounds(2, 1.0)
    assert note_line(run, 80).startswith("round 2 of 5 to 30, widest interval 2.3% > 1%, 64x64, ")
    run.feed_rounds(6, 1.0)
    assert note_line(run, 80).startswith("round 6 of at most 30, widest interval 2.3% > 1%, 64x64, ")
    assert run.state.standing is not None and run.state.standing.rounds == 6
    assert note_line(run, 75) == "round 6 of at most 30, widest interval 2.3% > 1%, 64x64, effects scene"
    assert note_line(run, 20) == "round 6 of at most 30, widest interval 2.3% > 1%"


def test_time_runs_out_before_the_trials_do() -> None:
    run = Fed()
    run.feed_rounds(5, 50.0)
    run.now_s += 0.1
    # 100 s are left until no round begins any more, and one takes 100 s.
    assert run.state.clock.most_left_s == pytest.approx(200, abs=0.2)
    run.state.clock.end()
    assert (run.state.clock.left_s, run.state.clock.most_left_s) == (0, None)


class Host(App[None]):
    """The screen alone."""

    def __init__(self, run: SessionRun) -> None:
        super().__init__()
        self.watch_screen = WatchScreen(run)

    def on_mount(self) -> None:
        self.push_screen(self.watch_screen)

    def text(self, name: str) -> str:
        """What stands in a Static."""
        return str(self.watch_screen.query_one(f"#{name}", Static).content)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionRun]:
    """A run that nothing but its limit of trials ends."""
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "frame_ms=5")
    asked = {
        "backends": ["misbehaving"],
        "resolutions": ["64x64", "32x32"],
        "measure.duration": 0.6,
        "measure.warmup_frames": 1,
        "measure.until": {"relative_error": 1e-6, "min_trials": 3, "max_trials": 4},
    }
    made = SessionRun(Profile().override(asked), "test")
    made.start()
    yield made
    while not made.wait(0):
        made.request_stop()
        made.wait(0.2)


def test_a_run_is_watched_to_its_limit(run: SessionRun, wait_for: WaitFor) -> None:
    async def use() -> None:
        app = Host(run)
        async with app.run_test(size=(80, 24)):
            await wait_for(lambda: "of 6 to 8 " in app.text("title"))
            await wait_for(lambda: app.text("note").startswith("round 1 of 3 to 4, no interval yet, "))
            await wait_for(lambda: app.text("note").startswith("round 3 of at most 4, widest interval "))
            await wait_for(lambda: "trial 7 of 8 " in app.text("title"))
            assert "% > 0.0001%" in app.text("note")
            assert app.watch_screen.query_one("#note").size.height == 1
            await wait_for(lambda: run.is_over)
            await wait_for(lambda: "Session complete" in app.text("title"))

    asyncio.run(use())
    assert run.folder is not None
    session = load_session(run.folder)
    assert session.session.standing is not None
    assert session.session.standing.limit == "4 trials"
    assert [[trial.trial for trial in case.trials] for case in session.cases] == [[1, 2, 3, 4]] * 2


def test_a_run_that_is_stopped_in_a_round_that_was_added_is_not_complete(
    run: SessionRun, wait_for: WaitFor
) -> None:
    async def use() -> None:
        app = Host(run)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: run.state is not None and run.state.standing is not None)
            await wait_for(lambda: run.state.standing.rounds == 3)
            await pilot.press("a")
            await wait_for(lambda: run.is_over)

    asyncio.run(use())
    assert run.folder is not None
    session = load_session(run.folder)
    assert session.session.status == "interrupted"
    assert sorted(len(case.trials) for case in session.cases) == [3, 4]


def test_a_skipped_case_and_a_stop_end_a_run_that_goes_on(run: SessionRun, wait_for: WaitFor) -> None:
    async def use() -> None:
        app = Host(run)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: run.state is not None and run.state.standing is not None)
            await pilot.press("up", "k")
            await wait_for(lambda: run.state.standing.rounds == 2)
            await pilot.press("s")
            await wait_for(lambda: run.is_over)

    asyncio.run(use())
    assert run.folder is not None
    session = load_session(run.folder)
    assert session.session.status == "interrupted"
    assert "skipped" in {case.state for case in session.cases}
    assert session.session.standing is not None
    assert session.session.standing.decision is Decision.GO_ON
    # Of the case that nobody wants any more nothing is asked.
    assert len(session.session.standing.unmet) == 1
