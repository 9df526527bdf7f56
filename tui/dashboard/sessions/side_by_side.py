"""Two sessions side by side: what `compare` tells of each case, and plots of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Footer, Static, Tab, Tabs
from textual.worker import Worker, WorkerState, get_current_worker

from profiles.errors import SessionError
from tui.dashboard.results.pane import PlotPane
from tui.dashboard.sessions.columns import Column
from tui.dashboard.sessions.comparison import ORDERS, Pair, Side, compare, sorted_pairs
from tui.dashboard.sessions.frames_reader import FramesReader
from tui.dashboard.sessions.line_table import LineList, LineTable
from tui.dashboard.sessions.pair_plots import PairPlots
from tui.dashboard.sessions.side_texts import (
    difference_lines,
    kind_of,
    pair_columns,
    pair_lines,
    side_line,
    summary_lines,
)
from tui.dashboard.tabbed_screen import TabbedScreen

if TYPE_CHECKING:
    from tui.dashboard.sessions.frames_reader import CaseFrames

TABS = {"table": "Cases", "frames": "Frame times", "trials": "Trials", "differences": "Differences"}
_MOST_LINES = 14
"""Of the table above a plot."""


class SideBySideScreen(TabbedScreen):
    """Holds the second session against the first one.

    Args:
        first: A, which ratios are relative to.
        second: B.
        ascii_only: do without other characters of ours.
    """

    CSS_PATH = ["../tabbed_screen.tcss", "line_table.tcss", "side_by_side.tcss"]  # noqa: RUF012 (the base has it so)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,escape", "back", "Back", id="compare.back", key_display="b", tooltip="To the sessions"),
        Binding("x", "swap", "Swap A and B", id="compare.swap", tooltip="Ratios the other way round"),
        Binding("s", "sort", "Sort", id="compare.sort", tooltip="By verdict, by ratio, or as A has them"),
        Binding("S", "reverse", "Reverse", id="compare.reverse", tooltip="Sort the other way round"),
        Binding("tab", "next_tab", "Next tab", id="compare.next", tooltip="Also 1 to 4"),
        Binding("shift+tab", "previous_tab", "Tab before", id="compare.previous", show=False),
        Binding(
            "enter", "look_closer", "Plot", id="compare.look", show=False, tooltip="The frame times of both"
        ),
        Binding("up", "case(-1)", "Case before", id="compare.up", show=False),
        Binding("down", "case(1)", "Next case", id="compare.down", show=False),
        *(
            Binding(str(number), f"tab('{name}')", title, id=f"compare.tab-{name}", show=False)
            for number, (name, title) in enumerate(TABS.items(), 1)
        ),
    ]

    class Left(Message):
        """A person goes back."""

    class FramesRead(Message):
        """The frame times of a pair were read, or could not be."""

        def __init__(self, pair: Pair, sides: tuple[CaseFrames, CaseFrames] | None, error: str = "") -> None:
            super().__init__()
            self.pair = pair
            self.sides = sides
            self.error = error

    def __init__(self, first: Side, second: Side, ascii_only: bool = False) -> None:
        super().__init__("differences", ascii_only)
        self._comparison = compare(first, second)
        self._plots = PairPlots(self._comparison, ascii_only)
        self._readers = {side.folder: FramesReader(side.folder) for side in (first, second)}
        self._order, self._reversed = ORDERS[0], False

    def compose(self) -> ComposeResult:
        yield Static(id="sides", markup=False)
        yield Static(id="summary", markup=False)
        with Vertical(id="body"):
            yield Tabs(*(Tab(f"{n} {title}", id=name) for n, (name, title) in enumerate(TABS.items(), 1)))
            yield LineTable(self._columns, _key, self._ascii_only, id="table", kind=kind_of)
            # Of one height for all cases, or the table would jump as the cursor moves.
            with VerticalScroll(id="said", can_focus=False):
                yield Static(id="details", markup=False)
            with ContentSwitcher(id="panes", initial=None):
                yield PlotPane("frames-pane", self._ascii_only)
                yield PlotPane("trials-pane", self._ascii_only)
                with VerticalScroll(id="differences-pane"):
                    yield Static(markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with the first case."""
        self.query_one(Tabs).can_focus = False
        self._show()
        self._arrange()

    @property
    def _table(self) -> LineTable[Pair]:
        return self.query_one(LineTable)

    @property
    def _table_widget(self) -> LineTable[Pair]:
        return self._table

    def _focus_table(self) -> None:
        self._table.focus_lines()

    def _leave_table(self) -> None:
        self.set_focus(None)

    @property
    def _beside_table(self) -> list[Widget]:
        return [*super()._beside_table, self.query_one("#summary")]

    def _arrange(self) -> None:
        lines = min(len(self._comparison.pairs) + 1, _MOST_LINES)
        self._table.styles.height = lines if self._has_room else "1fr"
        super()._arrange()

    def _show(self) -> None:
        """Write down all that is said of the two sessions."""
        compared = self._comparison
        sides = (side_line("A", compared.a), side_line("B", compared.b))
        self.query_one("#sides", Static).update(self._text("\n".join(sides)))
        self.query_one("#summary", Static).update(self._text("\n".join(summary_lines(compared))))
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(max_width=34)
        grid.add_column(overflow="fold")
        grid.add_column(overflow="fold")
        for what, a, b in difference_lines(compared):
            cells = (Text(what, "dim"), Text(f"A {self._text(a)}"), Text(f"B {self._text(b)}"))
            grid.add_row(*cells)
        none = "Settings, machine, software and drivers are the same in both."
        self.query_one("#differences-pane Static", Static).update(grid if compared.differences else none)
        self._sort()

    @property
    def _columns(self) -> tuple[Column[Pair], ...]:
        return pair_columns(self._comparison.pairs, self._ascii_only, self._order, self._reversed)

    def _sort(self) -> None:
        self._table.show_columns(self._columns)
        self._table.show(sorted_pairs(self._comparison.pairs, self._order, self._reversed))
        self._describe()

    @on(LineList.Moved)
    def choose(self) -> None:
        """Tell of another case, and draw it when the choice rests."""
        self._describe()
        self._draw_at_rest()

    @on(LineList.Chosen)
    def action_look_closer(self) -> None:
        """Open the first plot of the case."""
        if self._tab == "table":
            self.action_tab("frames")

    def _describe(self) -> None:
        pair = self._table.chosen
        lines = pair_lines(pair, self._ascii_only) if pair is not None else ["Neither session holds a case."]
        self.query_one("#details", Static).update(self._text("\n".join(lines)))

    def _draw(self) -> None:
        """Draw what the open tab shows of the chosen case."""
        pair = self._table.chosen
        if pair is None or self._tab not in ("frames", "trials"):
            return
        pane = self.query_one(f"#{self._tab}-pane", PlotPane)
        if self._tab == "trials":
            self._plots.show_trials(pane, pair)
        elif why := self._plots.why_no_frames(pair):
            pane.say(self._plots.heading(pair), why)
        elif (known := self._known(pair)) is not None:
            self._plots.show_frames(pane, pair, known)
        else:
            self._read(pair)

    def _known(self, pair: Pair) -> tuple[CaseFrames, CaseFrames] | None:
        """The frame times of both, where they were read before."""
        assert pair.a is not None and pair.b is not None
        first, second = self._sides_readers()
        a, b = first.known(pair.a.case), second.known(pair.b.case)
        return (a, b) if a is not None and b is not None else None

    def _sides_readers(self) -> tuple[FramesReader, FramesReader]:
        compared = self._comparison
        return self._readers[compared.a.folder], self._readers[compared.b.folder]

    @work(thread=True, exclusive=True, group="timings", exit_on_error=False)
    def _read(self, pair: Pair) -> None:
        from tui.dashboard.results.reduction import Unwanted

        worker = get_current_worker()
        read: list[CaseFrames] = []
        for letter, row, reader in zip("AB", (pair.a, pair.b), self._sides_readers(), strict=True):
            assert row is not None
            try:
                read.append(reader.read(row.case, lambda: not worker.is_cancelled))
            except SessionError as error:
                self.post_message(self.FramesRead(pair, None, f"{letter}: {error}."))
                return
            except Unwanted:
                return
        self.post_message(self.FramesRead(pair, (read[0], read[1])))

    @on(Worker.StateChanged)
    def say_what_failed(self, event: Worker.StateChanged) -> None:
        """Put what nobody foresaw into a sentence."""
        if event.state is WorkerState.ERROR and (pair := self._table.chosen) is not None:
            error = event.worker.error
            said = f"These timings cannot be read: {error or type(error).__name__}."
            self.post_message(self.FramesRead(pair, None, said))

    @on(FramesRead)
    def show_frames(self, message: FramesRead) -> None:
        """Draw a pair that was read, where it is still the one that is looked at."""
        if message.pair is not self._table.chosen or self._tab != "frames":
            return
        pane = self.query_one("#frames-pane", PlotPane)
        if message.sides is None:
            pane.say(self._plots.heading(message.pair), message.error)
        else:
            self._plots.show_frames(pane, message.pair, message.sides)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show what can be done now."""
        if action in ("sort", "reverse"):
            return self._has_room or self._tab == "table"
        return True

    def action_swap(self) -> None:
        """Hold A against B."""
        self._comparison = compare(self._comparison.b, self._comparison.a)
        self._plots = PairPlots(self._comparison, self._ascii_only)
        self._show()
        self._draw()

    def action_sort(self) -> None:
        """Sort by what comes next; after the last, as A has them."""
        self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
        self._sort()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._reversed = not self._reversed
        self._sort()

    def action_case(self, step: int) -> None:
        """Choose another case, also where the table is hidden."""
        self._table.move(step)

    def action_back(self) -> None:
        """Go back."""
        self.post_message(self.Left())


def _key(pair: Pair) -> str:
    return pair.case.case.id
