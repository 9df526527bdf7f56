"""Asking NVIDIA's management library (NVML) what its GPUs are doing, in an engine process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine.backends.base import BackendError
from engine.doctor.devices import NvidiaDevice
from engine.machine.files import clean
from engine.machine.gpu import pci_address

_Answer = TypeVar("_Answer")

# Bits of nvmlDeviceGetCurrentClocksEventReasons (nvml.h, "Clocks Event Reasons"). An idle GPU slows down too,
# and a power cap is reported by one that works as hard as it may: only what lowers a measurement is listed.
_SLOWED_BY = (
    (0x02, "application clocks that were set"),
    (0x04, "its power limit"),
    (0x20 | 0x40, "heat"),
    (0x80, "a power brake"),
)


def list_nvidia_devices() -> tuple[NvidiaDevice, ...]:
    """List NVIDIA's GPUs in the library's own order; what one of them does not tell is None.

    Raises:
        BackendError: the library is not there, or does not answer.
    """
    import pynvml

    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
    except Exception as error:
        raise BackendError(f"NVIDIA's management library does not answer: {error}") from error
    try:
        return tuple(_describe(pynvml, index) for index in range(count))
    finally:
        pynvml.nvmlShutdown()


def _describe(nvml: Any, index: int) -> NvidiaDevice:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)

    def ask(question: Callable[[Any], _Answer]) -> _Answer | None:
        try:
            return question(handle)
        except Exception:
            # "Not supported" here, and a driver older than the question: the rest is told all the same.
            return None

    memory = ask(nvml.nvmlDeviceGetMemoryInfo)
    rates = ask(nvml.nvmlDeviceGetUtilizationRates)
    computing, drawing = (
        ask(nvml.nvmlDeviceGetComputeRunningProcesses),
        ask(nvml.nvmlDeviceGetGraphicsRunningProcesses),
    )
    programs = {process.pid for found in (computing, drawing) for process in found or ()}
    pci = ask(nvml.nvmlDeviceGetPciInfo)
    bits = ask(nvml.nvmlDeviceGetCurrentClocksEventReasons)
    if bits is None:
        # What drivers before 535 call it.
        bits = ask(nvml.nvmlDeviceGetCurrentClocksThrottleReasons)
    return NvidiaDevice(
        index=index,
        name=_text(ask(nvml.nvmlDeviceGetName)) or "NVIDIA",
        pci=pci_address(_text(pci.busId)) if pci is not None else "",
        busy_percent=int(rates.gpu) if rates is not None else None,
        memory_used_mib=int(memory.used) >> 20 if memory is not None else None,
        memory_total_mib=int(memory.total) >> 20 if memory is not None else None,
        processes=None if computing is None and drawing is None else len(programs),
        slowed_by=slowing_reasons(bits or 0),
        is_split=bool((ask(nvml.nvmlDeviceGetMigMode) or [0])[0]),
    )


def slowing_reasons(bits: int) -> tuple[str, ...]:
    """Name what holds the clocks down, from the library's bits.

    >>> slowing_reasons(0x01), slowing_reasons(0x44)
    ((), ('its power limit', 'heat'))
    """
    return tuple(name for mask, name in _SLOWED_BY if bits & mask)


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return clean(text)
