"""Importing the module of a backend, in an engine process only."""

import importlib
import importlib.util

from engine.backends.base import Backend, BackendError
from engine.backends.registry import BackendInfo

_CLASSIC = ("egl", "osmesa", "glfw")


def load_backend(info: BackendInfo) -> Backend:
    """Make the backend that `info` describes.

    Raises:
        BackendError: what it draws with cannot be loaded on this machine.
    """
    try:
        module = importlib.import_module(info.module)
    except ModuleNotFoundError as error:
        raise _missing(info, error.name or "") from error
    except Exception as error:
        if info.name not in _CLASSIC:
            raise
        # MuJoCo loads the OpenGL library that `MUJOCO_GL` names when it is imported.
        from engine.backends.diagnosis import explain

        raise explain(info.name, error) from error
    backend: Backend = getattr(module, info.function)(info.name)
    return backend


def _missing(info: BackendInfo, module: str) -> BackendError:
    reason = f"{info.name} needs the Python module {module}, which is not installed"
    return BackendError(reason, install_extra(info.extra) if info.extra else "")


def install_extra(extra: str) -> str:
    """Say how an optional part of this project is installed."""
    return f"pip install 'mjbench-tui[{extra}]', or scripts/do/bootstrap.sh --extra {extra} in a clone"
