"""What the dashboard itself takes of the machine that it measures."""

from __future__ import annotations

import time
from collections import deque

_WINDOW_S = 10.0


class Observer:
    """The CPU share of this process over the last seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque([(time.monotonic(), time.process_time())])

    def share(self) -> float:
        """Cores used by all threads of this process, over about the last ten seconds."""
        now, used = time.monotonic(), time.process_time()
        self._samples.append((now, used))
        while len(self._samples) > 2 and self._samples[1][0] < now - _WINDOW_S:
            self._samples.popleft()
        first_now, first_used = self._samples[0]
        return (used - first_used) / max(1e-3, now - first_now)
