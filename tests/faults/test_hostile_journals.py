"""Whatever a journal holds: a session or one sentence, and no more memory than for any other."""

import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.journal import JOURNAL_FILE, read_journal
from profiles.sessions import load_session, read_entry
from profiles.writer import recover
from tests.faults.session_faces import answered, read_all_timings
from tests.faults.toml_strategies import (
    ODD_NUMBERS,
    fuzzed,
    number_places,
)
from tests.faults.watched_command import mjbench
from tests.profiles.session_builders import CASES, new_writer, trial


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sessions") / "hostile"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("journal") / "one"
    writer = new_writer(folder)
    for case in CASES[:2]:
        writer.append(trial(case))
    writer.release()
    return (folder / JOURNAL_FILE).read_bytes()


HEAD = struct.Struct("<8sQQII")
MARK = b"MJBENCH\x01"


def framed(metadata: bytes, arrays: bytes = b"", lengths: tuple[int, int] | None = None) -> bytes:
    """A record whose checksums are right, whatever is in it."""
    checksum = zlib.crc32(arrays, zlib.crc32(metadata))
    head = HEAD.pack(MARK, *(lengths or (len(metadata), len(arrays))), checksum, 0)[:-4]
    return head + zlib.crc32(head).to_bytes(4, "little") + metadata + arrays


def use_journal(folder: Path, data: bytes) -> None:
    """Look at a journal and complete the session from a copy of it."""
    (folder / JOURNAL_FILE).write_bytes(data)
    for name in ("session.toml", "metrics.json", "timings.npz"):
        (folder / name).unlink(missing_ok=True)
    answered(lambda: read_journal(folder / JOURNAL_FILE))
    read_entry(folder)
    session = answered(lambda: recover(folder))
    if session is not None:
        again = load_session(folder)
        assert again.session.id == session.session.id
        for case in again.cases:
            for one in case.trials:
                if one.timings is not None:
                    read_all_timings(folder, one.timings)


@fuzzed
@given(data=st.data())
def test_a_journal_with_bytes_changed(folder: Path, journal: bytes, data: st.DataObject) -> None:
    content = bytearray(journal)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    use_journal(
        folder,
        bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content),
    )


@fuzzed
@given(data=st.data())
def test_a_journal_with_right_checksums_and_anything_in_it(
    folder: Path, journal: bytes, data: st.DataObject
) -> None:
    records, at = [], 0
    while at < len(journal):
        _, metadata_length, arrays_length, _, _ = HEAD.unpack_from(journal, at)
        at += HEAD.size
        records.append(
            (
                journal[at : at + metadata_length],
                journal[at + metadata_length : at + metadata_length + arrays_length],
            )
        )
        at += metadata_length + arrays_length
    content = b""
    for metadata, arrays in records:
        table = msgspec.msgpack.decode(metadata)
        places = number_places(table)
        if places and data.draw(st.booleans()):
            *way, last = data.draw(st.sampled_from(places))
            inner = table
            for step in way:
                inner = inner[step]
            inner[last] = data.draw(
                st.sampled_from(ODD_NUMBERS)
                | st.text(max_size=3)
                | st.none()
                | st.lists(st.integers(0, 3), max_size=3)
            )
            metadata = msgspec.msgpack.encode(table)  # noqa: PLW2901
        lengths = None
        if data.draw(st.integers(0, 9)) == 0:
            lengths = data.draw(
                st.sampled_from(
                    [(1 << 40, 0), (0, 1 << 40), (len(metadata), (1 << 64) - 1), ((1 << 64) - 1, 1)]
                )
            )
        content += framed(metadata, arrays, lengths)
    use_journal(folder, content)


def test_no_journal_takes_much(tmp_path: Path, journal: bytes) -> None:
    header_length = HEAD.unpack_from(journal)[1]
    header = msgspec.msgpack.decode(journal[HEAD.size : HEAD.size + header_length])
    start = HEAD.size + header_length
    _, metadata_length, arrays_length, _, _ = HEAD.unpack_from(journal, start)
    body = journal[start + HEAD.size :]
    one, arrays = (
        msgspec.msgpack.decode(body[:metadata_length]),
        body[metadata_length : metadata_length + arrays_length],
    )

    def of(**changes: object) -> bytes:
        return framed(msgspec.msgpack.encode({**header, **changes}))

    def record(**changes: object) -> bytes:
        return framed(msgspec.msgpack.encode({**one, "record": {**one["record"], **changes}}), arrays)

    many = {f"{number:x}": "" for number in range(500_000)}
    nothing = [{"name": "", "count": 0}] * 250_000
    trials = b"".join(record(trial=number) for number in range(1, 6_000))
    journals = {
        "versions": of(machine={**header["machine"], "versions": many}),
        "saved-frames": of() + record(saved_frames=[""] * 3_500_000),
        "arrays": of() + framed(msgspec.msgpack.encode({**one, "arrays": nothing})),
        "records": of() + trials + record(trial=3),
        "too-many": of() + record() * 18_000,
        "huge": of(left_out={f"{number:x}": "" for number in range(1_000_000)}),
        "torn": of() + framed(b"x") * 300_000,
        "sparse": framed(msgspec.msgpack.encode(header), b"", (header_length, 9_999_000_000)),
    }
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / JOURNAL_FILE).write_bytes(journal)
    recovered = mjbench(tmp_path, "sessions", "recover", "./bad")
    assert recovered.code == 0
    for name, content in journals.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / JOURNAL_FILE).write_bytes(content)
        if name == "sparse":
            os.truncate(tmp_path / name / JOURNAL_FILE, 10_000_000_000)
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda name: mjbench(tmp_path, "sessions", "recover", f"./{name}"), journals)
        for name, answer in zip(journals, answers, strict=True):
            assert "Traceback" not in answer.err and answer.code in (0, 2), (name, answer.err)
            answer.assert_within(recovered)


def test_only_the_case_of_a_journal_decides_names_of_files(tmp_path: Path, journal: bytes) -> None:
    """No text of a journal becomes a path: what is written are the three files of the session."""
    header_length = HEAD.unpack_from(journal)[1]
    header = msgspec.msgpack.decode(journal[HEAD.size : HEAD.size + header_length])
    header["id"] = "../../outside"
    header["profile_name"] = "../../outside"
    folder = tmp_path / "inner" / "session"
    folder.mkdir(parents=True)
    start = HEAD.size + header_length
    (folder / JOURNAL_FILE).write_bytes(framed(msgspec.msgpack.encode(header)) + journal[start:])
    recover(folder)
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == [
        "metrics.json", "session.toml", "timings.npz",
    ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]
