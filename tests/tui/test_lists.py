"""The commands that list and show."""

import json
import shutil
import subprocess
import time
import tomllib
from pathlib import Path

import pytest

from engine.backends.registry import all_backends


def test_backends_tells_driver_and_software_and_the_fix(mjbench):
    answer = mjbench("backends", DISPLAY="", WAYLAND_DISPLAY="")
    assert answer.code == 0
    egl = next(line for line in answer.out.splitlines() if line.startswith("egl"))
    assert "llvmpipe" in egl
    assert "SOFTWARE" in egl
    assert "xvfb" in answer.out


def test_backends_as_json(mjbench):
    answer = mjbench("backends", "--json", DISPLAY="", WAYLAND_DISPLAY="")
    found = {entry["backend"]: entry for entry in json.loads(answer.out)}
    assert found["osmesa"]["works"] is True
    assert found["osmesa"]["renderer"]["software"] is True
    assert found["glfw"]["works"] is False
    assert found["glfw"]["fix"]
    assert list(found) == [info.name for info in all_backends()]


def test_scenes_and_whether_their_assets_are_here(mjbench, tmp_path):
    answer = mjbench("scenes", MENAGERIE_ROOT="", MENAGERIE_CACHE_DIR=str(tmp_path / "empty"))
    assert "apartment" in answer.out
    assert "mjbench-tui assets fetch" in answer.out


def test_menagerie_scenes_as_json(mjbench):
    names = [entry["name"] for entry in json.loads(mjbench("scenes", "--menagerie", "--json").out)]
    assert "apartment" in names
    assert "menagerie:unitree_go2" in names


@pytest.mark.parametrize("name", ["quick", "compare", "resolutions", "ci"])
def test_builtin_profiles_are_listed_and_shown(mjbench, name):
    assert name in mjbench("profiles", "list").out
    shown = tomllib.loads(mjbench("profiles", "show", name).out)
    assert shown["scenes"][0] == "apartment"


def test_profiles_path(mjbench):
    assert mjbench("profiles", "path").out.strip().endswith("profiles")
    assert mjbench("profiles", "path", "quick").out.strip().endswith("quick.toml")


def test_sessions_are_listed_and_shown(mjbench):
    small = ("run", "--backend", "null", "--frames", "20", "--warmup-frames", "1")
    assert "no session" in mjbench("sessions", "list").out
    assert mjbench(*small).code == 0
    (entry,) = json.loads(mjbench("sessions", "list", "--json").out)
    assert entry["status"] == "complete"
    shown = mjbench("sessions", "show", entry["id"])
    assert shown.code == 0
    assert "null" in shown.out
    assert json.loads(mjbench("sessions", "show", entry["id"], "--json").out)["trials"]
    assert (
        "nothing" in mjbench("sessions", "recover").out or "no session" in mjbench("sessions", "recover").out
    )


@pytest.mark.parametrize("columns", ["80", "140"])
def test_the_list_of_sessions_keeps_to_one_line_each(command, mjbench, columns):
    """On a terminal, which `script` makes."""
    if shutil.which("script") is None:
        pytest.skip("script, of the package bsdutils, is not here")
    mjbench("run", "--backend", "null", "--frames", "5", "--quiet")
    done = subprocess.run(
        ["script", "-qec", f"COLUMNS={columns} TERM=xterm '{command[0]}' sessions list", "/dev/null"],
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if "quick" in line]
    assert lines
    assert all("FPS on null" in line for line in lines)
    assert ("machine" in done.stdout, "started" in done.stdout) == (True, columns == "140")


def test_assets_are_listed_and_found(mjbench, menagerie_root):
    assert "franka_emika_panda" in mjbench("assets", "list").out
    path = mjbench("assets", "path", "franka_emika_panda").out.strip()
    assert path == str(menagerie_root / "franka_emika_panda")


def test_assets_that_cannot_be_fetched_are_one_sentence(mjbench, tmp_path):
    answer = mjbench(
        "assets", "fetch", "unitree_go2",
        MENAGERIE_ROOT="", MENAGERIE_BASE_URL="http://127.0.0.1:9", MENAGERIE_CACHE_DIR=str(tmp_path / "c"),
    )  # fmt: skip
    assert answer.code == 3
    answer.assert_sentence("unitree_go2")


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_names_the_options(mjbench, shell):
    answer = mjbench("completion", shell)
    assert answer.code == 0
    assert "--profile" in answer.out or "profile" in answer.out


def test_bash_takes_its_completion(mjbench, tmp_path):
    script = tmp_path / "completion.bash"
    script.write_text(mjbench("completion", "bash").out)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_version_and_help_answer_quickly_next_to_python_itself(command):
    def best(arguments: list[str]) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run(arguments, capture_output=True, check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    python = best([command[0].replace("mjbench-tui", "python"), "-c", "pass"])
    # Numpy, MuJoCo or Textual by mistake in the way of these would cost many times Python's own start.
    assert best([*command, "--version"]) < python * 12
    assert best([*command, "profiles", "list"]) < python * 25


def test_profiles_are_copied_renamed_and_deleted(mjbench):
    copied = mjbench("profiles", "duplicate", "quick", "mine")
    assert copied.code == 0
    assert copied.out.strip().endswith("/profiles/mine.toml")
    assert "# A first look" in Path(copied.out.strip()).read_text()
    renamed = mjbench("profiles", "rename", "mine", "yours")
    assert renamed.out.strip().endswith("/profiles/yours.toml")
    mjbench("profiles", "delete", "yours").assert_sentence("yours.toml", "--yes")
    assert mjbench("profiles", "delete", "yours", "--yes").out == renamed.out
    assert not Path(renamed.out.strip()).exists()
    for verb in (("rename", "quick", "x"), ("delete", "quick", "--yes")):
        answer = mjbench("profiles", *verb)
        assert answer.code == 2
        answer.assert_sentence("'quick' is built in", "duplicate it")
    mjbench("profiles", "duplicate", "quick", "compare").assert_sentence("built-in profile")
