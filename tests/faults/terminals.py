"""The real dashboard in a real terminal, several of them side by side, each with folders of its own."""

import re
import shlex
import signal
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from profiles.session import Session
from profiles.sessions import load_session
from tests.faults.watching import COMMAND, USUAL
from tests.terminal.processes import (
    MARK,
    dashboard_process,
    end_all,
    engine_processes,
    tool_processes,
    wait_for,
)
from tests.terminal.steps import start_measuring
from tests.terminal.tmux import Tmux


class DashboardTerminal:
    """A terminal with the dashboard in it; whatever happens, nothing of it outlives the test.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.mark = uuid4().hex
        self.tmux = Tmux(folder / "socket")
        self._folder = folder
        self.modes = folder / "modes"
        """Takes what `stty -a` says once the dashboard is closed."""
        self._code = folder / "code"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.tmux.hang_up()
        end_all(self.mark)

    def command_line(self, *arguments: str, **variables: str) -> str:
        """The command with its folders, as it is typed."""
        homes = {
            f"XDG_{name}_HOME": str(self._folder / name.lower())
            for name in ("CONFIG", "DATA", "CACHE", "STATE")
        }
        settings = {**homes, **USUAL, MARK: self.mark, **variables}
        return shlex.join(
            ["env", *(f"{name}={text}" for name, text in settings.items()), COMMAND, *arguments]
        )

    def start(self, *arguments: str, **variables: str) -> None:
        """Open the dashboard, and write down how the terminal is afterwards."""
        command = self.command_line(*arguments, **variables)
        # The shell stays: tmux takes the cursor from a window whose command has ended.
        modes, code = (shlex.quote(str(path)) for path in (self.modes, self._code))
        inner = f"{command}; code=$?; stty -a >{modes}; echo $code >{code}; read wait"
        self.tmux.start(shlex.join(["sh", "-c", inner]))

    def exit_code(self) -> int:
        """Wait until the dashboard is closed; what it ended with."""
        wait_for(lambda: self._code.exists() and self._code.read_text(), "the end of the dashboard")
        return int(self._code.read_text())

    def measure(self, *arguments: str, **variables: str) -> None:
        """Open the dashboard and begin to measure; returns with figures of the first case."""
        self.start(*arguments, **variables)
        start_measuring(self.tmux)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the dashboard alone."""
        dashboard_process(self.mark).send_signal(number)

    @property
    def engines(self) -> list[object]:
        """Its engine processes."""
        return list(engine_processes(self.mark))

    def wait_until_alone(self) -> None:
        """Wait until none of its processes is left."""
        wait_for(lambda: not tool_processes(self.mark), "no process is left")

    def flag(self, name: str) -> str:
        """What tmux says of the window."""
        return self.tmux.run("display", "-p", f"#{{{name}}}").strip()

    def assert_in_order(self) -> None:
        """The terminal is as a shell needs it."""
        assert self.tmux.is_normal_screen()
        for flag, wanted in (("cursor_flag", "1"), ("mouse_any_flag", "0"), ("insert_flag", "0")):
            assert self.flag(flag) == wanted, flag
        modes = self.modes.read_text()
        for mode in ("icanon", "echo", "isig", "icrnl"):
            assert re.search(rf"(?<!-)\b{mode}\b", modes), modes

    def sessions(self) -> list[Path]:
        """The folders of its sessions, saved or not, oldest first."""
        folder = self._folder / "data" / "mjbench" / "sessions"
        return sorted(folder.iterdir()) if folder.exists() else []

    def saved_session(self) -> Session:
        """The only session, which is saved; a line on the normal screen says where."""
        (folder,) = self.sessions()
        return load_session(folder)

    def words(self) -> str:
        """What stands on the normal screen, without its line ends."""
        return self.tmux.everything().replace("\n", "")
