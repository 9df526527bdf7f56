"""What makes a case slow, asked for with a key: on real engine processes, from each screen that names one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from engine.case import Case
from engine.changes.savings import Rates
from profiles.profile import Profile
from profiles.sessions import load_session
from tests.tui.dashboard.explain.explained import CASE, write_explanation
from tests.tui.test_explain import SHADOWS, SINGLE
from tui import explaining
from tui.dashboard.app import Dashboard
from tui.dashboard.choose.screen import ChooseScreen
from tui.dashboard.explain import run as explain_run
from tui.dashboard.explain.dialog import ExplainDialog
from tui.dashboard.explain.screen import ExplanationScreen
from tui.dashboard.help_screen import HelpScreen
from tui.dashboard.results.screen import ResultScreen
from tui.dashboard.session_run import SessionRun
from tui.dashboard.sessions.screen import SessionsScreen
from tui.dashboard.watch.screen import WatchScreen
from tui.explaining import Question
from tui.recording import Recording

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]


def is_open(app: Dashboard, kind: type[Screen[object]]) -> Callable[[], object]:
    """Open, and with all that it says at first."""
    return lambda: (
        isinstance(app.screen, kind) and app.screen.is_mounted and getattr(app.screen, "entries", True)
    )


def text_of(app: Dashboard) -> str:
    """All that stands on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def names(app: Dashboard) -> list[str]:
    assert isinstance(app.screen, ExplanationScreen)
    return [entry.name for entry in app.screen.entries]


@pytest.fixture(autouse=True)
def _few_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each trial is as short as it can be."""
    brief = {"measure.frames": (4, {"frames"}), "measure.warmup_frames": (2, {"warmup_frames"})}
    monkeypatch.setattr(explaining, "BRIEF", brief)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A scene of which nearly all is shadows."""
    path = tmp_path / "shadows.xml"
    path.write_text(SHADOWS)
    return path


@pytest.fixture
def dashboard(scene: Path) -> Callable[..., Dashboard]:
    def make(**values: object) -> Dashboard:
        keys = {"scenes": [str(scene)], "backends": ["egl"], "resolutions": ["32x32"], "measure.frames": 4}
        return Dashboard(Profile().override({**keys, **values}), "quick")

    return make


async def ask(app: Dashboard, pilot: Pilot[None], wait_for: WaitFor) -> None:
    """From the first screen to the question what it may take."""
    await wait_for(is_open(app, ChooseScreen))
    await wait_for(lambda: "as soon as" in text_of(app) or "one after the other" in text_of(app))
    await pilot.press("x")
    await wait_for(is_open(app, ExplainDialog))
    await wait_for(lambda: "rounds of" in text_of(app))


async def trials(run: SessionRun, wait_for: WaitFor, number: int) -> None:
    """Wait until so many trials are over, however long they take."""
    while (done := run.state.progress[0]) < number:
        await wait_for(lambda done=done: run.state.progress[0] > done)


def test_a_case_is_explained_and_its_session_tells_it_again(dashboard, wait_for: WaitFor, monkeypatch):
    def plan(question: Question, rates: Rates, recording: Recording) -> tuple[Case, ...]:
        """Whatever a busy machine is sure of, something is put together."""
        profile, cases = question.with_combinations(["no-shadows+quarter-resolution"])
        recording.extend(profile, cases)
        return cases

    monkeypatch.setattr(explain_run, "plan_combinations", plan)

    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=(80, 24)) as pilot:
            await ask(app, pilot, wait_for)
            # Fewer than three rounds have no interval, so that is the least.
            await pilot.press("minus", "minus")
            await wait_for(lambda: "3 rounds of 4 frames" in text_of(app))
            assert "6 changes can be made" in text_of(app)
            assert "shadows.xml egl 32x32 scene (llvmpipe SOFTWARE)" in text_of(app)
            await pilot.press("y")
            await wait_for(is_open(app, WatchScreen))
            await wait_for(lambda: "of 21" in text_of(app))
            run = app.runs[0]
            await trials(run, wait_for, 21)
            # What is measured together follows in the same run, and the numbers of trials go on.
            await wait_for(lambda: run.state.progress[1] == 27)
            assert "now the best together" in run.note
            await trials(run, wait_for, 27)
            # What came out is shown by itself.
            await wait_for(is_open(app, ExplanationScreen))
            assert names(app)[0] == "no-shadows"
            assert set(names(app)[: len(SINGLE)]) == SINGLE
            assert "INCOMPLETE" not in text_of(app)
            assert "the scene has one light only" in {entry.text for entry in app.screen.entries}
            explained = app.screen.entries
            session = load_session(run.folder)
            assert session.session.status == "complete"
            assert session.session.profile_name == "explain"
            assert session.cases[-1].change == "no-shadows+quarter-resolution"
            assert run.state.progress[0] == run.state.progress[1] == len(session.session.order)

            # From the run, to all figures of the session, and back.
            await pilot.press("b")
            await wait_for(is_open(app, WatchScreen))
            await wait_for(lambda: "shows what each change saves" in text_of(app))
            await pilot.press("enter")
            await wait_for(is_open(app, ExplanationScreen))
            await pilot.press("r")
            await wait_for(is_open(app, ResultScreen))
            await pilot.press("x")
            await wait_for(is_open(app, ExplanationScreen))
            await pilot.press("b")
            await wait_for(is_open(app, WatchScreen))
            await pilot.press("b")

            # From the list of sessions: nothing is measured again.
            await wait_for(is_open(app, ChooseScreen))
            await pilot.press("f3")
            await wait_for(is_open(app, SessionsScreen))
            await wait_for(lambda: "1 session" in text_of(app) and "explain" in text_of(app))
            await pilot.press("enter")
            await wait_for(is_open(app, ResultScreen))
            await pilot.press("x")
            await wait_for(is_open(app, ExplanationScreen))
            await wait_for(lambda: app.screen.entries == explained)
            assert len(app.runs) == 1
            await pilot.press("g")
            await wait_for(is_open(app, ExplainDialog))
            await wait_for(lambda: "rounds of" in text_of(app))
            await pilot.press("escape")
            await wait_for(is_open(app, ExplanationScreen))
            assert len(app.runs) == 1

    asyncio.run(use())


