"""The watching screen, used with keys while real engine processes run."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from textual.app import App
from textual.widgets import Static

from profiles.profile import Profile
from profiles.sessions import load_session
from tui.dashboard.session_run import SessionRun
from tui.dashboard.watch.case_list import CaseList
from tui.dashboard.watch.fps_graph import FpsGraph
from tui.dashboard.watch.preview import Preview
from tui.dashboard.watch.screen import WatchScreen
from tui.dashboard.watch.state import CaseStatus, CaseView
from tui.dashboard.watch.text_panel import TextPanel

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]
ENDLESS_S = 600


class Host(App[None]):
    """The screen and what it says."""

    def __init__(self, run: SessionRun, ascii_only: bool = False) -> None:
        super().__init__()
        self.run_watched = run
        self.watch_screen = WatchScreen(run, ascii_only)
        self.wanted: list[SessionRun] = []
        self.left = 0

    def on_mount(self) -> None:
        self.push_screen(self.watch_screen)

    def on_watch_screen_results_wanted(self, message: WatchScreen.ResultsWanted) -> None:
        self.wanted.append(message.run)

    def on_watch_screen_left(self) -> None:
        self.left += 1

    def text(self, name: str) -> str:
        """What stands in a Static or a panel of text."""
        widget = self.watch_screen.query_one(f"#{name}")
        return (
            widget.text
            if isinstance(widget, TextPanel)
            else str(self.watch_screen.query_one(f"#{name}", Static).content)
        )

    def lines(self, kind: type[CaseList] | type[FpsGraph] | type[Preview]) -> list[str]:
        """What a widget draws."""
        widget = self.watch_screen.query_one(kind)
        return [widget.render_line(y).text for y in range(widget.size.height)]

    def view(self, index: int = 0) -> CaseView:
        """A case as it is now."""
        assert self.run_watched.state is not None
        return self.run_watched.state.views()[index]

    def is_running(self, index: int = 0) -> bool:
        """Whether a case has frames and goes on."""
        return (
            self.run_watched.state is not None
            and self.view(index).status is CaseStatus.RUNNING
            and self.view(index).frames > 20
        )


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Host]:
    """Starts a run of some cases of paced frames and an app that watches it."""
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "frame_ms=5")
    hosts: list[Host] = []

    def make(ascii_only: bool = False, **values: object) -> Host:
        keys = {
            "backends": ["misbehaving"],
            "resolutions": ["64x64", "32x32", "16x16"],
            "measure.duration": ENDLESS_S,
        }
        run = SessionRun(Profile().override({**keys, **values}), "test")
        run.start()
        hosts.append(Host(run, ascii_only))
        return hosts[-1]

    yield make
    for host in hosts:
        while not host.run_watched.wait(0):
            host.run_watched.request_stop()
            host.run_watched.wait(0.2)


def test_skipping_stopping_and_reading_afterwards(watch, wait_for: WaitFor):
    async def use() -> None:
        app = watch()
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(app.is_running)
            await wait_for(lambda: app.lines(CaseList)[1].startswith("› ▶ running"))
            await wait_for(lambda: "~" in app.lines(CaseList)[1])
            assert "trial 1 of 3" in app.text("title")
            assert "observer" in app.text("title")
            await pilot.press("down", "down", "k")
            assert app.run_watched.state.current == app.view(0).case.id
            await pilot.press("f", "k")
            await wait_for(lambda: app.is_running(1))
            await wait_for(lambda: app.lines(CaseList)[1].startswith("  » skipped"))
            await wait_for(lambda: app.lines(CaseList)[2].startswith("› ▶ running"))
            await pilot.press("enter", "b")
            assert (app.wanted, app.left) == ([], 0)
            await pilot.press("s")
            await wait_for(lambda: app.run_watched.is_over)
            session = load_session(app.run_watched.folder)
            assert [case.state for case in session.cases] == ["skipped", "interrupted", "interrupted"]
            assert all(case.trials[0].metrics.frames > 20 for case in session.cases[:2])
            await wait_for(lambda: "Session interrupted" in app.text("title"))
            await pilot.press("enter", "b")
            assert (app.wanted, app.left) == ([app.run_watched], 1)

    asyncio.run(use())


def test_stopping_after_a_case_can_be_taken_back_and_leaves_a_session(watch, wait_for: WaitFor):
    async def use() -> None:
        app = watch(**{"measure.duration": 2})
        async with app.run_test(size=(140, 45)) as pilot:
            await wait_for(app.is_running)
            await pilot.press("a")
            await wait_for(lambda: "STOPS AFTER THIS CASE" in app.text("title"))
            await pilot.press("a")
            await wait_for(lambda: "STOPS" not in app.text("title"))
            await wait_for(lambda: app.is_running(1))
            await pilot.press("a")
            await wait_for(lambda: app.run_watched.is_over)
            session = load_session(app.run_watched.folder)
            assert session.session.status == "interrupted"
            assert [len(case.trials) for case in session.cases] == [1, 1, 0]
            assert [case.state for case in session.cases[:2]] == ["done", "done"]

    asyncio.run(use())


def test_the_display_is_held_while_the_run_goes_on(watch, wait_for: WaitFor):
    async def use() -> None:
        app = watch()
        async with app.run_test(size=(140, 45)) as pilot:
            await wait_for(lambda: app.is_running() and "provisional" in app.text("figures"))
            await pilot.press("p")
            assert "DISPLAY HELD" in app.text("title")
            held, frames = app.text("figures"), app.view().frames
            await wait_for(lambda: app.view().frames > frames + 300)
            assert app.text("figures") == held
            await pilot.press("p")
            await wait_for(lambda: app.text("figures") != held)

    asyncio.run(use())


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_software_rasterizer_is_named_and_what_it_draws_is_seen(watch, wait_for: WaitFor, ascii_only):
    async def use() -> None:
        app = watch(ascii_only, backends=["egl"], resolutions=["64x48"], effects=["bare"])
        async with app.run_test(size=(140, 45)) as pilot:
            await wait_for(lambda: "SOFTWARE RASTERIZER" in app.text("figures"))
            await wait_for(lambda: len({line.strip() for line in app.lines(Preview)}) > 3)
            assert ("▀" in "".join(app.lines(Preview))) is not ascii_only
            assert "".join(app.lines(FpsGraph) + app.lines(CaseList)).isascii() is ascii_only
            await wait_for(lambda: "cores" in app.text("figures"))
            await pilot.press("v")
            assert "off: v shows" in app.lines(Preview)[0]
            number = app.run_watched.state.preview.number
            frames = app.view().frames
            await wait_for(lambda: app.view().frames > frames + 100)
            assert app.run_watched.state.preview.number <= number + 1

    asyncio.run(use())


def test_a_failed_case_tells_why_and_what_it_printed(watch, wait_for: WaitFor, monkeypatch):
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "frame_ms=5,fault=raise,at=30")

    async def use() -> None:
        app = watch(resolutions=["64x64"])
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: app.run_watched.is_over)
            await wait_for(lambda: app.lines(CaseList)[1].startswith("› ✗ failed"))
            await pilot.press("2")
            await wait_for(lambda: "in a bad mood" in app.text("figures"))
            await pilot.press("4")
            await wait_for(lambda: "RuntimeError" in app.text("log"))

    asyncio.run(use())


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_a_small_terminal_has_one_panel_at_a_time_and_a_large_one_all(watch, wait_for: WaitFor, size):
    async def use() -> None:
        app = watch()
        async with app.run_test(size=size) as pilot:
            await wait_for(app.is_running)
            seen = []
            for key in "1234":
                await pilot.press(key)
                seen.append([panel.id for panel in app.watch_screen.query(".panel") if panel.display])
            if size == (80, 24):
                assert seen == [["graph"], ["figures"], ["preview"], ["log"]]
            else:
                assert all(len(panels) == 4 for panels in seen)
            # Another size while it runs.
            await pilot.resize_terminal(220 - size[0], 69 - size[1])
            await wait_for(lambda: len(app.lines(CaseList)[1]) == 220 - size[0])

    asyncio.run(use())


def test_what_is_held_is_measured_anew(watch, wait_for: WaitFor):
    async def use() -> None:
        app = watch(resolutions=["64x64"], **{"measure.duration": None, "measure.frames": 400})
        async with app.run_test(size=(80, 24)):
            await wait_for(app.is_running)
            assert await asyncio.to_thread(app.run_watched.hold, 20)
            before = app.view().frames
            assert before < 400
            app.run_watched.release()
            await wait_for(lambda: app.run_watched.is_over)
            session = load_session(app.run_watched.folder)
            assert session.session.status == "complete"
            assert [trial.metrics.frames for trial in session.cases[0].trials] == [400]

    asyncio.run(use())


@pytest.mark.parametrize("size", [(80, 24), (110, 40)])
def test_workers_and_worlds_are_watched_in_ascii_as_well(watch, wait_for: WaitFor, size):
    async def use() -> None:
        app = watch(ascii_only=True, resolutions=["64x64"], workers=[1, 2], worlds=[1, 16])
        async with app.run_test(size=size) as pilot:
            await pilot.press("2")
            for index in range(3):
                await wait_for(lambda index=index: app.is_running(index))
                if index < 2:
                    await pilot.press("f", "k")
            head, *lines = app.lines(CaseList)[:5]
            assert {"workers", "worlds"} <= set(head.split())
            counts = [line.partition("misbehaving")[2].split()[:2] for line in lines]
            assert counts == [["1", "1"], ["1", "16"], ["2", "1"], ["2", "16"]]
            await wait_for(lambda: "workers " in app.text("figures") and ", fairness " in app.text("figures"))
            await wait_for(lambda: "provisional" in app.text("figures"))
            for name in ("figures", "log"):
                title = str(app.watch_screen.query_one(f"#{name}").border_title)
                assert title.isascii()
                shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
                assert title in shown or (name == "log" and size[0] == 80)
            assert title.endswith("~") == (size[0] > 80)

    asyncio.run(use())
