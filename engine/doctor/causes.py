"""Why a graphics library finds no GPU although there is one, and what to do about just that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.doctor.devices import Library
from engine.doctor.facts import Facts
from engine.doctor.files import EGL_FOLDERS_VARIABLE, EGL_VENDORS_VARIABLE, VULKAN_VARIABLES
from engine.doctor.gpus import has_nvidia, nvidia_version
from engine.doctor.packages import as_root, install


@dataclass(frozen=True)
class Cause:
    """One reason, as the end of a sentence, and its fix."""

    reason: str
    fix: str


_EGL_VENDOR_FILE = "/usr/share/glvnd/egl_vendor.d/10_nvidia.json"
_VULKAN_DRIVER_FILE = "/etc/vulkan/icd.d/nvidia_icd.json"
_EGL_VENDOR = '{"file_format_version": "1.0.0", "ICD": {"library_path": "libEGL_nvidia.so.0"}}'
_VULKAN_DRIVER = (
    '{"file_format_version": "1.0.0", "ICD": {"library_path": "libGLX_nvidia.so.0", "api_version": "1.3"}}'
)
_LIBRARY = {Library.EGL: "libEGL_nvidia.so.0", Library.VULKAN: "libGLX_nvidia.so.0"}
_LIBRARIES = "graphics libraries (libEGL_nvidia, libGLX_nvidia)"


def find_cause(facts: Facts, library: Library) -> Cause:
    """Look up why `library`, EGL or Vulkan, draws on the processor; a GPU has to be there.

    The looks are in the order in which a driver's parts depend on each other: the first that fits explains
    the others.
    """
    looks = _NVIDIA_LOOKS if has_nvidia(facts) else _MESA_LOOKS
    for look in looks:
        cause = look(facts, library)
        if cause is not None:
            return cause
    return Cause(
        "no known reason fits",
        "update the GPU's driver, restart the machine where it was updated since its start, and see what "
        "the drivers print: EGL_LOG_LEVEL=debug LIBGL_DEBUG=verbose mjbench-tui backends --json",
    )


def _is_contained(facts: Facts) -> bool:
    return bool(facts.machine.container.kind)


def _variable(facts: Facts, library: Library) -> Cause | None:
    """A variable that puts another list of drivers in the place of the installed one."""
    named = (EGL_VENDORS_VARIABLE, EGL_FOLDERS_VARIABLE) if library is Library.EGL else VULKAN_VARIABLES
    files = facts.files.egl_vendors if library is Library.EGL else facts.files.vulkan_drivers
    for name in named:
        value = facts.machine.environment.get(name)
        if value and not any("nvidia" in file.library for file in files):
            return Cause(f"{name}={value} names drivers without NVIDIA's", f"unset {name}")
    return None


def _other_device(facts: Facts, library: Library) -> Cause | None:
    """Another device of the same list is a GPU, and works."""
    if library is not Library.EGL:
        return None
    devices = facts.egl.egl
    better = next((device for device in devices if device.renderer and not device.software), None)
    if better is None:
        return None
    chosen = facts.machine.environment.get("MUJOCO_EGL_DEVICE_ID")
    number = better.index if better.cuda is None else better.cuda
    if chosen is not None:
        return Cause(
            f"MUJOCO_EGL_DEVICE_ID={chosen} chooses the processor",
            f"unset MUJOCO_EGL_DEVICE_ID, or set it to {number}, which is {better.renderer}",
        )
    return Cause(
        "MuJoCo takes the first of EGL's devices that opens, and that is the processor",
        f"export MUJOCO_EGL_DEVICE_ID={number}, which is {better.renderer}",
    )


def _no_nvidia_node(facts: Facts, library: Library) -> Cause | None:
    if facts.files.has_node("/dev/nvidiactl") or facts.files.has_node("/dev/dxg"):
        return None
    kind = facts.machine.container.kind
    if kind == "kubernetes":
        return Cause("the pod was given no GPU", "ask for nvidia.com/gpu in the pod's resource limits")
    if kind:
        return Cause(
            "the container was given no GPU (/dev/nvidiactl is missing)",
            f"start it with {_gpu_option(kind)} and -e NVIDIA_DRIVER_CAPABILITIES=all; "
            "the host needs the NVIDIA Container Toolkit",
        )
    if not nvidia_version(facts) and not any(gpu.driver == "nvidia" for gpu in facts.files.pci_gpus):
        return Cause("it has no driver", install_nvidia_driver(facts))
    return Cause(
        "the NVIDIA driver is not loaded (/dev/nvidiactl is missing)",
        as_root(facts.system, "nvidia-modprobe") + ", or restart the machine",
    )


def _gpu_option(kind: str) -> str:
    return "--device nvidia.com/gpu=all" if kind == "podman" else "--gpus all"


def install_nvidia_driver(facts: Facts) -> str:
    """How NVIDIA's driver gets onto this system."""
    if "Ubuntu" in facts.machine.os:
        return as_root(facts.system, "ubuntu-drivers install") + ", then restart the machine"
    if "Debian" in facts.machine.os:
        return (
            install(facts.system, "nvidia-driver") + " (of Debian's non-free part), then restart the machine"
        )
    return "install NVIDIA's driver, then restart the machine"


