"""When something was: date and time that a run tells, in which nothing ends before it began."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_STEADY = getattr(time, "CLOCK_BOOTTIME", None)
"""Unlike the monotonic clock it counts the time that the machine sleeps too."""


class DateClock:
    """Set by the machine's clock once, when it is made; from then on nobody can set it back or forward.

    Args:
        begun: what it tells at first, with its time zone; by default what the machine's clock tells.
    """

    def __init__(self, begun: datetime | None = None) -> None:
        self._begun = (begun or datetime.now(UTC)).astimezone(UTC)
        self._steady_s = _steady_s()

    def now(self) -> datetime:
        """Now, in UTC."""
        return self._begun + timedelta(seconds=_steady_s() - self._steady_s)

    def text(self) -> str:
        """Now, as ISO 8601 with the offset from UTC."""
        return self.now().isoformat(timespec="milliseconds")


def _steady_s() -> float:
    return time.monotonic() if _STEADY is None else time.clock_gettime(_STEADY)
