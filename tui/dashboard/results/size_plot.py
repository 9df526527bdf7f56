"""FPS against resolution, a line for each backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.case import Resolution
from tui.dashboard.results.paper import Paper, from_zero
from tui.dashboard.results.pictures import sizes_of
from tui.dashboard.results.scales import round_ticks, short_texts

_ROOM = 1.08


def series_letters(names: Sequence[str]) -> dict[str, str]:
    """A letter for each name that no other has: the first of its own that is free, else of the alphabet.

    Only ASCII: what a mark stands for takes one cell, in every terminal.
    """
    taken: dict[str, str] = {}
    for name in names:
        own = (one for one in name if one.isascii() and one.isalpha())
        choices = [*own, *"abcdefghijklmnopqrstuvwxyz0123456789"]
        taken[name] = next((one for one in choices if one not in taken.values()), "?")
    return taken


def draw_sizes(paper: Paper, series: Mapping[str, Sequence[tuple[Resolution, float]]]) -> None:
    """Draw a line for each backend, with its letter where it was measured.

    Args:
        paper: what to draw on.
        series: sizes in ascending order and FPS, by backend.
    """
    plt, pens = paper.plt, paper.pens
    sizes = sizes_of(series)
    top = max((fps for points in series.values() for _, fps in points), default=1.0) * _ROOM or 1.0
    right = max((size.pixels for size in sizes), default=1) * _ROOM
    ticks = round_ticks(0.0, top, max(2, paper.height // 4))
    columns, rows = paper.canvas(short_texts(ticks, " FPS"))
    paper.left_and_lower_axis("size, to scale in pixels")
    letters = series_letters(list(series))
    marks: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for index, (name, points) in enumerate(series.items()):
        cells = [(from_zero(size.pixels, right, columns), from_zero(fps, top, rows)) for size, fps in points]
        plt.plot(
            [column for column, _ in cells],
            [row for _, row in cells],
            marker="." if pens.ascii_only else "braille",
            color=pens.series(index),
        )
        for cell in cells:
            marks.setdefault(cell, []).append((letters[name], index))
    # On top of all lines, and where several meet beside one another, so that none hides another.
    for (column, row), there in marks.items():
        for place, (letter, index) in enumerate(there):
            begin = min(column, columns - len(there))
            plt.scatter([begin + place], [row], marker=letter, color=pens.series(index))
    plt.xlim(0, max(1, columns - 1))
    plt.ylim(0, max(1, rows - 1))
    plt.yticks([from_zero(tick, top, rows) for tick in ticks], short_texts(ticks, " FPS"))
    plt.xticks([from_zero(size.pixels, right, columns) for size in sizes], [str(size) for size in sizes])
