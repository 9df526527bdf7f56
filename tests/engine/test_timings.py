"""Stamps become phases that add up to the wall time, and broken stamps are noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.timings import (
    BYTES_PER_FRAME,
    PHASES,
    STAMPS_PER_FRAME,
    BrokenTimingsError,
    StampReader,
    frame_times_ns,
)


def stamps(*values: int) -> bytes:
    return np.array(values, np.int64).tobytes()


@given(
    gaps=st.lists(st.integers(0, 10**12), min_size=STAMPS_PER_FRAME, max_size=200),
    start=st.integers(0, 10**18),
    data=st.data(),
)
def test_phases_add_up_to_the_wall_time_across_blocks(
    gaps: list[int], start: int, data: st.DataObject
) -> None:
    frames = len(gaps) // STAMPS_PER_FRAME
    table = start + np.cumsum(gaps[: frames * STAMPS_PER_FRAME]).reshape(frames, STAMPS_PER_FRAME)
    cuts = sorted(data.draw(st.sets(st.integers(1, frames)), "cuts") | {frames})
    reader = StampReader()
    first = 0
    for cut in cuts:
        phases = reader.read(first, table[first:cut].tobytes())
        assert all(len(phases[name]) == cut - first for name in PHASES)
        first = cut
    assert reader.frames == frames
    assert reader.wall_ns == table[-1, -1] - table[0, 0]
    whole = reader.take()
    assert tuple(whole) == PHASES
    assert frame_times_ns(whole).sum() == table[-1, -1] - table[0, 0]
    assert whole["overhead"][0] == 0
    np.testing.assert_array_equal(whole["overhead"][1:], table[1:, 0] - table[:-1, -1])
    np.testing.assert_array_equal(whole["render"], table[:, 3] - table[:, 2])


def test_each_phase_is_the_time_between_its_stamps() -> None:
    phases = StampReader().read(0, stamps(100, 101, 103, 106, 110, 115, 121, 128, 136, 145))
    assert {name: column.tolist() for name, column in phases.items()} == {
        "step": [1, 6],
        "update": [2, 7],
        "render": [3, 8],
        "readback": [4, 9],
        "overhead": [0, 5],
    }


@pytest.mark.parametrize(
    ("first", "block", "words"),
    [
        (2, stamps(20, 21, 22, 23, 24), "frame 2 came where frame 1 was due"),
        (0, stamps(20, 21, 22, 23, 24), "frame 0 came where frame 1 was due"),
        (1, stamps(20, 21, 22, 23, 24)[:-1], "39 bytes"),
        (1, stamps(20, 21, 22, 23), "32 bytes"),
        (1, b"", "0 bytes"),
        (1, stamps(20, 21, 20, 23, 24), "backwards"),
        (1, stamps(3, 4, 5, 6, 7), "backwards"),
        (1, stamps(20, 21, 22, 23, 24, 23, 25, 26, 27, 28), "backwards"),
        (1, stamps(2**63 - 1, -(2**63), 22, 23, 24), "backwards"),
        (1, stamps(20, 21, 22, 23, -(2**63)), "backwards"),
    ],
)
def test_broken_blocks_are_refused_and_change_nothing(first: int, block: bytes, words: str) -> None:
    reader = StampReader()
    reader.read(0, stamps(5, 6, 7, 8, 9))
    with pytest.raises(BrokenTimingsError, match=words):
        reader.read(first, block)
    assert (reader.frames, reader.wall_ns) == (1, 4)
    assert frame_times_ns(reader.take()).tolist() == [4]


def test_a_clock_before_its_own_start_is_refused() -> None:
    with pytest.raises(BrokenTimingsError, match="backwards"):
        StampReader().read(0, stamps(-(2**63), -1, 0, 1, 2))


def test_taking_empties_the_reader() -> None:
    reader = StampReader()
    reader.read(0, stamps(5, 6, 7, 8, 9))
    assert len(reader.take()["step"]) == 1
    assert (reader.frames, reader.wall_ns) == (0, 0)
    again = reader.take()
    assert all(len(again[name]) == 0 and again[name].dtype == np.int64 for name in PHASES)
    phases = reader.read(0, stamps(1, 2, 3, 4, 5))
    assert phases["overhead"].tolist() == [0]


def test_what_was_read_does_not_hang_on_the_bytes_it_came_in() -> None:
    block = bytearray(stamps(5, 6, 7, 8, 9))
    reader = StampReader()
    reader.read(0, bytes(block))
    block[:] = bytes(BYTES_PER_FRAME)
    assert frame_times_ns(reader.take()).tolist() == [4]
