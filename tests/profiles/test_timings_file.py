"""Timings read a part at a time: the same numbers as read whole, and one sentence where they are damaged."""

import random
from pathlib import Path

import numpy as np
import pytest

from engine.timings import frame_times_ns
from profiles.errors import SessionError
from profiles.timings_file import open_timed_frames, read_timings
from tests.profiles.session_builders import CASES, new_writer, sentence_of, timings, trial

FRAMES = 1000


@pytest.fixture
def folder() -> Path:
    """A session with two trials of a thousand frames."""
    writer = new_writer()
    for case in CASES[:2]:
        writer.append(trial(case, timings=timings(FRAMES, seed=len(case.id))))
    writer.close("complete")
    return writer.folder


def times_of(folder: Path, key: str, at_once: int = 64) -> np.ndarray:
    with open_timed_frames(folder, key) as timed:
        return np.concatenate([part.copy() for part in timed.frame_times(at_once)])


@pytest.mark.parametrize("at_once", [1, 64, 1000, 5000])
def test_parts_are_the_whole(folder: Path, at_once: int) -> None:
    for case in CASES[:2]:
        whole = frame_times_ns(read_timings(folder, f"{case.id}.1").timed)
        assert np.array_equal(times_of(folder, f"{case.id}.1", at_once), whole)


def test_a_file_that_somebody_packed_is_read_too(folder: Path) -> None:
    whole = times_of(folder, f"{CASES[0].id}.1")
    with np.load(folder / "timings.npz") as archive:
        arrays = dict(archive)
    np.savez_compressed(folder / "timings.npz", **arrays)
    assert np.array_equal(times_of(folder, f"{CASES[0].id}.1"), whole)
    packed = (folder / "timings.npz").read_bytes()
    for place in range(50, 20_000, 100):
        (folder / "timings.npz").write_bytes(packed[:place] + b"\xff\xff" + packed[place + 2 :])
        try:
            times_of(folder, f"{CASES[0].id}.1")
        except SessionError as error:
            assert "is damaged" in str(error)


def test_damage_is_one_sentence_or_harmless(folder: Path) -> None:
    file, key = folder / "timings.npz", f"{CASES[0].id}.1"
    whole = file.read_bytes()
    choose = random.Random(0)
    start = whole.index(f"{key}.step.npy".encode())
    for _ in range(500):
        torn = bytearray(whole)
        for _ in range(choose.choice((1, 8))):
            # What says where the numbers are stands at the end and before each array.
            near = choose.choice((choose.randrange(len(whole)), -choose.randrange(1, 3000), start))
            torn[(near + choose.randrange(160)) % len(torn)] = choose.randrange(256)
        file.write_bytes(bytes(torn[: choose.choice((len(torn), choose.randrange(len(torn))))]))
        try:
            assert len(times_of(folder, key)) == FRAMES
        except SessionError as error:
            assert str(error).isprintable()
            assert "timings.npz" in str(error)


@pytest.mark.parametrize("times", [[-1, 5], [2**62, 5]])
def test_what_is_no_time_is_refused(folder: Path, times: list[int]) -> None:
    file, key = folder / "timings.npz", f"{CASES[0].id}.1"
    with np.load(file) as archive:
        arrays = dict(archive)
    arrays |= {name: np.array(times) for name in arrays if name.startswith(f"{key}.")}
    np.savez(file, **arrays)
    assert "is damaged" in sentence_of(lambda: times_of(folder, key), SessionError)


def test_a_file_that_becomes_shorter_while_it_is_read_is_one_sentence(folder: Path) -> None:
    with open_timed_frames(folder, f"{CASES[1].id}.1") as timed:
        parts = timed.frame_times(64)
        next(parts)
        with (folder / "timings.npz").open("r+b") as file:
            file.truncate(100)
        assert "became shorter" in sentence_of(lambda: list(parts), SessionError)


def test_what_is_not_there_is_named(folder: Path) -> None:
    assert "holds no timings of 'x'" in sentence_of(lambda: times_of(folder, "x"), SessionError)
    (folder / "timings.npz").unlink()
    assert "there is no such file" in sentence_of(lambda: times_of(folder, "x"), SessionError)
