"""What is told of the thing under the cursor, in a box that keeps its height whatever there is to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widgets import Static

from tui.dashboard.watch.text_panel import fold

if TYPE_CHECKING:
    from rich.console import Console


class Description(Static):
    """Holds the whole text and draws what there is room for."""

    def __init__(self, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._end = "..." if ascii_only else "…"

    def render(self) -> Content:
        """Draw the lines that fit."""
        paragraphs = str(self.content).splitlines()
        width, height = self.content_size
        return Content("\n".join(fitted_lines(paragraphs, width, height, self.app.console, self._end)))


def fitted_lines(
    paragraphs: Sequence[str], width: int, height: int, console: Console, end: str = "…"
) -> list[str]:
    """Fold paragraphs into lines; where there are too many, the longest ones are cut, the last of them first.

    So a long reason leaves room for the way to mend it.

    Args:
        paragraphs: fit for a screen.
        width: characters of a line.
        height: lines that there is room for.
        console: folds them.
        end: what a paragraph that was cut ends with.
    """
    folded = [fold([paragraph], width, console) for paragraph in paragraphs]
    cut: set[int] = set()
    while sum(map(len, folded)) > max(0, height):
        longest = max(range(len(folded)), key=lambda index: (len(folded[index]), index))
        if len(folded[longest]) > 1:
            cut.add(longest)
        folded[longest].pop()
    for index in cut:
        if folded[index]:
            last = folded[index][-1]
            room = max(0, width - len(end))
            folded[index][-1] = (set_cell_size(last, room) if cell_len(last) > room else last) + end
    return [line for lines in folded for line in lines]
