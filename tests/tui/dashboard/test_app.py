"""The dashboard as a person uses it, from one screen to the next, on real engine processes."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from profiles.profile import Profile
from profiles.sessions import load_session
from profiles.store import load_profile, save_profile
from tui.dashboard.app import Dashboard
from tui.dashboard.choose.screen import ChooseScreen
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.help_screen import HelpScreen
from tui.dashboard.profiles.screen import ProfilesScreen
from tui.dashboard.profiles.unsaved import UnsavedDialog
from tui.dashboard.results.screen import ResultScreen
from tui.dashboard.watch.screen import WatchScreen

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]


def text_of(app: Dashboard, name: str) -> str:
    return str(app.screen.query_one(f"#{name}", Static).content)


def is_open(app: Dashboard, kind: type[Screen[object]]) -> Callable[[], bool]:
    return lambda: isinstance(app.screen, kind) and app.screen.is_mounted


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Dashboard]:
    """A dashboard on null, without a display."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    def make(name: str = "quick", **values: object) -> Dashboard:
        keys = {"backends": ["null"], "resolutions": ["64x64"], "effects": ["scene"], "measure.duration": 0.3}
        return Dashboard(Profile().override({**keys, **values}), name)

    return make


async def measure(app: Dashboard, pilot: Pilot[None], wait_for: WaitFor) -> None:
    """From the first screen to some thousand frames, or to the end of a short run."""
    await wait_for(is_open(app, ChooseScreen))
    await pilot.press("f5")
    await wait_for(is_open(app, WatchScreen))
    await wait_for(lambda: app.runs[-1].state and app.runs[-1].state.views()[0].frames > 1000)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_choosing_watching_reading_and_running_again(dashboard, wait_for: WaitFor, size):
    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=size) as pilot:
            await measure(app, pilot, wait_for)
            await wait_for(lambda: "Session complete" in text_of(app, "title"))
            await pilot.press("enter")
            await wait_for(is_open(app, ResultScreen))
            assert load_session(app.runs[0].folder).session.status == "complete"
            await pilot.press("g")
            await wait_for(lambda: len(app.runs) == 2 and app.runs[1].is_over)
            assert app.runs[1].session.session.profile_name == "quick"
            await wait_for(lambda: "Session complete" in text_of(app, "title"))
            await pilot.press("enter")
            await wait_for(is_open(app, ResultScreen))
            await pilot.press("b")
            await wait_for(is_open(app, WatchScreen))
            await pilot.press("b")
            await wait_for(is_open(app, ChooseScreen))
            await pilot.press("q")
        assert not app.is_running

    asyncio.run(use())


def test_quitting_while_a_run_goes_on_asks_first(dashboard, wait_for: WaitFor):
    async def use() -> None:
        app = dashboard(**{"measure.duration": 600})
        async with app.run_test(size=(80, 24)) as pilot:
            await measure(app, pilot, wait_for)
            for key, ends in (("n", False), ("y", True)):
                await pilot.press("q")
                await wait_for(is_open(app, ConfirmDialog))
                await pilot.press(key)
                assert app.runs[0].stop_requested is ends
        app.save_runs()
        assert load_session(app.runs[0].folder).session.status == "interrupted"

    asyncio.run(use())


def test_what_is_changed_is_saved_asked_about_and_keeps_its_comments(dashboard, wait_for: WaitFor):
    path = save_profile("mine", Profile().override({"backends": ["null"], "measure.trials": 2}))
    path.write_text("# for the talk\n" + path.read_text())

    async def use() -> None:
        app = dashboard("mine", backends=["null"])
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(is_open(app, ChooseScreen))
            await wait_for(lambda: "mine (changed)" in text_of(app, "name"))
            await pilot.press("f6")
            await wait_for(lambda: "changed" not in text_of(app, "name"))
            assert path.read_text().startswith("# for the talk\n")
            assert load_profile("mine").resolutions == ("64x64",)
            # Another change, and another profile loaded over it.
            app.screen.query_one("#resolutions", Input).value = "32x32"
            await wait_for(lambda: "mine (changed)" in text_of(app, "name"))
            await pilot.press("f2")
            await wait_for(is_open(app, ProfilesScreen))
            await pilot.press("home", "enter")
            await wait_for(is_open(app, UnsavedDialog))
            await pilot.press("s")
            await wait_for(is_open(app, ChooseScreen))
            await wait_for(lambda: "mine" not in text_of(app, "name"))
            assert load_profile("mine").resolutions == ("32x32",)
            # A built-in one is saved under another name.
            await pilot.press("f7")
            await wait_for(is_open(app, AskDialog))
            app.screen.query_one(Input).value = "other"
            await pilot.press("enter")
            await wait_for(lambda: text_of(app, "name") == "Profile other")
            assert load_profile("other") == app.chosen[0]

    asyncio.run(use())


def test_quitting_asks_where_a_change_to_a_file_would_be_lost(dashboard, wait_for: WaitFor):
    save_profile("mine", Profile().override({"backends": ["null"]}))

    async def use() -> None:
        app = Dashboard(load_profile("mine"), "mine")
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(is_open(app, ChooseScreen))
            app.screen.query_one("#seed", Input).value = "7"
            await wait_for(lambda: "changed" in text_of(app, "name"))
            await pilot.press("escape", "q")
            await wait_for(is_open(app, UnsavedDialog))
            await pilot.press("s")
        assert not app.is_running
        assert load_profile("mine").seed == 7

    asyncio.run(use())


def test_an_end_waits_for_the_first_screen_to_stand(dashboard, wait_for: WaitFor, monkeypatch):
    # A screen that is torn down while it is built ends with a traceback, now and then.
    held = []
    build = Dashboard._open_choosing

    def hold(app: Dashboard) -> None:
        held.append(app)

    monkeypatch.setattr(Dashboard, "_open_choosing", hold)

    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: held)
            app.end_soon()
            await pilot.pause()
            assert app.is_running
            build(app)
            await wait_for(lambda: not app.is_running)

    asyncio.run(use())


def test_every_key_is_in_the_help_and_in_the_palette(dashboard, wait_for: WaitFor):
    async def use() -> None:
        app = dashboard(**{"measure.duration": 600})
        async with app.run_test(size=(80, 24)) as pilot:
            await measure(app, pilot, wait_for)
            words = {
                active.binding.description
                for active in app.screen.active_bindings.values()
                if active.binding.description and not active.binding.system
            }
            assert {"Stop", "Skip", "Quit", "Suspend", "Dark or light"} <= words
            offered = {command.title for command in app.get_system_commands(app.screen)}
            assert words <= offered
            await pilot.press("f1")
            await wait_for(is_open(app, HelpScreen))
            told = str(app.screen.query_one(Static).content)
            assert all(word in told for word in words)
            assert "^z" in told
            await pilot.press("escape", "ctrl+p")
            await wait_for(is_open(app, CommandPalette))
            await pilot.press("S", "k", "i", "p", "enter")
            await pilot.press("enter")
            await wait_for(lambda: app.runs[0].is_over)
            assert app.runs[0].session.cases[0].state == "skipped"

    asyncio.run(use())


def test_dark_and_light_change_with_a_key(dashboard, wait_for: WaitFor):
    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(is_open(app, ChooseScreen))
            assert app.current_theme.dark
            await pilot.press("t")
            assert not app.current_theme.dark

    asyncio.run(use())
