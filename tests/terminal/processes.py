"""Which processes of the tool there are, whoever started them."""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "MJBENCH_TEST_MARK"
"""An environment variable; a test and all that it starts have a value of their own."""
LIMIT_S = 60
SAVING_LIMIT_S = 20


def tool_processes(mark: str) -> list[psutil.Process]:
    """The dashboard and its engine processes that live and have this mark."""
    python = Path(sys.executable).resolve()
    found = []
    for process in psutil.process_iter():
        try:
            # The shell, tmux and ssh have the mark too, but are other programs; the dead have no environment.
            if process.environ().get(MARK) == mark and Path(process.exe()) == python:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def engine_processes(mark: str) -> list[psutil.Process]:
    """Those of them that measure or are about to."""
    return [one for one in tool_processes(mark) if any("spawn_main" in word for word in _words(one))]


def dashboard_process(mark: str) -> psutil.Process:
    """The one that a person has started."""
    (process,) = [
        one for one in tool_processes(mark) if any(Path(word).name == "mjbench-tui" for word in _words(one))
    ]
    return process


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def end_all(mark: str) -> None:
    """End what a test has left behind."""
    # A dashboard that has lost its terminal saves its run first.
    deadline = time.monotonic() + SAVING_LIMIT_S
    while processes := tool_processes(mark):
        if time.monotonic() > deadline:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        time.sleep(0.05)
