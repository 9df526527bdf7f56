"""A long run, watched from the side that watches: memory, descriptors, frames and speed of both processes.

Run as `python -m tests.faults.soaking BACKEND SECONDS FILE`; it writes a `Soak` to the file as JSON.
"""

from __future__ import annotations

import ctypes
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import psutil

    from engine.timings import Nanoseconds

LONGEST_TRIAL_S = 60.0
"""Of `null`, which draws so many frames that an hour's timings fit into no memory."""
SAMPLE_S = 0.25
MOST_SAMPLES = 500
"""Of a whole run: they lie in the memory that is looked at."""
LEAST_COVERED = 0.98
"""The part of a trial's time that its frames fill."""
WINDOWS = 12
"""How many parts of equal time a trial's frames are looked at in."""
FLAT_MIB = 5.0
SETTLED_S = 60.0
"""From then on memory is to be flat; in a short run, from a third of it on."""
SPEED_TOLERANCE = 1.5
"""Of processor time a frame: wall time is other programs' too."""


class Sample(msgspec.Struct):
    """What both processes hold at one moment; the timings that the watcher keeps are not in it."""

    at_s: float
    frames: int
    """Of this trial, by now."""
    watcher_mib: float
    engine_mib: float
    engine_cpu_s: float
    watcher_descriptors: int
    engine_descriptors: int


class Soak(msgspec.Struct):
    """What came out of a long run."""

    seconds: float
    samples: list[list[Sample]]
    """Of each trial, by the time since the first began."""
    left_mib: list[float]
    """What the watcher holds after each trial, when its timings are gone."""
    frames_told: list[int]
    """Of each trial: timed frames in the blocks as they came."""
    frames_kept: list[int]
    """Of each trial: timed frames in its arrays at the end."""
    covered: list[float]
    """Of each trial: the part of its time that its frames fill."""
    fps: list[float]
    """Of windows of equal time, one after the other."""


@dataclass
class _Follower:
    """Takes samples while frames come."""

    every_s: float
    began_s: float = field(default_factory=time.monotonic)
    samples: list[list[Sample]] = field(default_factory=list)
    told: int = 0
    _due_s: float = 0.0

    def begin(self) -> None:
        """Another trial begins."""
        self.samples.append([])
        self.told = 0

    def look(self, watcher: psutil.Process) -> None:
        """Take a sample where one is due."""
        from engine.timings import BYTES_PER_FRAME

        now = time.monotonic()
        engines = [child for child in watcher.children() if "spawn_main" in " ".join(child.cmdline())]
        if now < self._due_s or not engines:
            return
        (engine,) = engines
        self._due_s = now + self.every_s
        kept_mib = self.told * BYTES_PER_FRAME / 2**20
        taken = engine.cpu_times()
        self.samples[-1].append(
            Sample(
                at_s=now - self.began_s,
                frames=self.told,
                watcher_mib=watcher.memory_info().rss / 2**20 - kept_mib,
                engine_mib=engine.memory_info().rss / 2**20,
                engine_cpu_s=taken.user + taken.system,
                watcher_descriptors=watcher.num_fds(),
                engine_descriptors=engine.num_fds(),
            )
        )


def soak(backend: str, seconds: float) -> Soak:
    """Measure `backend` for so long, in one trial or, where its timings would fill the memory, in several."""
    import psutil

    from engine.case import Case, Effects, Resolution, Settings
    from engine.control import Control
    from engine.events import FramesMeasured, TrialEnded, TrialStarted
    from engine.process.launcher import SpawnLauncher
    from engine.runner import Plan, run

    trial_s = seconds if backend != "null" else min(seconds / 3, LONGEST_TRIAL_S)
    trials = max(1, round(seconds / trial_s))
    case = Case(
        scene="primitives", backend=backend, resolution=Resolution(width=64, height=64), effects=Effects.BARE
    )
    settings = Settings(duration_s=trial_s, frames=None, trials=trials, warmup_frames=10)
    follower = _Follower(max(SAMPLE_S, seconds / MOST_SAMPLES))
    soaked = Soak(trial_s * trials, follower.samples, [], [], [], [], [])
    watcher = psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        for event in run(Plan([case], settings, Path(folder), {}), SpawnLauncher(), Control()):
            if isinstance(event, FramesMeasured) and not event.warm_up:
                follower.told += len(event.phases["render"])
                follower.look(watcher)
            elif isinstance(event, TrialEnded):
                assert event.result.timings is not None, event.result.failure
                timed = event.result.timings.timed
                soaked.frames_told.append(follower.told)
                soaked.frames_kept.append(len(timed["render"]))
                _describe(timed, trial_s, soaked)
                del event, timed
            elif isinstance(event, TrialStarted):
                if follower.samples:
                    soaked.left_mib.append(_held_mib(watcher))
                follower.begin()
    soaked.left_mib.append(_held_mib(watcher))
    return soaked


