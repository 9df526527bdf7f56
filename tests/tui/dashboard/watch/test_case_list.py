"""The widgets of a running session, in an app, fed by a real run on null."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from profiles.profile import Profile
from tui.dashboard.session_run import RunPhase, SessionRun
from tui.dashboard.watch.case_list import CaseList
from tui.dashboard.watch.fps_graph import FpsGraph
from tui.dashboard.watch.history import RatePoint

LIMIT_S = 60


class Host(App[None]):
    """Nothing but the two widgets."""

    CSS = "CaseList { height: 8; } FpsGraph { height: 8; border: round $primary; }"

    def compose(self) -> ComposeResult:
        yield CaseList(id="cases")
        yield FpsGraph(id="graph")


def profile(**values: object) -> Profile:
    """A short profile that needs no pixels."""
    keys = {"backends": ["null", "misbehaving"], "resolutions": ["64x64"], "measure.frames": 3000}
    return Profile().override({**keys, **values})


@pytest.fixture
def start(monkeypatch) -> Callable[[SessionRun], None]:
    """Start a run as the command does."""
    return SessionRun.start


async def wait_for(condition: Callable[[], bool], pilot: object) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


def lines_of(widget: CaseList | FpsGraph) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_a_run_is_watched_to_its_end(start, monkeypatch, size):
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "fault=abort,at=50")

    async def watch() -> None:
        app = Host()
        async with app.run_test(size=size) as pilot:
            run = SessionRun(profile(), "test")
            start(run)
            await wait_for(lambda: run.is_over, pilot)
            assert run.phase is RunPhase.ENDED, run.error
            cases = app.query_one(CaseList)
            cases.show(run.state.views(), 1)
            await pilot.pause()
            head, done, failed, *_ = lines_of(cases)
            assert "FPS" in head
            assert done.startswith("  ✓ done")
            assert failed.startswith("› ✗ failed")
            assert "SIGABRT" in run.state.views()[1].reason
            assert run.session is not None
            assert (run.folder / "session.toml").is_file()

    asyncio.run(watch())


def test_only_lines_that_changed_are_drawn_again(start):
    async def watch() -> None:
        app = Host()
        async with app.run_test(size=(100, 24)) as pilot:
            run = SessionRun(profile(backends=["null"], resolutions=["64x64", "32x32"]), "test")
            start(run)
            await wait_for(lambda: run.is_over, pilot)
            cases = app.query_one(CaseList)
            cases.show(run.state.views(), 0)
            await pilot.pause()
            asked = []
            cases.refresh = lambda *regions, **_: asked.extend(regions) or cases
            cases.show(run.state.views(), 0)
            assert asked == []
            views = run.state.views()
            cases.show([views[0], replace(views[1], fps=1.0)], 0)
            assert [(region.y, region.height) for region in asked] == [(2, 1)]

    asyncio.run(watch())


def points(*rates: float) -> tuple[RatePoint, ...]:
    return tuple(RatePoint(rate, rate, rate, 1.0, 1.0) for rate in rates)


def test_the_graph_starts_at_zero_and_says_what_its_top_is():
    async def watch() -> None:
        app = Host()
        async with app.run_test(size=(60, 24)) as pilot:
            graph = app.query_one(FpsGraph)
            graph.show(points(60, 60, 15, 60), 0.5)
            await pilot.pause()
            lines = lines_of(graph)
            assert lines[-2].startswith("██▆█ ")
            assert lines[0].strip() == ""
            assert "0 to 100" in str(graph.border_title)
            assert "0.5 s a column, lowest 15.0, highest 60.0" in lines[-1]

    asyncio.run(watch())


def test_a_new_sample_draws_one_column_of_the_graph():
    async def watch() -> None:
        app = Host()
        async with app.run_test(size=(60, 24)) as pilot:
            graph = app.query_one(FpsGraph)
            graph.show(points(60, 60, 15), 0.5)
            await pilot.pause()
            asked = []
            graph.refresh = lambda *regions, **_: asked.extend(regions) or graph
            graph.show(points(60, 60, 15), 0.5)
            assert asked == []
            graph.show(points(60, 60, 15, 60), 0.5)
            # Of five rows, those that the new column fills, and what is said of the extremes stays.
            assert [(region.x, region.y, region.width) for region in asked] == [(3, y, 1) for y in (2, 3, 4)]

    asyncio.run(watch())


def test_a_run_that_is_stopped_is_saved_as_interrupted(start, monkeypatch):
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "frame_ms=1")
    run = SessionRun(profile(**{"backends": ["misbehaving"], "measure.frames": 10_000_000}), "test")
    start(run)
    deadline = time.monotonic() + LIMIT_S
    while run.state is None or run.state.views()[0].frames < 100:
        assert time.monotonic() < deadline
        assert not run.is_over, run.error
        time.sleep(0.02)
    run.request_stop()
    assert run.wait(LIMIT_S)
    assert run.session is not None
    assert run.session.session.status == "interrupted"


def test_what_cannot_be_measured_is_one_sentence(start, monkeypatch):
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    run = SessionRun(profile(backends=["glfw"]), "test")
    start(run)
    assert run.wait(LIMIT_S)
    assert run.phase is RunPhase.REFUSED
    assert "display" in run.error
    assert run.folder is None
