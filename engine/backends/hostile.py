"""What the twin of `null` does to the one who watches it, for tests: to its pipe, its memory, its log."""

from __future__ import annotations

import ctypes
import os
import pickle
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

from engine.messages import PreviewMessage, SceneMessage, Stage, StageMessage, encode
from engine.process import child
from engine.process.channel import Sender

PICKLE_FILE = "unpickled"
"""What appears beside the log where somebody unpickles what the twin has sent."""
LEFT_FILE = "left-behind"
"""Beside the log: the number of a process that the twin has started and left."""
_ROOM_BYTES = 64 * 2**20

stage: Stage | None = None
"""Where the twin misbehaves, if not in a frame."""


def _sender() -> Sender:
    assert child.sender is not None
    return child.sender


def _hang() -> NoReturn:
    while True:
        time.sleep(60)


def _flood() -> NoReturn:
    # Messages that are in order here, so that it is their number alone that is wrong.
    small = PreviewMessage(width=1, height=1, pixels=bytes(3))
    data = encode(small if stage is None else StageMessage(stage=stage))
    while True:
        _sender().put(data)


def _send_no_message() -> None:
    _sender().put(b"\xc1 hello")


def _send_cut_message() -> None:
    _sender().put(encode(StageMessage(stage=Stage.RUN))[:-2])


def _send_wrong_type() -> None:
    _sender().put(encode(StageMessage(stage=Stage.RUN)).replace(b"\xa3run", b"\x03"))


def _send_wrong_kind() -> None:
    _sender().put(encode(SceneMessage(scene="apartment")))


def _write_into_pipe() -> None:
    os.write(_sender().descriptor, b"MESA: warning: this went to the wrong descriptor\n" * 20)


def _claim_gigabytes() -> None:
    os.write(_sender().descriptor, struct.pack("!I", 2**32 - 1))


class _Bomb:
    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (Path.cwd() / PICKLE_FILE,)


def _send_pickle() -> None:
    _sender().put(pickle.dumps(_Bomb()))


def _begin_message() -> None:
    os.write(_sender().descriptor, struct.pack("!I", 1000) + b"ten bytes.")


def _die_in_message() -> None:
    _begin_message()
    os.kill(os.getpid(), signal.SIGKILL)


def _hang_in_message() -> None:
    _begin_message()
    _hang()


def _die_with_lock() -> None:
    _sender()._lock.acquire()
    os.kill(os.getpid(), signal.SIGKILL)


def _keep_lock() -> None:
    _sender()._lock.acquire()


def _close_pipe() -> NoReturn:
    os.close(_sender().descriptor)
    _hang()


def _leave_fork(leave_session: bool = False) -> None:
    """Die while a child, which does not mind SIGTERM, holds all that this process held."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    left = os.fork()
    if not left:
        if leave_session:
            os.setsid()
        _hang()
    signal.signal(signal.SIGTERM, before)
    Path(LEFT_FILE).write_text(str(left))
    os._exit(0)


def _print_on_terminal() -> None:
    with suppress(OSError), Path("/dev/tty").open("w") as terminal:
        terminal.write("the driver has something to say on the terminal\n")


def _print_endlessly() -> NoReturn:
    number = 0
    while True:
        os.write(2, b"%d: the driver has something to say\n" % number * 1000)
        number += 1
        # Not quicker than a disk: this is about how much it is.
        time.sleep(0.001)


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + _ROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _allocate() -> NoReturn:
    _limit_memory()
    kept = []
    while True:
        kept.append(bytearray(2**16))


def _allocate_in_native_code() -> NoReturn:
    _limit_memory()
    new = ctypes.CDLL("libstdc++.so.6")._Znwm
    new.argtypes, new.restype = [ctypes.c_size_t], ctypes.c_void_p
    while True:
        new(2**24)


def _raise_much() -> None:
    raise RuntimeError("no\n" * (100 * 2**20 // 3))


class _UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("this cannot be told")


def _raise_unspeakable() -> None:
    raise _UnspeakableError


def _raise_without_log() -> None:
    sys.stderr.close()
    raise RuntimeError("the driver is in a bad mood")


FAULTS: dict[str, Callable[[], None]] = {
    "flood": _flood,
    "no_message": _send_no_message,
    "cut_message": _send_cut_message,
    "wrong_type": _send_wrong_type,
    "wrong_kind": _send_wrong_kind,
    "write_into_pipe": _write_into_pipe,
    "claim_gigabytes": _claim_gigabytes,
    "pickle": _send_pickle,
    "die_in_message": _die_in_message,
    "hang_in_message": _hang_in_message,
    "die_with_lock": _die_with_lock,
    "keep_lock": _keep_lock,
    "close_pipe": _close_pipe,
    "freeze": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "leave_fork": _leave_fork,
    "leave_daemon": partial(_leave_fork, leave_session=True),
    "print_on_terminal": _print_on_terminal,
    "print_endlessly": _print_endlessly,
    "raise_much": _raise_much,
    "raise_unspeakable": _raise_unspeakable,
    "raise_without_log": _raise_without_log,
    "allocate": _allocate,
    "allocate_native": _allocate_in_native_code,
}
