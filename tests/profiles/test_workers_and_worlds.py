"""Workers and worlds in profiles and sessions."""

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from engine.case import Case, Effects, Physics, Resolution
from engine.messages import DeviceTime, MemoryUse
from engine.timings import PHASES, TrialTimings, WorkerSpan
from profiles.errors import ProfileError
from profiles.sessions import load_session
from profiles.timings_file import open_timed_frames, read_timings
from profiles.writer import recover
from tests.profiles.session_builders import DRAWN, metrics, new_writer, sentence_of, trial

SPANS = (WorkerSpan(3, 1, 0), WorkerSpan(2, 1, 1_500))
TWO_AND_FOUR = Case(
    scene="apartment",
    backend="mjwarp",
    resolution=Resolution(width=64, height=48),
    effects=Effects.SCENE,
    workers=2,
    worlds=4,
)


def two_workers() -> TrialTimings:
    random = np.random.default_rng(3)
    return TrialTimings(
        warmup={phase: random.integers(0, 10**6, 2) for phase in PHASES},
        timed={phase: random.integers(0, 10**6, 5) for phase in PHASES},
        workers=SPANS,
    )


def test_both_are_axes_innermost_and_worlds_only_of_backends_with_batches(profile):
    asked = profile('backends = ["egl", "mjwarp"]\nworkers = [1, 2]\nworlds = [1, 16]')
    cases = asked.cases([])
    assert [(case.backend, case.workers, case.worlds) for case in cases] == [
        ("egl", 1, 1), ("egl", 2, 1),
        ("mjwarp", 1, 1), ("mjwarp", 1, 16), ("mjwarp", 2, 1), ("mjwarp", 2, 16),
    ]  # fmt: skip
    ids = [case.id for case in cases]
    assert len(set(ids)) == len(ids)
    assert ids[0] == "apartment-egl-640x480-scene"
    assert ids[-1] == "apartment-mjwarp-640x480-scene-2workers-16worlds"


def test_a_profile_without_them_has_one_of_each(profile):
    (case,) = profile('backends = ["mjwarp"]').cases([])
    assert (case.workers, case.worlds) == (1, 1)
    settings = profile("").settings()
    assert (settings.physics, settings.readback) == (Physics.MUJOCO, True)


def test_physics_and_readback_reach_the_engine(profile):
    settings = profile('physics = "warp"\nreadback = false').settings()
    assert (settings.physics, settings.readback) == (Physics.WARP, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("workers = [0]", "workers[0] is 0, expected a whole number from 1 to 256"),
        ("workers = 2", "workers is 2, expected a list of numbers of workers such as [1, 2]"),
        ("worlds = [1, 100000]", "worlds[1] is 100000, expected a whole number from 1 to 65536"),
        ('worlds = ["many"]', "worlds[0]"),
        ('physics = "bullet"', "physics"),
        ("readback = 1", "readback"),
    ],
)
def test_what_is_not_valid_is_named(profile, text, said):
    assert said in sentence_of(lambda: profile(text), ProfileError)


def test_the_command_line_beats_the_profile(profile):
    changed = profile("workers = [4]").override({"workers": [1, 2], "worlds": [8], "readback": False})
    assert (changed.workers, changed.worlds, changed.readback) == ((1, 2), (8,), False)


def test_a_session_keeps_them_and_what_was_found(tmp_path):
    drawn = msgspec.structs.replace(DRAWN, not_drawn=("reflections",), physics=Physics.WARP, readback=False)
    memory = MemoryUse(host_mib=300.5, host_scene_mib=120.25, device_mib=None)
    result = trial(
        TWO_AND_FOUR,
        timings=two_workers(),
        drawn=drawn,
        memory=memory,
        device=DeviceTime(source="GL_TIME_ELAPSED", frames=20, mean_ms=1.5),
        rasterizer_threads=1,
        metrics=msgspec.structs.replace(metrics(), worker_fps=(60.0, 40.0), fairness=40 / 60),
    )
    writer = new_writer(
        tmp_path / "s", cases=(TWO_AND_FOUR,), left_out={"madrona": "no runner module is named"}
    )
    writer.append(result)
    written = writer.close("complete")
    session = load_session(tmp_path / "s")
    assert session == written
    (case,) = session.cases
    assert case.case == TWO_AND_FOUR
    assert (case.drawn, case.rasterizer_threads) == (drawn, 1)
    assert case.trials[0].memory == memory
    assert case.trials[0].device.mean_ms == 1.5
    assert case.trials[0].metrics.worker_fps == (60.0, 40.0)
    assert session.session.left_out == {"madrona": "no runner module is named"}
    document = json.loads((tmp_path / "s" / "metrics.json").read_text())["trials"][0]
    assert (document["workers"], document["worlds"], document["rasterizer_threads"]) == (2, 4, 1)
    assert document["drawn"]["not_drawn"] == ["reflections"]
    assert document["memory"]["host_mib"] == 300.5
    assert document["device"]["source"] == "GL_TIME_ELAPSED"


def test_timings_tell_the_workers_apart(tmp_path):
    kept = two_workers()
    writer = new_writer(tmp_path / "s", cases=(TWO_AND_FOUR,))
    writer.append(trial(TWO_AND_FOUR, timings=kept))
    writer.close("complete")
    key = f"{TWO_AND_FOUR.id}.1"
    read = read_timings(tmp_path / "s", key)
    assert read.workers == SPANS
    for phase in PHASES:
        np.testing.assert_array_equal(read.timed[phase], kept.timed[phase])
    with np.load(tmp_path / "s" / "timings.npz", allow_pickle=False) as archive:
        assert archive[f"{key}.workers.frames"].tolist() == [3, 2]
        assert archive[f"{key}.workers.start_ns"].tolist() == [0, 1500]
    with open_timed_frames(tmp_path / "s", key) as frames:
        assert frames.frames == 5


def test_a_killed_run_of_several_workers_is_recovered(tmp_path):
    writer = new_writer(tmp_path / "s", cases=(TWO_AND_FOUR, replace_workers(4)))
    writer.append(trial(TWO_AND_FOUR, timings=two_workers()))
    writer.release()
    session = recover(tmp_path / "s")
    assert [case.workers for case in session.cases] == [2, 4]
    assert read_timings(tmp_path / "s", f"{TWO_AND_FOUR.id}.1").workers == SPANS


def replace_workers(workers: int) -> Case:
    return msgspec.structs.replace(TWO_AND_FOUR, workers=workers)


def test_one_worker_alone_leaves_no_arrays_of_workers(tmp_path):
    writer = new_writer(tmp_path / "s")
    writer.append(replace(trial(), saved_frames=()))
    writer.close("complete")
    with np.load(tmp_path / "s" / "timings.npz", allow_pickle=False) as archive:
        assert not [name for name in archive.files if "workers" in name]
