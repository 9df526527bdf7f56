"""Watching over one trial from the process that watches: nothing is added to the engine process."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.interference.findings import find_interference
from engine.interference.gpu import GpuTrial, GpuWatch
from engine.interference.readings import Readings
from engine.interference.records import Finding
from engine.interference.snapshot import ProcessorTimes, Snapshot, take_snapshot

EVERY_S = 1.0
_MOST_SHARE = 1 / 200
"""Reading never takes a larger part of a core than this: where it is dear it comes less often."""
_RECENT = 11
"""Snapshots that tell what is going on now: ten seconds of them."""
_FEW = 600
"""After so many seconds snapshots come less and less often, so that a day's trial fits in memory too."""
_NO_TIMES: Mapping[int, ProcessorTimes] = {}
"""One for all the snapshots that need none: there are thousands of them."""


class InterferenceWatch:
    """Takes snapshots from the first timed frame of a trial to the last.

    Args:
        pids: the engine processes; None for one on another machine, of which nothing is known then.
        gpu: looks at GPUs; None for a trial that needs none.
        draws: whether the backend draws anything.
        root: where the file tree begins whose /proc and /sys are read.
    """

    def __init__(
        self,
        pids: Sequence[int | None],
        gpu: GpuWatch | None = None,
        *,
        draws: bool = True,
        root: Path = Path("/"),
    ) -> None:
        known = tuple(pid for pid in pids if pid is not None)
        self._pids = known if len(known) == len(pids) else ()
        self._gpu = gpu
        self._draws = draws
        self._root = root
        self._usable = _usable_processors()
        self._snapshots: list[Snapshot] = []
        self._next_s = 0.0
        self._is_watching = False
        self._on_gpu = False
        self._seen = GpuTrial()

    def begin(self, on_gpu: bool = False) -> None:
        """The timed loop begins, on a GPU or not."""
        self._on_gpu = on_gpu and self._draws and self._gpu is not None
        if self._on_gpu and self._gpu is not None:
            self._gpu.begin(self._pids)
        self._snapshots = []
        self._is_watching = True
        self._take(whole=True)

    def look(self) -> bool:
        """Take a snapshot where one is due, and tell whether it was; to be called often."""
        if not self._is_watching or time.monotonic() < self._next_s:
            return False
        self._take()
        return True

    def end(self) -> None:
        """The timed loop is over; may be called again."""
        if not self._is_watching:
            return
        self._is_watching = False
        self._take(whole=True)
        if self._on_gpu and self._gpu is not None:
            self._seen = self._gpu.seen
            self._gpu.pause()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed so far."""
        gpu = self._gpu.seen if self._on_gpu and self._is_watching and self._gpu is not None else self._seen
        return find_interference(Readings(tuple(self._snapshots), gpu, self._draws, self._on_gpu))

    @property
    def recent_findings(self) -> tuple[Finding, ...]:
        """What is going on now: of the last readings, without what is only counted from end to end."""
        gpu = self._gpu.seen if self._on_gpu and self._gpu is not None else GpuTrial()
        recent = tuple(self._snapshots[-_RECENT:])
        return find_interference(Readings(recent, gpu, self._draws, self._on_gpu))

    def _take(self, whole: bool = False) -> None:
        began_s = time.thread_time()
        before = self._snapshots[-1] if self._snapshots else None
        now = take_snapshot(self._pids, before, whole=whole, usable=self._usable, root=self._root)
        if before is not None:
            self._snapshots[-1] = replace(before, times=_NO_TIMES)
        self._snapshots.append(now)
        cost_s = time.thread_time() - began_s
        lasted_s = now.at_s - self._snapshots[0].at_s
        self._next_s = now.at_s + max(EVERY_S, cost_s / _MOST_SHARE, lasted_s / _FEW)


def _usable_processors() -> frozenset[int] | None:
    """The processors that this process and what it starts may run on; None where that cannot be told."""
    try:
        return frozenset(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return None
