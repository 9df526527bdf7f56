"""The command `mjbench-tui`: from its arguments to its exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace

_START_PROCESSES = ("run", "compare", "explain", "dashboard", "backends", "doctor")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code.

    Whatever a person can cause ends as one sentence on stderr. The heavy parts are imported by the commands
    that need them.
    """
    if arguments is None:
        _mind_no_warnings()
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        from tui.exit_codes import ExitCode

        print("mjbench-tui: interrupted", file=sys.stderr)  # noqa: T201
        return ExitCode.INTERRUPTED
    finally:
        if arguments is None:
            # A Ctrl+C while the interpreter closes would be told as a traceback.
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _mind_no_warnings() -> None:
    """Let no library's warning become an error here or in an engine process, as PYTHONWARNINGS=error asks.

    Python's development mode, which is for whoever works on this program, shows them all the same.
    """
    import os
    import warnings

    if not sys.flags.dev_mode:
        os.environ.pop("PYTHONWARNINGS", None)
        sys.warnoptions.clear()
        warnings.simplefilter("ignore")


def _run(given: list[str]) -> int:
    from tui.streams import OutputError, open_streams

    open_streams()
    try:
        code = _print_version() if given == ["--version"] else _answer(given)
        sys.stdout.flush()
    except OutputError as error:
        from tui.exit_codes import ExitCode

        print(f"mjbench-tui: {error}", file=sys.stderr)  # noqa: T201
        return ExitCode.FAILED
    return code


def _answer(given: list[str]) -> int:
    from tui.exit_codes import CommandError, ExitCode
    from tui.signals import end_as_interrupt

    try:
        with end_as_interrupt():
            return _carry_out(given)
    except CommandError as error:
        print(f"mjbench-tui: {error}", file=sys.stderr)  # noqa: T201
        return error.code
    except SystemExit as ended:
        # argparse has said all there is to say.
        return int(ended.code or ExitCode.OK)
    except (MemoryError, RuntimeError, OSError, ImportError) as error:
        from engine.shortages import shortage

        sentence = shortage(error)
        if not sentence:
            raise
        print(f"mjbench-tui: {sentence}", file=sys.stderr)  # noqa: T201
        return ExitCode.FAILED


def _carry_out(given: list[str]) -> int:
    from tui.arguments import make_parser
    from tui.debug import show_arguments
    from tui.runner_module import name_runner

    parsed = make_parser().parse_args(given)
    show_arguments(given, parsed)
    if getattr(parsed, "version", False):
        return _print_version()
    name_runner(parsed)
    command: str = parsed.command or ("run" if parsed.headless else "dashboard")
    if command in _START_PROCESSES:
        _refuse_lost_folder()
    if command == "run":
        from tui.commands.run import run_command

        return run_command(parsed, command)
    return _find_command(command)(parsed)


def _refuse_lost_folder() -> None:
    """Refuse to start processes in a folder that was deleted: each would end at once.

    Raises:
        CommandError: the current folder is gone.
    """
    import os

    from tui.exit_codes import CommandError, ExitCode

    try:
        os.getcwd()  # noqa: PTH109
    except OSError as error:
        sentence = f"the current folder cannot be used any more ({error.strerror}): go to another one"
        raise CommandError(ExitCode.USAGE, sentence) from None


def _find_command(name: str) -> Callable[[Namespace], int]:
    """Import the one command that is asked for: each has its own heavy parts."""
    if name == "dashboard":
        from tui.commands.dashboard import open_dashboard as command
    elif name == "compare":
        from tui.commands.compare import compare_command as command
    elif name == "explain":
        from tui.commands.explain import explain_command as command
    elif name == "scenes":
        from tui.commands.scenes import list_scenes as command
    elif name == "backends":
        from tui.commands.backends import list_backends as command
    elif name == "doctor":
        from tui.commands.doctor import examine as command
    elif name == "profiles":
        from tui.commands.profiles import profiles_command as command
    elif name == "sessions":
        from tui.commands.sessions import sessions_command as command
    elif name == "assets":
        from tui.commands.assets import assets_command as command
    elif name == "madrona-template":
        from tui.commands.madrona_template import write_template as command
    else:
        from tui.commands.completion import completion_command as command
    return command


def _print_version() -> int:
    from importlib.metadata import version

    print("mjbench-tui", version("mjbench-tui"))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
