"""What is installed, and which variables steer it."""

import platform
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

from engine.machine.files import clean, read_text

PACKAGES = (
    "mjbench-tui", "mujoco", "mujoco-warp", "warp-lang", "gs-madrona", "torch", "numpy", "scipy", "textual",
    "glfw", "pyopengl",
)  # fmt: skip
MESA_PACKAGES = ("libgl1-mesa-dri", "libegl-mesa0", "libosmesa6")

# Each of these decides which library draws, on which device, or with how many threads.
VARIABLES = re.compile(
    r"(?:MUJOCO|GALLIUM|LIBGL|MESA|LP|EGL|__EGL|__GLX?|__NV|VK|WARP)_[A-Za-z0-9_]+"
    r"|MADRONA_(?!BENCH_)[A-Za-z0-9_]+"
    r"|CUDA_VISIBLE_DEVICES|NVIDIA_VISIBLE_DEVICES|NVIDIA_DRIVER_CAPABILITIES"
    r"|DISPLAY|WAYLAND_DISPLAY|PYOPENGL_[A-Z_]+|DRI_PRIME|LD_LIBRARY_PATH|LD_PRELOAD"
)
SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
ADDRESS = re.compile(r"\d{1,3}(?:[.-]\d{1,3}){3}|\[[0-9A-Fa-f:]*:[0-9A-Fa-f:.%]*\]")
MAX_VALUE = 500


def read_versions(root: Path = Path("/")) -> dict[str, str]:
    """Return the versions that are known, by name. Imports none of the packages."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        versions[name] = package_version(name)
    versions["mesa"] = mesa_version(read_text(root / "var/lib/dpkg/status"))
    return {name: version for name, version in versions.items() if version}


def package_version(name: str) -> str:
    """Return a Python package's version, or "" when it is not installed or its metadata is damaged."""
    try:
        version: str | None = metadata.version(name)
    except (metadata.PackageNotFoundError, OSError, ValueError, KeyError):
        return ""
    return clean(version or "")


def mesa_version(status: str) -> str:
    """Return Mesa's package version from the text of dpkg's status file, or ""."""
    for package in MESA_PACKAGES:
        found = re.search(rf"^Package: {package}\n((?:.+\n)*)", f"{status}\n", re.MULTILINE)
        version = re.search(r"^Version: (\S+)$", found[1], re.MULTILINE) if found else None
        if found and version and "\nStatus: install ok installed\n" in f"\n{found[1]}":
            return version[1]
    return ""


def read_environment(environment: Mapping[str, str], home: str = "") -> dict[str, str]:
    """Pick the variables that change rendering, sorted, without secrets, addresses and the user's name."""
    return {
        name: hide(value, home)
        for name, value in sorted(environment.items())
        if VARIABLES.fullmatch(name) and not SECRET.search(name)
    }


def hide(value: str, home: str = "") -> str:
    """Clean a variable's value; in its paths "~" stands for home folders and the user, "x" for an address.

    >>> hide("10.0.0.7:10.0"), hide("/home/ada/icd.json"), hide("/data/ada/icd.json", home="/home/ada")
    ('x:10.0', '~/icd.json', '/data/~/icd.json')
    """
    text = re.sub(r"(?<![\w.])/(?:home|Users)/[^/:]+", "~", clean(value)[:MAX_VALUE])
    user = PurePosixPath(home).name
    if user:
        text = re.sub(rf"{re.escape(home)}(?=[/:]|$)", "~", text)
        text = re.sub(rf"(?<=/){re.escape(user)}(?=[/:]|$)", "~", text)
    return ADDRESS.sub("x", text)
