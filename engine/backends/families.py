"""Which backends are one renderer under several names: they can and cannot do the same."""

from enum import StrEnum


class Family(StrEnum):
    """Backends that are one renderer, and so can make the same changes."""

    CLASSIC = "classic"
    FILAMENT = "filament"
    MJWARP = "mjwarp"
    MADRONA = "madrona"
    OTHER = "other"
    """From another package: it is given the changed model, and what it makes of that is its own affair."""


_FAMILIES = {
    "egl": Family.CLASSIC,
    "osmesa": Family.CLASSIC,
    "glfw": Family.CLASSIC,
    "filament-vulkan": Family.FILAMENT,
    "filament-opengl": Family.FILAMENT,
    "mjwarp": Family.MJWARP,
    "madrona-raster": Family.MADRONA,
    "madrona-raytrace": Family.MADRONA,
}


def family_of(backend: str) -> Family:
    """The family that a backend belongs to."""
    return _FAMILIES.get(backend, Family.OTHER)
