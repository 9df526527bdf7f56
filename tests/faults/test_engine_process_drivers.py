"""Whatever a driver does to its engine process, its case has failed with a reason, and the others go on."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.messages import FailureKind, Stage
from engine.results import TrialResult

PLACES = {"open": Stage.OPEN, "1": Stage.WARM_UP, "10": Stage.RUN}
WORDS = {
    Stage.OPEN: "while it opened the renderer",
    Stage.WARM_UP: "during warm-up",
    Stage.RUN: "in the timed loop",
}
ENDINGS = {
    "abort": "was killed by SIGABRT",
    "segfault": "was killed by SIGSEGV",
    "kill": "was killed by SIGKILL (the kernel does this when memory runs out)",
    "exit": "exited with code 0 too early",
}


def check_failed(result: TrialResult, fault: str, stage: Stage) -> None:
    assert result.status == "failed"
    assert result.metrics is None
    assert result.timings is None
    assert result.failure.stage == stage
    assert f"about to misbehave: {fault}" in result.failure.log
    assert "\n" not in result.failure.reason
    assert "Traceback" not in result.failure.reason


@pytest.mark.parametrize(
    ("fault", "at"),
    [
        *(("segfault", at) for at in PLACES),
        ("abort", "open"),
        ("kill", "10"),
        ("exit", "open"),
        ("exit", "10"),
    ],
)
def test_a_process_that_dies(bench, twin, fault: str, at: str) -> None:
    result = bench.result(bench.case("misbehaving"), bench.settings(), launcher=twin(fault=fault, at=at))
    stage = PLACES[at]
    check_failed(result, fault, stage)
    assert result.failure.reason == f"the engine process {ENDINGS[fault]} {WORDS[stage]}"
    assert result.failure.kind == (FailureKind.BACKEND if at == "open" else FailureKind.CRASHED)
    assert result.failure.fix


@pytest.mark.parametrize("at", ["open", "10"])
def test_a_driver_that_raises(bench, twin, at: str) -> None:
    result = bench.result(bench.case("misbehaving"), bench.settings(), launcher=twin(fault="raise", at=at))
    check_failed(result, "raise", PLACES[at])
    assert result.failure.kind == FailureKind.ERROR
    assert result.failure.reason == "RuntimeError: the driver is in a bad mood"
    assert "Traceback" in result.failure.log


@pytest.mark.parametrize("at", ["open", "10"])
def test_a_driver_that_refuses_says_what_to_do(bench, twin, at: str) -> None:
    result = bench.result(bench.case("misbehaving"), bench.settings(), launcher=twin(fault="refuse", at=at))
    check_failed(result, "refuse", PLACES[at])
    assert result.failure.kind == FailureKind.BACKEND
    assert result.failure.reason == "the driver is on strike"
    assert result.failure.fix == "wait until it is over"


@pytest.mark.parametrize("at", ["open", "10"])
def test_a_driver_that_prints_is_measured_all_the_same(bench, twin, at: str, capfd) -> None:
    case = bench.case("misbehaving")
    result = bench.result(case, bench.settings(), launcher=twin(fault="print", at=at))
    assert result.status == "done"
    assert result.metrics.frames == 30
    assert capfd.readouterr() == ("", "")
    log = (bench.folder / "logs" / f"{case.id}.1.log").read_text()
    assert log.count("the driver has something to say") == 40_000


def test_drivers_that_hang_are_ended(bench, twin) -> None:
    """Asleep, deaf to SIGTERM, or with the interpreter's lock held."""
    limit_s = 5.0
    plans = [
        (fault, at)
        for fault in ("hang", "hang_deaf", "hang_held")
        for at in (("1",) if fault == "hang" else ("open", "10"))
    ]

    def measure(plan: tuple[str, str]) -> tuple[TrialResult, float]:
        fault, at = plan
        case = bench.case("misbehaving", scene=f"{fault}{at}")
        began = time.monotonic()
        result = bench.result(case, bench.settings(hang_timeout_s=limit_s), launcher=twin(fault=fault, at=at))
        return result, time.monotonic() - began

    with ThreadPoolExecutor(len(plans)) as pool:
        found = list(pool.map(measure, plans))
    for (fault, at), (result, took_s) in zip(plans, found, strict=True):
        check_failed(result, fault, PLACES[at])
        assert result.failure.kind == FailureKind.HUNG
        assert result.failure.reason.startswith(f"no progress for 5 s {WORDS[PLACES[at]]}")
        assert result.failure.fix
        assert limit_s <= took_s < 2 * limit_s + 5, (fault, at)


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


def test_a_process_that_leaves_another_behind_keeps_nobody_waiting(bench, twin) -> None:
    began = time.monotonic()
    result = bench.result(
        bench.case("misbehaving"), bench.settings(), launcher=twin(fault="leave_child", at="10")
    )
    assert result.status == "done"
    assert time.monotonic() - began < 20


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


def test_nothing_that_a_driver_prints_reaches_the_screen(start_script, tmp_path) -> None:
    script = start_script(
        """
import os
from pathlib import Path
from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import TrialEnded
from engine.launcher import SpawnLauncher
from engine.runner import Plan, run

case = Case(
    scene="none", backend="misbehaving", resolution=Resolution(width=8, height=8), effects=Effects.BARE
)
settings = Settings(frames=30, duration_s=None, warmup_frames=2)
for fault in ("print", "raise", "abort", "segfault", "exit"):
    os.environ["MJBENCH_MISBEHAVIOUR"] = f"fault={fault},at=10"
    plan = Plan([case], settings, Path("session"), {})
    for event in run(plan, SpawnLauncher(), Control()):
        if isinstance(event, TrialEnded):
            print(fault, event.result.status)
""",
        cwd=tmp_path,
    )
    out, err = script.communicate(timeout=60)
    assert err == ""
    assert out.split("\n") == [
        "print done",
        *(f"{f} failed" for f in ("raise", "abort", "segfault", "exit")),
        "",
    ]