def _closed_nodes(facts: Facts, library: Library) -> Cause | None:
    """NVIDIA's nodes are there, and this process may not open them."""
    closed = [
        node
        for node in facts.files.nodes
        if node.path.startswith("/dev/nvidia") and "modeset" not in node.path and not node.is_accessible
    ]
    return _permission(facts, [node.path for node in closed], closed[0].group) if closed else None


def _permission(facts: Facts, paths: list[str], group: str) -> Cause:
    reason = f"this user may not open {', '.join(paths)} (group {group})"
    if _is_contained(facts):
        number = f"$(stat -c %g {paths[0]})"
        return Cause(reason, f'start the container with --group-add "{number}", taken on the host')
    if group in ("root", "0", ""):
        return Cause(reason, as_root(facts.system, f"chmod a+rw {' '.join(paths)}"))
    command = as_root(facts.system, f'usermod -aG {group} "$USER"')
    return Cause(reason, f"{command}, then log in again")


def _no_nvidia_library(facts: Facts, library: Library) -> Cause | None:
    """The driver computes, and its part that draws is not there."""
    if _LIBRARY[library] in facts.files.libraries or facts.system.is_wsl:
        return None
    if _is_contained(facts):
        wanted = facts.machine.environment.get("NVIDIA_DRIVER_CAPABILITIES")
        if not allows_graphics(wanted):
            said = "is not set" if wanted is None else f"is {wanted!r}"
            return Cause(
                f"NVIDIA_DRIVER_CAPABILITIES {said} and has to contain graphics, so the container lacks the "
                f"driver's {_LIBRARIES}",
                "start the container with -e NVIDIA_DRIVER_CAPABILITIES=all",
            )
        return Cause(
            f"the host's NVIDIA driver is installed without its {_LIBRARIES}, so the container lacks them",
            f"on the host: {_install_nvidia_library(facts)}; then start the container again",
        )
    return Cause(
        f"the NVIDIA driver is installed without its {_LIBRARIES}",
        _install_nvidia_library(facts),
    )


def allows_graphics(capabilities: str | None) -> bool:
    """Whether `NVIDIA_DRIVER_CAPABILITIES` brings OpenGL and Vulkan into a container; unset, it does not."""
    return bool({"all", "graphics"} & {part.strip() for part in (capabilities or "").split(",")})


def _install_nvidia_library(facts: Facts) -> str:
    major = nvidia_version(facts).partition(".")[0]
    if "Ubuntu" in facts.machine.os and major:
        package = f"libnvidia-gl-{major}"
        return f"{install(facts.system, package)} ({package}-server where the driver is a -server one)"
    if "Debian" in facts.machine.os:
        return install(facts.system, "libegl-nvidia0", "nvidia-vulkan-icd")
    return "install the driver's graphics libraries, of the same version as the driver"


def _no_nvidia_file(facts: Facts, library: Library) -> Cause | None:
    """The library is there, and no file tells the loader of it."""
    files = facts.files.egl_vendors if library is Library.EGL else facts.files.vulkan_drivers
    if any("nvidia" in file.library for file in files):
        return None
    path, text = (
        (_EGL_VENDOR_FILE, _EGL_VENDOR) if library is Library.EGL else (_VULKAN_DRIVER_FILE, _VULKAN_DRIVER)
    )
    folder = path.rpartition("/")[0]
    make = as_root(facts.system, f"mkdir -p {folder}")
    write = as_root(facts.system, f"tee {path}")
    what = "EGL vendor file" if library is Library.EGL else "Vulkan driver file"
    return Cause(f"no {what} of NVIDIA's is there ({path})", f"{make} && echo '{text}' | {write}")


