"""What the name of a renderer tells."""

import re

_MESA_SOFTWARE = re.compile(r"llvmpipe|softpipe|lavapipe", re.I)
_SOFTWARE = re.compile(
    r"llvmpipe|softpipe|swrast|swiftshader|lavapipe|software rasterizer|microsoft basic", re.I
)


def is_software(renderer: str) -> bool:
    """Tell whether a GL_RENDERER or device name is a rasterizer on the processor."""
    return _SOFTWARE.search(renderer) is not None


def is_mesa_software(renderer: str) -> bool:
    """Tell whether it is one of Mesa's rasterizers, which share the processors by `LP_NUM_THREADS`."""
    return _MESA_SOFTWARE.search(renderer) is not None
