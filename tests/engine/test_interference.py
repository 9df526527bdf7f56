"""Trials that are really spoiled, and an instrument that is not: its own work, its cost, a driver that hangs.

The machine that tests run on may have other things to do: what is asserted holds all the same.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from msgspec.structs import replace

from engine.backends.misbehaving import VARIABLE
from engine.control import Control
from engine.events import Disturbed, Event, StageEntered, TrialEnded
from engine.interference.records import Finding, FindingKind
from engine.jobs.requests import Job
from engine.messages import Stage
from engine.process.launcher import EngineProcess, SpawnLauncher
from engine.results import TrialResult
from engine.runner import Plan, run
from engine.timings import PHASES

BURN = "while True: pass"


class Burner:
    """A program that takes a whole processor while it runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", BURN])
        self._watched = psutil.Process(self._process.pid)

    def cpu_s(self) -> float:
        times = self._watched.cpu_times()
        return times.user + times.system

    def move(self, processor: int) -> None:
        os.sched_setaffinity(self._process.pid, {processor})

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def burn() -> Iterator[type[Burner]]:
    """Starts programs that burn a processor; they end with the test."""
    burners: list[Burner] = []

    def start() -> Burner:
        burners.append(Burner())
        return burners[-1]

    yield start
    for burner in burners:
        burner.end()


@contextmanager
def on_one_processor() -> Iterator[None]:
    """Keep this process, and whatever it starts, on one processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def of_others(findings: tuple[Finding, ...]) -> Finding | None:
    return next((one for one in findings if one.kind is FindingKind.OTHER_PROCESSES), None)


def lasted_s(finding: Finding) -> float:
    """How long a load was, as its sentence says."""
    return float(finding.what.rpartition(" for ")[2].removesuffix(" s"))


def ended(events: list[Event]) -> TrialResult:
    (result,) = [event.result for event in events if isinstance(event, TrialEnded)]
    return result


def test_a_program_that_burns_a_core_is_noticed_with_its_size(bench, twin, burn) -> None:
    settings = bench.settings(frames=None, duration_s=3.0)
    burner, burnt_s = None, []
    events = []
    with on_one_processor():
        for event in bench.stream([bench.case("misbehaving")], settings, launcher=twin(frame_ms=5)):
            events.append(event)
            if isinstance(event, StageEntered) and event.stage is Stage.RUN:
                burner = burn()
            if isinstance(event, StageEntered) and event.stage is Stage.FINISH:
                burnt_s.append(burner.cpu_s())
    result = ended(events)
    finding = of_others(result.findings)
    assert finding is not None
    took_s = finding.size * lasted_s(finding)
    # Python's start is burnt too; the kernel counts in steps.
    assert took_s > 0.8 * burnt_s[0] - 0.1
    assert finding.size <= 1.05, "there is one processor only"
    assert finding.spoils and result.is_spoiled
    assert finding.what.startswith("other processes took ")


def test_what_disturbs_is_told_while_it_does_and_when_it_is_over(bench, twin, burn) -> None:
    case, control = bench.case("misbehaving"), Control()
    plan = Plan([case], bench.settings(frames=10**9), bench.folder, {}, watch_usage=True)
    burner, told = burn(), []
    with on_one_processor():
        burner.move(max(os.sched_getaffinity(0)))
        for event in run(plan, twin(frame_ms=5), control):
            if isinstance(event, Disturbed):
                told.append(event)
                control.request_stop()
    assert (told[0].case, told[0].trial) == (case, 1)
    assert of_others(told[0].findings).spoils


def test_eight_busy_workers_are_no_others(bench, twin) -> None:
    case = replace(bench.case("misbehaving"), workers=8)
    with on_one_processor():
        result = bench.result(case, bench.settings(frames=None, duration_s=2.0), launcher=twin(frame_ms=5))
    assert result.status == "done"
    finding = of_others(result.findings)
    # Seven workers taken for others would be seven eighths of the one processor.
    assert finding is None or finding.size < 0.7


class TwoPaces:
    """Starts two workers, the second of which takes its time."""

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        behaviour = "frame_ms=4" if job.worker == 1 else "frame_ms=12"
        return SpawnLauncher().launch(job, log, {**environment, VARIABLE: behaviour})


def test_what_counts_is_over_when_the_first_worker_is_done(bench, burn) -> None:
    case = replace(bench.case("misbehaving"), workers=2)
    burners = [burn() for _ in range(3)]
    with on_one_processor():
        for burner in burners:
            burner.move(max(os.sched_getaffinity(0)))
        result = bench.result(case, bench.settings(frames=300), launcher=TwoPaces())
    first_s = sum(result.timings.timed[phase][:300].sum() for phase in PHASES) / 1e9
    finding = of_others(result.findings)
    assert finding is not None
    assert lasted_s(finding) < first_s + 0.3


def test_a_trial_that_fails_or_is_stopped_ends_its_watch_too(bench, twin, burn) -> None:
    burn()
    crashed = bench.result(
        bench.case("misbehaving"),
        bench.settings(frames=10**6),
        launcher=twin(frame_ms=10, fault="segfault", at=160),
    )
    assert crashed.status == "failed"
    control = Control()
    events = []
    for event in bench.stream(
        [bench.case("misbehaving")],
        bench.settings(frames=10**9),
        control=control,
        launcher=twin(frame_ms=10),
    ):
        events.append(event)
        if isinstance(event, StageEntered) and event.stage is Stage.RUN:
            threading.Timer(1.5, control.request_stop).start()
    stopped = ended(events)
    assert stopped.status == "interrupted"
    for result in (crashed, stopped):
        finding = of_others(result.findings)
        assert finding is not None, result.status


def attempts(bench, twin, burn, rerun_spoiled: int, **behaviour: object) -> list[TrialEnded]:
    """Measure one trial whose first attempt is spoiled by a program that ends with it."""
    settings = bench.settings(frames=None, duration_s=1.0, rerun_spoiled=rerun_spoiled)
    burner, found = burn(), []
    with on_one_processor():
        burner.move(max(os.sched_getaffinity(0)))
        for event in bench.stream(
            [bench.case("misbehaving")], settings, launcher=twin(frame_ms=5, **behaviour)
        ):
            if isinstance(event, TrialEnded):
                found.append(event)
                burner.end()
    return found


def test_a_spoiled_trial_is_measured_again_until_one_is_not(bench, twin, burn) -> None:
    found = attempts(bench, twin, burn, rerun_spoiled=3)
    assert [event.result.attempt for event in found] == list(range(1, len(found) + 1))
    assert {(event.result.trial, event.position, event.total) for event in found} == {(1, 1, 1)}
    *repeated, last = found
    assert repeated, "the first attempt was spoiled"
    assert all(event.is_repeated and event.result.is_spoiled for event in repeated)
    assert not last.is_repeated
    # What else the machine has to do may spoil every attempt.
    assert not last.result.is_spoiled or last.result.attempt == 4


def test_a_spoiled_trial_stays_alone_unless_asked_for(bench, twin, burn) -> None:
    (only,) = attempts(bench, twin, burn, rerun_spoiled=0)
    assert only.result.is_spoiled and not only.is_repeated


def test_a_trial_that_failed_is_not_measured_again(bench, twin, burn) -> None:
    (only,) = attempts(bench, twin, burn, rerun_spoiled=3, fault="raise", at=20)
    assert only.result.status == "failed"
    assert not only.is_repeated


def test_an_end_after_the_trial_is_an_end_after_the_attempt(bench, twin, burn) -> None:
    settings = bench.settings(frames=None, duration_s=1.0, rerun_spoiled=3, trials=2)
    control = Control()
    burner, found = burn(), []
    with on_one_processor():
        burner.move(max(os.sched_getaffinity(0)))
        for event in bench.stream(
            [bench.case("misbehaving")], settings, control=control, launcher=twin(frame_ms=5)
        ):
            if isinstance(event, StageEntered) and event.stage is Stage.RUN:
                control.request_stop_after()
            if isinstance(event, TrialEnded):
                found.append((event.result.trial, event.result.attempt, event.is_repeated))
    assert found == [(1, 1, False)]


LIBRARY = """
import time

