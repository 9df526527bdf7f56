"""Text from outside, made fit for a screen, and numbers made fit for a person."""

from __future__ import annotations

import math
import unicodedata

NO_VALUE = "–"

_BIDIRECTIONAL = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Show control characters, line ends and direction marks by their code, and leave all else as it is."""
    if text.isprintable() and not _BIDIRECTIONAL.intersection(text):
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    hidden = unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
    if hidden or character in _BIDIRECTIONAL:
        return character.encode("unicode_escape").decode("ascii")
    return character


def three_digits(value: float | None) -> str:
    """Write a figure with three significant digits and no exponent: 0.0123, 7.43, 134, 1070000."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    if value == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    if digits <= 0:
        # Whole numbers are shown whole: what cannot be trusted of them is another column's to say.
        return f"{value:.0f}"
    return f"{value:.{min(digits, 6)}f}"


def counted(number: int, thing: str) -> str:
    """Write `1 frame`, `2 frames`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def duration(seconds: float) -> str:
    """Write a time as 0:07, 12:34 or 1:02:03."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def short_renderer(renderer: str) -> str:
    """Leave out what stands in brackets: `llvmpipe (LLVM 15.0.6, 256 bits)` is `llvmpipe`."""
    return printable(renderer.partition(" (")[0].partition("/PCIe")[0])


def marked_renderer(renderer: str, software: bool) -> str:
    """The short name, and whether it draws on the processor: `llvmpipe SOFTWARE`."""
    return short_renderer(renderer) + (" SOFTWARE" if software else "")