def test_a_run_that_is_stopped_shows_what_it_has(dashboard, wait_for: WaitFor):
    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=(140, 45)) as pilot:
            await ask(app, pilot, wait_for)
            await pilot.press("y")
            await wait_for(is_open(app, WatchScreen))
            run = app.runs[0]
            await wait_for(lambda: run.state is not None and run.state.progress[0] >= 2)
            await pilot.press("s")
            await wait_for(is_open(app, ExplanationScreen))
            await wait_for(lambda: "INCOMPLETE: this run is interrupted" in text_of(app))
            assert names(app)[0] == "no-shadows"
            assert load_session(run.folder).session.status == "interrupted"
            assert not any("+" in case.change for case in run.session.cases)

    asyncio.run(use())


def test_a_case_that_was_measured_is_asked_about_from_its_results(dashboard, wait_for: WaitFor):
    async def use() -> None:
        app = dashboard(backends=["egl", "null"])
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(is_open(app, ChooseScreen))
            await pilot.press("f5")
            await wait_for(is_open(app, WatchScreen))
            await wait_for(lambda: app.runs[0].is_over and "enter reads the results" in text_of(app))
            await pilot.press("enter")
            await wait_for(is_open(app, ResultScreen))
            await pilot.press("x")
            await wait_for(is_open(app, ExplainDialog))
            await wait_for(lambda: "6 changes can be made" in text_of(app))
            await pilot.press("n")
            await wait_for(is_open(app, ResultScreen))
            # What draws nothing has nothing that could be changed.
            await pilot.press("down", "x")
            await wait_for(is_open(app, ExplainDialog))
            await wait_for(lambda: "nothing can be changed" in " ".join(text_of(app).split()))
            await pilot.press("y")
            assert is_open(app, ExplainDialog)()
            await pilot.press("escape")
            await wait_for(is_open(app, ResultScreen))
            assert len(app.runs) == 1

    asyncio.run(use())


def test_a_scene_that_is_gone_is_a_sentence(dashboard, wait_for: WaitFor, scene: Path):
    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(is_open(app, ChooseScreen))
            await wait_for(lambda: "one after the other" in text_of(app))
            scene.unlink()
            await pilot.press("x")
            await wait_for(is_open(app, ExplainDialog))
            await wait_for(lambda: "Looking" not in text_of(app))
            assert "shadows.xml" in text_of(app)
            assert "y  measure" not in text_of(app)
            await pilot.press("escape")
            await wait_for(is_open(app, ChooseScreen))

    asyncio.run(use())


def test_an_explanation_whose_scene_is_gone_keeps_its_figures(wait_for: WaitFor, tmp_path, monkeypatch):
    monkeypatch.setenv("MENAGERIE_CACHE_DIR", str(tmp_path / "no-models"))
    session = write_explanation(tmp_path / "session")

    async def use() -> None:
        app = Dashboard(Profile(backends=("null",)), "quick")
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(is_open(app, ChooseScreen))
            app._read(session, tmp_path / "session")
            await wait_for(is_open(app, ResultScreen))
            await pilot.press("down", "x")
            await wait_for(is_open(app, ExplanationScreen))
            assert names(app)[0] == "no-shadows"
            await wait_for(lambda: any("cannot be looked at" in one.text for one in app.screen.entries))
            await wait_for(lambda: CASE.scene in text_of(app).partition("\n")[0])
            # The text below follows the cursor, and the tab key lets it scroll.
            about = app.screen.query_one("#about Static", Static)
            assert "no-shadows: shadows off" in str(about.content)
            await pilot.press("down")
            await wait_for(lambda: "no-multisampling: multisampling off" in str(about.content))
            await pilot.press("tab")
            assert app.screen.query_one("#about").has_focus
            await pilot.press("tab", "f1")
            await wait_for(is_open(app, HelpScreen))
            assert "Explain again" in str(app.screen.query_one(Static).content)

    asyncio.run(use())


def test_the_key_is_in_the_help_of_the_first_screen(dashboard, wait_for: WaitFor):
    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(is_open(app, ChooseScreen))
            await pilot.press("f1")
            await wait_for(is_open(app, HelpScreen))
            told = app.screen.query_one(Static)
            await wait_for(lambda: "Explain: what makes one case slow" in str(told.content))

    asyncio.run(use())
