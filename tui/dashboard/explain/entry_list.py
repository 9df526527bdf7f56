"""The list of an explanation: lines with a cursor, of which some are heads and some are faint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip

from tui.dashboard.explain.entries import Entry
from tui.dashboard.sessions.line_table import LineList


class EntryList(LineList):
    """Lines of which some are heads and some are faint."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"entry-list--head", "entry-list--faint"}

    _entries: Sequence[Entry] = ()

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Take other lines; the cursor stays on the one of the same key."""
        key = self.chosen.key if self.chosen is not None else ""
        self._entries = entries
        self.show(len(entries), next((n for n, one in enumerate(entries) if one.key == key), self.cursor))

    @property
    def chosen(self) -> Entry | None:
        """The line under the cursor."""
        return self._entries[self.cursor] if self.cursor < len(self._entries) else None

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        strip = super().render_line(y)
        index = self.scroll_offset.y + y
        if index >= len(self._entries) or index == self.cursor:
            return strip
        entry = self._entries[index]
        kind = "head" if entry.is_head else "faint" if entry.is_faint else ""
        if not kind:
            return strip
        style = self.get_component_rich_style(f"entry-list--{kind}")
        return Strip([Segment(strip.text, style)], strip.cell_length)
