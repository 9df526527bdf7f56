"""The list of cases, on Textual's line API: a line is drawn again when its text changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.dashboard.watch.lines import case_head, case_line
from tui.dashboard.watch.looks import LOOKS
from tui.dashboard.watch.state import CaseView


class CaseList(ScrollView):
    """One line a case below a head."""

    def __init__(self, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii_only = ascii_only
        self._views: Sequence[CaseView] = ()
        self._lines: list[str] = []

    def show(self, views: Sequence[CaseView]) -> None:
        """Take new views and draw the lines that differ."""
        self._views = views
        width = max(1, self.size.width)
        lines = [case_line(view, width, self._ascii_only) for view in views]
        if len(lines) != len(self._lines):
            self.virtual_size = Size(width, len(lines) + 1)
            self.refresh()
        else:
            top = 1 - round(self.scroll_y)
            changed = [y for y, line in enumerate(lines) if line != self._lines[y]]
            if changed:
                self.refresh(*(Region(0, top + y, width, 1) for y in changed))
        self._lines = lines

    def on_resize(self) -> None:
        """Make the lines anew for another width."""
        self._lines = []
        self.show(self._views)

    def render_line(self, y: int) -> Strip:
        """Draw one line: one segment, in the colour of its state."""
        row = y + round(self.scroll_y) - 1
        width = self.size.width
        if row < 0:
            return Strip([Segment(case_head(width), Style(bold=True))], width)
        if row >= len(self._lines):
            return Strip.blank(width)
        look = LOOKS[self._views[row].status]
        return Strip([Segment(self._lines[row], Style.parse(look.colour))], width)
