"""The devices that can draw: NVIDIA's by their own tool or driver, the others by the kernel's DRM cards."""

import re
import shutil
import subprocess
from pathlib import Path

from engine.machine.files import children, clean, fields, parse_int, read_text
from engine.machine.records import Gpu

QUERY = ("--query-gpu=name,driver_version,memory.total,pci.bus_id", "--format=csv,noheader,nounits")
QUERY_LIMIT_S = 5.0
VENDORS = {
    "0x1002": "AMD",
    "0x106b": "Apple",
    "0x10de": "NVIDIA",
    "0x1414": "Microsoft",
    "0x15ad": "VMware",
    "0x1af4": "virtio",
    "0x8086": "Intel",
}


def read_gpus(root: Path = Path("/")) -> tuple[Gpu, ...]:
    """List the GPUs. Takes up to 5 s where `nvidia-smi` hangs; without it, a few milliseconds."""
    nvidia_smi = shutil.which("nvidia-smi") if root == Path("/") else None
    nvidia = parse_nvidia_smi(ask_nvidia_smi(nvidia_smi)) if nvidia_smi else ()
    nvidia = nvidia or read_nvidia_driver(root)
    # A container sees all of its host's cards in /sys, and can use only those that NVIDIA's driver lists.
    cards = (card for card in read_drm_cards(root) if not (nvidia and card.driver.startswith("nvidia")))
    return (*nvidia, *cards)


def ask_nvidia_smi(command: str, limit_s: float = QUERY_LIMIT_S) -> str:
    """Return what `nvidia-smi` prints for the query, or "" when it fails or takes longer than `limit_s`."""
    try:
        process = subprocess.Popen(
            [command, *QUERY], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return ""
    try:
        output, _ = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        # It is not waited for: a process stuck in a broken driver does not die of a kill.
        process.kill()
        return ""
    return output.decode("utf-8", "replace") if process.returncode == 0 else ""


def parse_nvidia_smi(output: str) -> tuple[Gpu, ...]:
    """Read the query's lines, `name, driver, MiB, PCI address`; what is no such line is skipped."""
    gpus = []
    for line in output.splitlines():
        values = [clean(value) for value in line.rsplit(",", 3)]
        if len(values) == 4:
            name, driver, memory_mib, pci = values
            gpus.append(
                Gpu(
                    name=name,
                    driver=f"nvidia {driver}",
                    memory_mib=parse_int(memory_mib) or 0,  # "[N/A]" where memory is shared with the CPU
                    pci=pci_address(pci),
                )
            )
    return tuple(gpus)


def pci_address(text: str) -> str:
    """Write a PCI address the kernel's way: NVIDIA's eight digits of domain become four."""
    return re.sub(r"^0000([0-9a-f]{4}:)", r"\1", text.lower())


def read_nvidia_driver(root: Path) -> tuple[Gpu, ...]:
    """List the GPUs in /proc/driver/nvidia, which tells no memory size."""
    folder = root / "proc/driver/nvidia"
    version = re.search(r"\s(\d{3,}(?:\.\d+)+)\s", read_text(folder / "version"))
    driver = f"nvidia {version[1]}" if version else "nvidia"
    gpus = []
    for gpu in children(folder / "gpus", ".*"):
        facts = fields(read_text(gpu / "information"))
        pci = pci_address(facts.get("Bus Location", gpu.name))
        gpus.append(Gpu(name=facts.get("Model", "NVIDIA"), driver=driver, memory_mib=0, pci=pci))
    return tuple(gpus)


def read_drm_cards(root: Path) -> tuple[Gpu, ...]:
    """List the kernel's graphics cards that have a render node; one without only shows pixels."""
    gpus = []
    for card in children(root / "sys/class/drm", r"card\d+"):
        device = card / "device"
        if not children(device / "drm", r"renderD\d+"):
            continue
        facts = fields(read_text(device / "uevent"), "=")
        vendor, model = read_text(device / "vendor"), read_text(device / "device")
        known = " ".join(part for part in (VENDORS.get(vendor, ""), f"{vendor}:{model}".strip(":")) if part)
        gpus.append(
            Gpu(
                name=known or card.name,
                driver=facts.get("DRIVER", "") or driver_link(device / "driver"),
                memory_mib=(parse_int(read_text(device / "mem_info_vram_total")) or 0) >> 20,
                pci=facts.get("PCI_SLOT_NAME", ""),
            )
        )
    return tuple(gpus)


def driver_link(link: Path) -> str:
    """Return the name of the driver that a device's link points to, or ""."""
    try:
        return clean(link.readlink().name)
    except OSError:
        return ""
