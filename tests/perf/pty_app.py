"""A program in a pseudo-terminal, and when it wrote how much: for the scripts that time the dashboard."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence

LIMIT_S = 120.0


class PtyApp:
    """Runs a command in a terminal of its own and reads all it writes, in a thread.

    Args:
        command: the program and its arguments.
        environment: variables beside those of this process.
        size: columns and rows.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (140, 45)
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self._news = threading.Condition()
        self._written = bytearray()
        self._arrivals: list[tuple[float, int]] = []
        """When something came, and how much there was then."""
        self.started_s = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave, stdout=slave, stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
            start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            if not data:
                return
            now = time.perf_counter()
            with self._news:
                self._written += data
                self._arrivals.append((now, len(self._written)))
                self._news.notify_all()

    @property
    def count(self) -> int:
        """Bytes written so far."""
        return len(self._written)

    def press(self, keys: bytes) -> tuple[float, int]:
        """Type; the moment, and how much had been written by then."""
        moment = time.perf_counter(), self.count
        os.write(self._master, keys)
        return moment

    def wait_for(self, text: bytes, since: int = 0, limit_s: float = LIMIT_S) -> float:
        """Wait until a text has been written after the first `since` bytes; the moment it had come."""
        deadline = time.perf_counter() + limit_s
        with self._news:
            # Looks at nothing twice and sleeps in between: it shares the cores that are measured.
            while (found := self._written.find(text, since)) < 0:
                since = max(since, len(self._written) - len(text))
                if time.perf_counter() > deadline or self.process.poll() is not None:
                    raise TimeoutError(f"no {text!r} in {bytes(self._written[-2000:])!r}")
                self._news.wait(1.0)
            whole = found + len(text)
            return next(moment for moment, count in self._arrivals if count >= whole)

    def end(self) -> None:
        """Ask it to end, as losing the terminal does, and wait until it has."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(LIMIT_S)
        self._reader.join(1)
        os.close(self._master)
