"""Gathering the facts: whatever can hang or crash is asked in a process of its own, with a limit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.backends.registry import all_backends
from engine.doctor.ask import list_devices
from engine.doctor.devices import DeviceList, Library
from engine.doctor.facts import Facts, ModelCache
from engine.doctor.files import read_disturbances, read_graphics_files, read_system
from engine.doctor.packages import fit_to_system
from engine.doctor.privacy import make_public
from engine.machine import read_machine
from engine.machine.files import children, exists
from engine.preflight import BackendStatus, probe_backends
from engine.process.launcher import Launcher
from engine.record import Record

_Record = TypeVar("_Record", bound=Record)


def gather_facts(launcher: Launcher, root: Path = Path("/")) -> Facts:
    """Ask the machine, its files, every backend and every graphics library. Nothing is raised.

    Takes 2 s or so, a little more where NVIDIA's driver is asked, and as long as the limits of
    `engine.preflight` and `engine.doctor.ask` say where a driver hangs.

    Args:
        launcher: starts the processes that are asked.
        root: where the file tree begins that is read; the processes always see the real one.
    """
    variables = dict(os.environ)
    disturbances, system = read_disturbances(root), read_system(root)
    infos = all_backends()
    with ThreadPoolExecutor(max_workers=4) as pool:
        # The machine's load and the GPUs' are asked for first: the probes are a load themselves.
        nvidia = pool.submit(_ask_nvidia, launcher, root)
        machine = pool.submit(read_machine, root, variables).result()
        gpus = nvidia.result()
        egl = pool.submit(list_devices, Library.EGL, launcher)
        vulkan = pool.submit(list_devices, Library.VULKAN, launcher)
        backends = pool.submit(probe_backends, [info.name for info in infos], launcher)
        models = pool.submit(read_models, variables)
        facts = Facts(
            machine=machine,
            system=system,
            backends=tuple(backends.result().values()),
            # That a person's own module is there says nothing of what this machine can draw.
            drawing=tuple(info.name for info in infos if info.draws and not info.measures_itself),
            egl=egl.result(),
            vulkan=vulkan.result(),
            nvidia=gpus,
            files=read_graphics_files(root, variables),
            disturbances=disturbances,
            models=models.result(),
        )
    return publish(facts, variables)


def _ask_nvidia(launcher: Launcher, root: Path) -> DeviceList:
    """Ask NVIDIA's library where its driver is; elsewhere there is nothing to ask."""
    if exists(root / "proc/driver/nvidia") or children(root / "dev", r"nvidiactl|dxg"):
        return list_devices(Library.NVML, launcher)
    return DeviceList()


def read_models(environment: Mapping[str, str]) -> ModelCache:
    """Look which Menagerie models are here; reads no network."""
    from scenes.assets import AssetsError, known_models, missing_models, models_of_builtin_scenes
    from scenes.registry import builtin_scenes, find_scene

    try:
        names = [model.name for model in known_models()]
        absent = {name for name in names if missing_models(find_scene(f"menagerie:{name}"))}
        needed = [model for info in builtin_scenes() for model in missing_models(info)]
    except (AssetsError, OSError, ValueError) as error:
        return ModelCache(missing=models_of_builtin_scenes(), reason=" ".join(str(error).split()))
    return ModelCache(
        known=len(names),
        here=len(names) - len(absent),
        missing=tuple(dict.fromkeys(needed)),
        is_fixed=bool(environment.get("MENAGERIE_ROOT")),
    )


def publish(facts: Facts, environment: Mapping[str, str]) -> Facts:
    """Leave out of the facts what belongs to a person or a network, and fit the fixes to the system."""
    home = environment.get("HOME", "")

    def public(text: str) -> str:
        return make_public(text, home)

    def status(found: BackendStatus) -> BackendStatus:
        fix = fit_to_system(public(found.fix), facts.system)
        return _replaced(found, reason=public(found.reason), fix=fix, log=public(found.log))

    def listed(found: DeviceList) -> DeviceList:
        fix = fit_to_system(public(found.fix), facts.system)
        egl = tuple(_replaced(device, reason=public(device.reason)) for device in found.egl)
        return _replaced(found, egl=egl, reason=public(found.reason), fix=fix)

    files = facts.files
    return _replaced(
        facts,
        machine=_replaced(facts.machine, hostname=""),
        backends=tuple(status(found) for found in facts.backends),
        egl=listed(facts.egl),
        vulkan=listed(facts.vulkan),
        nvidia=listed(facts.nvidia),
        files=_replaced(
            files,
            egl_vendors=tuple(_replaced(file, path=public(file.path)) for file in files.egl_vendors),
            vulkan_drivers=tuple(_replaced(file, path=public(file.path)) for file in files.vulkan_drivers),
        ),
        models=_replaced(facts.models, reason=public(facts.models.reason)),
    )


def _replaced(record: _Record, **changes: Any) -> _Record:
    return msgspec.structs.replace(record, **changes)
