"""The lines of the list of cases, as text: pure functions of views."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rich.cells import set_cell_size

from tui.dashboard.watch.blocks import share_bar, sparkline
from tui.dashboard.watch.looks import LOOKS
from tui.dashboard.watch.state import CaseView
from tui.dashboard.watch.titles import ShortTitle
from tui.text import three_digits

_SPARK_WIDTH = 12
_BAR_WIDTH = 10
_LONGEST_TITLE = 60


@dataclass(frozen=True)
class _Column:
    title: str
    width: int
    rank: int
    """Where there is no room, the column of the highest rank goes first; 0 always stays."""
    left: bool = False


_COLUMNS = (
    _Column("workers", 9, 0),
    _Column("worlds", 8, 0),
    _Column("FPS", 10, 0),
    _Column("p50 ms", 9, 1),
    _Column("p99 ms", 9, 2),
    _Column("1% low", 9, 4),
    _Column("  FPS so far", 2 + _SPARK_WIDTH, 3, left=True),
    _Column("  phases", 2 + _BAR_WIDTH, 5, left=True),
)
_COUNTS = ("workers", "worlds")
_MARK, _GLYPH, _WORD = 2, 2, 9


@dataclass(frozen=True)
class Layout:
    """Which columns a width has room for, and how wide the names may be."""

    width: int
    title_width: int
    columns: tuple[str, ...]


def fit_columns(width: int, longest_title: int, counts: Collection[str] = ()) -> Layout:
    """Leave out the columns that matter least until the names fit, or none is left to go.

    Args:
        width: characters of a line.
        longest_title: characters of the longest name.
        counts: which of workers and worlds have a column.
    """
    wanted = min(_LONGEST_TITLE, max(len("case"), longest_title))
    columns = [column for column in _COLUMNS if column.title not in _COUNTS or column.title in counts]

    def room() -> int:
        return width - _MARK - _GLYPH - _WORD - sum(column.width for column in columns)

    while room() < wanted and any(column.rank for column in columns):
        columns.remove(max(columns, key=lambda column: column.rank))
    return Layout(width, max(0, min(room(), wanted)), tuple(column.title for column in columns))


def case_head(layout: Layout) -> str:
    """The head of the list of cases."""
    start = " " * (_MARK + _GLYPH) + f"{'state':<{_WORD}}"
    return _line(layout, start, "case", {title: title for title in layout.columns})


def case_line(
    view: CaseView, title: ShortTitle, layout: Layout, chosen: bool, ascii_only: bool = False
) -> str:
    """One case in one line of exactly the layout's width; provisional figures carry a `~`.

    Args:
        view: the case.
        title: its name.
        layout: from `fit_columns`.
        chosen: it is the one that is looked at.
        ascii_only: do without other characters of ours.
    """
    look = LOOKS[view.status]
    rate = view.fps_now if view.provisional else view.fps
    provisional = "~" if view.provisional and rate is not None else ""
    points = [point.fps for point in view.points[-_SPARK_WIDTH:]]
    cells = {
        "workers": str(view.case.workers),
        "worlds": str(view.case.worlds),
        "FPS": provisional + three_digits(rate),
        "p50 ms": three_digits(view.p50_ms),
        "p99 ms": three_digits(view.p99_ms),
        "1% low": three_digits(view.low1_fps),
        "  FPS so far": "  " + sparkline(points, _SPARK_WIDTH, ascii_only),
        "  phases": "  " + share_bar(view.shares, _BAR_WIDTH),
    }
    if ascii_only:
        cells = {name: cell.replace("–", "-") for name, cell in cells.items()}
    mark = (">" if ascii_only else "›") if chosen else ""
    glyph = look.ascii_glyph if ascii_only else look.glyph
    start = f"{mark:<{_MARK}}{glyph:<{_GLYPH}}{look.word:<{_WORD}}"
    return _line(layout, start, title.fitted(layout.title_width, ascii_only), cells)


def _line(layout: Layout, start: str, title: str, cells: dict[str, str]) -> str:
    line = start + set_cell_size(title, layout.title_width)
    for column in _COLUMNS:
        if column.title in layout.columns:
            text = cells[column.title]
            line += f"{text:<{column.width}}" if column.left else f"{text:>{column.width}}"
    return set_cell_size(line, layout.width)
