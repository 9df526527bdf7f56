"""The first code of an engine process.

Drivers print, and the screen is not theirs: until output goes to the log, nothing may be imported here but
what the interpreter itself has loaded.
"""

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

started_in = ""
"""The folder that the engine process began in, as the one who launched it did; "" in any other process."""


def _send_output_to(log: str) -> None:
    """Point stdout and stderr at `log`, for Python and for native code alike; stdin is nobody's."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout = open(1, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")  # noqa: SIM115


def _end_with_parent() -> None:
    """Die when the launching process is gone, even while native code holds the interpreter."""
    import multiprocessing

    platform: str = sys.platform
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if platform == "linux":
        import fcntl

        # The kernel kills this process when the pipe that only the parent holds is closed. Unlike
        # PR_SET_PDEATHSIG it does not mind which thread of the parent started us.
        sentinel: int = parent.sentinel
        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
        if not parent.is_alive():
            os._exit(1)
        return
    import threading

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _be_first_to_go() -> None:
    """Where memory runs out, let the kernel take this process and not the one that watches it."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:  # Not Linux, or a container that does not have it.
        return


def _leave_folder(folder: str) -> None:
    """Go where the log is: MuJoCo writes a `MUJOCO_LOG.TXT` into the folder that it finds itself in."""
    global started_in  # noqa: PLW0603
    started_in = os.getcwd()
    for name in ("MENAGERIE_ROOT", "MENAGERIE_CACHE_DIR"):
        if os.environ.get(name):
            os.environ[name] = os.path.abspath(os.environ[name])
    os.chdir(folder)


def enter(job: bytes, queue: Any, log: str, environment: Mapping[str, str | None], asked: Any = None) -> None:
    """Run one job in this process and send its messages to `queue`.

    Args:
        job: made by `engine.jobs.requests.encode_job`.
        queue: the process's own `multiprocessing` queue, for `engine.messages`.
        log: file that takes everything printed.
        environment: variables to set, or to remove where the value is None.
        asked: the reading end of a pipe whose bytes are what `engine.jobs.asked` lists; None without one.
    """
    _send_output_to(log)
    # Ctrl+C and a lost terminal are told to the whole foreground group; the launching process decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _end_with_parent()
    _be_first_to_go()
    _leave_folder(os.path.dirname(log))
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    from engine.jobs.dispatch import run_job

    run_job(job, queue.put, None if asked is None else asked.fileno())
