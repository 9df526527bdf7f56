"""What a session's journal holds survives whatever cuts it short."""

import os
import stat
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.timings import PHASES, TrialTimings
from profiles.errors import SessionError
from profiles.journal import ARRAY_NAMES, JOURNAL_FILE, Journal, read_journal
from profiles.writer import recover
from tests.profiles.session_builders import (
    CASES,
    failed_trial,
    metrics,
    new_writer,
    sentence_of,
    timings,
    trial,
)

TRIALS = (trial(CASES[0], seed=1), trial(CASES[1], seed=2), failed_trial(CASES[2]))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The journal of a killed run: two trials with timings and one without."""
    writer = new_writer(tmp_path / "session")
    for result in TRIALS:
        writer.append(result)
    writer.release()
    return writer.folder / JOURNAL_FILE


def arrays_of(journal: Journal, index: int) -> dict[str, list[int]]:
    return {array.name: array.read(journal.path).tolist() for array in journal.entries[index].arrays}


def test_everything_is_read_as_it_was_written(journal: Path) -> None:
    read = read_journal(journal)
    assert read.torn == "" and read.header.cases == CASES
    assert [entry.trial.case for entry in read.entries] == list(CASES[:3])
    for index, seed in ((0, 1), (1, 2)):
        expected = timings(seed=seed)
        arrays = arrays_of(read, index)
        assert tuple(arrays) == tuple(name for name in ARRAY_NAMES if "workers" not in name)
        for phase in PHASES:
            assert arrays[f"warmup.{phase}"] == expected.warmup[phase].tolist()
            assert arrays[phase] == expected.timed[phase].tolist()
        assert read.entries[index].trial.record.metrics == metrics()
    assert read.entries[2].arrays == () and read.entries[2].trial.record.failure is not None


def test_arrays_are_mapped_and_not_read(journal: Path) -> None:
    array = read_journal(journal).entries[0].arrays[0].read(journal)
    assert isinstance(array, np.memmap) and array.dtype == np.int64 and not array.flags.writeable


def test_a_last_record_torn_at_any_byte_is_left_out(journal: Path, tmp_path: Path) -> None:
    data = journal.read_bytes()
    copy = tmp_path / "copy.bin"
    copy.write_bytes(data)
    whole = read_journal(copy)
    last = whole.entries[1].arrays[-1]
    begin = last.offset + last.count * 8
    assert begin < len(data)
    for length in range(begin + 1, len(data)):
        copy.write_bytes(data[:length])
        read = read_journal(copy)
        assert read.entries == whole.entries[:2]
        assert f"byte {begin} is cut short" in read.torn
    copy.write_bytes(data[:begin])
    assert read_journal(copy).torn == ""


def test_a_trial_with_arrays_torn_at_any_byte_is_left_out(journal: Path, tmp_path: Path) -> None:
    data = journal.read_bytes()
    whole = read_journal(journal)
    ends = [entry.arrays[-1].offset + entry.arrays[-1].count * 8 for entry in whole.entries[:2]]
    copy = tmp_path / "copy.bin"
    for length in range(ends[0] + 1, ends[1]):
        copy.write_bytes(data[:length])
        read = read_journal(copy)
        assert read.entries == whole.entries[:1] and "is cut short" in read.torn


def test_any_flipped_byte_is_found(journal: Path, tmp_path: Path) -> None:
    data = journal.read_bytes()
    whole = read_journal(journal)
    begin = whole.entries[0].arrays[-1].offset + whole.entries[0].arrays[-1].count * 8
    end = whole.entries[1].arrays[-1].offset + whole.entries[1].arrays[-1].count * 8
    copy = tmp_path / "copy.bin"
    for position in range(begin, end):
        copy.write_bytes(data[:position] + bytes([data[position] ^ 0x10]) + data[position + 1 :])
        read = read_journal(copy)
        assert whole.entries[1] not in read.entries and read.torn
        assert read.entries[0] == whole.entries[0]
        if position >= begin + 32:  # the head is whole, so what follows can be found
            assert read.entries == (whole.entries[0], whole.entries[2])


def test_zeros_behind_the_last_record_are_no_trial(journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(bytes(4096))
    read = read_journal(journal)
    assert len(read.entries) == 3 and "is damaged" in read.torn


@pytest.mark.parametrize("length", [0, 1, 31, 32, 200])
def test_without_a_first_record_nothing_is_recovered(journal: Path, length: int) -> None:
    os.truncate(journal, length)
    sentence = sentence_of(lambda: read_journal(journal), SessionError)
    assert sentence.startswith(f"{journal}: its first record") and "nothing can be recovered" in sentence


def test_a_newer_journal_is_said_to_be_newer(journal: Path) -> None:
    data = bytearray(journal.read_bytes())
    data[7] = 2
    journal.write_bytes(data)
    assert "newer mjbench-tui" in sentence_of(lambda: read_journal(journal), SessionError)


def test_no_journal_is_one_sentence(tmp_path: Path) -> None:
    assert "cannot be read" in sentence_of(lambda: read_journal(tmp_path / "none"), SessionError)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_behind_a_journal_never_raise(journal: Path, tail: bytes, is_like_a_head: bool) -> None:
    data = journal.read_bytes()
    copy = journal.with_name("copy.bin")
    head = struct.pack("<8sQQII", data[:8], 2**63, 2**63, 0, 0)[:28]
    copy.write_bytes(data + (head if is_like_a_head else b"") + tail)
    assert len(read_journal(copy).entries) == 3


def test_lengths_beyond_the_file_are_never_mapped(journal: Path) -> None:
    """A record whose checksums are right, but whose arrays claim more than it holds."""
    import zlib

    import msgspec

    read = read_journal(journal)
    entry = read.entries[0].trial
    for arrays in (
        [{"name": "step", "count": 2**40}],
        [{"name": "../step", "count": 0}],
        [{"name": "step", "count": 0}] * 2,
    ):
        metadata = msgspec.msgpack.encode({"type": "trial", **msgspec.to_builtins(entry), "arrays": arrays})
        head = struct.pack("<8sQQI", journal.read_bytes()[:8], len(metadata), 0, zlib.crc32(metadata))
        copy = journal.with_name("copy.bin")
        copy.write_bytes(journal.read_bytes() + head + struct.pack("<I", zlib.crc32(head)) + metadata)
        again = read_journal(copy)
        assert again.entries == read.entries and "is damaged" in again.torn


def test_one_fsync_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = new_writer(tmp_path / "session")
    sizes: list[int] = []
    fsync = os.fsync

    def traced(descriptor: int) -> None:
        assert stat.S_ISREG(os.fstat(descriptor).st_mode)
        sizes.append(os.fstat(descriptor).st_size)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", traced)
    for count, result in enumerate(TRIALS, 1):
        writer.append(result)
        assert len(sizes) == count
        assert sizes[-1] == (writer.folder / JOURNAL_FILE).stat().st_size
    writer.release()


def test_a_full_disk_leaves_what_was_there_and_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = new_writer(tmp_path / "session")
    writer.append(TRIALS[0])
    path = writer.folder / JOURNAL_FILE
    before = path.read_bytes()
    write = os.write
    left = [500]

    def until_full(descriptor: int, block: Any) -> int:
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        part = memoryview(block)[: left[0]]
        left[0] -= len(part)
        return write(descriptor, part)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", until_full)
        sentence = sentence_of(lambda: writer.append(TRIALS[1]), SessionError)
    assert "a trial cannot be saved (No space left on device)" in sentence
    assert path.read_bytes() == before
    writer.append(TRIALS[1])
    writer.release()
    assert len(read_journal(path).entries) == 2


def test_a_system_that_takes_a_few_bytes_at_a_time_gets_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, block: write(descriptor, memoryview(block)[:7]))
    writer = new_writer(tmp_path / "session")
    writer.append(TRIALS[0])
    writer.release()
    assert len(read_journal(writer.folder / JOURNAL_FILE).entries) == 1


def test_strided_and_other_arrays_are_written_by_value(tmp_path: Path) -> None:
    table = np.arange(50).reshape(10, 5)
    columns = {phase: table[:, index] for index, phase in enumerate(PHASES)}
    small = {phase: np.arange(3, dtype=np.int32) for phase in PHASES}
    writer = new_writer(tmp_path / "session")
    writer.append(trial(timings=TrialTimings(warmup=small, timed=columns)))
    writer.release()
    arrays = arrays_of(read_journal(writer.folder / JOURNAL_FILE), 0)
    assert arrays["update"] == list(range(1, 50, 5)) and arrays["warmup.update"] == [0, 1, 2]


def test_text_that_is_no_unicode_is_kept_as_far_as_it_can_be(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "session")
    writer.append(trial(camera="a\udcff\x1b"))
    writer.release()
    assert read_journal(writer.folder / JOURNAL_FILE).entries[0].trial.camera == "a?\x1b"
    assert recover(writer.folder).cases[0].camera == "a?\x1b"


MANY_FRAMES = """
import resource, sys
from pathlib import Path
import numpy as np
from engine.timings import PHASES, TrialTimings
from tests.profiles.session_builders import new_writer, trial

