"""The twin of `null` that tests use: it takes its time, and it fails in the ways that drivers fail.

What it does is told by the environment variable `MJBENCH_MISBEHAVIOUR`, as `key=value` pairs with commas:

- `frame_ms`: how long `render` takes, in ms of busy waiting.
- `noise`: standard deviation of that time, as a part of it; seeded by `seed`.
- `drift`: by how much of itself the time grows with each frame.
- `spike_every`, `spike_ms`: every so many frames one takes that much longer.
- `fault`: one of `FAULTS`.
- `at`: where that is: `import`, `scene` (of `misbehaving-scene` only, which is given one), `open`, `compile`,
  the number of a frame (the first warm-up frame is 0), `readback` (of frame 10), or `finish`.
- `leak_mib`: memory that each frame leaves behind.
- `leak_every`: every so many frames a descriptor stays open.
- `device_ms`: what the device says that drawing takes.
- `close_fault`: one of `FAULTS`, when the backend is closed.
"""

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.backends import hostile
from engine.backends.base import BackendError, DeviceSample, OutOfMemoryError, Picture
from engine.backends.null import NullBackend
from engine.messages import MORE_MEMORY, RendererIdentity, Stage

VARIABLE = "MJBENCH_MISBEHAVIOUR"
STAGES = {
    "import": Stage.IMPORT,
    "scene": Stage.SCENE,
    "open": Stage.OPEN,
    "compile": Stage.COMPILE,
    "finish": Stage.FINISH,
}
_READBACK_FRAME = 10


def _raise() -> None:
    raise RuntimeError("the driver is in a bad mood")


def _refuse() -> None:
    raise BackendError("the driver is on strike", "wait until it is over")


def _run_out_of_memory() -> None:
    raise OutOfMemoryError("the driver has no memory left", MORE_MEMORY)


def _segfault() -> None:
    ctypes.string_at(0)


def _hang() -> None:
    while True:
        time.sleep(60)


def _hang_with_interpreter_held() -> None:
    while True:
        ctypes.PyDLL(None).pause()


def _be_deaf() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _hang_deaf() -> None:
    _be_deaf()
    _hang()


def _leave_child() -> None:
    child = subprocess.Popen(["sleep", "60"], close_fds=False)
    Path(hostile.LEFT_FILE).write_text(str(child.pid))


def _print_a_lot() -> None:
    for descriptor in (1, 2):
        os.write(descriptor, b"MESA: \x1b[2J the driver has something to say\n" * 20000)


def _exit() -> None:
    os._exit(0)


def _lose_gpu() -> None:
    raise RuntimeError("Failed to synchronize device cuda:0: CUDA error 719: unspecified launch failure")


def _fill_gpu() -> None:
    raise RuntimeError("Failed to allocate 4096 bytes on device 'cuda:0': CUDA error 2: out of memory")


FAULTS: dict[str, Callable[[], None]] = {
    "raise": _raise,
    "refuse": _refuse,
    "memory": _run_out_of_memory,
    "lose_gpu": _lose_gpu,
    "fill_gpu": _fill_gpu,
    "abort": os.abort,
    "segfault": _segfault,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exit": _exit,
    "hang": _hang,
    "hang_held": _hang_with_interpreter_held,
    "hang_deaf": _hang_deaf,
    "deaf": _be_deaf,
    "leave_child": _leave_child,
    "print": _print_a_lot,
    **hostile.FAULTS,
}


class MisbehavingBackend(NullBackend):
    """Waits, and fails, as it is told."""

    def __init__(self, behaviour: dict[str, str]) -> None:
        self._frame_ns = float(behaviour.get("frame_ms", 0)) * 1e6
        self._noise = float(behaviour.get("noise", 0))
        self._drift = float(behaviour.get("drift", 0))
        self._spike_every = int(behaviour.get("spike_every", 0))
        self._spike_ns = float(behaviour.get("spike_ms", 0)) * 1e6
        self._fault = behaviour.get("fault", "")
        self._at = behaviour.get("at", "0")
        self._close_fault = behaviour.get("close_fault", "")
        self._device_ms = behaviour.get("device_ms", "")
        self._leak_bytes = round(float(behaviour.get("leak_mib", 0)) * 2**20)
        self._leak_every = int(behaviour.get("leak_every", 0))
        self._leaked: list[bytes] = []
        self._random = random.Random(int(behaviour.get("seed", 0)))
        self._frame = 0

        self._misbehave_at("import")
        if self._at == "scene":
            self._spoil_scenes()

    @property
    def has_kernels(self) -> bool:  # type: ignore[override]
        return self._at == "compile"

    def open(self, picture: Picture | None) -> RendererIdentity:
        self._misbehave_at("open")
        return super().open(picture)

    def compile(self) -> None:
        self._misbehave_at("compile")

    def render(self) -> None:
        """Wait as long as this frame is to take."""
        until = time.perf_counter_ns() + self._duration_ns()
        self._misbehave_at(str(self._frame))
        self._frame += 1
        self._leak()
        while time.perf_counter_ns() < until:
            pass

    def readback(self) -> None:
        if self._frame == _READBACK_FRAME + 1:
            self._misbehave_at("readback")

    def fetch_state(self) -> None:
        self._misbehave_at("finish")

    def _leak(self) -> None:
        if self._leak_bytes:
            self._leaked.append(b"\1" * self._leak_bytes)
        if self._leak_every and self._frame % self._leak_every == 0:
            os.open(os.devnull, os.O_RDONLY)

    def _duration_ns(self) -> float:
        duration = self._frame_ns * (1 + self._drift * self._frame)
        if self._noise:
            duration *= max(0.0, self._random.gauss(1, self._noise))
        if self._spike_every and self._frame % self._spike_every == self._spike_every - 1:
            duration += self._spike_ns
        return duration

    def sample_device(self) -> DeviceSample | None:
        return DeviceSample(float(self._device_ms), "the twin") if self._device_ms else None

    def close(self) -> None:
        self._misbehave(self._close_fault)

    def _spoil_scenes(self) -> None:
        """Let it happen in the place of loading a scene, in this process only."""
        import scenes.build

        build = scenes.build.build_scene

        def misbehave_first(*given: Any, **named: Any) -> scenes.build.BuiltScene:
            self._misbehave_at("scene")
            return build(*given, **named)

        scenes.build.build_scene = misbehave_first

    def _misbehave_at(self, place: str) -> None:
        if self._at == place:
            hostile.stage = STAGES.get(place)
            self._misbehave(self._fault)

    def _misbehave(self, fault: str) -> None:
        if fault:
            print("about to misbehave:", fault, file=sys.stderr)  # noqa: T201
            FAULTS[fault]()


def create(name: str) -> MisbehavingBackend:
    """Make the backend, as the environment describes it."""
    text = os.environ.get(VARIABLE, "")
    return MisbehavingBackend(dict(pair.split("=", 1) for pair in text.split(",") if pair))