def _split_gpu(facts: Facts, library: Library) -> Cause | None:
    split = [gpu for gpu in facts.nvidia.nvidia if gpu.is_split]
    if not split or len(split) < len(facts.nvidia.nvidia):
        return None
    return Cause(
        "the GPU is in MIG mode, in which most of NVIDIA's GPUs offer neither OpenGL nor Vulkan",
        as_root(facts.system, f"nvidia-smi -i {split[0].index} -mig 0") + ", while nothing uses the GPU",
    )


def _device_reason(facts: Facts, library: Library) -> Cause | None:
    """EGL lists the GPU and opens nothing on it."""
    if library is not Library.EGL:
        return None
    for device in facts.egl.egl:
        if device.reason and not device.rasterizer:
            where = device.file or (f"CUDA {device.cuda}" if device.cuda is not None else "a GPU")
            return Cause(
                f"EGL's device {device.index} ({where}) opens no context: {device.reason}",
                "restart the machine where the driver was updated since its start; if not, update the driver",
            )
    return None


def _mesa_variable(facts: Facts, library: Library) -> Cause | None:
    """A variable that tells Mesa to draw on the processor, or with a driver of another name."""
    variables = facts.machine.environment
    if library is Library.EGL:
        for name in ("LIBGL_ALWAYS_SOFTWARE", "MESA_LOADER_DRIVER_OVERRIDE", "GALLIUM_DRIVER"):
            value = variables.get(name, "")
            if value and value.lower() not in ("0", "false", "no", "d3d12"):
                return Cause(f"{name}={value} is set", f"unset {name}")
        return None
    for name in VULKAN_VARIABLES:
        if variables.get(name):
            return Cause(f"{name}={variables[name]} names other drivers", f"unset {name}")
    return None


def _windows(facts: Facts, library: Library) -> Cause | None:
    if not facts.system.is_wsl and not facts.files.has_node("/dev/dxg"):
        return None
    if facts.machine.environment.get("GALLIUM_DRIVER") == "d3d12":
        return None
    if library is Library.VULKAN:
        return Cause("Windows gives its GPU to Linux for OpenGL and CUDA only", "use egl")
    return Cause("Mesa does not take Windows' GPU by itself", "export GALLIUM_DRIVER=d3d12")


def _no_render_node(facts: Facts, library: Library) -> Cause | None:
    if facts.files.has_node("/dev/dri/renderD"):
        return None
    if _is_contained(facts):
        return Cause(
            "the container was given no GPU (/dev/dri is missing)", "start it with --device /dev/dri"
        )
    return Cause(
        "the kernel gives no node to draw with (/dev/dri/renderD* is missing)",
        "install the kernel's graphics modules (on Ubuntu: linux-modules-extra of this kernel), then restart",
    )


def _closed_render_node(facts: Facts, library: Library) -> Cause | None:
    nodes = [node for node in facts.files.nodes if node.path.startswith("/dev/dri/renderD")]
    if not nodes or any(node.is_accessible for node in nodes):
        return None
    return _permission(facts, [node.path for node in nodes], nodes[0].group)


def _no_mesa(facts: Facts, library: Library) -> Cause | None:
    if library is Library.EGL and "libEGL_mesa.so.0" not in facts.files.libraries:
        return Cause("Mesa's EGL is not installed", install(facts.system, "libegl-mesa0", "libgl1-mesa-dri"))
    if library is Library.VULKAN and not facts.files.vulkan_drivers:
        return Cause("no Vulkan driver is installed", install(facts.system, "mesa-vulkan-drivers"))
    return None


def _old_mesa(facts: Facts, library: Library) -> Cause | None:
    version = facts.machine.versions.get("mesa")
    if not version:
        return None
    return Cause(
        f"Mesa {version} seems to have no driver for it",
        "install a newer Mesa, or the driver of the GPU's maker",
    )


_Look = Callable[[Facts, Library], Cause | None]
_NVIDIA_LOOKS: tuple[_Look, ...] = (
    *(_variable, _other_device, _no_nvidia_node, _closed_nodes, _windows, _no_nvidia_library),
    *(_no_nvidia_file, _split_gpu, _device_reason),
)
_MESA_LOOKS: tuple[_Look, ...] = (
    *(_mesa_variable, _other_device, _windows, _no_render_node, _closed_render_node, _no_mesa),
    *(_device_reason, _old_mesa),
)
