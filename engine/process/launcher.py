"""Starting engine processes, and hearing from them.

Behind the two small interfaces here nobody knows how or where an engine process runs.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.jobs.requests import Job, encode_job
from engine.messages import Message
from engine.process.log import ProcessLog
from engine.shortages import shortage

_START = "import sys; sys.path[:] = sys.argv[5:]; from engine.process.child import spawn_main; spawn_main()"


@dataclass(frozen=True)
class Ended:
    """The engine process says nothing more."""

    exit_code: int | None
    """As `subprocess` has it: negative for the signal that ended it; None where it still runs."""
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
        from engine.process.spawned import SpawnedProcess

        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            try:
                kept = ProcessLog(log.absolute())
                ours.callback(kept.close)
                heard, messages = _pipe(ours, theirs)
                asked, ask = _pipe(theirs, ours)
                lifeline, hold = _pipe(theirs, ours)
                process = _start(log.absolute(), kept.fileno(), (messages, asked, lifeline), environment)
                spawned = SpawnedProcess(process, encode_job(job), kept, heard=heard, ask=ask, hold=hold)
            except OSError as error:
                reason = shortage(error) or error.strerror or error
                raise LaunchError(f"no engine process can be started: {reason}") from error
            ours.pop_all()
        return spawned


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """Make a pipe whose reading end one side is to close and whose writing end the other."""
    ends = os.pipe()
    for side, end in zip((reader, writer), ends, strict=True):
        side.callback(os.close, end)
    return ends


def _start(
    log: Path, output: int, descriptors: tuple[int, ...], environment: Mapping[str, str | None]
) -> subprocess.Popen[bytes]:
    """Start an interpreter in a session of its own, whose output is the log from its first moment on.

    Ctrl+C and a lost terminal are told to all of a terminal's group, and only we decide what comes of them.
    """
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    arguments = (str(log), *map(str, descriptors), *_module_folders())
    variables = {**os.environ, **environment}
    return subprocess.Popen(
        [sys.executable, *flags, "-c", _START, *arguments],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        pass_fds=descriptors,
        env={name: value for name, value in variables.items() if value is not None},
        start_new_session=True,
    )


def _module_folders() -> list[str]:
    """Where modules are imported from; an engine process is in another folder soon."""
    here = ""
    with contextlib.suppress(OSError):
        here = str(Path.cwd())
    return [folder or here for folder in sys.path if folder or here]


def launch_clock_ns() -> int:
    """Now, on the clock that `TrialJob.launched_ns` is told on."""
    return time.monotonic_ns()
