"""Signals that tell a command to end, or to stop for a while."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Protocol

from engine.control import Control
from tui.text import printable

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Display(Protocol):
    """What stands on the terminal while the command is stopped, if nobody takes it away."""

    def hide(self) -> None:
        """Leave the terminal as it was."""

    def show_again(self) -> None:
        """Go on."""


@contextmanager
def orderly_end(control: Control, quiet: bool = False) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP end a run in order; a second one ends it at once."""

    def stop(*_: object) -> None:
        first = not control.stop_requested
        control.request_stop()
        if first and not quiet:
            _tell_at_once("stopping after this frame; a second time ends at once")

    with _handled(_ENDING, stop):
        yield


@contextmanager
def end_as_interrupt() -> Iterator[None]:
    """Where no run goes on, SIGTERM and SIGHUP mean what Ctrl+C means."""
    with _handled((signal.SIGTERM, signal.SIGHUP), signal.default_int_handler):
        yield


class Suspension:
    """Ctrl+Z while cases are measured.

    A process that is stopped takes no timings, and one that waits for it would book that as its own time. So
    the trial in progress is given up before this process stops, and measured anew when it goes on.

    Args:
        control: of the run.
        display: what it shows.
    """

    def __init__(self, control: Control, display: Display) -> None:
        self._control = control
        self._display = display
        self._is_asked = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Take note of SIGTSTP."""
        with _handled((signal.SIGTSTP,), self._on_signal):
            yield
        if self._is_asked:
            self._stop()

    def _on_signal(self, *_: object) -> None:
        self._is_asked = True
        self._control.hold_requested = True

    def stop_where_held(self) -> None:
        """Stop where that was asked for and nothing is timed any more; to be called with every event."""
        if self._is_asked and self._control.is_held:
            self._stop()

    def _stop(self) -> None:
        self._is_asked = False
        self._display.hide()
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, before)
        self._display.show_again()
        self._control.hold_requested = False


@contextmanager
def _handled(
    names: tuple[signal.Signals, ...], handler: Callable[[int, FrameType | None], object]
) -> Iterator[None]:
    # Who starts a command with `nohup` wants it to outlive its terminal.
    ignored = (signal.SIGHUP, signal.SIGTSTP)
    wanted = [name for name in names if name not in ignored or signal.getsignal(name) is not signal.SIG_IGN]
    before = {name: signal.signal(name, handler) for name in wanted}
    try:
        yield
    finally:
        for name, handler_before in before.items():
            signal.signal(name, handler_before)


def _tell_at_once(sentence: str) -> None:
    """Tell a person something in a signal handler, which may have come in the middle of another line.

    A stream of Python's may not be entered twice; and a terminal that takes nothing is not waited for.
    """
    with suppress(OSError, ValueError):
        descriptor = sys.stderr.fileno()
        if select.select([], [descriptor], [], 0)[1]:
            os.write(descriptor, f"{printable(sentence)}\n".encode())
