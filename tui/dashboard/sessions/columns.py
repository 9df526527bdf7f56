"""Columns of text that fit a width: the least important ones go, and what is too long is cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len, set_cell_size

RowType = TypeVar("RowType")
_GAP = "  "
_NARROWEST = 8


@dataclass(frozen=True)
class Column(Generic[RowType]):
    """One column of a list."""

    title: str
    text: Callable[[RowType], str]
    """What stands in a row, fit for a screen."""
    number: bool = False
    rank: int = 0
    """Where there is no room, the columns of the highest rank go first; those of 0 always stay."""
    longest: int = 40
    """Characters beyond which a text is cut."""
    gives: bool = False
    """Whether it is made narrower where the others leave too little room."""
    shortest: int = 0
    """What it keeps of its characters where it gives at last; 0 where it gives half before others go."""
    keeps_end: bool = False
    """Whether the end of a text that is cut says more than its beginning."""
    shorten: Callable[[str, int, bool], str] | None = None
    """Cuts a text to so many cells in a way of its own, with ASCII alone or not."""


@dataclass(frozen=True)
class Layout(Generic[RowType]):
    """The columns that fit, and how wide each is."""

    columns: tuple[tuple[Column[RowType], int], ...]
    ascii_only: bool = False

    @property
    def head(self) -> str:
        """The titles."""
        return self._line([(column.title, column, width) for column, width in self.columns])

    def line(self, row: RowType) -> str:
        """One row."""
        return self._line([(column.text(row), column, width) for column, width in self.columns])

    def _line(self, cells: Sequence[tuple[str, Column[RowType], int]]) -> str:
        return _GAP.join(self._cell(text, column, width) for text, column, width in cells)

    def _cell(self, text: str, column: Column[RowType], width: int) -> str:
        if column.shorten is not None:
            text = column.shorten(text, width, self.ascii_only)
        text = cut(text, width, column.keeps_end, self.ascii_only)
        return " " * (width - cell_len(text)) + text if column.number else set_cell_size(text, width)


def layout(
    columns: Sequence[Column[RowType]], rows: Sequence[RowType], room: int, ascii_only: bool = False
) -> Layout[RowType]:
    """Choose the columns and their widths.

    Args:
        columns: in their order on the screen.
        rows: all rows, which decide how wide a column has to be.
        room: characters of a line.
        ascii_only: cut with a mark that is ASCII.
    """
    widths = {column.title: _width(column, rows) for column in columns}
    kept = list(columns)

    def least(column: Column[RowType], part: int = 2) -> int:
        width = widths[column.title]
        if not column.gives or (column.shortest and part == 2):
            return width
        return min(width, column.shortest or max(_NARROWEST, width // part))

    while _sum([least(column) for column in kept]) > room and any(column.rank for column in kept):
        # Columns of one rank go together: one session's range alone would be taken for both.
        worst = max(column.rank for column in kept)
        kept = [column for column in kept if column.rank != worst]
    # Less than half of a text is shown only where no other column is left to go.
    part = 2 if _sum([least(column) for column in kept]) <= room else _NARROWEST
    spare = room - _sum([least(column, part) for column in kept])
    fitted = []
    for column in kept:
        width = least(column, part)
        if column.gives:
            wider = max(0, min(spare, widths[column.title] - width))
            width, spare = width + wider, spare - wider
        fitted.append((column, width))
    return Layout(tuple(fitted), ascii_only)


def cut(text: str, width: int, keeps_end: bool = False, ascii_only: bool = False) -> str:
    """Shorten a text to so many cells, with a mark where something is missing."""
    if cell_len(text) <= width:
        return text
    mark = "~" if ascii_only else "…"
    if not keeps_end:
        return set_cell_size(text, width - 1) + mark
    while cell_len(text) > width - 1:
        text = text[1:]
    return mark + text


def _width(column: Column[RowType], rows: Sequence[RowType]) -> int:
    widest = max((cell_len(column.text(row)) for row in rows), default=0)
    return max(cell_len(column.title), min(widest, column.longest))


def _sum(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * max(0, len(widths) - 1)
