"""The frame times of both sessions above one another, on one axis and one scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui.dashboard.results.histogram_plot import Span, usual_span
from tui.dashboard.results.paper import Paper, in_cells
from tui.dashboard.results.reduction import FINEST_PARTS, FineHistogram
from tui.dashboard.results.scales import round_ticks, tick_texts
from tui.dashboard.sessions.columns import cut
from tui.text import three_digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tui.dashboard.sessions.frames_reader import CaseFrames

_NS = 1e6
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ASCII_BARS = ("#", "=")
_FEWEST_BINS, _BINS_PER_ROOT = 10, 1.5
_LETTERS = ("A", "B")
_FEWEST_ROWS = 3
"""Of one session: its name, what is drawn, and below trials their interval."""


@dataclass(frozen=True)
class Lane:
    """The rows of a plot that belong to one session, counted from the lower edge."""

    bottom: int
    bars: int
    """Rows for what is drawn; its name stands in the row above them."""

    @property
    def name_row(self) -> int:
        """Where its name stands."""
        return self.bottom + self.bars


def lanes(rows: int) -> tuple[Lane, Lane]:
    """Divide the rows of a plot between A, above, and B.

    Raises:
        ValueError: they are too few for both.
    """
    if rows < 2 * _FEWEST_ROWS:
        raise ValueError("there is no room for two sessions")
    each = rows // 2
    return Lane(rows - each, each - 1), Lane(0, each - 1)


def common_span(sides: tuple[CaseFrames, CaseFrames]) -> Span:
    """A span that holds the usual frames of both."""
    spans = [usual_span(side.histogram, {"p50": side.p50_ms}) for side in sides]
    left, right = min(span.left_ms for span in spans), max(span.right_ms for span in spans)
    beyond = [beyond_edges(side, left, right) for side in sides]
    return Span(left, right, sum(below for below, _ in beyond), sum(above for _, above in beyond))


def beyond_edges(side: CaseFrames, left_ms: float, right_ms: float) -> tuple[int, int]:
    """How many frames are faster than what is drawn, and how many slower."""
    below = side.histogram.below(left_ms * _NS)
    above = side.frames - side.histogram.below(right_ms * _NS)
    return round(below), round(above)


def draw_distributions(
    paper: Paper,
    sides: tuple[CaseFrames, CaseFrames],
    names: tuple[str, str],
    span: Span,
    thing: str = "frame",
) -> None:
    """Draw which part of the frames of A, above, and of B took how long.

    Args:
        paper: what to draw on.
        sides: A and B.
        names: what the sessions are called.
        span: from `common_span`.
        thing: what a time is of.
    """
    plt, pens = paper.plt, paper.pens
    columns, rows = paper.canvas(_LETTERS)
    paper.left_and_lower_axis(f"ms a {thing}")
    bins = _bins(sides, span, columns)
    parts = [bin_parts(side.histogram, span, bins, columns) for side in sides]
    top = max(float(part.max()) for part in parts) or 1.0
    width = span.right_ms - span.left_ms
    for number, (side, part, lane) in enumerate(zip(sides, parts, lanes(rows), strict=True)):
        colour = pens.series(number)
        bar = _ASCII_BARS[number] if pens.ascii_only else ""
        for marker, cells in _cells(part / top, lane, bar).items():
            plt.scatter(
                [column for column, _ in cells], [row for _, row in cells], marker=marker, color=colour
            )
        middle = round((side.p50_ms - span.left_ms) / width * columns - 0.5)
        line = range(lane.bottom, lane.name_row)
        plt.scatter(
            [middle] * len(line),
            list(line),
            marker="|" if pens.ascii_only else "┃",
            color=pens.colour("error"),
        )
        said = f"{_LETTERS[number]} {names[number]}   p50 {three_digits(side.p50_ms)} ms"
        plt.text(
            in_cells(cut(said, columns, ascii_only=pens.ascii_only)),
            x=0,
            y=lane.name_row,
            alignment="left",
            color=colour,
        )
    plt.xlim(0, max(1, columns - 1))
    plt.ylim(0, max(1, rows - 1))
    plt.yticks([lane.bottom for lane in lanes(rows)], list(_LETTERS))
    times = round_ticks(span.left_ms, span.right_ms, max(2, columns // 12))
    plt.xticks([(time - span.left_ms) / width * columns - 0.5 for time in times], tick_texts(times))


def bin_parts(histogram: FineHistogram, span: Span, bins: int, columns: int) -> NDArray[np.float64]:
    """The part of a side's frames in the bin that each column belongs to, shape (columns,)."""
    edges = np.linspace(span.left_ms, span.right_ms, bins + 1) * _NS
    frames = histogram.rebinned(edges) / max(1, int(histogram.counts.sum()))
    return frames[np.arange(columns) * bins // columns]


def _bins(sides: tuple[CaseFrames, CaseFrames], span: Span, columns: int) -> int:
    """How many bins both are counted in: few for few frames, or each frame would stand alone."""
    fewest = min(side.frames for side in sides)
    finest = (span.right_ms - span.left_ms) / max(1 / _NS, span.right_ms / FINEST_PARTS)
    return max(1, int(min(columns, max(_FEWEST_BINS, _BINS_PER_ROOT * math.sqrt(fewest)), finest)))


def _cells(heights: NDArray[np.float64], lane: Lane, bar: str) -> dict[str, list[tuple[int, int]]]:
    """The cells of bars of these heights, 0 to 1, by the character that stands in them.

    What holds any frame has at least the lowest character, or a tail would not be seen.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for column, height in enumerate(heights.tolist()):
        if height <= 0:
            continue
        eighths = max(1, round(height * lane.bars * 8))
        whole, rest = divmod(eighths, 8)
        marks = [_EIGHTHS[8]] * whole + ([_EIGHTHS[rest]] if rest else [])
        if bar:
            marks = [bar] * max(1, round(eighths / 8))
        for row, mark in enumerate(marks):
            found.setdefault(mark, []).append((column, lane.bottom + row))
    return found
