"""Which plot a tab shows of a pair of cases, with what is said around it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.dashboard.sessions.comparison import ONLY_A, ONLY_B, Comparison, Pair
from tui.dashboard.sessions.frames_reader import timings_of
from tui.dashboard.sessions.side_texts import pair_sentence, pair_title
from tui.output.rows import Row
from tui.text import counted, printable, three_digits

if TYPE_CHECKING:
    from tui.dashboard.results.pane import PlotPane
    from tui.dashboard.sessions.frames_reader import CaseFrames

_LONGEST_NAME = 40


class PairPlots:
    """Knows how the cases of two sessions are drawn.

    Args:
        comparison: both sessions.
        ascii_only: do without block characters.
    """

    def __init__(self, comparison: Comparison, ascii_only: bool = False) -> None:
        self._comparison = comparison
        self._ascii_only = ascii_only

    @property
    def _names(self) -> tuple[str, str]:
        sides = (self._comparison.a, self._comparison.b)
        first, second = (printable(side.name)[-_LONGEST_NAME:] for side in sides)
        return first, second

    def heading(self, pair: Pair) -> str:
        """Which case this is."""
        pairs = self._comparison.pairs
        number = next((n for n, one in enumerate(pairs, 1) if one.case is pair.case), 0)
        return f"case {number} of {len(pairs)}: {pair_title(pair)}   (up and down choose)"

    def why_no_frames(self, pair: Pair) -> str:
        """Why there are no two distributions, in a sentence; "" where there are."""
        if pair.word in (ONLY_A, ONLY_B):
            return f"There is nothing to hold its frame times against: it is {pair.word}."
        for letter, row in (("A", pair.a), ("B", pair.b)):
            if row is not None and not timings_of(row.case):
                return printable(f"{letter} has no frame times of this case{_why(row)}.")
        return ""

    def show_frames(self, pane: PlotPane, pair: Pair, sides: tuple[CaseFrames, CaseFrames]) -> None:
        """Draw the frame times of both."""
        from tui.dashboard.sessions.distribution_plot import beyond_edges, common_span, draw_distributions

        span = common_span(sides)
        several = pair.case.worlds > 1
        things = "batches" if several else "frames"
        said = [f"Bars: part of the {things} of each side, to one scale; the line is p50."]
        for letter, side in zip("AB", sides, strict=True):
            beyond = sum(beyond_edges(side, span.left_ms, span.right_ms))
            figures = [f"{letter}: {side.frames} {things} of {counted(side.trials, 'trial')}"]
            figures += [f"p99 {three_digits(side.p99_ms)} ms", f"slowest {three_digits(side.slowest_ms)} ms"]
            edges = f"; {beyond} beyond the edges" if beyond else ""
            said.append(f"{', '.join(figures)}{edges}.")
        draw = partial(
            draw_distributions,
            sides=sides,
            names=self._names,
            span=span,
            thing="batch" if several else "frame",
        )
        pane.show(self.heading(pair), draw, "\n".join(said))

    def show_trials(self, pane: PlotPane, pair: Pair) -> None:
        """Draw the FPS of every trial of both."""
        from tui.dashboard.sessions.trials_plot import DOTS, SPOILED, Trials, draw_trials, fps_span, trials_of

        sides = tuple(trials_of(row.case) if row else Trials((), ()) for row in (pair.a, pair.b))
        first, second = sides
        if not first.counted and not second.counted:
            pane.say(self.heading(pair), "Neither A nor B has a trial with figures.")
            return
        left, right = fps_span((first, second))
        dots = [marks[self._ascii_only] for marks in DOTS]
        line = "[-|-]" if self._ascii_only else "├─┃─┤"
        said = [f"{dots[0]} a trial of A  {dots[1]} a trial of B  {line} geometric mean and its 95% interval"]
        spoiled = [fps for side in sides for fps in side.spoiled]
        if spoiled:
            hidden = sum(not left <= fps <= right for fps in spoiled)
            text = f"{SPOILED[self._ascii_only]} spoiled and run again, in no figure"
            said.append(f"{text}; {hidden} of {len(spoiled)} beyond the edges." if hidden else f"{text}.")
        said.append(pair_sentence(pair))
        draw = partial(draw_trials, sides=(first, second), names=self._names)
        pane.show(self.heading(pair), draw, "\n".join(said))


def _why(row: Row) -> str:
    return f": {row.reason.rstrip('.')}" if row.reason else ""
