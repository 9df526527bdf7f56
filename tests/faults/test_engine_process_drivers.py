"""What a driver does to its engine process is its own case's affair: the others go on."""

import fcntl
import json
import os
import signal
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

import engine.process.spawned
from engine.backends.hostile import LEFT_FILE
from engine.case import Case
from engine.events import TrialEnded, Waiting
from engine.messages import FailureKind, Stage
from tests.engine.conftest import Bench, _no_engine_process_left  # noqa: F401
from tests.engine.test_workers import case
from tests.tui.conftest import Answer

LIMIT_S = 5.0
SPARE_S = 5.0


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(("at", "stage"), [("open", Stage.OPEN), ("10", Stage.RUN)])
def test_a_driver_that_refuses_says_what_to_do(bench, twin, at: str, stage: Stage) -> None:
    result = bench.result(bench.case("misbehaving"), bench.settings(), launcher=twin(fault="refuse", at=at))
    failure = result.failure
    assert (result.status, failure.kind, failure.stage) == ("failed", FailureKind.BACKEND, stage)
    assert failure.reason == "the driver is on strike"
    assert failure.fix == "wait until it is over"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("raise_much", "RuntimeError: no no no"),
        ("raise_unspeakable", "_UnspeakableError"),
        ("raise_without_log", "RuntimeError: the driver is in a bad mood"),
    ],
)
def test_a_driver_that_raises_what_cannot_be_shown(bench, twin, fault: str, reason: str) -> None:
    result = bench.result(bench.case("misbehaving"), bench.settings(), launcher=twin(fault=fault, at="10"))
    failure = result.failure
    assert (result.status, failure.kind, failure.stage) == ("failed", FailureKind.ERROR, Stage.RUN)
    assert failure.reason.startswith(reason)
    assert "\n" not in failure.reason
    assert len(failure.reason) <= 1000
    assert len(failure.log) <= 100_000


def test_a_driver_that_prints_is_measured_all_the_same(twin, tmp_path: Path, box: Path, capfd) -> None:
    def measure(at: str) -> str:
        bench = Bench(tmp_path / at)
        scene = ("misbehaving-scene", str(box)) if at == "scene" else ("misbehaving", "none")
        case = bench.case(scene[0], scene=scene[1])
        result = bench.result(case, bench.settings(), launcher=twin(fault="print", at=at))
        assert result.status == "done", result.failure
        assert result.metrics.frames == 30
        return (bench.folder / "logs" / f"{case.id}.1.log").read_text()

    with ThreadPoolExecutor(4) as pool:
        logs = list(pool.map(measure, ("import", "scene", "open", "compile", "10", "finish")))
    assert capfd.readouterr() == ("", "")
    assert [log.count("the driver has something to say") for log in logs] == [40_000] * len(logs)


def test_the_other_cases_go_on(bench, twin) -> None:
    cases = [bench.case(), bench.case("misbehaving"), bench.case(size="32x32")]
    settings = bench.settings(trials=2)
    results = bench.results(cases, settings, launcher=twin(fault="segfault", at="10"))
    assert [(r.case.id, r.trial, r.status) for r in results] == [
        (cases[0].id, 1, "done"),
        (cases[1].id, 1, "failed"),
        (cases[2].id, 1, "done"),
        (cases[2].id, 2, "done"),
        (cases[1].id, 2, "failed"),
        (cases[0].id, 2, "done"),
    ]


def test_what_it_leaves_behind_keeps_nobody_waiting_and_ends_with_it(bench, twin, wait_until) -> None:
    began = time.monotonic()
    result = bench.result(
        bench.case("misbehaving"), bench.settings(), launcher=twin(fault="leave_child", at="10")
    )
    assert result.status == "done"
    assert time.monotonic() - began < 20
    left = int((bench.folder / "logs" / LEFT_FILE).read_text())
    wait_until(lambda: is_gone(left), "its end", limit_s=5)


def test_what_it_has_started_ends_with_the_one_who_watches(start_script, wait_until, tmp_path: Path) -> None:
    script = start_script(
        """
from pathlib import Path
from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.process.launcher import SpawnLauncher
from engine.runner import Plan, run

size = Resolution(width=8, height=8)
case = Case(scene="none", backend="misbehaving", resolution=size, effects=Effects.BARE)
settings = Settings(frames=1_000_000_000, duration_s=None)
for event in run(Plan([case], settings, Path("session"), {}), SpawnLauncher(), Control()):
    pass
""",
        environment={"MJBENCH_MISBEHAVIOUR": "fault=leave_child,at=20,frame_ms=10"},
        cwd=tmp_path,
    )
    left = tmp_path / "session" / "logs" / LEFT_FILE
    wait_until(lambda: left.is_file() and left.read_text(), "what the driver starts")
    assert not is_gone(int(left.read_text()))
    script.kill()
    wait_until(lambda: is_gone(int(left.read_text())), "its end", limit_s=5)


def test_a_daemon_that_holds_its_pipe_keeps_nobody_waiting(bench, twin) -> None:
    """Only what stays in the session of the engine process can be ended with it."""
    began = time.monotonic()
    result = bench.result(
        bench.case("misbehaving"), bench.settings(), launcher=twin(fault="leave_daemon", at="10")
    )
    left = int((bench.folder / "logs" / LEFT_FILE).read_text())
    os.kill(left, signal.SIGKILL)
    assert result.failure.reason == "the engine process exited with code 0 too early in the timed loop"
    assert time.monotonic() - began < 20


