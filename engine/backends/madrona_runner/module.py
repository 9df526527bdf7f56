"""Finding and importing a runner module, in an engine process only."""

from __future__ import annotations

import difflib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from engine.backends.base import BackendError
from engine.backends.madrona_runner.configuration import RunnerConfiguration
from engine.backends.madrona_runner.variables import (
    CONFIG_VARIABLE,
    DEFAULT_FUNCTION,
    FUNCTION_VARIABLE,
    MODULE_VARIABLE,
    absolute_path,
    names_a_file,
)
from engine.process import child
from scenes.text import one_line, quoted

_TEMPLATE = "mjbench-tui madrona-template PATH writes one to start from"
_NAME_ONE = f"--madrona-module MODULE or {MODULE_VARIABLE}; {_TEMPLATE}"
_NAME_ANOTHER = f"check --madrona-module or {MODULE_VARIABLE}; {_TEMPLATE}"
_SEE_LOG = "repair the module; the log tells where in it"


@dataclass(frozen=True)
class Runner:
    """A runner module's function, and what it is called in a sentence."""

    function: Callable[[RunnerConfiguration], object]
    module_name: str
    """The module's name, or the name of its file."""
    function_name: str
    config_file: Path | None

    @property
    def title(self) -> str:
        """Whose figures these are."""
        return f"runner module {self.module_name}"


def load_runner(name: str = "madrona") -> Runner:
    """Import the runner module that the environment names, without calling anything in it.

    Relative paths count from the folder that the person started in, and modules are found there too.

    Raises:
        BackendError: none is named, or it is missing, cannot be imported, or lacks the function.
    """
    named = os.environ.get(MODULE_VARIABLE, "").strip()
    if not named:
        raise BackendError("no runner module is named", _NAME_ONE)
    config_file = _config_file()
    module = _import_file(Path(_absolute(named))) if names_a_file(named) else _import_name(named)
    shown = Path(named).name if names_a_file(named) else named
    function_name = os.environ.get(FUNCTION_VARIABLE, "").strip() or DEFAULT_FUNCTION
    return Runner(_function(module, shown, function_name), shown, function_name, config_file)


def described_error(error: BaseException) -> str:
    """An error's kind and its own words on one line; what is raised by a module may not even have these."""
    kind = type(error).__name__
    try:
        words = one_line(error)
    except Exception:
        return kind
    if isinstance(error, SyntaxError) and error.lineno is not None:
        words = f"{one_line(Exception(error.msg))} in line {error.lineno}"
    return kind if words == kind else f"{kind}: {words}"


def _absolute(path: str) -> str:
    return absolute_path(path, _start_folder())


def _start_folder() -> str:
    return child.started_in or os.getcwd()  # noqa: PTH109


def _config_file() -> Path | None:
    named = os.environ.get(CONFIG_VARIABLE, "").strip()
    if not named:
        return None
    path = Path(_absolute(named))
    if not _is_file(path):
        raise BackendError(
            f"there is no configuration file {quoted(str(path))} for the runner module",
            f"check --madrona-config or {CONFIG_VARIABLE}",
        )
    return path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # A part of the path is too long, or may not be looked into.
        return False


def _import_file(path: Path) -> ModuleType:
    shown = quoted(str(path))
    if path.is_dir():
        raise BackendError(f"the runner module {shown} is a folder, expected a .py file", _NAME_ANOTHER)
    if not _is_file(path):
        raise BackendError(f"there is no runner module {shown}", _NAME_ANOTHER)
    loader = importlib.machinery.SourceFileLoader(_free_name(path.stem), str(path))
    _search_also(str(path.parent))
    spec = importlib.util.spec_from_file_location(loader.name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pickles look for the module of a class here.
    sys.modules[loader.name] = module
    _carry_out(lambda: loader.exec_module(module), shown)
    return module


def _free_name(stem: str) -> str:
    """A module's name that no other module has: its file's own, so that processes it starts find it too."""
    try:
        taken = stem in sys.modules or importlib.util.find_spec(stem) is not None
    except (ImportError, ValueError):
        taken = True
    return f"madrona_runner_{stem}" if taken or not stem.isidentifier() else stem


def _import_name(name: str) -> ModuleType:
    shown = quoted(name)
    _search_also(_start_folder())
    if not all(name.split(".")):
        raise BackendError(f"{shown} is no name of a runner module", _NAME_ANOTHER)
    imported: list[ModuleType] = []
    try:
        _carry_out(lambda: imported.append(importlib.import_module(name)), shown)
    except _MissingModuleError as error:
        if f"{name}.".startswith(f"{error.module}."):
            raise BackendError(
                f"there is no runner module {shown}, installed or in {quoted(_start_folder())}", _NAME_ANOTHER
            ) from error
        raise
    return imported[0]


class _MissingModuleError(BackendError):
    """A module that is imported is not there."""

    def __init__(self, shown: str, module: str) -> None:
        super().__init__(
            f"the runner module {shown} needs the Python module {module}, which is not installed",
            f"install it into the environment of mjbench-tui: {sys.prefix}",
        )
        self.module = module


def _search_also(folder: str) -> None:
    # Last in the search, so that nothing in there takes the place of what is installed.
    if folder not in sys.path:
        sys.path.append(folder)


def _carry_out(do_import: Callable[[], object], shown: str) -> None:
    """Run a module's code.

    Raises:
        BackendError: it raised, whatever that was.
        MemoryError: main memory ran out.
    """
    try:
        do_import()
    except MemoryError:
        raise
    except ModuleNotFoundError as error:
        raise _MissingModuleError(shown, error.name or "of a name it does not tell") from error
    except BaseException as error:
        sentence = f"the runner module {shown} cannot be imported ({described_error(error)})"
        raise BackendError(sentence, _SEE_LOG) from error


def _function(module: ModuleType, shown: str, name: str) -> Callable[[RunnerConfiguration], object]:
    defined = vars(module)
    if name not in defined:
        others = [other for other, value in defined.items() if callable(value) and not other.startswith("_")]
        near = difflib.get_close_matches(name, others, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise BackendError(
            f"the runner module {quoted(shown)} has no function {quoted(name)}",
            f"{hint}--madrona-function or {FUNCTION_VARIABLE} names it",
        )
    function = defined[name]
    if not callable(function):
        raise BackendError(
            f"{quoted(name)} of the runner module {quoted(shown)} is no function but of type "
            f"{type(function).__name__}",
            f"--madrona-function or {FUNCTION_VARIABLE} names the function",
        )
    called: Callable[[RunnerConfiguration], object] = function
    return called
