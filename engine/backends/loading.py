"""Importing the module of a backend, in an engine process only."""

import importlib

from engine.backends.base import Backend
from engine.backends.registry import BackendInfo


def load_backend(info: BackendInfo) -> Backend:
    """Make the backend that `info` describes.

    Raises:
        BackendError: what it draws with cannot be loaded on this machine.
    """
    try:
        module = importlib.import_module(f"engine.backends.{info.module}")
    except Exception as error:
        if info.module != "classic":
            raise
        # MuJoCo loads the OpenGL library that `MUJOCO_GL` names when it is imported.
        from engine.backends.diagnosis import explain

        raise explain(info.name, error) from error
    backend: Backend = module.create(info.name)
    return backend
