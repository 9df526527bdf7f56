"""MuJoCo's Filament renderer, for real: on Mesa's lavapipe, and on OpenGL in a virtual display."""

from pathlib import Path

import numpy as np
import pytest

from engine.case import Effects
from engine.preflight import BackendStatus, probe_backends
from engine.process.launcher import SpawnLauncher
from tests.engine.balls import ball_centres

TWO_BALLS = """
<mujoco>
  <visual><quality shadowsize="512" offsamples="4"/></visual>
  <worldbody>
    <light pos="0 -2 3" dir="0 0.5 -1" castshadow="true"/>
    <camera name="front" pos="0 -3 0.5" xyaxes="1 0 0 0 0 1"/>
    <geom type="plane" size="3 3 0.1" rgba="0.5 0.5 0.5 1"/>
    <body pos="-0.7 0 0.8"><freejoint/><geom size="0.3" rgba="1 0 0 1"/></body>
    <body pos="0.7 0 0.3"><freejoint/><geom size="0.2" rgba="0 0 1 1"/></body>
    <geom pos="0 0 2" size="0.2" group="4"/>
  </worldbody>
</mujoco>
"""
FRAMES = (0, 12)


@pytest.fixture
def balls(tmp_path: Path) -> str:
    """A red ball that falls beside a blue one that lies."""
    path = tmp_path / "balls.xml"
    path.write_text(TWO_BALLS)
    return str(path)


def probe(name: str) -> BackendStatus:
    return probe_backends([name], SpawnLauncher())[name]


def check_pictures(bench, balls: str, name: str) -> None:
    """Hold what a backend draws against EGL: the same balls in the same places, in every picture."""
    settings = bench.settings(frames=3, camera="front", save_frames=FRAMES)
    for effects in Effects:
        cases = [bench.case(backend, balls, effects=effects, size="160x120") for backend in ("egl", name)]
        theirs, ours = bench.results(cases, settings)
        assert ours.failure is None
        assert ours.metrics.frames == 3
        assert ours.drawn.geoms == theirs.drawn.geoms == 3
        assert ours.drawn.shadow_casters == (1 if effects is Effects.SCENE else 0)
        here, there = (
            [ball_centres(bench.folder / frame) for frame in result.saved_frames] for result in (ours, theirs)
        )
        assert np.abs(np.subtract(here, there)).max() < 0.02
        fallen = here[1][0][1] - here[0][0][1]
        assert fallen > 0.03


def test_on_vulkan_it_says_its_device_and_draws_what_egl_draws(bench, balls):
    status = probe("filament-vulkan")
    assert status.works, status
    assert "llvmpipe" in status.renderer.renderer
    assert status.renderer.software
    assert status.renderer.version.startswith("Vulkan")
    check_pictures(bench, balls, "filament-vulkan")


@pytest.mark.usefixtures("display")
def test_on_opengl_it_says_its_device_and_draws_what_egl_draws(bench, balls):
    status = probe("filament-opengl")
    assert status.works, status
    assert "llvmpipe" in status.renderer.renderer
    assert status.renderer.software
    check_pictures(bench, balls, "filament-opengl")


@pytest.mark.parametrize("name", ["", ":4711"])
def test_a_display_that_is_not_there_is_named(monkeypatch, name):
    monkeypatch.setenv("DISPLAY", name)
    check_named(probe("filament-opengl"), name or "needs an X display", "filament-vulkan")


def test_a_loader_that_is_not_there_is_named(monkeypatch, tmp_path):
    (tmp_path / "libvulkan.so.1").write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    check_named(probe("filament-vulkan"), "needs Vulkan's loader", "apt-get install libvulkan1")


def check_named(status: BackendStatus, reason: str, fix: str) -> None:
    """The backend says what it lacks, and has not ended its process over it."""
    assert not status.works
    assert reason in status.reason
    assert fix in status.fix
    assert "killed" not in status.reason


def test_a_device_that_vulkan_does_not_have_fails_the_case_and_not_the_others(
    monkeypatch, bench, balls, tmp_path
):
    broken = tmp_path / "broken.json"
    broken.write_text(
        '{"file_format_version": "1.0.0", "ICD": {"library_path": "none.so", "api_version": "1.3"}}'
    )
    monkeypatch.setenv("VK_DRIVER_FILES", str(broken))
    monkeypatch.setenv("VK_ICD_FILENAMES", str(broken))
    failed, done = bench.results(
        [bench.case("filament-vulkan", balls), bench.case("null", balls)], bench.settings(frames=3)
    )
    assert failed.status == "failed"
    assert "opened the renderer" in failed.failure.reason
    assert done.status == "done"
