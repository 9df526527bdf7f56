"""The journal: what is measured while a session runs, safe on disk trial by trial.

A file of records, each a head, metadata as MessagePack, and the raw little-endian int64 arrays that the
metadata lists. The head holds a mark, both lengths, and checksums of what follows and of itself, so that a
record which was torn by a power cut is known as such. The first record tells of the session, each other one
of a trial, of the end of a round, or that further cases follow.
"""

import contextlib
import errno
import math
import os
import struct
import zlib
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import msgspec
from msgspec import Meta

from engine.case import Case
from engine.files import sync_folder
from engine.interference.records import Finding
from engine.machine.records import Machine
from engine.messages import Drawn, RendererIdentity
from engine.record import Record
from engine.results import Failure
from engine.timings import PHASES
from engine.uncertainty.stopping import Standing
from profiles.errors import SessionError, reason, shown_path
from profiles.ordinary_files import open_ordinary
from profiles.profile import Profile
from profiles.session import TrialRecord
from profiles.worker_arrays import WORKER_ARRAY_NAMES

if TYPE_CHECKING:
    from engine.timings import Nanoseconds

JOURNAL_FILE = "journal.bin"
WARM_UP_PREFIX = "warmup."
ARRAY_NAMES = (*(f"{WARM_UP_PREFIX}{phase}" for phase in PHASES), *PHASES, *WORKER_ARRAY_NAMES)

# Its last byte is the version of the format.
_MARK = b"MJBENCH\x01"
_HEAD = struct.Struct("<8sQQII")
_METADATA_LIMIT_BYTES = 4_000_000
"""Of one record: a session of ten thousand cases has half of it."""
_ALL_METADATA_LIMIT_BYTES = 28_000_000
"""Of all records of a journal that may come from anywhere: ten thousand trials or more."""
_MOST_TORN = 100
_MOST_IN_A_RECORD = 10_000
"""Files, findings or names in one record."""
_CHUNK_BYTES = 1 << 20
_CHECKSUM_BYTES = 4
_ITEM_BYTES = 8


class JournalHeader(Record, frozen=True, tag="session"):
    """The first record: whose trials follow."""

    id: str
    profile: Profile
    profile_name: str
    machine: Machine
    cases: tuple[Case, ...]
    tool_version: str
    started_at: str
    left_out: dict[str, str] = msgspec.field(default_factory=dict)


class JournalExtension(Record, frozen=True, tag="more"):
    """A later record: the run goes on with further cases, which its profile now asks for too."""

    profile: Profile
    cases: tuple[Case, ...]


class JournalRound(Record, frozen=True, tag="round"):
    """A later record: a round is whole, and this is known by now."""

    standing: Standing


class JournalPicture(Record, frozen=True, tag="picture"):
    """A later record: what came of comparing a case's picture with the others'; of all trials until then."""

    case: Case
    failure: Failure | None
    finding: Finding | None
    saved_frames: tuple[str, ...]


class ArrayLength(Record, frozen=True):
    """One array behind a trial's metadata; they follow each other without gaps."""

    name: str
    """A phase, `warmup.` and a phase, or `workers.` and a field of `WorkerSpan`."""
    count: Annotated[int, Meta(ge=0)]


class JournalTrial(Record, frozen=True, tag="trial"):
    """One finished trial, without its arrays."""

    case: Case
    camera: str
    steps_per_frame: int
    renderer: RendererIdentity | None
    drawn: Drawn | None
    record: TrialRecord
    arrays: tuple[ArrayLength, ...]
    rasterizer_threads: int = 0


_Content = JournalHeader | JournalExtension | JournalRound | JournalPicture | JournalTrial


@dataclass(frozen=True)
class JournalArray:
    """Where an array of a trial lies in the file."""

    name: str
    offset: int
    count: int

    def read(self, path: Path) -> "Nanoseconds":
        """Map the array: int64, shape (frames,), nanoseconds, read-only; reads only what is looked at."""
        import numpy as np

        if self.count == 0:
            return np.empty(0, np.int64)
        return np.memmap(path, "<i8", "r", self.offset, (self.count,))


