"""Loading a scene with no more main memory than this machine can spare, whatever the scene asks for."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.jobs.reporter import JobError
from engine.machine.free_memory import free_bytes
from engine.messages import SCENE_MIB_VARIABLE, FailureKind

if TYPE_CHECKING:
    from scenes.build import BuiltScene

_SPARE = 0.9
_LEAST_MIB = 64
_MIB = 2**20


def load_scene(
    name: str, *, width: int, height: int, bare: bool, camera: str | None, seed: int
) -> BuiltScene:
    """Do what `scenes.build.build_scene` does, and take no more main memory for it than is free.

    Raises:
        SceneError: see there.
        SceneMemoryError: it needs more; MuJoCo may be broken in this process from then on.
        JobError: MJBENCH_SCENE_MIB is no number.
    """
    from scenes.build import SceneMemoryError, build_scene

    limit_mib = memory_limit_mib()
    try:
        with _limited_memory(limit_mib):
            return build_scene(name, width=width, height=height, bare=bare, camera=camera, seed=seed)
    except SceneMemoryError as error:
        raise SceneMemoryError(
            f"{error}: loading may take {limit_mib} MiB here, {SCENE_MIB_VARIABLE} sets another limit"
        ) from error


def memory_limit_mib() -> int:
    """How much main memory loading a scene may take in this process, in MiB.

    Raises:
        JobError: MJBENCH_SCENE_MIB is no number.
    """
    wanted = os.environ.get(SCENE_MIB_VARIABLE, "")
    if not wanted:
        return max(_LEAST_MIB, int(_SPARE * free_bytes()) // _MIB)
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10 and int(wanted) > 0):
        raise JobError(
            FailureKind.ERROR,
            f"{SCENE_MIB_VARIABLE} is {wanted[:100]!r}, expected a whole number of MiB above 0",
        )
    return int(wanted)


@contextmanager
def _limited_memory(limit_mib: int) -> Iterator[None]:
    """Let this process allocate at most so much more for a while; only Linux can.

    Drivers reserve much more than they use, so the limit is lifted before one is opened.
    """
    if sys.platform != "linux":
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _allocated_bytes() + limit_mib * _MIB
    for present in before:
        if present != resource.RLIM_INFINITY:
            limit = min(limit, present)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _allocated_bytes() -> int:
    """What the kernel holds against RLIMIT_DATA."""
    with Path("/proc/self/status").open(encoding="utf-8") as status:
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0
