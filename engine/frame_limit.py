"""How many frames a trial may have: the timings of each stay in memory until the trial is saved."""

import math
import os

from engine.case import Case, Settings
from engine.interference.records import Finding, FindingKind
from engine.timings import BYTES_PER_FRAME

VARIABLE = "MJBENCH_TIMINGS_MIB"
"""Memory for the timings of one trial, in MiB, in the place of a part of what is free."""

_PART_OF_FREE = 1 / 3
"""Statistics need as much again, and the renderer, which may grow, is to have the rest."""
_MIB = 2**20
_LEAST_FRAMES = 1000


def frame_limit(case: Case, settings: Settings) -> int | None:
    """The passes of the timed loop that each worker may have; None where it is asked for no more than fit."""
    most = max(_LEAST_FRAMES, int(_timings_bytes() / BYTES_PER_FRAME / case.workers))
    asked = settings.frames
    return None if asked is not None and -(-asked // case.worlds) <= most else most


def _timings_bytes() -> float:
    try:
        asked = float(os.environ.get(VARIABLE, ""))
    except ValueError:
        asked = 0.0
    if math.isfinite(asked) and asked > 0:
        return asked * _MIB
    from engine.machine.free_memory import free_bytes

    return free_bytes() * _PART_OF_FREE


def limit_finding(frames: int) -> Finding:
    """Tell that a trial was ended by its number of frames before its time."""
    return Finding(
        kind=FindingKind.FRAME_LIMIT,
        size=frames,
        unit="frames",
        what=f"the trial ended early, after {frames:,} frames, whose timings filled the memory kept for them",
        fix=f"ask for shorter trials and more of them, or set {VARIABLE}",
        spoils=False,
    )
