"""File trees that say what a kernel would: counters that a test turns as it likes."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.interference.snapshot import Snapshot, take_snapshot

TICKS = os.sysconf("SC_CLK_TCK")
PAGES_A_MIB = 2**20 // os.sysconf("SC_PAGE_SIZE")


@dataclass
class MadeProcess:
    """What the kernel counts of one process."""

    cpu_s: float = 0.0
    ended_children_s: float = 0.0
    major_faults: int = 0
    resident_mib: int = 200
    switches: int = 0
    parent: int = 1
    state: str = "R"
    name: str = "python"
    children: tuple[int, ...] | None = None
    """What its one thread has started; None for a kernel that keeps no such list."""


@dataclass
class MadeMachine:
    """A machine whose counters stand as they were set; `snapshot` writes them down and reads them."""

    root: Path
    processors: int = 2
    busy_s: float = 1000.0
    """Of all processors together, evenly."""
    idle_s: float = 5000.0
    stolen_s: float = 0.0
    own_cpu_s: float = 0.0
    processes: dict[int, MadeProcess] = field(default_factory=lambda: {100: MadeProcess()})
    files: dict[str, str] = field(default_factory=dict)
    usable: frozenset[int] | None = None

    def snapshot(
        self,
        at_s: float,
        *,
        pids: tuple[int, ...] = (100,),
        before: Snapshot | None = None,
        whole: bool = True,
    ) -> Snapshot:
        """Read the tree as it is now; `at_s` is when that is."""
        self._write()
        read = take_snapshot(pids, before, whole=whole, usable=self.usable, root=self.root)
        return replace(read, at_s=at_s, own_cpu_s=self.own_cpu_s)

    def pass_time(self, seconds: float, others: float = 0.0, ours: float = 1.0, stolen: float = 0.0) -> None:
        """Let time pass, in which others and the engine process use so many cores."""
        self.processes[100].cpu_s += seconds * ours
        self.busy_s += seconds * (others + ours)
        self.stolen_s += seconds * stolen
        self.idle_s += seconds * (self.processors - others - ours - stolen)

    def _write(self) -> None:
        def ticks(seconds: float) -> int:
            return round(seconds * TICKS / self.processors)

        user, idle, stolen = ticks(self.busy_s), ticks(self.idle_s), ticks(self.stolen_s)
        rows = [f"cpu{number} {user} 0 0 {idle} 0 0 0 {stolen} 0 0" for number in range(self.processors)]
        self._plant(
            "proc/stat", "\n".join(["cpu  1 2 3 4 5 6 7 8 0 0", *rows, "intr 5 0 0", "btime 1"]) + "\n"
        )
        for pid, process in self.processes.items():
            self._plant_process(pid, process)
        for name, text in self.files.items():
            self._plant(name, text)

    def _plant_process(self, pid: int, process: MadeProcess) -> None:
        counts = f"0 0 {process.major_faults} 0"
        times = f"{round(process.cpu_s * TICKS)} 0 {round(process.ended_children_s * TICKS)} 0"
        rest = f"20 0 4 0 99 1000000 {process.resident_mib * PAGES_A_MIB} 18446744073709551615"
        self._plant(
            f"proc/{pid}/stat",
            f"{pid} ({process.name}) {process.state} {process.parent} 1 1 0 -1 0 {counts} {times} {rest}\n",
        )
        self._plant(
            f"proc/{pid}/status", f"Name:\t{process.name}\nnonvoluntary_ctxt_switches:\t{process.switches}\n"
        )
        if process.children is not None:
            self._plant(f"proc/{pid}/task/{pid}/children", " ".join(map(str, process.children)))

    def _plant(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
