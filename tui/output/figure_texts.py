"""Figures as people read them: with the digits that their intervals bear out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.uncertainty.comparison import Comparison, Verdict
from engine.uncertainty.digits import written_with
from engine.uncertainty.records import Interval, IntervalKind
from tui.text import NO_VALUE, counted, three_digits

if TYPE_CHECKING:
    from profiles.case_figures import Figure

WITHIN = "~"
"""Before an interval that speaks of one trial only; a note of the same mark says so."""


def figure_text(figure: Figure | None) -> str:
    """Write a figure with as many digits as its interval bears out, or three where there is none."""
    if figure is None:
        return NO_VALUE
    if figure.interval is None or not figure.value > 0:
        return three_digits(figure.value)
    return written_with(figure.value, figure.interval)[0]


def interval_text(figure: Figure | None) -> str:
    """Write the ends of a figure's interval: 131..138, or ~131..138 of one that speaks of one trial only."""
    if figure is None or figure.interval is None or not figure.value > 0:
        return NO_VALUE
    _, low, high = written_with(figure.value, figure.interval)
    return f"{WITHIN if is_within_trial(figure.interval) else ''}{low}..{high}"


def is_within_trial(interval: Interval) -> bool:
    """Whether an interval tells only how well a trial knows its own figure."""
    return interval.kind is IntervalKind.WITHIN_TRIAL


def noise_text(part: float | None) -> str:
    """Write a noise in percent: 4.8%, 0.71%, 12%."""
    if part is None:
        return NO_VALUE
    percent = 100 * part
    if percent >= 9.95:
        return f"{percent:.0f}%"
    return f"{percent:.1f}%" if percent >= 0.995 else f"{percent:.2f}%"


def ratio_text(ratio: float | None, comparison: Comparison | None = None) -> str:
    """Write a ratio of speeds with the digits that its interval bears out, three where it has none: 0.985.

    Args:
        ratio: above 1 where the other case is faster than the base.
        comparison: what it comes from.
    """
    if ratio is None:
        return NO_VALUE
    if comparison is not None and comparison.interval is not None:
        return written_with(ratio, comparison.interval)[0]
    return f"{ratio:.3f}" if ratio >= 0.1 else three_digits(ratio)


def ratio_interval_text(comparison: Comparison | None) -> str:
    """Write the ends of the interval of a ratio: 0.861..0.883."""
    if comparison is None or comparison.interval is None:
        return NO_VALUE
    return "..".join(written_with(comparison.ratio, comparison.interval)[1:])


def verdict_text(comparison: Comparison | None) -> str:
    """The verdict in capitals: FASTER, SLOWER, SAME or UNCLEAR; a dash of what is held against nothing."""
    if comparison is None or comparison.verdict is None:
        return NO_VALUE
    return comparison.verdict.upper()


PAIRED, INDEPENDENT = ("round", ""), ("trial", " on each side")
"""What would be added to a comparison of one session, and to one of two: its name, and where."""


def reach_text(comparison: Comparison, added: tuple[str, str]) -> str:
    """What difference could have been seen, and how many more rounds or trials would settle it.

    Args:
        comparison: one with an interval.
        added: `PAIRED` or `INDEPENDENT`.
    """
    sample, where = added
    text = f"a difference of {smallest_text(comparison)} would have been seen"
    if comparison.verdict is not Verdict.UNCLEAR:
        return text
    if comparison.further_rounds is None:
        return f"{text}, and a thousand more {sample}s would not settle {comparison.threshold:.0%}"
    more = counted(comparison.further_rounds, f"more {sample}")
    return f"{text}, {more}{where} would settle {comparison.threshold:.0%}"


def smallest_text(comparison: Comparison | None) -> str:
    """The smallest difference that would have been seen, in percent."""
    if comparison is None or comparison.smallest_seen is None:
        return NO_VALUE
    return f"{three_digits(100 * comparison.smallest_seen)}%"
