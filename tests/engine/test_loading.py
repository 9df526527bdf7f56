"""A scene is loaded within a limit of memory, and nothing of the limit is left behind."""

import resource
from pathlib import Path

import pytest

from engine.jobs.loading import load_scene, memory_limit_mib
from engine.machine.free_memory import free_bytes
from engine.messages import SCENE_MIB_VARIABLE
from scenes.build import BuiltScene, SceneError

SCENE = (
    "<mujoco><asset><texture name='t' type='2d' builtin='flat' width='{side}' height='{side}'/></asset>"
    "<worldbody><geom size='1'/></worldbody></mujoco>"
)


def load(folder: Path, side: int) -> BuiltScene:
    path = folder / "scene.xml"
    path.write_text(SCENE.format(side=side))
    return load_scene(str(path), width=64, height=48, bare=False, camera=None, seed=0)


@pytest.mark.parametrize("limits", [None, 2**40])
def test_the_limit_is_lifted_again_after_a_scene_and_after_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: int | None
) -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    soft = before[0] if limits is None else limits
    monkeypatch.setenv(SCENE_MIB_VARIABLE, "64")
    resource.setrlimit(resource.RLIMIT_DATA, (soft, before[1]))
    try:
        load(tmp_path, 8)
        assert resource.getrlimit(resource.RLIMIT_DATA) == (soft, before[1])
        with pytest.raises(SceneError, match="loading may take 64 MiB here, MJBENCH_SCENE_MIB sets another"):
            load(tmp_path, 8000)
        assert resource.getrlimit(resource.RLIMIT_DATA) == (soft, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def test_the_limit_leaves_some_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SCENE_MIB_VARIABLE, raising=False)
    free_mib = free_bytes() / 2**20
    assert 0.7 * free_mib < memory_limit_mib() < 0.95 * free_mib
