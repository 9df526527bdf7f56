"""The lines of an explanation for a width: figures below one another, and what has no room is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from tui.dashboard.explain.entries import Entry
from tui.dashboard.sessions.columns import cut
from tui.output.explanation_output import HEADS

_GAP = 2
_NARROWEST_NAME = 18
"""Of the longest change; only what is called longer is cut."""
_LEAST_TEXT = 32
"""Characters of a line of MJCF or Python below which it is left to the lines below the list."""
_NAME, _MADE_BY = "change", "made by"


@dataclass(frozen=True)
class Layout:
    """How wide each part of a line is."""

    width: int
    name: int
    cells: tuple[int, ...]
    text: int
    """Characters left for what stands behind the figures; 0 where that has no room."""
    ascii_only: bool = False

    @property
    def head(self) -> str:
        """What stands above the lines."""
        titles = [f"{title:>{width}}" for title, width in zip(HEADS, self.cells, strict=True)]
        text = [_MADE_BY] if self.text else []
        return (" " * _GAP).join([f"{_NAME:<{self.name}}", *titles, *text])

    def line(self, entry: Entry) -> str:
        """One line, of at most the width."""
        if entry.is_head:
            rule = "-" if self.ascii_only else "─"
            return f"{rule * 2} {entry.name} ".ljust(self.width, rule)
        if not entry.cells:
            name = f"{entry.name:<{self.name}}{' ' * _GAP}" if entry.name else ""
            return self._fit(f"{name}{entry.text}", self.width)
        parts = [self._fit(entry.name, self.name)]
        parts += [
            " " * (width - cell_len(cell)) + cell for cell, width in zip(entry.cells, self.cells, strict=True)
        ]
        if self.text:
            parts.append(self._fit(entry.text, self.text))
        return cut((" " * _GAP).join(parts), self.width, ascii_only=self.ascii_only)

    def _fit(self, text: str, width: int) -> str:
        return set_cell_size(cut(text, width, ascii_only=self.ascii_only), width)


def fit(entries: Sequence[Entry], width: int, ascii_only: bool = False) -> Layout:
    """Choose the widths for lines of `width` characters."""
    rows = [entry.cells for entry in entries if entry.cells]
    cells = tuple(
        max([len(head), *(cell_len(row[index]) for row in rows)]) for index, head in enumerate(HEADS)
    )
    names = [cell_len(entry.name) for entry in entries if not entry.is_head]
    figures = sum(_GAP + each for each in cells)
    name = max(_NARROWEST_NAME, min(max(names, default=0), width - figures))
    text = width - name - figures - _GAP
    return Layout(width, name, cells, text if text >= _LEAST_TEXT else 0, ascii_only)
