"""Axes that a person can read: round ticks, and numbers without needless digits."""

from __future__ import annotations

import itertools
import math


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, at most `most` of them."""
    if not high > low or most < 1:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if (high - low) / (power * factor) < most)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def tick_texts(ticks: list[float], unit: str = "") -> list[str]:
    """Write ticks with as many digits as tell them apart, and their unit, which 0 has not."""
    return [f"{tick:.{_digits(ticks, 1.0)}f}{unit}" if tick else "0" for tick in ticks]


def short_texts(ticks: list[float], unit: str = "") -> list[str]:
    """The same with thousands as 20k and millions as 5M."""
    largest = max((abs(tick) for tick in ticks), default=0.0)
    for least, size, letter in ((1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if largest >= least:
            return [
                f"{tick / size:.{_digits(ticks, size)}f}{letter}{unit}" if tick else "0" for tick in ticks
            ]
    return tick_texts(ticks, unit)


def _digits(ticks: list[float], size: float) -> int:
    steps = [b - a for a, b in itertools.pairwise(ticks)] or [abs(ticks[0]) if ticks else 1.0]
    step = min(abs(step) for step in steps) / size
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
