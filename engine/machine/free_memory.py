"""How much memory a process may still take: of the machine, of its control groups, of its own limit."""

from collections.abc import Iterator
from pathlib import Path

from engine.machine.container import group_folders
from engine.machine.files import fields, parse_int, read_int, read_text

_NO_LIMIT = 1 << 60
"""v1 says "no limit" with the largest number of pages that fits 63 bits."""


def free_bytes(root: Path = Path("/")) -> int:
    """The least of what the machine, the control groups and the address space have left, in bytes."""
    import psutil

    groups = read_text(root / "proc/self/cgroup")
    machine = psutil.virtual_memory().available
    return max(0, min((machine, *_groups_free(root, groups), *_addresses_free())))


def _groups_free(root: Path, groups: str) -> Iterator[int]:
    """What each control group has left that has a limit; pages that the kernel can drop are counted free."""
    for folder in group_folders(root, groups, "memory"):
        for limit_file, used_file, droppable in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            limit, used = read_int(folder / limit_file), read_int(folder / used_file)
            if limit is None or used is None or not 0 < limit < _NO_LIMIT:
                continue
            dropped = parse_int(fields(read_text(folder / "memory.stat"), " ").get(droppable, ""))
            yield limit - used + (dropped or 0)


def _addresses_free() -> Iterator[int]:
    import resource

    import psutil

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        yield limit - psutil.Process().memory_info().vms
