"""Naming a runner module for the backend `madrona`: by an option or by the environment, by nothing else."""

from __future__ import annotations

import os
from argparse import Namespace

from engine.backends.madrona_runner.variables import (
    CONFIG_VARIABLE,
    FUNCTION_VARIABLE,
    MODULE_VARIABLE,
    absolute_path,
    names_a_file,
)
from tui.exit_codes import CommandError, ExitCode

_VARIABLES = {
    "madrona_module": (MODULE_VARIABLE, "the name of a module, or a .py file"),
    "madrona_function": (FUNCTION_VARIABLE, "the name of a function"),
    "madrona_config": (CONFIG_VARIABLE, "a file"),
}


def name_runner(options: Namespace) -> None:
    """Put the options into the environment, where engine processes find them; paths become absolute.

    Raises:
        CommandError: an option is empty.
    """
    given = vars(options)
    for name, (variable, expected) in _VARIABLES.items():
        value = given.get(name, os.environ.get(variable, ""))
        if name in given and not value.strip():
            option = f"--{name.replace('_', '-')}"
            raise CommandError(ExitCode.USAGE, f"{option} is {value!r}, expected {expected}")
        if value.strip():
            is_path = variable == CONFIG_VARIABLE or (variable == MODULE_VARIABLE and names_a_file(value))
            os.environ[variable] = absolute_path(value, os.getcwd()) if is_path else value  # noqa: PTH109
