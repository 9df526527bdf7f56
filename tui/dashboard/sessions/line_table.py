"""A table of any length: a line is made when it is drawn, so that rows which are not seen cost little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.cells import set_cell_size
from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from tui.dashboard.sessions.columns import Column, Layout, layout

RowType = TypeVar("RowType")


class LineList(ScrollView, can_focus=True):
    """Lines with a cursor; each is made when it is drawn."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-list--cursor",
        "line-list--good",
        "line-list--bad",
        "line-list--unsure",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("end", "edge(-1)", "Last", show=False),
    ]

    class Moved(Message):
        """The cursor is on another line."""

    class Chosen(Message):
        """Enter or a double click on a line."""

    def __init__(
        self, line: Callable[[int], str], id: str | None = None, kind: Callable[[int], str] | None = None
    ) -> None:
        super().__init__(id=id)
        self._line = line
        self._kind = kind
        self.count = 0
        """Lines that there are."""
        self.cursor = 0

    def show(self, count: int, cursor: int) -> None:
        """There are so many lines now, and they may be other ones."""
        self.count = count
        self.virtual_size = Size(1, count)
        self.cursor = max(0, min(cursor, count - 1))
        self._keep_in_sight()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        index, width = self.scroll_offset.y + y, self.size.width
        if index >= self.count:
            return Strip.blank(width, self.rich_style)
        kind = "cursor" if index == self.cursor else self._kind(index) if self._kind else ""
        style = self.get_component_rich_style(f"line-list--{kind}") if kind else self.rich_style
        return Strip([Segment(set_cell_size(f" {self._line(index)}", width), style)], width)

    def move_to(self, index: int) -> None:
        """Put the cursor onto a line, as far as there are any."""
        index = max(0, min(index, self.count - 1))
        if index != self.cursor:
            self.cursor = index
            self._keep_in_sight()
            self.refresh()
            self.post_message(self.Moved())

    def action_move(self, step: int) -> None:
        """Go up or down."""
        self.move_to(self.cursor + step)

    def action_page(self, pages: int) -> None:
        """Go a screen up or down."""
        self.move_to(self.cursor + pages * max(1, self.size.height - 1))

    def action_edge(self, index: int) -> None:
        """Go to the first or the last line."""
        self.move_to(index % self.count if self.count else 0)

    def on_click(self, event: events.Click) -> None:
        """Go to the line that is clicked on; a second click chooses it."""
        index = self.scroll_offset.y + event.y
        if index < self.count:
            self.move_to(index)
            if event.chain == 2:
                self.post_message(self.Chosen())

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)


class LineTable(Vertical, Generic[RowType]):
    """Titles above lines; the cursor stays on its row by the row's key.

    Args:
        columns: all that there are; those that matter least go where there is no room.
        key: names a row, the same for as long as it is in the table.
        ascii_only: do without other characters of ours.
        kind: the colour of a row: good, bad, unsure, or "" for none.
    """

    def __init__(
        self,
        columns: Sequence[Column[RowType]],
        key: Callable[[RowType], str],
        ascii_only: bool = False,
        id: str | None = None,
        kind: Callable[[RowType], str] = lambda row: "",
    ) -> None:
        super().__init__(id=id)
        self._columns, self._key, self._ascii_only = columns, key, ascii_only
        self._rows: Sequence[RowType] = ()
        self._layout: Layout[RowType] = Layout(())
        self._list = LineList(
            lambda index: self._layout.line(self._rows[index]), kind=lambda index: kind(self._rows[index])
        )

    def compose(self) -> ComposeResult:
        yield Static(classes="head", markup=False)
        yield self._list

    def show(self, rows: Sequence[RowType], key: str = "") -> None:
        """Take other rows; the cursor goes to the row of this key, or stays on its own.

        Where its row is gone, it stays at its place.
        """
        wanted = key or (self._key(self.chosen) if self.chosen is not None else "")
        self._rows = rows
        cursor = next((n for n, row in enumerate(rows) if self._key(row) == wanted), self._list.cursor)
        self._fit()
        self._list.show(len(rows), cursor)

    def show_columns(self, columns: Sequence[Column[RowType]]) -> None:
        """Take other columns, of which `show` makes use."""
        self._columns = columns

    def refresh_rows(self) -> None:
        """Draw the same rows again, which say something else now."""
        self._fit()
        self._list.refresh()

    def move(self, step: int) -> None:
        """Move the cursor, also where the table is hidden."""
        self._list.action_move(step)

    def focus_lines(self) -> None:
        """Let the arrow keys move the cursor."""
        self._list.focus()

    @property
    def chosen(self) -> RowType | None:
        """The row under the cursor."""
        return self._rows[self._list.cursor] if self._list.cursor < len(self._rows) else None

    @on(events.Resize)
    def fit_again(self) -> None:
        """Show the columns that fit."""
        self.refresh_rows()

    def _fit(self) -> None:
        # A space before the line, and one where the scroll bar may stand.
        room = max(1, (self.size.width or self.app.size.width) - 2)
        self._layout = layout(self._columns, self._rows, room, self._ascii_only)
        self.query_one(".head", Static).update(f" {self._layout.head}")
