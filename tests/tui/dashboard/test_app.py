"""The dashboard as a person uses it, with keys, on real engine processes."""

import asyncio
import time
from collections.abc import Callable
from multiprocessing import resource_tracker

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from profiles.profile import Profile
from profiles.sessions import load_session
from tui.dashboard.app import Dashboard
from tui.dashboard.choose.check_list import CheckList
from tui.dashboard.choose.screen import ChooseScreen
from tui.dashboard.dialogs import ConfirmDialog
from tui.dashboard.watch.screen import WatchScreen

LIMIT_S = 60


async def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


def text_of(app: Dashboard, name: str) -> str:
    return str(app.screen.query_one(f"#{name}", Static).content)


def marks(app: Dashboard, name: str) -> list[str]:
    widget = app.screen.query_one(f"#{name}", CheckList)
    return [widget.render_line(y).text for y in range(widget.option_count)]


async def chosen_ready(app: Dashboard) -> ChooseScreen:
    await wait_for(
        lambda: isinstance(app.screen, ChooseScreen) and "being tried" not in "".join(marks(app, "backends"))
    )
    return app.screen


async def start_measuring(app: Dashboard, pilot: Pilot[None]) -> None:
    """From the first screen to some thousand frames."""
    await chosen_ready(app)
    await pilot.press("f5")
    await wait_for(lambda: app.runs and app.runs[0].state and app.runs[0].state.views()[0].frames > 1000)


@pytest.fixture
def dashboard(monkeypatch) -> Callable[..., Dashboard]:
    """A dashboard on null, with the resource tracker running as the command leaves it."""
    resource_tracker.ensure_running()
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    def make(**values: object) -> Dashboard:
        keys = {"backends": ["null"], "resolutions": ["64x64"], "measure.duration": 0.3}
        return Dashboard(Profile().override({**keys, **values}), "test")

    return make


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_backends_fill_in_with_driver_and_reason_and_marks_need_no_colour(dashboard, size):
    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=size):
            await chosen_ready(app)
            egl, osmesa, glfw, null = marks(app, "backends")
            assert egl.startswith("[ ] egl")
            assert "llvmpipe, SOFTWARE" in egl
            assert osmesa.startswith("[ ] osmesa")
            assert glfw.startswith(" -  glfw")
            assert null.startswith("[x] null")

    asyncio.run(use())


def test_from_the_first_key_to_a_saved_session(dashboard):
    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=(80, 24)) as pilot:
            await chosen_ready(app)
            assert "1 case" in text_of(app, "summary")
            await pilot.press("f5")
            await wait_for(lambda: isinstance(app.screen, WatchScreen))
            run = app.runs[0]
            await wait_for(lambda: run.is_over)
            await wait_for(lambda: "complete" in text_of(app, "title"))
            assert "FPS" in text_of(app, "details")
            assert load_session(run.folder).session.status == "complete"
            await pilot.press("b")
            await wait_for(lambda: isinstance(app.screen, ChooseScreen))
            await pilot.press("q")
        assert not app.is_running

    asyncio.run(use())


def test_what_is_not_valid_is_said_as_it_is_typed_and_does_not_start(dashboard):
    async def use() -> None:
        app = dashboard()
        async with app.run_test(size=(80, 24)) as pilot:
            await chosen_ready(app)
            app.screen.query_one("#resolutions", Input).value = "0x0"
            await wait_for(lambda: "0x0" in text_of(app, "verdict"))
            assert "Resolutions" in text_of(app, "verdict")
            await pilot.press("f5")
            assert isinstance(app.screen, ChooseScreen)
            assert app.runs == []
            app.screen.query_one("#resolutions", Input).value = "64x64 [red] 32x32"
            await wait_for(lambda: "[red]" in text_of(app, "verdict"))
            app.screen.query_one("#resolutions", Input).value = "64x64 32x32"
            await wait_for(lambda: "2 cases" in text_of(app, "summary"))

    asyncio.run(use())


def test_stop_saves_what_was_measured(dashboard):
    async def use() -> None:
        app = dashboard(**{"measure.duration": 600})
        async with app.run_test(size=(80, 24)) as pilot:
            await start_measuring(app, pilot)
            await pilot.press("s")
            await wait_for(lambda: app.runs[0].is_over)
            assert load_session(app.runs[0].folder).session.status == "interrupted"

    asyncio.run(use())


def test_quitting_while_a_run_goes_on_asks_first(dashboard):
    async def use() -> None:
        app = dashboard(**{"measure.duration": 600})
        async with app.run_test(size=(80, 24)) as pilot:
            await start_measuring(app, pilot)
            await pilot.press("q")
            await wait_for(lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("n")
            await wait_for(lambda: isinstance(app.screen, WatchScreen))
            assert not app.runs[0].is_over
            await pilot.press("q")
            await wait_for(lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("y")
        app.save_runs()
        assert load_session(app.runs[0].folder).session.status == "interrupted"

    asyncio.run(use())


def test_the_display_can_be_held_while_the_run_goes_on(dashboard, monkeypatch):
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "frame_ms=5")

    async def use() -> None:
        app = dashboard(**{"backends": ["misbehaving"], "measure.duration": 600})
        async with app.run_test(size=(80, 24)) as pilot:
            # The twin is in no list: the run is started as the screen would.
            app.post_message(ChooseScreen.Started(app._profile))
            await wait_for(
                lambda: app.runs and app.runs[0].state and app.runs[0].state.views()[0].frames > 100
            )
            await wait_for(lambda: "overall" in text_of(app, "details"))
            await pilot.press("p")
            assert "PAUSED" in text_of(app, "title")
            held = text_of(app, "details")
            frames = app.runs[0].state.views()[0].frames
            await wait_for(lambda: app.runs[0].state.views()[0].frames > frames + 300)
            assert text_of(app, "details") == held
            await pilot.press("p")
            await wait_for(lambda: text_of(app, "details") != held)
        app.save_runs()

    asyncio.run(use())
