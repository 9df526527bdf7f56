"""The first code of an engine process.

Drivers print, and the screen is not theirs: the process begins with its output in the log, and with a session
of its own, without a terminal.
"""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable

from engine.process.channel import Sender

started_in = ""
"""The folder that the engine process began in, as the one who launched it did; "" in any other process."""
sender: Sender | None = None
"""What an engine process says all it says by; None in any other process."""


def spawn_main() -> None:
    """Run the job that stands on stdin.

    The arguments are the log, and the descriptors of three pipes: for messages, for what is asked (see
    `engine.jobs.asked`), and one that closes when the launching process is gone.
    """
    global sender  # noqa: PLW0603
    log, *descriptors = sys.argv[1:5]
    messages, asked, lifeline = (int(descriptor) for descriptor in descriptors)
    for descriptor in (messages, asked, lifeline):
        # What a driver starts is not to hold them.
        os.set_inheritable(descriptor, False)
    _end_with_parent(lifeline)
    job = sys.stdin.buffer.read()
    sender = Sender(messages)
    enter(job, sender.put, log, asked)


def enter(job: bytes, put: Callable[[bytes], None], log: str, asked: int | None = None) -> None:
    """Run one job in this process.

    Args:
        job: made by `engine.jobs.requests.encode_job`.
        put: takes the messages, see `engine.messages`.
        log: file that takes everything printed.
        asked: the reading end of a pipe whose bytes are what `engine.jobs.asked` lists; None without one.
    """
    _send_output_to(log)
    # The launching process decides what comes of Ctrl+C and of a lost terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _be_first_to_go()
    _leave_no_core()
    _leave_folder(os.path.dirname(log))
    from engine.jobs.dispatch import run_job

    run_job(job, put, asked)


def _send_output_to(log: str) -> None:
    """Point stdout and stderr at `log`, for Python and for native code alike; stdin is nobody's."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout, sys.stderr = _Log(1), _Log(2)


class _Log(io.TextIOWrapper):
    """A standard stream: what its file does not take, as on a full disk, is lost, and nothing else is."""

    def __init__(self, descriptor: int) -> None:
        stream = open(descriptor, "wb", closefd=False)  # noqa: SIM115
        super().__init__(stream, encoding="utf-8", errors="replace", line_buffering=True)

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            super().flush()


def _end_with_parent(lifeline: int) -> None:
    """Die when the launching process is gone, even while native code holds the interpreter."""
    import select

    gone = select.poll()
    gone.register(lifeline)
    platform: str = sys.platform
    if platform == "linux":
        import fcntl

        # The kernel kills this process, and all that it started, when the pipe that only the parent holds
        # is closed. Unlike PR_SET_PDEATHSIG it does not mind which thread of the parent started us.
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
        # Where it was closed before, nothing tells of it.
        if gone.poll(0):
            os._exit(1)
        return
    import threading

    def wait() -> None:
        gone.poll()
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _be_first_to_go() -> None:
    """Where memory runs out, let the kernel take this process and not the one that watches it."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:  # Not Linux, or a container that does not have it.
        return


def _leave_no_core() -> None:
    """Where a driver crashes, leave no copy of its memory in the folder of the session."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _leave_folder(folder: str) -> None:
    """Go where the log is: MuJoCo writes a `MUJOCO_LOG.TXT` into the folder that it finds itself in."""
    global started_in  # noqa: PLW0603
    started_in = os.getcwd()
    for name in ("MENAGERIE_ROOT", "MENAGERIE_CACHE_DIR"):
        if os.environ.get(name):
            os.environ[name] = os.path.abspath(os.environ[name])
    os.chdir(folder)
