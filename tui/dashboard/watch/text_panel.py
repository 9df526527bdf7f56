"""Lines of text on Textual's line API: where something else is said, only the lines that differ are sent."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.text import Text
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


class TextPanel(ScrollView):
    """Lines that are folded where they are too long, and scroll where there are too many."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[str] = ()
        self._folded: list[str] = []
        self._width = 0

    def show(self, lines: Sequence[str]) -> None:
        """Take lines, fit for a screen."""
        if list(lines) != list(self._lines):
            self._lines = tuple(lines)
            self._draw()

    @property
    def text(self) -> str:
        """What it says, not folded."""
        return "\n".join(self._lines)

    def on_resize(self) -> None:
        """Fold for another width."""
        if self.size.width != self._width:
            self._draw()
            self.refresh()

    def _draw(self) -> None:
        before, self._width = self._folded, self.size.width
        self._folded = fold(self._lines, self._width, self.app.console)
        if len(before) != len(self._folded):
            self.virtual_size = Size(1, len(self._folded))
        top = round(self.scroll_y)
        pairs = enumerate(zip_longest(before, self._folded))
        changed = [y - top for y, (old, new) in pairs if old != new]
        if changed:
            self.refresh(*(Region(0, y, self._width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Draw one line: one segment."""
        width, row = self.size.width, y + round(self.scroll_y)
        text = self._folded[row] if row < len(self._folded) else ""
        return Strip([Segment(set_cell_size(text, width), self.rich_style)], width)


def fold(lines: Sequence[str], width: int, console: Console) -> list[str]:
    """Break lines that are wider than `width` between words, and in a word that is itself too wide."""
    folded: list[str] = []
    for line in lines:
        if cell_len(line) <= width or width <= 0:
            folded.append(line)
        else:
            folded += [part.plain.rstrip() for part in Text(line).wrap(console, width, tab_size=1)]
    return folded
