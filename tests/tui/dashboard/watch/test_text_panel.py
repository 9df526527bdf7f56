"""A panel of text: folding, and what is drawn anew."""

import asyncio

from textual.app import App, ComposeResult

from tui.dashboard.watch.text_panel import TextPanel, fold


class Host(App[None]):
    CSS = "TextPanel { width: 20; height: 4; }"

    def compose(self) -> ComposeResult:
        yield TextPanel()


def test_lines_are_folded_between_words_and_wide_characters_count_twice():
    console = App().console
    assert fold(["one two three", "", "short"], 8, console) == ["one two", "three", "", "short"]
    assert fold(["一二三四五"], 4, console) == ["一二", "三四", "五"]
    assert fold(["reason  one two three"], 15, console, hang=4) == ["reason  one two", "    three"]
    assert fold(["[red]x[/red]"], 40, console) == ["[red]x[/red]"]


def test_only_lines_that_differ_are_drawn_anew():
    async def use() -> None:
        app = Host()
        async with app.run_test(size=(40, 10)) as pilot:
            panel = app.query_one(TextPanel)
            panel.show(["FPS 60", "p50 16 ms", "engine 1 core"])
            await pilot.pause()
            asked = []
            panel.refresh = lambda *regions, **_: asked.extend(regions) or panel
            panel.show(["FPS 60", "p50 17 ms", "engine 1 core"])
            assert [(region.y, region.height) for region in asked] == [(1, 1)]
            assert panel.render_line(1).text == f"{'p50 17 ms':<20}"

    asyncio.run(use())


def test_more_lines_than_there_is_room_for_scroll():
    async def use() -> None:
        app = Host()
        async with app.run_test(size=(40, 10)) as pilot:
            panel = app.query_one(TextPanel)
            panel.show([f"line {number}" for number in range(9)])
            await pilot.pause()
            panel.scroll_end(animate=False)
            await pilot.pause()
            assert panel.render_line(3).text.startswith("line 8")

    asyncio.run(use())
