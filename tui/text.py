"""Text from outside, made fit for a screen, and numbers made fit for a person."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator

NO_VALUE = "–"

_HIDDEN_KINDS = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Mc", "Me")
"""Categories of Unicode that have no look of their own, or one that changes what stands beside them, or no
width that terminals agree on."""
_HIDDEN_RANGES = (
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x11FF),  # fillers, and the parts of syllables that a terminal joins or does not
    (0x17B4, 0x17B5),  # vowels that are never drawn
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x2800, 0x2800),  # the empty Braille cell
    (0x3164, 0x3164),  # Hangul filler
    (0xD7B0, 0xD7FF),  # more parts of syllables
    (0xFE00, 0xFE0F),  # variation selectors: each terminal has another width for what they follow
    (0xFFA0, 0xFFA0),  # the narrow filler
    (0x1F1E6, 0x1F1FF),  # letters of flags
    (0x1F3FB, 0x1F3FF),  # skin tones
    (0xE0000, 0xE0FFF),  # tags, and further variation selectors
)
"""What is drawn as nothing, or joins its neighbours in some terminals only."""
_MOST_MARKS = 2
"""So many accents stand on one letter in any language that is written; more would cover the lines around."""


class _Looks(dict[str, str | None]):
    """How each character is shown, once it was asked for: itself, its code, or None of an accent."""

    def __init__(self) -> None:
        super().__init__({letter: letter for letter in map(chr, range(0x20, 0x7F))})
        self.plain = set(self)
        """Those that are shown as they are wherever they stand."""

    def __missing__(self, letter: str) -> str | None:
        if _is_hidden(letter):
            look: str | None = _code(letter)
        elif unicodedata.category(letter) == "Mn":
            look = None
        else:
            look = letter
            self.plain.add(letter)
        self[letter] = look
        return look


def _is_hidden(letter: str) -> bool:
    number = ord(letter)
    return letter != " " and (
        unicodedata.category(letter) in _HIDDEN_KINDS
        or any(first <= number <= last for first, last in _HIDDEN_RANGES)
    )


def _code(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


_looks = _Looks()


def printable(text: str) -> str:
    """Show by its code whatever has no place and no look of its own, and leave all else as it is.

    These are control characters, line ends, direction marks, spaces that are not the usual one, characters of
    no width, parts of emoji that only some terminals join, and accents beyond the second on one letter. What
    is left takes the same number of columns in every terminal.
    """
    # A text of plain characters alone needs no look at each.
    return text if _looks.plain.issuperset(text) else "".join(shown_letters(text))


def shown_letters(text: str) -> Iterator[str]:
    """Each character of a text as `printable` shows it: itself or its code."""
    # An accent has to have a letter before it: without one it would stand on what is not of this text.
    marks = _MOST_MARKS
    for letter in text:
        look = _looks[letter]
        if look is None:
            yield letter if marks < _MOST_MARKS else _code(letter)
            marks += 1
        else:
            yield look
            marks = 0 if look == letter != " " else _MOST_MARKS


def cell_width(text: str) -> int:
    """How many columns of a terminal a printable text takes: two for each wide character."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def padded(text: str, width: int) -> str:
    """A printable text with spaces behind it, so that it takes `width` columns."""
    return text + " " * (width - cell_width(text))


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
