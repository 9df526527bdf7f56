"""Pictures of two compared sessions; `--snapshot-update` makes them anew: look at each that changed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from engine.statistics import benchmark_metrics
from engine.timings import TrialTimings
from tests.profiles.session_builders import MACHINE, new_writer, trial
from tests.tui.dashboard.fixed import (
    CASES,
    PROFILE,
    RENDERERS,
    STARTED,
    failed,
    fixed_session,
    phases_of,
)
from tui.dashboard.app import Dashboard
from tui.dashboard.sessions.comparison import Side
from tui.dashboard.sessions.side_by_side import SideBySideScreen

SMALL, LARGE = (80, 24), (140, 45)
READY = {"1": "B over A", "2": "beyond the edges", "3": "FPS of a trial"}

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]
Picture = Callable[..., bool]


def other_session(folder: Path) -> Side:
    """The same cases a day later: egl alike but for its trials, osmesa slower, the kernel another one."""
    kernel = msgspec.structs.replace(MACHINE, kernel="6.12")
    given = {"profile": PROFILE, "profile_name": "resolutions", "cases": CASES, "machine": kernel}
    writer = new_writer(folder, **given, now=STARTED + timedelta(days=1))
    for turn in (1, 2, 3):
        for case in CASES:
            if case.backend not in RENDERERS:
                writer.append(failed(case, turn))
                continue
            timed = phases_of(case, 1000, turn + 1)
            part = 2 if case.backend == "osmesa" else 40 * turn
            timed["render"] += timed["render"] // part
            timings = TrialTimings(warmup=phases_of(case, 10), timed=timed)
            metrics = benchmark_metrics(timings, case.resolution.pixels)
            renderer = RENDERERS[case.backend]
            writer.append(trial(case, turn, timings=timings, metrics=metrics, renderer=renderer))
    return Side(writer.close("complete", now=STARTED + timedelta(days=1, minutes=2)), folder)


pytestmark = pytest.mark.usefixtures("clock_on_the_wall")


@pytest.fixture
def picture(
    snap_compare: Picture,
    wait_for: WaitFor,
    tmp_path: Path,
    fixed_dashboard: Callable[[str], Dashboard],
) -> Picture:
    """Opens two sessions in the dashboard, and holds them against their picture."""

    def compare(tab: str, size: tuple[int, int], look: str = "dark") -> bool:
        app = fixed_dashboard(look)
        before = Side(fixed_session(tmp_path / "before"), tmp_path / "before")
        after = other_session(tmp_path / "after")

        async def open_screen(pilot: Pilot[None]) -> None:
            def text() -> str:
                return "\n".join(strip.text for strip in app.screen._compositor.render_strips())

            await wait_for(lambda: "F5 measures them, one after" in text())
            await app.push_screen(SideBySideScreen(before, after, look == "ascii"))
            await pilot.press(tab, "down")
            await wait_for(lambda: READY[tab] in text() and "osmesa" in text())
            if size == LARGE:
                await wait_for(lambda: "beyond the edges" in text() or "FPS of a trial" in text())

        return snap_compare(app, terminal_size=size, run_before=open_screen)

    return compare


@pytest.mark.parametrize("tab", READY)
def test_small(picture: Picture, tab: str):
    assert picture(tab, SMALL)


@pytest.mark.parametrize("tab", ["2", "3"])
def test_large(picture: Picture, tab: str):
    assert picture(tab, LARGE)


@pytest.mark.parametrize("look", ["light", "nocolour", "ascii"])
@pytest.mark.parametrize("tab", ["1", "2"])
def test_look(picture: Picture, tab: str, look: str):
    assert picture(tab, SMALL, look)
