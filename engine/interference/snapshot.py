"""One look at the counters of a machine and of the engine processes on it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.doctor.files import read_heat_throttles, read_quota_waits
from engine.interference.instances import Instance, other_instances
from engine.interference.processes import ProcessCounters, read_processes
from engine.machine.cpu import CPU_FOLDER
from engine.machine.files import fields, parse_int, read_int, read_text

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_BUSY = 0.9
"""A processor that worked this part of the time has no reason to lower its clock."""
_MOST_CLOCKS = 8
"""Clocks that are read at a time: on older kernels each one interrupts its processor."""


@dataclass(frozen=True, slots=True)
class ProcessorTimes:
    """Seconds since the start of the machine."""

    busy_s: float
    """User, nice, system and interrupts."""
    idle_s: float
    """With nothing to do, or waiting for a disk."""
    stolen_s: float
    """A guest would have worked, and its hypervisor let others work."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How fast the processors ran that had work."""

    share: float
    """Of the highest clock of each, the mean over them."""
    highest_mhz: int
    """The highest of them."""


@dataclass(frozen=True, slots=True)
class MachineCounters:
    """What concerns the whole machine and is read at the two ends only; None where it is not counted."""

    heat_throttles: int | None = None
    """How often the core was slowed down by heat that was slowed down most."""
    quota_waits: int | None = None
    """How often this control group had used up its quota of processor time."""
    swapped_mib: float | None = None
    """Moved to swap space and back."""
    memory_stall_s: float | None = None
    """Time in which at least one program waited for memory."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Counters at one moment; None where they cannot be read here."""

    at_s: float
    """On the monotonic clock."""
    own_cpu_s: float
    """Processor time of this process, the one that watches."""
    total: ProcessorTimes | None = None
    """Of all processors that may be used here, together."""
    processors: int = 0
    """How many these are."""
    times: Mapping[int, ProcessorTimes] = field(default_factory=dict)
    """Of each of them, by its number; only the newest snapshot needs it."""
    engine: tuple[ProcessCounters, ...] | None = None
    """Of each engine process; None where one of them is gone or runs elsewhere."""
    clock: Clock | None = None
    """None also where no processor had enough work."""
    machine: MachineCounters | None = None
    instances: Mapping[Instance, float | None] = field(default_factory=dict)
    """Other instances of this tool that measure, with the seconds of processor time of each and of all that
    it has started; None where that cannot be read."""


def take_snapshot(
    pids: tuple[int, ...],
    before: Snapshot | None = None,
    *,
    whole: bool = False,
    usable: Collection[int] | None = None,
    root: Path = Path("/"),
) -> Snapshot:
    """Read the counters; nothing is raised.

    Args:
        pids: the engine processes.
        before: the snapshot before this one: what had work since then is asked for its clock.
        whole: read the counters of the whole machine too.
        usable: the processors that count, those of this process's affinity; all where None.
        root: where the file tree begins whose /proc and /sys are read.
    """
    times = read_processor_times(root, usable)
    return Snapshot(
        at_s=time.monotonic(),
        own_cpu_s=time.process_time(),
        total=_sum(times),
        processors=len(times),
        times=times,
        engine=read_processes(root, pids),
        clock=_read_clock(root, _working(before, times)),
        machine=read_machine_counters(root) if whole else None,
        instances={one: _used_by(root, one) for one in other_instances(root)},
    )


def _used_by(root: Path, instance: Instance) -> float | None:
    counters = read_processes(root, (instance.pid,)) if instance.pid is not None else None
    return sum(one.cpu_s for one in counters) if counters is not None else None


def read_processor_times(root: Path, usable: Collection[int] | None) -> dict[int, ProcessorTimes]:
    """Read the lines `cpu0`, `cpu1`, ... of /proc/stat; none where they are not there, or hold zeros only.

    A line holds the times of user, nice, system, idle, iowait, irq, softirq and steal (proc_stat(5)); the
    guests' times that follow are in the user's already.
    """
    found = {}
    for line in read_text(root / "proc/stat").splitlines():
        if not line.startswith("cpu"):
            break
        match = re.fullmatch(r"cpu(\d{1,6})((?: \d{1,19}){8}).*", line)
        if match is None or (usable is not None and int(match[1]) not in usable):
            continue
        user, nice, system, idle, waiting, interrupt, soft, stolen = map(int, match[2].split())
        busy = user + nice + system + interrupt + soft
        found[int(match[1])] = ProcessorTimes(
            busy / _TICKS_A_SECOND, (idle + waiting) / _TICKS_A_SECOND, stolen / _TICKS_A_SECOND
        )
    # A sandbox may show the file and count nothing.
    return found if any(one.busy_s or one.idle_s for one in found.values()) else {}


def _sum(times: Mapping[int, ProcessorTimes]) -> ProcessorTimes | None:
    if not times:
        return None
    return ProcessorTimes(
        busy_s=sum(one.busy_s for one in times.values()),
        idle_s=sum(one.idle_s for one in times.values()),
        stolen_s=sum(one.stolen_s for one in times.values()),
    )


def read_machine_counters(root: Path) -> MachineCounters:
    """Read what the kernel counts of the whole machine."""
    vmstat = fields(read_text(root / "proc/vmstat"), " ")
    pages = [parse_int(vmstat.get(name, "")) for name in ("pswpin", "pswpout")]
    swapped = [count for count in pages if count is not None]
    stall = re.search(r"^some .*\btotal=(\d{1,19})$", read_text(root / "proc/pressure/memory"), re.MULTILINE)
    return MachineCounters(
        heat_throttles=read_heat_throttles(root),
        quota_waits=read_quota_waits(root),
        swapped_mib=sum(swapped) * _PAGE_BYTES / 2**20 if swapped else None,
        memory_stall_s=int(stall[1]) / 1e6 if stall else None,
    )


def _working(before: Snapshot | None, times: Mapping[int, ProcessorTimes]) -> list[int]:
    """The processors that had work since the snapshot before, the busiest first."""
    earlier = before.times if before is not None else {}
    shares = {}
    for number, now in times.items():
        then = earlier.get(number)
        if then is None:
            continue
        busy_s, idle_s = now.busy_s - then.busy_s, now.idle_s - then.idle_s
        if busy_s > 0 and busy_s >= _BUSY * (busy_s + idle_s):
            shares[number] = busy_s
    return sorted(shares, key=lambda number: shares[number], reverse=True)[:_MOST_CLOCKS]


def _read_clock(root: Path, numbers: list[int]) -> Clock | None:
    """Read how fast some processors run now."""
    shares, highest = [], []
    for number in numbers:
        folder = root / CPU_FOLDER / f"cpu{number}/cpufreq"
        now_khz, most_khz = read_int(folder / "scaling_cur_freq"), read_int(folder / "cpuinfo_max_freq")
        if now_khz and most_khz:
            shares.append(now_khz / most_khz)
            highest.append(most_khz // 1000)
    return Clock(sum(shares) / len(shares), max(highest)) if shares else None
