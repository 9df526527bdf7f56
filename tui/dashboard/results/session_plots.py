"""Which plot a tab shows of which case, with what is said around it."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.case import Resolution
from engine.timings import PHASES
from profiles.scaling import Scaling, scaling_of
from profiles.session import TrialRecord
from tui.dashboard.results.bar_plot import Bar, Part, draw_bars
from tui.dashboard.results.labels import attempt_name, backend_labels
from tui.dashboard.results.pictures import across_sizes, drawing, same_picture, same_scene
from tui.dashboard.results.size_plot import draw_sizes
from tui.dashboard.results.texts import (
    case_line,
    frames_note,
    histogram_note,
    not_drawn_note,
    phase_table,
    size_columns,
    size_table,
)
from tui.dashboard.results.why import phase_means_ms, why_faster
from tui.dashboard.watch.blocks import PHASE_LETTERS
from tui.output.rows import Row
from tui.output.tables import backend_title, rate_cell
from tui.text import printable, three_digits

if TYPE_CHECKING:
    from tui.dashboard.results.pane import Note, PlotPane
    from tui.dashboard.results.paper import Paper
    from tui.dashboard.results.reduction import Reduction

_NARROWEST = 12
_PHASE_COLOURS = dict(zip(PHASES, ("success", "text", "primary", "warning", "error"), strict=True))


@dataclass(frozen=True)
class View:
    """What is looked at."""

    case: int
    """Its place in the session."""
    trial: TrialRecord | None
    zoomed: bool
    turn: int = 0
    """Which of the plots that a tab has for a case, counted round."""


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
        return len({trial.trial for trial in self._rows[view.case].case.trials if trial.timings is not None})

    def _names(self, paper: Paper, rows: Sequence[Row], chosen: Row) -> dict[int, str]:
        """What stands beside the bar of each case, by its place; the bars keep two thirds of the width."""
        labels = backend_labels([row.case for row in rows], paper.width // 3 - 2, self._ascii_only)
        mark = ">" if self._ascii_only else "›"
        names = [labels.names[backend_title(row.case)] for row in rows]
        return {
            index: f"{mark} {name}" if rows[index] is chosen else name for index, name in enumerate(names)
        }

    def _legend(self, rows: Sequence[Row], width: int) -> list[str]:
        """What the short names beside the bars mean, where they are short."""
        legend = backend_labels([row.case for row in rows], width // 3 - 2, self._ascii_only).legend
        return [legend] if legend else []

    def _frames(self, pane: PlotPane, view: View, reduction: Reduction) -> None:
        from tui.dashboard.results.frame_plot import draw_frame_times, full_top_ms, zoomed_top_ms

        assert view.trial is not None
        top_ms = zoomed_top_ms(reduction) if view.zoomed else full_top_ms(reduction)
        beyond = round(reduction.frames - reduction.histogram.below(top_ms * 1e6))
        worlds, workers = self._rows[view.case].case.worlds, self._rows[view.case].case.workers
        name = attempt_name(self._rows[view.case].case, view.trial)
        note = frames_note(
            reduction, view.trial, self._trials(view), beyond, self._ascii_only, worlds=worlds, name=name
        )
        draw = partial(draw_frame_times, reduction=reduction, top_ms=top_ms, workers=workers)
        pane.show(self.heading(view), draw, note)

    def _histogram(self, pane: PlotPane, view: View, reduction: Reduction) -> None:
        from tui.dashboard.results.histogram_plot import draw_histogram, usual_span

        assert view.trial is not None
        metrics = view.trial.metrics
        marks = {"p50": metrics.p50_ms, "p95": metrics.p95_ms, "p99": metrics.p99_ms} if metrics else {}
        span = usual_span(reduction.histogram, marks)
        note = histogram_note(
            view.trial,
            self._trials(view),
            span.beyond_left,
            span.beyond_right,
            reduction.frames,
            worlds=self._rows[view.case].case.worlds,
            name=attempt_name(self._rows[view.case].case, view.trial),
        )
        things = ("batch", "batches") if self._rows[view.case].case.worlds > 1 else ("frame", "frames")
        draw = partial(
            draw_histogram, histogram=reduction.histogram, span=span, marks_ms=marks, things=things
        )
        pane.show(self.heading(view), draw, note)

    def _phases(self, pane: PlotPane, view: View) -> None:
        chosen = self._rows[view.case]
        rows = same_picture(self._rows, chosen)
        drawn = drawing(rows) if chosen.case.backend != "null" else [chosen]

        def draw(paper: Paper) -> None:
            names, bars = self._names(paper, drawn, chosen), []
            for index, row in enumerate(drawn):
                means = phase_means_ms(row)
                parts = tuple(
                    Part(ms, PHASE_LETTERS[phase], paper.pens.colour(_PHASE_COLOURS[phase]))
                    for phase, ms in means.items()
                )
                said = f"{three_digits(sum(means.values()))} ms" if means else _failed(row)
                bars.append(Bar(names[index], parts, said))
            draw_bars(paper, bars, "ms a frame", _place(drawn, chosen))

        why = why_faster(self._rows, chosen)

        def note(width: int, height: int) -> str:
            legend = self._legend(rows, width)
            most = height - len(textwrap.wrap(why, width))
            table = phase_table(rows, width, most, chosen, self._ascii_only)
            return "\n".join([*table, *(line for line in legend if line not in table), why])

        pane.show(self.heading(view), draw, note)

    def _backends(self, pane: PlotPane, view: View) -> None:
        chosen = self._rows[view.case]
        rows = same_picture(self._rows, chosen)
        drawn = drawing(rows)

        def draw(paper: Paper) -> None:
            names, bars = self._names(paper, drawn, chosen), []
            for index, row in enumerate(drawn):
                marker = "=" if self._ascii_only else "█"
                parts = (Part(row.fps, marker, paper.pens.colour("primary")),) if row.fps is not None else ()
                said = f"{rate_cell(row)} FPS{_spread(row)}" if parts else _failed(row)
                bars.append(Bar(names[index], parts, said))
            draw_bars(paper, bars, "FPS", _place(drawn, chosen))

        def note(width: int, height: int) -> str:
            said = [not_drawn_note(rows, drawn), *self._legend(rows, width), why_faster(self._rows, chosen)]
            return "\n".join(filter(None, said))

        pane.show(self.heading(view), draw, note)

    def sizes_plots(self, case: int) -> int:
        """How many plots the tab of sizes has for a case, by its place."""
        return len(self._over_sizes(self._rows[case])) if self._rows else 0

    def _sizes(self, pane: PlotPane, view: View) -> None:
        chosen = self._rows[view.case]
        if all(row.fps is None for row in self._rows if same_scene(row, chosen)):
            pane.say(self.heading(view), "No backend has figures for this scene.")
            return
        plots = self._over_sizes(chosen)
        if not plots:
            pane.say(
                self.heading(view),
                "There is nothing to plot: this session has no second resolution, number of workers or of "
                "worlds with figures.",
            )
            return
        number = view.turn % len(plots)
        draw, make_note = plots[number]

        def note(width: int, height: int) -> str:
            turn = f"plot {number + 1} of {len(plots)}: v shows the next"
            return "\n".join([*([turn] if len(plots) > 1 else []), make_note(width, height)])

        pane.show(self.heading(view), draw, note)

    def _over_sizes(self, chosen: Row) -> list[tuple[Callable[[Paper], None], Note]]:
        """FPS of all backends over the resolutions, then the curves that this case is in."""
        from tui.dashboard.results.scaling_views import scaling_views

        series = across_sizes(self._rows, chosen)
        several = max((len(points) for points in series.values()), default=0) > 1
        plots = [self._all_backends(chosen, series)] if several else []
        return [*plots, *((view.draw, view.note_for) for view in scaling_views(self._scaling, chosen.case))]

    @functools.cached_property
    def _scaling(self) -> Scaling:
        """Reckoned when the first plot asks for it: the intervals need what takes long to import."""
        return scaling_of([row.case for row in self._rows])

    def _all_backends(
        self, chosen: Row, series: dict[str, list[tuple[Resolution, float]]]
    ) -> tuple[Callable[[Paper], None], Note]:
        drawn = {name: points for name, points in series.items() if name != "null"} or series

        def note(width: int, height: int) -> str:
            cases = [row.case for row in self._rows if same_scene(row, chosen)]
            # The first two columns are a letter and its gap.
            room = max(_NARROWEST, width - size_columns(series) - 2)
            labels = backend_labels(cases, room, self._ascii_only)
            legend = [labels.legend] if labels.legend else []
            return "\n".join(
                [*size_table(series, labels.names), *legend, *self._without_figures(chosen, series)]
            )

        return partial(draw_sizes, series=drawn), note

    def _without_figures(self, chosen: Row, series: dict[str, list[tuple[Resolution, float]]]) -> list[str]:
        names = [backend_title(row.case) for row in self._rows if same_scene(row, chosen)]
        missing = [name for name in dict.fromkeys(names) if name not in series]
        return [printable(f"No figures: {', '.join(missing)}.")] if missing else []


def _place(rows: Sequence[Row], chosen: Row) -> int:
    return next((index for index, row in enumerate(rows) if row is chosen), 0)


def _failed(row: Row) -> str:
    return printable(f"{rate_cell(row)}: {row.reason}" if row.reason else rate_cell(row))


def _spread(row: Row) -> str:
    return f" ({three_digits(row.fps_low)}..{three_digits(row.fps_high)})" if row.trials > 1 else ""
