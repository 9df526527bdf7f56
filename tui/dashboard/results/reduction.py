"""Ten million frame times made small enough to draw, with no extreme lost: pure functions of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Nanoseconds = NDArray[np.int64]

MOST_BUCKETS = 4096
"""More than the columns of any terminal, few enough to be kept for every trial."""
_PRECISION = 12
"""Bits of a frame time that its histogram keeps: one part in 4096, and each nanosecond below 4096."""
FINEST_PARTS = _EXACT = 1 << _PRECISION
"""A fine bin is at most this part of the time that it holds, or a nanosecond wide."""
_SHIFT = 52 - _PRECISION
_MS = 1e-6


@dataclass(frozen=True)
class FineHistogram:
    """How many frames took how long, in bins far narrower than any that is drawn."""

    counts: NDArray[np.int64]
    """Frames in each bin, shape (bins,)."""
    edges_ns: NDArray[np.float64]
    """Where the bins begin, and the last one ends: shape (bins + 1,), nanoseconds; a lower edge is inside."""

    def below(self, time_ns: float) -> float:
        """Frames faster than a time; those of its own bin in proportion."""
        return float(np.interp(time_ns, self.edges_ns, self._sums))

    def quantile_ns(self, part: float) -> float:
        """The time that this part of the frames, 0 to 1, is faster than."""
        return float(np.interp(part * self.counts.sum(), self._sums, self.edges_ns))

    def rebinned(self, edges_ns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Frames between each two edges; a fine bin that lies in two is divided in proportion."""
        return np.diff(np.interp(edges_ns, self.edges_ns, self._sums))

    @property
    def _sums(self) -> NDArray[np.int64]:
        return np.concatenate(([0], np.cumsum(self.counts)))


def merged(histograms: Sequence[FineHistogram]) -> FineHistogram:
    """The frames of several histograms in one: bins of the same times are the same bins.

    Raises:
        ValueError: there is no histogram.
    """
    if not histograms:
        raise ValueError("there is no histogram to merge")
    firsts = [int(_bin_of(each.edges_ns[:1].round().astype(np.int64))[0]) for each in histograms]
    lowest = min(firsts)
    size = max(first - lowest + len(each.counts) for first, each in zip(firsts, histograms, strict=True))
    counts = np.zeros(size, np.int64)
    for first, each in zip(firsts, histograms, strict=True):
        counts[first - lowest : first - lowest + len(each.counts)] += each.counts
    return _from_bin(lowest, counts)


@dataclass(frozen=True)
class Reduction:
    """The timed frames of one trial, in buckets of equally many frames; arrays of shape (buckets,)."""

    frames: int
    wall_ns: int
    """All frame times together."""
    start_ns: Nanoseconds
    """When the first frame of a bucket began, since the first of all."""
    count: NDArray[np.int64]
    low_ns: Nanoseconds
    high_ns: Nanoseconds
    sum_ns: Nanoseconds
    histogram: FineHistogram

    @property
    def slowest(self) -> tuple[float, float]:
        """The longest frame time in ms, and about when it was, in s since the start."""
        bucket = int(np.argmax(self.high_ns))
        return float(self.high_ns[bucket]) * _MS, float(self.start_ns[bucket]) / 1e9


@dataclass(frozen=True)
class Envelope:
    """What a plot of frame times shows: arrays over the columns in which a frame began."""

    column: NDArray[np.int64]
    low_ms: NDArray[np.float64]
    high_ms: NDArray[np.float64]
    mean_ms: NDArray[np.float64]


class Unwanted(Exception):  # noqa: N818 (it is no error)
    """Nobody waits for the reduction any more."""


def reduce_frames(
    parts: Iterable[Nanoseconds], frames: int, wanted: Callable[[], bool] = lambda: True
) -> Reduction:
    """Reduce the frame times of a trial in one pass.

    Args:
        parts: frame times in order, in arrays of any length; nanoseconds, not negative.
        frames: how many they are together; at least one.
        wanted: asked before each part.

    Raises:
        Unwanted: `wanted` said no.
        ValueError: there are no frames, or not as many as said.
    """
    if frames < 1:
        raise ValueError("there is no frame to show")
    size = -(-frames // MOST_BUCKETS)
    buckets = -(-frames // size)
    low = np.full(buckets, np.iinfo(np.int64).max)
    high, total = np.zeros(buckets, np.int64), np.zeros(buckets, np.int64)
    bins = np.zeros(0, np.int64)
    done = 0
    for part in parts:
        if not wanted():
            raise Unwanted
        if done + len(part) > frames:
            raise ValueError(f"there are more than {frames} frames")
        if not len(part):
            continue
        first, last = done // size, (done + len(part) - 1) // size
        begins = np.maximum(np.arange(first, last + 1) * size - done, 0)
        here = slice(first, last + 1)
        # A bucket that the part before left unfinished goes on in this one.
        low[here] = np.minimum(low[here], np.minimum.reduceat(part, begins))
        high[here] = np.maximum(high[here], np.maximum.reduceat(part, begins))
        total[here] += np.add.reduceat(part, begins)
        bins = _added(bins, np.bincount(_bin_of(part)))
        done += len(part)
    if done != frames:
        raise ValueError(f"there are {done} frames and not {frames}")
    count = np.full(buckets, size)
    count[-1] = frames - size * (buckets - 1)
    start = np.concatenate(([0], np.cumsum(total[:-1])))
    return Reduction(frames, int(total.sum()), start, count, low, high, total, _trimmed(bins))


def envelope(reduction: Reduction, columns: int) -> Envelope:
    """Put the buckets into the columns of a plot, each where its first frame began.

    Args:
        reduction: a trial.
        columns: how many there are over the wall time; at least one.
    """
    share = reduction.start_ns / max(1, reduction.wall_ns)
    where = np.minimum((share * columns).astype(np.int64), columns - 1)
    column, begins = np.unique(where, return_index=True)
    return Envelope(
        column=column,
        low_ms=np.minimum.reduceat(reduction.low_ns, begins) * _MS,
        high_ms=np.maximum.reduceat(reduction.high_ns, begins) * _MS,
        mean_ms=np.add.reduceat(reduction.sum_ns, begins) / np.add.reduceat(reduction.count, begins) * _MS,
    )


def _bin_of(times_ns: Nanoseconds) -> NDArray[np.int64]:
    """The fine bin of each time: the leading bits of a floating-point number grow with its logarithm."""
    shifted = (times_ns + _EXACT).astype(np.float64).view(np.int64)
    bins: NDArray[np.int64] = (shifted >> _SHIFT) - _FIRST_BIN
    return bins


def _trimmed(counts: NDArray[np.int64]) -> FineHistogram:
    """Leave out the empty bins at both ends."""
    used = np.flatnonzero(counts)
    first, last = int(used[0]), int(used[-1])
    return _from_bin(first, counts[first : last + 1])


def _from_bin(first: int, counts: NDArray[np.int64]) -> FineHistogram:
    """Frames in fine bins from the bin `first` on."""
    bits = (np.arange(first, first + len(counts) + 1) + _FIRST_BIN) << _SHIFT
    return FineHistogram(counts, bits.view(np.float64) - _EXACT)


_FIRST_BIN = int(np.float64(_EXACT).view(np.int64)) >> _SHIFT


def _added(sums: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add two histograms that begin at the same bin."""
    longer, shorter = (sums, counts) if len(sums) > len(counts) else (counts, sums)
    longer[: len(shorter)] += shorter
    return longer
