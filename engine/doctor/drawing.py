"""Findings about what draws: backends that fall back to the processor, and GPUs that nothing draws on."""

from __future__ import annotations

from collections.abc import Iterator

from engine.doctor.causes import Cause, find_cause, install_nvidia_driver
from engine.doctor.devices import EglDevice, Library
from engine.doctor.facts import Facts, is_on_processor
from engine.doctor.findings import Finding, Level
from engine.doctor.gpus import drawing_gpus, is_nvidia

ON_DISPLAY = ("glfw", "filament-opengl")
"""Backends that draw where the X server draws."""
_THROUGH_LIBRARIES = ("egl", "osmesa", "filament-vulkan", *ON_DISPLAY)
"""Backends that reach a GPU through OpenGL or Vulkan, or never; the others need CUDA."""
_TITLES = {Library.EGL: "EGL", Library.VULKAN: "Vulkan"}


def find_drawing(facts: Facts) -> Iterator[Finding]:
    """Yield what was found about drawing."""
    gpus = drawing_gpus(facts)
    if not facts.working:
        fixes = [status.fix for status in facts.backends if status.backend in facts.drawing and status.fix]
        yield Finding(
            id="no-backend",
            level=Level.PROBLEM,
            what="no backend that draws works here",
            fix=fixes[0] if fixes else "see why each does not work, above",
        )
    if gpus:
        yield from _fallbacks(facts, gpus)
        yield from _filament_fallback(facts)
        yield from _display_fallback(facts)
        yield from _cuda_fallback(facts)
        yield from _drivers(facts)
    elif facts.working and not facts.on_hardware:
        yield Finding(
            id="no-gpu", level=Level.OK, what="there is no GPU here: all pictures are drawn by the processor"
        )
    yield from _device_choice(facts)
    if facts.on_hardware:
        drawn = ", ".join(
            f"{status.backend} on {status.renderer.renderer}"
            for status in facts.on_hardware
            if status.renderer is not None
        )
        yield Finding(id="on-gpu", level=Level.OK, what=f"a GPU draws: {drawn}")


def _fallbacks(facts: Facts, gpus: tuple[str, ...]) -> Iterator[Finding]:
    """EGL and Vulkan that draw on the processor, or not at all; one finding where one cause explains both."""
    causes: dict[Cause, list[Library]] = {}
    for library in (Library.EGL, Library.VULKAN):
        if _lacks_gpu(facts, library):
            causes.setdefault(find_cause(facts, library), []).append(library)
    for cause, libraries in causes.items():
        names = [_TITLES[library] for library in libraries]
        falls_back = any(_falls_back(facts, library) for library in libraries)
        what = f"{_draw(names)} on the processor" if falls_back else f"{' and '.join(names)} cannot draw"
        yield Finding(
            id=f"{libraries[0]}-on-processor" if falls_back else f"{libraries[0]}-without-gpu",
            level=Level.PROBLEM,
            what=f"{what} although there is a GPU ({gpus[0]}): {cause.reason}",
            fix=cause.fix,
        )


def _draw(names: list[str]) -> str:
    """The beginning of a sentence: "egl draws", "egl and glfw draw"."""
    return f"{' and '.join(names)} draw{'s' if len(names) == 1 else ''}"


def _lacks_gpu(facts: Facts, library: Library) -> bool:
    """Whether a library that is installed reaches no GPU."""
    if library is Library.EGL:
        status = facts.backend("egl")
        if status is None or (status.works and not is_on_processor(status)):
            return False
        return status.works or "libEGL.so.1" in facts.files.libraries
    if facts.vulkan.vulkan:
        return all(device.software for device in facts.vulkan.vulkan)
    return "libvulkan.so.1" in facts.files.libraries


def _falls_back(facts: Facts, library: Library) -> bool:
    if library is Library.EGL:
        status = facts.backend("egl")
        return status is not None and is_on_processor(status)
    return bool(facts.vulkan.vulkan)


