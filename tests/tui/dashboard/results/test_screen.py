"""A session is read with keys: its table, every plot, and what it says where there is nothing to draw."""

import asyncio

import pytest
from textual.app import App
from textual.widgets import Static, Tabs

from tests.tui.dashboard.results.made import FRAMES, Made
from tui.dashboard.results.columns import columns_of
from tui.dashboard.results.plot import Plot
from tui.dashboard.results.screen import TABS, ResultScreen
from tui.dashboard.results.table import ResultTable
from tui.dashboard.results.trial_reader import TrialReader
from tui.output.rows import make_rows, relative_to_fastest

CASES = (
    Made("egl", 5.0, trials=2),
    Made("osmesa", 9.0, trials=2),
    Made("glfw", None, trials=2),
    Made("egl", 2.0, size="320x240", trials=2),
    Made("osmesa", 2.5, size="320x240", trials=2),
    Made("null", 0.001, trials=2),
)
OUTSIDE = "[red]a[/red]\x1b[31m\n[@click=app.bell]b"


class Host(App[None]):
    """Nothing but the screen; keeps what it says."""

    def __init__(self, screen: ResultScreen) -> None:
        super().__init__()
        self.first = screen
        self.said: list[object] = []

    def on_mount(self) -> None:
        self.push_screen(self.first)

    def on_result_screen_left(self, message: ResultScreen.Left) -> None:
        self.said.append(message)

    def on_result_screen_export_wanted(self, message: ResultScreen.ExportWanted) -> None:
        self.said.append(message)

    def on_result_screen_run_again(self, message: ResultScreen.RunAgain) -> None:
        self.said.append(message)


def text_of(screen: ResultScreen, query: str) -> str:
    return str(screen.query_one(query, Static).content)


def pane_text(screen: ResultScreen) -> str:
    """All that stands in the open pane."""
    name = screen.query_one(Tabs).active
    pane = screen.query_one(f"#{name}-pane")
    parts = [str(static.content) for static in pane.query(Static) if static.display]
    plots = [plot for plot in pane.query(Plot) if plot.display and plot.size.height]
    lines = [plot.render_line(y).text for plot in plots for y in range(plot.size.height)]
    return "\n".join([*parts[:1], *lines, *parts[1:]])


def backends(screen: ResultScreen) -> list[str]:
    table = screen.query_one(ResultTable)
    return [str(table.get_row_at(row)[1]) for row in range(table.row_count)]


def heads(screen: ResultScreen) -> list[str]:
    return [str(column.label) for column in screen.query_one(ResultTable).ordered_columns]


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
def test_every_tab_tells_its_part(make_session, wait_for, size):
    session, folder = make_session(*CASES)
    both = size[0] >= 120

    async def read() -> None:
        screen = ResultScreen(session, folder)
        async with Host(screen).run_test(size=size) as pilot:
            await wait_for(lambda: screen.is_mounted and "egl is 1." in text_of(screen, "#why"))
            assert "less in render" in text_of(screen, "#why")
            assert "llvmpipe SOFTWARE" in text_of(screen, "#detail")
            await pilot.press("2")
            await wait_for(lambda: f"{FRAMES} frames" in pane_text(screen))
            frames = pane_text(screen)
            assert "trial 1 of 2" in frames and "░" in frames and "100 ms" in frames
            assert "10 warm-up frames before them left out (first 5.00 ms)" in " ".join(frames.split())
            await pilot.press("right_square_bracket")
            await wait_for(lambda: "trial 2 of 2" in pane_text(screen))
            await pilot.press("z")
            await wait_for(lambda: "1 frame slower than the upper edge" in pane_text(screen))
            await pilot.press("3")
            await wait_for(lambda: "p50 5." in pane_text(screen))
            marks = session.cases[0].trials[1].metrics
            for name in ("p50", "p95", "p99"):
                assert f"{name} {getattr(marks, f'{name}_ms'):.3g}" in pane_text(screen)
            assert "1 frame beyond the right edge (the slowest" in pane_text(screen)
            await pilot.press("tab")
            await wait_for(lambda: "rrrrrr" in pane_text(screen))
            phases = pane_text(screen)
            assert "failed: no EGL" in phases and "r render" in phases and "less in render" in phases
            assert phases.count("null") == 1, "what draws nothing is in the table and not in the plot"
            await pilot.press("5")
            await wait_for(lambda: "█" in pane_text(screen))
            assert "failed: no EGL" in pane_text(screen) and "Not in the plot" in pane_text(screen)
            await pilot.press("6")
            await wait_for(lambda: "320x240" in pane_text(screen))
            assert "o osmesa" in pane_text(screen) and "No figures: glfw." in pane_text(screen)
            await pilot.press("shift+tab", "7")
            await wait_for(lambda: str(folder) in pane_text(screen))
            assert "A CPU" in pane_text(screen) and "made" in text_of(screen, "#title")
            await pilot.press("5", "down", "down")
            await wait_for(lambda: "glfw" in text_of(screen, "#backends-pane .heading"))
            assert screen.query_one(ResultTable).display == both
            await pilot.press("2")
            await wait_for(lambda: "no EGL. Fix: install it." in pane_text(screen))

    asyncio.run(read())


