"""A run ends when it is told to, and never leaves an engine process behind."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

import engine.watch
from engine.control import Control
from engine.events import Event, FramesMeasured, StageEntered, TrialEnded, TrialStarted
from engine.messages import Stage
from engine.results import TrialResult

LONG_S = 3600.0

RUN = """
from pathlib import Path
from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import FramesMeasured, StageEntered, TrialEnded
from engine.process.launcher import SpawnLauncher
from engine.messages import Stage
from engine.runner import Plan, run

import signal
signal.signal(signal.SIGINT, lambda *_: None)
case = Case(
    scene="none", backend=sys.argv[1], resolution=Resolution(width=8, height=8), effects=Effects.BARE
)
settings = Settings(frames=int(sys.argv[2]), duration_s=None, warmup_frames=2)
for event in run(Plan([case], settings, Path("session"), {}), SpawnLauncher(), Control()):
    if isinstance(event, FramesMeasured) or isinstance(event, StageEntered) and event.stage is Stage.RUN:
        print("running", flush=True)
    if isinstance(event, TrialEnded):
        print(event.result.status, event.result.metrics and event.result.metrics.frames)
"""


def is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop_when(
    events, control: Control, condition: Callable[[Event], bool], times: int = 1
) -> tuple[TrialResult, float]:
    """Request the stop when `condition` holds; the last result, and how long it took to come."""
    asked_at = 0.0
    result = None
    for event in events:
        if not asked_at and condition(event):
            for _ in range(times):
                control.request_stop()
            asked_at = time.monotonic()
        if isinstance(event, TrialEnded):
            result = event.result
    assert asked_at
    return result, time.monotonic() - asked_at


def has_timed_frames(event: Event) -> bool:
    return isinstance(event, FramesMeasured) and not event.warm_up


def test_a_stop_ends_after_the_frame_and_keeps_all_frames(bench, twin) -> None:
    control = Control()
    cases = [bench.case("misbehaving"), bench.case()]
    events = bench.stream(
        cases, bench.settings(frames=None, duration_s=LONG_S), control, launcher=twin(frame_ms=20)
    )
    result, took_s = stop_when(events, control, has_timed_frames)
    assert took_s < 10
    assert (result.case, result.status, result.failure) == (cases[0], "interrupted", None)
    assert result.metrics.frames == len(result.timings.timed["render"]) > 0
    assert result.drawn is not None  # The engine process said goodbye itself.


@pytest.mark.parametrize("times", [1, 2])
def test_a_stop_is_heard_while_frames_stream(bench, times: int) -> None:
    control = Control()
    events = bench.stream([bench.case()] * 2, bench.settings(frames=None, duration_s=LONG_S), control)
    result, took_s = stop_when(events, control, has_timed_frames, times)
    assert took_s < 10
    assert result.status == "interrupted"
    assert result.metrics.frames > 0


def test_a_second_request_ends_at_once_what_does_not_listen(bench, twin) -> None:
    control = Control()
    events = bench.stream(
        [bench.case("misbehaving")] * 2,
        bench.settings(frames=1000, warmup_frames=1),
        control,
        launcher=twin(frame_ms=60, fault="hang_deaf", at=20),
    )
    result, took_s = stop_when(events, control, has_timed_frames, times=2)
    assert took_s < engine.watch._STOP_GRACE_S
    assert (result.status, result.failure) == ("interrupted", None)
    assert 0 < result.metrics.frames < 20


def test_a_stop_waits_only_so_long_for_the_frame(bench, twin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.watch, "_STOP_GRACE_S", 1.0)
    control = Control()
    events = bench.stream(
        [bench.case("misbehaving")], bench.settings(), control, launcher=twin(fault="hang_held", at="10")
    )
    result, took_s = stop_when(
        events, control, lambda event: isinstance(event, StageEntered) and event.stage is Stage.RUN
    )
    assert 1.0 <= took_s < 10
    assert result.status == "interrupted"
    assert result.metrics is None


def test_a_second_request_is_heard_by_a_stream_that_does_not_stop(
    bench, twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = Control()
    events = bench.stream(
        [bench.case("misbehaving")],
        bench.settings(frames=None, duration_s=LONG_S),
        control,
        launcher=twin(fault="deaf", at="0"),
    )
    result, took_s = stop_when(events, control, has_timed_frames, times=2)
    assert took_s < 10
    assert result.status == "interrupted"
    assert result.metrics.frames > 0


def test_a_stop_before_the_first_frame_leaves_no_metrics(bench) -> None:
    control = Control()
    events = bench.stream([bench.case()] * 2, bench.settings(frames=None, duration_s=LONG_S), control)
    result, took_s = stop_when(events, control, lambda event: isinstance(event, TrialStarted))
    assert took_s < 10
    assert (result.status, result.metrics, result.failure) == ("interrupted", None, None)


def test_a_face_that_turns_away_ends_the_process(bench, find_engine_processes) -> None:
    events = bench.stream([bench.case()], bench.settings(frames=None, duration_s=LONG_S))
    for event in events:
        if has_timed_frames(event):
            break
    assert find_engine_processes()
    events.close()
    assert not find_engine_processes()


def test_where_memory_runs_out_the_engine_process_goes_first(bench, find_engine_processes) -> None:
    events = bench.stream([bench.case()], bench.settings(frames=None, duration_s=LONG_S))
    for event in events:
        if has_timed_frames(event):
            break
    (process,) = find_engine_processes()
    score = Path(f"/proc/{process.pid}/oom_score_adj").read_text()
    events.close()
    assert score.strip() == "1000"


def test_ctrl_c_in_the_terminal_is_left_to_the_face(start_script, tmp_path) -> None:
    script = start_script(
        RUN,
        *("misbehaving", "40"),
        environment={"MJBENCH_MISBEHAVIOUR": "frame_ms=20"},
        start_new_session=True,
        cwd=tmp_path,
    )
    assert script.stdout.readline() == "running\n"
    os.killpg(script.pid, signal.SIGINT)
    out, err = script.communicate(timeout=60)
    assert out.splitlines()[-1] == "done 40"
    assert err == ""


@pytest.mark.parametrize("behaviour", ["", "fault=hang_held,at=10", "fault=hang_deaf,at=10"])
def test_no_engine_process_outlives_a_killed_parent(
    start_script, wait_until, find_engine_processes, tmp_path, behaviour: str
) -> None:
    script = start_script(
        RUN,
        "misbehaving" if behaviour else "null",
        "2000000000",
        environment={"MJBENCH_MISBEHAVIOUR": behaviour},
        cwd=tmp_path,
    )
    assert script.stdout.readline() == "running\n"
    if behaviour:
        log = tmp_path / "session" / "logs"
        wait_until(
            lambda: any("about to misbehave" in file.read_text() for file in log.iterdir()),
            "its misbehaviour",
        )
    (process,) = find_engine_processes(psutil.Process(script.pid))
    script.kill()
    try:
        wait_until(lambda: is_gone(process), "the end of the engine process", limit_s=3)
    finally:
        if not is_gone(process):
            process.kill()
