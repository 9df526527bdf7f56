"""Why one backend is faster than another at the same picture, in a sentence."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from engine.timings import PHASES
from engine.uncertainty.comparison import Verdict
from profiles.relative_speed import compare_cases
from tui.dashboard.results.pictures import same_picture
from tui.output.figure_texts import PAIRED, ratio_interval_text, ratio_text, reach_text
from tui.output.rows import Row
from tui.output.tables import NOT_WHOLE, backend_title
from tui.text import printable, three_digits

_CLEAR = 1.02
"""Below this ratio of FPS two backends are called equally fast."""
_SURE_ALONE = 1.1
"""Below this ratio fewer than three rounds are called too few."""
_TOO_FEW = " Fewer than three rounds are too few to be sure of that."
_PART = 0.1
"""A phase is named where it makes this part of the difference."""
_MOST_PHASES = 3


def phase_means_ms(row: Row) -> dict[str, float]:
    """Mean ms a frame of each phase, the median over the trials; empty without figures.

    What several worlds or workers do at the same time is shared out among their frames, as FPS does it.
    """
    measured = list(row.case.measured.values())
    if not measured:
        return {}
    at_once = row.case.workers * row.case.worlds
    return {
        phase: statistics.median(metrics.phases[phase].mean_ms for metrics in measured) / at_once
        for phase in PHASES
    }


def why_faster(rows: Sequence[Row], chosen: Row) -> str:
    """Hold a case against the fastest other backend of the same picture; "" where it has no figures.

    Args:
        rows: all of a session.
        chosen: one of them.
    """
    if chosen.fps is None:
        return ""
    if chosen.case.backend == "null":
        return "null draws nothing: this is what the instrument itself takes, and it has no rival."
    others = [row for row in same_picture(rows, chosen) if row is not chosen]
    rated = [row for row in others if row.fps and row.case.backend != "null"]
    # Beside a change there is no other backend that draws the same, so the unchanged case tells most.
    rivals = [row for row in rated if row.case.change == chosen.case.change]
    rivals = rivals or [row for row in rated if chosen.case.change and not row.case.change]
    if not rivals or not chosen.fps:
        return "No other backend has figures for the same picture, so there is nothing to compare it with."
    rival = max(rivals, key=lambda row: row.fps or 0.0)
    fast, slow = sorted((chosen, rival), key=lambda row: row.fps or 0.0, reverse=True)
    return _compared(fast, slow) + _reserve(fast, slow)


def _compared(fast: Row, slow: Row) -> str:
    assert fast.fps and slow.fps
    fast_name, slow_name = printable(backend_title(fast.case)), printable(backend_title(slow.case))
    comparison = compare_cases(slow.case, fast.case)
    ratio = comparison.ratio if comparison is not None else fast.fps / slow.fps
    if comparison is not None and comparison.interval is not None:
        span = ratio_interval_text(comparison)
        if comparison.verdict is Verdict.UNCLEAR:
            reach = reach_text(comparison, PAIRED)
            return f"{fast_name} and {slow_name} cannot be told apart: {span} as fast; {reach}."
        if comparison.verdict is Verdict.SAME:
            return f"{fast_name} and {slow_name} are within 2% of each other: {span}."
        times = f"{ratio_text(ratio, comparison)}x (95% {span})"
        return f"{fast_name} is {times} as fast as {slow_name}: {_phases(fast, slow)}."
    if ratio < _CLEAR:
        return f"{fast_name} and {slow_name} are within 2% of each other.{_TOO_FEW}"
    doubt = _TOO_FEW if ratio < _SURE_ALONE else ""
    return f"{fast_name} is {_times(ratio)} as fast as {slow_name}: {_phases(fast, slow)}.{doubt}"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}x" if ratio < 10 else f"{three_digits(ratio)}x"


def _phases(fast: Row, slow: Row) -> str:
    """The phases that make the difference, the largest first."""
    ours, theirs = phase_means_ms(fast), phase_means_ms(slow)
    saved = {phase: theirs[phase] - ours[phase] for phase in PHASES}
    gap = abs(sum(saved.values()))
    by_size = sorted(saved, key=lambda phase: abs(saved[phase]), reverse=True)
    named = [phase for phase in by_size if abs(saved[phase]) > _PART * gap and saved[phase]][:_MOST_PHASES]
    parts = [f"{three_digits(abs(saved[p]))} ms {'less' if saved[p] > 0 else 'more'} in {p}" for p in named]
    return "a frame takes " + ", ".join(parts) if parts else "no phase alone makes the difference"


def _reserve(fast: Row, slow: Row) -> str:
    """What has to be held against the comparison."""
    said = ""
    if fast.reason or slow.reason:
        said += f" Figures marked {NOT_WHOLE} hold a part only."
    # What a change takes away is what was asked for.
    alike = fast.case.change == slow.case.change
    if alike and fast.case.drawn and slow.case.drawn and fast.case.drawn != slow.case.drawn:
        said += " They did not draw the same: see About."
    return said
