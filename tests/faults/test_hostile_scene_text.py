"""Names that a scene brings along are data: no table, sentence or log carries their control characters."""

import json
import os
import subprocess
import sys
import tomllib
import unicodedata
from pathlib import Path

import pytest

NAME = "[red]\x1b[31m\x07\u202e\x9b2J|a|`b`\n](http://x)"
ESCAPED = "".join(f"&#{ord(character)};" for character in NAME)
DRAWN = (
    f"<mujoco model='{ESCAPED}'><asset><material name='{ESCAPED}' rgba='1 0 0 1'/></asset><worldbody>"
    f"<light pos='0 0 3'/><camera name='{ESCAPED}' pos='0 0 4'/><geom size='1' material='{ESCAPED}'/>"
    "</worldbody></mujoco>"
)
NAMED = f"<geom name='{ESCAPED}' size='1'/>"
TWICE = f"<mujoco><worldbody>{NAMED * 2}</worldbody></mujoco>"
UNKNOWN = f"<mujoco><worldbody><geom material='{ESCAPED}' size='1'/></worldbody></mujoco>"


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("mjbench-tui")), *arguments],
        capture_output=True,
        cwd=folder,
        env={**os.environ, "COLUMNS": "300"},
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def assert_plain(text: str) -> None:
    """No character moves the cursor, sounds, or turns the direction of what follows."""
    for character in text.replace("\n", ""):
        assert unicodedata.category(character) not in ("Cc", "Cs"), repr(text)
        assert character != "\u202e", repr(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("names")
    for name, text in (("drawn", DRAWN), ("twice", TWICE), ("unknown", UNKNOWN)):
        (folder / f"{name}.xml").write_text(text)
    return folder


def test_names_of_a_scene_are_shown_without_their_control_characters(folder: Path) -> None:
    scenes = [word for name in ("drawn", "twice", "unknown") for word in ("--scene", f"{name}.xml")]
    size = ("--resolution", "64x48", "--frames", "2", "--warmup-frames", "1", "--trials", "1")
    code, out, err = run(
        folder, "run", *scenes, "--backend", "osmesa", "--effects", "bare", *size, "--output", "out"
    )
    assert code == 1
    assert_plain(out)
    assert_plain(err)
    assert "repeated name" in out
    assert "not found" in out
    for file in ("--markdown", "--csv"):
        code, out, err = run(folder, "sessions", "show", "./out", file)
        assert code == 0, err
        assert_plain(out)
    for log in (folder / "out" / "logs").iterdir():
        assert_plain(log.read_text())
    told = json.loads((folder / "out" / "metrics.json").read_text())
    cameras = {trial["camera"] for trial in told["trials"] if trial["status"] == "done"}
    assert cameras == {NAME}, "the name itself is data, and is kept as it is"
    session = tomllib.loads((folder / "out" / "session.toml").read_text())
    assert NAME in {case["camera"] for case in session["cases"]}


def test_a_refusal_with_such_a_name_is_one_plain_sentence(folder: Path) -> None:
    for verb, scene, words in (("run", "twice", "repeated name"), ("explain", "unknown", "not found")):
        code, out, err = run(folder, verb, "--scene", f"{scene}.xml", "--backend", "osmesa")
        assert code == 3, err
        assert out == ""
        assert_plain(err)
        assert len(err.strip().splitlines()) == 1, err
        assert words in err
        assert f"{scene}.xml" in err


def test_a_camera_that_is_not_there_is_answered_with_plain_names(folder: Path) -> None:
    code, _, err = run(folder, "run", "--scene", "drawn.xml", "--backend", "osmesa", "--camera", "nobody")
    assert code == 2
    assert_plain(err)
    assert "'nobody'" in err
    assert "[red]" in err
