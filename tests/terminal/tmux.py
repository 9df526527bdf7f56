"""A terminal that a test can read: tmux, with a server of its own."""

import os
import subprocess
import time
from pathlib import Path

LIMIT_S = 60


class Tmux:
    """One window; what stands on its screen is text.

    Args:
        socket: where the server listens.
        size: columns and rows.
    """

    def __init__(self, socket: Path, size: tuple[int, int] = (80, 24)) -> None:
        self._socket = socket
        self._size = size

    def run(self, *arguments: str) -> str:
        """Give tmux a command."""
        # Without the variable, a tmux that the tests themselves run in is not asked.
        environment = {name: value for name, value in os.environ.items() if name != "TMUX"}
        answer = subprocess.run(
            ["tmux", "-u", "-f", "/dev/null", "-S", str(self._socket), *arguments],
            env={**environment, "LC_ALL": "C.UTF-8", "DISPLAY": "", "WAYLAND_DISPLAY": ""},
            stdout=subprocess.PIPE, check=True, text=True, timeout=30,
        )  # fmt: skip
        return answer.stdout

    def start(self, command: str) -> None:
        """Run a command in the window, which stays when it has ended."""
        columns, rows = map(str, self._size)
        size = ("-x", columns, "-y", rows)
        self.run("new-session", "-d", *size, command, ";", "set", "remain-on-exit", "on")

    def press(self, *keys: str) -> None:
        """Type keys by tmux's names, or text."""
        self.run("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self.run("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        """What a person sees."""
        return self.run("capture-pane", "-p")

    def everything(self) -> str:
        """What a person sees, and what has gone up, its lines not broken by the width."""
        return self.run("capture-pane", "-p", "-J", "-S", "-")

    def pid(self) -> int:
        """The process that was started in the window."""
        return int(self.run("display", "-p", "#{pane_pid}"))

    def has_ended(self) -> bool:
        """Whether the command is over."""
        return self.run("display", "-p", "#{pane_dead}").strip() == "1"

    def exit_code(self) -> int:
        """What it ended with."""
        return int(self.run("display", "-p", "#{pane_dead_status}"))

    def wait_for(self, *texts: str) -> str:
        """Wait until all the texts stand on the screen; the screen."""
        deadline = time.monotonic() + LIMIT_S
        while not all(text in (screen := self.screen()) for text in texts):
            assert time.monotonic() < deadline, f"no {texts} in\n{screen}"
            time.sleep(0.05)
        return screen

    def wait_for_end(self) -> None:
        """Wait until the command is over."""
        deadline = time.monotonic() + LIMIT_S
        while not self.has_ended():
            assert time.monotonic() < deadline, f"still there:\n{self.screen()}"
            time.sleep(0.05)

    def hang_up(self) -> None:
        """Take the terminal away."""
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], capture_output=True, check=False)