@dataclass(frozen=True)
class JournalEntry:
    """A trial, and where its arrays lie."""

    trial: JournalTrial
    arrays: tuple[JournalArray, ...]


@dataclass(frozen=True)
class Journal:
    """All that can be read of a journal."""

    path: Path
    header: JournalHeader
    entries: tuple[JournalEntry, ...]
    standing: Standing | None = None
    """Of the last round that was judged."""
    pictures: tuple[JournalPicture, ...] = ()
    torn: str = ""
    """What is wrong with the records that are left out, or "" where all are whole."""


class JournalWriter:
    """Appends records to a new journal; each is on the disk when `append` returns."""

    def __init__(self, path: Path, header: JournalHeader) -> None:
        """Begin a journal; where that cannot be, none is left.

        Raises:
            OSError: the file exists already, or cannot be written.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o666)
        self._path = path
        self._end = 0
        try:
            self._append(header, ())
            sync_folder(path.parent)
        except BaseException:
            self.close()
            with contextlib.suppress(OSError):
                path.unlink()
            raise

    def append(self, trial: JournalTrial, arrays: Sequence["Nanoseconds"]) -> None:
        """Append a trial with the arrays that it lists, without copying them.

        Raises:
            OSError: the disk is full or failed; the journal is then as it was before.
        """
        self._append(trial, arrays)

    def extend(self, extension: JournalExtension) -> None:
        """Append that further cases follow.

        Raises:
            OSError: the disk is full or failed; the journal is then as it was before.
        """
        self._append(extension, ())

    def end_round(self, ended: JournalRound) -> None:
        """Append what is known after a round.

        Raises:
            OSError: the disk is full or failed; the journal is then as it was before.
        """
        self._append(ended, ())

    def judge_picture(self, judged: JournalPicture) -> None:
        """Append what came of comparing a case's picture.

        Raises:
            OSError: the disk is full or failed; the journal is then as it was before.
        """
        self._append(judged, ())

    def close(self) -> None:
        """Close the file; may be called again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _append(self, record: _Content, arrays: Sequence["Nanoseconds"]) -> None:
        metadata = _encode(record)
        if len(metadata) > _METADATA_LIMIT_BYTES:
            raise OSError(
                errno.EFBIG, f"a record of it has more than {_METADATA_LIMIT_BYTES // 1_000_000} MB"
            )
        checksum, length = zlib.crc32(metadata), 0
        for block in _blocks(arrays):
            checksum = zlib.crc32(block, checksum)
            length += block.nbytes
        # Some file systems count no names at all, so that the count alone does not tell.
        if not os.fstat(self._descriptor).st_nlink and not os.path.lexists(self._path):
            raise FileNotFoundError(errno.ENOENT, "its journal was deleted")
        try:
            _write_all(self._descriptor, memoryview(_head(len(metadata), length, checksum) + metadata))
            for block in _blocks(arrays):
                _write_all(self._descriptor, block)
            os.fsync(self._descriptor)
        except BaseException:
            # What follows half a record could not be found again.
            os.ftruncate(self._descriptor, self._end)
            os.lseek(self._descriptor, self._end, os.SEEK_SET)
            raise
        self._end += _HEAD.size + len(metadata) + length


