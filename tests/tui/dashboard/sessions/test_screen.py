"""Past sessions in the dashboard: listed, read, compared, renamed, exported, deleted and run again."""

import asyncio
import csv
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from profiles.profile import Profile
from profiles.sessions import load_session, sessions_folder
from tui.dashboard.app import Dashboard
from tui.dashboard.dialogs import AskDialog, ConfirmDialog
from tui.dashboard.results.screen import ResultScreen
from tui.dashboard.session_run import SessionRun
from tui.dashboard.sessions.export_dialog import ExportDialog
from tui.dashboard.sessions.line_table import LineList
from tui.dashboard.sessions.screen import SessionsScreen
from tui.dashboard.sessions.side_by_side import SideBySideScreen
from tui.dashboard.watch.screen import WatchScreen

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]


def profile(seed: int = 0) -> Profile:
    values = {"backends": ["null"], "resolutions": ["64x64"], "measure.frames": 2000, "seed": seed}
    return Profile().override(values)


@pytest.fixture
def sessions() -> tuple[Path, Path]:
    """Two sessions of other seeds, beside one that is damaged and named to do harm."""
    folders = []
    for seed in (1, 2):
        run = SessionRun(profile(seed), "quick")
        run.start()
        assert run.wait(60)
        folders.append(run.folder)
    damaged = sessions_folder() / "[red]bad\x1b[2J"
    damaged.mkdir()
    (damaged / "session.toml").write_text("schema = [")
    return folders[0], folders[1]


def words(app: Dashboard) -> str:
    """All that stands in the widgets of the screen that is open."""
    lists = [
        widget.render_line(y).text for widget in app.screen.query(LineList) for y in range(widget.size.height)
    ]
    return "\n".join([*(str(widget.content) for widget in app.screen.query(Static)), *lists])


def drawn_lines(app: Dashboard) -> list[str]:
    """All that is drawn on the screen."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def ratio(app: Dashboard) -> float | None:
    """What the second session has of the first one's FPS."""
    found = re.search(r"B over A: ratio ([\d.]+),", words(app))
    return float(found[1]) if found else None


async def opened(app: Dashboard, pilot, wait_for: WaitFor) -> None:
    """The list, with all that there is in it."""
    await pilot.press("f3")
    await wait_for(lambda: isinstance(app.screen, SessionsScreen))
    await wait_for(lambda: "3 sessions" in words(app) and "reading" not in words(app))


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_a_session_is_read_and_two_are_held_side_by_side(sessions, wait_for: WaitFor, size):
    first, second = sessions

    async def use() -> None:
        app = Dashboard(profile(), "quick")
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await opened(app, pilot, wait_for)
            assert "[red]bad\\x1b[2J" in words(app)
            await pilot.press("/", *second.name[-4:], "enter")
            await wait_for(lambda: "1 with" in words(app))
            await pilot.press("enter")
            await wait_for(lambda: isinstance(app.screen, ResultScreen))
            await pilot.press("b")
            await wait_for(lambda: isinstance(app.screen, SessionsScreen))
            await pilot.press("escape")
            await wait_for(lambda: first.name[-4:] in words(app))
            for name in (first.name, second.name):
                app.screen._table.show(app.screen._listing.shown(), name)
                await pilot.press("space")
            await pilot.press("c")
            await wait_for(lambda: isinstance(app.screen, SideBySideScreen))
            await wait_for(lambda: "differ" in words(app) and "UNCLEAR: 1 trial" in words(app))
            await pilot.press("4")
            await wait_for(lambda: any("seed" in line for line in drawn_lines(app)))
            await pilot.press("1")
            rates = [load_session(folder).cases[0].trials[0].metrics.fps for folder in sessions]
            await wait_for(lambda: ratio(app) == pytest.approx(rates[1] / rates[0], rel=0.006))
            await pilot.press("x")
            await wait_for(lambda: ratio(app) == pytest.approx(rates[0] / rates[1], rel=0.006))
            await pilot.press("b", "b")
            await wait_for(lambda: app.screen is app._choose)

    asyncio.run(use())


def test_renaming_exporting_running_again_and_deleting(
    sessions, wait_for: WaitFor, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    first, second = sessions

    async def use() -> None:
        app = Dashboard(profile(), "quick")
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await opened(app, pilot, wait_for)
            app.screen._table.show(app.screen._listing.shown(), second.name)
            await pilot.press("r")
            await wait_for(lambda: isinstance(app.screen, AskDialog) and app.screen.focused)
            app.screen.query_one(Input).value = first.name
            await wait_for(lambda: str(app.screen.query_one("#problem", Static).content))
            await pilot.press("enter")
            assert isinstance(app.screen, AskDialog)
            app.screen.query_one(Input).value = "before-the-driver"
            await pilot.press("enter")
            await wait_for(lambda: "before-the-driver" in words(app))
            assert not second.exists()
            for down, suffix in ((0, "csv"), (1, "json")):
                await pilot.press("e")
                await wait_for(lambda: isinstance(app.screen, ExportDialog) and app.screen.focused)
                await pilot.press(*["down"] * down, "enter")
                await wait_for((tmp_path / f"before-the-driver.{suffix}").is_file)
                await wait_for(lambda: isinstance(app.screen, SessionsScreen))
            assert json.loads((tmp_path / "before-the-driver.json").read_text())["trials"]
            assert len(list(csv.DictReader((tmp_path / "before-the-driver.csv").open()))) == 1
            await pilot.press("d")
            await wait_for(lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("n")
            await wait_for(lambda: isinstance(app.screen, SessionsScreen))
            assert (second.parent / "before-the-driver").is_dir()
            await pilot.press("d", "y")
            await wait_for(lambda: not (second.parent / "before-the-driver").exists())
            await wait_for(lambda: "2 sessions" in words(app))
            app.screen._table.show(app.screen._listing.shown(), first.name)
            await pilot.press("g")
            await wait_for(lambda: isinstance(app.screen, WatchScreen) and app.runs[-1].is_over)
            assert app.runs[-1].session.profile == load_session(first).profile

    asyncio.run(use())
