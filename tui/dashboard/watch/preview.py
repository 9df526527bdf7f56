"""What is being drawn, about once a second, small enough for a slow line."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.dashboard.watch.half_blocks import Run, ascii_rows, fit_cells, half_block_rows

_HALF_BLOCK = "▀"


class Preview(Widget):
    """The newest picture, or a sentence in its place."""

    def __init__(self, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii_only = ascii_only
        self._picture: np.ndarray | None = None
        self._note = ""
        self._rows: list[list[Segment]] = []

    def show(self, width: int, height: int, pixels: bytes) -> None:
        """Take a picture: RGB, 8 bits a channel, top row first."""
        self._picture = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        self._note = ""
        before = self._rows
        self._draw()
        if len(before) != len(self._rows):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._rows, strict=True)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def show_note(self, note: str) -> None:
        """Say, fit for a screen, why there is no picture."""
        if note != self._note or self._picture is not None:
            self._note, self._picture = note, None
            self._draw()
            self.refresh()

    def _draw(self) -> None:
        self._rows = []
        if self._picture is None:
            return
        height, width = self._picture.shape[:2]
        columns, rows = fit_cells(width, height, *self.size)
        if not columns:
            return
        if self._ascii_only:
            drawn = ascii_rows(self._picture, columns, rows)
            self._rows = [[Segment(line, self.rich_style)] for line in drawn]
        else:
            lines = half_block_rows(self._picture, columns, rows)
            self._rows = [[_segment(run) for run in line] for line in lines]

    def on_resize(self) -> None:
        """Draw for another size."""
        self._draw()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line, in the middle of the room."""
        width, height = self.size
        if self._picture is None:
            text = self._note if y == 0 else ""
            return Strip([Segment(text[:width].ljust(width), self.rich_style)], width)
        row = y - (height - len(self._rows)) // 2
        if not 0 <= row < len(self._rows):
            return Strip.blank(width, self.rich_style)
        taken = sum(segment.cell_length for segment in self._rows[row])
        left = (width - taken) // 2
        before = Segment(" " * left, self.rich_style)
        after = Segment(" " * (width - left - taken), self.rich_style)
        return Strip([before, *self._rows[row], after], width)


def _segment(run: Run) -> Segment:
    if run.upper == run.lower:
        return Segment(" " * run.length, _style(None, run.lower))
    return Segment(_HALF_BLOCK * run.length, _style(run.upper, run.lower))


@lru_cache(4096)
def _style(upper: tuple[int, int, int] | None, lower: tuple[int, int, int]) -> Style:
    return Style.from_color(Color.from_rgb(*upper) if upper else None, Color.from_rgb(*lower))
