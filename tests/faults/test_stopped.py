"""A run that is stopped for a while: none of it passes for a measurement, and nobody is called hung."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest

from engine.interference.records import FindingKind
from engine.timings import frame_times_ns
from profiles.session import TrialRecord
from profiles.sessions import load_session
from profiles.timings_file import read_timings
from tests.faults.watching import LIMIT_S, NULL, TWIN, WatchedCommand
from tests.terminal.processes import wait_for
from tui.progress import MEASURED_ANEW

HANG_S = 2.0
STOPPED_S = 3.5
"""Longer than the limit for a hang."""


IMPATIENT = f'schema = 1\neffects = ["scene"]\n[measure]\nhang_timeout = {HANG_S}\nduration = 5.0\n'
"""A profile by which two seconds without a sign of life are a hang."""


def wait_until_timed(run: WatchedCommand, log: Path) -> None:
    """Wait for the timed frames of its first trial."""
    run.wait_for(lambda: log.exists() and "Stage.RUN" in log.read_text(), "timed frames")


def only_trial(folder: Path) -> TrialRecord:
    """The one trial of a session."""
    ((trial,),) = (case.trials for case in load_session(folder).cases)
    return trial


def longest_frame_s(folder: Path, trial: TrialRecord) -> float:
    assert trial.timings is not None
    return float(frame_times_ns(read_timings(folder, trial.timings).timed).max()) / 1e9


def ctrl_z(tmp_path: Path, homes: dict[str, str]) -> None:
    """The trial in progress is given up, and measured anew."""
    folder, log = tmp_path / "out", tmp_path / "log"
    options = ("--duration", "3", "--output", folder, "--log-file", log)
    with WatchedCommand(*TWIN, *options, in_session=False, MJBENCH_MISBEHAVIOUR="frame_ms=2", **homes) as run:
        wait_until_timed(run, log)
        run.send_to_group(signal.SIGTSTP)
        run.wait_for(run.is_stopped, "that it stands still")
        assert not run.engines
        time.sleep(STOPPED_S / 2)
        run.send_to_group(signal.SIGCONT)
        assert run.end() == 0, run.said
        assert MEASURED_ANEW in run.said
    trial = only_trial(folder)
    assert trial.metrics is not None and trial.metrics.frames > 100
    assert longest_frame_s(folder, trial) < STOPPED_S / 2
    assert FindingKind.STOPPED not in [finding.kind for finding in trial.findings]


def ctrl_z_and_ctrl_c(tmp_path: Path, homes: dict[str, str]) -> None:
    """A run that stands still ends."""
    folder, log = tmp_path / "out", tmp_path / "log"
    options = ("--duration", "600", "--output", folder, "--log-file", log)
    with WatchedCommand(*TWIN, *options, in_session=False, MJBENCH_MISBEHAVIOUR="frame_ms=2", **homes) as run:
        wait_until_timed(run, log)
        run.send_to_group(signal.SIGTSTP)
        run.wait_for(run.is_stopped, "that it stands still")
        run.send_to_group(signal.SIGINT)
        run.send_to_group(signal.SIGCONT)
        assert run.end() == 130, run.said
        run.seconds_until_alone()
        assert "Traceback" not in run.said
    assert load_session(folder).session.status == "interrupted"


def stopped_for_a_while(
    folder: Path, homes: dict[str, str], backend: str, with_engines: bool
) -> WatchedCommand:
    """Stop the command, alone or with its engine processes, for longer than a hang may last."""
    log, profile = folder / "log", folder / "impatient.toml"
    profile.write_text(IMPATIENT)
    options = ("--profile", profile, "--backend", backend, "--output", folder / "out", "--log-file", log)
    with WatchedCommand("run", *options, MJBENCH_MISBEHAVIOUR="frame_ms=20", **homes) as run:
        wait_until_timed(run, log)
        everybody = [*(run.engines if with_engines else ()), psutil.Process(run.process.pid)]
        for process in everybody:
            process.suspend()
        time.sleep(STOPPED_S)
        for process in everybody:
            process.resume()
        run.end()
    return run


def stood_still(tmp_path: Path, homes: dict[str, str], backend: str, with_engines: bool, waits: bool) -> None:
    """Frames that waited are marked, and nobody is called hung."""
    run = stopped_for_a_while(tmp_path, homes, backend, with_engines)
    folder = tmp_path / "out"
    assert run.code == 0, run.said
    trial = only_trial(folder)
    assert trial.status == "done" and trial.failure is None
    found = [finding for finding in trial.findings if finding.kind is FindingKind.STOPPED]
    assert bool(found) == waits == (longest_frame_s(folder, trial) > HANG_S)
    assert all(finding.spoils and finding.size > HANG_S for finding in found)
    sentence = "mjbench-tui was stopped while frames were timed, and they waited for 3."
    assert (sentence in run.out) == waits, run.out
    assert "spoiled" in run.said or not waits


PROBING = """
from engine.process.launcher import SpawnLauncher
from engine.preflight import probe_backends
if __name__ == "__main__":
    print("begun", flush=True)
    print(probe_backends(["null"], SpawnLauncher(), limit_s=2.0)["null"].reason, flush=True)
