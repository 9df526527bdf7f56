"""Processors and memory, from /proc and /sys."""

import os
import re
from pathlib import Path

from engine.machine.files import children, fields, parse_int, read_int, read_text
from engine.machine.records import Cpu, Memory

CPU_FOLDER = "sys/devices/system/cpu"

# ARM kernels give no model name, only (implementer, part).
ARM_PARTS = {
    ("0x41", "0xd08"): "ARM Cortex-A72",
    ("0x41", "0xd0b"): "ARM Cortex-A76",
    ("0x41", "0xd0c"): "ARM Neoverse-N1",
    ("0x41", "0xd40"): "ARM Neoverse-V1",
    ("0x41", "0xd49"): "ARM Neoverse-N2",
    ("0x41", "0xd4f"): "ARM Neoverse-V2",
    ("0xc0", "0xac3"): "Ampere-1",
    ("0xc0", "0xac4"): "Ampere-1a",
}


def read_cpu(root: Path = Path("/")) -> Cpu:
    """Describe the processors of the machine whose file tree begins at `root`."""
    cpuinfo = read_text(root / "proc/cpuinfo")
    logical = logical_count(cpuinfo) or os.cpu_count() or 0
    return Cpu(
        model=cpu_model(cpuinfo) or read_text(root / "proc/device-tree/model"),
        physical=physical_count(root, cpuinfo),
        logical=logical,
        usable=usable_count() or logical,
        governors=read_governors(root),
        max_frequency_mhz=read_max_frequency_mhz(root),
    )


def cpu_model(cpuinfo: str) -> str:
    """Return the processor's name from the text of /proc/cpuinfo, or ""."""
    found = fields(cpuinfo)
    name = found.get("model name") or found.get("Model") or found.get("Processor") or found.get("cpu") or ""
    if name:
        return " ".join(name.split())
    implementer, part = found.get("CPU implementer", "").lower(), found.get("CPU part", "").lower()
    if not part:
        return ""
    return ARM_PARTS.get((implementer, part), f"ARM implementer {implementer} part {part}")


def logical_count(cpuinfo: str) -> int:
    """Return how many processors /proc/cpuinfo lists."""
    return len(re.findall(r"^processor\s*:\s*\d+\s*$", cpuinfo, re.MULTILINE))


def physical_count(root: Path, cpuinfo: str) -> int:
    """Return the number of cores, or 0 when neither /sys nor /proc tells.

    Every thread of a core lists the same siblings, so distinct lists are cores.
    """
    cores = set()
    for cpu in children(root / CPU_FOLDER, r"cpu\d+"):
        siblings = read_text(cpu / "topology/core_cpus_list") or read_text(
            cpu / "topology/thread_siblings_list"
        )
        cores.add(siblings)
    cores.discard("")
    if cores:
        return len(cores)
    listed = [fields(processor) for processor in cpuinfo.split("\n\n")]
    return len({(facts.get("physical id"), facts["core id"]) for facts in listed if "core id" in facts})


def usable_count() -> int:
    """Return how many processors this process may run on, or 0 when unknown."""
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return 0


def read_governors(root: Path) -> tuple[str, ...]:
    """Return the distinct frequency governors, sorted."""
    policies = children(root / CPU_FOLDER / "cpufreq", r"policy\d+")
    governors = {read_text(policy / "scaling_governor") for policy in policies}
    return tuple(sorted(governors - {""}))


def read_max_frequency_mhz(root: Path) -> int:
    """Return the highest frequency that any processor can be set to, or 0."""
    policies = children(root / CPU_FOLDER / "cpufreq", r"policy\d+")
    khz = max((read_int(policy / "cpuinfo_max_freq") or 0 for policy in policies), default=0)
    return khz // 1000


def read_memory(root: Path = Path("/")) -> Memory:
    """Read /proc/meminfo, whose kB are KiB."""
    meminfo = fields(read_text(root / "proc/meminfo"))

    def mib(name: str) -> int:
        return (parse_int(meminfo.get(name, "").removesuffix("kB")) or 0) // 1024

    return Memory(total_mib=mib("MemTotal"), available_mib=mib("MemAvailable") or mib("MemFree"))