def test_the_table_sorts_by_keys_and_by_its_head(make_session, wait_for):
    session, folder = make_session(*CASES)

    async def sort() -> None:
        screen = ResultScreen(session, folder)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted and len(backends(screen)) == 6)
            table = screen.query_one(ResultTable)
            await pilot.press("down")
            await pilot.press("s", "s", "s", "s", "s")
            assert "FPS▲" in heads(screen)
            assert backends(screen) == ["osmesa", "egl", "osmesa", "egl", "null", "glfw"]
            assert table.chosen == 1
            await pilot.press("S")
            assert "FPS▼" in heads(screen)
            assert backends(screen) == ["null", "egl", "osmesa", "egl", "osmesa", "glfw"]
            assert table.chosen == 1
            await pilot.click(table, offset=(14, 0))
            await wait_for(lambda: "backend▲" in heads(screen))
            assert backends(screen) == sorted(backends(screen))
            await pilot.click(table, offset=(14, 0))
            await wait_for(lambda: "backend▼" in heads(screen))
            assert "state" not in heads(screen)
            ids = [column.id for column in columns_of(relative_to_fastest(make_rows(session)))]
            await pilot.press(*["s"] * (ids.index("state") - ids.index("backend")))
            assert "state▲" in heads(screen), "a column without room comes when it is sorted by"
            await pilot.press("s")
            assert not any("▲" in head for head in heads(screen)) and table.chosen == 1
            await pilot.press("enter")
            await wait_for(lambda: screen.query_one(Tabs).active == "frames")
            await wait_for(lambda: "osmesa" in pane_text(screen))

    asyncio.run(sort())


def test_what_a_person_wants_is_handed_up(make_session, wait_for):
    session, folder = make_session(*CASES[:2])

    async def ask() -> None:
        screen = ResultScreen(session, folder)
        host = Host(screen)
        async with host.run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted)
            await pilot.press("e", "g", "b", "escape")
            await wait_for(lambda: len(host.said) == 4)
        export, again, *left = host.said
        assert (export.session, export.folder) == (session, folder)
        assert (again.profile, again.name) == (session.profile, "made")
        assert all(isinstance(message, ResultScreen.Left) for message in left)

    asyncio.run(ask())


def test_timings_that_cannot_be_read_are_a_sentence_and_the_rest_works(make_session, wait_for, monkeypatch):
    session, folder = make_session(*CASES, reached=2)
    file = folder / "timings.npz"
    file.write_bytes(file.read_bytes()[:-100])

    async def read() -> None:
        screen = ResultScreen(session, folder)
        async with Host(screen).run_test(size=(80, 24)) as pilot:
            await wait_for(lambda: screen.is_mounted)
            await pilot.press("2")
            await wait_for(lambda: "timings.npz: is damaged" in pane_text(screen))
            file.unlink()
            await pilot.press("3")
            await wait_for(lambda: "there is no such file" in pane_text(screen))
            key = f"{session.cases[0].id}.1"
            for about, said in ((key, "in time"), ("another", "late")):
                screen.post_message(ResultScreen.Reduced(about, None, said))
            await wait_for(lambda: "in time" in pane_text(screen))
            await pilot.pause()
            assert "late" not in pane_text(screen)
            monkeypatch.setattr(TrialReader, "read", lambda *_: {}["odd"])
            await pilot.press("2")
            await wait_for(lambda: "these timings cannot be read: 'odd'" in pane_text(screen))
            await pilot.press("4")
            await wait_for(lambda: "rrr" in pane_text(screen))
            await pilot.press("1", "end", "2")
            await wait_for(lambda: "no frame times: not reached" in pane_text(screen))

    asyncio.run(read())


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark"])
def test_text_from_outside_is_text_and_ascii_is_enough(make_session, renamed, wait_for, theme):
    session, folder = make_session(*CASES)
    session = renamed(session, OUTSIDE)

    async def read() -> None:
        screen = ResultScreen(session, folder, ascii_only=True)
        host = Host(screen)
        host.theme = theme
        async with host.run_test(size=(140, 45)) as pilot:
            await wait_for(lambda: screen.is_mounted and "[red]a[/red]" in text_of(screen, "#title"))
            for key in "234567":
                await pilot.press(key)
                name = list(TABS)[int(key) - 1]
                place = "#about-pane Static" if name == "about" else f"#{name}-pane .heading"
                await wait_for(lambda place=place: "[red]" in str(screen.query(place).first(Static).content))
                said = pane_text(screen)
                assert said.isascii(), [line for line in said.splitlines() if not line.isascii()]
                assert "\x1b" not in said and "cannot be drawn" not in said
            rows = [str(cell) for cell in screen.query_one(ResultTable).get_row_at(0)]
            assert "".join(rows).isascii() and "[red]" in rows[1]
            await pilot.resize_terminal(80, 24)
            await wait_for(lambda: not screen.has_class("-both"))

    asyncio.run(read())


def test_a_session_without_cases_opens(make_session, wait_for):
    import msgspec

    session, folder = make_session(*CASES[:1])
    empty = msgspec.structs.replace(session, cases=())

    async def read() -> None:
        screen = ResultScreen(empty, folder)
        async with Host(screen).run_test(size=(140, 45)) as pilot:
            await wait_for(lambda: screen.is_mounted and "no case" in text_of(screen, "#detail"))
            await pilot.press("s", "down", "2", "right_square_bracket", "z", "3", "4", "5", "6", "7")
            assert screen.is_running

    asyncio.run(read())
