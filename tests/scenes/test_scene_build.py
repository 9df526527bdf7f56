"""A scene becomes a model with a camera, or one sentence that says why not."""

import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mujoco
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenes.build import (
    FRAMING_CAMERA,
    BuiltScene,
    SceneError,
    UnknownCameraError,
    build_scene,
    cameras_of,
)
from scenes.named_files import LARGEST_FILE_BYTES
from tests.scenes.sentences import assert_one_sentence

BALL = "<mujoco><worldbody><geom size='.1'/>{}</worldbody></mujoco>"
TETRAHEDRON = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"


def build(name: str, **changes: Any) -> BuiltScene:
    options: dict[str, Any] = {"width": 64, "height": 48, "bare": False, "camera": None, "seed": 0}
    return build_scene(name, **{**options, **changes})


def refusal(name: str, **changes: Any) -> str:
    with pytest.raises(SceneError) as caught:
        build(name, **changes)
    assert_one_sentence(caught.value)
    return str(caught.value)


def test_a_large_image_widens_the_offscreen_buffer_and_a_small_one_leaves_it(
    write_scene: Callable[..., str],
) -> None:
    scene = write_scene(BALL.format("").replace("<world", "<visual><global offwidth='800'/></visual><world"))
    wide = build(scene, width=5120, height=100).model.vis.global_
    assert (wide.offwidth, wide.offheight) == (5120, 480)
    small = build(scene, width=8, height=4000).model.vis.global_
    assert (small.offwidth, small.offheight) == (800, 4000)


def test_bare_takes_multisampling_out_and_nothing_else_does(write_scene: Callable[..., str]) -> None:
    scene = write_scene(BALL.format("").replace("<world", "<visual><quality offsamples='8'/></visual><world"))
    assert build(scene, bare=True).model.vis.quality.offsamples == 0
    assert build(scene).model.vis.quality.offsamples == 8


def test_times_are_seconds_of_this_build(write_scene: Callable[..., str]) -> None:
    built = build(write_scene(BALL.format("")))
    assert built.load_s > 0
    assert built.compile_s > 0


def test_the_first_camera_is_the_default_and_any_can_be_chosen(write_scene: Callable[..., str]) -> None:
    scene = write_scene(BALL.format("<camera name='front'/><camera name='top'/>"))
    assert build(scene).camera == "front"
    assert build(scene, camera="top").camera == "top"
    assert build(scene).model.ncam == 2, "no camera is added where there is one"


def test_an_unknown_camera_is_answered_with_all_and_the_nearest(write_scene: Callable[..., str]) -> None:
    scene = write_scene(BALL.format("<camera name='front'/><camera name='top'/>"))
    with pytest.raises(UnknownCameraError) as caught:
        build(scene, camera="frnt")
    assert_one_sentence(caught.value)
    for part in ("'frnt'", "'front', 'top'", "did you mean 'front'?"):
        assert part in str(caught.value)
    with pytest.raises(UnknownCameraError):
        build(scene, camera="\0" * 10_000)


def test_cameras_without_a_name_get_one(write_scene: Callable[..., str]) -> None:
    built = build(write_scene(BALL.format("<camera/><camera name='camera0'/><camera/>")))
    names = [built.model.camera(index).name for index in range(3)]
    assert len(set(names)) == 3
    assert names[1] == "camera0"
    assert built.camera == names[0] != ""


def test_a_scene_without_cameras_gets_one(write_scene: Callable[..., str]) -> None:
    built = build(write_scene(BALL.format("")))
    assert built.camera == FRAMING_CAMERA
    assert built.model.camera(FRAMING_CAMERA).id == 0


def test_cameras_of_a_spec_come_in_its_order() -> None:
    spec = mujoco.MjSpec.from_string(BALL.format("<camera name='z'/><camera name='a'/>"))
    assert cameras_of(spec) == ("z", "a")


