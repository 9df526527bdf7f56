"""The timed loop draws as many frames as it is asked for, and nothing is left of a frame but its stamps."""

import sys
import time
from collections.abc import Callable

import numpy as np

from engine.loop import BLOCK_FRAMES, FLUSH_NS, FrameLoop, FramePhases
from engine.timings import BYTES_PER_FRAME, StampReader


def nothing() -> None:
    """One phase of a frame that does nothing."""


class Collector:
    """Takes the blocks of a loop, and counts frames by the calls of their first phase."""

    def __init__(self) -> None:
        self.blocks: list[tuple[int, bytes]] = []
        self.reader = StampReader()

    def send(self, first: int, stamps: bytes) -> None:
        self.blocks.append((first, stamps))
        self.reader.read(first, stamps)


def make_loop(
    collector: Collector,
    render: Callable[[], object] = nothing,
    keep_going: Callable[[], bool] = lambda: True,
) -> FrameLoop:
    return FrameLoop(FramePhases(nothing, nothing, render, nothing), collector.send, keep_going)


def test_the_number_of_frames_is_exact() -> None:
    for frames in (1, 2, 10, BLOCK_FRAMES - 1, BLOCK_FRAMES, BLOCK_FRAMES + 1, 2 * BLOCK_FRAMES):
        calls = []
        collector = Collector()
        assert make_loop(collector, render=lambda: calls.append(1)).run(frames) == frames  # noqa: B023
        assert len(calls) == collector.reader.frames == frames


def test_a_loop_draws_at_least_one_frame() -> None:
    for frames, duration_ns in ((0, None), (None, 0), (None, -5), (1, 0)):
        collector = Collector()
        assert make_loop(collector).run(frames, duration_ns) == 1
        assert collector.reader.frames == 1


def test_the_phases_of_a_frame_are_called_in_their_order() -> None:
    calls: list[str] = []
    names = ("step", "update", "render", "readback")
    phases = FramePhases(*(lambda name=name: calls.append(name) for name in names))
    FrameLoop(phases, Collector().send, lambda: True).run(2)
    assert calls == [*names, *names]


def test_duration_ends_after_the_running_frame() -> None:
    collector = Collector()
    ends: list[int] = []

    def render() -> None:
        until = time.perf_counter_ns() + 20_000_000
        while time.perf_counter_ns() < until:
            pass
        ends.append(time.perf_counter_ns())

    began = time.perf_counter_ns()
    frames = make_loop(collector, render).run(None, 100_000_000)
    assert frames == len(ends)
    # The last frame began before time was up, and was drawn to its end.
    assert ends[-1] - began >= 100_000_000
    assert frames == 1 or ends[-2] - began < 100_000_000 + 1_000_000


def test_frames_and_duration_end_the_loop_whichever_comes_first() -> None:
    assert make_loop(Collector()).run(5, 3600 * 10**9) == 5


def test_blocks_are_contiguous_and_bounded() -> None:
    collector = Collector()
    assert make_loop(collector).run(3 * BLOCK_FRAMES + 7) == 3 * BLOCK_FRAMES + 7
    due = 0
    for first, block in collector.blocks:
        assert first == due
        assert 0 < len(block) <= BLOCK_FRAMES * BYTES_PER_FRAME
        due += len(block) // BYTES_PER_FRAME
    assert due == 3 * BLOCK_FRAMES + 7


def test_slow_frames_leave_the_loop_a_few_times_a_second() -> None:
    collector = Collector()
    make_loop(collector, render=lambda: time.sleep(0.03)).run(25)
    assert len(collector.blocks) >= 3
    for _, block in collector.blocks:
        table = np.frombuffer(block, np.int64).reshape(-1, 5)
        # A block is sent with the frame in which its time ran out.
        assert len(table) == 1 or table[-2, -1] - table[0, 0] < FLUSH_NS


def test_the_loop_ends_when_it_is_told_to() -> None:
    collector = Collector()
    answers = iter([True, True, False])
    frames = make_loop(collector, keep_going=lambda: next(answers)).run(None, 3600 * 10**9)
    assert len(collector.blocks) == 3
    assert frames == collector.reader.frames > 0


def test_a_frame_leaves_no_allocation_behind() -> None:
    counts: list[int] = []
    wanted = {100, 10_000}
    frame = 0

    def render() -> None:
        nonlocal frame
        frame += 1
        if frame in wanted:
            counts.append(sys.getallocatedblocks())

    FrameLoop(FramePhases(nothing, nothing, render, nothing), lambda first, stamps: None, lambda: True).run(
        10_001
    )
    assert len(counts) == 2
    assert counts[1] - counts[0] < 50
