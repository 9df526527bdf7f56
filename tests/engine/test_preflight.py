"""Before a run it is known which backends work here, why others do not, and which scenes can be drawn."""

import os
import time
from pathlib import Path

import pytest

from engine.backends.misbehaving import VARIABLE
from engine.backends.registry import UnknownBackendError, all_backends, find_backend
from engine.preflight import BackendStatus, check_scenes, probe_backends, real_backends
from engine.process.launcher import SpawnLauncher

BALL = """
<mujoco>
  <worldbody>
    <light pos="0 0 3"/><camera name="{camera}" pos="0 -3 0" xyaxes="1 0 0 0 0 1"/><geom size="0.5"/>
  </worldbody>
</mujoco>
"""


def probe(backend: str, **options: float) -> BackendStatus:
    return probe_backends([backend], SpawnLauncher(), **options)[backend]


def check_broken(status: BackendStatus) -> None:
    assert not status.works
    assert status.reason
    assert status.fix
    assert "\n" not in status.reason + status.fix


def test_backends_that_work_here_say_who_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    # MuJoCo refuses a platform that another program chose for PyOpenGL; an engine process is not to see it.
    monkeypatch.setenv("PYOPENGL_PLATFORM", "x11")
    monkeypatch.setenv("MUJOCO_GL", "glfw")
    found = probe_backends(["egl", "osmesa", "null"], SpawnLauncher())
    assert list(found) == ["egl", "osmesa", "null"]
    for status in found.values():
        assert status.works, status
        assert (status.reason, status.fix, status.log) == ("", "", "")
    assert "llvmpipe" in found["osmesa"].renderer.renderer
    assert found["osmesa"].renderer.software
    assert found["egl"].renderer.software == ("llvmpipe" in found["egl"].renderer.renderer)
    assert not found["null"].renderer.software


def test_glfw_without_a_display_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    status = probe("glfw")
    check_broken(status)
    assert "needs a display" in status.reason
    assert "xvfb" in status.fix
    assert status.log


def test_glfw_on_a_display_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", "nowhere.invalid:7")
    status = probe("glfw")
    check_broken(status)
    assert "'nowhere.invalid:7'" in status.reason


def test_glfw_draws_on_a_virtual_display(bench, display: str, tmp_path: Path) -> None:
    status = probe("glfw")
    assert status.works, status
    assert status.renderer.renderer
    scene = tmp_path / "ball.xml"
    scene.write_text(BALL.format(camera="front"))
    case = bench.case("glfw", str(scene), "80x60")
    result = bench.result(case, bench.settings(frames=3, save_frames=(1,)))
    assert result.status == "done", result.failure
    assert (bench.folder / result.saved_frames[0]).is_file()
    assert (bench.folder / "logs" / f"{case.id}.1.log").read_text() == ""


@pytest.mark.parametrize("device", ["99", "gpu", ""])
def test_a_device_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    monkeypatch.setenv("MUJOCO_EGL_DEVICE_ID", device)
    status = probe("egl")
    check_broken(status)
    assert f"MUJOCO_EGL_DEVICE_ID={device!r}" in status.reason
    assert "unset MUJOCO_EGL_DEVICE_ID" in status.fix


@pytest.mark.parametrize(
    ("backend", "library"), [("egl", "libEGL"), ("osmesa", "libOSMesa")], ids=["egl", "osmesa"]
)
def test_a_library_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str, library: str
) -> None:
    for ending in ("so", "so.1", "so.6", "so.8"):
        (tmp_path / f"{library}.{ending}").write_text("no library")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    status = probe(backend)
    check_broken(status)
    assert status.reason == f"{library} is not installed"
    assert f"apt-get install {library.lower()}" in status.fix


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("fault=segfault,at=open", "was killed by SIGSEGV while it opened the renderer"),
        ("fault=exit,at=open", "exited with code 0 too early while it opened the renderer"),
        ("fault=abort,at=0", "was killed by SIGABRT"),
        ("fault=refuse,at=open", "the driver is on strike"),
    ],
)
def test_a_driver_that_fails_its_probe(monkeypatch: pytest.MonkeyPatch, behaviour: str, words: str) -> None:
    monkeypatch.setenv(VARIABLE, behaviour)
    status = probe("misbehaving")
    check_broken(status)
    assert words in status.reason
    assert "about to misbehave" in status.log


def test_drivers_that_hang_do_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "fault=hang_held,at=open")
    began = time.monotonic()
    found = probe_backends(["misbehaving", "null"], SpawnLauncher(), limit_s=4)
    assert time.monotonic() - began < 4 + 10
    assert found["null"].works
    check_broken(found["misbehaving"])
    assert found["misbehaving"].reason == "it did not answer within 4 s while it opened the renderer"


def test_no_backend_to_probe_is_no_error() -> None:
    assert probe_backends([], SpawnLauncher()) == {}


def test_auto_and_lists_know_only_what_people_can_choose() -> None:
    real = ["egl", "osmesa", "glfw", "filament-vulkan", "filament-opengl", "mjwarp"]
    real += ["madrona", "madrona-raster", "madrona-raytrace"]
    assert [info.name for info in all_backends()] == [*real, "null"]
    assert real_backends() == real
    assert find_backend("misbehaving").hidden
    with pytest.raises(UnknownBackendError, match="did you mean 'osmesa'"):
        find_backend("osmessa")
    with pytest.raises(UnknownBackendError, match=r"known are egl, .*mjwarp, .*null and auto"):
        find_backend("wgpu")


def test_scenes_are_checked_one_by_one(tmp_path: Path) -> None:
    texts = {
        "good": BALL.format(camera="front"),
        "other": BALL.format(camera="side"),
        "broken": "<mujoco><worldbody>",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.xml").write_text(text)
    good, other, broken, missing = (str(tmp_path / f"{n}.xml") for n in (*texts, "missing"))
    found = check_scenes([good, other, broken, good, missing, "apartmnt"], "front", SpawnLauncher())
    assert set(found) == {good, other, broken, missing, "apartmnt"}
    assert (found[good].camera, found[good].reason) == ("front", "")
    assert found[other].camera_missing
    assert "side" in found[other].reason
    for scene in (other, broken, missing, "apartmnt"):
        assert found[scene].camera == ""
        assert found[scene].reason
        assert "\n" not in found[scene].reason
    assert not found[broken].camera_missing
    assert check_scenes([], None, SpawnLauncher()) == {}


def test_the_default_camera_of_a_scene_is_told(tmp_path: Path) -> None:
    scene = tmp_path / "ball.xml"
    scene.write_text(BALL.format(camera="only"))
    assert check_scenes([str(scene)], None, SpawnLauncher())[str(scene)].camera == "only"


def test_scenes_that_take_too_long_are_told_and_the_others_go_on(tmp_path: Path) -> None:
    scene = tmp_path / "ball.xml"
    scene.write_text(BALL.format(camera="only"))
    pipe = tmp_path / "pipe.xml"
    os.mkfifo(pipe)  # Reading it waits for a writer that never comes.
    found = check_scenes([str(pipe), str(scene)], None, SpawnLauncher(), limit_s=5)
    assert found[str(scene)].camera == "only"
    assert found[str(pipe)].reason