"""


def started(watcher: psutil.Process) -> list[psutil.Process]:
    """Its engine processes; what keeps account of shared memory is none."""
    return [each for each in watcher.children() if "spawn_main" in " ".join(each.cmdline())]


def probe(tmp_path: Path, homes: dict[str, str]) -> None:
    """A backend that is tried works, although all stood still for longer than that may take."""
    script = tmp_path / "probing.py"
    script.write_text(PROBING)
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, **homes, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        watcher = psutil.Process(process.pid)
        # One that has worked for a while is waited for by now.
        wait_for(lambda: any(each.cpu_times().user > 0.03 for each in started(watcher)), "a probe")
        everybody = [watcher, *watcher.children(recursive=True)]
        for each in everybody:
            each.suspend()
        time.sleep(STOPPED_S)
        for each in everybody:
            each.resume()
        assert process.stdout.read() == "\n"
        assert process.wait(LIMIT_S) == 0
    finally:
        process.kill()
        process.wait()


def nohup(tmp_path: Path, homes: dict[str, str]) -> None:
    """A run that is to outlive its terminal does."""
    folder, log = tmp_path / "out", tmp_path / "log"
    options = ("--duration", "1.5", "--output", folder, "--log-file", log)
    with WatchedCommand(*NULL, *options, within=("nohup",), **homes) as run:
        wait_until_timed(run, log)
        run.send_to_group(signal.SIGHUP)
        assert run.end() == 0, run.said
    assert load_session(folder).session.status == "complete"


WAYS: dict[str, Callable[[Path, dict[str, str]], None]] = {
    "Ctrl+Z": ctrl_z,
    "Ctrl+Z and Ctrl+C": ctrl_z_and_ctrl_c,
    # An engine process that cannot get rid of its timings waits in the middle of them.
    "who watches, a full pipe": partial(stood_still, backend="null", with_engines=False, waits=True),
    "who watches, an empty pipe": partial(
        stood_still, backend="misbehaving", with_engines=False, waits=False
    ),
    "all of it": partial(stood_still, backend="misbehaving", with_engines=True, waits=True),
    "while a backend is tried": probe,
    "nohup": nohup,
}


@pytest.fixture(scope="module")
def begun(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[None]]]:
    """The ways that are asked for, all at once as they mostly wait, each with folders of its own."""
    own = [item for item in request.session.items if item.path == request.path]
    wanted = {item.callspec.params["name"] for item in own if hasattr(item, "callspec")}
    with ThreadPoolExecutor(len(WAYS)) as pool:
        futures = {}
        for name in wanted:
            folder = tmp_path_factory.mktemp("stopped")
            homes = {
                f"XDG_{home}_HOME": str(folder / home.lower())
                for home in ("CONFIG", "DATA", "CACHE", "STATE")
            }
            futures[name] = pool.submit(WAYS[name], folder, homes)
        yield futures


@pytest.mark.parametrize("name", WAYS)
def test_nothing_of_a_time_in_which_all_stood_still_passes_for_a_measurement(begun, name):
    begun[name].result()