def read_journal(path: Path, check_arrays: bool = True, is_own: bool = False) -> Journal:
    """Read all records that are whole; arrays stay on the disk.

    Args:
        path: the journal.
        check_arrays: False leaves the checksums of trials alone, for a quick look at a large file.
        is_own: True for the run that wrote it, which is read however long it is.

    Raises:
        SessionError: the file cannot be read, or not even its first record is whole.
    """
    name, most = shown_path(path), math.inf if is_own else _ALL_METADATA_LIMIT_BYTES
    try:
        with open_ordinary(path) as file:
            size = os.fstat(file.fileno()).st_size
            first = _read_record(file, 0, size, check=True)
            if not isinstance(first.content, JournalHeader):
                raise SessionError(f"{name}: does not begin with a session, nothing can be recovered from it")
            rest = _read_rest(file, first.end, size, check_arrays, most)
    except _TooMuchError:
        raise SessionError(f"{name}: holds more trials than any session that is read") from None
    except _TornRecordError as error:
        raise SessionError(
            f"{name}: its first record {error.what}, nothing can be recovered from it"
        ) from None
    except (OSError, ValueError) as error:
        raise SessionError(f"{name}: cannot be read ({reason(error)})") from None
    header = _extended(first.content, rest.extensions)
    return Journal(
        path,
        header,
        tuple(rest.entries),
        standing=rest.standing,
        pictures=tuple(rest.pictures),
        torn="; ".join(rest.torn),
    )


def _extended(header: JournalHeader, extensions: Sequence[JournalExtension]) -> JournalHeader:
    for extension in extensions:
        cases = tuple(dict.fromkeys((*header.cases, *extension.cases)))
        header = msgspec.structs.replace(header, profile=extension.profile, cases=cases)
    return header


class _TooMuchError(Exception):
    """There are more records than any run of which a session could be read leaves."""


class _TornRecordError(Exception):
    """A record that is not whole."""

    def __init__(self, what: str, end: int | None = None) -> None:
        """`end` is where the next record begins, None where that cannot be known."""
        super().__init__(what)
        self.what = what
        self.end = end


@dataclass(frozen=True)
class _Record:
    content: _Content
    arrays_at: int
    end: int
    metadata_length: int


@dataclass
class _Rest:
    """What follows the first record."""

    entries: list[JournalEntry] = field(default_factory=list)
    extensions: list[JournalExtension] = field(default_factory=list)
    standing: Standing | None = None
    pictures: list[JournalPicture] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    """What is wrong with what is left out."""


def _read_rest(file: BinaryIO, offset: int, size: int, check: bool, most_metadata: float) -> _Rest:
    """Read the records from `offset` on."""
    rest, kept = _Rest(), 0
    while offset < size:
        if kept > most_metadata:
            raise _TooMuchError
        if len(rest.torn) > _MOST_TORN:
            rest.torn.append(f"what follows byte {offset} was not looked at")
            break
        try:
            record = _read_record(file, offset, size, check)
            kept += record.metadata_length
            if isinstance(record.content, JournalHeader):
                raise _TornRecordError("is out of place", record.end)
            if isinstance(record.content, JournalExtension):
                rest.extensions.append(record.content)
            elif isinstance(record.content, JournalRound):
                rest.standing = record.content.standing
            elif isinstance(record.content, JournalPicture):
                rest.pictures.append(record.content)
            else:
                rest.entries.append(JournalEntry(record.content, _places(record)))
            offset = record.end
        except _TornRecordError as error:
            rest.torn.append(f"the record at byte {offset} {error.what}")
            if error.end is None:
                break
            offset = error.end
    return rest


def _read_record(file: BinaryIO, offset: int, size: int, check: bool) -> _Record:
    file.seek(offset)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise _TornRecordError("is cut short")
    mark, metadata_length, arrays_length, checksum, head_checksum = _HEAD.unpack(head)
    if mark[:-1] == _MARK[:-1] and mark[-1] > _MARK[-1]:
        raise _TornRecordError("was made by a newer mjbench-tui")
    if mark != _MARK or zlib.crc32(head[:-_CHECKSUM_BYTES]) != head_checksum:
        raise _TornRecordError("is damaged")
    arrays_at = offset + _HEAD.size + metadata_length
    end = arrays_at + arrays_length
    if end > size:
        raise _TornRecordError("is cut short")
    if metadata_length > _METADATA_LIMIT_BYTES:
        raise _TornRecordError("is damaged", end)
    metadata = file.read(metadata_length)
    try:
        content = _decoder.decode(metadata)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise _TornRecordError("is damaged", end) from None
    record = _Record(content, arrays_at, end, metadata_length)
    # Before the checksum: the arrays that a record claims may be as long as a disk.
    if not _is_plausible(content) or not _holds_its_arrays(record):
        raise _TornRecordError("is damaged", end)
    if check and _checksum(file, arrays_length, zlib.crc32(metadata)) != checksum:
        raise _TornRecordError("is damaged", end)
    return record


