"""What the kernel counts of one process and of all that it has started."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.machine.files import children, exists, fields, parse_int, read_text

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_GONE = ("Z", "X", "x")
"""States of a process that has ended and is only still listed."""


@dataclass(frozen=True, slots=True)
class ProcessCounters:
    """What one process and its descendants have used since they were started."""

    cpu_s: float
    """Processor time of all threads, of the descendants, and of those among them that have ended."""
    major_faults: int
    """How often they waited for a page from a disk."""
    resident_mib: float
    involuntary_switches: int | None
    """How often the processor was taken from the process's first thread, the one that times frames."""


@dataclass(frozen=True)
class _Stat:
    """What is needed of /proc/PID/stat."""

    parent: int
    cpu_s: float
    major_faults: int
    resident_mib: float


def read_processes(root: Path, pids: tuple[int, ...]) -> tuple[ProcessCounters, ...] | None:
    """Read the counters of each process with those of its descendants; None where one of `pids` is gone."""
    stats = {pid: stat for pid in pids if (stat := _read_stat(root, pid)) is not None}
    if len(stats) < len(pids) or not pids:
        return None
    parents = _Descent(root)
    return tuple(_counters(root, pid, stats[pid], parents) for pid in pids)


def _counters(root: Path, pid: int, own: _Stat, descent: _Descent) -> ProcessCounters:
    family = [own, *(stat for other in descent.of(pid) if (stat := _read_stat(root, other)) is not None)]
    switches = fields(read_text(root / f"proc/{pid}/status")).get("nonvoluntary_ctxt_switches", "")
    return ProcessCounters(
        cpu_s=sum(stat.cpu_s for stat in family),
        major_faults=sum(stat.major_faults for stat in family),
        resident_mib=sum(stat.resident_mib for stat in family),
        involuntary_switches=parse_int(switches),
    )


class _Descent:
    """Finds descendants: by the kernel's own lists where it keeps them, else by everybody's parent."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._children: Mapping[int, list[int]] | None = None

    def of(self, pid: int) -> Iterator[int]:
        """Yield every living descendant of a process."""
        for child in self._children_of(pid):
            yield child
            yield from self.of(child)

    def _children_of(self, pid: int) -> list[int]:
        tasks = self._root / f"proc/{pid}/task"
        if exists(tasks / f"{pid}/children"):
            # A thread's list holds what that thread has started.
            lists = [task / "children" for task in children(tasks, r"\d+")]
            words = [word for path in lists for word in read_text(path).split()]
            return [number for word in words if (number := parse_int(word)) is not None]
        if self._children is None:
            self._children = self._everybody()
        return self._children.get(pid, [])

    def _everybody(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        for folder in children(self._root / "proc", r"\d+"):
            stat = _read_stat(self._root, int(folder.name))
            if stat is not None:
                found.setdefault(stat.parent, []).append(int(folder.name))
        return found


def _read_stat(root: Path, pid: int) -> _Stat | None:
    """Read /proc/PID/stat, as proc_pid_stat(5) has it; None for a process that has ended."""
    # The name in parentheses may hold anything, so what follows it counts from the last one: field 3 first.
    words = read_text(root / f"proc/{pid}/stat").rpartition(")")[2].split()
    if len(words) < 22 or words[0] in _GONE:
        return None
    numbers = [parse_int(words[index]) for index in (1, 9, 10, 11, 12, 13, 14, 21)]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return None
    parent, major, major_of_ended, *ticks, pages = known
    return _Stat(
        parent=parent,
        cpu_s=sum(ticks) / _TICKS_A_SECOND,
        major_faults=major + major_of_ended,
        resident_mib=pages * _PAGE_BYTES / 2**20,
    )
