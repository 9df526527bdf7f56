"""MJCF from strangers: whatever it holds, one sentence within the limits, and the other scenes go on."""

import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.case import Case, Effects, Resolution, Settings
from engine.changes.survey import SurveyError, survey_changes
from engine.messages import SCENE_MIB_VARIABLE, SceneMessage
from engine.preflight import check_scenes
from engine.process.launcher import SpawnLauncher
from tests.faults.hostile_scenes import ENDLESS, HARMLESS, REFUSED, Write, mjcf, text

LIMIT_S = 60.0
SHORT_S = 5.0
TOLD_WITHIN_S = 5.0
"""How much longer than its limit it may take until a person is told, for every process that is started."""
AT_ONCE = 2
FEW_MIB = "400"


def written(folder: Path, scenes: Mapping[str, Write]) -> dict[str, Path]:
    """Each scene in a folder of its own, by its title."""
    paths = {}
    for number, (title, write) in enumerate(scenes.items()):
        own = folder / str(number)
        own.mkdir(parents=True)
        write(own)
        paths[title] = own / "scene.xml"
    return paths


def looked_at(paths: Mapping[str, Path]) -> dict[str, SceneMessage]:
    """What real engine processes say of each scene; each has an honest one at its end, to see them go on."""
    titles = list(paths)

    def look(number: int) -> dict[str, SceneMessage]:
        mine = {title: str(paths[title]) for title in titles[number::AT_ONCE]}
        found = check_scenes([*mine.values(), "cartpole"], None, SpawnLauncher(), LIMIT_S)
        assert found["cartpole"].camera == "side", "the others did not go on"
        return {title: found[path] for title, path in mine.items()}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {title: message for part in pool.map(look, range(AT_ONCE)) for title, message in part.items()}


def assert_sentence(message: SceneMessage) -> None:
    """One printable line that names the scene and a reason."""
    start = f"scene {message.scene!r} cannot be loaded: "
    assert message.reason.startswith(start), message
    assert len(start) < len(message.reason) < 1000, message
    assert message.reason.isprintable(), message
    assert "Traceback" not in message.reason


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SceneMessage]:
    """What is said of every scene, by its title."""
    every = {title: write for title, (write, _) in REFUSED.items()} | HARMLESS
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SCENE_MIB_VARIABLE, FEW_MIB)
        return looked_at(written(tmp_path_factory.mktemp("hostile"), every))


@pytest.mark.parametrize("title", REFUSED)
def test_a_hostile_scene_is_refused_in_one_sentence(title: str, found: dict[str, SceneMessage]) -> None:
    message = found[title]
    assert_sentence(message)
    assert REFUSED[title][1] in message.reason
    for secret in ("root:", "/bin/bash", "nologin"):
        assert secret not in message.reason, "what is in another file was shown"


@pytest.mark.parametrize("title", HARMLESS)
def test_a_strange_scene_that_can_be_drawn_has_a_camera(title: str, found: dict[str, SceneMessage]) -> None:
    assert found[title].reason == ""
    assert found[title].camera


def test_a_scene_that_never_ends_loading_is_ended_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SCENE_MIB_VARIABLE, "4000")
    paths = written(tmp_path, ENDLESS)

    def look(title: str) -> float:
        began = time.monotonic()
        (message,) = check_scenes([str(paths[title])], None, SpawnLauncher(), SHORT_S).values()
        assert_sentence(message)
        assert "that took longer than 5 s: where it really is that large" in message.reason
        assert "hang_timeout" in message.reason
        return time.monotonic() - began

    with ThreadPoolExecutor(len(paths)) as pool:
        # Starting, importing and loading may each take as long.
        assert max(pool.map(look, paths)) < 3 * SHORT_S + TOLD_WITHIN_S


