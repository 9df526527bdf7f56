"""The page of `doctor`: sections of labelled lines that fit 80 columns and need no colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from engine.doctor.devices import DeviceList, EglDevice, NvidiaDevice, VulkanDevice
from engine.doctor.facts import Facts, is_on_processor
from engine.doctor.findings import Finding, Level
from engine.preflight import BackendStatus
from tui.output.tables import plain
from tui.terminal import Terminal, describe_terminal, find_terminal
from tui.text import counted, padded, printable

if TYPE_CHECKING:
    from rich.console import Console

_LABEL_COLUMNS = 17
_MARK_COLUMNS = 10
_MOST_EGL_DEVICES = 10
"""So many devices MuJoCo looks at."""
_STYLES = {
    "ok": "green",
    "works": "green",
    "warn": "yellow",
    "SOFTWARE": "bold yellow",
    "PROBLEM": "bold red",
}
_STYLES |= {"missing": "red"}


class Line(NamedTuple):
    """One fact: its label, a word that may have a colour, and the text, which may be long."""

    label: str
    text: str
    mark: str = ""


def print_page(screen: Console, facts: Facts, findings: tuple[Finding, ...], terminal: Terminal) -> None:
    """Print the sections one below the other."""
    sections = {
        "Machine": machine_lines(facts),
        "Backends": backend_lines(facts),
        "Devices": device_lines(facts),
        "Findings": finding_lines(findings),
        "Terminal": terminal_lines(terminal),
    }
    for number, (title, lines) in enumerate(sections.items()):
        if number:
            screen.print()
        screen.print(plain(title), style="bold")
        for line in lines:
            _print_line(screen, line)


def _print_line(screen: Console, line: Line) -> None:
    """Print a line; on a terminal its text is wrapped beside the label, elsewhere it stays whole."""
    from rich.text import Text

    label = f"  {padded(printable(line.label), _LABEL_COLUMNS)}"
    text = Text()
    if line.mark:
        text.append(f"{line.mark:<{_MARK_COLUMNS}}", style=_STYLES.get(line.mark, ""))
    text.append_text(plain(line.text))
    room = screen.width - len(label)
    parts = text.wrap(screen, room) if screen.is_terminal and room > 20 else [text]
    for number, part in enumerate(parts):
        part.rstrip()
        start = Text(" " * len(label)) if number else Text(label, style=_STYLES.get(line.label, ""))
        screen.print(start + part, soft_wrap=True)


def machine_lines(facts: Facts) -> Iterator[Line]:
    """What machine this is."""
    machine = facts.machine
    cpu, container, virtual = machine.cpu, machine.container, machine.virtualization
    yield Line("system", f"{machine.os}, Linux {machine.kernel}, {machine.architecture}")
    processors = f"{cpu.usable} of {cpu.logical} processors usable"
    governor = f", governor {', '.join(cpu.governors)}" if cpu.governors else ""
    yield Line("processor", f"{cpu.model or 'unknown'}, {processors}{governor}")
    load = f", load {machine.load_average[0]:.2f}" if machine.load_average else ""
    yield Line(
        "memory",
        f"{machine.memory.total_mib} MiB, {machine.memory.available_mib} MiB of them free{load}",
    )
    if virtual.hypervisor:
        made = " ".join(part for part in (virtual.vendor, virtual.product) if part)
        yield Line("virtual machine", made or "yes")
    if container.kind or container.cpus is not None or container.memory_mib is not None:
        limits = [] if container.cpus is None else [f"{container.cpus:g} processors' time"]
        limits += [] if container.memory_mib is None else [f"{container.memory_mib} MiB"]
        limited = f"limited to {' and '.join(limits)}" if limits else "without limits"
        yield Line("container", f"{container.kind or 'a control group'}, {limited}")
    for gpu in machine.gpus:
        parts = (gpu.driver, f"{gpu.memory_mib} MiB" if gpu.memory_mib else "", gpu.pci)
        yield Line("GPU", ", ".join(part for part in (gpu.name, *parts) if part))
    for found in facts.files.pci_gpus:
        if found.pci not in {gpu.pci for gpu in machine.gpus}:
            yield Line("GPU", f"{found.vendor} {found.pci}, {found.driver or 'without a driver'}")
    if not machine.gpus and not facts.files.pci_gpus:
        yield Line("GPU", "none")
    yield Line("versions", ", ".join(f"{name} {version}" for name, version in machine.versions.items()))
    variables = " ".join(f"{name}={value}" for name, value in machine.environment.items())
    yield Line("variables", variables or "none that change how a frame is drawn")
    models = facts.models
    place = "where MENAGERIE_ROOT says" if models.is_fixed else "in the cache"
    known = models.reason or f"{models.here} of {counted(models.known, 'model')} {place}"
    yield Line("Menagerie", known)


def backend_lines(facts: Facts) -> Iterator[Line]:
    """Every backend: whether it works, on what it draws or why not, and what to do."""
    for status in facts.backends:
        yield Line(status.backend, _backend_text(status), _backend_mark(status))
        if not status.works and status.fix:
            yield Line("", f"fix: {status.fix}")


def _backend_mark(status: BackendStatus) -> str:
    if not status.works:
        return "missing"
    return "SOFTWARE" if is_on_processor(status) else "works"


def _backend_text(status: BackendStatus) -> str:
    if not status.works or status.renderer is None:
        return status.reason
    return ", ".join(part for part in (status.renderer.renderer, status.renderer.version) if part)


def device_lines(facts: Facts) -> Iterator[Line]:
    """What each graphics library lists."""
    for egl in facts.egl.egl:
        yield Line(f"EGL {egl.index}", _egl_text(egl))
    yield from _reason_lines("EGL", facts.egl)
    for vulkan in facts.vulkan.vulkan:
        yield Line(f"Vulkan {vulkan.index}", _vulkan_text(vulkan))
    yield from _reason_lines("Vulkan", facts.vulkan)
    for nvidia in facts.nvidia.nvidia:
        yield Line(f"NVIDIA {nvidia.index}", _nvidia_text(nvidia))
    yield from _reason_lines("NVIDIA", facts.nvidia)
    limits = next((egl.limits for egl in facts.egl.egl if egl.is_default and egl.limits), None)
    if limits is not None:
        size = f"{limits.width}x{limits.height} pixels and {counted(limits.samples, 'sample')} a pixel"
        yield Line("framebuffer", f"up to {size} on egl")
    nodes = [node.path + ("" if node.is_accessible else " (closed)") for node in facts.files.nodes]
    yield Line("device files", " ".join(nodes) or "none in /dev/dri, no /dev/nvidia*")


def _reason_lines(label: str, listed: DeviceList) -> Iterator[Line]:
    if listed.reason:
        yield Line(label, listed.reason, "missing")
        if listed.fix:
            yield Line("", f"fix: {listed.fix}")


def _egl_text(device: EglDevice) -> str:
    if device.renderer:
        name = device.renderer
    elif device.reason:
        name = f"no context: {device.reason}"
    else:
        name = "no context was tried"
    cuda = f"CUDA {device.cuda}" if device.cuda is not None else ""
    default = "MuJoCo draws here" if device.is_default else ""
    unseen = "MuJoCo does not look so far" if device.index >= _MOST_EGL_DEVICES else ""
    processor = "the processor" if device.software or (device.rasterizer and not device.renderer) else ""
    parts = (name, processor, cuda, device.pci, device.file, default, unseen)
    return ", ".join(part for part in parts if part)


def _vulkan_text(device: VulkanDevice) -> str:
    kind = "the processor" if device.software else device.kind
    return f"{device.name}, {kind}, Vulkan {device.api}, driver {device.driver}"


def _nvidia_text(device: NvidiaDevice) -> str:
    busy = f"{device.busy_percent}% busy" if device.busy_percent is not None else ""
    memory = ""
    if device.memory_used_mib is not None and device.memory_total_mib:
        memory = f"{device.memory_used_mib} of {device.memory_total_mib} MiB used"
    programs = counted(device.processes, "program") if device.processes else ""
    slowed = f"slowed by {' and '.join(device.slowed_by)}" if device.slowed_by else ""
    split = "in MIG mode" if device.is_split else ""
    parts = (device.name, device.pci, busy, memory, programs, slowed, split)
    return ", ".join(part for part in parts if part)


def terminal_lines(terminal: Terminal) -> Iterator[Line]:
    """What the terminal shows, and what a person would miss in it."""
    yield Line("terminal", describe_terminal(terminal))
    yield from finding_lines(find_terminal(terminal))


def finding_lines(findings: tuple[Finding, ...]) -> Iterator[Line]:
    """What was found out, and what to do about it."""
    for finding in findings:
        mark = "PROBLEM" if finding.level is Level.PROBLEM else str(finding.level)
        yield Line(mark, finding.what)
        if finding.fix:
            yield Line("", f"fix: {finding.fix}")
