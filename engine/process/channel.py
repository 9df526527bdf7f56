"""The way from an engine process to the one who watches it: bytes in a pipe, message after message.

Each message is its length and as many bytes. Whoever reads takes these for nothing but bytes, and no more of
them than a message of ours can have, whatever the length says.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator

MOST_BYTES = 1 << 20
"""The longest message: a full block of frames has two thirds of that."""

_LENGTH = struct.Struct("!I")
_READ_BYTES = 1 << 16
"""What a pipe holds on Linux."""


class BrokenStreamError(ValueError):
    """What comes is no message; the sentence goes on after "sent "."""


class Sender:
    """The engine process's end; `put` returns when the message is in the pipe.

    Threads of one process may put messages at the same time.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._lock = threading.Lock()

    def put(self, data: bytes) -> None:
        """Send one message.

        Raises:
            OSError: nobody reads any more, or somebody has closed the pipe.
        """
        length = _LENGTH.pack(len(data))
        with self._lock:
            written = os.writev(self.descriptor, (length, data))
            if written == len(length) + len(data):
                return
            # A signal came between.
            rest = memoryview(length + data)[written:]
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]


class Receiver:
    """The watcher's end."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._bytes = bytearray()

    def read(self) -> bool:
        """Take what has come, once there is something; False at the end."""
        data = os.read(self.descriptor, _READ_BYTES)
        self._bytes += data
        return bool(data)

    def messages(self) -> Iterator[bytes]:
        """Give away the messages that are whole by now.

        Raises:
            BrokenStreamError: after those before it, one is longer than any of ours.
        """
        while len(self._bytes) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._bytes)
            if length > MOST_BYTES:
                raise BrokenStreamError(f"bytes that are no message (its length would be {length:,} bytes)")
            end = _LENGTH.size + length
            if len(self._bytes) < end:
                return
            message = bytes(memoryview(self._bytes)[_LENGTH.size : end])
            del self._bytes[:end]
            yield message
