"""The installed command in a real pseudo-terminal of 80x24."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from profiles.sessions import load_session

LIMIT_S = 60
F5 = b"\x1b[15~"


class Terminal:
    """A command in a terminal, and all that it has written there."""

    def __init__(self, command: list[str], *arguments: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=slave, stdout=slave, stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", "DISPLAY": "", "WAYLAND_DISPLAY": ""},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 (no thread runs here)
        )  # fmt: skip
        os.close(slave)
        self.written = b""

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Read what is written until the condition holds."""
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            assert time.monotonic() < deadline, self.written[-3000:]
            if self.master >= 0 and select.select([self.master], [], [], 0.05)[0]:
                try:
                    self.written += os.read(self.master, 65536)
                except OSError:
                    self.master = -1
            elif self.master < 0:
                time.sleep(0.02)

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.master, keys)

    def hang_up(self) -> None:
        """Take the terminal away, as a connection that drops does."""
        os.close(self.master)
        self.master = -1


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A profile of null."""
    path = tmp_path / "mine.toml"
    path.write_text('backends = ["null"]\nresolutions = ["64x64"]\n[measure]\nduration = 0.4\n')
    return path


def session_folders(sessions_folder: Path) -> list[Path]:
    return [path.parent for path in sessions_folder.glob("*/session.toml")]


def test_choosing_watching_and_the_table_on_the_normal_screen(command, profile, sessions_folder):
    terminal = Terminal(command, "--profile", str(profile))
    terminal.wait_for(lambda: b"1 case" in terminal.written)
    terminal.press(F5)
    terminal.wait_for(lambda: bool(session_folders(sessions_folder)))
    terminal.wait_for(lambda: b"Session complete" in terminal.written)
    terminal.press(b"q")
    terminal.wait_for(lambda: terminal.process.poll() is not None)
    terminal.wait_for(lambda: b"session: " in terminal.written)
    assert terminal.process.returncode == 0
    normal_screen = terminal.written.rpartition(b"\x1b[?1049l")[2].decode()
    assert "apartment" in normal_screen
    assert "null" in normal_screen
    assert str(session_folders(sessions_folder)[0]) in normal_screen.replace("\r\n", "")


@pytest.mark.parametrize("how", ["SIGTERM", "the terminal goes away"])
def test_a_run_that_loses_its_terminal_is_saved_and_leaves_no_process(command, profile, sessions_folder, how):
    profile.write_text(profile.read_text().replace("0.4", "600"))
    terminal = Terminal(command, "--profile", str(profile))
    terminal.wait_for(lambda: b"1 case" in terminal.written)
    terminal.press(F5)
    terminal.wait_for(lambda: re.search(rb"overall, [1-9][0-9]* frames", terminal.written) is not None)
    children = psutil.Process(terminal.process.pid).children(recursive=True)
    assert children
    if how == "SIGTERM":
        terminal.process.send_signal(signal.SIGTERM)
    else:
        terminal.hang_up()
    terminal.wait_for(lambda: terminal.process.poll() is not None)
    terminal.wait_for(lambda: not any(child.is_running() for child in children))
    (folder,) = session_folders(sessions_folder)
    session = load_session(folder)
    assert session.session.status == "interrupted"
    assert session.cases[0].trials[0].metrics is not None


def test_without_a_terminal_it_names_the_other_way(mjbench):
    answer = mjbench(TERM="xterm-256color")
    assert answer.code == 2
    answer.assert_sentence("terminal", "--headless")
