"""The plot of frame times over a trial."""

from __future__ import annotations

from tui.dashboard.results.paper import Paper, from_zero
from tui.dashboard.results.reduction import Reduction, envelope
from tui.dashboard.results.scales import round_ticks, tick_texts

_ROOM_ABOVE = 1.05


def zoomed_top_ms(reduction: Reduction) -> float:
    """The top of a scale on which the usual frames fill the plot, however slow the slowest is."""
    usual = reduction.histogram.quantile_ns(0.99) * 1e-6 * 1.5
    return min(usual, reduction.slowest[0]) or 1e-6


def full_top_ms(reduction: Reduction) -> float:
    """The top of a scale that holds the slowest frame."""
    return reduction.slowest[0] * _ROOM_ABOVE or 1e-6


def draw_frame_times(paper: Paper, reduction: Reduction, top_ms: float, workers: int = 1) -> None:
    """Draw from the fastest to the slowest frame of each column, and a line through the means.

    Args:
        paper: what to draw on.
        reduction: the trial.
        top_ms: the end of the scale, which begins at 0; what is slower ends at the upper edge.
        workers: whose frames these are, one worker after the other.
    """
    ticks = round_ticks(0.0, top_ms, max(2, paper.height // 4))
    columns, rows = paper.canvas(tick_texts(ticks, " ms"))
    shape = envelope(reduction, columns)
    lows = [from_zero(value, top_ms, rows) for value in shape.low_ms.tolist()]
    highs = [from_zero(value, top_ms, rows) for value in shape.high_ms.tolist()]
    cells = [
        (column, row)
        for column, low, high in zip(shape.column.tolist(), lows, highs, strict=True)
        for row in range(low, high + 1)
    ]
    plt, pens = paper.plt, paper.pens
    several = "s of drawing, one worker after the other"
    paper.left_and_lower_axis(several if workers > 1 else "s since the start of the trial")
    scale = top_ms / max(1, rows - 1)
    plt.scatter(
        [column for column, _ in cells],
        [row * scale for _, row in cells],
        marker="|" if pens.ascii_only else "░",
        color=pens.colour("warning"),
    )
    plt.plot(
        shape.column.tolist(),
        [min(value, top_ms) for value in shape.mean_ms.tolist()],
        marker="o" if pens.ascii_only else "braille",
        color=pens.colour("primary"),
    )
    plt.xlim(0, max(1, columns - 1))
    plt.ylim(0, top_ms)
    plt.yticks(ticks, tick_texts(ticks, " ms"))
    wall_s = reduction.wall_ns / 1e9
    times = round_ticks(0.0, wall_s, max(2, columns // 12))
    plt.xticks([time / (wall_s or 1.0) * (columns - 1) for time in times], tick_texts(times))
