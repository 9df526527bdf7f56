"""Pictures of an explanation; `pytest --snapshot-update` makes them anew: look at each that changed."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.dashboard.explain.explained import CASE, statuses, write_explanation
from tui.dashboard.app import Dashboard
from tui.dashboard.explain.opening import open_explanation

SMALL, LARGE = (80, 24), (140, 45)

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]
Picture = Callable[..., bool]


@pytest.fixture
def picture(
    snap_compare: Picture,
    wait_for: WaitFor,
    tmp_path: Path,
    fixed_dashboard: Callable[[str], Dashboard],
) -> Picture:
    """Opens an explanation in the dashboard, and holds it against its picture."""

    def compare(size: tuple[int, int], look: str = "dark", cut_after: int | None = None) -> bool:
        ascii_only = look == "ascii"
        app = fixed_dashboard(look)
        session = write_explanation(tmp_path / "session", cut_after=cut_after)

        async def open_screen(pilot: Pilot[None]) -> None:
            def text() -> str:
                return "\n".join(strip.text for strip in app.screen._compositor.render_strips())

            await wait_for(lambda: "F5 measures them, one after" in text())
            open_explanation(
                app, session, tmp_path / "session", CASE, ascii_only=ascii_only, changes=statuses()
            )
            await wait_for(lambda: "Explain again" in text() and "made by: " in text())

        return snap_compare(app, terminal_size=size, run_before=open_screen)

    return compare


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: "x".join(map(str, size)))
def test_screen(picture: Picture, size: tuple[int, int]):
    assert picture(size)


@pytest.mark.parametrize("look", ["light", "nocolour", "ascii"])
def test_look(picture: Picture, look: str):
    assert picture(SMALL, look)


def test_stopped(picture: Picture):
    assert picture(SMALL, cut_after=6)
