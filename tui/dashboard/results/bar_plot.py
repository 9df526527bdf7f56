"""Horizontal bars, each of one part or of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from tui.dashboard.results.paper import Colour, Paper, from_zero, in_cells
from tui.dashboard.results.scales import round_ticks, short_texts
from tui.dashboard.sessions.columns import cut
from tui.text import cell_width

_THICKEST = 3
Item = TypeVar("Item")


@dataclass(frozen=True)
class Part:
    """A part of a bar."""

    value: float
    marker: str
    colour: Colour


@dataclass(frozen=True)
class Bar:
    """One bar from zero to the sum of its parts."""

    label: str
    parts: tuple[Part, ...]
    text: str
    """What stands behind its end; in the place of a bar without parts, why there is none."""

    @property
    def total(self) -> float:
        """All parts together."""
        return sum(part.value for part in self.parts)


def draw_bars(paper: Paper, bars: Sequence[Bar], x_label: str, chosen: int = 0) -> None:
    """Draw bars from the top down; where there is no room for all, those around a chosen one.

    Args:
        paper: what to draw on.
        bars: the first one comes to the top.
        x_label: the name of the axis.
        chosen: which bar has to be seen.
    """
    rows = paper.canvas()[1]
    if len(bars) > rows:
        x_label += f"   ({rows} of {len(bars)} are shown)"
        bars = around(bars, chosen, rows)
    labels = [in_cells(bar.label) for bar in bars]
    columns, rows = paper.canvas(labels)
    lines = _lines(len(bars), rows)
    scale = _scale(bars, columns)
    plt = paper.plt
    paper.left_and_lower_axis(x_label)
    for bar, span in zip(bars, lines, strict=False):
        begin = 0.0
        for part in bar.parts:
            first = from_zero(begin, scale, columns) + (1 if begin else 0)
            last = from_zero(begin + part.value, scale, columns)
            cells = [(column, row) for column in range(first, last + 1) for row in span]
            if cells:
                plt.scatter(
                    [column for column, _ in cells],
                    [row for _, row in cells],
                    marker=part.marker,
                    color=part.colour,
                )
            begin += part.value
        end = from_zero(bar.total, scale, columns) + 1 if bar.parts else 0
        text = in_cells(cut(f" {bar.text}", max(1, columns - end), ascii_only=paper.pens.ascii_only))
        plt.text(text, x=end, y=span[len(span) // 2], alignment="left", color=paper.pens.colour("text"))
    plt.xlim(0, max(1, columns - 1))
    plt.ylim(0, max(1, rows - 1))
    plt.yticks([span[len(span) // 2] for span in lines], labels[: len(lines)])
    ticks = round_ticks(0.0, scale, max(2, columns // 12))
    plt.xticks([tick / scale * (columns - 1) for tick in ticks], short_texts(ticks))


def around(items: Sequence[Item], chosen: int, most: int) -> Sequence[Item]:
    """At most so many of some things, in a row, and a chosen one in the middle of them if that can be."""
    first = max(0, min(chosen - most // 2, len(items) - most))
    return items[first : first + most]


def _scale(bars: Sequence[Bar], columns: int) -> float:
    """The value at the right edge: so large that each text fits behind its bar, at most beside half of it."""
    texts = [(bar.total, min(cell_width(bar.text) + 2, columns // 2)) for bar in bars if bar.parts]
    needed = [total * (columns - 1) / max(1, columns - 1 - length) for total, length in texts]
    return max(needed, default=0.0) or 1.0


def _lines(count: int, rows: int) -> list[range]:
    """The rows of each bar, from the top down, with a gap between them where there is room."""
    if not count:
        return []
    each = max(1, rows // count)
    thick = min(_THICKEST, max(1, each - 1))
    tops = [rows - 1 - number * each for number in range(count) if rows - number * each - thick >= 0]
    return [range(top - thick + 1, top + 1) for top in tops]
