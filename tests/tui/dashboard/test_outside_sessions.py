"""A session of another's making is data: read, listed, compared, exported and printed, it stays text."""

import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from engine import preflight
from profiles.profile import Profile
from profiles.sessions import load_session, sessions_folder
from profiles.store import SESSION_FILE
from tests.tui.dashboard.fixed import probe_fixed
from tests.tui.dashboard.outside import NAME, TEXT, Host, foreign_session, showing, shows, use
from tui.commands import dashboard as dashboard_command
from tui.dashboard import app as dashboard_module
from tui.dashboard.results.screen import ResultScreen
from tui.dashboard.sessions.screen import SessionsScreen
from tui.dashboard.sessions.side_by_side import SideBySideScreen
from tui.text import printable

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]


def test_reading(wait_for: WaitFor, tmp_path: Path):
    folder = tmp_path / NAME
    session = foreign_session(folder)
    assert load_session(folder) == session
    screen = ResultScreen(session, folder)
    app = Host(screen)

    async def look(pilot: Pilot[object]) -> None:
        await wait_for(showing(app, f"profile {TEXT}", f"host {TEXT}", at="#title"))
        await wait_for(showing(app, f"egl{NAME} is 7", f"as fast as osmesa{NAME}", at="#why"))
        await wait_for(showing(app, f"id {TEXT}", f"renderer {TEXT} SOFTWARE", at="#detail"))
        table = screen.query_one("ResultTable")
        # Beside the name of a driver there is room for SOFTWARE, which is not cut.
        for cell, cells in ((NAME, 29), (f"egl{NAME}", 29), (f"renderer {TEXT}", 20)):
            assert shows(app, cell, table, cells=cells)
        heading = f"{NAME}, egl{NAME}, 640x480"
        for key, pane in zip("3456", ("histogram", "phases", "backends", "sizes"), strict=True):
            await pilot.press(key)
            await wait_for(showing(app, heading, at=f"#{pane}-pane .heading"))
        await wait_for(showing(app, f"e egl{NAME}", f"No figures: glfw{NAME}.", at="#sizes-pane .note"))
        await pilot.press("5")
        bars = (f"› egl{NAME}", f"osmesa{NAME}", f"failed: reason {TEXT}")
        await wait_for(showing(app, *bars, at="#backends-pane Plot"))
        await pilot.press("2", "down", "down")
        await wait_for(showing(app, f"no frame times: reason {TEXT}. Fix: fix {TEXT}.", at="#frames-pane"))
        assert shows(app, f"reason {TEXT}. Fix: fix {TEXT}.", screen.query_one("#detail"))
        await pilot.press("7")
        about = (
            f"session   id {TEXT}",
            f"profile   profile {TEXT}",
            f"folder    {folder}",
            f"lost      lost {TEXT}",
            f"cpu {TEXT}",
            f"gpu {TEXT} ({TEXT}); os {TEXT}; MuJoCo mujoco {TEXT}",
            f"renderer {TEXT}, vendor {TEXT}, version {TEXT}",
            f"reason {TEXT}",
        )
        await wait_for(showing(app, *about, at="#about-pane"))

    use(app, look)


def test_past_sessions(wait_for: WaitFor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    here = tmp_path / NAME
    here.mkdir()
    monkeypatch.chdir(here)
    # The last one is no text at all, as the system has it.
    names = [f"{letter}{NAME}" for letter in ("a", "b", "c\udcff")]
    for name in names[:2]:
        foreign_session(sessions_folder() / name, f"{name[0]}{TEXT}")
    damaged = sessions_folder() / names[2]
    damaged.mkdir()
    (damaged / SESSION_FILE).write_text(f"{json.dumps(TEXT)} = 1")
    monkeypatch.setattr(preflight, "probe_backends", probe_fixed)
    app = dashboard_module.Dashboard(Profile(), "quick")

    async def go(pilot: Pilot[object], *keys: str) -> None:
        """Press keys in the list, once it is open again."""
        await wait_for(lambda: isinstance(app.screen, SessionsScreen))
        await pilot.press(*keys)

    async def look(pilot: Pilot[object]) -> None:
        await wait_for(showing(app, "Profile quick", "F5 measures them"))
        await pilot.press("f3")
        await wait_for(lambda: isinstance(app.screen, SessionsScreen))
        await wait_for(showing(app, *names, "FPS on egl[red]", at="#table"))
        await wait_for(showing(app, "3 sessions   ", at="#title"))
        await wait_for(showing(app, f"unknown key {TEXT!r}", at="#details"))
        await pilot.press("enter")
        await wait_for(showing(app, f"unknown key {TEXT!r}", at="Toast"))
        # It would lie over what is looked at next.
        app.clear_notifications()
        await go(pilot, "end")
        await wait_for(showing(app, f"on host a{TEXT}", at="#details"))
        first = sessions_folder() / names[0]
        for key, words in (("r", f"the session {names[0]}:"), ("d", f"delete {first}")):
            await go(pilot, key)
            await wait_for(showing(app, words, at=".dialog"))
            await pilot.press("escape")
        await go(pilot, "slash")
        app.post_message(Paste(names[0]))
        await wait_for(showing(app, f"0 with {names[0].splitlines()[0]!r}", at="#title"))
        await wait_for(showing(app, "No session holds", at="#sentence"))
        await pilot.press("escape")
        await go(pilot, "end", "e")
        await wait_for(showing(app, f"Export {names[0]} as", f"into a file in {here}", at=".dialog"))
        await pilot.press("enter")
        await wait_for(showing(app, f"Written: {here}", at="Toast"))
        app.clear_notifications()
        await go(pilot, "end", "space", "up", "space")
        await pilot.press("c")
        await wait_for(lambda: isinstance(app.screen, SideBySideScreen))
        sides = [f"{letter}  {name}" for letter, name in zip("AB", names, strict=False)]
        await wait_for(showing(app, *sides, f"host a{TEXT}", f"host b{TEXT}", at="#sides"))
        await wait_for(showing(app, f"{NAME}, egl{NAME}, 640x480", at="#details"))
        await pilot.press("down", "down")
        await wait_for(showing(app, f"A: reason a{TEXT}", f"B: reason b{TEXT}", at="#details"))
        differ = [f"B {word}b{TEXT}" for word in ("host ", "os ", "mujoco ", "gpu ")]
        await pilot.press("4")
        await wait_for(showing(app, *differ, at="#differences-pane"))
        await pilot.press("end")
        await wait_for(showing(app, f"B renderer b{TEXT}, version", f"B b{TEXT}", at="#differences-pane"))

    use(app, look)


def test_the_printout_after_closing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    folder = tmp_path / NAME
    session = foreign_session(folder)

    class Closed(dashboard_module.Dashboard):
        """A dashboard that is closed as soon as a run is over."""

        def run(self, **options: object) -> None:
            self.runs.append(
                SimpleNamespace(session=session, folder=folder, is_over=True, wait=lambda limit: True)
            )

    monkeypatch.setattr(dashboard_module, "Dashboard", Closed)
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    dashboard_command.open_dashboard(Namespace())
    said = capsys.readouterr()
    for harm in ("\x1b", "\x07", "\x9b", "\t", "\u202e"):
        assert harm not in said.out + said.err
    for text in (f"cpu {TEXT}", f"renderer {TEXT}, vendor {TEXT}", f"reason {TEXT}. Fix: fix {TEXT}."):
        assert printable(text) in said.out
    assert said.err == f"session: {printable(str(folder))}\n"
