"""What the tests of a real terminal share."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.terminal.processes import MARK, end_all
from tests.terminal.tmux import Tmux

CommandLine = Callable[..., str]


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What the processes of this test are known by; none of them outlives it."""
    value = uuid4().hex
    monkeypatch.setenv(MARK, value)
    yield value
    end_all(value)


@pytest.fixture
def terminal(mark: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tmux]:
    """A terminal of 80x24 with nothing in it yet."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: scripts/test.sh installs it")
    tmux = Tmux(tmp_path_factory.mktemp("tmux") / "socket")
    yield tmux
    tmux.hang_up()


@pytest.fixture
def command_line() -> CommandLine:
    """The installed command with some arguments, as a person types it."""
    path = Path(sys.executable).with_name("mjbench-tui")
    return lambda *arguments: shlex.join([str(path), *arguments])


@pytest.fixture
def saved_sessions() -> Callable[[], list[Path]]:
    """The folders of the sessions that are saved, oldest first."""
    folder = Path(os.environ["XDG_DATA_HOME"]) / "mjbench" / "sessions"
    # Their names begin with the second in which they began, which two can share.
    return lambda: sorted(
        (path.parent for path in folder.glob("*/session.toml")), key=lambda path: path.stat().st_ctime_ns
    )
