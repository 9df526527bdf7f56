"""Two sessions are compared with keys: the verdicts, the plots of both, and what differs besides."""

import asyncio

import pytest
from textual.app import App
from textual.widgets import Static, Tabs

from tests.tui.dashboard.results.made import Made, write_session
from tui.dashboard.results.plot import Plot
from tui.dashboard.results.trial_reader import TrialReader
from tui.dashboard.sessions.comparison import Side
from tui.dashboard.sessions.line_table import LineList
from tui.dashboard.sessions.side_by_side import TABS, SideBySideScreen

FRAMES = 200
BASE = (
    Made("egl", 5.0, trials=5, frames=FRAMES, drift=0.01),
    Made("osmesa", 5.0, trials=5, frames=FRAMES),
    Made("glfw", None, trials=5),
    Made("egl", 5.0, trials=5, frames=FRAMES, size="64x64"),
)
OTHER = (
    Made("egl", 5.0, trials=5, frames=FRAMES, drift=0.01),
    Made("osmesa", 6.0, trials=5, frames=FRAMES, spoiled=(3,)),
    Made("glfw", 5.0, trials=5, frames=FRAMES),
)
OUTSIDE = "[red]a[@click=app.bell]b"


class Host(App[None]):
    """Nothing but the screen; keeps what it says."""

    def __init__(self, screen: SideBySideScreen) -> None:
        super().__init__()
        self.first = screen
        self.left = 0

    def on_mount(self) -> None:
        self.push_screen(self.first)

    def on_side_by_side_screen_left(self) -> None:
        self.left += 1


@pytest.fixture
def sides(tmp_path) -> tuple[Side, Side]:
    def side(name: str, cases) -> Side:
        return Side(write_session(tmp_path / name, *cases), tmp_path / name)

    return side("before", BASE), side("after", OTHER)


def said(screen: SideBySideScreen, query: str) -> str:
    return str(screen.query_one(query, Static).content)


def table_lines(screen: SideBySideScreen) -> list[str]:
    lines = screen.query_one(LineList)
    return [lines.render_line(y).text for y in range(lines.count)]


def pane_text(screen: SideBySideScreen) -> str:
    """All that stands in the open pane."""
    pane = screen.query_one(f"#{screen.query_one(Tabs).active}-pane")
    parts = [str(static.content) for static in pane.query(Static) if static.display]
    plots = [plot for plot in pane.query(Plot) if plot.display and plot.size.height]
    lines = [plot.render_line(y).text for plot in plots for y in range(plot.size.height)]
    return "\n".join([*parts[:1], *lines, *parts[1:]])


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_every_tab_tells_its_part(sides, wait_for, size):
    both = size[0] >= 120

    async def read() -> None:
        screen = SideBySideScreen(*sides)
        async with Host(screen).run_test(size=size) as pilot:
            await wait_for(lambda: screen.is_mounted and "B over A" in said(screen, "#details"))
            assert "All of them together, geometric mean: ratio 0." in said(screen, "#summary")
            lines = table_lines(screen)
            for line, word in zip(lines, ("UNCLEAR", "SLOWER", "no figures", "only in A"), strict=True):
                assert word in line and all(len(line.rstrip()) <= size[0] for line in lines)
            assert "more trial" in said(screen, "#details")
            await pilot.press("down", "2")
            await wait_for(lambda: "B: 1000 frames of 5 trials" in pane_text(screen))
            frames = pane_text(screen)
            assert "A before   p50 5." in frames and "B after   p50 6." in frames and "ms a frame" in frames
            assert frames.count("▁") and frames.count("█")
            await pilot.press("tab")
            await wait_for(lambda: "FPS of a trial" in pane_text(screen))
            trials = pane_text(screen)
            assert trials.count("●") == trials.count("◆") == 6
            assert "spoiled and run again, in no figure; 1 of 1 beyond the edges" in trials
            assert "SLOWER" in trials
            await pilot.press("down")
            await wait_for(lambda: "glfw" in pane_text(screen) and "◆" in pane_text(screen))
            await pilot.press("2")
            await wait_for(lambda: "A has no frame times of this case: no EGL." in pane_text(screen))
            assert screen.query_one("#table").display == both
            await pilot.press("down")
            await wait_for(lambda: "it is only in A" in pane_text(screen))
            await pilot.press("4")
            await wait_for(lambda: "driver" in pane_text(screen) or "same in both" in pane_text(screen))
            await pilot.press("1", "b")
            await wait_for(lambda: screen.app.left == 1)

    asyncio.run(read())


