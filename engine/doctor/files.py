"""Looking for the parts of graphics drivers in a file tree."""

import grp
import json
import os
from collections.abc import Mapping
from pathlib import Path

from engine.doctor.facts import DeviceNode, Disturbances, DriverFile, GraphicsFiles, PciGpu, System
from engine.machine.container import group_folders
from engine.machine.files import children, clean, exists, fields, parse_int, read_int, read_text
from engine.machine.gpu import driver_link

VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
# PCI classes of devices that draw: VGA, XGA, 3D and other display controllers.
_DISPLAY_CLASS = "0x03"

EGL_VENDORS_VARIABLE = "__EGL_VENDOR_LIBRARY_FILENAMES"
EGL_FOLDERS_VARIABLE = "__EGL_VENDOR_LIBRARY_DIRS"
EGL_FOLDERS = (
    "etc/glvnd/egl_vendor.d",
    "usr/share/glvnd/egl_vendor.d",
    "run/opengl-driver/share/glvnd/egl_vendor.d",
)
VULKAN_VARIABLES = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES")
VULKAN_FOLDERS = (
    "etc/vulkan/icd.d",
    "usr/local/etc/vulkan/icd.d",
    "usr/local/share/vulkan/icd.d",
    "usr/share/vulkan/icd.d",
    "run/opengl-driver/share/vulkan/icd.d",
)

LIBRARIES = ("libEGL.so.1", "libEGL_nvidia.so.0", "libEGL_mesa.so.0", "libGLX_nvidia.so.0", "libvulkan.so.1")
_LIBRARY_FOLDERS = (
    "usr/lib",
    "usr/lib64",
    "usr/lib/x86_64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
    "usr/lib/wsl/lib",
    "usr/local/lib",
    "usr/local/nvidia/lib64",
    "run/opengl-driver/lib",
)
_LINKER_CACHE = "etc/ld.so.cache"
_MOST_CACHE_BYTES = 16 << 20

# The distribution's family, as /etc/os-release calls it, and the command that installs packages there.
_PACKAGE_MANAGERS = {
    "debian": "apt",
    "ubuntu": "apt",
    "fedora": "dnf",
    "rhel": "dnf",
    "centos": "dnf",
    "arch": "pacman",
    "alpine": "apk",
    "suse": "zypper",
    "opensuse": "zypper",
    "nixos": "nix",
}


def read_graphics_files(
    root: Path = Path("/"), environment: Mapping[str, str] | None = None
) -> GraphicsFiles:
    """Look for nodes, vendor files, libraries and PCI devices. Nothing is raised."""
    variables = os.environ if environment is None else environment
    return GraphicsFiles(
        nodes=read_nodes(root),
        egl_vendors=read_egl_vendors(root, variables),
        vulkan_drivers=read_vulkan_drivers(root, variables),
        libraries=find_libraries(root, variables.get("LD_LIBRARY_PATH", "")),
        pci_gpus=read_pci_gpus(root),
    )


def read_nodes(root: Path) -> tuple[DeviceNode, ...]:
    """List the files by which programs reach GPUs."""
    found = children(root / "dev/dri", r"renderD\d+")
    found += children(root / "dev", r"nvidiactl|nvidia\d+|nvidia-modeset|dxg")
    return tuple(
        DeviceNode(
            path=f"/{path.relative_to(root)}",
            is_accessible=os.access(path, os.R_OK | os.W_OK),
            group=_group_of(path),
        )
        for path in found
    )


def _group_of(path: Path) -> str:
    try:
        number = path.lstat().st_gid
    except OSError:
        return ""
    try:
        return clean(grp.getgrgid(number).gr_name)
    except KeyError:
        return str(number)


def read_egl_vendors(root: Path, environment: Mapping[str, str]) -> tuple[DriverFile, ...]:
    """List the vendor files that libglvnd reads, in its order (its `icd_enumeration.md` says which)."""
    named = environment.get(EGL_VENDORS_VARIABLE)
    if named is not None:
        return tuple(read_driver_file(root, Path(name)) for name in named.split(":") if name)
    folders = environment.get(EGL_FOLDERS_VARIABLE)
    listed = EGL_FOLDERS if folders is None else [name.lstrip("/") for name in folders.split(":") if name]
    return tuple(_driver_files(root, listed))


