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
    """Lines that are folded where they are too long, and scroll where there are too many.

    Args:
        hang: by how much the rest of a folded line is moved to the right.
    """

    def __init__(self, hang: int = 0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._hang = hang
        self._lines: tuple[str, ...] = ()
        self._folded: list[str] = []
        self._width = 0

    def show(self, lines: Sequence[str]) -> None:
        """Take lines, fit for a screen."""
        if tuple(lines) != self._lines:
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
        self._folded = fold(self._lines, self._width, self.app.console, self._hang)
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


def fold(lines: Sequence[str], width: int, console: Console, hang: int = 0) -> list[str]:
    """Break lines that are wider than `width` between words, and in a word that is itself too wide.

    All but the first of the pieces begin with `hang` spaces, where there is room for that.
    """
    hang = hang if width > 3 * hang else 0
    folded: list[str] = []
    for line in lines:
        if cell_len(line) <= width or width <= 0:
            folded.append(line)
        else:
            first, *_ = Text(line).wrap(console, width, tab_size=1)
            folded.append(first.plain.rstrip())
            rest = Text(line[len(first.plain) :].lstrip()).wrap(console, width - hang, tab_size=1)
            folded += [" " * hang + part.plain.rstrip() for part in rest]
    return folded
