"""What gs-madrona needs of the machine: looked for first, as loading it takes long and may end a process."""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import sys

from engine.backends.base import BackendError
from engine.backends.filament_needs import check_vulkan
from engine.backends.loading import install_extra

_MODULES = ("torch", "gs_madrona")
_FIX = f"{install_extra('madrona')}; it needs an NVIDIA GPU, and Linux on x86-64"
_DRIVER, _SOUGHT = "libcuda.so.1", "libcuda.so"


def check_madrona(name: str) -> None:
    """Look for the platform, the packages, an NVIDIA GPU and Vulkan, without loading any package.

    Raises:
        BackendError: one of them is missing.
    """
    check_platform(name, sys.platform, platform.machine())
    for module in _MODULES:
        if importlib.util.find_spec(module) is None:
            raise BackendError(f"{name} needs the Python module {module}, which is not installed", _FIX)
    check_gpu(name)
    try:
        check_vulkan(name)
    except BackendError as error:
        # Its ray tracer opens a Vulkan device too.
        raise BackendError(
            str(error.args[0]),
            "apt-get install libvulkan1, and in a container set NVIDIA_DRIVER_CAPABILITIES=all",
        ) from None


def check_platform(name: str, system: str, machine: str) -> None:
    """Look whether there are builds of it for this platform.

    Raises:
        BackendError: there are none.
    """
    if not system.startswith("linux") or machine != "x86_64":
        raise BackendError(
            f"{name} runs on Linux on x86-64 alone, and this is {system} on {machine}", "use another backend"
        )


def check_gpu(name: str) -> None:
    """Ask NVIDIA's driver whether there is a GPU.

    Raises:
        BackendError: there is no driver, or it shows no GPU.
    """
    fix = "use a machine with an NVIDIA GPU and its driver; in a container, start it with the GPU passed in"
    try:
        driver = ctypes.CDLL(_DRIVER)
    except OSError:
        raise BackendError(f"{name} needs an NVIDIA GPU, and there is no driver ({_DRIVER})", fix) from None
    count = ctypes.c_int(0)
    failed = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    if failed or count.value == 0:
        said = f" (CUDA error {failed})" if failed else ""
        raise BackendError(f"{name} needs an NVIDIA GPU, and the driver shows none{said}", fix)
    try:
        ctypes.CDLL(_SOUGHT)
    except OSError:
        # It looks for the driver by this name alone, and ends the process where it is not found.
        raise BackendError(
            f"{name} looks for NVIDIA's driver as {_SOUGHT}, and there is only {_DRIVER}",
            f"make a link {_SOUGHT} to {_DRIVER} in a folder that LD_LIBRARY_PATH names",
        ) from None
