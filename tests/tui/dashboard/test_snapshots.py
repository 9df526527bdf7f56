"""Pictures of the screens that matter most; what differs by one character has to be looked at.

`pytest --snapshot-update` makes them anew: look at each one that changed before it is committed.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.tui.dashboard.fixed import FixedRun, fixed_session
from tui.dashboard.app import Dashboard
from tui.dashboard.results.screen import ResultScreen
from tui.dashboard.watch.observer import Observer
from tui.dashboard.watch.screen import WatchScreen

SMALL, LARGE = (80, 24), (140, 45)
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: "x".join(map(str, size)))
LOOKS = pytest.mark.parametrize("look", ["light", "nocolour", "ascii"])
SCREENS = pytest.mark.parametrize("screen", ["choosing", "watching", "reading"])

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]
Picture = Callable[..., bool]


pytestmark = pytest.mark.usefixtures("clock_on_the_wall")


@pytest.fixture
def picture(
    snap_compare: Picture,
    wait_for: WaitFor,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    fixed_dashboard: Callable[[str], Dashboard],
) -> Picture:
    """Opens a screen of the dashboard with what never changes, and holds it against its picture."""
    monkeypatch.setattr(Observer, "share", lambda _: 0.012)

    def compare(screen: str, size: tuple[int, int], look: str = "dark") -> bool:
        app = fixed_dashboard(look)

        async def reads(*words: str) -> None:
            """Wait until all of this stands on the screen."""
            try:
                await wait_for(lambda: all(word in _text(app) for word in words))
            except AssertionError:
                raise AssertionError(f"{words} are not in:\n{_text(app)}") from None

        async def open_screen(pilot: Pilot[None]) -> None:
            await reads("F5 measures them, one after")
            if screen == "watching":
                watch = WatchScreen(FixedRun(), look == "ascii")
                await app.push_screen(watch)
                await reads("trial 5 of 18", "highest")
                # What the next tick of its clock draws, now that the panels know their size.
                watch._show()
            elif screen == "reading":
                folder = tmp_path / "session"
                await app.push_screen(ResultScreen(fixed_session(folder), folder, look == "ascii"))
                await reads("1000 frames in" if size == LARGE else "less in render")

        return snap_compare(app, terminal_size=size, run_before=open_screen)

    return compare


def _text(app: App[None]) -> str:
    """All that stands on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@SIZES
@SCREENS
def test_screen(picture: Picture, screen: str, size: tuple[int, int]):
    assert picture(screen, size)


@LOOKS
@SCREENS
def test_look(picture: Picture, screen: str, look: str):
    assert picture(screen, SMALL, look)
