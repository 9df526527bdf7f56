"""Files that are no MJCF, archives, compiled models and plugins that a stranger's scene brings along."""

import random
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.messages import SCENE_MIB_VARIABLE
from engine.preflight import check_scenes
from engine.process.launcher import SpawnLauncher
from tests.faults.hostile_scenes import BALL, mjcf

LIMIT_S = 60.0


@pytest.fixture
def reason(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], str]:
    """Why a real engine process says that a scene cannot be drawn, as one sentence; "" where it can."""
    monkeypatch.setenv(SCENE_MIB_VARIABLE, "300")

    def look(path: Path) -> str:
        (message,) = check_scenes([str(path)], None, SpawnLauncher(), LIMIT_S).values()
        if message.reason:
            start = f"scene {str(path)!r} cannot be loaded: "
            assert message.reason.startswith(start)
            assert message.reason.isprintable()
            assert len(message.reason) < 1000
        return message.reason.partition(" cannot be loaded: ")[2]

    return look


def archive(path: Path, content: str, size: int | None = None) -> Path:
    """An archive with one file of MJCF, which says that it has `size` bytes unpacked."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"{path.stem}.xml", content)
    if size is not None:
        whole = bytearray(path.read_bytes())
        directory = whole.index(b"PK\1\2")
        whole[directory + 24 : directory + 28] = struct.pack("<I", size)
        path.write_bytes(whole)
    return path


def test_an_archive_is_read_like_the_file_in_it(tmp_path: Path, reason: Callable[[Path], str]) -> None:
    assert reason(archive(tmp_path / "honest.mjz", mjcf())) == ""
    assert "no ordinary file" in reason(archive(tmp_path / "device.mjz", mjcf("<include file='/dev/zero'/>")))
    cut = archive(tmp_path / "cut.mjz", mjcf())
    cut.write_bytes(cut.read_bytes()[:50])
    assert "no archive" in reason(cut)


def test_an_archive_that_unpacks_to_more_than_is_read_is_refused(
    tmp_path: Path, reason: Callable[[Path], str]
) -> None:
    large = mjcf() + " " * 400_000_000
    assert "at most 512 MiB are read" in reason(archive(tmp_path / "says.mjz", mjcf(), 2**31))
    assert "memory" in reason(archive(tmp_path / "lies.mjz", large, 100))


def test_compiled_models_are_not_read_and_so_cannot_harm(
    tmp_path: Path, reason: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUJOCO_GL", "disable")
    import mujoco

    compiled = tmp_path / "honest.mjb"
    mujoco.mj_saveModel(mujoco.MjModel.from_xml_string(mjcf()), str(compiled), None)
    chance = random.Random(5)
    whole = compiled.read_bytes()
    paths = [compiled]
    for number in range(20):
        changed = bytearray(whole)
        for _ in range(4):
            changed[chance.randrange(400 if number % 2 else len(changed))] = chance.randrange(256)
        paths.append(tmp_path / f"changed{number}.{'mjb' if number % 4 else 'xml'}")
        paths[-1].write_bytes(changed)
    found = check_scenes([*map(str, paths), "cartpole"], None, SpawnLauncher(), LIMIT_S)
    assert found["cartpole"].camera == "side"
    for path in paths:
        assert "decoder" in found[str(path)].reason or "XML" in found[str(path)].reason
    assert "decoder" in reason(compiled)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("robot.urdf", "<robot name='r'><link name='l'><visual><geometry><mesh filename='/dev/zero'/>"
                       "</geometry></visual></link></robot>"),
        ("robot.sdf", "<sdf version='1.7'><model name='m'/></sdf>"),
        ("stage.usda", "#usda 1.0\n"),
        ("stage.usd", "PXR-USDC"),
        ("picture.png", "\x89PNG"),
        ("library.so", "\x7fELF"),
        ("nothing.xml", ""),
        ("zeros.xml", "\0" * 100_000),
    ],
)  # fmt: skip
def test_what_is_no_mjcf_is_refused(
    tmp_path: Path, reason: Callable[[Path], str], name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, "latin-1")
    assert reason(path)


def test_a_scene_that_the_kernel_makes_up_is_refused(reason: Callable[[Path], str]) -> None:
    assert reason(Path("/proc/self/status")) == "it is no ordinary file"


def test_a_scene_loads_no_library(tmp_path: Path, reason: Callable[[Path], str]) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler, so there is no library to load")
    source, library, witness = (tmp_path / name for name in ("evil.c", "evil.so", "witness"))
    source.write_text(
        f'#include <stdio.h>\n__attribute__((constructor)) void begin(void) {{ fopen("{witness}", "w"); }}\n'
    )
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    scene = tmp_path / "scene.xml"
    for inside in (
        f"<extension><plugin plugin='{library}'/></extension>",
        "<extension><plugin plugin='evil'/></extension>",
        f"<include file='{library}'/>",
        f"<asset><mesh name='m' file='{library}' plugin='x'/></asset>",
        f"<asset><mesh name='m' file='evil.so'><plugin plugin='{library}'/></mesh></asset>",
    ):
        scene.write_text(mjcf(inside, f"{BALL}<geom type='box' size='1 1 1'/>"))
        assert reason(scene)
    assert not witness.exists()
