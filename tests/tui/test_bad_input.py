"""Every mistake is answered with one sentence and its exit code, and nothing is written."""

import os

import pytest

SMALL = ("--backend", "null", "--frames", "3", "--warmup-frames", "1")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--headless", "--backend", "elg"], ["--backend", "'elg'", "egl"]),
        (["--headless", "--profile", "quik"], ["'quik'", "quick"]),
        (["--headless", "--effects", "bear"], ["--effects", "bare"]),
        (["--headless", "--resolution", "0x0"], ["--resolution", "0x0", "1 to 16384"]),
        (["--headless", "--resolution", "100000x100000"], ["--resolution", "100000x100000"]),
        (["--headless", "--resolution", "-1"], ["--resolution"]),
        (["--headless", "--width", "640"], ["--height", "both"]),
        (["--headless", "--width", "a", "--height", "3"], ["--width/--height", "ax3"]),
        (["--headless", "--duration", "0"], ["--duration", "above 0"]),
        (["--headless", "--duration", "nan"], ["--duration", "number"]),
        (["--headless", "--frames", "many"], ["--frames", "'many'", "whole number"]),
        (["--headless", "--frames", "5", "--duration", "3"], ["--duration", "--frames", "one of the two"]),
        (["--headless", "--warmup-frames", "0"], ["--warmup-frames", "from 1"]),
        (["--headless", "--seed", "x"], ["--seed", "'x'"]),
        (["--headless", "--save-frames", "a,b"], ["--save-frames", "'a'"]),
        (["--headless", "--save-frames", "1000000000"], ["--save-frames", "0 to 100000"]),
        (["--headless", "--resolution", "\u0663x\u0663"], ["--resolution"]),
        (["--headless", "--scene", "apartment", "--model-path", "x.xml"], ["--scene", "--model-path"]),
        (["--headless", "--no-such-option"], ["--no-such-option"]),
        (["--headless", "--resoluton", "3x3"], ["--resoluton", "--resolution"]),
        (["run", "--frame", "3"], ["--frame", "--frames"]),
        (["bakends"], ["'bakends'", "backends"]),
        (["profiles", "shwo", "quick"], ["'shwo'", "show"]),
        (["profiles", "show", "quik"], ["'quik'", "quick"]),
        (["sessions", "show", "no-such-session"], ["no-such-session"]),
        (["--headless", "--log-file", "no/such/folder/log"], ["--log-file", "no/such/folder/log"]),
        (["--headless", "--save-profile", "../evil"], ["evil"]),
        (["scenes", "--frames", "3"], ["--frames", "no option of this command"]),
        (["--headless", "--output", ""], ["--output", "empty or new"]),
        (["--headless", "--output", b"\xff"], ["is not valid UTF-8"]),
        ([], ["--headless"]),
        (["--json"], ["--json", "--headless"]),
        (["--profile", "quick", "--output", "x"], ["--output", "--headless"]),
    ],
)
def test_wrong_usage_is_exit_2(mjbench, sessions_folder, arguments, parts):
    answer = mjbench(*arguments)
    assert answer.code == 2
    answer.assert_sentence(*parts)
    assert not sessions_folder.exists()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("scenes = [", ["not TOML"]),
        ("colour = 1", ["colour"]),
        ("duration = 3.0", ["duration", "[measure]"]),
        ('seed = "x"', ["seed", "'x'", "whole number"]),
        ('resolutions = ["0x0"]', ["resolutions[0]", "'0x0'"]),
        ("resolutions = []", ["resolutions", "empty list"]),
        ("[measure]\nduration = 0", ["measure.duration", "above 0"]),
        ("[measure]\nduration = nan", ["measure.duration"]),
        ("schema = 99", ["newer"]),
    ],
)
def test_a_bad_profile_is_exit_2_and_names_file_and_key(mjbench, tmp_path, sessions_folder, text, parts):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    answer = mjbench("--headless", "--profile", path)
    assert answer.code == 2
    answer.assert_sentence("bad.toml", *parts)
    assert not sessions_folder.exists()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--scene", "apartmnet"], ["'apartmnet'", "apartment"]),
        (["--scene", "menagerie:unitree_go22"], ["unitree_go22", "unitree_go2"]),
        (["--model-path", "no_such_robot.xml"], ["no_such_robot.xml"]),
    ],
)
def test_an_unknown_scene_is_exit_3(mjbench, sessions_folder, arguments, parts):
    answer = mjbench("--headless", *arguments, *SMALL)
    assert answer.code == 3
    answer.assert_sentence(*parts)
    assert not sessions_folder.exists()


@pytest.mark.parametrize(
    ("mjcf", "parts"),
    [
        ("<mujoco><worldbody>", ["model.xml"]),
        ("<mujoco><worldbdy/></mujoco>", ["model.xml", "worldbdy"]),
        ("<mujoco><worldbody/></mujoco>", ["model.xml", "geom"]),
        (
            '<mujoco><asset><mesh name="m" file="gone.stl"/></asset><worldbody>'
            '<geom type="mesh" mesh="m"/></worldbody></mujoco>',
            ["gone.stl"],
        ),
    ],
)
def test_a_model_that_cannot_be_loaded_is_exit_3_with_mujocos_reason(
    mjbench, tmp_path, sessions_folder, mjcf, parts
):
    (tmp_path / "model.xml").write_text(mjcf)
    answer = mjbench("--headless", "--model-path", "model.xml", "--backend", "egl", "--frames", "2")
    assert answer.code == 3
    answer.assert_sentence(*parts)
    assert not sessions_folder.exists()


