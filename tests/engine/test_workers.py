"""Several workers on one case: what they drew together, and what becomes of the others when one fails."""

import math
import os
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from engine.backends.misbehaving import VARIABLE
from engine.case import Case, Effects, Resolution
from engine.control import Control
from engine.events import FramesMeasured, TrialStarted
from engine.jobs.requests import Job
from engine.messages import FailureKind
from engine.process.environment import engine_environment
from engine.process.launcher import EngineProcess, SpawnLauncher
from engine.results import TrialResult
from engine.statistics import benchmark_metrics
from engine.timings import PHASES, TrialTimings, WorkerSpan
from engine.workers import common_interval

MS = 1_000_000


class PickyLauncher:
    """Starts twins of `null`; the one that is `picked` behaves in another way."""

    def __init__(self, everyone: str, picked: int, picked_one: str) -> None:
        self._everyone, self._picked, self._picked_one = everyone, picked, picked_one
        self.environments: list[Mapping[str, str | None]] = []

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        self.environments.append(environment)
        behaviour = self._picked_one if job.worker == self._picked else self._everyone
        return SpawnLauncher().launch(job, log, {**environment, VARIABLE: behaviour})


def case(workers: int = 1, worlds: int = 1, backend: str = "misbehaving", size: str = "64x48") -> Case:
    return Case(
        scene="none",
        backend=backend,
        resolution=Resolution.parse(size),
        effects=Effects.SCENE,
        workers=workers,
        worlds=worlds,
    )


def timings(*workers: tuple[int, list[int]]) -> TrialTimings:
    """Frames that are all `render`: for each worker its start and its frame times, in ms."""
    times = [ms * MS for _, frames in workers for ms in frames]
    timed = {name: np.array(times if name == "render" else [0] * len(times)) for name in PHASES}
    warmup = {name: np.full(len(workers), MS if name == "render" else 0) for name in PHASES}
    spans = tuple(WorkerSpan(len(frames), 1, start * MS) for start, frames in workers)
    return TrialTimings(warmup=warmup, timed=timed, workers=spans)


def test_only_the_time_in_which_all_drew_counts() -> None:
    # The second begins 10 ms later, and the first ends at 40 ms: from 10 to 40.
    interval = common_interval(timings((0, [10, 10, 10, 10]), (10, [20, 20])))
    assert interval.wall_ns == 30 * MS
    assert interval.worker_frames == (3.0, 1.5)
    metrics = benchmark_metrics(timings((0, [10, 10, 10, 10]), (10, [20, 20])), pixels=100)
    assert metrics.fps == pytest.approx(150)
    assert metrics.worker_fps == pytest.approx((100, 50))
    assert metrics.fairness == pytest.approx(0.5)
    assert metrics.frames == 5
    assert metrics.wall_time_s == pytest.approx(0.03)
    assert metrics.pixels_per_s == pytest.approx(15_000)
    assert sum(phase.share for phase in metrics.phases.values()) == pytest.approx(1)


def test_workers_that_never_drew_at_the_same_time_have_no_rate() -> None:
    apart = timings((0, [10]), (50, [10]))
    assert common_interval(apart) is None
    with pytest.raises(ValueError, match="no metrics"):
        benchmark_metrics(apart, pixels=1)


def test_equal_workers_add_up_exactly() -> None:
    alike = timings((0, [8] * 100), (0, [8] * 100), (0, [8] * 100))
    assert benchmark_metrics(alike, pixels=1).fps == pytest.approx(3 * 125)


def test_workers_that_begin_and_end_anyhow_lose_no_part_of_a_frame() -> None:
    generator = np.random.default_rng(5)
    workers = [(int(generator.integers(0, 9)), [9] * 40) for _ in range(4)]
    metrics = benchmark_metrics(timings(*workers), pixels=1)
    assert metrics.fps == pytest.approx(4 * 1000 / 9, rel=1e-6)


