"""Which GPUs a machine has, as far as any of the facts shows one."""

from __future__ import annotations

from engine.doctor.facts import Facts
from engine.machine.records import Gpu

# Devices of virtual machines that show pixels, or draw with the host's help at best.
_DISPLAY_DRIVERS = (
    "virtio",
    "vmwgfx",
    "bochs",
    "cirrus",
    "hyperv",
    "vgem",
    "vkms",
    "simpledrm",
    "ast",
    "mgag",
)


def drawing_gpus(facts: Facts) -> tuple[str, ...]:
    """Name the GPUs that could draw, whoever shows them: NVIDIA's driver, the kernel, or the PCI bus."""
    listed = [gpu for gpu in facts.machine.gpus if not gpu.driver.startswith(_DISPLAY_DRIVERS)]
    names = [gpu.name for gpu in listed]
    addresses = {gpu.pci for gpu in listed}
    names += [
        f"{gpu.vendor} {gpu.pci}"
        for gpu in facts.files.pci_gpus
        if gpu.pci not in addresses and not gpu.driver.startswith("vfio")
    ]
    if not names and facts.files.has_node("/dev/dxg"):
        names.append("Windows' GPU")
    return tuple(dict.fromkeys(names))


def is_nvidia(gpu: Gpu) -> bool:
    """Whether NVIDIA's own driver has this GPU."""
    return gpu.driver.startswith("nvidia")


def has_nvidia(facts: Facts) -> bool:
    """Whether NVIDIA's own driver has any GPU here, or the PCI bus shows one that no other driver has."""
    return any(is_nvidia(gpu) for gpu in facts.machine.gpus) or any(
        gpu.vendor == "NVIDIA" and gpu.driver in ("", "nvidia") for gpu in facts.files.pci_gpus
    )


def nvidia_version(facts: Facts) -> str:
    """The version of NVIDIA's driver, or ""."""
    for gpu in facts.machine.gpus:
        if is_nvidia(gpu):
            return gpu.driver.partition(" ")[2]
    return ""
