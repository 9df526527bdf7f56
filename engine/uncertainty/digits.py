"""How many digits of a figure its interval bears out."""

import math

from engine.uncertainty.records import Interval

MOST_DIGITS = 6
"""Significant digits that are written at the most, however narrow an interval is."""

_TWO_DIGITS_UP_TO = 354


def decimals(value: float, interval: Interval) -> int:
    """After how many decimals a figure is to be rounded: 2 for 0.01, 0 for 1, -1 for 10.

    The rule of the Particle Data Group (Review of Particle Physics, introduction, "Rounding"): where the
    three highest digits of the half width lie in 100..354 two of them are kept, in 355..949 one, and from 950
    on it counts as 1000, with two. So rounding adds little to the interval and no digit is chance alone. One
    digit of the figure is kept whatever its interval is.

    Args:
        value: the figure that is shown.
        interval: its interval; of one that has no width, six significant digits of the figure are kept.
    """
    highest = MOST_DIGITS - 1 - _exponent(value)
    if not interval.half_width > 0:
        return highest
    exponent = _exponent(interval.half_width)
    leading = round(interval.half_width / 10.0 ** (exponent - 2))
    if leading >= 950:
        exponent, leading = exponent + 1, 100
    borne_out = (1 if leading <= _TWO_DIGITS_UP_TO else 0) - exponent
    return max(-_exponent(value), min(highest, borne_out))


def significant_digits(value: float, interval: Interval) -> int:
    """How many digits of a figure are borne out, from the first one that is not 0; at least 1."""
    return decimals(value, interval) + _exponent(value) + 1


def written(number: float, places: int) -> str:
    """Write a number rounded to `places` decimals: 1423 is 1420 with -1, 0.5 is 0.50 with 2."""
    return f"{round(number, places):.{max(0, places)}f}"


def written_with(value: float, interval: Interval) -> tuple[str, str, str]:
    """Write a figure and both ends of its interval, with the digits that the half width bears out."""
    places = decimals(value, interval)
    return written(value, places), written(interval.low, places), written(interval.high, places)


def _exponent(number: float) -> int:
    return math.floor(math.log10(abs(number))) if number else 0
