"""Whether a picture fits into main memory, where a rasterizer on the CPU keeps it."""

from engine.backends.base import OutOfMemoryError
from engine.machine.free_memory import free_bytes

_COLOUR_AND_DEPTH_BYTES = 12
"""RGBA in 32 bits, depth in 32 and its stencil padded to 32: what MuJoCo asks OpenGL for."""
_COPIES_BYTES = 6
"""The pixels as they are read, and with the top row first."""
_OSMESA_BYTES = 16
"""OSMesa's own buffer: RGBA as 32-bit floats."""
_MIB = 2**20
_SPARE = 0.9


def check_memory(backend: str, width: int, height: int, samples: int) -> None:
    """Look whether main memory has room for the framebuffers of a software renderer.

    Raises:
        OutOfMemoryError: it has not; the kernel would end this process, or a better one.
    """
    per_pixel = _COLOUR_AND_DEPTH_BYTES * ((samples + 1) if samples else 1) + _COPIES_BYTES
    if backend == "osmesa":
        per_pixel += _OSMESA_BYTES
    needed = width * height * per_pixel
    free = free_bytes()
    if needed > _SPARE * free:
        raise OutOfMemoryError(
            f"{width}x{height} with {max(1, samples)} samples a pixel takes {needed // _MIB} MiB of main "
            f"memory on {backend} without a GPU, and {free // _MIB} MiB are free",
            smaller_picture(samples),
        )


def smaller_picture(samples: int) -> str:
    """What a person can do where a picture of so many samples a pixel does not fit."""
    return "choose a smaller resolution" + (", or the effects 'bare': one sample a pixel" if samples else "")
