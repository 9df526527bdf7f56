"""Asking EGL for its devices, in an engine process started for the backend `egl`."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.backends.diagnosis import explain
from engine.doctor.devices import EglDevice, FramebufferLimits
from engine.machine.files import clean, fields, read_text

MOST_DEVICES = 64

# EGL_EXT_device_query, EGL_EXT_device_drm and EGL_EXT_device_drm_render_node.
_EGL_EXTENSIONS = 0x3055
_EGL_DEVICE_EXT = 0x322C
_EGL_DRM_DEVICE_FILE_EXT = 0x3233
_EGL_DRM_RENDER_NODE_FILE_EXT = 0x3377


def list_egl_devices(root: Path = Path("/")) -> Iterator[EglDevice]:
    """Yield every device as soon as it is known, and each once more with what OpenGL says on it.

    Of a device that comes twice, the second holds all; a driver that brings the process down when a context
    is opened leaves the first.

    Raises:
        BackendError: EGL is not there, or lists no devices.
    """
    try:
        from mujoco.egl import egl_ext

        handles = egl_ext.eglQueryDevicesEXT(MOST_DEVICES)
    except Exception as error:
        raise explain("egl", error) from error
    devices = _described_all(egl_ext, handles, root)
    yield from devices
    default = _default_device(egl_ext)
    for device, handle in zip(devices, handles, strict=True):
        is_default = default is not None and _pointer(handle) == default
        yield msgspec.structs.replace(device, is_default=is_default, **_opened(egl_ext, handle))


def describe_egl_devices() -> tuple[EglDevice, ...]:
    """What each device says of itself without a context, in EGL's own order.

    Raises:
        Exception: EGL is not there, or lists no devices.
    """
    from mujoco.egl import egl_ext

    return tuple(_described_all(egl_ext, egl_ext.eglQueryDevicesEXT(MOST_DEVICES), Path("/")))


def _described_all(egl: Any, handles: Any, root: Path) -> list[EglDevice]:
    return [_described(egl, handle, index, root) for index, handle in enumerate(handles)]


def _pointer(handle: Any) -> int | None:
    return ctypes.cast(handle, ctypes.c_void_p).value


def _described(egl: Any, handle: Any, index: int, root: Path) -> EglDevice:
    """What a device says of itself without a context."""
    try:
        cuda: int | None = egl.eglQueryDeviceAttribEXT(handle, egl.EGL_CUDA_DEVICE_NV)
    except Exception:
        # None of NVIDIA's devices.
        cuda = None
    extensions = _device_string(egl, handle, _EGL_EXTENSIONS).split()
    file = ""
    if "EGL_EXT_device_drm" in extensions:
        file = _device_string(egl, handle, _EGL_DRM_DEVICE_FILE_EXT)
    if not file and "EGL_EXT_device_drm_render_node" in extensions:
        file = _device_string(egl, handle, _EGL_DRM_RENDER_NODE_FILE_EXT)
    egl.eglGetError()  # What was asked in vain must not be taken for the failure of a later call.
    return EglDevice(
        index=index,
        cuda=cuda,
        file=file,
        pci=pci_of_node(root, file),
        rasterizer="EGL_MESA_device_software" in extensions,
    )


def _device_string(egl: Any, handle: Any, name: int) -> str:
    address = egl.eglGetProcAddress("eglQueryDeviceStringEXT")
    if not address:
        return ""
    query = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)(address)
    return clean((query(handle, name) or b"").decode("utf-8", "replace"))


def pci_of_node(root: Path, file: str) -> str:
    """Return the PCI address of the device behind a node such as /dev/dri/card0, or ""."""
    if not file.startswith("/dev/dri/"):
        return ""
    device = root / "sys/class/drm" / Path(file).name / "device"
    return fields(read_text(device / "uevent"), "=").get("PCI_SLOT_NAME", "")


def _default_device(egl: Any) -> int | None:
    """The address of the device that MuJoCo chooses by itself; None where it finds none."""
    try:
        import mujoco
        from mujoco import egl as mujoco_egl

        context = mujoco.GLContext(8, 8)
        address = egl.eglGetProcAddress("eglQueryDisplayAttribEXT")
        query = ctypes.CFUNCTYPE(
            ctypes.c_uint, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_ssize_t)
        )(address)
        value = ctypes.c_ssize_t()
        found = query(mujoco_egl.EGL_DISPLAY, _EGL_DEVICE_EXT, ctypes.byref(value))
        context.free()
    except Exception:
        # What a context lacks is told for each device, and by the backend's own probe.
        return None
    return value.value if found else None


def _opened(egl: Any, handle: Any) -> dict[str, Any]:
    """What OpenGL says on a device, as fields of `EglDevice`."""
    try:
        display = egl.eglGetPlatformDisplayEXT(egl.EGL_PLATFORM_DEVICE_EXT, handle, None)
        if display == egl.EGL_NO_DISPLAY or not egl.eglInitialize(display, None, None):
            return {"reason": "EGL gives no display for it"}
        context = _make_context(egl, display)
    except Exception as error:
        return {"reason": _one_line(error)}
    if context is None:
        return {"reason": "EGL gives no OpenGL context for it"}
    try:
        return _described_by_opengl()
    except Exception as error:
        return {"reason": _one_line(error)}
    finally:
        egl.eglMakeCurrent(display, egl.EGL_NO_SURFACE, egl.EGL_NO_SURFACE, egl.EGL_NO_CONTEXT)
        egl.eglDestroyContext(display, context)


def _make_context(egl: Any, display: Any) -> Any:
    """A current context of the kind that MuJoCo makes, or None."""
    from mujoco.egl import EGL_ATTRIBUTES

    configs, count = (egl.EGLConfig * 1)(), ctypes.c_long()
    egl.eglChooseConfig(display, EGL_ATTRIBUTES, configs, 1, count)
    if count.value < 1:
        return None
    egl.eglBindAPI(egl.EGL_OPENGL_API)
    context = egl.eglCreateContext(display, configs[0], egl.EGL_NO_CONTEXT, None)
    if not context:
        return None
    egl.eglMakeCurrent(display, egl.EGL_NO_SURFACE, egl.EGL_NO_SURFACE, context)
    return context


def _described_by_opengl() -> dict[str, Any]:
    from OpenGL import GL

    from engine.backends.identity import gl_identity

    identity = gl_identity("egl")
    width, height = GL.glGetIntegerv(GL.GL_MAX_VIEWPORT_DIMS)
    limits = FramebufferLimits(
        renderbuffer=int(GL.glGetIntegerv(GL.GL_MAX_RENDERBUFFER_SIZE)),
        viewport_width=int(width),
        viewport_height=int(height),
        samples=int(GL.glGetIntegerv(GL.GL_MAX_SAMPLES)),
    )
    return {
        "vendor": identity.vendor,
        "renderer": identity.renderer,
        "version": identity.version,
        "software": identity.software,
        "limits": limits,
    }


def _one_line(error: BaseException) -> str:
    text = getattr(error, "description", None) or str(error)
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return " ".join(str(text).split()) or type(error).__name__
