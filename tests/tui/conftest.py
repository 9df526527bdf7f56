"""The installed command, run as a person or a script runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

BOX = """
<mujoco model="box">
  <worldbody>
    <light pos="0 0 3"/>
    <camera name="front" pos="0 -3 1" xyaxes="1 0 0 0 0.3 1"/>
    <geom type="plane" size="2 2 0.1"/>
    <body pos="0 0 1"><freejoint/><geom type="box" size="0.2 0.2 0.2" rgba="1 0 0 1"/></body>
  </worldbody>
</mujoco>
"""


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    def assert_sentence(self, *parts: str) -> None:
        """One sentence on stderr that names all the parts, no traceback, nothing on stdout."""
        assert "Traceback" not in self.err
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("mjbench-tui: ")
        for part in parts:
            assert part in lines[0], (part, lines[0])
        assert self.out == ""


Command = Callable[..., Answer]


@pytest.fixture
def command() -> list[str]:
    """The start of the command line."""
    return [str(Path(sys.executable).with_name("mjbench-tui"))]


@pytest.fixture
def mjbench(command: list[str], tmp_path: Path) -> Command:
    """Run the command in a folder of its own and wait for its end."""

    def run(*arguments: object, **variables: str) -> Answer:
        done = subprocess.run(
            [*command, *(one if isinstance(one, bytes) else str(one) for one in arguments)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            timeout=100,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A small MJCF file with one camera, `front`."""
    path = tmp_path / "box.xml"
    path.write_text(BOX)
    return path


@pytest.fixture
def sessions_folder() -> Path:
    """Where sessions go without --output."""
    return Path(os.environ["XDG_DATA_HOME"]) / "mjbench" / "sessions"