class NVMLError(Exception):
    pass

NVML_CLOCK_SM = 1
NVML_TEMPERATURE_GPU = 0

def nvmlInit():
    {init}

def nvmlDeviceGetCount():
    return 1

def nvmlDeviceGetHandleByIndex(index):
    return index

def nvmlDeviceGetCurrentClocksEventReasons(handle):
    {reasons}

def nvmlDeviceGetTemperature(handle, sensor):
    return 90

def __getattr__(name):
    def refuse(*_):
        raise NVMLError("Not Supported")
    return refuse
"""

WATCH = """
import os, threading, time
from engine.interference.gpu import GpuWatch
from engine.interference.watcher import InterferenceWatch

gpu = GpuWatch()
watch = InterferenceWatch([os.getpid()], gpu)
for _ in range(2):
    watch.begin(on_gpu=True)
    until = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < until:
        watch.look()
        time.sleep(0.01)
    watch.end()
    print([finding.what for finding in watch.findings if finding.kind.startswith("gpu")])
gpu.end()
print([thread.name for thread in threading.enumerate() if thread.name == "gpu-watch"])
"""


def watched(start_script, tmp_path, init: str, reasons: str, seconds: float) -> list[str]:
    """What a watch says with such a library of the driver in the place of NVIDIA's."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "pynvml.py").write_text(LIBRARY.format(init=init, reasons=reasons))
    path = f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}{os.pathsep}{Path.cwd()}"
    process = start_script(WATCH, str(seconds), environment={"PYTHONPATH": path})
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.splitlines()


def test_what_nvidias_library_says_of_a_hot_gpu_is_told(start_script, tmp_path) -> None:
    lines = watched(start_script, tmp_path, "pass", "return 0x40", 1.5)
    assert lines[:2] == ["['the GPU was slowed down by heat (at 90 °C) all the time']"] * 2


@pytest.mark.parametrize(
    ("init", "reasons"),
    [
        ("time.sleep(3600)", "return 0"),
        ("pass", "time.sleep(3600)"),
        ("raise NVMLError('no driver')", "pass"),
    ],
    ids=["hangs", "hangs later", "no driver"],
)
def test_a_library_that_hangs_or_fails_holds_nobody_up(start_script, tmp_path, init, reasons) -> None:
    assert watched(start_script, tmp_path, init, reasons, 0.3)[:2] == ["[]", "[]"]


def test_nobody_looks_at_gpus_where_none_draws(bench) -> None:
    before = {thread.name for thread in threading.enumerate()}
    plan = Plan([bench.case()], bench.settings(frames=2000), bench.folder, {})
    for _ in run(plan, SpawnLauncher(), Control()):
        assert "gpu-watch" not in {thread.name for thread in threading.enumerate()} - before
