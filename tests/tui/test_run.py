"""Measuring from the command line: what comes out, where, and with which exit code."""

import csv
import io
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

NULL = (
    *("--headless", "--backend", "null", "--resolution", "64x64", "--effects", "scene"),
    *("--frames", "50", "--warmup-frames", "3"),
)


def test_null_is_measured_and_leaves_a_whole_session(mjbench, tmp_path):
    folder = tmp_path / "out"
    answer = mjbench(*NULL, "--output", folder)
    assert answer.code == 0, answer.err
    assert "FPS" in answer.out
    assert "null" in answer.out
    assert str(folder) in answer.err
    session = tomllib.loads((folder / "session.toml").read_text())
    assert session["session"]["status"] == "complete"
    (case,) = session["cases"]
    (trial,) = case["trials"]
    assert trial["metrics"]["frames"] == 50
    assert trial["metrics"]["warmup_frames"] == 3
    with np.load(folder / "timings.npz", allow_pickle=False) as arrays:
        key = trial["timings"]
        assert arrays[f"{key}.render"].shape == (50,)
        assert arrays[f"{key}.warmup.render"].shape == (3,)
        assert arrays[f"{key}.render"].dtype == np.int64
    assert json.loads((folder / "metrics.json").read_text())
    assert not list(folder.glob("journal*"))


def test_the_session_runs_again_as_a_profile(mjbench, tmp_path):
    assert mjbench(*NULL, "--seed", "7", "--output", tmp_path / "first").code == 0
    again = mjbench(
        "--headless", "--profile", tmp_path / "first" / "session.toml", "--output", tmp_path / "second"
    )
    assert again.code == 0, again.err
    first, second = (
        tomllib.loads((tmp_path / name / "session.toml").read_text()) for name in ("first", "second")
    )
    assert first["profile"] == second["profile"]
    assert second["profile"]["seed"] == 7
    assert [case["id"] for case in first["cases"]] == [case["id"] for case in second["cases"]]