def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

frames = 1_500_000
table = np.arange(frames * 5, dtype=np.int64).reshape(5, frames)
if sys.argv[2] == "strided":
    table = table.reshape(frames, 5).T
timings = TrialTimings(
    warmup={phase: np.arange(1) for phase in PHASES},
    timed={phase: table[index] for index, phase in enumerate(PHASES)},
)
# A small session first: what it imports is not to be counted.
small = new_writer(Path(sys.argv[1]) / "small")
small.append(trial())
small.close("complete")
writer = new_writer(Path(sys.argv[1]) / "long")
before = peak_mib()
writer.append(trial(number=2, timings=timings))
journal = peak_mib()
writer.close("complete")
print(table.nbytes / 2**20, journal - before, peak_mib() - before)
"""


@pytest.mark.parametrize("layout", ["contiguous", "strided"])
def test_a_long_trial_is_streamed(tmp_path: Path, layout: str) -> None:
    """57 MiB of timings go through the journal to the final file, and memory does not grow with them."""
    script = tmp_path / "script.py"
    script.write_text(MANY_FRAMES)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "session"), layout],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    size_mib, journal_mib, total_mib = map(float, done.stdout.split())
    assert size_mib > 57
    # Less than half of one of the five arrays.
    assert journal_mib < size_mib / 10
    assert total_mib < size_mib / 10
    with np.load(tmp_path / "session" / "long" / "timings.npz", allow_pickle=False) as archive:
        timed = archive["apartment-egl-64x48-scene.2.update"]
        step = 5 if layout == "strided" else 1
        first = 1 if layout == "strided" else 1_500_000
        assert len(timed) == 1_500_000 and np.array_equal(timed[:3], first + step * np.arange(3))
