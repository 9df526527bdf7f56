"""The result table: one row a case, sorted by any column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import DataTable

from tui.dashboard.results.columns import (
    Column,
    Order,
    cell_text,
    columns_of,
    fitted,
    head_text,
    look_of,
    next_order,
    sorted_entries,
)
from tui.dashboard.watch.titles import short_scene
from tui.output.rows import Relative

_LOOSE = 1
"""Characters that the table does not fill: a scroll bar may stand there."""
_STYLES = {"failed": "bold", "stopped": "italic", "waiting": "dim"}


class ResultTable(DataTable[Text]):
    """Shows cases, and says which one is under the cursor.

    Args:
        entries: all cases, in the session's order.
        ascii_only: do without other characters of ours.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("home", "scroll_top", "First case", id="results.first", show=False),
        Binding("end", "scroll_bottom", "Last case", id="results.last", show=False),
    ]

    class Chosen(Message):
        """The cursor is on another case."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index
            """Of the case, in the session's order."""

    def __init__(self, entries: Sequence[Relative], ascii_only: bool = False) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False)
        self._entries = list(entries)
        self._numbers = {id(entry): str(index) for index, entry in enumerate(self._entries)}
        self._all = columns_of(self._entries)
        self._shown: dict[Column, int] = {}
        self._ascii_only = ascii_only
        self._room = 0
        self.order = Order()
        """What the table is sorted by."""

    @property
    def chosen(self) -> int:
        """The case under the cursor, by its place in the session."""
        if not self.row_count:
            return 0
        key = self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value
        return int(key or 0)

    def on_mount(self) -> None:
        """Put something into it at once: what is painted first is the table."""
        self._fill(self.app.size.width - _LOOSE)

    def on_resize(self, event: events.Resize) -> None:
        """Show the columns that fit."""
        room = event.size.width
        if room and room != self._room:
            self._fill(room)

    def sort_by(self, order: Order) -> None:
        """Sort; the cursor stays on its case."""
        self.order = order
        self._fill(self._room)

    def sort_by_next(self) -> None:
        """Sort by the next column, and after the last one in the session's order."""
        self.sort_by(next_order(self._all, self.order))

    def sort_reversed(self) -> None:
        """Sort the other way round."""
        self.sort_by(Order(self.order.column, not self.order.reverse))

    @on(DataTable.HeaderSelected)
    def sort_by_head(self, event: DataTable.HeaderSelected) -> None:
        """Sort by the column that was clicked; by the same one again, the other way round."""
        event.stop()
        column = event.column_key.value or ""
        again = column == self.order.column
        self.sort_by(Order(column, again and not self.order.reverse))

    @on(DataTable.RowHighlighted)
    def tell(self, event: DataTable.RowHighlighted) -> None:
        """Say which case is under the cursor."""
        event.stop()
        self.post_message(self.Chosen(self.chosen))

    def _fill(self, room: int) -> None:
        chosen = self.chosen
        self._room = room
        self._shown = fitted(self._all, self._entries, room, self.order)
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            for column, width in self._shown.items():
                head = head_text(column, self.order, self._ascii_only)
                label = Text(head, justify="right" if column.number else "left")
                self.add_column(label, width=width, key=column.id)
            entries = sorted_entries(self._entries, self.order)
            for entry in entries:
                cells = [self._cell(column, entry) for column in self._shown]
                self.add_row(*cells, key=self._numbers[id(entry)])
            numbers = [int(self._numbers[id(entry)]) for entry in entries]
            if chosen in numbers:
                self.move_cursor(row=numbers.index(chosen), animate=False)

    def _cell(self, column: Column, entry: Relative) -> Text:
        text = cell_text(column, entry, self._ascii_only)
        if column.id == "scene":
            text = short_scene(text, self._shown[column], self._ascii_only)
        style = _STYLES.get(look_of(entry.row).kind, "") if column.id in ("fps", "state") else ""
        return Text(
            text, style, justify="right" if column.number else "left", no_wrap=True, overflow="ellipsis"
        )
