"""What the tests of the scenes share: a folder to work in, small scenes, and frames really drawn."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
DRAW = Path(__file__).parent / "draw_frames.py"

# No test in this process draws, so it may not depend on which GL libraries there are.
_chosen = os.environ.get("MUJOCO_GL")
os.environ["MUJOCO_GL"] = "disable"
import mujoco  # noqa: E402, F401

del os.environ["MUJOCO_GL"]
if _chosen is not None:
    os.environ["MUJOCO_GL"] = _chosen

Frames = dict[str, NDArray[np.uint8]]


@pytest.fixture(autouse=True)
def _own_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MuJoCo writes its warnings to a file in the working folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write_scene(tmp_path: Path) -> Callable[..., str]:
    """Writes MJCF text to a file and gives its path."""

    def write(text: str | bytes, name: str = "scene.xml") -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


@pytest.fixture
def draw(tmp_path: Path) -> Callable[..., Frames]:
    """Draws a scene with EGL in a process of its own; skips where there is no EGL."""

    def run(scene: str, *options: str) -> Frames:
        output = tmp_path / "frames.npz"
        environment = {**os.environ, "MUJOCO_GL": "egl", "PYTHONPATH": str(ROOT)}
        drawn = subprocess.run(
            [sys.executable, str(DRAW), scene, str(output), *options],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        if drawn.returncode == 3:
            pytest.skip(f"EGL does not work here: {drawn.stderr.strip().splitlines()[-1]}")
        assert drawn.returncode == 0, drawn.stderr
        with np.load(output) as frames:
            return {name: frames[name] for name in frames}

    return run
