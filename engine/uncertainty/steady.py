"""Where a trial's frame times became alike: what comes before is warm-up that the warm-up did not hold.

A trial's second half says what its steady state looks like, and how much stretches of frames of any length
differ from each other in it. A beginning that differs by more is left out, piece by piece, until what is left
begins as it goes on. So no model of the frame times is needed: autocorrelation and spikes are in the second
half too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.uncertainty.records import SteadyState
from engine.uncertainty.student import t_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Nanoseconds = NDArray[np.int64]

MIN_FRAMES = 160
"""The fewest frames of which is told whether they are steady."""

LEAST_CHANGE = 0.02
"""A beginning that differs by less, as a part, is not left out: it is within what decides nothing."""

LEAST_DRIFT = 0.05
"""A trial is not called unsteady for a change of less, the limit that pyperf's calibration has too."""

CAP = 0.5
"""At most this part of the frames is left out."""

_CHANCE = 0.0005
"""Probability of a false alarm for one length of beginning; a trial is looked at with some tens of them."""

_SHORTEST = 5
_STRETCHES = 16
"""Stretches of the second half that a beginning is held against, at the least."""
_MOST_POINTS = 1_000_000
_FENCE = 3.0
_LEAST_REACH = 0.1
_RANK = 0.001


def find_steady_state(times_ns: Nanoseconds) -> SteadyState:
    """Find the frame from which on a trial's frame times stay alike.

    The idea of two windows is that of pyperf's calibration of warm-ups (V. Stinner, the pyperf
    documentation), which compares one window of twenty values with the next; here the beginning is compared,
    at every length from five frames to half of the trial, with as long stretches of the second half, by a
    prediction interval (G. J. Hahn and W. Q. Meeker, 1991, Statistical Intervals) and by its rank among them.
    Where the change is, is the point with the highest likelihood (D. V. Hinkley, 1970, Inference about the
    change-point in a sequence of random variables, Biometrika 57).

    Slow frames count at most as three interquartile ranges above the upper quartile (J. W. Tukey, 1977,
    Exploratory Data Analysis), so that a spike is no change.

    Args:
        times_ns: frame times in order of time, shape (frames,), nanoseconds.
    """
    frames = len(times_ns)
    if frames < MIN_FRAMES or times_ns.min() < 0 or not times_ns.any():
        return SteadyState(first_frame=0, settled=None)
    together = -(-frames // _MOST_POINTS)
    points = _fenced(_joined(times_ns, together))
    cap = int(CAP * len(points))
    first = _first_steady(points, cap)
    drifts_at = cap if first is None else _largest_drift(points, first)
    if first is None or drifts_at is not None:
        where = together * (drifts_at or cap)
        return SteadyState(first_frame=0, settled=False, change=_change(times_ns, where), change_frame=where)
    first *= together
    return SteadyState(first_frame=first, settled=True, change=_change(times_ns, first) if first else None)


def _change(times_ns: Nanoseconds, where: int) -> float | None:
    """The mean frame time before a frame by that from it on, less 1; None where the latter took no time."""
    after = float(times_ns[where:].mean())
    return float(times_ns[:where].mean()) / after - 1 if after else None


def _joined(times_ns: Nanoseconds, together: int) -> Floats:
    """The means of `together` consecutive frames each; what is left over at the end goes into the last."""
    import numpy as np

    if together == 1:
        return times_ns.astype(np.float64)
    starts = np.arange(len(times_ns) // together) * together
    return np.add.reduceat(times_ns, starts) / np.diff(starts, append=len(times_ns))


def _fenced(points: Floats) -> Floats:
    """Bring what lies beyond the fences of the second half to the fences, in place."""
    import numpy as np

    lower, middle, upper = np.quantile(points[len(points) // 2 :], (0.25, 0.5, 0.75))
    # Where frames are all but equal, a fence at the quartiles would hide every change.
    reach = max(_FENCE * (upper - lower), _LEAST_REACH * middle)
    return np.clip(points, lower - reach, upper + reach, out=points)


@dataclass(frozen=True)
class _Length:
    """How stretches of one length differ from each other in the second half."""

    points: int
    margin: float
    """A beginning of this length has to differ by more than this from the mean of the second half, ..."""
    low: float
    high: float
    """... and to lie outside of these two."""


def _lengths(sums: Floats, cap: int) -> list[_Length]:
    """What a beginning of each length is held against: lengths of 5 points to the cap, a quarter apart.

    Args:
        sums: the sum of the points before each, shape (points + 1,).
        cap: the longest beginning.
    """
    import numpy as np

    half = sums[len(sums) // 2 :]
    available = len(half) - 1
    mean = float(half[-1] - half[0]) / available
    longest_seen = available // _STRETCHES
    spread_of_longest = float(np.diff(half[:: max(1, longest_seen)]).std(ddof=1)) / max(1, longest_seen)
    found = []
    length = _SHORTEST
    while length <= cap:
        if length <= longest_seen:
            means = np.diff(half[::length]) / length
            count, spread = len(means), float(means.std(ddof=1))
            low, high = np.quantile(means, (_RANK, 1 - _RANK)).tolist()
            error = spread * math.sqrt(1 + 1 / count)
        else:
            # Too few such stretches: the spread of shorter ones, of which this one holds several.
            count, low, high = _STRETCHES, mean, mean
            error = spread_of_longest * math.sqrt(longest_seen / length + 1 / count)
        margin = max(t_quantile(1 - _CHANCE / 2, count - 1) * error, LEAST_CHANGE * mean)
        found.append(_Length(length, margin, low, high))
        length += max(1, length // 4)
    return found


def _first_steady(points: Floats, cap: int) -> int | None:
    """The first point of the steady state; None where what differs does not end before the cap."""
    import numpy as np

    sums = np.concatenate([[0.0], np.cumsum(points)])
    half = len(points) // 2
    mean = float(sums[-1] - sums[half]) / (len(points) - half)
    lengths = _lengths(sums, cap)
    first = 0
    while first + _SHORTEST <= cap:
        worst = _worst_beginning(sums, first, mean, [each for each in lengths if first + each.points <= cap])
        if worst is None:
            return first
        # The change is where it is likeliest, near the length that showed it best.
        most = min(2 * worst, cap - first)
        ends = np.arange(max(1, worst // 2), most + 1)
        gained = sums[first + ends] - sums[first] - ends * mean
        first += int(ends[np.argmax(gained**2 / ends)])
    return None


def _worst_beginning(sums: Floats, first: int, mean: float, lengths: list[_Length]) -> int | None:
    """The length whose beginning differs most from the second half, of those that differ by too much."""
    worst, length = 1.0, None
    for each in lengths:
        own = float(sums[first + each.points] - sums[first]) / each.points
        excess = abs(own - mean) / each.margin if each.margin else math.inf
        if excess > worst and not each.low <= own <= each.high:
            worst, length = excess, each.points
    return length


def _largest_drift(points: Floats, first: int) -> int | None:
    """Where the part that should be steady changes most; None where it does not, or by little.

    Sixteen equal pieces show a drift where their means rise or fall along a line, by the t of its slope, or
    where those before and after some piece differ, by the two-sample t, at least two pieces on either side.
    """
    import numpy as np

    edges = first + np.arange(_STRETCHES + 1) * (len(points) - first) // _STRETCHES
    pieces = np.add.reduceat(points, edges[:-1]) / np.diff(edges)
    mean = float(pieces.mean())
    centred = pieces - mean
    total = float(centred @ centred)
    along = np.arange(_STRETCHES) - (_STRETCHES - 1) / 2
    slope = float(along @ centred) / float(along @ along)
    drifts = (
        _explains(slope**2 * float(along @ along), total) and _STRETCHES * abs(slope) > LEAST_DRIFT * mean
    )
    sums = np.cumsum(centred)[1:-2]
    splits = np.arange(2, _STRETCHES - 1)
    # The difference of the two means times this is the square sum that the split explains.
    weights = splits * (_STRETCHES - splits) / _STRETCHES
    best = int(np.argmax(sums**2 / weights))
    difference = abs(float(sums[best])) / float(weights[best])
    jumps = _explains(float(sums[best] ** 2 / weights[best]), total) and difference > LEAST_DRIFT * mean
    return int(edges[splits[best]]) if drifts or jumps else None


def _explains(squares: float, total: float) -> bool:
    """Whether one degree of freedom explains so much of the sum of squares that it is not chance."""
    limit = t_quantile(1 - _CHANCE / 2, _STRETCHES - 2)
    return squares > limit**2 * max(total - squares, 0.0) / (_STRETCHES - 2)
