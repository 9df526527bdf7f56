"""`compare A B`: two sessions held against one another; `compare --null`: a case held against itself."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from tui.commands.output import print_json
from tui.exit_codes import CommandError, ExitCode

if TYPE_CHECKING:
    from profiles.comparing import ComparedSessions
    from profiles.session import Session


def compare_command(options: Namespace) -> int:
    """Hold the second session against the first; without any, measure every backend."""
    names = getattr(options, "sessions", [])
    if options.null:
        from tui.commands.null_comparison import null_command

        if names:
            raise CommandError(ExitCode.USAGE, "compare --null takes no sessions, it measures one case twice")
        return null_command(options)
    if not names:
        from tui.commands.run import run_command

        return run_command(options, "compare")
    if len(names) != 2:
        raise CommandError(
            ExitCode.USAGE, f"compare takes two sessions, the base first, and {len(names)} is given"
        )
    base, other = (load_for_comparison(name) for name in names)
    show_comparison(compared(base, other, threshold_of(options)), getattr(options, "format", None))
    return ExitCode.OK


def load_for_comparison(name: str) -> Session:
    """Read a session by its name, its folder or its session.toml.

    Raises:
        CommandError: there is none, or it cannot be read.
    """
    from profiles.errors import SessionError
    from profiles.sessions import load_session

    try:
        return load_session(name)
    except SessionError as error:
        raise CommandError(ExitCode.USAGE, str(error)) from None


def compared(base: Session, other: Session, threshold: float) -> ComparedSessions:
    """Hold `other` against `base`.

    Raises:
        CommandError: they have no case in common.
    """
    from profiles.comparing import compare_two_sessions
    from profiles.errors import SessionError

    try:
        return compare_two_sessions(base, other, threshold)
    except SessionError as error:
        raise CommandError(ExitCode.USAGE, str(error)) from None


def threshold_of(options: Namespace) -> float:
    """The part up to which a difference is none.

    Raises:
        CommandError: the option is no such part.
    """
    from engine.uncertainty.comparison import THRESHOLD

    text = getattr(options, "threshold", None)
    return THRESHOLD if text is None else part_of("--threshold", text)


def part_of(option: str, text: str) -> float:
    """Read `5%` or `0.05`.

    Raises:
        CommandError: it is neither, or not between 0 and 1.
    """
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise CommandError(
            ExitCode.USAGE, f"{option} is {text!r}, expected a part such as 5% or 0.05, below 100%"
        )
    return value


def show_comparison(compared: ComparedSessions, kind: str | None) -> None:
    """Print it as a table, as Markdown or as JSON."""
    from tui.output.comparison_tables import (
        comparison_document,
        comparison_markdown,
        comparison_notes,
        comparison_table,
    )
    from tui.output.tables import console, plain

    if kind == "json":
        print_json(comparison_document(compared))
        return
    if kind == "markdown":
        sys.stdout.write(comparison_markdown(compared))
        return
    screen = console()
    names = f"base: {compared.base.session.id}; held against it: {compared.other.session.id}"
    screen.print(plain(names))
    screen.print()
    screen.print(comparison_table(compared, screen.width))
    for note in comparison_notes(compared):
        screen.print(plain(note), soft_wrap=not screen.is_terminal)
