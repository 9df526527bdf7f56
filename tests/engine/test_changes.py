"""Each change does to a scene what it says, says why where it cannot, and leaves the physics alone."""

import ast
import copy
from pathlib import Path

import mujoco
import numpy as np
import pytest
from PIL import Image

from engine.case import Effects, Settings
from engine.changes.boxes import boxable_meshes
from engine.changes.limits import first_limit
from engine.changes.model import changed_model
from engine.changes.registry import all_changes, find_change
from engine.changes.scene import fill_line, scene_limit
from engine.changes.survey import SurveyError, survey_changes
from engine.messages import FailureKind
from engine.process.launcher import SpawnLauncher

EVERYTHING = """
<mujoco>
  <visual>
    <quality shadowsize="1024" offsamples="4"/><map haze="0.3"/><headlight diffuse="0.3 0.3 0.3"/>
  </visual>
  <asset>
    <texture type="skybox" builtin="gradient" rgb1="0.3 0.5 0.7" rgb2="0 0 0" width="64" height="64"/>
    <texture name="checks" type="2d" builtin="checker" rgb1="1 1 1" rgb2="0 0 0" width="64" height="64"/>
    <material name="floor" reflectance="0.4" texture="checks" texrepeat="5 5"/>
    <material name="glass" rgba="0.2 0.8 0.3 0.4"/>
    <mesh name="ball" builtin="sphere" params="4" scale="0.3 0.3 0.3"/>
  </asset>
  <worldbody>
    <light pos="1 -1 3" dir="-0.3 0.3 -1" castshadow="true"/>
    <light pos="-1 -1 3" dir="0.3 0.3 -1" castshadow="true" diffuse="0.3 0.3 0.6"/>
    <camera name="front" pos="0 -3 1.4" xyaxes="1 0 0 0 0.4 1"/>
    <geom type="plane" size="0 0 0.1" material="floor"/>
    <body pos="0 0 1.2">
      <joint type="hinge" axis="0 1 0" damping="0.05"/>
      <geom type="capsule" fromto="0 0 0 0.9 0 0" size="0.12" rgba="0.9 0.3 0.1 1" group="1"/>
    </body>
    <geom type="box" pos="-0.8 0 0.5" size="0.2 0.2 0.5" material="glass" group="2"/>
    <body pos="0.1 -0.8 0.6"><freejoint/><geom type="mesh" mesh="ball" group="2"/></body>
  </worldbody>
</mujoco>
"""

NOTHING = """
<mujoco>
  <visual><quality offsamples="0"/></visual>
  <worldbody>
    <light castshadow="false" pos="0 0 3"/>
    <camera name="front" pos="0 -3 0.5" xyaxes="1 0 0 0 0 1"/>
    <geom type="box" size="0.3 0.3 0.3"/>
    <geom type="box" size="0.3 0.3 0.3" pos="1 0 0" group="4"/>
  </worldbody>
</mujoco>
"""
REASONS = {
    "no-shadows": "no light of the scene casts shadows",
    "half-shadow-map": "no light of the scene casts shadows",
    "quarter-shadow-map": "no light of the scene casts shadows",
    "no-reflections": "nothing that is drawn reflects",
    "no-multisampling": "the scene has offsamples = 0",
    "no-skybox": "the scene has no skybox",
    "no-haze": "haze is where an endless plane meets a skybox, and the scene has no such place",
    "no-fog": "it is off already: only a program that sets mjRND_FOG gets fog",
    "no-textures": "nothing that is drawn has a texture",
    "no-transparency": "nothing that is drawn lets light through",
    "box-meshes": "no mesh is drawn",
    "no-group-0": "nothing would be left to draw",
    "no-group-1": "no geom of group 1 is drawn",
    "no-group-2": "no geom of group 2 is drawn",
    "no-readback": "egl gives a picture to a program only by reading it back",
    "bare": "the scene asks for no effect that egl draws",
}
NEVER_ON_EGL = {"no-fog", "no-readback"}
DRAWN = [info.id for info in all_changes() if info.id not in {*NEVER_ON_EGL, "no-physics"}]
IN_PYTHON = [
    info.id
    for info in all_changes()
    # What has several lines names flags of a renderer too, which no model holds.
    if info.line.startswith(("model.", "for ")) and not info.is_bundle
]
FRAMES = (0, 30)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("scenes")
    texts = {"everything": EVERYTHING, "nothing": NOTHING}
    for name, text in texts.items():
        (folder / f"{name}.xml").write_text(text)
    return {name: str(folder / f"{name}.xml") for name in texts}


@pytest.fixture(scope="module")
def changed(bench_class, scenes, tmp_path_factory: pytest.TempPathFactory):
    """The scene that has everything, drawn by egl unchanged and with each change, once."""
    bench = bench_class(tmp_path_factory.mktemp("changed"))
    names = ["", *(info.id for info in all_changes()), "no-shadows+no-textures"]
    cases = [with_change(bench.case("egl", scenes["everything"], "120x90"), name) for name in names]
    results = bench.results(cases, bench.settings(frames=2, camera="front", save_frames=FRAMES))
    return bench.folder, {result.case.change: result for result in results}


