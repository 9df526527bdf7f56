"""What the dashboard shows, built and fed without any app."""

import dataclasses

import msgspec
import numpy as np
import pytest

from engine.case import Case, Effects, Resolution, Settings
from engine.control import Control
from engine.events import FramesMeasured, StageEntered, TrialEnded, TrialStarted, Waiting
from engine.messages import FailureKind, Stage
from engine.process.launcher import SpawnLauncher
from engine.results import Failure, TrialResult
from engine.runner import Plan, run
from engine.timings import PHASES
from tui.dashboard.watch.figures import figure_lines
from tui.dashboard.watch.state import CaseStatus, RunState

CASES = [
    Case(scene="none", backend=name, resolution=Resolution(width=64, height=64), effects=Effects.SCENE)
    for name in ("null", "misbehaving")
]


def frames(case: Case, milliseconds: list[float], before: int = 0, warm_up: bool = False) -> FramesMeasured:
    """A block of frames that only render."""
    render = (np.array(milliseconds) * 1e6).astype(np.int64)
    phases = {phase: render if phase == "render" else np.zeros_like(render) for phase in PHASES}
    return FramesMeasured(case, 1, warm_up, phases, before + len(render), int(render.sum()))


def test_before_the_run_every_case_waits():
    views = RunState(CASES, Settings()).views()
    assert [view.status for view in views] == [CaseStatus.WAITING, CaseStatus.WAITING]
    assert all(view.fps is None and not view.provisional for view in views)


def test_a_trial_goes_through_its_states_and_is_provisional_until_it_is_closed():
    case = CASES[0]
    state = RunState(CASES, Settings())
    seen = []
    for event in (
        TrialStarted(case, 1, 1, 2),
        StageEntered(case, 1, Stage.WARM_UP),
        frames(case, [5.0] * 10, warm_up=True),
        StageEntered(case, 1, Stage.RUN),
        frames(case, [10.0] * 100),
        TrialEnded(TrialResult(case=case, trial=1, status="interrupted", started_at="", ended_at=""), 1, 2),
    ):
        state.fold(event)
        view = state.views()[0]
        seen.append((view.status, view.provisional))
    assert seen == [
        (CaseStatus.STARTING, True),
        (CaseStatus.WARMING_UP, True),
        (CaseStatus.WARMING_UP, True),
        (CaseStatus.RUNNING, True),
        (CaseStatus.RUNNING, True),
        (CaseStatus.INTERRUPTED, False),
    ]
    assert state.progress == (1, 2)
    assert state.current == case.id


def test_live_figures_are_those_of_the_frames_and_warm_up_is_not_among_them():
    case = CASES[0]
    state = RunState(CASES, Settings())
    state.fold(TrialStarted(case, 1, 1, 1))
    state.fold(frames(case, [1.0] * 50, warm_up=True))
    times = np.random.default_rng(1).lognormal(2.3, 0.3, 2000)
    state.fold(frames(case, list(times)))
    view = state.views()[0]
    assert view.frames == 2000
    assert view.fps == pytest.approx(2000 / times.sum() * 1000, rel=1e-4)
    assert view.p50_ms == pytest.approx(np.percentile(times, 50), rel=0.01)
    assert view.p99_ms == pytest.approx(np.percentile(times, 99), rel=0.01)
    assert view.low1_fps == pytest.approx(1000 / np.sort(times)[-20:].mean(), rel=0.01)
    assert view.shares["render"] == pytest.approx(1)


def test_a_low_of_few_frames_is_not_shown():
    state = RunState(CASES, Settings())
    state.fold(TrialStarted(CASES[0], 1, 1, 1))
    state.fold(frames(CASES[0], [10.0] * 900))
    assert state.views()[0].low1_fps is None


def test_the_graph_has_one_point_for_half_a_second_and_shows_a_dip():
    case, state = CASES[0], RunState(CASES, Settings())
    state.fold(TrialStarted(case, 1, 1, 1))
    for milliseconds in ([10.0] * 50, [100.0] * 5, [10.0] * 50):
        state.fold(frames(case, milliseconds))
    assert [point.fps for point in state.views()[0].points] == pytest.approx([100, 10, 100])
    assert state.views()[0].points[1].longest_ms == pytest.approx(100)


def test_a_failed_case_keeps_its_reason_its_fix_and_its_log():
    case, state = CASES[1], RunState(CASES, Settings())
    failure = Failure(kind=FailureKind.HUNG, stage=Stage.RUN, reason="no progress", fix="wait", log="MESA: x")
    result = TrialResult(case=case, trial=1, status="failed", started_at="", ended_at="", failure=failure)
    state.fold(TrialEnded(result, 2, 2))
    view = state.views()[1]
    assert (view.status, view.reason, view.fix, view.log) == (
        CaseStatus.FAILED,
        "no progress",
        "wait",
        "MESA: x",
    )


