"""The environment variables with which an engine process draws through one backend."""

from engine.backends.registry import find_backend

_MUJOCO_GL = {"egl": "egl", "osmesa": "osmesa", "glfw": "glfw"}


def engine_environment(backend: str | None) -> dict[str, str | None]:
    """Variables to set for `backend`, or to remove (None); `backend` None is a process that never draws.

    MuJoCo reads `MUJOCO_GL` when it is imported, and derives `PYOPENGL_PLATFORM` itself: one that is already
    set for another platform would stop it.
    """
    if backend is None or find_backend(backend).module != "classic":
        return {"MUJOCO_GL": "disable"}
    return {"MUJOCO_GL": _MUJOCO_GL[backend], "PYOPENGL_PLATFORM": None}
