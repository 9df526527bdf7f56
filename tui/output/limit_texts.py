"""How close to the limit a case is, in words and figures for a person."""

from __future__ import annotations

import math

from tui.text import three_digits

NOT_KNOWN = "not known"
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_LEAST_SHARE = 0.0001
_HOURS_A_DAY = 24
_DAYS_A_YEAR = 365.25


def share_text(share: float | None) -> str:
    """A part of the frame time with two digits: 44%, 1.6%, 0.31%."""
    if share is None:
        return NOT_KNOWN
    if share < _LEAST_SHARE:
        return f"<{_LEAST_SHARE:.2%}"
    digits = 0 if share >= 0.0995 else 1 if share >= 0.00995 else 2
    return f"{share:.{digits}%}"


def room_text(room: float | None) -> str:
    """By how many times a frame could be quicker, with two digits: 1.2x, 61x, 1700x."""
    if room is None or not math.isfinite(room):
        return NOT_KNOWN
    digits = 1 - math.floor(math.log10(room))
    return f"{round(room, digits):.{max(0, digits)}f}x"


def pixel_rate_parts(pixels_per_s: float) -> tuple[str, str]:
    """A number with three digits, and the prefix of its unit: ("12.3", "M")."""
    # What three digits write as 1000 belongs to the next prefix.
    rounded = float(f"{pixels_per_s:.3g}")
    size, prefix = next(((size, prefix) for size, prefix in _PREFIXES if rounded >= size), (1.0, ""))
    return three_digits(rounded / size), prefix


def pixel_rate_text(pixels_per_s: float) -> str:
    """Pixels a second with their unit: 12.3 Mpixel/s."""
    number, prefix = pixel_rate_parts(pixels_per_s)
    return f"{number} {prefix}pixel/s"


def long_time_text(hours: float) -> str:
    """A time that may be a minute or a year: 42 min, 27 h, 11 days 4 h, 286 days, 2.31 years."""
    if not math.isfinite(hours):
        return NOT_KNOWN
    seconds, minutes = round(hours * 3600), round(hours * 60)
    if seconds < 120:
        return f"{seconds} s"
    if minutes < 120:
        return f"{minutes} min"
    whole = round(hours)
    if whole < 2 * _HOURS_A_DAY:
        return f"{whole} h"
    days, rest = divmod(whole, _HOURS_A_DAY)
    if days < 100:
        return f"{days} days {rest} h" if rest else f"{days} days"
    days = round(hours / _HOURS_A_DAY)
    if days < 2 * _DAYS_A_YEAR:
        return f"{days} days"
    return f"{three_digits(hours / _HOURS_A_DAY / _DAYS_A_YEAR)} years"
