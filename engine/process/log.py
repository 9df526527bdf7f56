"""The file that takes everything an engine process prints: bounded, whatever it prints."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

MOST_BYTES = 32 * 2**20
"""What a log may have before its middle is taken out."""
KEPT_BYTES = 4 * 2**20
"""What stays of it then at its beginning, and as much at its end."""

_LOOK_S = 0.1
"""A driver that prints without end fills no more than it can print in that time."""
_TAIL_BYTES = 65536


class ProcessLog:
    """The log of one engine process, held open: what is done to its name changes nothing.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._left_out = 0
        self._next_s = 0.0

    def fileno(self) -> int:
        """The descriptor; writing appends.

        Raises:
            ValueError: the log was closed.
        """
        if self._descriptor is None:
            raise ValueError("the log is closed")
        return self._descriptor

    def keep_bounded(self) -> None:
        """Take the middle out of a log that has become too long; to be called often."""
        now = time.monotonic()
        if self._descriptor is None or now < self._next_s:
            return
        self._next_s = now + _LOOK_S
        # A disk that is full takes no note of what was left out either.
        with contextlib.suppress(OSError):
            self._shorten(self._descriptor)

    def _shorten(self, log: int) -> None:
        size = os.fstat(log).st_size
        if size <= MOST_BYTES:
            return
        head, tail = os.pread(log, KEPT_BYTES, 0), os.pread(log, KEPT_BYTES, size - KEPT_BYTES)
        head = head[: head.rfind(b"\n") + 1]
        tail = tail[tail.find(b"\n") + 1 :]
        self._left_out += size - len(head) - len(tail)
        os.ftruncate(log, len(head))
        note = f"[mjbench-tui left out {self._left_out / 2**20:.0f} MiB of this log here]\n"
        os.write(log, note.encode() + tail)

    def tail(self, lines: int) -> str:
        """Give the last lines."""
        if self._descriptor is None:
            return read_tail(self._path, lines)
        try:
            size = os.fstat(self._descriptor).st_size
            data = os.pread(self._descriptor, _TAIL_BYTES, max(0, size - _TAIL_BYTES))
        except OSError:
            return ""
        return _last_lines(data, lines)

    def close(self) -> None:
        """Bound it a last time; from now on it is read by its name."""
        self._next_s = 0.0
        self.keep_bounded()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def read_tail(path: Path, lines: int, limit: int = _TAIL_BYTES) -> str:
    """Read the last `lines` lines of a file, of at most its last `limit` bytes; "" where it is not there."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - limit))
            data = file.read()
    except OSError:
        return ""
    return _last_lines(data, lines)


def _last_lines(data: bytes, lines: int) -> str:
    return "\n".join(data.decode("utf-8", "replace").splitlines()[-lines:])
