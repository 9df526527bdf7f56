"""Two sessions side by side: the ratio of each case, below what else differs."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui.dashboard.sessions.comparison import Pair, Side, compare
from tui.dashboard.sessions.line_table import LineList, LineTable
from tui.dashboard.sessions.side_texts import (
    difference_lines,
    differences_title,
    pair_columns,
    pair_lines,
    side_line,
)


class SideBySideScreen(Screen[None]):
    """Holds the second session against the first one.

    Args:
        first: A, which ratios are relative to.
        second: B.
        ascii_only: do without other characters of ours.
    """

    CSS_PATH = ["line_table.tcss", "side_by_side.tcss"]  # noqa: RUF012 (the base has it so)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "swap", "Swap A and B", id="compare.swap", tooltip="Ratios the other way round"),
        Binding("tab", "other_pane", "Differences", id="compare.pane", tooltip="Scroll them, and back"),
        Binding("b,escape", "back", "Back", id="compare.back", key_display="b", tooltip="To the sessions"),
    ]

    class Left(Message):
        """A person goes back."""

    def __init__(self, first: Side, second: Side, ascii_only: bool = False) -> None:
        super().__init__(classes="-ascii" if ascii_only else None)
        self._ascii_only = ascii_only
        self._comparison = compare(first, second)

    def compose(self) -> ComposeResult:
        yield Static(id="sides", markup=False)
        with VerticalScroll(id="differences"):
            yield Static(markup=False)
        columns = pair_columns(self._comparison.pairs)
        yield LineTable(columns, _key, self._ascii_only, id="table")
        yield Static(id="details", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with the first case."""
        self._show()
        self._table.focus_lines()

    @property
    def _table(self) -> LineTable[Pair]:
        return self.query_one(LineTable)

    def _show(self) -> None:
        compared = self._comparison
        sides = (side_line("A", compared.a), side_line("B", compared.b))
        self.query_one("#sides", Static).update("\n".join(sides))
        box = self.query_one("#differences")
        box.border_title = differences_title(compared)
        box.set_class(not compared.differences, "-none")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(max_width=34)
        grid.add_column(overflow="fold")
        grid.add_column(overflow="fold")
        for what, a, b in difference_lines(compared):
            grid.add_row(Text(what, "dim"), Text(f"A {a}"), Text(f"B {b}"))
        box.query_one(Static).update(grid)
        self._table.show(compared.pairs)
        self._describe()

    @on(LineList.Moved)
    def _describe(self) -> None:
        pair = self._table.chosen
        self.query_one("#details", Static).update("\n".join(pair_lines(pair)) if pair is not None else "")

    def action_swap(self) -> None:
        """Hold A against B."""
        self._comparison = compare(self._comparison.b, self._comparison.a)
        self._show()

    def action_other_pane(self) -> None:
        """Let the arrow keys scroll the differences, or move in the table again."""
        box = self.query_one("#differences")
        if box.has_focus:
            self._table.focus_lines()
        else:
            box.focus()

    def action_back(self) -> None:
        """Go back."""
        self.post_message(self.Left())


def _key(pair: Pair) -> str:
    return pair.case.id