def with_change(case, change: str):
    return type(case)(**{name: getattr(case, name) for name in case.__struct_fields__} | {"change": change})


def pictures(folder: Path, result) -> list[np.ndarray]:
    return [np.asarray(Image.open(folder / name)).astype(int) for name in result.saved_frames]


def compiled(text: str = EVERYTHING) -> mujoco.MjModel:
    return mujoco.MjModel.from_xml_string(text)


@pytest.mark.parametrize("name", DRAWN)
def test_every_change_changes_what_is_drawn(changed, name):
    folder, results = changed
    assert results[name].status == "done", results[name].failure
    before, after = pictures(folder, results[""])[0], pictures(folder, results[name])[0]
    assert before.std() > 20
    if name == "quarter-resolution":
        assert after.shape == (45, 60, 3)
        assert results[name].metrics.pixels_per_s == pytest.approx(results[name].metrics.fps * 60 * 45)
        # It is the same picture, smaller.
        smaller = np.asarray(Image.fromarray(before.astype(np.uint8)).resize((60, 45), Image.Resampling.BOX))
        assert np.abs(smaller - after).mean() < 12
        return
    assert after.shape == before.shape
    assert (before != after).any(axis=2).mean() > 0.001
    # Whatever is changed: something is still to be seen.
    assert after.std() > 5


def test_what_is_told_to_be_drawn_changes_with_it(changed):
    _, results = changed
    whole = results[""].drawn
    assert (whole.geoms, whole.lights, whole.shadow_casters) == (4, 3, 2)
    assert (whole.samples, whole.shadow_size) == (4, 1024)
    drawn = {name: results[name].drawn for name in DRAWN}
    assert (drawn["no-shadows"].shadow_casters, drawn["no-shadows"].lights) == (0, 3)
    assert [drawn[f"{part}-shadow-map"].shadow_size for part in ("half", "quarter")] == [512, 256]
    assert drawn["no-multisampling"].samples == 0
    assert (drawn["one-light"].lights, drawn["one-light"].shadow_casters) == (1, 1)
    assert [drawn[f"no-group-{group}"].geoms for group in (0, 1, 2)] == [3, 3, 2]
    assert (drawn["bare"].shadow_casters, drawn["bare"].samples) == (0, 0)
    alike = {"no-reflections", "no-skybox", "no-haze", "no-textures", "no-transparency", "box-meshes"}
    assert {name for name, told in drawn.items() if told == whole} == alike | {"quarter-resolution"}


def test_changes_are_made_together(changed):
    folder, results = changed
    both = results["no-shadows+no-textures"]
    assert both.drawn.shadow_casters == 0
    picture = pictures(folder, both)[0]
    for alone in ("no-shadows", "no-textures"):
        assert (picture != pictures(folder, results[alone])[0]).any(axis=2).mean() > 0.01


def test_without_physics_the_start_is_drawn_again_and_again(changed):
    folder, results = changed
    start, later = pictures(folder, results[""])
    still = pictures(folder, results["no-physics"])
    assert (start != later).any(axis=2).mean() > 0.01
    np.testing.assert_array_equal(still[0], still[1])


def test_what_a_backend_cannot_do_is_a_failed_trial_with_the_reason(changed):
    _, results = changed
    for name in NEVER_ON_EGL:
        failure = results[name].failure
        assert (results[name].status, failure.kind) == ("failed", FailureKind.ERROR)
        assert failure.reason == f"the change {name} cannot be made: {REASONS[name]}"


def test_a_scene_without_the_thing_leaves_nothing_to_change(bench, scenes):
    case = bench.case("egl", scenes["nothing"])
    found = survey_changes(case, bench.settings(), SpawnLauncher())
    assert [status.id for status in found] == [info.id for info in all_changes()]
    assert {status.id: status.reason for status in found if status.reason} == REASONS
    assert {status.id for status in found if not status.reason} == {
        "one-light", "quarter-resolution", "no-physics",
    }  # fmt: skip
    (failed,) = bench.results([with_change(case, "no-skybox")], bench.settings(frames=2))
    assert failed.failure.reason == "the change no-skybox cannot be made: the scene has no skybox"


def test_everything_can_be_changed_of_a_scene_that_has_everything(bench, scenes):
    found = survey_changes(bench.case("egl", scenes["everything"]), bench.settings(), SpawnLauncher())
    assert {status.id for status in found if status.reason} == NEVER_ON_EGL
    lines = {status.id: status.line for status in found}
    assert lines["half-shadow-map"] == '<visual><quality shadowsize="512"/></visual>'
    assert lines["quarter-resolution"] == "width, height = 32, 24"
    assert not any("{" in line for line in lines.values())


def test_a_scene_that_cannot_be_loaded_is_told(bench, tmp_path):
    file = tmp_path / "broken.xml"
    file.write_text("<mujoco><worldbody>")
    with pytest.raises(SurveyError, match=r"broken\.xml.* cannot be loaded"):
        survey_changes(bench.case("egl", str(file)), bench.settings(), SpawnLauncher())


