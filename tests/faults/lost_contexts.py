"""Backends whose OpenGL goes away in the middle of the frames, as a package beside mjbench-tui.

Each draws with the real EGL, and does in one of its frames what its name says.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable

# As the engine does for EGL's own: MuJoCo reads it when it is imported.
os.environ["MUJOCO_GL"] = "egl"

from mujoco.egl import egl_ext
from OpenGL import GL

from engine.backends.classic import ClassicBackend

LOST_IN_FRAME = 6
_ARRAY_BUFFER, _STATIC_DRAW = 0x8892, 0x88E4


def _let_go() -> None:
    from mujoco import egl

    nothing = egl_ext.EGL_NO_SURFACE
    egl_ext.eglMakeCurrent(egl.EGL_DISPLAY, nothing, nothing, egl_ext.EGL_NO_CONTEXT)


def _delete_framebuffer() -> None:
    GL.glDeleteFramebuffers(1, [GL.glGetIntegerv(GL.GL_DRAW_FRAMEBUFFER_BINDING)])


def _fill_memory() -> None:
    """Ask for more than there is; not through PyOpenGL, which would take the error away and raise."""
    address = egl_ext.eglGetProcAddress("glBufferData")
    put = ctypes.CFUNCTYPE(None, ctypes.c_uint, ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_uint)(address)
    GL.glBindBuffer(_ARRAY_BUFFER, GL.glGenBuffers(1))
    put(_ARRAY_BUFFER, 1 << 46, None, _STATIC_DRAW)
    bind = ctypes.CFUNCTYPE(None, ctypes.c_uint, ctypes.c_uint)(egl_ext.eglGetProcAddress("glBindBuffer"))
    bind(_ARRAY_BUFFER, 0)


LOSSES: dict[str, Callable[[], None]] = {
    "let-go": _let_go,
    "no-framebuffer": _delete_framebuffer,
    "no-memory": _fill_memory,
}


class Losing(ClassicBackend):
    """Draws until a frame in which it loses what it draws with."""

    def __init__(self, lose: Callable[[], None]) -> None:
        super().__init__("egl")
        self._lose = lose
        self._frames = 0

    def render(self) -> None:
        self._frames += 1
        if self._frames == LOST_IN_FRAME:
            self._lose()
        super().render()


def create(name: str) -> Losing:
    """Make the backend that loses what its name says."""
    return Losing(LOSSES[name])
