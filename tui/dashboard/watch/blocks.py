"""Graphs of characters: pure functions from numbers to lines of text.

Every graph starts at zero and shows each value as it is: nothing is scaled between the smallest and the
largest, so that a steady rate looks steady and a dip looks like one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_BLOCKS = " ▁▂▃▄▅▆▇█"
_SHADE = "░"
_ASCII_BLOCKS = " .:-=+*%#"
_ASCII_SHADE = "'"
PHASE_LETTERS = {"step": "s", "update": "u", "render": "r", "readback": "b", "overhead": "o"}
"""What stands for each phase in a bar of shares, so that it can be read without colour."""


def nice_top(largest: float) -> float:
    """The top of a scale for values up to `largest`: 1, 2 or 5 times a power of ten, at least 1."""
    if largest <= 1 or not math.isfinite(largest):
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(largest))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= largest)


def range_graph(
    spans: Sequence[tuple[float, float]],
    width: int,
    height: int,
    top: float,
    ascii_only: bool = False,
) -> list[str]:
    """Draw columns from the left: solid from zero to the low of each, shaded from there to its high.

    Args:
        spans: the low and the high of each column; what is not finite or not above zero is drawn as nothing.
        width: characters of each line; what is beyond it is left out.
        height: lines.
        top: the value that fills a column.
        ascii_only: do without block characters.

    Returns:
        `height` lines of exactly `width` characters, the top one first.
    """
    blocks, shade = (_ASCII_BLOCKS, _ASCII_SHADE) if ascii_only else (_BLOCKS, _SHADE)
    levels = len(blocks) - 1
    columns = [
        (_filled(low, top, height * levels), _filled(high, top, height * levels))
        for low, high in spans[: max(0, width)]
    ]
    lines = []
    for row in range(height - 1, -1, -1):
        floor = row * levels
        cells = (
            blocks[min(levels, solid - floor)]
            if solid > floor
            else shade
            # At least half of the character: a steady rate has no rim.
            if shaded - floor >= levels / 2
            else " "
            for solid, shaded in columns
        )
        lines.append("".join(cells).ljust(max(0, width)))
    return lines


def _filled(value: float, top: float, steps: int) -> int:
    """How many of `steps` a value fills; at least one where it is above zero, so that it can be seen."""
    if not math.isfinite(value) or value <= 0 or top <= 0:
        return 0
    return max(1, round(min(1.0, value / top) * steps))


def sparkline(values: Sequence[float], width: int, ascii_only: bool = False) -> str:
    """Draw the newest `width` values in one line from zero up, newest at the right; the largest is full."""
    blocks = _ASCII_BLOCKS if ascii_only else _BLOCKS
    shown = list(values)[-width:] if width > 0 else []
    top = max((value for value in shown if math.isfinite(value)), default=1.0)
    return "".join(blocks[_filled(value, top, len(blocks) - 1)] for value in shown).rjust(max(0, width))


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
