"""Numbers that a runner module told: Python's or numpy's own, checked one by one."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from scenes.text import quoted

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_FRAMES = 10_000_000
_MOST_COUNT = 10**12
_MOST_MS = 1e9
"""Eleven days: what is longer is no time of a frame; int64 holds the nanoseconds of a thousand of these."""
_MOST_SUM_MS = 1e12


class WrongResultError(Exception):
    """What a runner returned is not what is asked for; the message goes on after "returned "."""


def number(name: str, value: object) -> float:
    """Read a figure.

    Raises:
        WrongResultError: it is no number, not finite, or below zero.
    """
    if isinstance(value, bool | str | bytes | bytearray):
        raise WrongResultError(f"{name} = {described(value)}, expected a number")
    try:
        read = float(value)  # type: ignore[arg-type]
    except Exception as error:
        # Whatever a foreign class raises where it is no number.
        raise WrongResultError(f"{name} = {described(value)}, expected a number") from error
    if not math.isfinite(read) or read < 0:
        raise WrongResultError(f"{name} = {read:g}, expected a finite number that is not below zero")
    return read


def count(name: str, value: object, least: int) -> int:
    """Read a whole number of frames.

    Raises:
        WrongResultError: it is no whole number, or less than `least`.
    """
    try:
        read = operator.index(value)  # type: ignore[arg-type]
    except Exception as error:
        raise WrongResultError(f"{name} = {described(value)}, expected a whole number") from error
    if isinstance(value, bool) or not least <= read <= _MOST_COUNT:
        raise WrongResultError(f"{name} = {described(value)}, expected a whole number from {least} on")
    return read


def text(name: str, value: object, longest: int) -> str:
    """Read a text; what is longer than `longest` characters is cut.

    Raises:
        WrongResultError: it is no text.
    """
    if not isinstance(value, str):
        raise WrongResultError(f"{name} = {described(value)}, expected text")
    # Half a surrogate pair could not be sent.
    return " ".join(value.encode("utf-8", "replace").decode().split())[:longest]


def times_ns(name: str, value: object) -> NDArray[np.int64]:
    """Read frame times in ms, shape (frames,), as whole nanoseconds.

    Raises:
        WrongResultError: they are no such list, or one is not finite, below zero or beyond all bounds.
    """
    if isinstance(value, str | bytes | bytearray):
        raise WrongResultError(f"{name} = {described(value)}, expected a list of numbers")
    try:
        read = np.asarray(value)
        if read.dtype.kind not in "fiu" or read.ndim != 1:
            raise ValueError("no list of numbers")
        read = read.astype(np.float64)
    except Exception as error:
        said = f"{name} of type {type(value).__name__}, expected a list of numbers"
        raise WrongResultError(said) from error
    if not 0 < len(read) <= MOST_FRAMES:
        raise WrongResultError(f"{name} with {len(read)} numbers, expected 1 to {MOST_FRAMES}")
    wrong = ~((read >= 0) & (read <= _MOST_MS))
    if wrong.any():
        index = int(wrong.argmax())
        raise WrongResultError(
            f"{name}[{index}] = {read[index]:g}, expected milliseconds from 0 to {_MOST_MS:g}"
        )
    if read.sum() > _MOST_SUM_MS:
        raise WrongResultError(f"{name} that add up to {read.sum():g} ms, which is too much")
    return np.rint(read * 1e6).astype(np.int64)


def described(value: Any) -> str:
    """Show a value in a sentence; one that cannot show itself by its type."""
    try:
        return quoted(value) if isinstance(value, str) else quoted(repr(value))[1:-1]
    except Exception:
        return f"a {type(value).__name__}"
