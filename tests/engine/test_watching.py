"""What a face can ask of a run while it goes on: pictures, usage, skipping, a stop after a trial, holding."""

import threading
from itertools import pairwise

import numpy as np
import psutil
import pytest

from engine.control import Control
from engine.events import FramesMeasured, PreviewDrawn, TrialEnded, TrialStarted, UsageMeasured
from engine.jobs.preview import MOST_COLUMNS, MOST_ROWS, sample
from engine.messages import PreviewMessage
from engine.process.launcher import SpawnLauncher
from engine.process.protocol import is_whole
from engine.runner import Plan, run

ENDLESS = 10**9


def is_drawing(event: object) -> bool:
    return isinstance(event, FramesMeasured) and not event.warm_up


@pytest.fixture
def paced(twin):
    """Frames of 2 ms."""
    return twin(frame_ms=2)


def test_a_skipped_case_keeps_its_frames_and_its_other_trials_are_not_run(bench, paced) -> None:
    cases = [bench.case("misbehaving", size=size) for size in ("64x48", "32x24", "16x12")]
    settings = bench.settings(frames=600, trials=2)
    control = Control()
    control.skip(cases[2].id)
    ended = []
    for event in bench.stream(cases, settings, control=control, launcher=paced):
        if is_drawing(event) and event.case == cases[0]:
            control.skip(cases[0].id)
        if isinstance(event, TrialEnded):
            ended.append((event.result.case, event.result.trial, event.result.status))
        if isinstance(event, TrialEnded) and event.result.case == cases[0]:
            assert 0 < event.result.metrics.frames < 600
    assert ended == [
        (cases[0], 1, "skipped"),
        (cases[1], 1, "done"),
        (cases[2], 1, "skipped"),
        (cases[1], 2, "done"),
    ]


def test_skipping_ends_a_trial_that_would_go_on_for_long(bench, paced) -> None:
    case = bench.case("misbehaving")
    control = Control()
    (result,) = [
        event.result
        for event in bench.stream([case], bench.settings(frames=ENDLESS), control=control, launcher=paced)
        if isinstance(event, TrialEnded) or (is_drawing(event) and control.skip(case.id))
    ]
    assert result.status == "skipped"
    assert result.metrics is not None
    metrics = result.metrics
    assert len(result.timings.timed["render"]) == metrics.frames + metrics.frames_left_out
    assert metrics.frames > 0


def test_a_stop_after_the_trial_lets_it_end_and_can_be_taken_back(bench, paced) -> None:
    cases = [bench.case("misbehaving", size=size) for size in ("64x48", "32x24", "16x12")]
    control = Control()
    ended = []
    for event in bench.stream(cases, bench.settings(frames=60), control=control, launcher=paced):
        if isinstance(event, TrialStarted):
            control.request_stop_after()
            if event.position == 1:
                control.request_stop_after()
        if isinstance(event, TrialEnded):
            ended.append((event.result.case, event.result.status, event.result.metrics.frames))
    assert ended == [(cases[0], "done", 60), (cases[1], "done", 60)]


def test_a_held_run_has_no_process_and_measures_the_trial_anew(
    bench, paced, wait_until, find_engine_processes
) -> None:
    case = bench.case("misbehaving")
    control = Control()
    begun = threading.Event()
    events = []

    def consume() -> None:
        for event in bench.stream([case], bench.settings(frames=300), control=control, launcher=paced):
            events.append(event)
            if is_drawing(event):
                begun.set()

    thread = threading.Thread(target=consume)
    thread.start()
    assert begun.wait(60)
    control.hold_requested = True
    wait_until(lambda: control.is_held, "the run is held")
    assert find_engine_processes() == []
    frames_before = sum(len(event.phases["step"]) for event in events if is_drawing(event))
    assert frames_before < 300
    control.hold_requested = False
    thread.join(60)
    assert [type(event) for event in events].count(TrialStarted) == 2
    (result,) = [event.result for event in events if isinstance(event, TrialEnded)]
    assert (result.status, result.metrics.frames) == ("done", 300)


def test_a_held_run_can_be_stopped(bench, paced) -> None:
    control = Control()
    control.hold_requested = True
    control.request_stop()
    assert bench.results([bench.case("misbehaving")], bench.settings(), control=control, launcher=paced) == []


def test_pictures_come_only_where_asked_for_and_at_most_one_a_second(bench) -> None:
    case = bench.case("egl", scene="apartment", size="320x240")
    settings = bench.settings(frames=10**6)
    control = Control()
    seen: list[tuple[float, PreviewDrawn]] = []
    drawn_ns = 0
    for event in bench.stream([case], settings, control=control):
        if is_drawing(event):
            drawn_ns = event.wall_ns
            control.request_preview()
        if isinstance(event, PreviewDrawn):
            seen.append((drawn_ns * 1e-9, event))
            if len(seen) == 3:
                control.request_stop()
    assert 3 <= len(seen) <= 4
    assert all(later - earlier > 0.4 for (earlier, _), (later, _) in pairwise(seen))
    picture = seen[-1][1]
    assert (picture.width, picture.height) == (107, 80)
    pixels = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100
    unasked = bench.stream([case], bench.settings(frames=5), control=Control())
    assert not [event for event in unasked if isinstance(event, PreviewDrawn)]


def test_null_has_no_picture(bench) -> None:
    control = Control()
    for event in bench.stream([bench.case()], bench.settings(frames=200_000), control=control):
        control.request_preview()
        assert not isinstance(event, PreviewDrawn)


@pytest.mark.parametrize("size", [(1, 1), (192, 108), (640, 480), (1920, 1080), (100, 4000)])
def test_a_sample_is_small_and_keeps_its_shape(size) -> None:
    width, height = size
    small = sample(np.zeros((height, width, 3), np.uint8))
    assert small.shape[0] <= MOST_ROWS
    assert small.shape[1] <= MOST_COLUMNS
    assert small.shape[1] / small.shape[0] == pytest.approx(width / height, rel=0.5)


@pytest.mark.parametrize(
    ("width", "height", "count"), [(2, 2, 11), (0, 0, 0), (-1, -1, 3), (4000, 4000, 12), (193, 1, 579)]
)
def test_a_picture_that_is_not_what_it_says_is_refused(width, height, count) -> None:
    assert not is_whole(PreviewMessage(width=width, height=height, pixels=bytes(count)))
    assert is_whole(PreviewMessage(width=2, height=2, pixels=bytes(12)))


def test_usage_tells_the_cores_and_memory_of_the_engine_process(bench) -> None:
    plan = Plan(
        [bench.case()], bench.settings(frames=None, duration_s=3.0), bench.folder, {}, watch_usage=True
    )
    events = list(run(plan, SpawnLauncher(), Control()))
    looks = [event.usage for event in events if isinstance(event, UsageMeasured)]
    assert 1 <= len(looks) <= 5
    assert all(0.2 < look.cpu_cores < psutil.cpu_count() + 1 for look in looks)
    assert all(5 < look.memory_mib < 2000 for look in looks)
    assert not any(
        isinstance(event, UsageMeasured) for event in bench.stream([bench.case()], bench.settings())
    )
