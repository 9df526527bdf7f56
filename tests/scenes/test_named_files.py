"""Which files a scene names is known before MuJoCo opens any, and what must not be opened is told."""

import os
from pathlib import Path

import pytest

from scenes import named_files
from scenes.named_files import UnfitFileError, check_named_files


def refusal(path: Path) -> str:
    with pytest.raises(UnfitFileError) as caught:
        check_named_files(path)
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """Where a scene goes, beside a pipe called `pipe`."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "scene.xml"


@pytest.mark.parametrize(
    "text",
    [
        "<include file='pipe'/>",
        '<include file="pipe"/>',
        "<INCLUDE\n\tfile\n=\n'pipe'\n/>",
        "<include x='>' y=\"'\" file='pip&#101;'/>",
        "<texture fileback='./pipe'/>",
        "<compiler meshdir='..'/><mesh file='{folder}/pipe'/>",
        "<compiler meshdir=\"{here}\"/><mesh file='pipe'/>",
        "<compiler strippath='true'/><mesh file='C:/far/away/pipe'/>",
        "<mesh filename='{here}/pipe'/>",
        "\0\xff<mesh file='pipe'/>",
        "<include file='more/part.xml'/>",
        "<model file='more/part.xml'/>",
    ],
)
def test_a_pipe_is_found_however_it_is_named(scene: Path, text: str) -> None:
    more = scene.parent / "more"
    more.mkdir()
    (more / "part.xml").write_text("<mujoco><include file='deeper.xml'/></mujoco>")
    (more / "deeper.xml").write_text("<mujoco><mesh file='../pipe'/></mujoco>")
    scene.write_text(text.format(here=scene.parent, folder=scene.parent.name), "latin-1")
    assert "pipe', which is no ordinary file" in refusal(scene)


@pytest.mark.parametrize(
    "text",
    [
        "<mesh file='gone.stl'/>",
        "<mesh file=''/><mesh file='.'/><mesh file='/'/>",
        "<mesh file='a\0b'/>",
        f"<mesh file='{'x' * 100_000}'/>",
        "<mesh file='link.stl'/>",
        "<include file='scene.xml'/>",
        "<include file='" * 1000,
        "<include " * 100_000,
        "file='" * 100_001,
        "file" + " " * 1_000_000,
    ],
)
def test_what_is_not_there_is_left_to_mujoco(scene: Path, text: str) -> None:
    (scene.parent / "link.stl").symlink_to("link.stl")
    scene.write_text(text)
    check_named_files(scene)


def test_all_mjcf_of_a_scene_has_one_limit(scene: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_files, "LARGEST_FILE_BYTES", 2**20)
    for name in ("a.xml", "b.xml"):
        (scene.parent / name).write_text("<mujoco/>" + " " * 700_000)
    scene.write_text("<include file='a.xml'/>")
    check_named_files(scene)
    scene.write_text("<include file='a.xml'/><include file='b.xml'/>")
    assert refusal(scene) == "it and what it includes have more than 1 MiB of MJCF"


def test_a_file_that_is_too_large_is_named(scene: Path) -> None:
    with (scene.parent / "m.stl").open("wb") as file:
        file.truncate(2**30)
    scene.write_text("<mesh file='m.stl'/>")
    assert "m.stl', which has 1024 MiB, and at most 512 MiB are read" in refusal(scene)


def test_files_without_end_are_not_looked_for(scene: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_files, "MOST_NAMED_FILES", 100)
    scene.write_text("".join(f"<mesh file='{number}'/>" for number in range(101)))
    assert refusal(scene) == "it names more than 100 files"


def test_includes_have_a_depth(scene: Path) -> None:
    for number in range(named_files.DEEPEST_INCLUDE + 1):
        path = scene if number == 0 else scene.parent / f"{number}.xml"
        path.write_text(f"<include file='{number + 1}.xml'/>")
    check_named_files(scene)
    (scene.parent / f"{number + 1}.xml").write_text("<mujoco/>")
    assert "include one another" in refusal(scene)
