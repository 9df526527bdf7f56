"""The lines that the watching screen shows, as text: pure functions of views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.timings import PHASES
from tui.dashboard.watch.blocks import share_bar, sparkline
from tui.dashboard.watch.looks import LOOKS
from tui.dashboard.watch.state import CaseStatus, CaseView
from tui.tables import scene_title
from tui.text import NO_VALUE, printable, three_digits

_SPARK_WIDTH = 16
_BAR_WIDTH = 10


def case_head(width: int) -> str:
    """The head of the list of cases."""
    titles = ("", "state", "case", "FPS", "p50 ms", "p99 ms", "1% low", "FPS so far", "phases")
    return _fit(_columns(titles, width), width)


def case_line(view: CaseView, width: int, ascii_only: bool = False) -> str:
    """One case in one line of exactly `width` characters; provisional figures carry a `~`."""
    look = LOOKS[view.status]
    case = view.case
    title = printable(f"{scene_title(case.scene)} {case.backend} {case.resolution} {case.effects}")
    mark = "~" if view.provisional and view.fps is not None else ""
    rate = view.fps_now if view.provisional else view.fps
    figures = [three_digits(value) for value in (rate, view.p50_ms, view.p99_ms, view.low1_fps)]
    figures[0] = mark + figures[0]
    glyph = look.ascii_glyph if ascii_only else look.glyph
    graphs = (sparkline(view.points, _SPARK_WIDTH, ascii_only), share_bar(view.shares, _BAR_WIDTH))
    return _fit(_columns((glyph, look.word, title, *figures, *graphs), width), width)


def _columns(cells: Sequence[str], width: int) -> str:
    """Put nine cells into columns; what a narrow terminal has no room for is left out."""
    glyph, word, title, rate, p50, p99, low1, spark, bar = cells
    wide = width >= 110
    fixed = 2 + 9 + 3 * 9 + (10 + 2 + _SPARK_WIDTH + 2 + _BAR_WIDTH if wide else 0)
    title_width = max(12, min(48, width - fixed))
    shown = title if len(title) <= title_width else title[: title_width - 1] + "…"
    line = f"{glyph:<2}{word:<9}{shown:<{title_width}}{rate:>9}{p50:>9}{p99:>9}"
    return line + (f"{low1:>10}  {spark:<{_SPARK_WIDTH}}  {bar:<{_BAR_WIDTH}}" if wide else "")


def _fit(line: str, width: int) -> str:
    return line[:width].ljust(width)


def detail_lines(view: CaseView, left: str) -> list[str]:
    """What is told of the chosen case beside its graph.

    Args:
        view: the case.
        left: how long the run still takes, in words.
    """
    case = view.case
    provisional = " (provisional)" if view.provisional else ""
    lines = [printable(f"{scene_title(case.scene)} on {case.backend}, {case.resolution}, {case.effects}")]
    if view.renderer is not None:
        lines.append(f"driver  {printable(view.renderer.renderer)}")
        if view.renderer.software:
            lines.append("        SOFTWARE: the processor draws, not a GPU")
    if view.status is CaseStatus.FAILED:
        return [*lines, *failure_lines(view)]
    now, over_all = three_digits(view.fps_now), three_digits(view.fps)
    lines.append(f"FPS     {now} now, {over_all} overall, {view.frames} frames{provisional}")
    lines.append(f"frame   p50 {three_digits(view.p50_ms)} ms, p99 {three_digits(view.p99_ms)} ms")
    lines.append(f"ms in   {phase_words(view.shares, view.fps)}")
    return [*lines, left]


def failure_lines(view: CaseView) -> list[str]:
    """Why a case failed, what helps, and the end of its log."""
    lines = [f"failed  {printable(view.reason)}"]
    if view.fix:
        lines.append(f"fix     {printable(view.fix)}")
    return lines + [f"log     {printable(line)}" for line in view.log.splitlines()[-6:]]


def phase_words(shares: Mapping[str, float], rate: float | None) -> str:
    """Each phase's mean in ms, the largest first."""
    if not shares or not rate:
        return NO_VALUE
    ordered = sorted(PHASES, key=lambda phase: -shares.get(phase, 0.0))
    words = (f"{phase} {three_digits(shares.get(phase, 0.0) * 1000 / rate)}" for phase in ordered)
    return ", ".join(words)