def test_swapping_turns_the_verdict_round_and_sorting_puts_it_first(sides, wait_for):
    async def use() -> None:
        screen = SideBySideScreen(*sides)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted and "UNCLEAR" in said(screen, "#details"))
            await pilot.press("s")
            await wait_for(lambda: "SLOWER" in table_lines(screen)[0])
            assert "B is▲" in said(screen, ".head") and "UNCLEAR" in said(screen, "#details")
            await pilot.press("x")
            await wait_for(lambda: "FASTER" in table_lines(screen)[0])
            assert said(screen, "#sides").startswith("A  after")
            assert "only in B" in table_lines(screen)[-1]
            await pilot.press("S")
            await wait_for(lambda: "only in B" in table_lines(screen)[0])
            await pilot.press("s", "S")
            await wait_for(lambda: "UNCLEAR" in table_lines(screen)[0])
            assert "B/A▲" in said(screen, ".head")
            await pilot.press("home", "enter")
            await wait_for(lambda: "B: 1000 frames" in pane_text(screen))
            await pilot.press("x")
            await wait_for(lambda: "A before   p50" in pane_text(screen))

    asyncio.run(use())


def test_timings_that_cannot_be_read_are_a_sentence_and_the_rest_works(sides, wait_for, monkeypatch):
    first, second = sides
    file = second.folder / "timings.npz"
    file.write_bytes(file.read_bytes()[:-100])

    async def read() -> None:
        screen = SideBySideScreen(first, second)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted)
            await pilot.press("2")
            await wait_for(
                lambda: "B: " in pane_text(screen) and "timings.npz: is damaged" in pane_text(screen)
            )
            (first.folder / "timings.npz").unlink()
            await pilot.press("down")
            await wait_for(
                lambda: "A: " in pane_text(screen) and "there is no such file" in pane_text(screen)
            )
            monkeypatch.setattr(TrialReader, "read", lambda *_: {}["odd"])
            await pilot.press("up")
            await wait_for(lambda: "These timings cannot be read: 'odd'." in pane_text(screen))
            await pilot.press("3")
            await wait_for(lambda: "FPS of a trial" in pane_text(screen))

    asyncio.run(read())


def test_what_was_read_for_a_case_that_is_left_is_not_drawn(sides, wait_for):
    async def read() -> None:
        screen = SideBySideScreen(*sides)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted)
            await pilot.press("2")
            await wait_for(lambda: "B: 1000 frames" in pane_text(screen))
            pairs = screen._comparison.pairs
            for pair, words in ((pairs[1], "late"), (pairs[0], "in time")):
                screen.post_message(SideBySideScreen.FramesRead(pair, None, words))
            await wait_for(lambda: "in time" in pane_text(screen))
            assert "late" not in pane_text(screen)

    asyncio.run(read())


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_text_from_outside_is_text_and_ascii_is_enough(tmp_path, wait_for, size):
    cases = [Made("egl", 5.0, trials=3, frames=FRAMES, scene=f"/{OUTSIDE}.xml", spoiled=(1,))]
    folders = [tmp_path / OUTSIDE, tmp_path / "b"]
    both = [Side(write_session(folder, *cases), folder) for folder in folders]

    async def read() -> None:
        screen = SideBySideScreen(*both, ascii_only=True)
        async with Host(screen).run_test(size=size) as pilot:
            await wait_for(lambda: screen.is_mounted and "B over A" in said(screen, "#details"))
            assert OUTSIDE in said(screen, "#sides")
            for number in range(1, len(TABS) + 1):
                await pilot.press(str(number))
                await pilot.pause(0.2)
                strips = screen._compositor.render_strips()
                text = "\n".join(strip.text for strip in strips)
                assert text.isascii(), [character for character in text if not character.isascii()]

    asyncio.run(read())


def test_sessions_with_nothing_in_common_open_and_say_so(tmp_path, wait_for):
    first = Side(write_session(tmp_path / "a", BASE[0]), tmp_path / "a")
    second = Side(write_session(tmp_path / "b", BASE[3]), tmp_path / "b")

    async def read() -> None:
        screen = SideBySideScreen(first, second)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted and "only in A" in said(screen, "#details"))
            await pilot.press("3")
            await wait_for(lambda: "FPS of a trial" in pane_text(screen))
            assert "All of them together" not in said(screen, "#summary")

    asyncio.run(read())
