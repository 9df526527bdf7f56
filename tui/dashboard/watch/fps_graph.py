"""The live graph, on Textual's line API: zero-based, one segment a row, honest about dips."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from tui.dashboard.watch.blocks import column_graph, nice_top
from tui.text import three_digits


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
