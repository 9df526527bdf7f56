"""Bounds for whatever comes from an engine process: no number, text or list beyond what one of ours sends."""

from __future__ import annotations

from collections.abc import Sized

import msgspec

MOST_LETTERS = 4000
"""Of a text: a path may have so many, and stand in a sentence."""
MOST_ITEMS = 10_000
MOST_COUNT = 2**53
"""The largest whole number that every reader of JSON reads as it is."""
MOST_AMOUNT = 1e18

_LONGEST_SENTENCE = 1000
_PLACE = "index"
"""Fields that say which one of a list it is."""
_MAY_FALL = "change"
"""Fields that say by how much something rose, which may be less than nothing."""


def check_bounds(value: object, where: str = "") -> None:
    """Look at each part of a message.

    Raises:
        msgspec.ValidationError: a number is not finite, below zero or far too large, or there is far too much
            of something; the text tells where.
    """
    if isinstance(value, bool | bytes) or value is None:
        return
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            check_bounds(getattr(value, name), f"{where}.{name}" if where else name)
    elif isinstance(value, int | float):
        _check_number(value, where)
    elif isinstance(value, str):
        _check_length(value, MOST_LETTERS, f"letters of {where}")
    elif isinstance(value, dict | tuple | list):
        _check_length(value, MOST_ITEMS, f"of {where}")
        for one in (*value, *value.values()) if isinstance(value, dict) else value:
            check_bounds(one, where)
    else:
        raise msgspec.ValidationError(f"{where} is a {type(value).__name__}")


def _check_number(value: float, where: str) -> None:
    least: float = 0
    if isinstance(value, int):
        most: float = MOST_ITEMS if where.endswith(_PLACE) else MOST_COUNT
    else:
        least, most = -MOST_AMOUNT if where.endswith(_MAY_FALL) else 0, MOST_AMOUNT
    # Written so that what is no number is refused.
    if not least <= value <= most:
        raise msgspec.ValidationError(f"{where} = {value:g}, expected {least:g} to {most:g}")


def _check_length(value: Sized, most: int, of_what: str) -> None:
    if len(value) > most:
        raise msgspec.ValidationError(f"{len(value):,} {of_what}, expected {most:,} at most")


def one_sentence(text: str, longest: int = _LONGEST_SENTENCE) -> str:
    """Make one line of a text, and cut what is too long for a sentence."""
    # No more is looked at than could stay: a driver may raise an error of a hundred megabytes.
    words = " ".join(text[: 4 * longest].split())
    # Half a surrogate pair could not be sent.
    words = words.encode("utf-8", "replace").decode()
    return words if len(words) <= longest else words[: longest - 1] + "…"
