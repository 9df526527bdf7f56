"""The histogram of frame times, with the marks of its percentiles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tui.dashboard.results.paper import Paper
from tui.dashboard.results.reduction import FINEST_PARTS, FineHistogram
from tui.dashboard.results.scales import round_ticks, short_texts, tick_texts
from tui.text import three_digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MS = 1e-6
_FEW = 0.01
"""At most this part of the frames lies beyond each edge."""
_HEADROOM = 1.35
_NARROWEST = 0.01
_FEWEST_BINS, _BINS_PER_ROOT = 10, 3


@dataclass(frozen=True)
class Span:
    """The part of the frame times that is drawn."""

    left_ms: float
    right_ms: float
    beyond_left: int
    beyond_right: int
    """Frames that are not drawn."""


def usual_span(histogram: FineHistogram, marks_ms: Mapping[str, float]) -> Span:
    """A span around the usual frames and all marks: one slow frame does not press the rest together.

    Its edges are edges of the fine bins, so that the frames beyond are counted and not estimated.
    """
    edges = histogram.edges_ns
    marks = [value / _MS for value in marks_ms.values()]
    middle = histogram.quantile_ns(0.5)
    left = min([histogram.quantile_ns(_FEW), *marks])
    right = max([histogram.quantile_ns(1 - _FEW), *marks])
    # Half as far again beyond the usual ones as they are from the middle.
    first = max(0, int(np.searchsorted(edges, 1.5 * left - 0.5 * middle, "right")) - 1)
    last = min(len(edges) - 1, int(np.searchsorted(edges, 1.5 * right - 0.5 * middle, "left")))
    last = max(last, first + 1)
    # Where all frames take the same time, a span of its own for them.
    spare = max(0.0, _NARROWEST * middle - float(edges[last] - edges[first])) / 2
    return Span(
        min([(float(edges[first]) - spare) * _MS, *marks_ms.values()]),
        max([(float(edges[last]) + spare) * _MS, *marks_ms.values()]),
        int(histogram.counts[:first].sum()),
        int(histogram.counts[last:].sum()),
    )


def draw_histogram(
    paper: Paper,
    histogram: FineHistogram,
    span: Span,
    marks_ms: Mapping[str, float],
    things: tuple[str, str] = ("frame", "frames"),
) -> None:
    """Draw how many frames took how long, and where the percentiles are.

    Args:
        paper: what to draw on.
        histogram: of the trial.
        span: from `usual_span`.
        marks_ms: percentiles by their names, in ms; drawn as lines with their values.
        things: what is counted, one and several of it.
    """
    plt, pens = paper.plt, paper.pens
    label_width = len(f"200k {things[1]}")
    columns, rows = paper.canvas([" " * label_width])
    cells, frames = _bars(histogram, span, columns * (1 if pens.ascii_only else 2))
    top = max(1.0, float(frames.max())) * _HEADROOM
    width = span.right_ms - span.left_ms
    marks = {name: (value - span.left_ms) / width * columns - 0.5 for name, value in marks_ms.items()}
    paper.left_and_lower_axis(f"ms a {things[0]}")
    for cell in marks.values():
        plt.vline(cell, pens.colour("error"))
    # A frame on the edge of two bins is divided between them: one of its parts shows.
    full = frames >= 0.5 - 1e-9
    plt.scatter(
        (cells[full] * (columns - 1)).tolist(),
        frames[full].tolist(),
        marker="#" if pens.ascii_only else "hd",
        fillx=True,
        color=pens.colour("primary"),
    )
    named = marks if rows > 2 * len(marks) else {}
    for line, (name, cell) in enumerate(named.items()):
        text = f" {name} {three_digits(marks_ms[name])} ms "
        beside = cell + 1 if cell + len(text) + 1 < columns else cell - len(text)
        row = top * (rows - 1 - line) / max(1, rows - 1)
        plt.text(text, x=round(beside), y=row, alignment="left", color=pens.colour("error"))
    plt.xlim(0, max(1, columns - 1))
    plt.ylim(0, top)
    ticks = round_ticks(0.0, top / _HEADROOM, max(2, paper.height // 5))
    plt.yticks(ticks, [text.rjust(label_width) for text in short_texts(ticks, f" {things[1]}")])
    times = round_ticks(span.left_ms, span.right_ms, max(2, columns // 12))
    plt.xticks([(time - span.left_ms) / width * columns - 0.5 for time in times], tick_texts(times))


def _bars(
    histogram: FineHistogram, span: Span, cells: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each of `cells` half columns is, 0 to 1, and the frames of the bin that it belongs to.

    Few frames get few bins: in many, each of them would stand alone.
    """
    finest = (span.right_ms - span.left_ms) / max(_MS, span.right_ms / FINEST_PARTS)
    wanted = max(_FEWEST_BINS, _BINS_PER_ROOT * math.sqrt(histogram.counts.sum()))
    bins = max(1, int(min(cells, wanted, finest)))
    frames = histogram.rebinned(np.linspace(span.left_ms, span.right_ms, bins + 1) / _MS)
    number = np.arange(cells)
    return number / max(1, cells - 1), frames[number * bins // cells]
