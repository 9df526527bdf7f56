"""What Filament needs of the machine: looked for first, as its library ends the process that lacks it."""

import ctypes
import os
from pathlib import Path

from engine.backends.base import BackendError

_LOADER = "libvulkan.so.1"
_DRIVER_FOLDERS = (
    "/usr/share/vulkan/icd.d",
    "/etc/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
    "/usr/local/etc/vulkan/icd.d",
)
_DRIVER_VARIABLES = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES")
_INSTALL = "apt-get install libvulkan1, and mesa-vulkan-drivers without a GPU"


def check_vulkan(name: str) -> None:
    """Look for Vulkan's loader and at least one of its drivers.

    Raises:
        BackendError: one of them is missing.
    """
    try:
        ctypes.CDLL(_LOADER)
    except OSError:
        raise BackendError(
            f"{name} needs Vulkan's loader {_LOADER}, which is not installed", _INSTALL
        ) from None
    if not _has_vulkan_driver():
        raise BackendError(f"{name} needs a Vulkan driver, and none is installed", _INSTALL)


def _has_vulkan_driver() -> bool:
    named = [part for name in _DRIVER_VARIABLES for part in os.environ.get(name, "").split(":") if part]
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "vulkan" / "icd.d"
    folders = [*map(Path, _DRIVER_FOLDERS), home, *map(Path, named)]
    # A variable may name files too.
    return any(folder.is_file() or any(folder.glob("*.json")) for folder in folders)


def check_display(name: str) -> None:
    """Look for an X display that lets us in: this build of Filament draws with OpenGL through GLX alone.

    Raises:
        BackendError: there is none.
    """
    display = os.environ.get("DISPLAY", "")
    fix = "use filament-vulkan, or a virtual display: apt-get install xvfb, then start with xvfb-run -a"
    if not display:
        raise BackendError(f"{name} needs an X display and there is none (DISPLAY is not set)", fix)
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        raise BackendError(
            f"{name} needs libX11, which is not installed", "apt-get install libx11-6"
        ) from None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    connection = x11.XOpenDisplay(None)
    if not connection:
        raise BackendError(f"{name} cannot open the X display {display!r}", fix)
    x11.XCloseDisplay(ctypes.c_void_p(connection))