def _filament_fallback(facts: Facts) -> Iterator[Finding]:
    """Filament took the processor from a list in which a GPU stands too."""
    status = facts.backend("filament-vulkan")
    gpu = next((device for device in facts.vulkan.vulkan if not device.software), None)
    if status is None or gpu is None or not is_on_processor(status):
        return
    word = "nvidia" if "nvidia" in gpu.name.lower() else ""
    files = [file.path for file in facts.files.vulkan_drivers if word and word in file.library.lower()]
    yield Finding(
        id="filament-on-processor",
        level=Level.PROBLEM,
        what=f"filament-vulkan draws on the processor although Vulkan lists {gpu.name}",
        fix=f"export VK_DRIVER_FILES={files[0] if files else 'the driver file of the GPU alone'}",
    )


def _display_fallback(facts: Facts) -> Iterator[Finding]:
    names = [
        status.backend
        for status in facts.backends
        if status.backend in ON_DISPLAY and is_on_processor(status)
    ]
    if names:
        yield Finding(
            id="display-on-processor",
            level=Level.WARN,
            what=f"{_draw(names)} on the processor although there is a GPU: "
            "the X display has none, as under Xvfb",
            fix="use egl or filament-vulkan, which need no display",
        )


def _cuda_fallback(facts: Facts) -> Iterator[Finding]:
    """Backends that compute with CUDA, and took the processor."""
    names = [
        status.backend
        for status in facts.working
        if is_on_processor(status) and status.backend not in _THROUGH_LIBRARIES
    ]
    if not names or not any(is_nvidia(gpu) for gpu in facts.machine.gpus):
        return
    visible = facts.machine.environment.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and visible.strip() in ("", "-1"):
        reason, fix = f"CUDA_VISIBLE_DEVICES={visible} hides it", "unset CUDA_VISIBLE_DEVICES"
    else:
        reason, fix = "CUDA does not reach it", "see whether nvidia-smi lists it, and update the driver"
    yield Finding(
        id="cuda-on-processor",
        level=Level.PROBLEM,
        what=f"{_draw(names)} on the processor although there is a GPU: {reason}",
        fix=fix,
    )


def _drivers(facts: Facts) -> Iterator[Finding]:
    """NVIDIA's GPUs that are without NVIDIA's driver."""
    if any(gpu.driver == "nouveau" for gpu in facts.machine.gpus):
        yield Finding(
            id="nouveau",
            level=Level.WARN,
            what="the NVIDIA GPU runs on the kernel's nouveau driver, which is slow and lacks CUDA",
            fix=install_nvidia_driver(facts),
        )
    idle = [gpu for gpu in facts.files.pci_gpus if gpu.vendor == "NVIDIA" and not gpu.driver]
    if idle and facts.on_hardware and not facts.machine.container.kind:
        yield Finding(
            id="gpu-without-driver",
            level=Level.WARN,
            what=f"the NVIDIA GPU {idle[0].pci} has no driver, so nothing draws on it",
            fix=install_nvidia_driver(facts),
        )


def _device_choice(facts: Facts) -> Iterator[Finding]:
    """EGL draws on another GPU than the one that programs of CUDA are told to take."""
    variables = facts.machine.environment
    visible, chosen = variables.get("CUDA_VISIBLE_DEVICES"), variables.get("MUJOCO_EGL_DEVICE_ID")
    default = next((device for device in facts.egl.egl if device.is_default), None)
    gpus = [device for device in facts.egl.egl if device.cuda is not None]
    if default is None or default.cuda is None or len(gpus) < 2 or not visible or chosen is not None:
        return
    wanted = [part.strip() for part in visible.split(",")]
    numbered = all(part.isdigit() for part in wanted)
    # Numbers that EGL does not list are those of all GPUs where EGL counts visible ones: MuJoCo sees to it.
    listed = {str(device.cuda) for device in gpus}
    if numbered and (wanted[0] == str(default.cuda) or not listed.issuperset(wanted)):
        return
    yield Finding(
        id="other-gpu",
        level=Level.WARN,
        what=f"EGL draws on CUDA device {default.cuda} although CUDA_VISIBLE_DEVICES begins with {wanted[0]}"
        + ("" if numbered else ", as MuJoCo reads numbers there only"),
        fix="export MUJOCO_EGL_DEVICE_ID=N, with one of these for N: "
        + ", ".join(map(_device_choice_text, gpus)),
    )


def _device_choice_text(device: EglDevice) -> str:
    return f"{device.cuda} ({device.pci or device.renderer or 'EGL device ' + str(device.index)})"