def _holds_its_arrays(record: _Record) -> bool:
    """Whether just the arrays that a trial lists stand behind it; no other record has any."""
    arrays = record.content.arrays if isinstance(record.content, JournalTrial) else ()
    return sum(array.count for array in arrays) * _ITEM_BYTES == record.end - record.arrays_at


def _is_plausible(content: _Content) -> bool:
    """Whether a record, which may come from anywhere, holds no more than any run would put into it."""
    if isinstance(content, JournalHeader):
        machine = content.machine
        parts: tuple[Sized, ...] = (content.left_out, machine.versions, machine.environment, machine.gpus)
    elif isinstance(content, JournalTrial):
        record = content.record
        parts = (record.saved_frames, record.findings, content.arrays)
    elif isinstance(content, JournalPicture):
        parts = (content.saved_frames,)
    elif isinstance(content, JournalRound):
        parts = (content.standing.unmet,)
    else:
        parts = ()
    return all(len(part) <= _MOST_IN_A_RECORD for part in parts)


def _places(record: _Record) -> tuple[JournalArray, ...]:
    """Where the arrays of a trial lie.

    Raises:
        _TornRecordError: they are not just what the record holds.
    """
    assert isinstance(record.content, JournalTrial)
    places = []
    offset = record.arrays_at
    for array in record.content.arrays:
        places.append(JournalArray(array.name, offset, array.count))
        offset += array.count * _ITEM_BYTES
    names = [place.name for place in places]
    if offset != record.end or len(set(names)) != len(names) or not set(names) <= set(ARRAY_NAMES):
        raise _TornRecordError("is damaged", record.end)
    return tuple(places)


def _checksum(file: BinaryIO, length: int, checksum: int) -> int:
    """Carry a checksum on over the next `length` bytes of a file."""
    while length > 0:
        chunk = file.read(min(length, _CHUNK_BYTES))
        if not chunk:
            break
        checksum = zlib.crc32(chunk, checksum)
        length -= len(chunk)
    return checksum


def _head(metadata_length: int, arrays_length: int, checksum: int) -> bytes:
    head = _HEAD.pack(_MARK, metadata_length, arrays_length, checksum, 0)[:-_CHECKSUM_BYTES]
    return head + zlib.crc32(head).to_bytes(_CHECKSUM_BYTES, "little")


def _blocks(arrays: Sequence["Nanoseconds"]) -> Iterator[memoryview]:
    """The bytes of arrays one after the other, without a copy unless an array is strided."""
    import numpy as np

    for array in arrays:
        # A column of a table is no row of bytes: it goes in pieces, so that no second one is ever whole.
        step = max(len(array), 1) if array.flags.c_contiguous else _CHUNK_BYTES // _ITEM_BYTES
        for start in range(0, len(array), step):
            yield np.ascontiguousarray(array[start : start + step], "<i8").data.cast("B")


def _write_all(descriptor: int, block: memoryview) -> None:
    """Write all of a block; the system may take less at a time."""
    while block:
        block = block[os.write(descriptor, block) :]


def _encode(record: _Content) -> bytes:
    try:
        return msgspec.msgpack.encode(record)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(_valid_text(msgspec.to_builtins(record)))


def _valid_text(value: Any) -> Any:
    """Replace what is not valid Unicode: what drivers print may be anything."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_valid_text(key): _valid_text(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_valid_text(inner) for inner in value]
    return value


_decoder: msgspec.msgpack.Decoder[_Content] = msgspec.msgpack.Decoder(_Content)