def test_a_person_is_told_when_the_profile_says_and_by_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SCENE_MIB_VARIABLE, "4000")
    (tmp_path / "p.toml").write_text(f"[measure]\nhang_timeout = {SHORT_S}\n")
    path = written(tmp_path, ENDLESS)["a hundred million copies"]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("mjbench-tui")), "run", "--profile", str(tmp_path / "p.toml"),
         "--scene", str(path), "--backend", "osmesa", "--output", str(tmp_path / "out")],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    (line,) = done.stderr.strip().splitlines()
    assert "0/scene.xml' cannot be loaded: that took longer than 5 s" in line
    assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_a_scene_after_one_that_took_all_memory_is_not_harmed_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SCENE_MIB_VARIABLE, FEW_MIB)
    greedy = mjcf(
        world="<body name='b'><flexcomp name='f' type='grid' count='2147483647 3 1' spacing='1 1 1' mass='1'"
        " radius='0.01' dim='2'/></body>"
    )
    # MuJoCo warns of it, and holds the lock that it waits for then.
    warned = mjcf(world="<geom size='1' pos='nan 0 0'/>")
    paths = written(tmp_path, {"greedy": text(greedy), "warned": text(warned), "honest": text(mjcf())})
    found = check_scenes([str(path) for path in paths.values()], None, SpawnLauncher(), 20.0)
    assert "more main memory" in found[str(paths["greedy"])].reason
    for title in ("warned", "honest"):
        assert found[str(paths[title])].reason == ""


LARGE = text(mjcf("<asset><texture name='t' type='2d' builtin='flat' width='6000' height='6000'/></asset>"))
"""A texture of 103 MiB."""


@pytest.mark.parametrize(("limit_mib", "fits"), [("64", False), ("2000", True), ("", True)])
def test_loading_takes_no_more_memory_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit_mib: str, fits: bool
) -> None:
    monkeypatch.setenv(SCENE_MIB_VARIABLE, limit_mib)
    path = str(written(tmp_path, {"large": LARGE})["large"])
    (message,) = check_scenes([path], None, SpawnLauncher(), LIMIT_S).values()
    if fits:
        assert (message.reason, message.camera) == ("", "framing")
    else:
        assert_sentence(message)
        assert "it takes more main memory than there is: loading may take 64 MiB here" in message.reason
        assert SCENE_MIB_VARIABLE in message.reason


def test_what_would_be_changed_in_a_scene_is_asked_within_the_same_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = written(tmp_path, {"large": LARGE, **ENDLESS})

    def ask(path: Path) -> str:
        case = Case(
            scene=str(path), backend="egl", resolution=Resolution.parse("64x48"), effects=Effects.SCENE
        )
        with pytest.raises(SurveyError) as caught:
            survey_changes(case, Settings(hang_timeout_s=SHORT_S), SpawnLauncher())
        return str(caught.value)

    monkeypatch.setenv(SCENE_MIB_VARIABLE, "64")
    assert "loading may take 64 MiB here" in ask(paths["large"])
    monkeypatch.delenv(SCENE_MIB_VARIABLE)
    assert "that took longer than 5 s" in ask(paths["a hundred million copies"])


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e9", "9" * 5000, "\u0663"])
def test_a_limit_that_is_no_number_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(SCENE_MIB_VARIABLE, value)
    (message,) = check_scenes(["cartpole"], None, SpawnLauncher(), LIMIT_S).values()
    assert_sentence(message)
    assert SCENE_MIB_VARIABLE in message.reason


@pytest.mark.parametrize("meshes", ["../meshes", "{absolute}"])
def test_files_outside_the_folder_of_a_model_are_honest(tmp_path: Path, meshes: str) -> None:
    folder = tmp_path / "meshes"
    folder.mkdir()
    (folder / "m.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n")
    (tmp_path / "gone.stl").symlink_to(tmp_path / "nowhere")
    (folder / "floor.xml").write_text(
        "<mujoco><worldbody><geom type='plane' size='1 1 1'/></worldbody></mujoco>"
    )
    scene = mjcf(
        f"<compiler meshdir='{meshes.format(absolute=folder)}'/><asset><mesh name='m' file='m.obj'/></asset>"
        "<include file='../meshes/floor.xml'/>",
        "<geom type='mesh' mesh='m'/>",
        before="<!-- <include file='/gone/is.xml'/> -->",
    )
    path = str(written(tmp_path / "model", {"scene": text(scene)})["scene"])
    (tmp_path / "model" / "meshes").symlink_to(folder)
    (message,) = check_scenes([path], None, SpawnLauncher(), LIMIT_S).values()
    assert message.reason == ""
