"""What the classic renderer draws through EGL and OSMesa: the right pixels, the same in every run."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.case import Effects
from engine.control import Control
from engine.events import FramesMeasured, TrialEnded
from engine.messages import FailureKind, Stage

BACKENDS = ("egl", "osmesa")

PENDULUM = """
<mujoco>
  <visual><quality shadowsize="512" offsamples="4"/></visual>
  <asset>
    <texture type="skybox" builtin="gradient" rgb1="0.3 0.5 0.7" rgb2="0 0 0" width="64" height="64"/>
    <material name="mirror" reflectance="0.4" rgba="0.4 0.4 0.5 1"/>
  </asset>
  <worldbody>
    <light pos="1 -1 3" dir="-0.3 0.3 -1" castshadow="true"/>
    <camera name="front" pos="0 -3 1.4" xyaxes="1 0 0 0 0.4 1"/>
    <camera name="above" pos="0 -0.5 4" xyaxes="1 0 0 0 1 0"/>
    <geom type="plane" size="3 3 0.1" material="mirror"/>
    <body pos="0 0 1.5">
      <joint type="hinge" axis="0 1 0" damping="0.05"/>
      <geom type="capsule" fromto="0 0 0 0.9 0 0" size="0.12" rgba="0.9 0.3 0.1 1"/>
    </body>
  </worldbody>
</mujoco>
"""

RED_ABOVE_BLUE = """
<mujoco>
  <asset>
    <material name="red" rgba="1 0 0 1" emission="1"/>
    <material name="blue" rgba="0 0 1 1" emission="1"/>
  </asset>
  <worldbody>
    <camera name="front" pos="0 -3 0" xyaxes="1 0 0 0 0 1"/>
    <geom type="box" size="5 0.1 2" pos="0 0 2" material="red"/>
    <geom type="box" size="5 0.1 2" pos="0 0 -2" material="blue"/>
  </worldbody>
</mujoco>
"""

UNSTABLE = """
<mujoco>
  <option timestep="0.5"/>
  <worldbody>
    <light pos="0 0 3"/>
    <body><joint type="slide" stiffness="1e9" springref="1"/><geom size="0.1"/></body>
  </worldbody>
</mujoco>
"""

PEER = """
import json
import mujoco, numpy as np
from engine.backends.base import Picture
from engine.backends.classic import create
from scenes.build import build_scene
from scenes.motion import steps_per_frame

scene, backend = sys.argv[1:]
width, height, frames = 160, 120, 8
for effects in ("scene", "bare"):
    bare = effects == "bare"
    built = build_scene(scene, width=width, height=height, bare=bare, camera="front", seed=3)
    data = mujoco.MjData(built.model)
    built.motion.reset(data)
    for _ in range(frames + 1):
        built.motion.apply(data)
        mujoco.mj_step(built.model, data, steps_per_frame(built.model.opt.timestep, 60.0))
    ours = create(backend)
    ours.open(
        Picture(
            model=built.model, datas=(data,), camera="front", width=width, height=height, bare=bare
        )
    )
    ours.update()
    ours.render()
    ours.readback()
    pixels = ours.pixels.copy()
    layout = [ours.pixels.flags.c_contiguous, ours.pixels.shape, str(ours.pixels.dtype)]
    ours.close()
    with mujoco.Renderer(built.model, height, width) as renderer:
        if bare:
            for flag in ("SHADOW", "REFLECTION", "SKYBOX", "FOG", "HAZE"):
                renderer.scene.flags[getattr(mujoco.mjtRndFlag, f"mjRND_{flag}")] = 0
        renderer.update_scene(data, "front")
        theirs = renderer.render()
    np.save(f"{effects}.npy", pixels)
    print(json.dumps([layout, int(np.abs(pixels.astype(int) - theirs).max()), len(np.unique(pixels))]))