@pytest.mark.parametrize(
    ("backend", "refused"),
    [
        ("filament-vulkan", {"no-fog", "no-readback"}),
        (
            "mjwarp",
            {
                "half-shadow-map",
                "quarter-shadow-map",
                "no-reflections",
                "no-haze",
                "no-fog",
                "no-transparency",
            },
        ),
        ("null", {info.id for info in all_changes()}),
        ("madrona", {info.id for info in all_changes()}),
    ],
)
def test_each_kind_of_renderer_has_its_own_limits(bench, backend, refused):
    case, settings = bench.case(backend), bench.settings()
    reasons = {info.id: first_limit(with_change(case, info.id), settings) for info in all_changes()}
    assert {name for name, reason in reasons.items() if reason} == refused
    assert all(reason.startswith("the change ") for reason in reasons.values() if reason)


def test_what_is_off_already_cannot_be_switched_off(bench):
    bare = bench.case("mjwarp", effects=Effects.BARE)
    for name in ("no-shadows", "no-multisampling", "no-skybox", "bare"):
        assert "effects = bare" in first_limit(with_change(bare, name), Settings())
    assert not first_limit(with_change(bare, "no-textures"), Settings())
    assert "readback = false" in first_limit(with_change(bare, "no-readback"), Settings(readback=False))
    dot = bench.case("egl", size="1x1")
    assert "one pixel" in first_limit(with_change(dot, "quarter-resolution"), Settings())


def test_a_change_that_nobody_knows_is_no_change_at_all(bench):
    (result,) = bench.results([with_change(bench.case(), "no-shadow")], bench.settings(frames=2))
    assert result.failure.reason == "unknown change 'no-shadow': did you mean 'no-shadows'?"


@pytest.mark.parametrize("name", IN_PYTHON)
def test_the_line_of_python_does_what_the_change_does(bench, name):
    ours, theirs = changed_model(compiled(), (name,)), compiled()
    line = fill_line(find_change(name).line, theirs, bench.case("egl"))
    ast.parse(line)
    exec(line, {"model": theirs, "np": np, "mujoco": mujoco})
    assert saved(ours) == saved(theirs) != saved(compiled())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("half-shadow-map", 'shadowsize="1024"', 'shadowsize="512"'),
        ("quarter-shadow-map", 'shadowsize="1024"', 'shadowsize="256"'),
        ("no-multisampling", 'offsamples="4"', 'offsamples="0"'),
        ("no-haze", 'haze="0.3"', 'haze="0"'),
    ],
)
def test_the_line_of_mjcf_does_what_the_change_does(bench, name, old, new):
    assert new in fill_line(find_change(name).line, compiled(), bench.case("egl"))
    assert old in EVERYTHING
    assert saved(changed_model(compiled(), (name,))) == saved(compiled(EVERYTHING.replace(old, new)))


def saved(model: mujoco.MjModel) -> bytes:
    """All of a model as bytes."""
    buffer = np.empty(mujoco.mj_sizeModel(model), np.uint8)
    mujoco.mj_saveModel(model, None, buffer)
    return buffer.tobytes()


def test_boxes_stand_where_the_meshes_were_and_only_in_the_picture():
    model, before = compiled(), compiled()
    drawn = changed_model(model, ("box-meshes",))
    assert saved(model) == saved(before)
    assert list(boxable_meshes(model)) == [0]
    points = model.mesh_vert
    corners = drawn.mesh_vert[: drawn.mesh_vertnum[0]]
    assert drawn.mesh_facenum[0] == 12
    np.testing.assert_allclose(corners.min(axis=0), points.min(axis=0))
    np.testing.assert_allclose(corners.max(axis=0), points.max(axis=0))
    # Every side is seen from outside: its normal points away from the middle.
    faces = drawn.mesh_face[:12]
    a, b, c = (corners[faces[:, corner]] for corner in range(3))
    outward = np.cross(b - a, c - a)
    assert (np.einsum("ij,ij->i", outward, (a + b + c) / 3 - corners.mean(axis=0)) > 0).all()
    told = drawn.mesh_normal[drawn.mesh_facenormal[:12, 0]]
    np.testing.assert_allclose(outward / np.linalg.norm(outward, axis=1, keepdims=True), told, atol=1e-6)


@pytest.mark.parametrize("name", [info.id for info in all_changes()])
def test_no_change_moves_the_scene_in_another_way(name):
    plain, model = compiled(), compiled()
    changed_model(model, (name,))
    states = []
    for each in (plain, model):
        data = mujoco.MjData(each)
        mujoco.mj_step(each, data, 400)
        states.append(data.qpos.copy())
    np.testing.assert_array_equal(*states)
    assert np.abs(states[0]).max() > 0.1


def test_hidden_things_count_for_nothing():
    hidden = compiled(EVERYTHING.replace('group="2"', 'group="3"').replace('material="floor"', 'group="3"'))
    for name in ("no-reflections", "no-textures", "no-transparency", "box-meshes", "no-haze"):
        assert scene_limit(name, hidden, "egl"), name
    dark = copy.copy(compiled())
    dark.light_active[:] = False
    assert scene_limit("no-shadows", dark, "egl") == "no light of the scene casts shadows"
