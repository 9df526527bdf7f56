"""What this engine process holds: main memory, and memory of the device it draws on."""

from __future__ import annotations

import os
from typing import Any

_MIB = 2**20


def host_mib() -> float:
    """Resident main memory of this process, in MiB."""
    import psutil

    return float(psutil.Process().memory_info().rss) / _MIB


def device_mib() -> float | None:
    """Memory of NVIDIA GPUs that this process holds, in MiB; None where the driver does not tell.

    A container without the host's process ids cannot find itself in the driver's list.
    """
    try:
        import pynvml

        pynvml.nvmlInit()
        used = [
            process.usedGpuMemory
            for index in range(pynvml.nvmlDeviceGetCount())
            for process in _processes(pynvml.nvmlDeviceGetHandleByIndex(index))
            if process.pid == os.getpid() and process.usedGpuMemory is not None
        ]
    except Exception:
        # No NVIDIA driver, or one that does not answer: there is nothing to tell, and nothing to repair.
        return None
    return sum(used) / _MIB if used else None


def _processes(handle: Any) -> list[Any]:
    """Each process on one GPU once: one that draws and computes stands in both lists."""
    import pynvml

    listed = [
        *pynvml.nvmlDeviceGetGraphicsRunningProcesses(handle),
        *pynvml.nvmlDeviceGetComputeRunningProcesses(handle),
    ]
    return list({process.pid: process for process in listed}.values())
