"""Plain data about each backend: what a face needs to know of it without importing MuJoCo."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

BACKENDS_GROUP = "mjbench.backends"
"""Entry points of packages that bring a backend: its name, and `module:function` that makes it."""
BATCH_BACKENDS_GROUP = "mjbench.batch_backends"
"""The same for backends that draw several worlds in a batch."""


@dataclass(frozen=True)
class BackendInfo:
    """One way to draw a scene."""

    name: str
    title: str
    module: str
    """The module, imported in an engine process only, whose `function(name)` makes the backend."""
    function: str = "create"
    draws: bool = True
    """False where no pixels come out: such a backend is never chosen by `auto`."""
    hidden: bool = False
    """True for what exists for the project's own tests."""
    batches: bool = False
    """Whether it draws several worlds at once; any other has one world, whatever a profile asks for."""
    extra: str = ""
    """The optional part of this project that brings what it needs."""
    measures_itself: bool = False
    """True where code of a person's own draws and times the frames; `function` gives what is called for that.

    It runs as one worker, and nothing is known of its frames but what it tells.
    """


class UnknownBackendError(LookupError):
    """No backend has this name; the message is one sentence with the nearest one."""


_CLASSIC = "engine.backends.classic"
_FILAMENT = "engine.backends.filament"
_GS_MADRONA = "engine.backends.madrona_gs"
_BACKENDS = (
    BackendInfo("egl", "MuJoCo's classic OpenGL renderer on EGL: headless, on a GPU or Mesa", _CLASSIC),
    BackendInfo("osmesa", "MuJoCo's classic OpenGL renderer on OSMesa: software, always", _CLASSIC),
    BackendInfo("glfw", "MuJoCo's classic OpenGL renderer in a hidden window: needs a display", _CLASSIC),
    BackendInfo("filament-vulkan", "MuJoCo's Filament renderer on Vulkan: headless, GPU or Mesa", _FILAMENT),
    BackendInfo("filament-opengl", "MuJoCo's Filament renderer on OpenGL: needs a display", _FILAMENT),
    BackendInfo(
        "mjwarp",
        "MuJoCo Warp's ray tracer: many worlds in a batch, on CUDA or the processor",
        "engine.backends.mjwarp",
        batches=True,
        extra="warp",
    ),
    BackendInfo(
        "madrona",
        "a Madrona build of your own, through a runner module",
        "engine.backends.madrona_runner.module",
        "load_runner",
        batches=True,
        measures_itself=True,
    ),
    BackendInfo(
        "madrona-raster",
        "Madrona's batch rasterizer by gs-madrona: needs an NVIDIA GPU",
        _GS_MADRONA,
        batches=True,
        extra="madrona",
    ),
    BackendInfo(
        "madrona-raytrace",
        "Madrona's batch ray tracer by gs-madrona: needs an NVIDIA GPU",
        _GS_MADRONA,
        batches=True,
        extra="madrona",
    ),
    BackendInfo("null", "draws nothing: measures the harness itself", "engine.backends.null", draws=False),
    BackendInfo(
        "misbehaving",
        "the twin of null that tests use",
        "engine.backends.misbehaving",
        draws=False,
        hidden=True,
        batches=True,
    ),
    BackendInfo(
        "misbehaving-scene",
        "the same twin, with a scene that it does not draw",
        "engine.backends.misbehaving",
        hidden=True,
    ),
)


_BUILT_IN = {info.name: info for info in _BACKENDS}
_NAME = re.compile(r"(?!auto$)[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
"""Names of backends stand in file names, and in lists with commas between them."""


@functools.cache
def _known() -> tuple[BackendInfo, ...]:
    known = dict(_BUILT_IN)
    for info in _installed():
        known.setdefault(info.name, info)
    return tuple(known.values())


def _installed() -> Iterator[BackendInfo]:
    """The backends that other packages bring, whatever state these are in."""
    from importlib.metadata import entry_points

    try:
        found = entry_points()
    except Exception:
        # Some package's files are damaged, and then nothing is told of any; what is built in goes on.
        return
    for group in (BACKENDS_GROUP, BATCH_BACKENDS_GROUP):
        for entry in found.select(group=group):
            if _NAME.fullmatch(entry.name):
                # Not `entry.module`, which raises where the value has another form than it should.
                module, _, function = (part.strip() for part in entry.value.partition(":"))
                title = f"from the package {_package(entry)}"
                batches = group == BATCH_BACKENDS_GROUP
                yield BackendInfo(entry.name, title, module, function or "create", batches=batches)


def _package(entry: EntryPoint) -> str:
    try:
        name = entry.dist.name if entry.dist else None
    except Exception:
        name = None
    return name or "of no name"


def all_backends() -> tuple[BackendInfo, ...]:
    """Every backend that a person can choose, in the order of listing."""
    return tuple(info for info in _known() if not info.hidden)


def drawing_backends() -> frozenset[str]:
    """The names of those among them that draw a picture."""
    return frozenset(info.name for info in all_backends() if info.draws)


def find_backend(name: str) -> BackendInfo:
    """Look up one backend, hidden ones too.

    Raises:
        UnknownBackendError: no backend is called `name`.
    """
    # What is built in first: looking for what is installed takes longer than many a command.
    if (built_in := _BUILT_IN.get(name)) is not None:
        return built_in
    for info in _known():
        if info.name == name:
            return info
    names = [info.name for info in all_backends()]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)} and auto"
    raise UnknownBackendError(f"unknown backend {name!r}: {hint}")


def measures_itself(name: str) -> bool:
    """Whether this backend times its frames itself; False of one that nobody here knows."""
    return name in _BUILT_IN and _BUILT_IN[name].measures_itself
