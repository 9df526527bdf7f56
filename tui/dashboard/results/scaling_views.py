"""The plots of a case over sizes: which there are, and what is said below each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.scaling.crossover import Outcome
from profiles.scaling import Axis, BatchAgainstProcesses, PixelCurve, Scaling, ThroughputCurve
from tui.output.scaling_texts import (
    crossover_sentence,
    efficiency_texts,
    pixel_sentences,
    throughput_sentences,
)
from tui.text import counted

if TYPE_CHECKING:
    from profiles.session import CaseRecord
    from tui.dashboard.results.paper import Paper
    from tui.dashboard.results.scaling_plot import Level


@dataclass(frozen=True)
class ScalingView:
    """One plot with its note."""

    draw: Callable[[Paper], None]
    note: str

    def note_for(self, width: int, height: int) -> str:
        """The note, whatever the room for it."""
        return self.note


def scaling_views(scaling: Scaling, case: CaseRecord) -> list[ScalingView]:
    """The plots that a case is in: its time over pixels, its FPS over workers and over worlds."""
    views = [_pixel_view(curve) for curve in scaling.pixels if _holds(curve, case)]
    for curve in (*scaling.workers, *scaling.worlds):
        if _holds(curve, case):
            against = None if curve.axis is Axis.WORKERS else _against(scaling, curve)
            views.append(_throughput_view(curve, against))
    return views


def _holds(curve: PixelCurve | ThroughputCurve, case: CaseRecord) -> bool:
    return any(one is case for one in (*curve.cases, *curve.missing))


def _against(scaling: Scaling, curve: ThroughputCurve) -> BatchAgainstProcesses | None:
    return next((one for one in scaling.crossovers if one.batch[0] is curve.cases[0]), None)


def _pixel_view(curve: PixelCurve) -> ScalingView:
    from tui.dashboard.results.scaling_plot import MATTERS, MEASURED, draw_pixel_fit, is_seen

    sizes = [case.resolution for case in curve.cases]
    draw = partial(draw_pixel_fit, sizes=sizes, times_s=curve.times_s, fit=curve.fit)
    marks = [f"{MEASURED} measured", "the line: fixed cost + cost per pixel"]
    if is_seen(sizes, curve.fit):
        marks.append(f"{MATTERS} pixels take a tenth")
    return ScalingView(draw, "\n".join(["   ".join(marks), _sentences(pixel_sentences(curve))]))


def _throughput_view(curve: ThroughputCurve, against: BatchAgainstProcesses | None) -> ScalingView:
    from tui.dashboard.results.scaling_plot import (
        CROSSING,
        IDEAL,
        KNEE,
        MEASURED,
        PROCESSES,
        draw_throughput,
    )

    throughput = curve.throughput
    level = None if against is None else _level(against)
    draw = partial(draw_throughput, throughput=throughput, name=str(curve.axis), level=level)
    marks = [f"{MEASURED} measured", f"{IDEAL} ideal"]
    marks += [] if throughput.is_knee_beyond else [f"{KNEE} knee"]
    if level is not None and against is not None:
        processes = f"{PROCESSES} {counted(against.process.workers, 'worker')} of {against.process.backend}"
        marks += [processes, *([f"{CROSSING} faster from here"] if level.crossing is not None else [])]
    parts = [f"{efficiency_texts(point)[0]} with {point.size}" for point in throughput.points]
    lines = ["   ".join(marks), f"efficiency: {', '.join(parts)}", _sentences(throughput_sentences(curve))]
    lines += [crossover_sentence(against)] if against is not None else []
    return ScalingView(draw, "\n".join(lines))


def _level(against: BatchAgainstProcesses) -> Level:
    from tui.dashboard.results.scaling_plot import Level

    found = against.crossover
    return Level(against.process_fps, found.worlds if found.outcome is Outcome.FROM else None)


def _sentences(sentences: list[str]) -> str:
    said = " ".join(sentences)
    return said[:1].upper() + said[1:]