def _held_mib(process: psutil.Process) -> float:
    """What this process holds without what it has freed and the allocator keeps for the next time."""
    ctypes.CDLL(None).malloc_trim(0)
    return process.memory_info().rss / 2**20


def _describe(timed: dict[str, Nanoseconds], trial_s: float, soaked: Soak) -> None:
    import numpy as np

    from engine.timings import frame_times_ns

    ends = np.cumsum(frame_times_ns(timed))
    soaked.covered.append(float(ends[-1]) / (trial_s * 1e9))
    edges = np.searchsorted(ends, np.linspace(0, ends[-1], WINDOWS + 1))
    window_s = float(ends[-1]) / WINDOWS / 1e9
    soaked.fps += [float(high - low) / window_s for low, high in pairwise(edges)]


def complaints(soaked: Soak) -> list[str]:
    """What is wrong with a long run, each in a line."""
    found = []
    settled_s = min(SETTLED_S, soaked.seconds / 3)
    for trial in soaked.samples:
        late = [
            sample for sample in trial if sample.at_s >= trial[0].at_s + min(settled_s, _lasted_s(trial) / 3)
        ]
        # Where frames come faster than they are read, some wait in between: what is left in the end counts.
        names = ("engine",) if len(soaked.samples) > 1 else ("watcher", "engine")
        found += [line for name in names if (line := _held(name, late))]
        found += _slowed(trial)
    if max(soaked.left_mib) - min(soaked.left_mib) > FLAT_MIB:
        found.append(f"the watcher held {soaked.left_mib} MiB after the trials, without their timings")
    descriptors = [trial[-1].watcher_descriptors for trial in soaked.samples]
    if descriptors[-1] > descriptors[0]:
        found.append(f"the watcher had {descriptors[-1]} descriptors, and {descriptors[0]} before")
    if soaked.frames_told != soaked.frames_kept:
        found.append(f"of {soaked.frames_told} frames {soaked.frames_kept} were kept")
    if min(soaked.covered) < LEAST_COVERED:
        found.append(f"frames fill {min(soaked.covered):.1%} of the time")
    return found


def _lasted_s(trial: Sequence[Sample]) -> float:
    return trial[-1].at_s - trial[0].at_s


def _held(name: str, late: Sequence[Sample]) -> str:
    """Say what a process holds more at the end than before, or ""."""
    grown = _growth([getattr(sample, f"{name}_mib") for sample in late])
    if grown > FLAT_MIB:
        return f"the {name} took {grown:.1f} MiB more at the end than when it had settled"
    before, after = (getattr(late[place], f"{name}_descriptors") for place in (0, -1))
    return f"the {name} had {after} descriptors, and {before} before" if after > before else ""


def _slowed(trial: Sequence[Sample]) -> list[str]:
    """Say by how much more processor time a frame takes at the end, where that is no noise."""
    quarter = len(trial) // 4
    before_us, after_us = (
        (last.engine_cpu_s - first.engine_cpu_s) * 1e6 / (last.frames - first.frames)
        for first, last in ((trial[0], trial[quarter]), (trial[-1 - quarter], trial[-1]))
    )
    if after_us <= SPEED_TOLERANCE * before_us:
        return []
    return [f"a frame took {after_us:.3g} us of processor time at the end and {before_us:.3g} us before"]


def _growth(values: Sequence[float]) -> float:
    """How much more the last third holds than the first, by their middles: single samples are no trend."""
    third = max(1, len(values) // 3)
    return _middle(values[-third:]) - _middle(values[:third])


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(msgspec.json.encode(soak(sys.argv[1], float(sys.argv[2]))))
