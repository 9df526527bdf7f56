"""What the OpenGL context that is current can draw, and whether it is still there after the frames."""

from __future__ import annotations

import mujoco

from engine.backends.base import BackendError, DeviceLostError, OutOfMemoryError
from engine.backends.memory import smaller_picture
from engine.messages import MORE_MEMORY

_OUT_OF_MEMORY = 0x0505
_NO_RESULT = {0x0506: "its framebuffer is not whole any more", 0x0507: "the driver has given it up"}
"""Errors after which what is drawn goes nowhere: GL_INVALID_FRAMEBUFFER_OPERATION and GL_CONTEXT_LOST."""
_MOST_ERRORS = 16
"""A context that is lost may answer with an error for ever."""


def check_size(backend: str, width: int, height: int) -> None:
    """Look whether a framebuffer of this size can be drawn into.

    Raises:
        BackendError: it is larger than the driver allows.
    """
    from OpenGL import GL

    side = int(GL.glGetIntegerv(GL.GL_MAX_RENDERBUFFER_SIZE))
    columns, rows = (min(side, int(most)) for most in GL.glGetIntegerv(GL.GL_MAX_VIEWPORT_DIMS))
    if width > columns or height > rows:
        raise too_large(backend, (columns, rows), (width, height))


def too_large(backend: str, most: tuple[int, int], asked: tuple[int, int]) -> BackendError:
    """Say that a picture is larger than a driver draws; both are width and height."""
    return BackendError(
        f"{backend} draws at most {most[0]}x{most[1]} here, not {asked[0]}x{asked[1]}",
        "choose a smaller resolution",
    )


def no_room(backend: str, width: int, height: int, samples: int, error: Exception) -> Exception:
    """What it means that MuJoCo makes no context on a driver that has drawn a small picture.

    Drivers do not say that memory is short: the framebuffer is not complete then, whatever its size.
    """
    said = " ".join(str(error).split())
    if "framebuffer" not in said.lower():
        return error
    many = f" with {samples} samples a pixel" if samples else ""
    return OutOfMemoryError(
        f"{backend} has no room for a framebuffer of {width}x{height}{many} here ({said})",
        smaller_picture(samples),
    )


def check_alive(backend: str) -> None:
    """Look whether the frames that were drawn went anywhere.

    OpenGL raises nothing in a frame: calls to a context that is gone do nothing, and do that very quickly.

    Raises:
        DeviceLostError: the context is gone.
        OutOfMemoryError: memory ran out while frames were drawn: what they show is not defined.
    """
    from OpenGL import GL

    # Errors first, by MuJoCo: PyOpenGL would raise the first that it meets.
    for _ in range(_MOST_ERRORS):
        error = mujoco.mjr_getError()
        if not error:
            break
        if error == _OUT_OF_MEMORY:
            raise OutOfMemoryError(f"OpenGL ran out of memory while {backend} drew frames", MORE_MEMORY)
        if error in _NO_RESULT:
            raise DeviceLostError(f"{backend} lost its OpenGL context while it drew: {_NO_RESULT[error]}")
    if not GL.glGetString(GL.GL_VERSION):
        raise DeviceLostError(f"{backend} lost its OpenGL context while it drew: it does not answer any more")