def test_real_backends_draw_and_say_which_driver(mjbench, box, tmp_path):
    folder = tmp_path / "out"
    answer = mjbench(
        "run", "--model-path", box, "--backend", "egl,osmesa", "--resolution", "96x64",
        "--effects", "scene", "--effects", "bare", "--frames", "5", "--warmup-frames", "2",
        "--save-frames", "3", "--json", "--output", folder,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    document = json.loads(answer.out)
    assert "llvmpipe" in answer.err
    assert "SOFTWARE" in answer.err
    trials = document["trials"]
    assert len(trials) == 4
    for trial in trials:
        assert trial["renderer"]["renderer"]
        assert trial["software"] is True
        assert trial["metrics"]["frames"] == 5
        shares = [phase["share"] for phase in trial["metrics"]["phases"].values()]
        assert sum(shares) == pytest.approx(1)
    pictures = sorted((folder / "frames").glob("*.png"))
    assert len(pictures) == 4
    for path in pictures:
        with Image.open(path) as image:
            assert image.size == (96, 64)
            assert len(image.getcolors(maxcolors=96 * 64)) > 10


def test_a_failing_case_does_not_stop_the_others(mjbench, tmp_path):
    answer = mjbench(
        *NULL, "--backend", "misbehaving", "--json", "--output", tmp_path / "out",
        MJBENCH_MISBEHAVIOUR="fault=segfault,at=5",
    )  # fmt: skip
    assert answer.code == 1
    by_backend = {trial["backend"]: trial for trial in json.loads(answer.out)["trials"]}
    assert by_backend["null"]["status"] == "done"
    assert by_backend["misbehaving"]["status"] == "failed"
    assert "SIGSEGV" in by_backend["misbehaving"]["failure"]["reason"]
    assert "SIGSEGV" in answer.err
    assert "Traceback" not in answer.err


def test_drivers_do_not_print_on_the_screen(mjbench, tmp_path):
    answer = mjbench(*NULL, "--backend", "misbehaving", "--output", tmp_path / "out",
                     MJBENCH_MISBEHAVIOUR="fault=print,at=5")  # fmt: skip
    assert answer.code == 0
    assert "something to say" not in answer.out + answer.err
    logs = "".join(path.read_text() for path in (tmp_path / "out" / "logs").glob("*.log"))
    assert "something to say" in logs


def test_csv_has_a_row_for_each_trial(mjbench):
    answer = mjbench(*NULL, "--trials", "3", "--csv")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert [row["trial"] for row in rows] == ["1", "2", "3"]
    for row in rows:
        assert int(row["frames"]) == 50
        assert float(row["fps"]) == pytest.approx(int(row["frames"]) / float(row["wall_time_s"]))
        assert row["low1_fps"] == ""


def test_markdown_is_a_table(mjbench):
    answer = mjbench(*NULL, "--markdown")
    lines = answer.out.splitlines()
    assert lines[0].startswith("| scene | backend |")
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|")


def test_stdout_is_data_alone_and_quiet_says_nothing(mjbench):
    answer = mjbench(*NULL, "--json", "--quiet")
    assert json.loads(answer.out)["trials"]
    assert answer.err == ""


def test_a_text_without_a_terminal_has_no_control_characters(mjbench):
    answer = mjbench(*NULL)
    assert "\x1b" not in answer.out + answer.err
    assert "\r" not in answer.out + answer.err


def test_options_beat_the_profile_and_are_saved_as_one(mjbench, tmp_path):
    profile = tmp_path / "mine.toml"
    profile.write_text('backends = ["null"]\nseed = 1\n[measure]\nduration = 0.2\n')
    answer = mjbench(
        "run", "--profile", profile, "--frames", "9", "--save-profile", "mine", "--output", tmp_path / "out"
    )
    assert answer.code == 0, answer.err
    shown = tomllib.loads(mjbench("profiles", "show", "mine").out)
    assert shown["measure"]["frames"] == 9
    assert "duration" not in shown["measure"]
    assert shown["seed"] == 1


def test_dry_run_measures_and_writes_nothing(mjbench, sessions_folder):
    answer = mjbench(*NULL, "--trials", "2", "--resolution", "32x32", "--dry-run")
    assert answer.code == 0, answer.err
    sizes = [line.split()[3] for line in answer.out.splitlines() if "null" in line]
    assert sizes == ["64x64", "32x32", "32x32", "64x64"]
    assert "expected time" in answer.out
    assert not sessions_folder.exists()


def test_compare_tells_the_speed_relative_to_the_fastest(mjbench, box):
    answer = mjbench(
        "compare", "--model-path", box, "--resolution", "48x32", "--frames", "4", "--warmup-frames", "1",
        "--markdown",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "relative" in answer.out.splitlines()[0]
    assert "| 1.000 |" in answer.out


def test_log_file_tells_what_happened(mjbench, tmp_path):
    log = tmp_path / "run.log"
    assert mjbench(*NULL, "--log-file", log).code == 0
    text = log.read_text()
    assert "TrialStarted" in text
    assert "done" in text


def test_debug_shows_arguments_as_received_and_understood(mjbench):
    answer = mjbench(*NULL, "--quiet", BENCH_DEBUG_ARGS="1")
    assert "received: ['--headless'" in answer.err
    assert '"warmup_frames": "3"' in answer.err


def test_without_no_color_a_terminal_is_needed_for_colours(mjbench):
    plain = mjbench(*NULL, NO_COLOR="1")
    assert "\x1b[" not in plain.out


def test_saved_pictures_are_the_same_on_every_backend(mjbench, box, tmp_path):
    folder = tmp_path / "out"
    mjbench("run", "--model-path", box, "--backend", "egl", "--backend", "osmesa", "--resolution", "64x48",
            "--effects", "scene", "--frames", "3", "--save-frames", "10", "--output", folder)  # fmt: skip
    pictures = [
        np.asarray(Image.open(path)).astype(int) for path in sorted((folder / "frames").glob("*.png"))
    ]
    assert len(pictures) == 2
    assert np.abs(pictures[0] - pictures[1]).mean() < 2


@pytest.mark.parametrize("name", ["run", "compare"])
def test_help_lists_exit_codes(mjbench, name):
    answer = mjbench(name, "--help")
    assert answer.code == 0
    for code in ("0", "1", "2", "3", "4", "130"):
        assert f" {code}  " in answer.out


def test_a_session_folder_is_not_written_twice(mjbench, tmp_path):
    folder = tmp_path / "out"
    assert mjbench(*NULL, "--output", folder).code == 0
    before = (folder / "session.toml").read_bytes()
    again = mjbench(*NULL, "--output", folder)
    assert again.code == 2
    again.assert_sentence(str(folder))
    assert (folder / "session.toml").read_bytes() == before


def test_an_output_that_cannot_be_written_is_said_before_anything_is_measured(mjbench, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    answer = mjbench(*NULL, "--output", Path(blocker) / "out")
    assert answer.code == 2
    answer.assert_sentence(str(blocker))


def test_a_log_file_that_fills_its_disk_is_told_once(mjbench, box):
    answer = mjbench("run", "--backend", "null", "--frames", "5", "--log-file", "/dev/full")
    assert answer.code == 0, answer.err
    assert "Traceback" not in answer.err
    assert answer.err.count("--log-file '/dev/full' cannot be written any more") == 1


@pytest.mark.parametrize(("arguments", "name"), [(["compare"], "compare"), (["run"], "quick")])
def test_a_session_is_named_after_the_profile_that_was_measured(mjbench, tmp_path, arguments, name):
    answer = mjbench(
        *arguments, "--backend", "null", "--scene", "apartment", "--frames", "5", "--output", "s", "--quiet"
    )
    assert answer.code == 0, answer.err
    session = tomllib.loads((tmp_path / "s" / "session.toml").read_text())["session"]
    assert session["profile_name"] == name
    assert f"-{name}-" in session["id"]