def read_vulkan_drivers(root: Path, environment: Mapping[str, str]) -> tuple[DriverFile, ...]:
    """List the driver files that Vulkan's loader reads, those of the user's own folders left out."""
    for variable in VULKAN_VARIABLES:
        named = environment.get(variable)
        if named:
            return tuple(read_driver_file(root, Path(name)) for name in named.split(":") if name)
    return tuple(_driver_files(root, VULKAN_FOLDERS))


def _driver_files(root: Path, folders: tuple[str, ...] | list[str]) -> list[DriverFile]:
    paths = [path for folder in folders for path in children(root / folder, r".+\.json")]
    return [read_driver_file(root, Path("/") / path.relative_to(root)) for path in paths]


def read_driver_file(root: Path, path: Path) -> DriverFile:
    """Read which library a vendor's or driver's file names."""
    text = read_text(root / str(path).lstrip("/"))
    try:
        library = json.loads(text)["ICD"]["library_path"]
    except (ValueError, TypeError, LookupError, RecursionError):
        library = ""
    return DriverFile(path=str(path), library=clean(library) if isinstance(library, str) else "")


def find_libraries(root: Path, search_path: str = "") -> tuple[str, ...]:
    """Return those of `LIBRARIES` that the dynamic linker would find."""
    folders = [*(name.lstrip("/") for name in search_path.split(":") if name), *_LIBRARY_FOLDERS]
    try:
        with (root / _LINKER_CACHE).open("rb") as file:
            cache = file.read(_MOST_CACHE_BYTES)
    except OSError:
        cache = b""
    return tuple(
        name
        for name in LIBRARIES
        if f"{name}\0".encode() in cache or any(exists(root / folder / name) for folder in folders)
    )


def read_pci_gpus(root: Path) -> tuple[PciGpu, ...]:
    """List the display controllers of vendors whose devices draw."""
    found = []
    for device in children(root / "sys/bus/pci/devices", ".*"):
        vendor = VENDORS.get(read_text(device / "vendor"))
        if vendor and read_text(device / "class").startswith(_DISPLAY_CLASS):
            found.append(PciGpu(pci=clean(device.name), vendor=vendor, driver=driver_link(device / "driver")))
    return tuple(found)


def read_system(root: Path = Path("/")) -> System:
    """Read which distribution this is."""
    release = fields(read_text(root / "etc/os-release") or read_text(root / "usr/lib/os-release"), "=")
    names = f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".replace('"', "").lower().split()
    packages = next((_PACKAGE_MANAGERS[name] for name in names if name in _PACKAGE_MANAGERS), "")
    is_wsl = "microsoft" in read_text(root / "proc/sys/kernel/osrelease").lower()
    return System(packages=packages, is_root=os.geteuid() == 0, is_wsl=is_wsl)


def read_disturbances(root: Path = Path("/")) -> Disturbances:
    """Read what the kernel has counted since its start."""
    return Disturbances(
        stolen_share=read_stolen_share(root),
        heat_throttles=read_heat_throttles(root),
        quota_waits=read_quota_waits(root),
    )


def read_stolen_share(root: Path) -> float | None:
    """Return the hypervisor's part of all processor time since the start, from /proc/stat.

    The first line holds the times of user, nice, system, idle, iowait, irq, softirq and steal.
    """
    words = read_text(root / "proc/stat").partition("\n")[0].split()
    times = [parse_int(word) for word in words[1:9]]
    if words[:1] != ["cpu"] or len(times) < 8:
        return None
    known = [time for time in times if time is not None]
    if len(known) < 8 or not sum(known):
        return None
    return known[7] / sum(known)


def read_heat_throttles(root: Path) -> int | None:
    """Return how often the core that was slowed most was slowed by heat; only Intel's count it."""
    cores = children(root / "sys/devices/system/cpu", r"cpu\d+")
    counts = [read_int(core / "thermal_throttle/core_throttle_count") for core in cores]
    return max((count for count in counts if count is not None), default=None)


def read_quota_waits(root: Path) -> int | None:
    """Return how often the control group waited for its next period, from `cpu.stat`."""
    for folder in group_folders(root, read_text(root / "proc/self/cgroup"), "cpu"):
        stat = fields(read_text(folder / "cpu.stat"), " ")
        waits = parse_int(stat.get("nr_throttled", ""))
        if waits is not None:
            return waits
    return None