def test_a_batch_counts_every_world() -> None:
    alone = TrialTimings(
        warmup={name: np.array([MS]) for name in PHASES},
        timed={name: np.full(50, 2 * MS if name == "render" else 0) for name in PHASES},
    )
    metrics = benchmark_metrics(alone, pixels=10, worlds=16)
    assert metrics.fps == pytest.approx(16 * 500)
    assert metrics.frames == 800
    assert metrics.p50_ms == pytest.approx(2)
    assert metrics.pixels_per_s == pytest.approx(80_000)


def test_they_draw_at_the_same_time_and_add_up(bench) -> None:
    launcher = PickyLauncher("frame_ms=4", 2, "frame_ms=8")
    events = list(
        bench.stream([case(workers=2)], bench.settings(frames=None, duration_s=0.6), launcher=launcher)
    )
    result: TrialResult = events[-1].result
    assert result.failure is None
    timings = result.timings
    assert len(timings.workers) == 2
    # Released together: both begin within a fraction of what they draw for.
    assert max(worker.start_ns for worker in timings.workers) < 0.2e9
    assert {event.worker for event in events if isinstance(event, FramesMeasured)} == {1, 2}
    assert result.metrics.fps == pytest.approx(sum(result.metrics.worker_fps))
    assert sum(worker.frames for worker in timings.workers) == len(timings.timed["render"])
    assert result.memory.host_mib > 1


def test_the_slower_worker_shows_in_the_fairness(bench) -> None:
    launcher = PickyLauncher("frame_ms=2", 2, "frame_ms=20")
    result = bench.result(case(workers=2), bench.settings(frames=None, duration_s=0.5), launcher=launcher)
    fast, slow = result.metrics.worker_fps
    assert result.metrics.fairness == pytest.approx(slow / fast)
    assert result.metrics.fairness < 0.5


def test_none_begins_before_all_are_ready(bench) -> None:
    # The second warms up for half a second longer: without the barrier the first would be done by then.
    launcher = PickyLauncher("frame_ms=1", 2, "frame_ms=1,spike_every=2,spike_ms=500")
    settings = bench.settings(frames=20, warmup_frames=2)
    result = bench.result(case(workers=2), settings, launcher=launcher)
    assert result.failure is None
    assert result.metrics.fairness is not None


@pytest.mark.parametrize(
    ("fault", "said"),
    [("raise,at=12", "bad mood"), ("segfault,at=12", "SIGSEGV"), ("kill,at=open", "SIGKILL")],
)
def test_a_worker_that_fails_fails_the_case_and_stops_the_others(
    bench, fault, said, find_engine_processes
) -> None:
    launcher = PickyLauncher("frame_ms=1", 2, f"frame_ms=1,fault={fault}")
    settings = bench.settings(frames=None, duration_s=60.0)
    begun = time.monotonic()
    failed = bench.result(case(workers=3), settings, launcher=launcher)
    after = bench.result(case(backend="null"), bench.settings(frames=3))
    assert time.monotonic() - begun < 50
    assert failed.status == "failed"
    assert failed.failure.reason.startswith("worker 2 of 3: ")
    assert said in failed.failure.reason
    assert failed.metrics is None
    assert after.status == "done"
    assert not find_engine_processes()


def test_a_worker_that_hangs_fails_the_case(bench) -> None:
    launcher = PickyLauncher("frame_ms=1", 2, "frame_ms=1,fault=hang,at=4")
    settings = bench.settings(frames=None, duration_s=60.0, hang_timeout_s=1.0)
    result = bench.result(case(workers=2), settings, launcher=launcher)
    assert result.failure.kind is FailureKind.HUNG
    assert result.failure.reason.startswith("worker 2 of 2: no progress for 1 s in the timed loop")


def test_waiting_for_the_others_is_no_hang(bench) -> None:
    # The first waits for longer than the limit, while the second still gives signs of life.
    launcher = PickyLauncher("", 2, "frame_ms=300")
    settings = bench.settings(frames=2, warmup_frames=6, hang_timeout_s=1.0)
    result = bench.result(case(workers=2), settings, launcher=launcher)
    assert result.failure is None


