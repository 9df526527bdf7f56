"""What the commands that measure share: the session that is kept, progress, and an orderly end."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.control import Control
from engine.events import Event
from profiles.errors import SessionError
from profiles.profile import Profile
from tui.exit_codes import CommandError, ExitCode
from tui.log import write_log
from tui.output.tables import console
from tui.preparation import Preparation
from tui.progress import Lines, Live, ProgressView, Silent
from tui.text import printable

if TYPE_CHECKING:
    from tui.recording import Recording


def open_recording(
    options: Namespace, profile: Profile, profile_name: str, preparation: Preparation, control: Control
) -> Recording:
    """Make the session's folder, where `options` say.

    Raises:
        CommandError: the folder cannot be used.
    """
    from tui.recording import Recording

    output = getattr(options, "output", None)
    if output == "":
        raise CommandError(ExitCode.USAGE, "--output is '', expected a folder that is empty or new")
    try:
        return Recording.start(
            profile, profile_name, preparation, control, output=Path(output) if output else None
        )
    except SessionError as error:
        raise CommandError(ExitCode.USAGE, str(error)) from None


def follow(events: Iterable[Event], preparation: Preparation, control: Control, quiet: bool) -> None:
    """Go through the events of a recording, and show on stderr how far it is.

    Raises:
        CommandError: what was measured cannot be saved.
    """
    view = _progress_view(preparation, quiet)
    try:
        with _orderly_signals(control, quiet):
            for event in events:
                write_log(event)
                view.show(event)
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


@contextmanager
def _orderly_signals(control: Control, quiet: bool) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP end the run in order; a second one ends it at once."""
    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(*_: object) -> None:
        first = not control.stop_requested
        control.request_stop()
        if first and not quiet:
            # A terminal that has gone away, which is what SIGHUP tells, takes no words.
            with suppress(OSError, ValueError):
                say("stopping after this frame; a second time ends at once")

    before = {name: signal.signal(name, stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Before and after the run, SIGTERM and SIGHUP mean what Ctrl+C means."""
    names = (signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, signal.default_int_handler) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def say(sentence: str) -> None:
    """Tell a person something beside the results."""
    print(printable(sentence), file=sys.stderr)  # noqa: T201
