"""Asking Vulkan for its devices through its loader alone, as `vulkaninfo` is seldom installed."""

from __future__ import annotations

import ctypes
from typing import Any

from engine.backends.base import BackendError
from engine.backends.filament_needs import check_vulkan
from engine.backends.names import is_software
from engine.doctor.devices import VulkanDevice
from engine.machine.files import clean

_LOADER = "libvulkan.so.1"
_STRUCTURE_TYPE_INSTANCE_CREATE_INFO = 1
_SUCCESS, _INCOMPLETE, _INCOMPATIBLE_DRIVER = 0, 5, -9
_KINDS = {1: "integrated GPU", 2: "discrete GPU", 3: "virtual GPU", 4: "processor"}
_NVIDIA = 0x10DE


class _InstanceCreateInfo(ctypes.Structure):
    """VkInstanceCreateInfo, with no application, layer or extension named."""

    _fields_ = (
        ("structure_type", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("application", ctypes.c_void_p),
        ("layer_count", ctypes.c_uint32),
        ("layers", ctypes.c_void_p),
        ("extension_count", ctypes.c_uint32),
        ("extensions", ctypes.c_void_p),
    )


class _Limits(ctypes.Structure):
    """The beginning of VkPhysicalDeviceLimits, aligned to its 64-bit fields, and room for the rest."""

    _fields_ = (
        ("image_side_1d", ctypes.c_uint32),
        ("image_side_2d", ctypes.c_uint32),
        ("rest", ctypes.c_uint64 * 128),
    )


class _Properties(ctypes.Structure):
    """VkPhysicalDeviceProperties; the loader writes 824 bytes of it."""

    _fields_ = (
        ("api_version", ctypes.c_uint32),
        ("driver_version", ctypes.c_uint32),
        ("vendor", ctypes.c_uint32),
        ("device", ctypes.c_uint32),
        ("kind", ctypes.c_int),
        ("name", ctypes.c_char * 256),
        ("pipeline_cache", ctypes.c_uint8 * 16),
        ("limits", _Limits),
    )


def list_vulkan_devices() -> tuple[VulkanDevice, ...]:
    """List the devices in Vulkan's own order.

    Raises:
        BackendError: there is no loader, no driver, or no driver that works.
    """
    check_vulkan("a list of Vulkan devices")
    vulkan = ctypes.CDLL(_LOADER)
    instance = _make_instance(vulkan)
    try:
        handles = _physical_devices(vulkan, instance)
        return tuple(_describe(vulkan, index, handle) for index, handle in enumerate(handles))
    finally:
        vulkan.vkDestroyInstance(instance, None)


def _make_instance(vulkan: Any) -> ctypes.c_void_p:
    wanted = _InstanceCreateInfo(structure_type=_STRUCTURE_TYPE_INSTANCE_CREATE_INFO)
    instance = ctypes.c_void_p()
    result = vulkan.vkCreateInstance(ctypes.byref(wanted), None, ctypes.byref(instance))
    if result == _INCOMPATIBLE_DRIVER:
        raise BackendError(
            "Vulkan's loader finds no driver that works",
            "apt-get install mesa-vulkan-drivers, or the GPU's driver with its Vulkan part",
        )
    if result != _SUCCESS:
        raise BackendError(f"Vulkan gives no instance (VkResult {result})", "update the driver")
    return instance


def _physical_devices(vulkan: Any, instance: ctypes.c_void_p) -> list[ctypes.c_void_p]:
    count = ctypes.c_uint32()
    result = vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), None)
    handles = (ctypes.c_void_p * max(1, count.value))()
    if result == _SUCCESS and count.value:
        result = vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), handles)
    if result not in (_SUCCESS, _INCOMPLETE):
        raise BackendError(f"Vulkan lists no devices (VkResult {result})", "update the driver")
    return [ctypes.c_void_p(handle) for handle in handles[: count.value]]


def _describe(vulkan: Any, index: int, handle: ctypes.c_void_p) -> VulkanDevice:
    properties = _Properties()
    vulkan.vkGetPhysicalDeviceProperties(handle, ctypes.byref(properties))
    name = clean(properties.name.decode("utf-8", "replace"))
    kind = _KINDS.get(properties.kind, "other")
    return VulkanDevice(
        index=index,
        name=name,
        kind=kind,
        api=written_version(properties.api_version),
        driver=written_version(properties.driver_version, properties.vendor),
        image_side=properties.limits.image_side_2d,
        software=kind == "processor" or is_software(name),
    )


def written_version(number: int, vendor: int = 0) -> str:
    """Write a packed version: 10, 10 and 12 bits, as VK_MAKE_VERSION has it; NVIDIA's driver has its own way.

    >>> written_version((1 << 22) | (3 << 12) | 230)
    '1.3.230'
    >>> written_version((570 << 22) | (86 << 14) | (15 << 6), vendor=0x10DE)
    '570.86.15'
    """
    if vendor == _NVIDIA:
        parts = [number >> 22, number >> 14 & 0xFF, number >> 6 & 0xFF, number & 0x3F]
        return ".".join(str(part) for part in (parts if parts[3] else parts[:3]))
    return f"{number >> 22 & 0x7F}.{number >> 12 & 0x3FF}.{number & 0xFFF}"
