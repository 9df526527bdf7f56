"""What is said of workers, worlds, memory and the device's own time; what workers draw so far."""

from pathlib import Path

import pytest

from engine.case import Case, Effects, Resolution
from engine.events import FramesMeasured
from engine.messages import MemoryUse
from tests.tui.dashboard.results.made import Made, write_session
from tui.output.session_notes import session_notes
from tui.output.worker_rates import WorkerRates
from tui.output.workload_notes import workload_notes

MEMORY = MemoryUse(host_mib=300.0, host_scene_mib=120.0)


def with_device(host_mib: float, device_mib: float) -> MemoryUse:
    return MemoryUse(host_mib=host_mib, host_scene_mib=100.0, device_mib=device_mib)


def notes(tmp_path: Path, *cases: Made) -> list[str]:
    return workload_notes(write_session(tmp_path / "session", *cases))


def test_one_worker_and_one_world_need_no_note(tmp_path):
    assert notes(tmp_path, Made("egl", 1.0, memory=MEMORY), Made("osmesa", 5.0)) == []


def test_workers_and_worlds_are_explained_once(tmp_path):
    cases = [Made("mjwarp", 2.0, workers=workers, worlds=worlds) for workers in (1, 2) for worlds in (1, 8)]
    said = notes(tmp_path, *cases)
    assert sum("whole batch" in note for note in said) == 1
    assert sum("in which all of them drew" in note for note in said) == 1
    only_workers = notes(tmp_path / "other", Made("egl", 2.0, workers=2))
    assert not any("batch" in note for note in only_workers)


def test_threads_that_were_set_are_told_with_whom_they_were_set_for(tmp_path):
    cases = (Made("egl", 2.0, workers=2, threads=1), Made("osmesa", 2.0, workers=2, threads=1))
    (note,) = [note for note in notes(tmp_path, *cases) if "LP_NUM_THREADS=1" in note]
    assert note.startswith("egl 2 workers, osmesa 2 workers: ")


def test_memory_is_told_once_for_a_backend_and_what_each_world_adds(tmp_path):
    cases = [
        Made(
            "mjwarp", 2.0, effects=effects, workers=workers, worlds=worlds,
            memory=with_device(200.0 + worlds, 500.0 + 2.5 * worlds + workers), frames=20,
        )
        for effects in ("scene", "bare")
        for workers in (1, 2)
        for worlds in (1, 5, 65)
    ]  # fmt: skip
    (note,) = [note for note in notes(tmp_path, *cases) if note.startswith("memory")]
    assert note == (
        "memory of a worker on mjwarp: apartment, 640x480 201 MiB and 504 MiB on the device; apartment, "
        "640x480, 5 worlds 205 MiB and 514 MiB on the device; apartment, 640x480, 65 worlds 265 MiB and 664 "
        "MiB on the device, each world more 1.00 MiB and 2.50 MiB on the device."
    )


def test_what_two_processes_differ_by_is_not_told_as_what_a_world_adds(tmp_path):
    memory = {1: MEMORY, 16: MemoryUse(host_mib=300.9, host_scene_mib=120.0)}
    cases = [Made("mjwarp", 2.0, worlds=worlds, memory=held) for worlds, held in memory.items()]
    (note,) = [note for note in notes(tmp_path, *cases) if note.startswith("memory")]
    assert "world more" not in note


def test_many_cases_do_not_make_a_note_endless(tmp_path):
    cases = [Made("egl", 1.0, f"{side}x{side}", memory=with_device(100.0, 50.0)) for side in range(10, 20)]
    (note,) = [note for note in notes(tmp_path, *cases) if note.startswith("memory")]
    assert note.count("on the device") == 6
    assert note.endswith("; 4 more in --csv.")


def test_a_gpu_that_waits_for_the_processor_is_told_once_with_the_worst_case(tmp_path):
    cases = (
        Made("egl", 1.5, device_ms=1.0),
        Made("egl", 6.0, "1280x720", device_ms=2.0),
        Made("egl", 1.1, "320x240", device_ms=1.0),
        Made("filament-vulkan", 3.0, device_ms=2.9),
    )
    (note,) = notes(tmp_path, *cases)
    assert note.startswith("egl: render takes 1.5 to 3.0 times as long as the device says it drew (GL_TIME_")
    assert "ms of wall time for 2.00 ms (apartment, scene, 1280x720)" in note
    assert "a faster GPU alone would gain little" in note


def test_what_is_not_drawn_stands_among_the_notes(tmp_path):
    cases = (Made("mjwarp", 2.0, worlds=4, not_drawn=("haze", "reflections")), Made("egl", 2.0))
    said = session_notes(write_session(tmp_path / "session", *cases))
    (note,) = [note for note in said if "NOT drawn" in note]
    assert note.startswith("apartment, scene on mjwarp: ")
    assert note.endswith("NOT drawn: haze and reflections")


def test_few_batches_are_no_one_percent_low_although_their_images_are_many(tmp_path):
    few = session_notes(write_session(tmp_path / "few", Made("mjwarp", 2.0, worlds=64, frames=100)))
    assert (
        "1% low needs 901 frames of a trial, with several worlds as many batches: measure longer" in few[-1]
    )
    alone = session_notes(write_session(tmp_path / "alone", Made("egl", 2.0, frames=100)))
    assert "1% low needs 901 frames of a trial: measure longer" in alone[-1]


def frames(case: Case, worker: int, batches: int, wall_s: float) -> FramesMeasured:
    return FramesMeasured(case, 1, False, {}, batches, int(wall_s * 1e9), worker)


def test_the_rates_of_workers_add_up_each_over_its_own_time():
    case = Case("none", "mjwarp", Resolution(64, 64), Effects.SCENE, 2, 4)
    rates = WorkerRates(case)
    assert (rates.frames, rates.wall_ns, rates.fps, rates.of_workers) == (0, 0, 0, ())
    rates.add(frames(case, 2, 50, 1.0))
    rates.add(frames(case, 1, 10, 0.1))
    # Each block tells of all frames so far.
    rates.add(frames(case, 1, 30, 0.5))
    assert rates.of_workers == pytest.approx((240, 200))
    assert rates.fps == pytest.approx(440)
    assert rates.frames == 80 * 4
    assert rates.wall_ns == 1_000_000_000
