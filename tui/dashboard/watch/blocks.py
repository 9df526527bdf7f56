"""Graphs of characters: pure functions from numbers to lines of text.

Every graph starts at zero and shows each value as it is: nothing is scaled between the smallest and the
largest, so that a steady rate looks steady and a dip looks like one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = " .:-=+*%#"
PHASE_LETTERS = {"step": "s", "update": "u", "render": "r", "readback": "b", "overhead": "o"}
"""What stands for each phase in a bar of shares, so that it can be read without colour."""


def nice_top(largest: float) -> float:
    """The top of a scale for values up to `largest`: 1, 2 or 5 times a power of ten, at least 1."""
    if largest <= 1 or not math.isfinite(largest):
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(largest))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= largest)


def column_graph(
    values: Sequence[float], width: int, height: int, top: float, ascii_only: bool = False
) -> list[str]:
    """Draw the newest `width` values as columns from zero up, newest at the right.

    Args:
        values: oldest first; what is not finite or not above zero is drawn as nothing.
        width: characters of each line.
        height: lines.
        top: the value that fills a column.
        ascii_only: do without block characters.

    Returns:
        `height` lines of exactly `width` characters, the top one first.
    """
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    levels = len(blocks) - 1
    shown = list(values)[-width:] if width > 0 else []
    filled = [_filled(value, top, height * levels) for value in shown]
    lines = []
    for row in range(height - 1, -1, -1):
        cells = (blocks[min(levels, max(0, count - row * levels))] for count in filled)
        lines.append("".join(cells).rjust(width))
    return lines


def _filled(value: float, top: float, steps: int) -> int:
    """How many of `steps` a value fills; at least one where it is above zero, so that it can be seen."""
    if not math.isfinite(value) or value <= 0 or top <= 0:
        return 0
    return max(1, round(min(1.0, value / top) * steps))


def sparkline(values: Sequence[float], width: int, ascii_only: bool = False) -> str:
    """One line of `column_graph`, its top being the largest value shown."""
    shown = [value for value in list(values)[-width:] if math.isfinite(value)]
    return column_graph(values, width, 1, max(shown, default=1.0), ascii_only)[0]


def share_bar(shares: Mapping[str, float], width: int) -> str:
    """Draw parts of a whole as letters, as `rrrrrrrrbb`; exactly `width` characters.

    The largest remainders decide who gets the last characters, so that the lengths add up.
    """
    total = sum(shares.values())
    if total <= 0 or width <= 0:
        return " " * max(0, width)
    exact = {phase: share / total * width for phase, share in shares.items()}
    counts = {phase: int(length) for phase, length in exact.items()}
    by_remainder = sorted(exact, key=lambda phase: exact[phase] - counts[phase], reverse=True)
    for phase in by_remainder[: width - sum(counts.values())]:
        counts[phase] += 1
    return "".join(PHASE_LETTERS.get(phase, "?") * count for phase, count in counts.items())
