"""Findings about what would spoil a measurement."""

from __future__ import annotations

import math
from collections.abc import Iterator

from engine.doctor.facts import Facts, is_on_processor
from engine.doctor.findings import Finding, Level
from engine.doctor.packages import as_root

_BUSY_PERCENT = 10
_STOLEN_SHARE = 0.02
_LITTLE_MEMORY_MIB = 1024
_LITTLE_DEVICE_MEMORY = 0.1
_NO_THREADS = "LP_NUM_THREADS"


def find_measuring(facts: Facts) -> Iterator[Finding]:
    """Yield what would make figures worse, or another machine's."""
    found = [
        *_load(facts),
        *_governors(facts),
        *_stolen(facts),
        *_heat(facts),
        *_limits(facts),
        *_threads(facts),
        *_memory(facts),
        *_busy_gpus(facts),
    ]
    yield from found
    if not found:
        yield Finding(
            id="undisturbed",
            level=Level.OK,
            what="nothing was found that would spoil a measurement",
        )
    yield from _models(facts)


def _warn(name: str, what: str, fix: str) -> Finding:
    return Finding(id=name, level=Level.WARN, what=what, fix=fix)


def idle_load(cpus: int) -> float:
    """The mean number of running programs up to which a machine counts as idle."""
    return max(0.7, 0.2 * cpus)


def _load(facts: Facts) -> Iterator[Finding]:
    load = facts.machine.load_average[:1]
    cpus = facts.machine.cpu.usable
    if load and load[0] > idle_load(cpus):
        yield _warn(
            "load",
            f"the processors are not idle: {load[0]:.1f} programs ran at a time in the last minute, "
            f"on {cpus} processors",
            f"end other programs, or wait until `uptime` shows a load below {idle_load(cpus):.1f}",
        )


def _governors(facts: Facts) -> Iterator[Finding]:
    slow = [name for name in facts.machine.cpu.governors if name != "performance"]
    if slow:
        yield _warn(
            "governor",
            f"the processors change their frequency as they like (governor {', '.join(slow)})",
            as_root(facts.system, "cpupower frequency-set -g performance")
            + ("; in a container: on the host" if facts.machine.container.kind else ""),
        )


def _stolen(facts: Facts) -> Iterator[Finding]:
    share = facts.disturbances.stolen_share
    if share is not None and share > _STOLEN_SHARE:
        yield _warn(
            "stolen-time",
            f"the hypervisor gave {share:.0%} of the processors' time to other guests since the start",
            "measure on a machine with processors of its own (dedicated CPU)",
        )


def _heat(facts: Facts) -> Iterator[Finding]:
    count = facts.disturbances.heat_throttles
    if count:
        yield _warn(
            "heat",
            f"a processor was slowed down by heat {count} times since the start",
            "look after its cooling, and compare the first trials of a run with its last",
        )


def _limits(facts: Facts) -> Iterator[Finding]:
    cpu, container, waits = facts.machine.cpu, facts.machine.container, facts.disturbances.quota_waits
    if container.cpus is not None:
        waited = f", and it has waited {waits} times for more" if waits else ""
        yield _warn(
            "cpu-quota",
            f"a limit allows {container.cpus:g} of {cpu.logical} processors' time: frames stall when it is "
            f"used up{waited}",
            "start it without a limit of processor time; to give it fewer processors, use --cpuset-cpus",
        )
    if 0 < cpu.usable < cpu.logical:
        yield _warn(
            "affinity",
            f"this process may use {cpu.usable} of {cpu.logical} processors",
            "where that is not meant, start it without taskset, --cpuset-cpus or a scheduler's limit",
        )


def _threads(facts: Facts) -> Iterator[Finding]:
    """How many threads Mesa's rasterizer draws with, where it draws."""
    names = [
        status.backend
        for status in facts.backends
        if is_on_processor(status) and status.renderer is not None and "llvmpipe" in status.renderer.renderer
    ]
    if not names:
        return
    cpus, quota = facts.machine.cpu.usable, facts.machine.container.cpus
    threads = facts.machine.environment.get(_NO_THREADS)
    if threads is not None:
        if threads != str(cpus):
            yield _warn(
                "threads",
                f"{_NO_THREADS}={threads} decides how many threads draw on {', '.join(names)}, for "
                f"{cpus} processors",
                f"unset {_NO_THREADS}, unless that is what you measure",
            )
    elif quota is not None and quota < cpus:
        yield _warn(
            "threads",
            f"Mesa's rasterizer draws with a thread for each of {cpus} processors, and a limit allows "
            f"{quota:g} processors' time",
            f"export {_NO_THREADS}={max(1, math.floor(quota))}",
        )


def _memory(facts: Facts) -> Iterator[Finding]:
    memory = facts.machine.memory
    if memory.total_mib and memory.available_mib < _LITTLE_MEMORY_MIB:
        yield _warn(
            "memory",
            f"only {memory.available_mib} MiB of {memory.total_mib} MiB main memory are free",
            "end other programs, or measure small resolutions only",
        )


def _busy_gpus(facts: Facts) -> Iterator[Finding]:
    for gpu in facts.nvidia.nvidia:
        name = f"GPU {gpu.index} ({gpu.name})"
        if gpu.busy_percent is not None and gpu.busy_percent >= _BUSY_PERCENT:
            others = f" by {gpu.processes} programs" if gpu.processes else ""
            yield _warn(
                "gpu-busy",
                f"{name} is {gpu.busy_percent}% busy{others}",
                "end what nvidia-smi lists, or draw on another GPU",
            )
        total, used = gpu.memory_total_mib, gpu.memory_used_mib
        if total and used is not None and total - used < _LITTLE_DEVICE_MEMORY * total:
            yield _warn(
                "gpu-memory",
                f"only {total - used} MiB of {total} MiB are free on {name}",
                "end what nvidia-smi lists, or draw on another GPU",
            )
        if gpu.slowed_by:
            yield _warn(
                "gpu-slowed",
                f"{name} is slowed down now by {' and '.join(gpu.slowed_by)}",
                "see `nvidia-smi -q -d PERFORMANCE`, and measure when it is not",
            )


def _models(facts: Facts) -> Iterator[Finding]:
    models = facts.models
    if models.reason:
        yield _warn(
            "models",
            f"Menagerie's models cannot be looked for: {models.reason}",
            "export MENAGERIE_CACHE_DIR with a folder that can be written, or install mujoco-menagerie again",
        )
    elif models.missing:
        names = ", ".join(models.missing)
        fix = (
            f"put {names} into the folder that MENAGERIE_ROOT names, or unset it"
            if models.is_fixed
            else "mjbench-tui assets fetch"
        )
        yield _warn("models", f"built-in scenes lack {names} of Menagerie", fix)
