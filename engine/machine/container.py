"""The virtual machine and the container around this process, and the limits they set."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from engine.machine.files import exists, fields, parse_int, read_int, read_text
from engine.machine.records import Container, Virtualization

# The first that fits is taken, so the outer manager of a runtime stands before the runtime.
CONTAINER_FILES = (
    ("kubernetes", "var/run/secrets/kubernetes.io"),
    ("podman", "run/.containerenv"),
    ("docker", ".dockerenv"),
    ("lxc", "dev/.lxc"),
)
CONTAINER_GROUPS = (
    ("kubernetes", r"kubepods"),
    ("podman", r"libpod"),
    ("docker", r"/docker[-/]|docker-[0-9a-f]{12}"),
    ("lxc", r"/lxc(?:\.payload)?[./]"),
)


def read_virtualization(root: Path = Path("/")) -> Virtualization:
    """Ask the processor's flags, Xen's and the firmware's names."""
    flags = fields(read_text(root / "proc/cpuinfo")).get("flags", "").split()
    xen = read_text(root / "sys/hypervisor/type")
    dmi = root / "sys/class/dmi/id"
    vendor = read_text(dmi / "sys_vendor")
    product = read_text(dmi / "product_name")
    named = re.search(r"\bKVM\b|QEMU|Virtual Machine|VMware|VirtualBox|Droplet", f"{vendor} {product}")
    return Virtualization(
        hypervisor="hypervisor" in flags or bool(xen) or named is not None,
        vendor=vendor or xen,
        product=product,
    )


def read_container(
    root: Path = Path("/"), environment: Mapping[str, str] | None = None, total_mib: int = 0
) -> Container:
    """Find the container's kind and limits. A memory limit of `total_mib` or more is none."""
    groups = read_text(root / "proc/self/cgroup")
    memory_mib = memory_limit_mib(root, groups)
    if memory_mib is not None and total_mib and memory_mib >= total_mib:
        memory_mib = None
    return Container(
        kind=container_kind(root, environment or {}, groups),
        cpus=cpu_limit(root, groups),
        memory_mib=memory_mib,
    )


def container_kind(root: Path, environment: Mapping[str, str], groups: str) -> str:
    """Return the runtime's name, or "" when nothing shows a container. `groups` is /proc/self/cgroup."""
    if environment.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    for kind, path in CONTAINER_FILES:
        if exists(root / path):
            return kind
    for kind, pattern in CONTAINER_GROUPS:
        if re.search(pattern, groups):
            return kind
    declared = read_text(root / "run/systemd/container") or environment.get("container", "")
    return declared if re.fullmatch(r"[a-z][a-z0-9_-]{0,30}", declared) else ""


def cpu_limit(root: Path, groups: str) -> float | None:
    """Return the tightest processor quota of the control group and those above it, in processors."""
    limits = []
    for folder in group_folders(root, groups, "cpu"):
        quota, _, period = read_text(folder / "cpu.max").partition(" ")
        limits.append(quota_cpus(parse_int(quota), parse_int(period)))
        limits.append(
            quota_cpus(read_int(folder / "cpu.cfs_quota_us"), read_int(folder / "cpu.cfs_period_us"))
        )
    return min((limit for limit in limits if limit is not None), default=None)


def quota_cpus(quota_us: int | None, period_us: int | None) -> float | None:
    """Return quota / period, or None where there is no quota ("max" in v2, -1 in v1)."""
    if quota_us is None or not period_us or quota_us <= 0 or period_us < 0:
        return None
    return round(quota_us / period_us, 3)


def memory_limit_mib(root: Path, groups: str) -> int | None:
    """Return the tightest memory limit of the control group and those above it."""
    limits = []
    for folder in group_folders(root, groups, "memory"):
        limits += [read_int(folder / "memory.max"), read_int(folder / "memory.limit_in_bytes")]
    # v1 says "no limit" with the largest number of pages that fits 63 bits.
    return min((limit >> 20 for limit in limits if limit is not None and 0 < limit < 1 << 60), default=None)


def group_folders(root: Path, groups: str, controller: str) -> Iterator[Path]:
    """Yield the folders that may hold this process's limits, innermost first.

    Inside a container the paths in /proc/self/cgroup can be the host's, the mount the container's own:
    folders that are not there simply hold no limit, and the mount's root is always among them.
    """
    mounts = root / "sys/fs/cgroup"
    for line in groups.splitlines():
        number, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if number == "0" and not names:
            mounted = [mounts, mounts / "unified"]
        elif controller in names.split(","):
            mounted = [mounts / names, mounts / controller]
        else:
            continue
        parts = [part for part in PurePosixPath(path).parts if part not in ("/", "..")]
        for mount in mounted:
            for depth in range(len(parts), -1, -1):
                yield mount.joinpath(*parts[:depth])
