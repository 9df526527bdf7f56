"""Which OpenGL driver really draws."""

from engine.backends.base import BackendError
from engine.backends.names import is_software
from engine.messages import RendererIdentity


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
