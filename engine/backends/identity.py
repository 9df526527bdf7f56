"""Which OpenGL driver really draws."""

import re

from engine.backends.base import BackendError
from engine.messages import RendererIdentity

_SOFTWARE = re.compile(
    r"llvmpipe|softpipe|swrast|swiftshader|lavapipe|software rasterizer|microsoft basic", re.I
)


def is_software(renderer: str) -> bool:
    """Tell whether a GL_RENDERER or device name is a rasterizer on the CPU."""
    return _SOFTWARE.search(renderer) is not None


def gl_identity(backend: str) -> RendererIdentity:
    """Ask the current OpenGL context who it is.

    Raises:
        BackendError: the context does not answer.
    """
    from OpenGL import GL

    strings = [GL.glGetString(name) for name in (GL.GL_VENDOR, GL.GL_RENDERER, GL.GL_VERSION)]
    if not all(strings):
        raise BackendError(f"the OpenGL context of {backend} does not say which driver it is")
    vendor, renderer, version = (text.decode("utf-8", "replace") for text in strings)
    return RendererIdentity(vendor=vendor, renderer=renderer, version=version, software=is_software(renderer))
