"""The environment variables with which an engine process draws through one backend."""

import math
import os

_MUJOCO_GL = {"egl": "egl", "osmesa": "osmesa", "glfw": "glfw"}
RASTERIZER_THREADS = "LP_NUM_THREADS"
"""How many threads Mesa's llvmpipe and lavapipe draw with; a person's own value is left as it is."""


def engine_environment(backend: str | None, workers: int = 1) -> dict[str, str | None]:
    """Variables to set for `backend`, or to remove (None); `backend` None is a process that never draws.

    MuJoCo reads `MUJOCO_GL` when it is imported, and derives `PYOPENGL_PLATFORM` itself: one that is already
    set for another platform would stop it.
    """
    shared: dict[str, str | None] = {}
    if (threads := rasterizer_threads(workers)) is not None:
        shared[RASTERIZER_THREADS] = str(threads)
    if backend not in _MUJOCO_GL:
        return {"MUJOCO_GL": "disable", **shared}
    return {"MUJOCO_GL": _MUJOCO_GL[backend], "PYOPENGL_PLATFORM": None, **shared}


def rasterizer_threads(workers: int) -> int | None:
    """Threads for the software rasterizer of each of several workers; None where nothing is to be set.

    Each would take every processor otherwise, and several would look slower than they are.
    """
    if workers < 2 or os.environ.get(RASTERIZER_THREADS):
        return None
    return max(1, _usable_processors() // workers)


def _usable_processors() -> int:
    """Processors that this process may run on, by its affinity and its container's quota."""
    from engine.machine.container import read_container

    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = read_container().cpus
    return mine if quota is None else max(1, min(mine, math.ceil(quota)))
