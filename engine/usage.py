"""What a running trial takes of the machine, for whoever watches it; never asked for without a watcher."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.process.launcher import EngineProcess

EVERY_S = 1.0


@dataclass(frozen=True)
class Usage:
    """One look at the engine processes of a trial."""

    cpu_cores: float
    """CPU time by wall time since the look before."""
    memory_mib: float
    """Resident."""
    gpu_percent: float | None
    """How much of the time the GPU was busy, as its driver says; None where none can be asked."""


class GpuMeter:
    """Asks NVML about once a second, in a thread of its own: a driver that hangs holds nobody up."""

    def __init__(self) -> None:
        self.percent: float | None = None
        """Of the GPU that the watched process draws on, or of the busiest where that cannot be told."""
        self.pid: int | None = None
        """The process that is watched."""
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="gpu-meter", daemon=True).start()

    def end(self) -> None:
        """Ask no more; returns at once."""
        self._ended.set()

    def _run(self) -> None:
        try:
            import pynvml

            pynvml.nvmlInit()
        except Exception:
            # No NVIDIA driver, or one that does not answer: there is nothing to tell, and nothing to repair.
            return
        try:
            handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
            while handles and not self._ended.wait(EVERY_S):
                self.percent = max(_busy_percent(handle) for handle in self._of_process(handles) or handles)
        except Exception:
            self.percent = None

    def _of_process(self, handles: list[object]) -> list[object]:
        import pynvml

        found = []
        for handle in handles:
            processes = pynvml.nvmlDeviceGetGraphicsRunningProcesses(
                handle
            ) + pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
            if any(process.pid == self.pid for process in processes):
                found.append(handle)
        return found


def _busy_percent(handle: object) -> float:
    import pynvml

    return float(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu)


class UsageMeter:
    """Looks at the engine processes of a trial, at most once in `EVERY_S`."""

    def __init__(self, processes: Sequence[EngineProcess], gpu: GpuMeter) -> None:
        self._processes = processes
        self._gpu = gpu
        gpu.pid = processes[0].pid
        self._looked_s = time.monotonic()
        self._cpu_s: float | None = None

    def look(self) -> Usage | None:
        """Tell what all of them take; None where the last look was just now, or one of them is gone."""
        now = time.monotonic()
        if self._cpu_s is not None and now - self._looked_s < EVERY_S:
            return None
        found = [process.usage() for process in self._processes]
        told = [usage for usage in found if usage is not None]
        if len(told) < len(found):
            return None
        cpu_s, memory_mib = (sum(column) for column in zip(*told, strict=True))
        before_s, self._cpu_s = self._cpu_s, cpu_s
        elapsed_s, self._looked_s = now - self._looked_s, now
        if before_s is None or elapsed_s <= 0:
            return None
        return Usage((cpu_s - before_s) / elapsed_s, memory_mib, self._gpu.percent)
