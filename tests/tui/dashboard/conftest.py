"""What the tests of the dashboard share."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

LIMIT_S = 60

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture
def wait_for() -> WaitFor:
    """Wait until a condition holds; the app goes on meanwhile."""

    async def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same hour everywhere."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def fixed_dashboard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Any]:
    """Makes a dashboard that shows what never changes, in a look: dark, light, nocolour or ascii."""
    from textual.scrollbar import ScrollBar, ScrollBarRender

    from engine import preflight
    from profiles.store import load_profile
    from tests.tui.dashboard.fixed import probe_fixed
    from tui.dashboard.app import Dashboard

    monkeypatch.setattr(preflight, "probe_backends", probe_fixed)
    # No model of the person's; and an app in ASCII leaves its scroll bars to those after it.
    monkeypatch.setenv("MENAGERIE_CACHE_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(ScrollBar, "renderer", ScrollBarRender)

    def make(look: str) -> Dashboard:
        if look == "nocolour":
            monkeypatch.setenv("NO_COLOR", "1")
        theme = "textual-light" if look == "light" else ""
        return Dashboard(load_profile("quick"), "quick", look == "ascii", theme)

    return make
