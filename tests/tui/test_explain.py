"""`explain`: on a scene whose answer is known, what cannot be changed, and what cannot be asked."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.case import Case, Effects, Resolution, Settings
from engine.changes.registry import all_changes
from engine.changes.survey import survey_changes
from engine.process.launcher import SpawnLauncher
from profiles.sessions import load_session
from tui.explanation import explain_session
from tui.output.explanation_output import print_explanation

LIMIT_S = 60
COMMAND = str(Path(sys.executable).with_name("mjbench-tui"))
SHADOWS = """
<mujoco>
  <visual>
    <quality shadowsize="4096" offsamples="0"/><headlight active="0"/>
  </visual>
  <worldbody>
    <light name="lamp" pos="0 0 3"/>
    <camera name="front" pos="0 -3 1" xyaxes="1 0 0 0 0.3 1"/>
    <geom type="box" size="1 1 0.1"/>
    <body pos="0 0 1"><freejoint/><geom type="box" size="0.2 0.2 0.2" rgba="1 0 0 1"/></body>
  </worldbody>
</mujoco>
"""
"""A shadow map of 16 million texels and two boxes: nearly all of a frame is shadows."""
SINGLE = {"no-shadows", "half-shadow-map", "quarter-shadow-map", "quarter-resolution", "no-physics"}
EGL = ("--backend", "egl", "--resolution", "32x32")


@dataclass(frozen=True)
class Explained:
    """What the command said of the scene whose answer is known."""

    document: dict[str, Any]
    err: str
    folder: Path
    scene: Path


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    folder = tmp_path_factory.mktemp("explain")
    scene, session = folder / "shadows.xml", folder / "session"
    scene.write_text(SHADOWS)
    done = subprocess.run(
        [COMMAND, "explain", "--model-path", str(scene), *EGL, "--frames", "6", "--warmup-frames", "2",
         "--rounds", "3", "--json", "--output", str(session)],
        capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Explained(json.loads(done.stdout), done.stderr, session, scene)


def test_shadows_are_named_first(explained):
    first, *others = explained.document["changes"]
    assert first["change"] == "no-shadows"
    assert first["line"] == "model.light_castshadow[:] = False"
    assert first["sure"]
    assert first["rounds"] == 3
    saving, speed_up = first["saving_ms"], first["speed_up"]
    assert 0 < saving["low"] < saving["value"] < saving["high"]
    assert 1 < speed_up["low"] < speed_up["value"] < speed_up["high"]
    # Shadows are nearly all of it: less than half of the time is left.
    assert saving["value"] > explained.document["unchanged"]["frame_ms"]["value"] / 2
    assert {entry["change"] for entry in [first, *others]} == SINGLE
    values = [entry["saving_ms"]["value"] for entry in [first, *others]]
    assert values == sorted(values, reverse=True)


def test_saving_and_speed_up_tell_the_same(explained):
    base = explained.document["unchanged"]["frame_ms"]["value"]
    for entry in [*explained.document["changes"], *explained.document["combined"]]:
        for end in ("value", "low", "high"):
            told = base * (1 - 1 / entry["speed_up"][end])
            assert entry["saving_ms"][end] == pytest.approx(told)
        assert entry["sure"] == (entry["saving_ms"]["low"] > 0)


def test_the_best_is_measured_with_shadows_and_without(explained):
    best = explained.document["combinations"]
    assert set(best) == {"keeps-shadows", "same-request", "fastest"}
    assert not {"no-shadows", "bare"} & set(best["keeps-shadows"]["changes"])
    assert {"half-shadow-map", "quarter-shadow-map"} & set(best["keeps-shadows"]["changes"])
    assert {"no-shadows", "bare"} & set(best["fastest"]["changes"])
    measured = [*explained.document["changes"], *explained.document["combined"]]
    for entry in best.values():
        same = next(other for other in measured if other["change"] == entry["change"])
        assert entry["saving_ms"] == same["saving_ms"]
    assert best["fastest"]["saving_ms"]["value"] == max(each["saving_ms"]["value"] for each in measured)


def test_what_cannot_be_changed_is_listed_with_the_reason(explained):
    refused = {entry["change"]: entry["reason"] for entry in explained.document["not_applicable"]}
    assert set(refused) == {info.id for info in all_changes()} - SINGLE - {"bare"}
    assert refused["no-multisampling"] == "the scene has offsamples = 0"
    assert refused["no-readback"] == "egl gives a picture to a program only by reading it back"
    assert refused["one-light"] == "the scene has one light only"
    assert refused["no-group-0"] == "nothing would be left to draw"


def test_it_leaves_a_session_of_interleaved_rounds(explained):
    session = load_session(explained.folder)
    assert session.session.status == "complete"
    assert explained.document["folder"] == str(explained.folder)
    plain, *changed = session.cases
    assert (plain.change, plain.id) == ("", explained.document["case"])
    assert [case.change for case in changed][:6] == [
        "no-shadows", "half-shadow-map", "quarter-shadow-map", "quarter-resolution", "no-physics", "bare",
    ]  # fmt: skip
    assert session.profile.changes == ("none", *(case.change for case in changed))
    ids = [case.id for case in session.cases][:7]
    # Its rounds alternate: A B C, C B A, ...
    first = [f"{name}.1" for name in ids] + [f"{name}.2" for name in reversed(ids)]
    assert session.session.order[:14] == tuple(first)
    together = [case for case in changed if "+" in case.change]
    rounds = {case.change: [trial.trial for trial in case.trials] for case in session.cases}
    assert all(rounds[case.change] == [4, 5, 6] for case in together)
    assert rounds[""] == ([1, 2, 3, 4, 5, 6] if together else [1, 2, 3])
    assert rounds["no-shadows"] == [1, 2, 3]


def test_the_session_is_shown_and_is_a_profile(explained, mjbench):
    shown = mjbench("sessions", "show", explained.folder)
    assert shown.code == 0, shown.err
    head, *_ = (line for line in shown.out.splitlines() if line.startswith("scene "))
    assert "change" in head.split()
    (row,) = (line for line in shown.out.splitlines() if " no-shadows " in line and "llvmpipe" in line)
    assert "32x32" in row
    plan = mjbench("run", "--profile", explained.folder / "session.toml", "--dry-run")
    assert plan.code == 0, plan.err
    asked = tomllib.loads((explained.folder / "session.toml").read_text())["profile"]["changes"]
    assert sum("32x32" in line for line in plan.out.splitlines()) == 3 * len(asked)


def test_progress_stays_off_the_data_and_tells_of_each_change(explained):
    assert "egl 32x32 scene half-shadow-map, trial 2" in explained.err
    assert str(explained.folder) in explained.err


def test_a_person_reads_it_in_order_with_lines_and_reasons(explained, capsys):
    """The text, of the session that the JSON told of."""
    size = Resolution(width=32, height=32)
    case = Case(scene=str(explained.scene), backend="egl", resolution=size, effects=Effects.SCENE)
    changes = survey_changes(case, Settings(), SpawnLauncher())
    print_explanation(explain_session(load_session(explained.folder), changes))
    lines = capsys.readouterr().out.splitlines()
    (head,) = (index for index, line in enumerate(lines) if line.startswith("the same things "))
    assert lines[head].split()[:6] == ["the", "same", "things", "saves", "ms", "95%"]
    (end,) = (index for index, line in enumerate(lines) if line.startswith("together "))
    rows = [line for line in lines[head:end] if line.startswith(tuple(info.id for info in all_changes()))]
    assert rows[0].startswith("no-shadows ")
    assert rows[0].rstrip().endswith("model.light_castshadow[:] = False")
    entries = explained.document["changes"]
    order = [entry["change"] for entry in entries]
    assert [entry["geometry"] for entry in entries] == sorted(entry["geometry"] for entry in entries)
    assert [row.split()[0] for row in rows[: len(order)]] == order
    text = "\n".join(lines)
    assert "shadows.xml on egl (llvmpipe SOFTWARE), 32x32, effects scene: " in text
    assert "the best that keeps shadows" in text
    assert "the fastest of all" in text
    assert "all effects off (bare): " in text
    start = lines.index("not applicable:")
    refused = [line.split()[0] for line in lines[start + 1 :]]
    assert refused == [entry["change"] for entry in explained.document["not_applicable"]]
    assert lines[start + 1 + refused.index("no-skybox")].endswith("  the scene has no skybox")


def test_the_plan_is_shown_and_nothing_measured(mjbench, sessions_folder, explained):
    answer = mjbench("explain", "--model-path", explained.scene, *EGL, "--rounds", "3", "--dry-run")
    assert answer.code == 0, answer.err
    assert sum("32x32" in line for line in answer.out.splitlines()) == 3 * 7
    assert "expected time: about" in answer.out
    assert "then combinations of what saves time" in answer.out
    assert "the scene has no skybox" in answer.out
    assert not sessions_folder.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (["--backend", "egl,osmesa"], 2, ["backends asks for 2 (egl, osmesa)", "--backend"]),
        (["--scene", "apartment", "--scene", "cartpole"], 2, ["scenes asks for 2", "--scene"]),
        (["--resolution", "8x8,16x16"], 2, ["resolutions asks for 2 (8x8, 16x16)", "--resolution"]),
        (["--workers", "1,2"], 2, ["workers asks for 2", "--workers"]),
        (["--rounds", "2"], 2, ["--rounds", "'2'", "from 3 to 1000", "no interval"]),
        (["--rounds", "many"], 2, ["--rounds", "'many'"]),
        (["--rounds", "-3"], 2, ["--rounds"]),
        (["--backend", "elg"], 2, ["--backend", "egl"]),
        (["--backend", "null"], 2, ["null draws nothing", "another backend"]),
        (["--scene", "apartmnt"], 3, ["'apartmnt'", "apartment"]),
        (["--backend", "egl", "--camera", "frnt"], 2, ["--camera", "frnt"]),
        (["--backend", "glfw"], 4, ["glfw"]),
        (["--trials", "3"], 2, ["--trials", "no option of this command"]),
        (["--csv"], 2, ["--csv"]),
        (["--output", ""], 2, ["--output", "empty or new"]),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(mjbench, sessions_folder, arguments, code, parts):
    scene = [] if "--scene" in arguments else ["--scene", "cartpole"]
    answer = mjbench("explain", *scene, *arguments, DISPLAY="", WAYLAND_DISPLAY="")
    assert answer.code == code, answer.err
    answer.assert_sentence(*parts)
    assert not sessions_folder.exists()


def test_a_broken_scene_is_one_sentence(mjbench, tmp_path):
    (tmp_path / "broken.xml").write_text("<mujoco><worldbody>")
    answer = mjbench("explain", "--model-path", "broken.xml", *EGL)
    assert answer.code == 3
    answer.assert_sentence("broken.xml")


def test_a_change_that_is_none_is_refused_with_the_nearest(mjbench):
    answer = mjbench("run", "--backend", "egl", "--change", "none,no-shadow")
    assert answer.code == 2
    answer.assert_sentence("--change", "unknown change 'no-shadow'", "did you mean 'no-shadows'?")


def test_a_change_is_measured_like_any_other_case(mjbench, explained):
    answer = mjbench("run", "--model-path", explained.scene, *EGL, "--effects", "scene", "--frames", "3",
                     "--change", "none,no-shadows", "--change", "no-haze", "--csv")  # fmt: skip
    assert answer.code == 1
    told = list(csv.DictReader(io.StringIO(answer.out)))
    assert [(row["change"], row["status"]) for row in told] == [
        ("", "done"), ("no-shadows", "done"), ("no-haze", "failed"),
    ]  # fmt: skip
    assert [row["shadow_casters"] for row in told[:2]] == ["1", "0"]
    assert "the change no-haze cannot be made: haze is where" in answer.err


def test_a_signal_ends_it_in_order_with_what_was_measured(explained, tmp_path):
    folder = tmp_path / "out"
    run = subprocess.Popen(
        [COMMAND, "explain", "--model-path", str(explained.scene), *EGL, "--duration", "600",
         "--output", str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
        start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + LIMIT_S
        while not (folder / "logs").is_dir():
            assert time.monotonic() < deadline
            assert run.poll() is None
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=LIMIT_S)
    finally:
        run.kill()
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert load_session(folder).session.status == "interrupted"
    assert "shadows.xml on egl" in out
