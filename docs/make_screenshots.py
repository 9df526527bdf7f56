"""Makes the pictures of the dashboard in docs/images: a real run, chosen, watched, read and compared, as SVG.

    .venv/bin/python docs/make_screenshots.py

Takes about three minutes. Sessions go to a folder that is deleted afterwards.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

IMAGES = Path(__file__).parent / "images"
SIZE = (120, 36)
LIMIT_S = 300


async def wait_for(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; the app goes on meanwhile."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("a screen did not come")
        await asyncio.sleep(0.05)


async def make() -> None:
    """Choose two backends, watch the second, read the session."""
    from profiles.profile import Profile
    from tui.dashboard.app import Dashboard

    values = {"backends": ["egl", "osmesa"], "resolutions": ["640x480"], "effects": ["bare"]}
    app = Dashboard(Profile().override({**values, "measure.duration": 20}), "quick")
    async with app.run_test(size=SIZE) as pilot:
        await wait_for(lambda: app.screen.query("#verdict"))
        choose = app.screen
        await wait_for(lambda: "one after the other" in str(choose.query_one("#verdict").render()))
        save(app, "choosing")
        await pilot.press("f5")
        await wait_for(lambda: app.runs and app.runs[0].state and app.runs[0].state.views()[1].frames > 500)
        await pilot.pause(1.5)
        save(app, "watching")
        await wait_for(lambda: app.runs[0].is_over)
        await pilot.pause(1)
        await pilot.press("enter")
        await pilot.pause(1)
        await pilot.press("4")
        await pilot.pause(3)
        save(app, "reading")


async def compare() -> None:
    """Run one case five times, twice over, and compare the two sessions."""
    from profiles.profile import Profile
    from tui.dashboard.app import Dashboard
    from tui.dashboard.session_run import SessionRun
    from tui.dashboard.sessions.comparison import Side
    from tui.dashboard.sessions.side_by_side import SideBySideScreen

    values = {"backends": ["egl"], "resolutions": ["320x240"], "effects": ["bare", "scene"]}
    profile = Profile().override({**values, "measure.duration": 2, "measure.trials": 5})
    sides = []
    for _ in range(2):
        run = SessionRun(profile, "quick")
        run.start()
        run.wait(LIMIT_S)
        sides.append(Side(run.session, run.folder))
    app = Dashboard(profile, "quick")
    async with app.run_test(size=SIZE) as pilot:
        await wait_for(lambda: app.screen.query("#verdict"))
        await app.push_screen(SideBySideScreen(*sides))
        await pilot.pause(3)
        save(app, "comparing")


def save(app, name: str) -> None:
    """Write what is on the screen."""
    (IMAGES / f"{name}.svg").write_text(app.export_screenshot(title="mjbench-tui"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            os.environ[variable] = folder
        asyncio.run(make())
        asyncio.run(compare())
