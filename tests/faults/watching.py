"""The real command, watched from outside: what it says as it says it, and every process that is its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from uuid import uuid4

import psutil

from profiles.session import Session
from tests.terminal.processes import MARK, engine_processes, tool_processes

COMMAND = str(Path(sys.executable).with_name("mjbench-tui"))
USUAL = {"PYTHONUNBUFFERED": ""}
"""Set where tests run, and not where people do: of a stream without a buffer much is not so."""
LIMIT_S = 100
LEFT_LIMIT_S = 3.0
"""So long after a kill no engine process may be left."""
NULL = ("run", "--backend", "null", "--effects", "scene")
"""A run of one case that draws nothing."""
TWIN = ("run", "--backend", "misbehaving", "--effects", "scene")
_ENDED = re.compile(r"\[\d+/\d+\] (?:\w+: )?([\d.]+) FPS, p99 ")


class WatchedCommand:
    """A command that goes on while a test looks at it; whatever happens, nothing of it outlives the test.

    Args:
        arguments: after its name.
        in_session: False for a group of its own in the session of the tests, as a shell starts a job; Ctrl+Z
            stops only such a group.
        within: a command that starts it.
        variables: of its environment.
    """

    def __init__(
        self, *arguments: object, in_session: bool = True, within: tuple[str, ...] = (), **variables: str
    ) -> None:
        self.mark = uuid4().hex
        group: dict[str, Any] = {"start_new_session": True} if in_session else {"process_group": 0}
        self.process = subprocess.Popen(
            [*within, COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace", env={**os.environ, **USUAL, MARK: self.mark, **variables}, **group,
        )  # fmt: skip
        self.code: int | None = None
        """How it has ended, once `end` was called."""
        self.lines: list[str] = []
        """What it has said on stderr."""
        self._out: list[str] = []
        assert self.process.stdout is not None and self.process.stderr is not None
        self._readers = [
            threading.Thread(target=_read, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stderr, self.lines), (self.process.stdout, self._out))
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in tool_processes(self.mark):
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.process.kill()
        self.process.wait()
        self._drain()

    @property
    def said(self) -> str:
        """All of stderr so far."""
        return "".join(self.lines)

    @property
    def out(self) -> str:
        """All of stdout, once it has ended."""
        return "".join(self._out)

    @property
    def told(self) -> list[str]:
        """The FPS of each trial whose end was told, as it was written."""
        return _ENDED.findall(self.said)

    @property
    def engines(self) -> list[psutil.Process]:
        """Its engine processes."""
        return engine_processes(self.mark)

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is so; it must not have ended before."""
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            ended = self.process.poll() is not None
            assert not ended or condition(), f"it ended before {what}:\n{self.said}"
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{self.said}"
            time.sleep(0.005)

    def wait_for_words(self, words: str) -> None:
        """Wait until it has said something."""
        self.wait_for(lambda: words in self.said, words)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the command alone."""
        self.process.send_signal(number)

    def send_to_group(self, number: signal.Signals) -> None:
        """Send a signal to all of its group, as a terminal does."""
        os.killpg(self.process.pid, number)

    def is_stopped(self) -> bool:
        """Whether it stands still until SIGCONT."""
        return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED

    def end(self) -> int:
        """Wait until it has ended and all it said is there; its exit code."""
        self.code = self.process.wait(LIMIT_S)
        self._drain()
        return self.code

    def _drain(self) -> None:
        for reader in self._readers:
            reader.join(LIMIT_S)

    def seconds_until_alone(self) -> float:
        """Wait until none of its processes is left; how long that took."""
        began = time.monotonic()
        while left := tool_processes(self.mark):
            seconds = time.monotonic() - began
            assert seconds < LEFT_LIMIT_S, f"left: {left}"
            time.sleep(0.02)
        return time.monotonic() - began


def answer(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip


def sessions_folder() -> Path:
    """Where sessions go without --output."""
    return Path(os.environ["XDG_DATA_HOME"]) / "mjbench" / "sessions"


def measured(session: Session) -> list[str]:
    """The FPS of each trial of a session in the order they were measured in, as a run tells it."""
    from tui.text import three_digits

    rates = {
        f"{case.id}.{trial.trial}": trial.metrics.fps
        for case in session.cases
        for trial in case.trials
        if trial.metrics is not None
    }
    return [three_digits(rates[key]) for key in session.session.order if key in rates]


def _read(stream: IO[str], lines: list[str]) -> None:
    for line in stream:
        lines.append(line)  # noqa: PERF402 (each as it comes)
