"""Which plot a tab shows of which case, with what is said around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.case import Resolution
from engine.timings import PHASES
from profiles.session import TrialRecord
from tui.dashboard.results.bar_plot import Bar, Part, draw_bars
from tui.dashboard.results.pictures import across_sizes, drawing, same_picture, same_scene
from tui.dashboard.results.size_plot import draw_sizes
from tui.dashboard.results.texts import (
    case_line,
    frames_note,
    histogram_note,
    not_drawn_note,
    phase_table,
    size_table,
)
from tui.dashboard.results.why import phase_means_ms, why_faster
from tui.dashboard.watch.blocks import PHASE_LETTERS
from tui.rows import Row
from tui.tables import backend_title, rate_cell
from tui.text import printable, three_digits

if TYPE_CHECKING:
    from tui.dashboard.results.pane import PlotPane
    from tui.dashboard.results.paper import Paper
    from tui.dashboard.results.reduction import Reduction

_PHASE_COLOURS = dict(zip(PHASES, ("success", "text", "primary", "warning", "error"), strict=True))


@dataclass(frozen=True)
class View:
    """What is looked at."""

    case: int
    """Its place in the session."""
    trial: TrialRecord | None
    zoomed: bool


class SessionPlots:
    """Knows how the cases of one session are drawn.

    Args:
        rows: all cases, in the session's order.
        ascii_only: do without block characters.
    """

    def __init__(self, rows: Sequence[Row], ascii_only: bool = False) -> None:
        self._rows = rows
        self._ascii_only = ascii_only

    def heading(self, view: View) -> str:
        """Which case this is."""
        return case_line(self._rows[view.case], view.case + 1, len(self._rows))

    def why_no_frames(self, view: View) -> str:
        """Why a case has no frame times to draw, in a sentence."""
        row = self._rows[view.case]
        said = f": {row.reason.rstrip('.')}" if row.reason else ""
        fix = f" Fix: {row.fix.rstrip('.')}." if row.fix else ""
        return printable(f"This case has no frame times{said}.{fix}")

    def show(self, pane: PlotPane, tab: str, view: View, reduction: Reduction | None) -> None:
        """Draw one tab's plot of one case.

        Args:
            pane: where.
            tab: one of `screen.TABS`.
            view: what is looked at.
            reduction: the trial's frames, for the tabs that draw them.
        """
        if reduction is not None and tab == "frames":
            self._frames(pane, view, reduction)
        elif reduction is not None and tab == "histogram":
            self._histogram(pane, view, reduction)
        elif tab == "phases":
            self._phases(pane, view)
        elif tab == "backends":
            self._backends(pane, view)
        elif tab == "sizes":
            self._sizes(pane, view)

    def _trials(self, view: View) -> int:
        return sum(trial.timings is not None for trial in self._rows[view.case].case.trials)

    def _label(self, row: Row, chosen: Row) -> str:
        mark = ">" if self._ascii_only else "›"
        name = backend_title(row.case)
        return printable(f"{mark} {name}" if row is chosen else name)

    def _frames(self, pane: PlotPane, view: View, reduction: Reduction) -> None:
        from tui.dashboard.results.frame_plot import draw_frame_times, full_top_ms, zoomed_top_ms

        assert view.trial is not None
        top_ms = zoomed_top_ms(reduction) if view.zoomed else full_top_ms(reduction)
        beyond = round(reduction.frames - reduction.histogram.below(top_ms * 1e6))
        note = frames_note(reduction, view.trial, self._trials(view), beyond, self._ascii_only)
        pane.show(self.heading(view), partial(draw_frame_times, reduction=reduction, top_ms=top_ms), note)

    def _histogram(self, pane: PlotPane, view: View, reduction: Reduction) -> None:
        from tui.dashboard.results.histogram_plot import draw_histogram, usual_span

        assert view.trial is not None
        metrics = view.trial.metrics
        marks = {"p50": metrics.p50_ms, "p95": metrics.p95_ms, "p99": metrics.p99_ms} if metrics else {}
        span = usual_span(reduction.histogram, marks)
        note = histogram_note(
            view.trial, self._trials(view), span.beyond_left, span.beyond_right, reduction.frames
        )
        draw = partial(draw_histogram, histogram=reduction.histogram, span=span, marks_ms=marks)
        pane.show(self.heading(view), draw, note)

    def _phases(self, pane: PlotPane, view: View) -> None:
        chosen = self._rows[view.case]
        rows = same_picture(self._rows, chosen)
        drawn = drawing(rows) if chosen.case.backend != "null" else [chosen]

        def draw(paper: Paper) -> None:
            bars = []
            for row in drawn:
                means = phase_means_ms(row)
                parts = tuple(
                    Part(ms, PHASE_LETTERS[phase], paper.pens.colour(_PHASE_COLOURS[phase]))
                    for phase, ms in means.items()
                )
                said = f"{three_digits(sum(means.values()))} ms" if means else _failed(row)
                bars.append(Bar(self._label(row, chosen), parts, said))
            draw_bars(paper, bars, "ms a frame")

        why = why_faster(self._rows, chosen)
        pane.show(self.heading(view), draw, "\n".join([*phase_table(rows), why]))

    def _backends(self, pane: PlotPane, view: View) -> None:
        chosen = self._rows[view.case]
        rows = same_picture(self._rows, chosen)
        drawn = drawing(rows)

        def draw(paper: Paper) -> None:
            bars = []
            for row in drawn:
                marker = "=" if self._ascii_only else "█"
                parts = (Part(row.fps, marker, paper.pens.colour("primary")),) if row.fps is not None else ()
                said = f"{rate_cell(row)} FPS{_spread(row)}" if parts else _failed(row)
                bars.append(Bar(self._label(row, chosen), parts, said))
            draw_bars(paper, bars, "FPS")

        note = [not_drawn_note(rows, drawn), why_faster(self._rows, chosen)]
        pane.show(self.heading(view), draw, "\n".join(filter(None, note)))

    def _sizes(self, pane: PlotPane, view: View) -> None:
        chosen = self._rows[view.case]
        series = across_sizes(self._rows, chosen)
        drawn = {name: points for name, points in series.items() if name != "null"} or series
        if sum(len(points) for points in series.values()) == 0:
            pane.say(self.heading(view), "No backend has figures for this scene.")
            return
        if max(len(points) for points in series.values()) < 2:
            pane.say(self.heading(view), "This session has one resolution only: there is nothing to plot.")
            return
        pane.show(
            self.heading(view),
            partial(draw_sizes, series=drawn),
            "\n".join([*size_table(series), *self._without_figures(chosen, series)]),
        )

    def _without_figures(self, chosen: Row, series: dict[str, list[tuple[Resolution, float]]]) -> list[str]:
        names = [backend_title(row.case) for row in self._rows if same_scene(row, chosen)]
        missing = [name for name in dict.fromkeys(names) if name not in series]
        return [printable(f"No figures: {', '.join(missing)}.")] if missing else []


def _failed(row: Row) -> str:
    return printable(f"{rate_cell(row)}: {row.reason}" if row.reason else rate_cell(row))


def _spread(row: Row) -> str:
    return f" ({three_digits(row.fps_low)}..{three_digits(row.fps_high)})" if row.trials > 1 else ""
