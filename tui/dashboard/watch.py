"""The widgets of a running session, on Textual's line API: a line is drawn again when its text changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.dashboard.blocks import column_graph, nice_top
from tui.dashboard.lines import case_head, case_line
from tui.dashboard.looks import LOOKS
from tui.dashboard.state import CaseView
from tui.text import three_digits


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


class FpsGraph(Widget):
    """FPS over time from zero up, its top a round number."""

    DEFAULT_CSS = "FpsGraph { height: 8; border: round $primary; }"

    def __init__(self, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii_only = ascii_only
        self._points: tuple[float, ...] = ()
        self._graph: list[str] = []

    def show(self, points: tuple[float, ...]) -> None:
        """Take the points of the case that is watched, oldest first."""
        if points == self._points and self._graph:
            return
        self._points = points
        self._draw()
        self.refresh()

    def _draw(self) -> None:
        width, height = self.size.width, self.size.height
        shown = self._points[-width:] if width else ()
        top = nice_top(max(shown, default=0.0))
        self._graph = column_graph(shown, width, height, top, self._ascii_only)
        lowest, highest = min(shown, default=None), max(shown, default=None)
        self.border_title = f"FPS, 0 to {top:g}"
        self.border_subtitle = f"min {three_digits(lowest)}, max {three_digits(highest)}"

    def on_resize(self) -> None:
        """Draw for another size."""
        self._draw()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line: one segment."""
        if y >= len(self._graph):
            return Strip.blank(self.size.width)
        return Strip([Segment(self._graph[y], self.rich_style)], self.size.width)
