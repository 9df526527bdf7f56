"""The live graph, on Textual's line API: zero-based, one segment a row, honest about dips.

It grows from the left and shows the whole trial, so that with each new sample one column is drawn and sent,
not the whole of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.dashboard.watch.blocks import nice_top, range_graph
from tui.dashboard.watch.history import RatePoint, fit
from tui.text import duration, three_digits


class FpsGraph(Widget):
    """FPS over the time of a trial: solid up to the lowest sample of a column, shaded up to the highest."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"fps-graph--columns", "fps-graph--caption"}

    def __init__(self, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii_only = ascii_only
        self._points: Sequence[RatePoint] = ()
        self._seconds_a_point = 0.0
        self._lines: list[str] = []
        self.caption = ""
        """What a column stands for, and the extremes; a subtitle would draw all of the border anew."""

    def show(self, points: Sequence[RatePoint], seconds_a_point: float) -> None:
        """Take the points of the case that is watched, oldest first, and draw what differs."""
        if points == self._points and self._lines:
            return
        self._points, self._seconds_a_point = points, seconds_a_point
        before, caption = self._lines, self.caption
        self._draw()
        lines = zip_longest(before, self._lines, fillvalue="")
        regions = [_difference(y, old, new) for y, (old, new) in enumerate(lines) if old != new]
        if caption != self.caption:
            regions.append(_difference(len(self._lines), caption, self.caption))
        if regions:
            self.refresh(*regions)

    def _draw(self) -> None:
        width, height = self.size
        columns, together = fit(self._points, width)
        top = nice_top(max((column.high_fps for column in columns), default=0.0))
        spans = [(column.low_fps, column.high_fps) for column in columns]
        self._lines = range_graph(spans, width, max(0, height - 1), top, self._ascii_only)
        title = f"FPS, 0 to {three_digits(top)}"
        if title != self.border_title:
            # Even the same title would draw all of it anew.
            self.border_title = title
        if not columns:
            self.caption = ""
            return
        seconds = together * self._seconds_a_point
        span = f"{seconds:g} s" if seconds < 60 else duration(seconds)
        lowest, highest = min(low for low, _ in spans), max(high for _, high in spans)
        self.caption = f"{span} a column, lowest {three_digits(lowest)}, highest {three_digits(highest)}"

    def on_resize(self) -> None:
        """Draw for another size."""
        self._draw()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line: one segment."""
        width = self.size.width
        if y >= len(self._lines):
            style = self.get_component_rich_style("fps-graph--caption")
            return Strip([Segment(set_cell_size(self.caption, width), style)], width)
        style = self.get_component_rich_style("fps-graph--columns")
        return Strip([Segment(self._lines[y], style)], width)


def _difference(y: int, before: str, now: str) -> Region:
    """Where a line has changed, in a row of the widget."""
    changed = [x for x, (old, new) in enumerate(zip_longest(before, now)) if old != new]
    return Region(changed[0], y, changed[-1] - changed[0] + 1, 1)
