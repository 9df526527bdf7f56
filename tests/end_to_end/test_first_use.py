"""What a person does first: the script of the README, and then the same session once more."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SCRIPT = REPOSITORY / "scripts" / "do" / "run_benchmark.sh"


@pytest.mark.timeout(600)
def test_run_benchmark_ends_with_real_fps_and_a_session_that_runs_again(tmp_path):
    if not (REPOSITORY / ".venv" / "bin" / "mjbench-tui").exists():
        pytest.skip("the project is not set up in its own .venv: run scripts/do/bootstrap.sh")
    first = subprocess.run(
        [str(SCRIPT), "--resolution", "48x36", "--duration", "0.5", "--warmup-frames", "1",
         "--save-frames", "2", "--output", str(tmp_path / "first")],
        capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    table = first.stdout.partition("How close to the limit")[0]
    rows = [line.split() for line in table.splitlines() if line.startswith(("apartment ", "″"))]
    assert {(row[1], row[3]) for row in rows} >= {
        (b, e) for b in ("egl", "osmesa") for e in ("scene", "bare")
    }
    assert all(float(row[4]) > 0 for row in rows)
    assert "SOFTWARE" in first.stdout
    assert len(list((tmp_path / "first" / "frames").glob("*.png"))) == len(rows)

    again = subprocess.run(
        [str(Path(sys.executable).with_name("mjbench-tui")), "--headless", "--profile",
         str(tmp_path / "first" / "session.toml"), "--output", str(tmp_path / "second"), "--quiet"],
        capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    sessions = [tomllib.loads((tmp_path / name / "session.toml").read_text()) for name in ("first", "second")]
    assert sessions[0]["profile"] == sessions[1]["profile"]
    assert [case["id"] for case in sessions[0]["cases"]] == [case["id"] for case in sessions[1]["cases"]]
    for case in sessions[0]["cases"]:
        assert case["drawn"]["lights"] >= 4
        assert (case["drawn"]["shadow_casters"] > 0) == (case["effects"] == "scene")


@pytest.mark.timeout(600)
def test_the_wheel_has_scenes_and_profiles_and_no_tests(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(tmp_path / "wheels"), str(REPOSITORY)],
        check=True, stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path / "site"),
         str(wheel)],
        check=True, stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    site = tmp_path / "site"
    assert not (site / "tests").exists()
    assert (site / "profiles" / "builtin" / "quick.toml").is_file()
    done = subprocess.run(
        [sys.executable, "-m", "tui", "run", "--backend", "egl", "--effects", "bare", "--resolution", "32x32",
         "--frames", "2", "--warmup-frames", "1", "--output", str(tmp_path / "out")],
        capture_output=True, text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, check=False,
        env={**os.environ, "PYTHONPATH": str(site)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    where = subprocess.run(
        [sys.executable, "-c", "import scenes; print(scenes.__file__)"],
        capture_output=True, text=True, cwd=tmp_path, check=True,
        env={**os.environ, "PYTHONPATH": str(site)},
    ).stdout  # fmt: skip
    assert where.startswith(str(site)), "the checkout was tested, not the wheel"
