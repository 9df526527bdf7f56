"""What the tests of the engine share: cases, runs in real engine processes, scripts."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from engine.backends.misbehaving import VARIABLE
from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import Event, TrialEnded
from engine.jobs.requests import Job
from engine.process.launcher import EngineProcess, Launcher, SpawnLauncher
from engine.results import Failure, TrialResult
from engine.runner import Plan, run

GENEROUS_S = 60.0
ROOT = Path(__file__).parents[2]


class Bench:
    """Measures cases in a folder of its own, as a face would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def case(
        backend: str = "null", scene: str = "none", size: str = "64x48", effects: Effects = Effects.SCENE
    ) -> Case:
        return Case(scene=scene, backend=backend, resolution=Resolution.parse(size), effects=effects)

    @staticmethod
    def settings(frames: int | None = 30, duration_s: float | None = None, **others: object) -> Settings:
        values = {"warmup_frames": 3, "hang_timeout_s": GENEROUS_S} | others
        return Settings(frames=frames, duration_s=duration_s, **values)

    def stream(
        self,
        cases: list[Case],
        settings: Settings,
        control: Control | None = None,
        known_failures: dict[str, Failure] | None = None,
        launcher: Launcher | None = None,
    ) -> Iterator[Event]:
        plan = Plan(cases, settings, self.folder, known_failures or {})
        return run(plan, launcher or SpawnLauncher(), control or Control())

    def results(self, cases: list[Case], settings: Settings, **others: object) -> list[TrialResult]:
        return [e.result for e in self.stream(cases, settings, **others) if isinstance(e, TrialEnded)]

    def result(self, case: Case, settings: Settings, **others: object) -> TrialResult:
        (result,) = self.results([case], settings, **others)
        return result


def engine_processes(of: psutil.Process | None = None) -> list[psutil.Process]:
    found = []
    for process in (of or psutil.Process()).children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture(scope="session")
def bench_class() -> type[Bench]:
    return Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "session")


class TwinLauncher:
    """Starts engine processes whose twin of `null` behaves as it is told."""

    def __init__(self, **behaviour: object) -> None:
        self._behaviour = ",".join(f"{key}={value}" for key, value in behaviour.items())

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        return SpawnLauncher().launch(job, log, {**environment, VARIABLE: self._behaviour})


@pytest.fixture
def twin() -> type[TwinLauncher]:
    return TwinLauncher


@pytest.fixture
def find_engine_processes() -> Callable[..., list[psutil.Process]]:
    return engine_processes


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object], str], None]:
    """Waits for a condition, generously, and fails with what it was about."""

    def wait(condition: Callable[[], object], what: str, limit_s: float = GENEROUS_S) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within {limit_s:g} s"
            time.sleep(0.01)

    return wait


@pytest.fixture
def start_script(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a Python program in a process of its own: `body` is that of its `main`."""
    started: list[subprocess.Popen[str]] = []

    def start(body: str, *arguments: str, **options: object) -> subprocess.Popen[str]:
        file = tmp_path / f"script{len(started)}.py"
        lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
        file.write_text(f"import sys\n\ndef main():\n{lines}\n\nif __name__ == '__main__':\n    main()\n")
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | options.pop("environment", {})
        process = subprocess.Popen(
            [sys.executable, str(file), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(autouse=True)
def _no_engine_process_left() -> Iterator[None]:
    yield
    left = engine_processes()
    deadline = time.monotonic() + 5
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = engine_processes()
    for process in left:
        process.kill()
    assert not left, "an engine process outlived its test"


@pytest.fixture
def display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A virtual display; skips where Xvfb is not installed."""
    if shutil.which("Xvfb") is None:
        pytest.skip("no Xvfb here: apt-get install xvfb")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "320x240x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as ready:
            number = ready.readline().strip()
        assert number, "Xvfb did not start"
        monkeypatch.setenv("DISPLAY", f":{number}")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
