"""The real command in real processes, where disks, clocks and names are not as they should be."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

COMMAND = str(Path(sys.executable).with_name("mjbench-tui"))
LIMIT_S = 100
NULL = ("run", "--backend", "null", "--effects", "scene", "--warmup-frames", "2")
"""A run of one case that draws nothing."""


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one that tells of the error: the last line, and the only one of its kind."""
        assert "Traceback" not in self.err, self.err
        told = [line for line in self.err.splitlines() if line.startswith("mjbench-tui: ")]
        assert len(told) == 1, self.err
        assert self.err.splitlines()[-1] == told[0], self.err
        return told[0].removeprefix("mjbench-tui: ")

    def assert_refused(self, code: int, *parts: str) -> None:
        """It ended with this code and one sentence that holds all the parts."""
        assert self.code == code, (self.code, self.err)
        for part in parts:
            assert part in self.sentence, (part, self.sentence)


def mjbench(*arguments: object, **options: Any) -> Answer:
    """Run the command and wait for its end; see `begin`."""
    process = begin(*arguments, **options)
    out, err = process.communicate(timeout=LIMIT_S)
    return Answer(process.returncode, out, err)


def begin(
    *arguments: object,
    cwd: Path | None = None,
    longest_file: int | None = None,
    within: tuple[str, ...] = (),
    **variables: object,
) -> subprocess.Popen[str]:
    """Start the command.

    Args:
        arguments: after its name.
        cwd: where it runs.
        longest_file: bytes that no file of it and its children can have more of.
        within: a command that starts it.
        variables: of its environment.
    """

    if longest_file is not None:
        within = ("prlimit", f"--fsize={longest_file}", *within)
    return subprocess.Popen(
        [*within, COMMAND, *(each if isinstance(each, bytes) else str(each) for each in arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=cwd,
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        start_new_session=True,
    )


@contextlib.contextmanager
def running(*arguments: object, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on meanwhile; see `begin`. Whatever happens, no process of it is left."""
    process = begin(*arguments, **options)
    try:
        yield process
    finally:
        family = [process.pid, *(child.pid for child in children(process))]
        for pid in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        process.communicate()


def children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """All that a command has started and that is still there."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def wait_for(condition: Callable[[], object], what: str, limit_s: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


def wait_for_line(process: subprocess.Popen[str], part: str) -> str:
    """The next line on stderr that holds this; generously waited for by the test's own limit."""
    assert process.stderr is not None
    lines = []
    for line in iter(process.stderr.readline, ""):
        lines.append(line)
        if part in line:
            return line
    raise AssertionError(f"it ended without telling of {part!r}: {''.join(lines)}")
