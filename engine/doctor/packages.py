"""What to install, in the words of the system that it is installed on."""

import re

from engine.doctor.facts import System

# Debian's names, which reasons and fixes are written with, and what Fedora and its family call the same.
_FEDORA = {
    "libegl1": "libglvnd-egl",
    "libgl1": "libglvnd-glx",
    "libegl-mesa0": "mesa-libEGL",
    "libgl1-mesa-dri": "mesa-dri-drivers",
    "libosmesa6": "mesa-libOSMesa",
    "libvulkan1": "vulkan-loader",
    "libx11-6": "libX11",
    "xvfb": "xorg-x11-server-Xvfb",
}
_COMMAND = re.compile(r"(?<![\w-])(?:sudo )?apt-get install( --reinstall)?")


def fit_to_system(fix: str, system: System) -> str:
    """Write a fix that names Debian's packages the way this system takes it.

    >>> fit_to_system("apt-get install libegl1, or use osmesa", System(packages="dnf", is_root=False))
    'sudo dnf install libglvnd-egl, or use osmesa'
    """
    if not _COMMAND.search(fix):
        return fix
    root = "" if system.is_root else "sudo "
    if system.packages == "dnf":
        words = re.sub(r"[\w.+-]+\b", lambda word: _FEDORA.get(word[0], word[0]), fix)
        return _COMMAND.sub(lambda found: f"{root}dnf {'rein' if found[1] else 'in'}stall", words)
    fit = _COMMAND.sub(lambda found: f"{root}apt-get install{found[1] or ''}", fix)
    return fit if system.packages in ("apt", "") else f"{fit} (Debian's names; {system.packages} has others)"


def install(system: System, *packages: str) -> str:
    """The command that installs packages of Debian's names."""
    return fit_to_system(f"apt-get install {' '.join(packages)}", system)


def as_root(system: System, command: str) -> str:
    """A command that only root may give."""
    return command if system.is_root else f"sudo {command}"
