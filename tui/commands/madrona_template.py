"""`madrona-template`: write a runner module to start from."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from tui.commands.output import print_path
from tui.exit_codes import CommandError, ExitCode
from tui.text import printable


def write_template(options: Namespace) -> int:
    """Write the template where there is no file yet, print its path, and say how it is run."""
    path = Path(options.path).expanduser()
    _write(path)
    print_path(path.absolute())
    whole = printable(str(path.absolute()))
    how = f"measure with it: mjbench-tui run --backend madrona --madrona-module {whole}"
    print(how, file=sys.stderr)  # noqa: T201
    return ExitCode.OK


def _write(path: Path) -> None:
    """Write a new file.

    Raises:
        CommandError: there is a file already, or none can be made.
    """
    from importlib.resources import files

    text = files("engine.backends.madrona_runner").joinpath("template.py").read_bytes()
    shown = printable(str(path))
    try:
        file = path.open("xb")
    except FileExistsError:
        what = "is a folder" if path.is_dir() else "exists already"
        raise CommandError(ExitCode.USAGE, f"{shown} {what}, expected the path of a new file") from None
    except FileNotFoundError:
        folder = printable(str(path.parent))
        raise CommandError(ExitCode.USAGE, f"there is no folder {folder}, make it first") from None
    except (OSError, ValueError) as error:
        raise CommandError(ExitCode.USAGE, f"{shown} cannot be written ({_reason(error)})") from None
    try:
        with file:
            file.write(text)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise CommandError(ExitCode.FAILED, f"{shown} cannot be written ({_reason(error)})") from None


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
