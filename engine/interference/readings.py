"""What was read during a trial, and what follows from it by subtraction."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from engine.interference.gpu import GpuTrial
from engine.interference.instances import Instance
from engine.interference.processes import ProcessCounters
from engine.interference.snapshot import Snapshot

SHORTEST_S = 0.1
"""The kernel counts processor time in steps of 10 ms: of a shorter time it says nothing."""
ROOM_CORES = 1.0
"""Where so much had nothing to do, others stood in nobody's way."""


@dataclass(frozen=True)
class Interval:
    """What happened between two snapshots, in seconds of wall time and in cores."""

    seconds: float
    others: float
    """Cores that neither we nor the engine processes used, nor other instances of this tool."""
    ours: float
    """Cores that we and the engine processes used."""
    idle: float
    instances: float | None = None
    """Cores that other instances of this tool used; None where there was none, or nobody can tell."""

    @property
    def taken_s(self) -> float:
        """Processor time of others."""
        return self.seconds * self.others

    @property
    def is_crowded(self) -> bool:
        """Whether what others took was taken from ours."""
        return self.idle < ROOM_CORES


@dataclass(frozen=True)
class Readings:
    """What was read from the first timed frame of a trial to the last."""

    snapshots: tuple[Snapshot, ...]
    """At least one; the first and the last one whole, between them one about every second."""
    gpu: GpuTrial = field(default_factory=GpuTrial)
    draws: bool = True
    """False of a backend that draws nothing: what it measures is the instrument."""
    on_gpu: bool = False

    @property
    def seconds(self) -> float:
        """From the first snapshot to the last."""
        return self.snapshots[-1].at_s - self.snapshots[0].at_s

    @property
    def processors(self) -> int:
        """How many could be used; 0 where that is not known."""
        return self.snapshots[0].processors

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every other instance of this tool that measured at some time of the trial, first come first."""
        return tuple(dict.fromkeys(instance for one in self.snapshots for instance in one.instances))

    @property
    def engine(self) -> list[tuple[float, tuple[ProcessCounters, ...]]]:
        """The counters of the engine processes, and when they were read, wherever they could be."""
        return [(one.at_s, one.engine) for one in self.snapshots if one.engine is not None]

    @cached_property
    def intervals(self) -> list[Interval]:
        """Those between the snapshots in which all that they need could be read."""
        known = [one for one in self.snapshots if one.total is not None and one.engine is not None]
        return [_between(first, second) for first, second in pairwise(known)]

    @property
    def ours_s(self) -> float:
        """Processor time that we and the engine processes took, one core at the least."""
        return sum(max(1.0, interval.ours) * interval.seconds for interval in self.intervals)

    def difference(self, name: str) -> float:
        """What a counter of `MachineCounters` grew by; 0 where it is not counted."""
        machines = [one.machine for one in self.snapshots if one.machine is not None]
        if len(machines) < 2:
            return 0.0
        first, last = getattr(machines[0], name), getattr(machines[-1], name)
        return 0.0 if first is None or last is None else max(0.0, last - first)


def _between(first: Snapshot, second: Snapshot) -> Interval:
    assert first.total is not None and second.total is not None
    assert first.engine is not None and second.engine is not None
    seconds = max(1e-9, second.at_s - first.at_s)
    engine_s = sum(one.cpu_s for one in second.engine) - sum(one.cpu_s for one in first.engine)
    ours_s = engine_s + second.own_cpu_s - first.own_cpu_s
    busy_s = second.total.busy_s - first.total.busy_s
    idle_s = second.total.idle_s - first.total.idle_s
    others_s = max(0.0, busy_s - ours_s)
    theirs_s = _used_by_instances(first, second)
    if theirs_s is not None:
        # What they do on processors that this trial may not use is in nobody's way.
        theirs_s = min(theirs_s, others_s)
        others_s -= theirs_s
    return Interval(
        seconds=seconds,
        others=others_s / seconds,
        ours=ours_s / seconds,
        idle=idle_s / seconds,
        instances=None if theirs_s is None else theirs_s / seconds,
    )


def _used_by_instances(first: Snapshot, second: Snapshot) -> float | None:
    """Processor time of those that measured at both moments; None where there is none to be told."""
    used = [
        max(0.0, after - before)
        for instance, after in second.instances.items()
        if after is not None and (before := first.instances.get(instance)) is not None
    ]
    return sum(used) if used else None
