"""Plain data about each backend: what a face needs to know of it without importing MuJoCo."""

import difflib
from dataclasses import dataclass


@dataclass(frozen=True)
class BackendInfo:
    """One way to draw a scene."""

    name: str
    title: str
    module: str
    """Module of this package whose `create(name)` makes the backend in an engine process."""
    draws: bool = True
    """False where no pixels come out: such a backend is never chosen by `auto`."""
    hidden: bool = False
    """True for what exists for the project's own tests."""


class UnknownBackendError(LookupError):
    """No backend has this name; the message is one sentence with the nearest one."""


_BACKENDS = (
    BackendInfo("egl", "MuJoCo's classic OpenGL renderer on EGL: headless, on a GPU or Mesa", "classic"),
    BackendInfo("osmesa", "MuJoCo's classic OpenGL renderer on OSMesa: software, always", "classic"),
    BackendInfo("glfw", "MuJoCo's classic OpenGL renderer in a hidden window: needs a display", "classic"),
    BackendInfo("filament-vulkan", "MuJoCo's Filament renderer on Vulkan: headless, GPU or Mesa", "filament"),
    BackendInfo("filament-opengl", "MuJoCo's Filament renderer on OpenGL: needs a display", "filament"),
    BackendInfo("null", "draws nothing: measures the harness itself", "null", draws=False),
    BackendInfo("misbehaving", "the twin of null that tests use", "misbehaving", draws=False, hidden=True),
)


def all_backends() -> tuple[BackendInfo, ...]:
    """Every backend that a person can choose, in the order of listing."""
    return tuple(info for info in _BACKENDS if not info.hidden)


def find_backend(name: str) -> BackendInfo:
    """Look up one backend, hidden ones too.

    Raises:
        UnknownBackendError: no backend is called `name`.
    """
    for info in _BACKENDS:
        if info.name == name:
            return info
    names = [info.name for info in all_backends()]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)} and auto"
    raise UnknownBackendError(f"unknown backend {name!r}: {hint}")
