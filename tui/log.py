"""`--log-file`: what happens in a run, written down."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from engine.events import Event, PictureJudged, RoundEnded, TrialEnded
from tui.exit_codes import CommandError, ExitCode
from tui.text import printable

_log = logging.getLogger("mjbench")


@contextmanager
def log_file(path: str | None) -> Iterator[None]:
    """Write what happens to a file; without a path, nowhere.

    Raises:
        CommandError: the file cannot be written.
    """
    if path is None:
        yield
        return
    try:
        handler = _FileHandler(_open(path), path)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        sentence = f"--log-file {path!r} cannot be written ({why}), choose another path"
        raise CommandError(ExitCode.USAGE, sentence) from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False
    try:
        yield
    finally:
        _log.removeHandler(handler)
        handler.close()


def write_log(event: Event) -> None:
    """Write down an event, unless it is one of the many that only progress needs."""
    if not _log.handlers:
        return
    if isinstance(event, TrialEnded):
        result = event.result
        _write(f"{result.case.id} trial {result.trial}: {result.status} {result.metrics or ''}")
        if result.failure is not None:
            _write(f"{result.case.id}: {result.failure.reason}; its last lines:", result.failure.log)
    elif isinstance(event, RoundEnded | PictureJudged) or (
        not hasattr(event, "phases") and hasattr(event, "trial")
    ):
        _write(repr(event))


def _write(line: str, printed: str = "") -> None:
    """Write one line, and below it what an engine process printed: indented, so that nothing in it passes
    for a line of ours."""
    below = "".join(f"\n  {printable(each.expandtabs())}" for each in printed.splitlines())
    _log.info("%s", printable(line) + below)


class _FileHandler(logging.StreamHandler[TextIO]):
    """Ends a log that its file no longer takes, and lets the run go on."""

    def __init__(self, stream: TextIO, path: str) -> None:
        super().__init__(stream)
        self._path = path
        self._is_lost = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self._is_lost:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        self._is_lost = True
        why = printable(f"--log-file {self._path!r} cannot be written any more ({sys.exc_info()[1]})")
        print(f"mjbench-tui: {why}, the run goes on without it", file=sys.stderr)  # noqa: T201

    def close(self) -> None:
        with suppress(OSError):
            self.stream.close()
        super().close()


def _open(path: str) -> TextIO:
    # A pipe that nobody reads is refused; a plain open would wait for a reader without end.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o666)
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
