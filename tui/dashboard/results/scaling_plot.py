"""Curves on logarithms: time over pixels with its line, FPS over workers and worlds with its knee."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.case import Resolution
from engine.scaling.pixels import PixelFit
from engine.scaling.throughput import Throughput
from tui.dashboard.results.paper import Colour, Paper
from tui.dashboard.results.scales import short_texts
from tui.text import three_digits

MEASURED, IDEAL, KNEE, PROCESSES, CROSSING, MATTERS = "o", ":", "K", "=", "X", "|"
"""The marks, each told in a note; they differ without any colour."""
_Cell = tuple[float, float]
"""Column and row, not yet rounded."""
_ROOM = 0.06
"""Part of an axis that stays free at each end."""
_LEAST_SPAN = 2.0
_LOWEST_IDEAL = 1.3
"""The ideal is seen up to this many times the rate of the fewest, however flat a curve is."""
_COLUMNS_APART = 2
_FACTORS = ((1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))
"""Ticks within a power of ten, fewer from set to set."""


@dataclass(frozen=True)
class Level:
    """The rate that a curve is held against, and where the curve passes it."""

    fps: float
    crossing: int | None
    """The size from which on the curve lies above it; None where there is none to draw."""


@dataclass(frozen=True)
class _Axes:
    """Logarithmic axes of a canvas of so many cells."""

    columns: int
    rows: int
    x: tuple[float, float]
    y: tuple[float, float]

    def column(self, value: float) -> float:
        return _place(value, self.x, self.columns)

    def row(self, value: float) -> float:
        return _place(value, self.y, self.rows)

    def value_at(self, column: int) -> float:
        """The value on the lower axis in the middle of a column."""
        low, high = (math.log(edge) for edge in self.x)
        return math.exp(low + (high - low) * column / max(1, self.columns - 1))


def draw_pixel_fit(
    paper: Paper, sizes: Sequence[Resolution], times_s: Sequence[float], fit: PixelFit
) -> None:
    """Draw the measured times, the fitted line, and from where on pixels matter.

    Args:
        paper: what to draw on.
        sizes: by ascending pixels.
        times_s: seconds for one image at each of them.
        fit: the line, drawn over the measured sizes.
    """
    pixels = [float(size.pixels) for size in sizes]
    heights = [1e3 * time for time in (*times_s, *map(fit.time_s, pixels))]
    axes = _axes(paper, pixels, heights, " ms")
    paper.left_and_lower_axis("size, on logarithms of pixels and time")
    _fitted(paper, axes, fit, pixels[0], pixels[-1])
    if is_seen(sizes, fit):
        column = round(axes.column(fit.matters_from_pixels))
        rows = range(round(axes.row(1e3 * fit.time_s(fit.matters_from_pixels))))
        _marks(paper, [(column, row) for row in rows], MATTERS, paper.pens.colour("warning"))
    _points(paper, axes, pixels, [1e3 * time for time in times_s])
    _ticks(paper, axes, [(size, str(sizes[index])) for index, size in enumerate(pixels)])


def is_seen(sizes: Sequence[Resolution], fit: PixelFit) -> bool:
    """Whether the size from which on pixels matter is among the measured ones, and can be trusted."""
    return fit.fits and sizes[0].pixels <= fit.matters_from_pixels <= sizes[-1].pixels


def draw_throughput(paper: Paper, throughput: Throughput, name: str, level: Level | None = None) -> None:
    """Draw the measured rates, what they would be if each one were as fast as among the fewest, and the knee.

    Args:
        paper: what to draw on.
        throughput: the curve.
        name: of the lower axis.
        level: a rate to hold it against.
    """
    sizes = [float(point.size) for point in throughput.points]
    rates = [point.fps for point in throughput.points]
    heights = [*rates, rates[0] * _LOWEST_IDEAL, *([level.fps] if level else [])]
    axes = _axes(paper, sizes, heights, " FPS")
    paper.left_and_lower_axis(f"{name}, on logarithms of number and FPS")
    _ideal(paper, axes, throughput)
    if level is not None:
        across = [(column, axes.row(level.fps)) for column in range(0, axes.columns, _COLUMNS_APART)]
        _marks(paper, across, PROCESSES, paper.pens.colour("accent"))
    # A power of the size is a straight line here: what is read off between two points lies on it.
    cells = [(axes.column(size), axes.row(rate)) for size, rate in zip(sizes, rates, strict=True)]
    _line(paper, axes, cells, "primary")
    _points(paper, axes, sizes, rates)
    if level is not None and level.crossing is not None:
        at = (axes.column(level.crossing), axes.row(level.fps))
        _marks(paper, [at], CROSSING, paper.pens.colour("error"))
    if not throughput.is_knee_beyond:
        at = (axes.column(throughput.knee), axes.row(throughput.knee_point.fps))
        _marks(paper, [at], KNEE, paper.pens.colour("warning"))
    _ticks(paper, axes, [(size, f"{size:.0f}") for size in sizes])


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Round values from `low` to `high` times a power of ten, at least one and as a rule at most `most`."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    found = [low]
    for factors in _FACTORS:
        values = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
        inside = [value for value in values if low <= value <= high]
        found = inside or found
        if len(found) <= most:
            return found
    return found[:: math.ceil(len(found) / max(1, most))]


def _axes(paper: Paper, xs: Sequence[float], ys: Sequence[float], unit: str) -> _Axes:
    """Axes around some values, with the ticks of the left one drawn."""
    x, y = _span(xs), _span(ys)
    ticks = log_ticks(*y, max(2, paper.height // 4))
    texts = _tick_texts(ticks, unit)
    columns, rows = paper.canvas(texts)
    axes = _Axes(columns, rows, x, y)
    paper.plt.xlim(0, max(1, columns - 1))
    paper.plt.ylim(0, max(1, rows - 1))
    paper.plt.yticks([round(axes.row(tick)) for tick in ticks], texts)
    return axes


def _span(values: Sequence[float]) -> tuple[float, float]:
    """From the smallest to the largest with some room; at least a factor of two: noise fills no plot."""
    low, high = min(values), max(values)
    room = max((high / low) ** (1 + 2 * _ROOM), _LEAST_SPAN) * low / high
    return low / math.sqrt(room), high * math.sqrt(room)


def _tick_texts(ticks: Sequence[float], unit: str) -> list[str]:
    if max(ticks) >= 1e4:
        # One at a time, as neighbours may be a thousand times as large.
        return [short_texts([tick], unit)[0] for tick in ticks]
    return [
        f"{three_digits(tick).rstrip('0').rstrip('.') if tick < 1 else f'{tick:g}'}{unit}" for tick in ticks
    ]


def _place(value: float, edges: tuple[float, float], cells: int) -> float:
    low, high = (math.log(edge) for edge in edges)
    return (math.log(value) - low) / (high - low) * (cells - 1)


def _ideal(paper: Paper, axes: _Axes, throughput: Throughput) -> None:
    """What the rates would be if each one were as fast as among the fewest, as far as it is in the plot."""
    first, last = throughput.points[0], throughput.points[-1]
    begin, end = round(axes.column(first.size)), round(axes.column(last.size))
    columns = range(begin, end + 1, _COLUMNS_APART)
    cells = [(column, axes.row(first.fps * axes.value_at(column) / first.size)) for column in columns]
    inside = [cell for cell in cells if cell[1] <= axes.rows - 1]
    _marks(paper, inside, IDEAL, paper.pens.colour("success"))


def _fitted(paper: Paper, axes: _Axes, fit: PixelFit, first: float, last: float) -> None:
    """The line of costs between two numbers of pixels, which is a bent one on logarithms."""
    begin, end = axes.column(first), axes.column(last)
    steps = max(2, round(end - begin) + 1)
    parts = [step / (steps - 1) for step in range(steps)]
    cells = [
        (begin + (end - begin) * part, axes.row(1e3 * fit.time_s(first * (last / first) ** part)))
        for part in parts
    ]
    _line(paper, axes, cells, "success")


def _line(paper: Paper, axes: _Axes, cells: Sequence[_Cell], colour: str) -> None:
    xs, ys = [column for column, _ in cells], [row for _, row in cells]
    marker = "."
    if not paper.pens.ascii_only:
        marker = "braille"
        xs = [_between_dots(x, axes.columns, 2) for x in xs]
        ys = [_between_dots(y, axes.rows, 4) for y in ys]
    paper.plt.plot(xs, ys, marker=marker, color=paper.pens.colour(colour))


def _between_dots(cell: float, cells: int, dots: int) -> float:
    """Where to draw for the middle of a cell: plotext spreads an axis from its first dot to its last."""
    return (dots * cell + (dots - 1) / 2) * (cells - 1) / (dots * cells - 1)


def _points(paper: Paper, axes: _Axes, xs: Sequence[float], ys: Sequence[float]) -> None:
    cells = [(axes.column(x), axes.row(y)) for x, y in zip(xs, ys, strict=True)]
    _marks(paper, cells, MEASURED, paper.pens.colour("text"))


def _marks(paper: Paper, cells: Sequence[_Cell], marker: str, colour: Colour) -> None:
    if cells:
        xs, ys = [round(column) for column, _ in cells], [round(row) for _, row in cells]
        paper.plt.scatter(xs, ys, marker=marker, color=colour)


def _ticks(paper: Paper, axes: _Axes, named: Sequence[tuple[float, str]]) -> None:
    """Names below the lower axis; of those that would touch the one before, none."""
    places: list[float] = []
    texts: list[str] = []
    free = -1
    for value, text in named:
        column = round(axes.column(value))
        if column - len(text) // 2 > free:
            places.append(column)
            texts.append(text)
            free = column + len(text) // 2
    paper.plt.xticks(places, texts)
