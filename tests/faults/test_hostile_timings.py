"""Whatever the file of a session's timings holds: frames or one sentence, within two seconds and 200 MB."""

import os
import shutil
import struct
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.timings import PHASES
from profiles.sessions import load_session
from tests.faults.session_faces import read_all_timings
from tests.faults.toml_strategies import (
    fuzzed,
)
from tests.faults.watched_command import watched


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sessions") / "hostile"
    made.mkdir()
    return made


@pytest.fixture
def timed(good_session: Path, tmp_path: Path) -> Path:
    """A copy of the good session, to be spoiled."""
    return Path(shutil.copytree(good_session, tmp_path / "timed"))


def key_of(folder: Path) -> str:
    key = load_session(folder).cases[0].trials[0].timings
    assert key is not None
    return key


@fuzzed
@given(data=st.data())
def test_timings_with_bytes_changed(good_session: Path, folder: Path, data: st.DataObject) -> None:
    content = bytearray((good_session / "timings.npz").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(1, 8))] = data.draw(st.binary(max_size=8))
        content = content or bytearray(1)
    (folder / "timings.npz").write_bytes(
        content[: data.draw(st.integers(0, len(content)))] if len(content) % 3 == 0 else content
    )
    read_all_timings(folder, key_of(good_session))


def _npy(shape: tuple[int, ...], descr: str = "<i8", body: bytes = b"") -> bytes:
    head = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + body


def _head(text: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def _archive(path: Path, member: bytes, key: str, packed: bool = False) -> None:
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        for phase in PHASES:
            archive.writestr(f"{key}.{phase}.npy", member)
            archive.writestr(f"{key}.warmup.{phase}.npy", member)


NPZ: dict[str, Callable[[Path, str], None]] = {
    "terabytes": lambda path, key: _archive(path, _npy((1 << 40,)), key),
    "terabytes-packed": lambda path, key: _archive(path, _npy((1 << 40,)), key, packed=True),
    "bomb": lambda path, key: _archive(path, _npy((1_000_000,), body=bytes(8_000_000)), key, packed=True),
    "objects": lambda path, key: _archive(path, _npy((3,), "|O", b"cos\nsystem\n(S'exit 3'\ntR."), key),
    "deep-shape": lambda path, key: _archive(path, _npy((1,) * 60), key),
    "negative": lambda path, key: _archive(path, _npy((-1,)), key),
    "floats": lambda path, key: _archive(path, _npy((2,), "<f8", bytes(16)), key),
    "strings": lambda path, key: _archive(path, _npy((2,), "<U1000000"), key),
    "table": lambda path, key: _archive(path, _npy((2, 2), "<i8", bytes(32)), key),
    "head-of-a-megabyte": lambda path, key: _archive(
        path, b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 30) + b" " * 9_000_000, key
    ),
    "head-that-is-code": lambda path, key: _archive(
        path, b"\x93NUMPY\x01\x00" + struct.pack("<H", 20) + b"exec('1')".ljust(20), key
    ),
    "head-nested": lambda path, key: _archive(
        path, b"\x93NUMPY\x01\x00" + struct.pack("<H", 60_000) + b"(" * 60_000, key
    ),
    "head-of-mixed-keys": lambda path, key: _archive(path, _head(b"{'descr': '<i8', b'shape': (2,)}"), key),
    "head-of-no-dictionary": lambda path, key: _archive(path, _head(b"[1, 2]"), key),
    "nothing": lambda path, key: path.write_bytes(b""),
    "sparse": lambda path, key: os.truncate(path, 10_000_000_000),
    "many-members": lambda path, _: _many_members(path),
    "overlapping": lambda path, key: _overlapping(path, key),  # noqa: PLW0108 (is made below)
    "names-with-paths": lambda path, key: _archive(path, _npy((1,), body=bytes(8)), "../../../" + key),
}


def _many_members(path: Path) -> None:
    """A directory of a million entries, as a zip file ends with one."""
    entry = b"PK\1\2" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"x"
    count = 1_000_000
    directory = entry * count
    path.write_bytes(directory + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, 65535, 65535, len(directory), 0, 0))


def _overlapping(path: Path, key: str) -> None:
    """Every member is the same bytes of the file."""
    _archive(path, _npy((1,), body=bytes(8)), key)
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\1\2")
    while at >= 0:
        content[at + 42 : at + 46] = bytes(4)
        at = content.find(b"PK\1\2", at + 4)
    path.write_bytes(content)


_READ = """
import sys
from pathlib import Path
from profiles.errors import SessionError
from profiles.timings_file import open_timed_frames, read_timings
def all_frames():
    with open_timed_frames(folder, sys.argv[2]) as timed:
        for _ in timed.frame_times():
            pass
folder = Path(sys.argv[1])
for read in (lambda: read_timings(folder, sys.argv[2]), all_frames):
    try:
        read()
    except SessionError as error:
        print(error)
"""


def test_no_timings_take_long_or_much(timed: Path, tmp_path: Path) -> None:
    key = key_of(timed)
    words = [sys.executable, "-c", _READ]
    usual = watched([*words, str(timed), key], tmp_path)
    assert (usual.code, usual.out, usual.err) == (0, "", "")
    for name, make in NPZ.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "timings.npz").touch()
        make(tmp_path / name / "timings.npz", key)
    with ThreadPoolExecutor(2) as pool:
        answers = zip(
            NPZ,
            pool.map(lambda name: watched([*words, str(tmp_path / name), key], tmp_path), NPZ),
            strict=True,
        )
        for name, answer in answers:
            assert (answer.code, answer.err) == (0, ""), (name, answer.err)
            if name != "overlapping":
                assert len(answer.out.splitlines()) == 2, (name, answer.out)
            assert all(
                line.startswith(str(tmp_path / name)) and line.isprintable()
                for line in answer.out.splitlines()
            )
            answer.assert_within(usual)