"""

SETTINGS = {"frames": 3, "camera": "front", "seed": 3, "save_frames": (30, 0, 8)}


@pytest.fixture(scope="module")
def pendulum(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("scenes") / "pendulum.xml"
    file.write_text(PENDULUM)
    return str(file)


@pytest.fixture(scope="module")
def drawn(bench_class, pendulum: str, tmp_path_factory: pytest.TempPathFactory):
    """The pendulum drawn by each backend with each of the effects, once: results and their folder."""
    bench = bench_class(tmp_path_factory.mktemp("drawn"))
    keys = [(backend, effects) for backend in BACKENDS for effects in Effects]
    cases = [bench.case(backend, pendulum, "160x120", effects) for backend, effects in keys]
    results = bench.results(cases, bench.settings(**SETTINGS))
    assert [(result.status, result.failure) for result in results] == [("done", None)] * len(cases)
    return bench, dict(zip(keys, results, strict=True))


@pytest.fixture
def scene(tmp_path: Path):
    def write(text: str) -> str:
        file = tmp_path / "scene.xml"
        file.write_text(text)
        return str(file)

    return write


def picture(bench, name: str) -> np.ndarray:
    with Image.open(bench.folder / name) as image:
        assert image.format == "PNG"
        return np.asarray(image)


@pytest.mark.parametrize("backend", BACKENDS)
def test_pixels_are_exactly_those_of_mujocos_own_renderer(
    drawn, pendulum, start_script, tmp_path, backend: str
) -> None:
    bench, results = drawn
    script = start_script(PEER, pendulum, backend, environment={"MUJOCO_GL": backend}, cwd=tmp_path)
    out, err = script.communicate(timeout=60)
    assert script.returncode == 0, err
    for effects, line in zip(Effects, out.splitlines(), strict=True):
        layout, difference, shades = json.loads(line)
        assert layout == [True, [120, 160, 3], "uint8"]
        assert difference == 0
        assert shades > 20
        saved = picture(bench, results[backend, effects].saved_frames[1])
        np.testing.assert_array_equal(saved, np.load(tmp_path / f"{effects}.npy"))


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_top_row_comes_first(bench, scene, backend: str) -> None:
    case = bench.case(backend, scene(RED_ABOVE_BLUE), "96x64")
    result = bench.result(case, bench.settings(frames=2, save_frames=(0,)))
    pixels = picture(bench, result.saved_frames[0])
    assert pixels.shape == (64, 96, 3)
    top, bottom = pixels[:24].reshape(-1, 3).astype(int), pixels[-24:].reshape(-1, 3).astype(int)
    assert (top[:, 0] > top[:, 2] + 100).all()
    assert (bottom[:, 2] > bottom[:, 0] + 100).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_bare_draws_no_effects_and_says_so(drawn, backend: str) -> None:
    bench, results = drawn
    full, bare = results[backend, Effects.SCENE], results[backend, Effects.BARE]
    assert (full.drawn.samples, full.drawn.shadow_casters, full.drawn.shadow_size) == (4, 1, 512)
    assert (bare.drawn.samples, bare.drawn.shadow_casters, bare.drawn.shadow_size) == (0, 0, 0)
    assert full.drawn.geoms == bare.drawn.geoms == 2
    assert full.drawn.lights == bare.drawn.lights == 2  # With the headlight.
    ours, theirs = picture(bench, full.saved_frames[0]), picture(bench, bare.saved_frames[0])
    assert (ours != theirs).any(axis=2).mean() > 0.05


def test_what_is_told_of_a_drawn_trial(drawn) -> None:
    _, results = drawn
    result = results["egl", Effects.SCENE]
    assert result.camera == "front"
    assert result.steps_per_frame == 8  # 2 ms steps at 60 frames a second.
    assert result.renderer.renderer
    assert result.metrics.pixels_per_s == pytest.approx(result.metrics.fps * 160 * 120)
    assert min(result.start_up.import_s, result.start_up.scene_s, result.start_up.compile_s) > 0
    assert all(result.metrics.phases[phase].mean_ms > 0 for phase in ("step", "update", "render", "readback"))


def test_the_renderer_is_closed_without_a_complaint(drawn) -> None:
    bench, results = drawn
    for result in results.values():
        assert (bench.folder / "logs" / f"{result.case.id}.1.log").read_text() == ""


def test_a_stopped_renderer_is_closed_without_a_complaint(bench, pendulum) -> None:
    control = Control()
    case = bench.case("osmesa", pendulum)
    for event in bench.stream([case], bench.settings(frames=100_000), control):
        if not control.stop_requested and isinstance(event, FramesMeasured):
            control.request_stop()
        if isinstance(event, TrialEnded):
            assert event.result.status == "interrupted"
    assert (bench.folder / "logs" / f"{case.id}.1.log").read_text() == ""


def test_a_numbered_frame_is_the_same_in_every_run(
    bench, drawn, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, results = drawn
    first = results["egl", Effects.SCENE]
    names = tuple(f"frames/{first.case.id}.1.frame{frame:05d}.png" for frame in (0, 8, 30))
    assert first.saved_frames == names
    assert (picture(before, names[0]) != picture(before, names[2])).any()
    monkeypatch.chdir(tmp_path)
    for folder, changes in (
        ("by_frames", {"warmup_frames": 1}),
        ("by_duration", {"frames": None, "duration_s": 0.2, "warmup_frames": 9, "trials": 2}),
    ):
        bench.folder = Path(folder)
        again, *others = bench.results([first.case], bench.settings(**SETTINGS | changes))
        assert again.saved_frames == names
        # The first trial's pictures are those of all trials.
        assert all(other.saved_frames == () for other in others)
        assert {path.name for path in (tmp_path / folder / "frames").iterdir()} == {
            Path(name).name for name in names
        }
        for name in names:
            np.testing.assert_array_equal(picture(bench, name), picture(before, name))


def test_an_unstable_simulation_has_its_own_name(bench, scene) -> None:
    cases = [bench.case("egl", scene(UNSTABLE)), bench.case()]
    unstable, fine = bench.results(cases, bench.settings(frames=40))
    assert fine.status == "done"
    assert (unstable.status, unstable.metrics) == ("failed", None)
    assert unstable.failure.kind is FailureKind.DIVERGED
    assert "unstable" in unstable.failure.reason
    assert unstable.failure.fix


@pytest.mark.parametrize(
    ("text", "camera"), [(None, None), ("<mujoco><worldbody>", None), (PENDULUM, "nowhere")]
)
def test_a_scene_that_cannot_be_drawn_is_one_sentence(bench, scene, tmp_path, text, camera) -> None:
    path = str(tmp_path / "missing.xml") if text is None else scene(text)
    result = bench.result(bench.case("osmesa", path), bench.settings(camera=camera))
    assert result.failure.kind is FailureKind.SCENE
    assert result.failure.stage is Stage.SCENE
    assert "\n" not in result.failure.reason
    assert (camera or Path(path).name) in result.failure.reason


LARGE = """
import resource
from pathlib import Path
from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import TrialEnded
from engine.process.launcher import SpawnLauncher
from engine.runner import Plan, run

resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, resource.RLIM_INFINITY))
settings = Settings(frames=1, duration_s=None, warmup_frames=1)
size = Resolution(width=16384, height=16384)
case = Case(scene=sys.argv[1], backend=sys.argv[2], resolution=size, effects=Effects.SCENE)
for event in run(Plan([case], settings, Path("session"), {}), SpawnLauncher(), Control()):
    if isinstance(event, TrialEnded):
        print(event.result.failure.kind, event.result.failure.reason, event.result.failure.fix, sep="|")
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_picture_beyond_memory_is_refused_before_it_is_tried(
    start_script, scene, tmp_path, backend: str
) -> None:
    out, err = start_script(LARGE, scene(PENDULUM), backend, cwd=tmp_path).communicate(timeout=60)
    assert err == ""
    kind, reason, fix = out.strip().split("|")
    assert kind == FailureKind.MEMORY
    assert reason.startswith("16384x16384 with 4 samples a pixel takes")
    assert "smaller resolution" in fix
