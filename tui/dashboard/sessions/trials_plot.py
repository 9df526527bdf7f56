"""FPS of every trial of both sessions on one axis: the sample that a verdict rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.uncertainty.intervals import geometric_mean, trials_interval
from tui.dashboard.results.paper import Paper, in_cells
from tui.dashboard.results.scales import round_ticks, short_texts
from tui.dashboard.sessions.columns import cut
from tui.dashboard.sessions.distribution_plot import Lane, lanes

if TYPE_CHECKING:
    from engine.uncertainty.records import Interval
    from profiles.session import CaseRecord

_LETTERS = ("A", "B")
DOTS = (("●", "o"), ("◆", "+"))
"""A trial of A and one of B; the second of each is ASCII."""
SPOILED = ("×", "x")
"""An attempt that was spoiled and run again, so that it is in no figure."""
_ROOM = 0.06
_NARROWEST = 0.01


@dataclass(frozen=True)
class Trials:
    """The trials of one side."""

    counted: tuple[float, ...]
    """FPS of each."""
    spoiled: tuple[float, ...]
    """FPS of the attempts that are in no figure."""

    @property
    def mean(self) -> float | None:
        """The geometric mean; None without trials, or where one has no FPS."""
        return geometric_mean(self.counted) if self.counted and min(self.counted) > 0 else None

    @property
    def interval(self) -> Interval | None:
        """Its 95% interval; None for fewer than three trials."""
        return trials_interval(self.counted) if self.mean is not None else None


def trials_of(case: CaseRecord) -> Trials:
    """FPS of the trials that count, and of the attempts that do not."""
    counted: list[float] = []
    spoiled: list[float] = []
    for trial in case.trials:
        if trial.metrics is not None:
            counts = any(trial is one for one in case.counted)
            (counted if counts else spoiled).append(trial.metrics.fps)
    return Trials(tuple(counted), tuple(spoiled))


def draw_trials(paper: Paper, sides: tuple[Trials, Trials], names: tuple[str, str]) -> None:
    """Draw a dot for each trial, those of A above; below the dots the mean and its interval.

    Args:
        paper: what to draw on.
        sides: A and B; one of them has a trial.
        names: what the sessions are called.
    """
    plt, pens = paper.plt, paper.pens
    columns, rows = paper.canvas(_LETTERS)
    paper.left_and_lower_axis("FPS of a trial")
    left, right = fps_span(sides)

    def column_of(fps: float) -> int:
        return round((fps - left) / (right - left) * (columns - 1))

    for number, (side, lane) in enumerate(zip(sides, lanes(rows), strict=True)):
        colour = pens.series(number)
        dots = stacked([column_of(fps) for fps in side.counted], lane)
        shown = [column_of(fps) for fps in side.spoiled if left <= fps <= right]
        marks = [
            (DOTS[number], dots, colour),
            (SPOILED, stacked(shown, lane, [column for column, _ in dots]), pens.colour("text")),
        ]
        for (mark, ascii_mark), cells, of_mark in marks:
            if cells:
                marker = ascii_mark if pens.ascii_only else mark
                plt.scatter([x for x, _ in cells], [y for _, y in cells], marker=marker, color=of_mark)
        _draw_mean(paper, side, lane.bottom, column_of, number)
        plt.text(
            in_cells(cut(f"{_LETTERS[number]} {names[number]}", columns, ascii_only=pens.ascii_only)),
            x=0,
            y=lane.name_row,
            alignment="left",
            color=colour,
        )
    plt.xlim(0, max(1, columns - 1))
    plt.ylim(0, max(1, rows - 1))
    plt.yticks([lane.bottom for lane in lanes(rows)], list(_LETTERS))
    ticks = round_ticks(left, right, max(2, columns // 12))
    plt.xticks([(tick - left) / (right - left) * (columns - 1) for tick in ticks], short_texts(ticks))


def stacked(columns: Sequence[int], lane: Lane, taken: Sequence[int] = ()) -> list[tuple[int, int]]:
    """The cells of dots in these columns: those that would lie on one another stand above one another.

    Args:
        columns: of each dot.
        lane: where they go, above its lowest row.
        taken: the columns of dots that are there already.
    """
    there = list(taken)
    cells = []
    for column in columns:
        row = lane.bottom + 1 + there.count(column)
        cells.append((column, min(row, max(lane.bottom, lane.name_row - 1))))
        there.append(column)
    return cells


def fps_span(sides: tuple[Trials, Trials]) -> tuple[float, float]:
    """From what FPS to what a plot goes: all trials that count and both intervals, with room around."""
    values = [fps for side in sides for fps in side.counted]
    for side in sides:
        values += [side.interval.low, side.interval.high] if side.interval is not None else []
    values = values or [fps for side in sides for fps in side.spoiled] or [0.0]
    low, high = min(values), max(values)
    spare = max((high - low) * _ROOM, high * _NARROWEST / 2, 1e-9)
    return low - spare, high + spare


def _draw_mean(paper: Paper, side: Trials, row: int, column_of: Callable[[float], int], number: int) -> None:
    plt, pens = paper.plt, paper.pens
    colour = pens.series(number)
    begin, line, end, middle = "[-]|" if pens.ascii_only else "├─┤┃"
    if side.interval is not None:
        first, last = column_of(side.interval.low), column_of(side.interval.high)
        between = list(range(first + 1, last))
        for mark, columns in ((line, between), (begin, [first]), (end, [last])):
            if columns:
                plt.scatter(columns, [row] * len(columns), marker=mark, color=colour)
    if side.mean is not None:
        plt.scatter([column_of(side.mean)], [row], marker=middle, color=pens.colour("error"))