def test_a_camera_that_the_scene_lacks(mjbench, box, sessions_folder):
    answer = mjbench("run", "--model-path", box, "--backend", "egl", "--camera", "frnt", "--frames", "2")
    assert answer.code == 2
    answer.assert_sentence("--camera", "'frnt'", "front")
    assert not sessions_folder.exists()


@pytest.mark.parametrize("backend", ["egl", "null"])
def test_a_camera_in_a_profile_that_the_scene_lacks_names_file_and_key(
    mjbench, box, tmp_path, sessions_folder, backend
):
    path = tmp_path / "mine.toml"
    path.write_text(f'scenes = ["{box}"]\nbackends = ["{backend}"]\ncamera = "frnt"\n')
    answer = mjbench("run", "--profile", path, "--frames", "2")
    assert answer.code == 2
    answer.assert_sentence("mine.toml", "camera", "'frnt'", "front")
    assert not sessions_folder.exists()


def test_no_backend_that_works_is_exit_4_with_the_fix(mjbench, box, sessions_folder):
    answer = mjbench(
        "run", "--model-path", box, "--backend", "glfw", "--frames", "2", DISPLAY="", WAYLAND_DISPLAY=""
    )
    assert answer.code == 4
    answer.assert_sentence("glfw", "display", "xvfb")
    assert not sessions_folder.exists()


def test_missing_assets_name_the_command_that_fetches_them(mjbench, tmp_path):
    answer = mjbench(
        "run", "--scene", "workbench", "--backend", "egl", "--frames", "2",
        MENAGERIE_ROOT="", MENAGERIE_CACHE_DIR=str(tmp_path / "empty"),
    )  # fmt: skip
    assert answer.code == 3
    answer.assert_sentence("franka_emika_panda", "mjbench-tui assets fetch")


def test_a_simulation_that_diverges_fails_by_name(mjbench, tmp_path):
    (tmp_path / "wild.xml").write_text(
        '<mujoco><option timestep="0.1"/><worldbody><camera name="c" pos="0 0 3"/><body>'
        '<joint type="slide" stiffness="1e9" springref="1"/><geom size="0.1"/></body></worldbody></mujoco>'
    )
    answer = mjbench("run", "--model-path", "wild.xml", "--backend", "egl", "--resolution", "32x32",
                     "--frames", "500", "--json")  # fmt: skip
    assert answer.code == 1
    assert '"diverged"' in answer.out
    assert not (tmp_path / "MUJOCO_LOG.TXT").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--backend", "egl", "--camera", "frnt"], 2),
        (["--backend", "egl", "--model-path", "empty.xml"], 3),
        (["--backend", "glfw"], 4),
    ],
)
def test_a_run_that_is_refused_saves_no_profile(mjbench, tmp_path, arguments, code):
    (tmp_path / "empty.xml").write_text("<mujoco/>")
    answer = mjbench("run", *arguments, "--save-profile", "mine", DISPLAY="", WAYLAND_DISPLAY="")
    assert answer.code == code
    answer.assert_sentence()
    assert mjbench("profiles", "path", "mine").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--profile", "./pipe"],
        ["run", "--profile", "pipe.toml"],
        ["profiles", "show", "./pipe"],
        ["sessions", "show", "./folder"],
        ["sessions", "show", "pipe.toml"],
        ["run", "--log-file", "pipe"],
    ],
)
def test_a_pipe_that_nobody_uses_is_not_waited_for(mjbench, tmp_path, sessions_folder, arguments):
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "pipe.toml", "folder/session.toml"):
        os.mkfifo(tmp_path / name)
    answer = mjbench(*arguments)
    assert answer.code == 2
    answer.assert_sentence(arguments[-1].removeprefix("./"))
    assert not sessions_folder.exists()


def test_a_frame_of_endless_physics_fails_by_name(mjbench, box):
    answer = mjbench("run", "--model-path", box, "--backend", "egl", "--resolution", "32x32", "--frames", "2",
                     "--effects", "bare", "--target-fps", "1e-300", "--csv")  # fmt: skip
    assert answer.code == 3
    assert "one frame at target_fps = 1e-300 takes 5e+302 physics steps of 0.002 s" in answer.out
    assert "Traceback" not in answer.err


def test_control_characters_in_a_folder_do_not_reach_the_screen(mjbench):
    answer = mjbench("run", *SMALL, "--output", "a\x1b[2J\nb")
    assert answer.code == 0
    assert "\x1b" not in answer.err
    assert r"a\x1b[2J\nb" in answer.err


def test_markup_and_control_characters_in_names_are_shown_as_text(mjbench):
    answer = mjbench("--headless", "--scene", "[red]\x1b[2Jx", *SMALL)
    assert answer.code == 2
    assert "\x1b" not in answer.err
    assert "[red]" in answer.err
