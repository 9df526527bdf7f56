"""What every test has: folders of its own for what the tool keeps, and no settings of the person's."""

import os
from pathlib import Path
from uuid import uuid4

import platformdirs
import pytest
from hypothesis import settings

from engine.interference.instances import GROUP_VARIABLE

# Kernels are compiled once for all tests, not anew in the folders of each.
os.environ.setdefault("WARP_CACHE_PATH", str(platformdirs.user_cache_path("warp", appauthor=False)))

_MENAGERIE_ROOT = os.environ.get("MENAGERIE_ROOT")
_PERSONAL = (
    "MUJOCO_GL", "PYOPENGL_PLATFORM", "MUJOCO_EGL_DEVICE_ID", "MJBENCH_MISBEHAVIOUR", "MENAGERIE_ROOT",
    "NO_COLOR", "MADRONA_BENCH_MODULE", "MADRONA_BENCH_FUNCTION", "MADRONA_BENCH_CONFIG",
    "MJBENCH_SCENE_MIB",
)  # fmt: skip

# How long an example takes says something of the machine's other work only; and a failure is to be met again.
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(home / variable.lower()))
    for variable in _PERSONAL:
        monkeypatch.delenv(variable, raising=False)
    # What measures for another test is no other instance for this one.
    monkeypatch.setenv(GROUP_VARIABLE, uuid4().hex[:20])


@pytest.fixture
def menagerie_root(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with Menagerie's Panda, in `MENAGERIE_ROOT`; skips where there is none."""
    root = Path(_MENAGERIE_ROOT) if _MENAGERIE_ROOT else Path(__file__).parents[2] / "shared" / "menagerie"
    if not (root / "franka_emika_panda").is_dir():
        pytest.skip(
            "no copy of Menagerie's Panda: set MENAGERIE_ROOT to a folder that holds franka_emika_panda"
        )
    monkeypatch.setenv("MENAGERIE_ROOT", str(root))
    return root
