"""A terminal that a test can read: tmux, with a server of its own."""

import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

LIMIT_S = 60
ANSWER_LIMIT_S = 10


class Tmux:
    """One window; what stands on its screen is text.

    Args:
        socket: where the server listens, in a folder of its own.
        size: columns and rows.
    """

    def __init__(self, socket: Path, size: tuple[int, int] = (80, 24)) -> None:
        self._socket = socket
        self._exit_code = socket.with_name("exit-code")
        self._size = size
        self._server: psutil.Process | None = None
        self.seen: list[str] = []
        """Every screen that was looked at while something was waited for."""

    def run(self, *arguments: str) -> str:
        """Give tmux a command."""
        # Without the variable, a tmux that the tests themselves run in is not asked.
        environment = {name: value for name, value in os.environ.items() if name != "TMUX"}
        answer = subprocess.run(
            ["tmux", "-u", "-f", "/dev/null", "-S", str(self._socket), *arguments],
            env={**environment, "LC_ALL": "C.UTF-8", "DISPLAY": "", "WAYLAND_DISPLAY": ""},
            stdout=subprocess.PIPE, check=True, text=True, timeout=ANSWER_LIMIT_S,
        )  # fmt: skip
        return answer.stdout

    def _ask(self, *arguments: str) -> str:
        """Give tmux a command that changes nothing."""
        # On a busy machine it has been seen to leave one of many without an answer.
        for _ in range(3):
            with suppress(subprocess.TimeoutExpired):
                return self.run(*arguments)
        return self.run(*arguments)

    def start(self, command: str) -> None:
        """Run a command line in the window, which stays when it has ended."""
        columns, rows = map(str, self._size)
        size = ("-x", columns, "-y", rows)
        self.run("new-session", "-d", *size, *self._shell(command), ";", "set", "remain-on-exit", "on")
        self._server = psutil.Process(int(self._ask("display", "-p", "#{pid}")))

    def start_another(self, command: str) -> None:
        """Run a command line in the window where one has ended."""
        self.run("respawn-pane", "-k", *self._shell(command))

    def _shell(self, command: str) -> tuple[str, ...]:
        # tmux before 3.5 now and then does not hear how a command has ended, so the shell writes it down.
        self._exit_code.unlink(missing_ok=True)
        return ("sh", "-c", f"{command}; echo $? >{shlex.quote(str(self._exit_code))}")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names."""
        self.run("send-keys", *keys)

    def write(self, text: str) -> None:
        """Type text."""
        self.run("send-keys", "-l", text)

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self.run("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        """What a person sees."""
        return self._ask("capture-pane", "-p")

    def everything(self) -> str:
        """What a person sees, and what has gone up, its lines not broken by the width."""
        return self._ask("capture-pane", "-p", "-J", "-S", "-")

    def is_normal_screen(self) -> bool:
        """Whether the screen is the one that a shell uses."""
        return self._ask("display", "-p", "#{alternate_on}").strip() == "0"

    def process(self) -> psutil.Process:
        """The command in the window."""
        shell = psutil.Process(int(self._ask("display", "-p", "#{pane_pid}")))
        (command,) = shell.children()
        return command

    def exit_code(self) -> int:
        """Wait until the command is over; what it ended with."""
        self.wait_until(lambda screen: self._exit_code.exists() and self._exit_code.read_text(), "end")
        return int(self._exit_code.read_text())

    def wait_until(self, condition: Callable[[str], object], what: str) -> str:
        """Wait until a condition of the screen holds; the screen."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            screen = self.screen()
            self.seen.append(screen)
            if condition(screen):
                return screen
            assert time.monotonic() < deadline, f"no {what} in\n{screen}"
            time.sleep(0.1)

    def wait_for(self, *texts: str) -> str:
        """Wait until all the texts stand on the screen; the screen."""
        return self.wait_until(lambda screen: all(text in screen for text in texts), f"{texts}")

    def wait_for_match(self, pattern: str) -> str:
        """Wait until a part of the screen matches; the screen."""
        return self.wait_until(re.compile(pattern).search, pattern)

    def wait_for_output(self, text: str) -> str:
        """Wait until a text that may be longer than a line was printed; all that was."""
        self.wait_until(lambda screen: text in self.everything().replace("\n", ""), text)
        return self.everything()

    def hang_up(self) -> None:
        """Take the terminal away."""
        if self._server is None:
            return
        with suppress(subprocess.SubprocessError):
            self.run("kill-server")
        deadline = time.monotonic() + ANSWER_LIMIT_S
        while _lives(self._server):
            if time.monotonic() > deadline:
                self._server.kill()
            time.sleep(0.02)
        self._server = None


def _lives(process: psutil.Process) -> bool:
    try:
        # Who reaps the server of tmux may take a while.
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
