"""What the commands that measure share: the session that is kept, progress, and an orderly end."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.control import Control
from engine.events import Event
from profiles.errors import SessionError
from profiles.profile import Profile
from tui.completing import complete_killed_sessions
from tui.exit_codes import CommandError, ExitCode
from tui.log import write_log
from tui.output.tables import console
from tui.preparation import Preparation
from tui.progress import Lines, Live, ProgressView, Silent
from tui.signals import Suspension
from tui.text import printable

if TYPE_CHECKING:
    from tui.recording import Recording


def complete_first(quiet: bool) -> None:
    """Complete the sessions that killed runs have left, before anything is measured."""
    for line in complete_killed_sessions():
        if not quiet:
            say(line)


def open_recording(
    options: Namespace, profile: Profile, profile_name: str, preparation: Preparation, control: Control
) -> Recording:
    """Make the session's folder, where `options` say; tell of another instance that measures.

    Raises:
        CommandError: the folder cannot be used.
    """
    from engine.interference.instances import both_disturbed, other_instances
    from tui.recording import Recording

    output = getattr(options, "output", None)
    if output == "":
        raise CommandError(ExitCode.USAGE, "--output is '', expected a folder that is empty or new")
    try:
        recording = Recording.start(
            profile, profile_name, preparation, control, output=Path(output) if output else None
        )
    except SessionError as error:
        raise session_command_error(error) from None
    # After this one can be seen itself: of two that begin at once at least one sees the other.
    others = both_disturbed(other_instances())
    if others and not getattr(options, "quiet", False):
        say(f"! {others}")
    return recording


def session_command_error(error: SessionError) -> CommandError:
    """Give a session's error its exit code."""
    return CommandError(ExitCode.FAILED if error.disk_failed else ExitCode.USAGE, str(error))


def follow(events: Iterable[Event], preparation: Preparation, control: Control, quiet: bool) -> None:
    """Go through the events of a recording, and show on stderr how far it is.

    Raises:
        CommandError: what was measured cannot be saved.
    """
    view = _progress_view(preparation, quiet)
    try:
        suspension = Suspension(control, view)
        with suspension.heard():
            for event in events:
                write_log(event)
                view.show(event)
                suspension.stop_where_held()
    except SessionError as error:
        raise CommandError(ExitCode.FAILED, str(error)) from None
    finally:
        view.close()


def _progress_view(preparation: Preparation, quiet: bool) -> ProgressView:
    if quiet:
        return Silent()
    screen = console(sys.stderr)
    if sys.stderr.isatty() and not screen.is_dumb_terminal:
        total = len(preparation.cases) * preparation.settings.trials
        return Live(screen, preparation.settings, total)
    return Lines(screen)


def say(sentence: str) -> None:
    """Tell a person something beside the results."""
    print(printable(sentence), file=sys.stderr)  # noqa: T201
