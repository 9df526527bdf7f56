"""Frame times of a running trial, counted so that percentiles cost the same after ten million frames."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.statistics import MIN_SLOWEST_FRAMES, slowest_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Nanoseconds = NDArray[np.int64]

_SMALLEST_NS = 100.0
_RATIO = 1.01
"""Each bin is one part in a hundred wider than the one before: figures are right within half of that."""
_LOG_RATIO = math.log(_RATIO)
_BINS = math.ceil(math.log(1e13 / _SMALLEST_NS) / _LOG_RATIO)
_MOST_COUNTED = 2048
"""Of a larger block every so manieth frame is counted for all of its neighbours."""


class LiveDistribution:
    """A histogram of frame times on a logarithmic scale from 100 ns up, for provisional figures."""

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, np.int64)
        self.frames = 0

    def add(self, times_ns: Nanoseconds) -> None:
        """Count frame times, shape (frames,), nanoseconds."""
        stride = -(-len(times_ns) // _MOST_COUNTED)
        counted = times_ns[::stride] if stride > 1 else times_ns
        index = np.log(np.maximum(counted, _SMALLEST_NS) / _SMALLEST_NS) / _LOG_RATIO
        bins = np.minimum(index.astype(np.int64), _BINS - 1)
        self._counts += np.bincount(bins, minlength=_BINS) * max(1, stride)
        self.frames += len(times_ns)

    def percentile_ms(self, percent: float) -> float | None:
        """The frame time, in ms, that `percent` of the frames do not exceed; None without frames."""
        total = int(self._counts.sum())
        if not total:
            return None
        rank = percent / 100 * (total - 1)
        bin_number = int(np.searchsorted(np.cumsum(self._counts), rank, side="right"))
        return _middle_ns(bin_number) * 1e-6

    def low1_fps(self) -> float | None:
        """1 / mean of the slowest hundredth of the frames, in 1/s; None where these are fewer than ten."""
        wanted = slowest_count(int(self._counts.sum()), 100)
        if wanted < MIN_SLOWEST_FRAMES:
            return None
        left, time_ns = wanted, 0.0
        for bin_number in np.flatnonzero(self._counts)[::-1]:
            taken = min(left, int(self._counts[bin_number]))
            time_ns += taken * _middle_ns(int(bin_number))
            left -= taken
            if not left:
                break
        return float(wanted * 1e9 / time_ns)


def _middle_ns(bin_number: int) -> float:
    return float(_SMALLEST_NS * _RATIO ** (bin_number + 0.5))
