"""The environment variables that name a runner module: the only place where one is ever taken from."""

from __future__ import annotations

import os

MODULE_VARIABLE = "MADRONA_BENCH_MODULE"
FUNCTION_VARIABLE = "MADRONA_BENCH_FUNCTION"
CONFIG_VARIABLE = "MADRONA_BENCH_CONFIG"
DEFAULT_FUNCTION = "run_benchmark"


def names_a_file(module: str) -> bool:
    """Whether a runner module is named as a file: by a path separator, or by its ending."""
    separators = [separator for separator in (os.sep, os.altsep) if separator]
    return module.endswith(".py") or any(separator in module for separator in separators)


def absolute_path(path: str, folder: str) -> str:
    """The whole path of a file; a relative one counts from `folder`."""
    return os.path.abspath(os.path.join(folder, os.path.expanduser(path)))  # noqa: PTH100, PTH111, PTH118