@pytest.mark.parametrize("name", ["scene.mjcf", "SCENE.XML", "scene"])
def test_mjcf_is_read_under_any_ending_with_what_lies_beside_it(
    name: str, write_scene: Callable[..., str]
) -> None:
    write_scene(TETRAHEDRON, "solid.obj")
    write_scene("<mujoco><worldbody><geom size='1'/></worldbody></mujoco>", "more.xml")
    scene = write_scene(
        "<mujoco><asset><mesh name='solid' file='solid.obj'/></asset><include file='more.xml'/>"
        "<worldbody><geom type='mesh' mesh='solid'/></worldbody></mujoco>",
        name,
    )
    assert build(scene).model.ngeom == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty file"),
        ("<mujoco><worldbody><geom size='1'</worldbody></mujoco>", "XML parse error"),
        (b"\xff\xfe\x00\x01\xff\xff", "XML parse error"),
        ("<html/>", "html"),
        ("<mujoco/>", "nothing to draw"),
        ("<mujoco><worldbody><geom type='orb'/></worldbody></mujoco>", "orb"),
        ("<mujoco><worldbody><geomx/></worldbody></mujoco>", "unrecognized element"),
        ("<mujoco><include file='gone.xml'/></mujoco>", "gone.xml"),
        ("<mujoco><include file='scene.xml'/></mujoco>", "already included"),
        (
            "<mujoco><asset><mesh name='m' file='gone.obj'/></asset>"
            "<worldbody><geom type='mesh' mesh='m'/></worldbody></mujoco>",
            "gone.obj",
        ),
        ("<mujoco><worldbody><geom size='-1'/></worldbody></mujoco>", "size"),
        ("<mujoco><worldbody><body><freejoint/></body></worldbody></mujoco>", "mass"),
        (b"<mujoco><worldbody><body name='\xff'/><body name='\xff'/></worldbody></mujoco>", "UTF-8"),
        ("<mujoco>" + "<worldbody>" * 9_000, "nesting is too deep"),
    ],
)
def test_what_mujoco_refuses_is_said_in_its_own_words(
    text: str | bytes, reason: str, write_scene: Callable[..., str]
) -> None:
    scene = write_scene(text)
    sentence = refusal(scene)
    assert scene in sentence
    assert reason in sentence


def test_a_file_too_large_to_be_mjcf_is_not_read(write_scene: Callable[..., str]) -> None:
    scene = write_scene(b"")
    with Path(scene).open("r+b") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)
    assert "MiB" in refusal(scene)


def test_a_scene_that_needs_more_memory_than_there_is_is_refused(write_scene: Callable[..., str]) -> None:
    text = BALL.format("<body><freejoint/><geom size='1'/></body>")
    assert "memory" in refusal(write_scene(text.replace("<world", "<size memory='1000000G'/><world")))


@pytest.mark.parametrize("name", ["apartmant", "", "\0", "/", "menagerie:nobody", "gone.xml"])
def test_an_unknown_scene_is_refused(name: str) -> None:
    refusal(name)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: BALL.format(text).encode(errors="replace"))
)
def test_any_bytes_are_a_scene_or_refused(write_scene: Callable[..., str], content: bytes) -> None:
    try:
        build(write_scene(content))
    except SceneError as error:
        assert_one_sentence(error)


def test_a_missing_model_is_neither_fetched_nor_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    monkeypatch.setenv("MENAGERIE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("MENAGERIE_ROOT", raising=False)
    for scene in ("workbench", "menagerie:franka_emika_panda", "menagerie:franka_emika_panda/hand"):
        assert "mjbench-tui assets fetch franka_emika_panda" in refusal(scene)


def test_an_incomplete_copy_of_a_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "menagerie" / "franka_emika_panda"
    folder.mkdir(parents=True)
    monkeypatch.setenv("MENAGERIE_ROOT", str(folder.parent))
    assert "scene.xml" in refusal("menagerie:franka_emika_panda")
    (folder / "panda.xml").write_text(
        "<mujoco><worldbody><geom type='mesh' mesh='gone'/></worldbody></mujoco>"
    )
    assert "gone" in refusal("menagerie:franka_emika_panda/panda")
    refusal("workbench")


def test_menagerie_entries_are_the_models_that_were_named(menagerie_root: Path) -> None:
    hand = build("menagerie:franka_emika_panda/hand")
    scene = build("menagerie:franka_emika_panda")
    assert hand.model.nu == 1
    assert scene.model.nu == 8
    assert scene.model.geom("floor").type == mujoco.mjtGeom.mjGEOM_PLANE
