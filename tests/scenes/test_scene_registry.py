"""Scenes are found by what a person types, and whatever else they type is answered in one sentence."""

import subprocess
import sys
from pathlib import Path

import mujoco_menagerie
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.registry import SceneInfo, UnknownSceneError, builtin_scenes, find_scene
from tests.scenes.sentences import assert_one_sentence


def test_importing_the_registry_loads_nothing_heavy() -> None:
    heavy = ("mujoco", "numpy", "mujoco_menagerie", "difflib", "scenes.build", "scenes.motion")
    code = f"import sys, scenes.registry; print([name for name in {heavy!r} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_the_built_in_scenes_have_a_default_camera_of_their_own() -> None:
    assert [info.name for info in builtin_scenes()] == ["apartment", "workbench", "cartpole", "primitives"]
    for info in builtin_scenes():
        assert find_scene(info.name) is info
        assert info.origin == "built in"
        assert info.default_camera in info.cameras
        assert info.title
        assert info.description


def test_a_built_in_name_wins_over_a_file_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "apartment").write_text("<mujoco/>")
    assert find_scene("apartment", tmp_path).origin == "built in"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("apartmnt", "'apartment'"),
        ("Workbench", "'workbench'"),
        ("panda", "'menagerie:franka_emika_panda'"),
        ("menagerie:franka_panda", "'menagerie:franka_emika_panda'"),
        ("menagerie:franka_emika_panda/scen", "'scene'"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_name(typed: str, meant: str) -> None:
    with pytest.raises(UnknownSceneError) as caught:
        find_scene(typed)
    assert f"did you mean {meant}?" in str(caught.value)
    assert_one_sentence(caught.value)


def test_every_robot_and_entry_of_menagerie_can_be_named() -> None:
    for robot in mujoco_menagerie.robots():
        assert find_scene(f"menagerie:{robot.name}").models == (robot.name,)
        for entry in robot.entry_names:
            info = find_scene(f"menagerie:{robot.name}/{entry}")
            assert (info.origin, info.models) == ("MuJoCo Menagerie", (robot.name,))


@pytest.mark.parametrize("name", ["menagerie:", "menagerie:/scene", "menagerie:franka_emika_panda/"])
def test_an_incomplete_menagerie_name_is_unknown(name: str) -> None:
    with pytest.raises(UnknownSceneError) as caught:
        find_scene(name)
    assert_one_sentence(caught.value)


def test_a_file_is_found_from_the_base_folder_and_named_by_its_absolute_path(tmp_path: Path) -> None:
    scene = tmp_path / "models" / "cart.xml"
    scene.parent.mkdir()
    scene.write_text("<mujoco/>")
    for typed in ("models/cart.xml", str(scene), "models/../models/cart.xml"):
        assert find_scene(typed, tmp_path) == find_scene(str(scene))
    assert find_scene("cart.xml", scene.parent).name == str(scene)
    assert find_scene("models/cart.xml").name == str(scene), (
        "the working folder counts where no base is given"
    )


def test_a_file_without_the_usual_ending_is_found_when_it_exists(tmp_path: Path) -> None:
    (tmp_path / "robot").write_text("<mujoco/>")
    assert find_scene("robot", tmp_path).origin == "file"
    with pytest.raises(UnknownSceneError, match="unknown scene 'robots'"):
        find_scene("robots", tmp_path)


def test_a_link_is_kept_because_its_meshes_lie_beside_it(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "v3.xml").write_text("<mujoco/>")
    (tmp_path / "current.xml").symlink_to(tmp_path / "store" / "v3.xml")
    assert find_scene("current.xml", tmp_path).name == str(tmp_path / "current.xml")


def test_the_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "arm.mjcf").write_text("<mujoco/>")
    assert find_scene("~/arm.mjcf").name == str(tmp_path / "arm.mjcf")


def test_a_missing_file_is_named_with_its_whole_path(tmp_path: Path) -> None:
    with pytest.raises(UnknownSceneError) as caught:
        find_scene("models/arm.xml", tmp_path)
    assert str(tmp_path / "models" / "arm.xml") in str(caught.value)
    assert "check the path" in str(caught.value)
    assert_one_sentence(caught.value)


def test_a_folder_is_no_scene(tmp_path: Path) -> None:
    with pytest.raises(UnknownSceneError, match="is a folder"):
        find_scene(str(tmp_path))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "\0",
        "a\0b.xml",
        "/a\0b",
        "x" * 10_000,
        "/" + "x" * 10_000,
        "../" * 5_000,
        "~nobody-here/x.xml",
    ],
)
def test_odd_names_are_unknown_scenes(name: str) -> None:
    with pytest.raises(UnknownSceneError) as caught:
        find_scene(name)
    assert_one_sentence(caught.value)


@settings(deadline=None, max_examples=200)
@given(
    st.text(alphabet=st.characters(), max_size=60), st.sampled_from(["", "menagerie:", "/", "~", "./", "a/"])
)
def test_any_text_finds_a_scene_or_is_unknown(text: str, prefix: str) -> None:
    try:
        info = find_scene(prefix + text)
    except UnknownSceneError as error:
        assert_one_sentence(error)
    else:
        assert isinstance(info, SceneInfo)
