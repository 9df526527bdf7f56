"""Whether frames were being timed while everything stood still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.interference.records import Finding, FindingKind
from engine.interference.texts import seconds_text
from engine.timings import frame_times_ns

if TYPE_CHECKING:
    from engine.timings import TrialTimings

_LEAST_NS = 500_000_000
_TYPICAL_FRAMES = 5


def stop_finding(missed_s: float, timings: TrialTimings) -> Finding | None:
    """Tell of frames that waited while the process that watches was stopped.

    Where nothing waited, the engine process went on by itself, and its figures are as good as any.

    Args:
        missed_s: seconds in which nobody watched while frames were timed.
        timings: of the trial.
    """
    import numpy as np

    if missed_s <= 0:
        return None
    frame_times = frame_times_ns(timings.timed)
    if not len(frame_times):
        return None
    usual_ns = float(np.median(frame_times))
    waited = frame_times[frame_times >= max(_LEAST_NS, _TYPICAL_FRAMES * usual_ns)]
    if not len(waited):
        return None
    waited_s = float(waited.sum()) / 1e9
    return Finding(
        kind=FindingKind.STOPPED,
        size=waited_s,
        unit="s",
        what=f"mjbench-tui was stopped while frames were timed, and they waited for {seconds_text(waited_s)}",
        fix="measure again",
        spoils=True,
    )
