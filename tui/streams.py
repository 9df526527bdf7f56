"""stdout and stderr as they come: closed, full, without a reader, or in an encoding that lacks much."""

import codecs
import io
import os
import sys
from typing import TextIO

_LOOKALIKES = {"–": "-", "″": '"', "─": "-", "…": "...", "×": "x", "±": "+-"}
"""What stands for our own characters where the encoding of a stream lacks them."""


class OutputError(Exception):
    """stdout cannot take what a person asked for; the message is one sentence."""


def open_streams() -> None:
    """Make stdin, stdout and stderr fit to be used, before anything else is opened.

    From then on a character that an encoding lacks is replaced, a reader that has gone is not missed, and
    narration is lost where stderr cannot take it.

    Raises (when stdout is written later):
        OutputError: data for stdout is lost, as on a full disk.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is given out: without this, a pipe of ours would become stdout.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if getattr(sys, "stdin", None) is None:
        # What Python does where it was closed; everything else may ask it whether it is a terminal.
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    codecs.register_error("lookalike", _lookalike)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _Output(sys.stdout, 1, must_arrive=True)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _Output(sys.stderr, 2, must_arrive=False)


def show_ascii_only() -> None:
    """From now on write nothing beyond ASCII, whatever the terminal takes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="ascii", errors="lookalike")


class _Output(io.TextIOWrapper):
    """A standard stream that outlives its reader."""

    def __init__(self, stream: TextIO | None, number: int, must_arrive: bool) -> None:
        super().__init__(
            stream.buffer if stream is not None else open(number, "wb", closefd=False),  # noqa: SIM115
            encoding=stream.encoding if stream is not None else "utf-8",
            errors="lookalike",
            line_buffering=not must_arrive or (stream is not None and stream.isatty()),
        )
        self._must_arrive = must_arrive

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self.fileno())
        os.close(nothing)
        if self._must_arrive and not isinstance(error, BrokenPipeError):
            raise OutputError(f"stdout cannot be written ({error.strerror}), what it was to hold is lost")


def _lookalike(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    shown = (_LOOKALIKES.get(one) or one.encode("ascii", "backslashreplace").decode() for one in lacking)
    return "".join(shown), error.end