def test_a_driver_cannot_write_on_the_terminal(twin, tmp_path: Path, start_script) -> None:
    """Not even where it opens the terminal itself."""
    ours, theirs = os.openpty()

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    script = start_script(
        """
from pathlib import Path
from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import TrialEnded
from engine.process.launcher import SpawnLauncher
from engine.runner import Plan, run

size = Resolution(width=8, height=8)
case = Case(scene="none", backend="misbehaving", resolution=size, effects=Effects.BARE)
plan = Plan([case], Settings(frames=30, duration_s=None), Path("session"), {})
for event in run(plan, SpawnLauncher(), Control()):
    if isinstance(event, TrialEnded):
        Path("/dev/tty").write_text(event.result.status)
""",
        environment={"MJBENCH_MISBEHAVIOUR": "fault=print_on_terminal,at=10"},
        cwd=tmp_path,
        pass_fds=[theirs],
        preexec_fn=take_terminal,
    )
    assert script.wait(60) == 0
    os.close(theirs)
    shown = os.read(ours, 10_000)
    os.close(ours)
    assert shown == b"done"


def assert_hung_within_its_limit(bench, twin, hanging: Case) -> None:
    """A case whose engine processes hang and are deaf fails, so long after the last that was heard of it."""
    settings = bench.settings(hang_timeout_s=LIMIT_S)
    heard_s = time.monotonic()
    for event in bench.stream([hanging], settings, launcher=twin(fault="hang_deaf", at="10")):
        if isinstance(event, TrialEnded):
            assert event.result.failure.kind is FailureKind.HUNG
        elif not isinstance(event, Waiting):
            heard_s = time.monotonic()
    assert time.monotonic() - heard_s <= LIMIT_S + SPARE_S


def test_a_process_that_nothing_ends_keeps_nobody_waiting(
    bench, twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a driver holds it in the kernel."""
    monkeypatch.setattr(engine.process.spawned, "_is_dead", lambda pid: False)
    assert_hung_within_its_limit(bench, twin, bench.case("misbehaving"))


@pytest.mark.parametrize(
    ("fault", "close_fault"), [("", "hang_deaf"), ("", "abort"), ("refuse", "raise"), ("refuse", "abort")]
)
def test_what_happens_at_the_close_changes_no_result(bench, twin, fault: str, close_fault: str) -> None:
    began = time.monotonic()
    launcher = twin(fault=fault, at="10", close_fault=close_fault)
    result = bench.result(bench.case("misbehaving"), bench.settings(), launcher=launcher)
    assert time.monotonic() - began < 20
    if fault:
        assert result.failure.reason == "the driver is on strike"
    else:
        assert (result.status, result.failure) == ("done", None)


def test_several_workers_that_do_not_want_to_end_take_no_longer_than_one(bench, twin) -> None:
    assert_hung_within_its_limit(bench, twin, case(workers=4))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("", ""),
        ("kill", "was killed by SIGKILL"),
        ("leave_fork", "exited with code 0 too early"),
        ("close_pipe", "closed the pipe by which it is heard"),
    ],
)
def test_where_the_system_does_not_tell_of_an_end_it_is_seen(
    bench, twin, monkeypatch: pytest.MonkeyPatch, fault: str, words: str
) -> None:
    monkeypatch.setattr(engine.process.spawned, "_open_pidfd", lambda pid: None)
    result = bench.result(bench.case("misbehaving"), bench.settings(), launcher=twin(fault=fault, at="10"))
    assert (result.failure is not None) == bool(fault)
    assert words in (result.failure.reason if result.failure is not None else "")


def test_the_command_saves_its_session_and_ends_with_1(mjbench, tmp_path: Path) -> None:
    def run(fault: str) -> Answer:
        return mjbench(
            *("run", "--scene", "apartment", "--backend", "null", "--backend", "misbehaving"),
            *("--resolution", "64x48", "--resolution", "32x24", "--effects", "scene", "--frames", "30"),
            *("--trials", "1", "--json", "--output", tmp_path / fault),
            MJBENCH_MISBEHAVIOUR=f"fault={fault},at=15",
        )

    faults = ("segfault", "flood", "no_message", "leave_fork", "raise_much", "allocate")
    with ThreadPoolExecutor(3) as pool:
        for fault, answer in zip(faults, pool.map(run, faults), strict=True):
            check_saved(answer, tmp_path / fault)


def check_saved(answer: Answer, folder: Path) -> None:
    assert answer.code == 1, answer.err
    trials = json.loads(answer.out)["trials"]
    assert sorted((trial["backend"], trial["status"]) for trial in trials) == [
        *[("misbehaving", "failed")] * 2,
        *[("null", "done")] * 2,
    ]
    assert (folder / "session.toml").is_file()
    reasons = {trial["failure"]["reason"] for trial in trials if trial["status"] == "failed"}
    assert len(reasons) == 1
    assert reasons.pop()[:40] in answer.err
    for words in ("about to misbehave", "Traceback", "\x1b"):
        assert words not in answer.err
    assert len(answer.err) < 20_000