def test_only_what_changed_is_made_anew():
    state = RunState(CASES, Settings())
    before = state.views()
    state.fold(Waiting(CASES[0], 1))
    assert state.views()[0] is before[0]
    state.fold(TrialStarted(CASES[0], 1, 1, 2))
    after = state.views()
    assert after[0] is not before[0]
    assert after[1] is before[1]


def test_a_second_trial_starts_its_figures_anew():
    case, state = CASES[0], RunState(CASES, Settings(trials=2))
    state.fold(TrialStarted(case, 1, 1, 2))
    state.fold(frames(case, [10.0] * 100))
    state.fold(TrialStarted(case, 2, 2, 2))
    view = state.views()[0]
    assert (view.trial, view.frames, view.fps, view.points) == (2, 0, None, ())


def test_a_real_run_ends_with_the_figures_of_its_result(tmp_path, monkeypatch):
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "fault=raise,at=20")
    settings = Settings(duration_s=None, frames=20000, warmup_frames=3)
    state = RunState(CASES, settings)
    results = []
    for event in run(Plan(CASES, settings, tmp_path, {}), SpawnLauncher(), Control()):
        state.fold(event)
        if isinstance(event, TrialEnded):
            results.append(event.result)
    done, failed = state.views()
    assert done.status is CaseStatus.DONE
    assert results[0].metrics is not None
    metrics = results[0].metrics
    assert (done.fps, done.p99_ms, done.frames) == (metrics.fps, metrics.p99_ms, metrics.frames)
    assert done.frames + metrics.frames_left_out == 20000
    assert sum(done.shares.values()) == pytest.approx(1)
    assert failed.status is CaseStatus.FAILED
    assert "bad mood" in failed.reason


def block(case: Case, worker: int, milliseconds: list[float], before: int = 0) -> FramesMeasured:
    """The next frames of one of several workers, after as long ones."""
    alone = frames(case, milliseconds, before)
    return dataclasses.replace(
        alone, worker=worker, wall_ns=alone.wall_ns // len(milliseconds) * alone.frames
    )


def test_the_rates_of_workers_add_up_and_every_world_is_a_frame():
    case = msgspec.structs.replace(CASES[1], workers=2, worlds=4)
    state = RunState([case], Settings())
    state.fold(TrialStarted(case, 1, 1, 1))
    for turn in range(6):
        # 100 batches a second and 50, of four images each.
        state.fold(block(case, 1, [10.0] * 50, 50 * turn))
        state.fold(block(case, 2, [20.0] * 25, 25 * turn))
    (view,) = state.views()
    assert view.frames == 6 * 75 * 4
    assert view.fps == pytest.approx(600)
    assert view.fps_now == pytest.approx(600)
    assert [point.fps for point in view.points] == pytest.approx([600] * 6)
    assert view.seconds_a_point == 0.5
    # Times are of a batch, as the table has them.
    assert view.p99_ms == pytest.approx(20, rel=0.01)
    assert sum(view.shares.values()) == pytest.approx(1)


def test_a_trial_of_workers_lasts_as_long_as_the_slowest_and_one_that_waits_is_no_error():
    case = msgspec.structs.replace(CASES[1], workers=2)
    state = RunState([case], Settings())
    state.fold(TrialStarted(case, 1, 1, 1))
    state.fold(block(case, 1, [10.0] * 100))
    # The other has not drawn yet: what is known is told.
    assert state.views()[0].fps == pytest.approx(100)
    state.fold(block(case, 2, [10.0] * 100))
    assert state.views()[0].fps == pytest.approx(200)
    low = state.views()[0].low1_fps
    state.fold(block(case, 1, [10.0] * 1000, 100))
    assert low is None
    assert state.views()[0].low1_fps == pytest.approx(200, rel=0.01)


def test_kernels_that_are_compiled_are_a_state_of_their_own():
    case = CASES[0]
    state = RunState(CASES, Settings())
    state.fold(TrialStarted(case, 1, 1, 1))
    state.fold(StageEntered(case, 1, Stage.COMPILE))
    view = state.views()[0]
    assert (view.status, view.provisional) == (CaseStatus.COMPILING, True)
    assert "kernels" in figure_lines(view, 80)[0]
    state.fold(StageEntered(case, 1, Stage.WARM_UP))
    assert state.views()[0].status is CaseStatus.WARMING_UP


def test_a_real_run_of_workers_and_worlds_is_watched_as_the_table_has_it(tmp_path, monkeypatch):
    monkeypatch.setenv("MJBENCH_MISBEHAVIOUR", "frame_ms=5")
    case = msgspec.structs.replace(CASES[1], workers=2, worlds=8)
    settings = Settings(duration_s=0.8, warmup_frames=1)
    state = RunState([case], settings)
    live = 0.0
    for event in run(Plan([case], settings, tmp_path, {}), SpawnLauncher(), Control()):
        if isinstance(event, TrialEnded):
            live = state.views()[0].fps
        state.fold(event)
    done = state.views()[0]
    assert done.status is CaseStatus.DONE, done.reason
    # The same frames, over slightly different times.
    assert live == pytest.approx(done.fps, rel=0.25)
    assert done.frames % 8 == 0
