"""MuJoCo Warp's ray tracer, for real: on the processor, as there is no GPU where the tests run."""

from pathlib import Path

import numpy as np
import pytest

from engine.case import Case, Effects, Physics, Resolution
from engine.events import StageEntered, TrialEnded
from engine.messages import FailureKind, Stage
from engine.preflight import probe_backends
from engine.process.launcher import SpawnLauncher
from tests.engine.balls import ball_centres

pytest.importorskip("mujoco_warp", reason="the extra warp is not installed")

TWO_BALLS = """
<mujoco>
  <visual><quality offsamples="4"/></visual>
  <worldbody>
    <light pos="0 -2 3" dir="0 0.5 -1" castshadow="true"/>
    <camera name="front" pos="0 -3 0.5" xyaxes="1 0 0 0 0 1"/>
    <geom type="plane" size="3 3 0.1" rgba="0.5 0.5 0.5 1"/>
    <body name="falling" pos="-0.7 0 0.8"><freejoint/><geom size="0.3" rgba="1 0 0 1"/></body>
    <body pos="0.7 0 0.3">
      <joint name="swing" type="slide" axis="0 0 1" range="-0.1 1" limited="true" damping="1"/>
      <geom size="0.2" rgba="0 0 1 1"/>
    </body>
  </worldbody>
  <actuator><position joint="swing" kp="200" ctrlrange="0 0.8"/></actuator>
</mujoco>
"""
MIRROR = '<asset><material name="m" reflectance="1"/></asset><worldbody><geom material="m" size="1"/>'
LATER = 12


@pytest.fixture
def balls(tmp_path: Path) -> str:
    """A red ball that falls beside a blue one that an actuator moves."""
    path = tmp_path / "balls.xml"
    path.write_text(TWO_BALLS)
    return str(path)


def case(scene: str, worlds: int = 1, backend: str = "mjwarp", effects: Effects = Effects.BARE) -> Case:
    return Case(
        scene=scene,
        backend=backend,
        resolution=Resolution.parse("160x120"),
        effects=effects,
        worlds=worlds,
    )


def test_it_says_who_draws():
    status = probe_backends(["mjwarp"], SpawnLauncher())["mjwarp"]
    assert status.works, status
    assert "MuJoCo Warp 4." in status.renderer.version
    assert status.renderer.software == ("on the processor" in status.renderer.version)


@pytest.mark.parametrize("physics", list(Physics))
@pytest.mark.parametrize("worlds", [1, 3])
def test_the_first_world_moves_as_mujoco_moves_it(bench, balls, physics, worlds):
    settings = bench.settings(frames=6, camera="front", save_frames=(0, LATER), physics=physics)
    theirs, ours = bench.results([case(balls, backend="egl"), case(balls, worlds)], settings)
    assert ours.failure is None
    assert ours.drawn.physics is physics
    assert theirs.drawn.physics is Physics.MUJOCO
    for here, there in zip(ours.saved_frames, theirs.saved_frames, strict=True):
        assert np.abs(ball_centres(bench.folder / here) - ball_centres(bench.folder / there)).max() < 0.02
    first, later = (ball_centres(bench.folder / frame) for frame in ours.saved_frames)
    assert later[0][1] - first[0][1] > 0.03


def test_a_frame_is_one_worlds_image(bench, balls):
    alone, batch = bench.results([case(balls), case(balls, 5)], bench.settings(frames=12, warmup_frames=7))
    assert (alone.metrics.frames, alone.metrics.warmup_frames) == (12, 7)
    # Whole batches: three of five hold the twelve, two the seven.
    assert (batch.metrics.frames, batch.metrics.warmup_frames) == (15, 10)
    assert len(batch.timings.timed["render"]) == 3
    assert batch.metrics.fps == pytest.approx(15 / batch.metrics.wall_time_s)
    assert batch.metrics.pixels_per_s == pytest.approx(batch.metrics.fps * 160 * 120)


def test_kernels_are_a_stage_before_the_first_frame(bench, balls, tmp_path, monkeypatch):
    monkeypatch.setenv("WARP_CACHE_PATH", str(tmp_path / "cold"))
    events = list(bench.stream([case(balls)], bench.settings(frames=3)))
    stages = [event.stage for event in events if isinstance(event, StageEntered)]
    assert stages.index(Stage.OPEN) < stages.index(Stage.COMPILE) < stages.index(Stage.WARM_UP)
    result = next(event.result for event in events if isinstance(event, TrialEnded))
    assert result.failure is None
    # What compiling took is in no frame.
    assert result.start_up.kernels_s > 10 * result.metrics.first_frame_ms / 1000
    assert list((tmp_path / "cold").rglob("*mega*")), "the kernels were not kept"


def test_pixels_that_stay_on_the_device_are_said_to(bench, balls):
    settings = bench.settings(frames=3, readback=False, save_frames=(0,), camera="front")
    egl, mjwarp = bench.results([case(balls, backend="egl"), case(balls)], settings)
    assert egl.drawn.readback
    assert not mjwarp.drawn.readback
    ball_centres(bench.folder / mjwarp.saved_frames[0])


@pytest.mark.parametrize(
    ("what", "xml"),
    [
        ("reflections", MIRROR),
        ("sites", '<worldbody><geom size="1"/><site pos="0 0 2"/>'),
        ("transparency", '<worldbody><geom size="1" rgba="1 1 1 0.5"/>'),
    ],
)  # fmt: skip
def test_what_it_cannot_draw_is_listed(bench, tmp_path, what, xml):
    scene = tmp_path / "scene.xml"
    scene.write_text(f"<mujoco>{xml}<light pos='0 0 3'/></worldbody></mujoco>")
    result = bench.result(case(str(scene), effects=Effects.SCENE), bench.settings(frames=2))
    assert result.failure is None
    assert result.drawn.not_drawn == (what,)


def test_more_than_memory_holds_is_no_crash(bench, balls):
    huge = Case(
        scene=balls,
        backend="mjwarp",
        resolution=Resolution.parse("8192x8192"),
        effects=Effects.BARE,
        worlds=60_000,
    )
    settings = bench.settings(frames=2, physics=Physics.WARP)
    failed, skipped = bench.results([huge, Case(**{**case_fields(huge), "workers": 2})], settings)
    assert failed.failure.kind is FailureKind.MEMORY, failed.failure
    assert skipped.status == "skipped"


def case_fields(of: Case) -> dict[str, object]:
    return {name: getattr(of, name) for name in of.__struct_fields__}


def test_without_the_extra_it_says_how_to_get_it(tmp_path, monkeypatch):
    broken = tmp_path / "mujoco_warp"
    broken.mkdir()
    said = 'raise ModuleNotFoundError("No module named \'mujoco_warp\'", name="mujoco_warp")'
    (broken / "__init__.py").write_text(said)
    monkeypatch.syspath_prepend(str(tmp_path))
    status = probe_backends(["mjwarp"], SpawnLauncher())["mjwarp"]
    assert not status.works
    assert status.reason == "mjwarp needs the Python module mujoco_warp, which is not installed"
    assert "mjbench-tui[warp]" in status.fix
