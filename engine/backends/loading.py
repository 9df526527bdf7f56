"""Importing the module of a backend, in an engine process only."""

import importlib
from collections.abc import Callable
from types import ModuleType

from engine.backends.base import Backend, BackendError
from engine.backends.registry import BackendInfo

_CLASSIC = ("egl", "osmesa", "glfw")
_OWN = ("open", "drawn")
"""What each backend has to define: the class that all are made from has no answer that fits any."""
_WHAT_IT_HAS = "docs/backends.md tells what a backend has"
_SEE_LOG = "the log of the engine process tells where"


def load_backend(info: BackendInfo) -> Backend:
    """Make the backend that `info` describes.

    Raises:
        BackendError: what it draws with cannot be loaded on this machine, or it is no backend.
    """
    make = _function(_module(info), info)
    backend = make(info.name)
    if not isinstance(backend, Backend):
        raise BackendError(
            f"{info.function} of the module {info.module} gives {type(backend).__name__}, expected an "
            f"{Backend.__module__}.{Backend.__name__}",
            _WHAT_IT_HAS,
        )
    made_of = type(backend)
    if missing := [name for name in _OWN if getattr(made_of, name) is getattr(Backend, name)]:
        has_no = " and no ".join(missing)
        raise BackendError(f"{made_of.__name__} of the module {info.module} has no {has_no}", _WHAT_IT_HAS)
    return backend


def _module(info: BackendInfo) -> ModuleType:
    try:
        return importlib.import_module(info.module)
    except ModuleNotFoundError as error:
        raise _missing(info, error.name or "") from error
    except (BackendError, MemoryError):
        raise
    except BaseException as error:
        if info.name in _CLASSIC:
            # MuJoCo loads the OpenGL library that `MUJOCO_GL` names when it is imported.
            from engine.backends.diagnosis import explain

            raise explain(info.name, error) from error
        from engine.backends.madrona_runner.module import described_error

        sentence = f"the module {info.module} of {info.name} cannot be imported ({described_error(error)})"
        raise BackendError(sentence, _SEE_LOG) from error


def _function(module: ModuleType, info: BackendInfo) -> Callable[[str], object]:
    function = getattr(module, info.function, None)
    if not callable(function):
        raise BackendError(
            f"the module {info.module} has no function {info.function}, which {info.name} is made by",
            _WHAT_IT_HAS,
        )
    made_by: Callable[[str], object] = function
    return made_by


def _missing(info: BackendInfo, module: str) -> BackendError:
    reason = f"{info.name} needs the Python module {module}, which is not installed"
    fix = "install it beside mjbench-tui"
    return BackendError(reason, install_extra(info.extra) if info.extra else fix)


def install_extra(extra: str) -> str:
    """Say how an optional part of this project is installed."""
    return f"pip install 'mjbench-tui[{extra}]', or scripts/do/bootstrap.sh --extra {extra} in a clone"
