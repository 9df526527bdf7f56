"""Trials in real engine processes, on the backend that draws nothing."""

import random

import numpy as np
import psutil
import pytest

from engine.events import FramesMeasured, StageEntered, TrialEnded, TrialReady, TrialStarted
from engine.messages import Stage
from engine.timings import PHASES, frame_times_ns


def test_a_trial_streams_all_of_its_frames(bench) -> None:
    events = list(bench.stream([bench.case()], bench.settings(frames=40_000, warmup_frames=5)))
    assert isinstance(events[0], TrialStarted)
    assert isinstance(events[-1], TrialEnded)
    assert sum(isinstance(event, TrialReady) for event in events) == 1
    result = events[-1].result
    assert (result.status, result.failure) == ("done", None)
    metrics = result.metrics
    assert (metrics.frames + metrics.frames_left_out, metrics.warmup_frames) == (40_000, 5)
    for warm_up, total in ((True, 5), (False, 40_000)):
        blocks = [e for e in events if isinstance(e, FramesMeasured) and e.warm_up is warm_up]
        seen = 0
        for block in blocks:
            seen += len(block.phases["render"])
            assert block.frames == seen
        assert seen == total
        kept = result.timings.warmup if warm_up else result.timings.timed
        assert frame_times_ns(kept).sum() == blocks[-1].wall_ns
        for name in PHASES:
            np.testing.assert_array_equal(kept[name], np.concatenate([b.phases[name] for b in blocks]))
    steady_ns = frame_times_ns(result.timings.timed)[metrics.frames_left_out :].sum()
    assert metrics.wall_time_s == pytest.approx(steady_ns / 1e9)


def test_stages_come_in_their_order(bench) -> None:
    events = list(bench.stream([bench.case()], bench.settings()))
    stages = [event.stage for event in events if isinstance(event, StageEntered)]
    assert stages == [Stage.IMPORT, Stage.OPEN, Stage.WARM_UP, Stage.RUN, Stage.FINISH]


def test_what_it_costs_to_start_is_told(bench) -> None:
    result = bench.result(bench.case(), bench.settings())
    start_up = result.start_up
    # No interpreter starts in 5 ms, and this one did not take a minute.
    assert 0.005 < start_up.process_s < 60
    assert 0 < start_up.import_s < 60
    assert 0 <= start_up.open_s < 60
    assert start_up.scene_s == start_up.compile_s == 0.0
    assert result.started_at < result.ended_at
    assert result.renderer.renderer == "none, draws nothing"
    assert result.metrics.pixels_per_s == 0.0


def test_a_trial_may_last_a_time_instead_of_a_number_of_frames(bench) -> None:
    result = bench.result(bench.case(), bench.settings(frames=None, duration_s=0.4))
    assert result.status == "done"
    times_ns = frame_times_ns(result.timings.timed)
    assert times_ns.sum() > 0.39e9
    assert times_ns[:-1].sum() < 0.4e9


def test_a_short_duration_still_measures_a_frame(bench, twin) -> None:
    settings = bench.settings(frames=None, duration_s=0.001, warmup_frames=1)
    result = bench.result(bench.case("misbehaving"), settings, launcher=twin(frame_ms=30))
    assert result.metrics.frames == 1
    assert result.metrics.mean_ms >= 30


def test_two_million_frames_arrive_and_the_engine_process_stays_as_it_is(
    bench, find_engine_processes
) -> None:
    frames = 2_000_000
    sizes: list[int] = []
    result = None
    process: psutil.Process | None = None
    for event in bench.stream([bench.case()], bench.settings(frames=frames)):
        if isinstance(event, TrialReady):
            (process,) = find_engine_processes()
        if isinstance(event, FramesMeasured) and not event.warm_up:
            try:
                sizes.append(process.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        if isinstance(event, TrialEnded):
            result = event.result
    assert result.metrics.frames + result.metrics.frames_left_out == frames
    assert len(result.timings.timed["render"]) == frames
    assert len(sizes) > 5
    early = sizes[: len(sizes) // 4]
    assert max(sizes) - max(early) < 4 * 2**20


def test_noise_spikes_and_drift_show(bench, twin) -> None:
    def measure(frames: int, **behaviour: object):
        settings = bench.settings(frames=frames, warmup_frames=1)
        result = bench.result(bench.case("misbehaving"), settings, launcher=twin(**behaviour))
        return result.metrics, result.timings.timed["render"] / 1e6

    # Another process may take the processor away: a frame can take longer than it is told to, never less.
    metrics, _ = measure(200, frame_ms=0.5, spike_every=20, spike_ms=20)
    assert metrics.max_ms >= 20.5
    assert metrics.p50_ms >= 0.5
    assert metrics.stutter_share > 0.4
    assert metrics.p99_ms > 10 * metrics.p50_ms

    metrics, render_ms = measure(100, frame_ms=1, drift=0.02)
    assert (render_ms >= 1 + 0.02 * np.arange(1, 101)).all()
    assert metrics.phases["render"].p95_ms > 1.5 * render_ms.min()

    generator = random.Random(11)
    drawn = [max(0.0, generator.gauss(1, 0.4)) for _ in range(101)][1:]
    metrics, render_ms = measure(100, frame_ms=1, noise=0.4, seed=11)
    assert (render_ms >= np.array(drawn)).all()
    assert metrics.std_ms > 0.1


def test_no_garbage_is_collected_within_a_frame(start_script) -> None:
    script = start_script(
        """
import gc
from contextlib import ExitStack
from engine.case import Case, Effects, Resolution, Settings
from engine.jobs.reporter import Reporter
from engine.jobs.requests import TrialJob
from engine.jobs.trial import run_trial
from engine.messages import decode

def put(data):
    print(type(decode(data)).__name__, gc.isenabled())

case = Case(scene="none", backend="null", resolution=Resolution(width=8, height=8), effects=Effects.BARE)
settings = Settings(frames=5, duration_s=None)
job = TrialJob(case=case, settings=settings, trial=1, launched_ns=0)
with ExitStack() as closing:
    run_trial(job, Reporter(put), closing)
"""
    )
    out, err = script.communicate(timeout=60)
    assert err == ""
    lines = out.splitlines()
    assert lines.count("FramesMessage False") == 2
    assert "FramesMessage True" not in lines
    assert lines[-1] == "FinishedMessage True"
