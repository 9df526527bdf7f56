"""Starting engine processes, and hearing from them.

Behind the two small interfaces here nobody knows how or where an engine process runs.
"""

from __future__ import annotations

import contextlib
import math
import os
import queue
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from engine.jobs.asked import GO, PREVIEW
from engine.jobs.requests import Job, encode_job
from engine.messages import Message, decode

_GRACE_S = 2.0
"""How long an engine process may take to die of SIGTERM before it is killed."""

_LOOK_S = 0.1
"""How often a process is looked at whose end is waited for, where nothing tells of it."""

_reaping = threading.Lock()
"""Held where `multiprocessing` may reap a child: of two threads that do so at once, one misses the exit code.

Starting a process reaps those that have ended, so the lock is one for all of them.
"""


@dataclass(frozen=True)
class Ended:
    """The engine process says nothing more."""

    exit_code: int | None
    """As `multiprocessing` has it: negative for the signal that ended it; None where it still runs."""
    garbage: str = ""
    """What was wrong with the last thing that it sent, if anything was."""


class EngineProcess(Protocol):
    """One engine process, seen from the one who watches it."""

    def receive(self, timeout_s: float) -> Message | Ended | None:
        """Wait for what comes next; None where nothing came in time. After `Ended` comes nothing else."""

    @property
    def pid(self) -> int | None:
        """The process's number on this machine; None where it runs on another."""

    def usage(self) -> tuple[float, float] | None:
        """Tell its CPU time in seconds and its resident memory in MiB; None where that cannot be told."""

    def request_preview(self) -> None:
        """Ask for a picture of what is drawn; it comes as a message, at most one a second."""

    def release(self) -> None:
        """Let a worker that waits for the others begin its timed loop."""

    def stop(self) -> None:
        """Ask the process to end its trial after the frame that it is drawing."""

    def end(self) -> None:
        """End the process, whatever it does, and wait until it is gone."""

    def log_tail(self, lines: int = 40) -> str:
        """Give the last lines that the process printed."""


class Launcher(Protocol):
    """Starts engine processes."""

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        """Start a process for `job`.

        Args:
            job: what to do.
            log: file that takes everything the process prints.
            environment: variables to set in it, or to remove where the value is None.

        Raises:
            LaunchError: no process can be started.
        """


class LaunchError(Exception):
    """No engine process can be started; the message is one sentence."""


class SpawnLauncher:
    """Starts engine processes on this machine, each a fresh interpreter."""

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        """Start one; see `Launcher.launch`."""
        import multiprocessing

        from engine import child

        context = multiprocessing.get_context("spawn")
        log = log.absolute()
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            # The process could complain about a log that it cannot open to nobody but the screen.
            log.open("ab").close()
            channel = context.SimpleQueue()
            asked, ask = context.Pipe(duplex=False)
            process = context.Process(
                target=child.enter,
                args=(encode_job(job), channel, str(log), dict(environment), asked),
                daemon=True,
            )
            # A Ctrl+C in this moment would reach a child that does not yet ignore it.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                with _reaping:
                    process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                asked.close()
        except OSError as error:
            raise LaunchError(f"no engine process can be started: {error.strerror or error}") from error
        return _SpawnedProcess(process, channel, log, ask)


class _SpawnedProcess:
    """One process with a thread that listens to it.

    A process that hangs or dies in the middle of a message keeps its listener waiting, not the watcher; the
    listener comes free when the process is killed, because nobody else then holds the queue's writing end.
    """

    def __init__(self, process: Any, channel: Any, log: Path, ask: Any) -> None:
        self._process = process
        self.pid: int | None = process.pid
        self._channel = channel
        self._ask = ask
        os.set_blocking(ask.fileno(), False)
        self._log = log
        channel._writer.close()  # Without this, the end of the process would not be the end of the queue.
        self._inbox: queue.SimpleQueue[Message | Ended] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, name=f"engine-{process.pid}", daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        garbage = ""
        while True:
            try:
                data = self._channel.get()
            except (EOFError, OSError):
                break
            except Exception as error:
                garbage = f"{type(error).__name__} while reading its queue"
                break
            if not isinstance(data, bytes):
                garbage = f"a {type(data).__name__} instead of a message"
                break
            try:
                self._inbox.put(decode(data))
            except msgspec.MsgspecError as error:
                garbage = f"bytes that are no message ({error})"
                break
        # Where the queue was closed by a process that lives on, there is no exit code to wait for.
        self._inbox.put(Ended(_wait_for(self._process, _GRACE_S), garbage))

    def receive(self, timeout_s: float) -> Message | Ended | None:
        try:
            return self._inbox.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def usage(self) -> tuple[float, float] | None:
        import psutil

        try:
            process = psutil.Process(self.pid)
            with process.oneshot():
                times, memory = process.cpu_times(), process.memory_info()
        except psutil.Error:
            return None
        return times.user + times.system, memory.rss / 2**20

    def request_preview(self) -> None:
        self._tell(PREVIEW)

    def release(self) -> None:
        self._tell(GO)

    def _tell(self, what: bytes) -> None:
        # Where the process is gone nobody asks any more, and where it is busy one byte is as good as two.
        with contextlib.suppress(OSError):
            os.write(self._ask.fileno(), what)

    def stop(self) -> None:
        with contextlib.suppress(ValueError):  # It was ended before.
            self._process.terminate()

    def end(self) -> None:
        self.stop()
        if _wait_for(self._process, _GRACE_S) is None:
            self._process.kill()
            _wait_for(self._process, math.inf)
        self._ask.close()
        self._listener.join(_GRACE_S)
        if self._listener.is_alive():
            return  # A process that it started holds the queue's writing end, for as long as it likes.
        self._channel._reader.close()
        with _reaping:
            self._process.close()

    def log_tail(self, lines: int = 40) -> str:
        return read_tail(self._log, lines)


def _wait_for(process: Any, timeout_s: float) -> int | None:
    """Wait until a process has ended and give its exit code; None where it still runs after `timeout_s`."""
    from multiprocessing.connection import wait

    deadline = time.monotonic() + timeout_s
    while True:
        with _reaping:
            exit_code: int | None = process.exitcode
        left_s = deadline - time.monotonic()
        if exit_code is not None or left_s <= 0:
            return exit_code
        # The pipe closes shortly before the process can be reaped, and never where a grandchild holds it.
        if wait([process.sentinel], min(left_s, _LOOK_S)):
            time.sleep(0.001)


def read_tail(path: Path, lines: int, limit: int = 65536) -> str:
    """Read the last `lines` lines of a file, of at most its last `limit` bytes; "" where it is not there."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - limit))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def launch_clock_ns() -> int:
    """Now, on the clock that `TrialJob.launched_ns` is told on."""
    return time.monotonic_ns()
