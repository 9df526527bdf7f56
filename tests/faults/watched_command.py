"""The installed command in a process of its own, with what it took: processor time and memory."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_SECONDS = 2.0
"""Processor time that a hostile file may take beyond what a good one does."""
MOST_MIB = 200.0
"""Likewise memory."""


@dataclass(frozen=True)
class Answer:
    """What a command said, how it ended, and what it took."""

    code: int
    out: str
    err: str
    cpu_s: float
    """Of the process and of those that it started, user and system."""
    peak_mib: float
    """The largest resident size of the process itself."""

    def assert_within(self, usual: "Answer") -> None:
        """Not much more than the same command takes with a good file."""
        assert self.cpu_s - usual.cpu_s < MOST_SECONDS, (self.cpu_s, usual.cpu_s, self.err)
        assert self.peak_mib - usual.peak_mib < MOST_MIB, (self.peak_mib, usual.peak_mib, self.err)

    def assert_sentence(self, *parts: str, code: int = 2) -> None:
        """This exit code, one sentence on stderr with all the parts, nothing on stdout."""
        assert self.code == code, (self.code, self.err[-2000:])
        assert "Traceback" not in self.err
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err[:2000]
        assert lines[0].startswith("mjbench-tui: ") and lines[0].isprintable()
        for part in parts:
            assert part in lines[0], (part, lines[0])
        assert self.out == ""


def mjbench(folder: Path, *arguments: object, **variables: str) -> Answer:
    """Run the command in a folder and wait for its end."""
    words = [str(Path(sys.executable).with_name("mjbench-tui")), *map(str, arguments)]
    return watched(words, folder, **variables)


_LAUNCHER = """
import os, sys
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=file)
"""


def watched(words: Sequence[str], folder: Path, **variables: str) -> Answer:
    """Run any command; its output goes through files, so that only its end is waited for.

    A small process starts it: the system counts what the starting process held as the command's own memory.
    """
    token = os.urandom(4).hex()
    out, err, took = (folder / f".{name}-{token}" for name in ("out", "err", "took"))
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(took)]
    with out.open("wb") as out_file, err.open("wb") as err_file:
        subprocess.run(
            [*launcher, *words], stdin=subprocess.DEVNULL, stdout=out_file, stderr=err_file,
            cwd=folder, env={**os.environ, **variables}, check=True,
        )  # fmt: skip
    code, cpu_s, peak_kib = took.read_text().split()
    said = [path.read_bytes().decode("utf-8", "replace") for path in (out, err)]
    for path in (out, err, took):
        path.unlink()
    return Answer(int(code), *said, float(cpu_s), float(peak_kib) / 1024)
