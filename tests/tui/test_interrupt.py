"""Ctrl+C, SIGTERM and a second Ctrl+C while a case runs, to the real command."""

import os
import re
import signal
import subprocess
import time
import tomllib
from pathlib import Path

import psutil
import pytest

LIMIT_S = 60


def start(command: list[str], folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start a long run in a process group of its own, as a shell does."""
    return subprocess.Popen(
        [*command, "run", "--backend", "null", "--effects", "scene", *arguments, "--output", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
        start_new_session=True,
    )


def wait_for(condition, what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def engine_processes(run: subprocess.Popen[str]) -> list[psutil.Process]:
    """The engine processes of a run; the resource tracker is none."""
    return [
        child
        for child in psutil.Process(run.pid).children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]


def wait_until_measuring(run: subprocess.Popen[str], folder: Path) -> list[psutil.Process]:
    wait_for(lambda: (folder / "logs").is_dir() and engine_processes(run), "an engine process that measures")
    processes = engine_processes(run)
    # The timed loop of null takes all of a core, start-up does not.
    wait_for(lambda: any(p.cpu_times().user > 0.5 for p in processes), "frames")
    return processes


def interrupt_twice(run: subprocess.Popen[str]) -> None:
    """Ctrl+C, and once more when the first was heard: two at the same moment are one."""
    run.send_signal(signal.SIGINT)
    assert run.stderr is not None
    assert any("a second time ends at once" in line for line in iter(run.stderr.readline, ""))
    run.send_signal(signal.SIGINT)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_run_in_order(command, tmp_path, name):
    folder = tmp_path / "out"
    run = start(command, folder, "--duration", "600", "--trials", "2")
    processes = wait_until_measuring(run, folder)
    # A terminal sends Ctrl+C to the whole group; the others come to the command alone.
    if name == "SIGINT":
        os.killpg(run.pid, signal.SIGINT)
    else:
        run.send_signal(getattr(signal, name))
    out, err = run.communicate(timeout=LIMIT_S)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    session = tomllib.loads((folder / "session.toml").read_text())
    assert session["session"]["status"] == "interrupted"
    (case,) = session["cases"]
    (trial,) = case["trials"]
    assert trial["status"] == "interrupted"
    assert trial["metrics"]["frames"] > 1000
    # In the table the figure of what was measured until then cannot be taken for a whole one.
    (row,) = (line for line in out.splitlines() if line.startswith("apartment "))
    assert re.search(r"\d\* ", row)
    assert "* apartment-null-640x480-scene: interrupted: these are the frames until then." in out
    assert not any(process.is_running() for process in processes)


def test_a_case_with_fewer_trials_than_asked_for_is_marked(command, tmp_path):
    folder = tmp_path / "out"
    run = start(
        command, folder, "--backend", "misbehaving", "--frames", "100", "--trials", "2", "--markdown",
        MJBENCH_MISBEHAVIOUR="fault=hang,at=50",
    )  # fmt: skip
    log = folder / "logs"
    # The first case has one trial of two when the second one hangs.
    wait_for(lambda: log.is_dir() and "hang" in _text(log), "the second case to hang")
    interrupt_twice(run)
    out, err = run.communicate(timeout=LIMIT_S)
    assert run.returncode == 130, err
    (row,) = (line for line in out.splitlines() if line.startswith("| apartment | null |"))
    assert re.search(r"\d\\\* \|", row)
    assert "\\* apartment-null-640x480-scene: 1 of 2 trials were reached." in out


def test_a_second_ctrl_c_ends_at_once_even_where_the_driver_is_deaf(command, tmp_path):
    folder = tmp_path / "out"
    run = start(
        command, folder, "--backend", "misbehaving", "--frames", "1000", "--warmup-frames", "5",
        MJBENCH_MISBEHAVIOUR="fault=hang_deaf,at=50",
    )  # fmt: skip
    log = folder / "logs"
    wait_for(lambda: log.is_dir() and "hang_deaf" in _text(log), "the twin to hang")
    processes = engine_processes(run)
    interrupt_twice(run)
    run.communicate(timeout=LIMIT_S)
    assert run.returncode == 130
    session = tomllib.loads((folder / "session.toml").read_text())
    assert session["session"]["status"] == "interrupted"
    assert [case["state"] for case in session["cases"]] == ["done", "interrupted"]
    assert not any(process.is_running() for process in processes)


def test_a_killed_run_is_recovered_up_to_its_last_finished_trial(command, mjbench, tmp_path):
    folder = tmp_path / "out"
    run = start(
        command, folder, "--backend", "misbehaving", "--frames", "100",
        MJBENCH_MISBEHAVIOUR="fault=hang,at=50",
    )  # fmt: skip
    log = folder / "logs"
    wait_for(lambda: log.is_dir() and "hang" in _text(log), "the second case to hang")
    processes = engine_processes(run)
    run.kill()
    run.communicate(timeout=LIMIT_S)
    wait_for(lambda: not any(process.is_running() for process in processes), "the engine process to end")
    assert not (folder / "session.toml").exists()
    answer = mjbench("sessions", "recover", folder)
    assert answer.code == 0, answer.err
    session = tomllib.loads((folder / "session.toml").read_text())
    assert session["session"]["status"] == "incomplete"
    assert [len(case.get("trials", [])) for case in session["cases"]] == [1, 0]
    assert session["cases"][0]["trials"][0]["metrics"]["frames"] == 100


def _text(folder: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
