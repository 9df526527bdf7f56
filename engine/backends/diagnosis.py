"""Why a classic backend does not open here, and what to install or set."""

import ctypes
import os

from engine.backends.base import BackendError

_OSMESA_LIBRARIES = ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so")
_EGL_LIBRARIES = ("libEGL.so.1", "libEGL.so")
_DEVICE = "MUJOCO_EGL_DEVICE_ID"


def _is_loadable(names: tuple[str, ...]) -> bool:
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def _one_line(error: BaseException) -> str:
    # PyOpenGL prints every argument of a call that failed; what went wrong is its description alone.
    text = getattr(error, "description", None) or str(error)
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return " ".join(str(text).split()) or type(error).__name__


def _explain_osmesa(error: BaseException) -> BackendError:
    if not _is_loadable(_OSMESA_LIBRARIES):
        return BackendError(
            "libOSMesa is not installed",
            "apt-get install libosmesa6; where Mesa is 25.1 or newer it is gone: use egl, "
            "which draws with the same rasterizer (apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri)",
        )
    return BackendError(
        f"OSMesa gave no context: {_one_line(error)}", "apt-get install --reinstall libosmesa6"
    )


def _explain_egl(error: BaseException) -> BackendError:
    if not _is_loadable(_EGL_LIBRARIES):
        return BackendError(
            "libEGL is not installed",
            "apt-get install libegl1, and libegl-mesa0 libgl1-mesa-dri without a GPU",
        )
    device = os.environ.get(_DEVICE)
    if device is not None and (isinstance(error, ValueError) or _DEVICE in str(error)):
        return BackendError(
            f"{_DEVICE}={device!r} names no EGL device: there {_egl_devices()}",
            f"unset {_DEVICE}, or give it the number of one of them",
        )
    if device is not None and isinstance(error, ImportError):
        return BackendError(
            f"the EGL device that {_DEVICE}={device!r} names does not work: {_one_line(error)}",
            f"unset {_DEVICE}, or give it the number of another one: there {_egl_devices()}",
        )
    return BackendError(
        f"EGL gave no context: {_one_line(error)}",
        "apt-get install libegl-mesa0 libgl1-mesa-dri for Mesa, or the NVIDIA driver with its EGL vendor "
        "file (in a container: NVIDIA_DRIVER_CAPABILITIES has to contain graphics)",
    )


def _egl_devices() -> str:
    """Name what `MUJOCO_EGL_DEVICE_ID` may name, as the end of a sentence."""
    from engine.doctor.egl import describe_egl_devices

    try:
        devices = describe_egl_devices()
    except Exception:
        # This stands in the explanation of another failure, which is to be told all the same.
        devices = ()
    if not devices:
        return "are none"
    named = []
    for device in devices:
        facts = [f"CUDA {device.cuda}" if device.cuda is not None else "", device.file]
        facts += ["a software rasterizer" if device.rasterizer else ""]
        said = ", ".join(fact for fact in facts if fact)
        named.append(f"{device.index} ({said})" if said else str(device.index))
    return ("is " if len(named) == 1 else "are ") + ", ".join(named)


def _explain_glfw(error: BaseException) -> BackendError:
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not display:
        return BackendError(
            "glfw needs a display and there is none (DISPLAY and WAYLAND_DISPLAY are not set)",
            "use egl or osmesa, or a virtual display: "
            "apt-get install xvfb, then start mjbench-tui with xvfb-run -a",
        )
    return BackendError(
        f"glfw could not open a window on display {display!r}: {_one_line(error)}",
        "check that the display runs and lets you in, and that libgl1 is installed",
    )


def explain(backend: str, error: BaseException) -> BackendError:
    """Turn what was raised while `backend` opened into a reason and a fix, by looking at the machine."""
    known = {"osmesa": _explain_osmesa, "egl": _explain_egl, "glfw": _explain_glfw}
    return known[backend](error)
