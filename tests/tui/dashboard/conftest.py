"""What the tests of the dashboard share."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from multiprocessing import resource_tracker

import pytest

LIMIT_S = 60

WaitFor = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture(autouse=True)
def _tracked() -> None:
    """Textual takes stderr away, which the resource tracker needs: it runs before any app does."""
    resource_tracker.ensure_running()


@pytest.fixture
def wait_for() -> WaitFor:
    """Wait until a condition holds; the app goes on meanwhile."""

    async def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            await asyncio.sleep(0.02)

    return wait
