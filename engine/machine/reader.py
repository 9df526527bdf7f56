"""Reading the whole machine at once."""

import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path

from engine.machine.container import read_container, read_virtualization
from engine.machine.cpu import read_cpu, read_memory
from engine.machine.files import clean, fields, read_text
from engine.machine.gpu import read_gpus
from engine.machine.records import Machine
from engine.machine.software import ADDRESS, read_environment, read_versions


def read_machine(root: Path = Path("/"), environment: Mapping[str, str] | None = None) -> Machine:
    """Describe this machine as it is now; what cannot be read is 0, "" or empty, and nothing is raised.

    Takes some 50 ms, or up to 5 s more where `nvidia-smi` is installed.

    Args:
        root: where the file tree begins whose /proc, /sys and /etc are read.
        environment: the variables to look at; those of this process by default.
    """
    variables = os.environ if environment is None else environment
    names = os.uname()
    memory = read_memory(root)
    return Machine(
        hostname=short_host_name(names.nodename),
        architecture=names.machine,
        os=read_os_name(root),
        kernel=clean(names.release),
        uptime_s=read_uptime_s(root),
        load_average=read_load_average(root),
        cpu=read_cpu(root),
        memory=memory,
        virtualization=read_virtualization(root),
        container=read_container(root, variables, memory.total_mib),
        gpus=read_gpus(root),
        versions=read_versions(root),
        environment=read_environment(variables, variables.get("HOME", "")),
    )


def short_host_name(name: str) -> str:
    """Return the host's name without its domain; an address in it ("ip-10-0-0-7") becomes "x"."""
    return ADDRESS.sub("x", clean(name)).partition(".")[0]


def read_os_name(root: Path) -> str:
    """Return the distribution's name for people, or the kernel's name."""
    release = read_text(root / "etc/os-release") or read_text(root / "usr/lib/os-release")
    return fields(release, "=").get("PRETTY_NAME", "").strip("\"'") or platform.system()


def read_uptime_s(root: Path) -> float:
    """Return the seconds since the machine was started, or 0.0."""
    return next(iter(decimals(read_text(root / "proc/uptime"))), 0.0)


def read_load_average(root: Path) -> tuple[float, ...]:
    """Return the mean number of runnable processes over 1, 5 and 15 minutes, or nothing."""
    loads = decimals(read_text(root / "proc/loadavg"))[:3]
    return loads if len(loads) == 3 else ()


def decimals(text: str) -> tuple[float, ...]:
    """Return the plain decimal numbers with which a text begins."""
    values = []
    for word in text.split():
        if not re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", word):
            break
        values.append(float(word))
    return tuple(values)
