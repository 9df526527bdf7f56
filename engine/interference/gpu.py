"""Looking at the GPU that a trial draws on, in a thread of its own: a driver that hangs holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

_EVERY_S = 1.0
_BUSY_PERCENT = 50
"""Below this a GPU lowers its clock because it has little to do."""

# Bits of nvmlDeviceGetCurrentClocksEventReasons (nvml.h, "Clocks Event Reasons").
_POWER_LIMIT = 0x04
_HEAT = 0x20 | 0x40
_POWER_BRAKE = 0x80

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class GpuLook:
    """What NVIDIA's management library says of one GPU at one moment; None where it does not tell."""

    reasons: int = 0
    """What holds its clocks down, as the library's bits."""
    busy_percent: int | None = None
    clock_mhz: int | None = None
    """Of its multiprocessors."""
    temperature_c: int | None = None
    power_limit_w: float | None = None


@dataclass(frozen=True)
class GpuTrial:
    """What was seen of a GPU during a trial."""

    looks: int = 0
    heat_looks: int = 0
    """Looks at which it was slowed down by heat; likewise the two below."""
    brake_looks: int = 0
    limit_looks: int = 0
    hottest_c: int | None = None
    power_limit_w: float | None = None
    busy_looks: int = 0
    """Looks at which it was busy for at least half of the time; of these alone the clocks are taken."""
    slowest_mhz: int | None = None
    fastest_mhz: int | None = None

    def with_look(self, look: GpuLook) -> GpuTrial:
        """Take in one look."""
        seen = replace(
            self,
            looks=self.looks + 1,
            heat_looks=self.heat_looks + bool(look.reasons & _HEAT),
            brake_looks=self.brake_looks + bool(look.reasons & _POWER_BRAKE),
            limit_looks=self.limit_looks + bool(look.reasons & _POWER_LIMIT),
            hottest_c=_over(max, self.hottest_c, look.temperature_c),
            power_limit_w=look.power_limit_w or self.power_limit_w,
        )
        if look.clock_mhz is None or (look.busy_percent or 0) < _BUSY_PERCENT:
            return seen
        return replace(
            seen,
            busy_looks=self.busy_looks + 1,
            slowest_mhz=_over(min, self.slowest_mhz, look.clock_mhz),
            fastest_mhz=_over(max, self.fastest_mhz, look.clock_mhz),
        )


def _over(choose: Callable[[int, int], int], before: int | None, now: int | None) -> int | None:
    if before is None or now is None:
        return now if before is None else before
    return choose(before, now)


class GpuWatch:
    """Looks about once a second at the GPUs that the engine processes of a trial draw on.

    Its thread begins with the first trial that draws on a GPU. Where the library hangs, nothing is seen.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._trials = 0
        self._pids: tuple[int, ...] = ()
        self._seen = GpuTrial()

    def begin(self, pids: tuple[int, ...]) -> None:
        """Look at the GPUs of these processes from now on; returns at once."""
        with self._lock:
            self._trials += 1
            self._pids, self._seen = pids, GpuTrial()
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gpu-watch", daemon=True)
            self._thread.start()

    @property
    def seen(self) -> GpuTrial:
        """What was seen since `begin`."""
        with self._lock:
            return self._seen

    def pause(self) -> None:
        """Look no more until the next `begin`; returns at once."""
        self._wanted.clear()

    def end(self) -> None:
        """Look no more at all; returns at once."""
        self._ended.set()
        self._wanted.set()

    def _run(self) -> None:
        try:
            import pynvml

            pynvml.nvmlInit()
            handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        except Exception:
            # No NVIDIA driver, or one that does not answer: there is nothing to tell, and nothing to repair.
            return
        trial, used = 0, list[Any]()
        while handles and not self._ended.is_set():
            self._wanted.wait()
            with self._lock:
                pids, is_new = self._pids, trial != self._trials
                trial = self._trials
            if is_new or not used:
                used = _handles_of(pynvml, handles, pids)
            looks = [_look(pynvml, handle) for handle in used]
            with self._lock:
                if looks and trial == self._trials and self._wanted.is_set():
                    # Of several that it is on, the one that works is the one that draws.
                    self._seen = self._seen.with_look(max(looks, key=lambda look: look.busy_percent or 0))
            self._ended.wait(_EVERY_S)


def _handles_of(nvml: Any, handles: list[Any], pids: tuple[int, ...]) -> list[Any]:
    """The GPUs that these processes are on.

    In a container the library may know processes by other numbers: then a GPU that is alone must be the one.
    """
    found = []
    for handle in handles:
        listed = (
            _ask(nvml.nvmlDeviceGetGraphicsRunningProcesses, handle),
            _ask(nvml.nvmlDeviceGetComputeRunningProcesses, handle),
        )
        if any(process.pid in pids for processes in listed for process in processes or ()):
            found.append(handle)
    return found or (handles if len(handles) == 1 else [])


def _look(nvml: Any, handle: Any) -> GpuLook:
    bits = _ask(nvml.nvmlDeviceGetCurrentClocksEventReasons, handle)
    if bits is None:
        # What drivers before 535 call it.
        bits = _ask(nvml.nvmlDeviceGetCurrentClocksThrottleReasons, handle)
    rates = _ask(nvml.nvmlDeviceGetUtilizationRates, handle)
    limit_mw = _ask(nvml.nvmlDeviceGetEnforcedPowerLimit, handle)
    return GpuLook(
        reasons=bits or 0,
        busy_percent=None if rates is None else int(rates.gpu),
        clock_mhz=_ask(lambda one: int(nvml.nvmlDeviceGetClockInfo(one, nvml.NVML_CLOCK_SM)), handle),
        temperature_c=_ask(
            lambda one: int(nvml.nvmlDeviceGetTemperature(one, nvml.NVML_TEMPERATURE_GPU)), handle
        ),
        power_limit_w=None if limit_mw is None else limit_mw / 1000,
    )


def _ask(question: Callable[[Any], _Answer], handle: Any) -> _Answer | None:
    try:
        return question(handle)
    except Exception:
        # "Not supported" here, and a driver older than the question: the rest is told all the same.
        return None
