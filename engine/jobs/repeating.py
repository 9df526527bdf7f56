"""Doing the same again for a short while, after the timed frames."""

import time
from collections.abc import Iterator

_LEAST, _MOST = 3, 50
"""So many times at the least, and at most."""


def repetitions(longest_s: float) -> Iterator[int]:
    """Count from 0 on: at least 3 times, and on until `longest_s` went by, at most 50 times."""
    until = time.monotonic() + longest_s
    for number in range(_MOST):
        if number >= _LEAST and time.monotonic() >= until:
            return
        yield number