def test_a_stop_keeps_what_all_have_drawn(bench) -> None:
    control = Control()
    launcher = PickyLauncher("frame_ms=1", 0, "")
    seen = set()
    for event in bench.stream(
        [case(workers=2)], bench.settings(frames=None, duration_s=60.0), control, launcher=launcher
    ):
        if isinstance(event, FramesMeasured) and not event.warm_up:
            seen.add(event.worker)
        if seen == {1, 2}:
            control.stop_requested = True
    assert event.result.status == "interrupted"
    assert event.result.metrics.fps > 0
    assert len(event.result.timings.workers) == 2


def test_after_a_case_ran_out_of_memory_larger_ones_are_skipped(bench, twin) -> None:
    cases = [case(worlds=1), case(worlds=4), case(worlds=16), case(worlds=16, workers=2), case(worlds=2)]
    launcher = WorldLauncher(4)
    results = {}
    started = []
    for event in bench.stream(cases, bench.settings(frames=2, trials=2), launcher=launcher):
        if isinstance(event, TrialStarted):
            started.append(event.case)
        elif hasattr(event, "result"):
            results.setdefault(event.result.case, []).append(event.result)
    states = [results[case][0].status for case in cases]
    assert states == ["done", "failed", "skipped", "skipped", "done"]
    assert results[cases[1]][0].failure.kind is FailureKind.MEMORY
    skipped = results[cases[2]][0].failure
    assert cases[1].id in skipped.reason
    assert "ran out of memory" in skipped.reason
    assert "fewer worlds" in skipped.fix
    # Neither the one that ran out nor a larger one is started again in the second round.
    assert [started.count(case) for case in cases] == [2, 1, 0, 0, 2]


class WorldLauncher:
    """Its twins have memory for fewer than `limit` worlds."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def launch(self, job: Job, log: Path, environment: Mapping[str, str | None]) -> EngineProcess:
        behaviour = "fault=memory,at=open" if job.case.worlds >= self._limit else ""
        return SpawnLauncher().launch(job, log, {**environment, VARIABLE: behaviour})


def test_software_rasterizers_share_the_processors(monkeypatch) -> None:
    monkeypatch.delenv("LP_NUM_THREADS", raising=False)
    usable = len(os.sched_getaffinity(0))
    assert "LP_NUM_THREADS" not in engine_environment("egl")
    for workers in (2, 4):
        threads = int(engine_environment("egl", workers)["LP_NUM_THREADS"])
        assert threads == max(1, math.floor(usable / workers))
    monkeypatch.setenv("LP_NUM_THREADS", "7")
    assert "LP_NUM_THREADS" not in engine_environment("egl", 4)


def test_the_result_says_how_many_threads_each_worker_got(bench, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("LP_NUM_THREADS", raising=False)
    scene = tmp_path / "box.xml"
    scene.write_text(
        "<mujoco><worldbody><light pos='0 0 3'/><geom type='box' size='1 1 1'/></worldbody></mujoco>"
    )
    alone, together = (
        Case(
            scene=str(scene),
            backend="egl",
            resolution=Resolution.parse("64x48"),
            effects=Effects.BARE,
            workers=workers,
        )
        for workers in (1, 2)
    )
    results = bench.results([alone, together], bench.settings(frames=5))
    assert [result.failure for result in results] == [None, None]
    assert [result.rasterizer_threads for result in results] == [0, max(1, len(os.sched_getaffinity(0)) // 2)]


def test_what_the_device_says_stands_beside_the_result(bench, twin) -> None:
    result = bench.result(case(), bench.settings(frames=5), launcher=twin(device_ms=2.5, frame_ms=5))
    assert result.device.mean_ms == pytest.approx(2.5)
    assert result.device.source == "the twin"
    assert result.device.frames >= 3
    assert bench.result(case(), bench.settings(frames=5), launcher=twin()).device is None
