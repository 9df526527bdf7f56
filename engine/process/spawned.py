"""An engine process on this machine: hearing it out, and ending it, whatever it does."""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import select
import signal
import subprocess
import threading
import time

import msgspec

from engine.jobs.asked import GO, PREVIEW
from engine.messages import Message, decode
from engine.process.bounds import one_sentence
from engine.process.channel import BrokenStreamError, Receiver
from engine.process.launcher import Ended
from engine.process.log import ProcessLog

MOST_A_SECOND = 2000
"""Messages; the quickest backend that draws nothing sends a few hundred, any other a few."""
MOST_WAITING, MOST_WAITING_BYTES = 10_000, 256 * 2**20
"""What may wait to be read; seconds of the quickest backend."""
GRACE_S = 2.0
"""How long an engine process may take to die of SIGTERM before it is killed, and then of that."""

_LOOK_S = 0.1
_LONGEST_WHY = 200
_MOST_READS_AFTER_END = 16
"""Of 64 KiB each: more than a pipe holds."""


class SpawnedProcess:
    """One process, with a thread that listens to it.

    The thread always takes what comes, so that a process never waits for the watcher. A process that hangs or
    dies in the middle of a message keeps the thread waiting, not the watcher. The end of the process is the
    end of what is heard, even where something that it has started holds its pipe; that is ended with it.

    Args:
        process: begun in a session of its own.
        job: what it waits for on its stdin.
        log: takes what it prints.
        heard: the reading end of the pipe with its messages.
        ask: the writing end of the one in which it is asked.
        hold: the writing end of a pipe by which it sees that we are there.

    All descriptors and the log are closed in the end, unless there is an error here.

    Raises:
        OSError: there is no thread to listen; then the process is gone.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        job: bytes,
        log: ProcessLog,
        *,
        heard: int,
        ask: int,
        hold: int,
    ) -> None:
        self.pid: int | None = process.pid
        self._pid = process.pid
        self._process = process
        self._job = job
        self._log = log
        self._descriptors = [heard, ask, hold]
        self._ask: int | None = ask
        os.set_blocking(ask, False)
        self._receiver = Receiver(heard)
        self._inbox: queue.SimpleQueue[bytes | Ended] = queue.SimpleQueue()
        self._put = _Count()
        self._taken = _Count()
        self._is_heard_out = False
        self._exit_code: int | None = None
        self._exit_lock = threading.Lock()
        self._stopped_s: float | None = None
        self._ends = _open_pidfd(process.pid)
        self._listener = threading.Thread(target=self._listen, name=f"engine-{process.pid}", daemon=True)
        try:
            self._listener.start()
        except RuntimeError as error:
            self._kill()
            self._wait(GRACE_S)
            raise OSError(errno.EAGAIN, str(error)) from error

    def receive(self, timeout_s: float) -> Message | Ended | None:
        until = time.monotonic() + timeout_s
        while not self._is_heard_out:
            self._log.keep_bounded()
            left_s = max(0.0, until - time.monotonic())
            try:
                found = self._inbox.get(timeout=min(left_s, _LOOK_S))
            except queue.Empty:
                if left_s <= _LOOK_S:
                    return None
                continue
            return self._read(found)
        time.sleep(max(0.0, until - time.monotonic()))
        return None

    def _read(self, found: bytes | Ended) -> Message | Ended:
        if isinstance(found, Ended):
            self._is_heard_out = True
            return found
        self._taken.add(found)
        try:
            return decode(found)
        except msgspec.MsgspecError as error:
            self._is_heard_out = True
            return Ended(None, f"bytes that are no message ({one_sentence(str(error), _LONGEST_WHY)})")

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
        if self._ask is not None:
            with contextlib.suppress(OSError):
                os.write(self._ask, what)

    def stop(self) -> None:
        with self._exit_lock:
            self._stopped_s = self._stopped_s or time.monotonic()
            if self._exit_code is None:
                # What is dead and not reaped keeps its number.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGTERM)

    def end(self) -> None:
        if self._ask is None:
            return
        self.stop()
        assert self._stopped_s is not None
        if self._wait(self._stopped_s + GRACE_S - time.monotonic()) is None:
            self._kill()
        self._ask = None
        self._log.close()
        # A driver may hold it in the kernel for longer, for ever even: nobody waits for that.
        if self._wait(GRACE_S) is None:
            return
        self._listener.join(GRACE_S)
        if self._listener.is_alive():
            return
        for descriptor in self._descriptors:
            os.close(descriptor)
        if self._ends is not None:
            os.close(self._ends)

    def log_tail(self, lines: int = 40) -> str:
        return self._log.tail(lines)

    def _listen(self) -> None:
        garbage = ""
        try:
            self._hand_over_job()
            self._hear()
        except BrokenStreamError as error:
            garbage = str(error)
        # Where the pipe was closed by a process that lives on, there is no exit code to wait for.
        self._inbox.put(Ended(None if garbage else self._wait(GRACE_S), garbage))
        # Nothing that it started is to outlive it.
        self._wait(None)

    def _hand_over_job(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as stdin:
            stdin.write(self._job)

    def _hear(self) -> None:
        """Take messages until the pipe is closed, or the process gone and the pipe empty.

        Raises:
            BrokenStreamError: what comes is no message, or far too much.
        """
        pipe = self._receiver.descriptor
        ready = select.poll()
        ready.register(pipe, select.POLLIN)
        if self._ends is not None:
            ready.register(self._ends, select.POLLIN)
        after_end = 0
        while True:
            found = {one for one, _ in ready.poll(_LOOK_S * 1000 if self._ends is None else None)}
            is_gone = (self._ends is None or self._ends in found) and self._take_exit() is not None
            if pipe not in found:
                if is_gone:
                    return
                continue
            # What comes after its end it has left in the pipe, or another process has sent it.
            after_end += is_gone
            if not self._receiver.read() or after_end > _MOST_READS_AFTER_END:
                return
            for message in self._receiver.messages():
                self._admit(message)

    def _admit(self, message: bytes) -> None:
        self._put.add(message)
        waiting = self._put.number - self._taken.number
        if self._put.in_this_second > MOST_A_SECOND or waiting > MOST_WAITING:
            raise BrokenStreamError("more messages than anybody could read")
        if self._put.size - self._taken.size > MOST_WAITING_BYTES:
            raise BrokenStreamError(f"more than {MOST_WAITING_BYTES // 2**20} MiB that nobody has read yet")
        self._inbox.put(message)

    def _wait(self, timeout_s: float | None) -> int | None:
        """Wait until the process has ended and give its exit code; None where it still runs then."""
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while (exit_code := self._take_exit()) is None:
            left_s = _LOOK_S if until is None else until - time.monotonic()
            if left_s <= 0:
                break
            if self._ends is None:
                time.sleep(min(left_s, _LOOK_S) / 10)
            else:
                gone = select.poll()
                gone.register(self._ends, select.POLLIN)
                gone.poll(None if until is None else left_s * 1000)
        return exit_code

    def _take_exit(self) -> int | None:
        """The exit code, once there is one; then all that the process has started is ended."""
        with self._exit_lock:
            if self._exit_code is None and _is_dead(self._pid):
                # Before it is reaped: until then its number is nobody else's.
                _kill_group(self._pid)
                self._exit_code = self._process.wait()
            return self._exit_code

    def _kill(self) -> None:
        with self._exit_lock:
            if self._exit_code is None:
                _kill_group(self._pid)


class _Count:
    """How many messages there were and their bytes; counted by one thread, looked at by any."""

    def __init__(self) -> None:
        self.number = 0
        self.size = 0
        self.in_this_second = 0
        self._second_began_s = time.monotonic()

    def add(self, message: bytes) -> None:
        self.number += 1
        self.size += len(message)
        now = time.monotonic()
        if now - self._second_began_s > 1:
            self._second_began_s, self.in_this_second = now, 0
        self.in_this_second += 1


def _is_dead(pid: int) -> bool:
    """Whether a child has ended; it is not reaped by that."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        # Where SIGCHLD is ignored, the kernel has reaped it.
        return True


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _open_pidfd(pid: int) -> int | None:
    """A descriptor that can be read once the process has ended; None where the system has no such thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
