"""timings.npz: the time of every phase of every frame, for whoever wants to look closer."""

import contextlib
import io
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol

from engine.timings import PHASES, TrialTimings, frame_times_ns
from profiles.errors import SessionError, one_line, quoted, reason, shown_path
from profiles.journal import WARM_UP_PREFIX, Journal, JournalArray
from profiles.ordinary_files import open_ordinary
from profiles.worker_arrays import WORKER_ARRAY_NAMES, worker_spans

if TYPE_CHECKING:
    from engine.timings import Nanoseconds

TIMINGS_FILE = "timings.npz"
_CHUNK_BYTES = 1 << 20
_ITEM_BYTES = 8
_MEMBER_HEAD = struct.Struct("<4s22xHH")
"""Before each member of a zip file: a signature, and the lengths of its name and of what follows that."""
_MOST_DIRECTORY_BYTES = 12_000_000
"""About 6000 trials, of 10 to 13 arrays each."""
_MOST_PACKED_BYTES = 64_000_000
"""What is packed may say that it is of any size, and is read whole."""
_LONGEST_FRAME_NS = 10**15
"""Eleven days: what is longer is no time, and the sum of many could leave an int64."""


def write_timings(journal: Journal, file: BinaryIO) -> None:
    """Write the arrays of all trials as an uncompressed .npz, one chunk in memory at a time.

    `CASE.TRIAL.PHASE` holds the timed frames, `CASE.TRIAL.warmup.PHASE` those before: int64, shape (frames,),
    nanoseconds. Of several workers the frames stand one worker after the other, and
    `CASE.TRIAL.workers.frames` (`.warmup_frames`, `.start_ns`) tells where each is: int64, shape (workers,).

    Raises:
        OSError: reading or writing failed.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive, journal.path.open("rb") as source:
        for entry in journal.entries:
            for array in entry.arrays:
                member = zipfile.ZipInfo(f"{entry.trial.record.timings}.{array.name}.npy")
                with archive.open(member, "w", force_zip64=True) as target:
                    target.write(_array_head(array.count))
                    _copy(source, target, array)


def read_timings(folder: Path, key: str) -> TrialTimings:
    """Read the timings of one trial.

    Args:
        folder: the session's folder.
        key: `timings` of the trial's record.

    Raises:
        SessionError: the file cannot be read, or does not hold this trial.
    """
    with _told(folder / TIMINGS_FILE, key) as path, open_ordinary(path) as file, _archive(file) as archive:
        known = archive.NameToInfo
        names = [name for name in WORKER_ARRAY_NAMES if f"{key}.{name}.npy" in known]
        phases = [f"{prefix}{phase}" for prefix in (WARM_UP_PREFIX, "") for phase in PHASES]
        members = {name: archive.getinfo(f"{key}.{name}.npy") for name in (*phases, *names)}
        _check_sizes(file, members.values())
        arrays = {name: _array(archive, member) for name, member in members.items()}
        warmup = _same_frames({phase: arrays[f"{WARM_UP_PREFIX}{phase}"] for phase in PHASES})
        timed = _same_frames({phase: arrays[phase] for phase in PHASES})
        workers = worker_spans({name: arrays[name] for name in names})
    return TrialTimings(warmup=warmup, timed=timed, workers=workers)


class TimedFrames:
    """The timed frames of one trial, read a part at a time; `open_timed_frames` makes one."""

    def __init__(self, path: Path, key: str, frames: int, columns: "Sequence[_Column]") -> None:
        self.frames = frames
        """How many there are."""
        self._path, self._key, self._columns = path, key, columns

    def frame_times(self, at_once: int = 1 << 17) -> "Iterator[Nanoseconds]":
        """The time of each frame from the first on, as `engine.timings.frame_times_ns` has it.

        Args:
            at_once: frames of each array but the last one; the next one overwrites it.

        Raises:
            SessionError: the file cannot be read, became shorter, or holds what is no time.
        """
        import numpy as np

        with _told(self._path, self._key):
            times, phase = np.empty(at_once, np.int64), np.empty(at_once, np.int64)
            for start in range(0, self.frames, at_once):
                count = min(at_once, self.frames - start)
                self._columns[0].read(start, times[:count])
                for column in self._columns[1:]:
                    column.read(start, phase[:count])
                    times[:count] += phase[:count]
                # Seen without its sign, what is below zero is larger than every time.
                if int(times[:count].view(np.uint64).max()) > _LONGEST_FRAME_NS:
                    raise ValueError("a frame has no time that could be")
                yield times[:count]


@contextlib.contextmanager
def open_timed_frames(folder: Path, key: str) -> Iterator[TimedFrames]:
    """Open the timed frames of one trial without reading them: ten million take no memory.

    Unlike `read_timings` this trusts the numbers themselves: their checksums are not looked at.

    Args:
        folder: the session's folder.
        key: `timings` of the trial's record.

    Raises:
        SessionError: the file cannot be read, or does not hold this trial.
    """
    path = folder / TIMINGS_FILE
    with contextlib.ExitStack() as stack:
        with _told(path, key):
            file = stack.enter_context(open_ordinary(path))
            with _archive(file) as archive:
                members = [archive.getinfo(f"{key}.{phase}.npy") for phase in PHASES]
            plain = all(member.compress_type == zipfile.ZIP_STORED for member in members)
            columns: list[_Column] = [_stored(file, member) for member in members] if plain else []
            if len({column.frames for column in columns}) > 1:
                raise ValueError("its phases are not of the same frames")
        if not columns:
            # Somebody packed the file again; what is packed can only be read whole.
            columns = [_Loaded(frame_times_ns(read_timings(folder, key).timed))]
        yield TimedFrames(path, key, columns[0].frames, columns)


class _Column(Protocol):
    """Nanoseconds of all timed frames."""

    frames: int

    def read(self, first: int, into: "Nanoseconds") -> None:
        """Fill an array with the numbers from `first` on."""


class _Stored:
    """One phase, as it lies in the file."""

    def __init__(self, file: BinaryIO, offset: int, frames: int) -> None:
        self.frames = frames
        self._file, self._offset = file, offset

    def read(self, first: int, into: "Nanoseconds") -> None:
        # Not mapped: where a mapped file becomes shorter, the process that looks at it dies.
        target = into.data.cast("B")
        offset, done = self._offset + first * _ITEM_BYTES, 0
        while done < len(target):
            got = os.preadv(self._file.fileno(), [target[done:]], offset + done)
            if not got:
                raise EOFError("the file became shorter while it was read")
            done += got


class _Loaded:
    """Numbers that are in memory."""

    def __init__(self, values: "Nanoseconds") -> None:
        self.frames = len(values)
        self._values = values

    def read(self, first: int, into: "Nanoseconds") -> None:
        into[:] = self._values[first : first + len(into)]


def _archive(file: BinaryIO) -> zipfile.ZipFile:
    """Open the archive, unless its directory has more entries than the trials of any session."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if end is not None and end[zipfile._ECD_SIZE] > _MOST_DIRECTORY_BYTES:  # type: ignore[attr-defined]
        raise ValueError("it has more arrays than any session")
    return zipfile.ZipFile(file)


def _check_sizes(file: BinaryIO, members: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse what would be larger in memory than it says, or than anybody keeps packed."""
    size = os.fstat(file.fileno()).st_size
    packed = 0
    for member in members:
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{member.filename} is packed in a way that is not read")
        if member.compress_type == zipfile.ZIP_STORED and member.file_size > size:
            raise EOFError(f"{member.filename} goes beyond the end of the file")
        packed += member.file_size if member.compress_type == zipfile.ZIP_DEFLATED else 0
    if packed > _MOST_PACKED_BYTES:
        raise ValueError(f"what is packed in it has more than {_MOST_PACKED_BYTES // 1_000_000} MB")


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> "Nanoseconds":
    """Read an array whole."""
    import numpy as np

    with archive.open(member) as file:
        values = np.empty(_count(file, member, 0), np.int64)
        target = values.data.cast("B")
        done = 0
        while done < len(target):
            got = file.read(min(len(target) - done, _CHUNK_BYTES))
            if not got:
                raise EOFError(f"{member.filename} ends before its last frame")
            target[done : done + len(got)] = got
            done += len(got)
        file.read(1)  # behind the last byte its checksum is looked at
    return values


def _count(file: IO[bytes], member: zipfile.ZipInfo, start: int) -> int:
    """Read what stands before the numbers of an array, and return how many there are.

    Args:
        file: stands at the beginning of the member.
        member: what the directory says of it.
        start: where in the file that is.
    """
    from numpy.lib import format as npy

    if npy.read_magic(file) != (1, 0):
        raise ValueError(f"{member.filename} has the head of another version")
    try:
        shape, _, kind = npy.read_array_header_1_0(file)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error):
        raise
    except Exception:
        # A head is a Python literal: numpy raises whatever comes of it, with advice for its own callers.
        raise ValueError(f"{member.filename} has a head that cannot be read") from None
    if kind.str != "<i8" or len(shape) != 1:
        raise ValueError(f"{member.filename} is not one whole number a frame")
    count = shape[0]
    if count < 0 or file.tell() + count * _ITEM_BYTES != start + member.file_size:
        raise ValueError(f"{member.filename} has not the length that it says")
    return int(count)


def _stored(file: BinaryIO, member: zipfile.ZipInfo) -> _Stored:
    """Find the numbers of an array that is not packed."""
    file.seek(member.header_offset)
    signature, name, extra = _MEMBER_HEAD.unpack(file.read(_MEMBER_HEAD.size))
    if signature != b"PK\3\4":
        raise ValueError(f"{member.filename} is not where it should be")
    start = member.header_offset + _MEMBER_HEAD.size + name + extra
    file.seek(start)
    count = _count(file, member, start)
    if start + member.file_size > os.fstat(file.fileno()).st_size:
        raise EOFError(f"{member.filename} goes beyond the end of the file")
    return _Stored(file, file.tell(), count)


@contextlib.contextmanager
def _told(path: Path, key: str) -> Iterator[Path]:
    """Turn whatever goes wrong with the file into one sentence."""
    name = shown_path(path)
    try:
        yield path
    except FileNotFoundError:
        raise SessionError(f"{name}: there is no such file") from None
    except KeyError:
        raise SessionError(f"{name}: holds no timings of {quoted(key)}") from None
    except OSError as error:
        raise SessionError(f"{name}: cannot be read ({reason(error)})") from None
    except _DAMAGES as error:
        raise SessionError(f"{name}: is damaged ({one_line(str(error))})") from None


_DAMAGES = (
    ValueError,
    EOFError,
    OverflowError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the readers of archives and of heads raise where these are not as they should be."""


def _same_frames(arrays: dict[str, "Nanoseconds"]) -> dict[str, "Nanoseconds"]:
    """The phases, which are of the same frames."""
    if len({len(array) for array in arrays.values()}) > 1:
        raise ValueError("its phases are not of the same frames")
    return arrays


def _array_head(count: int) -> bytes:
    """What stands before the numbers in a .npy file."""
    from numpy.lib import format as npy

    head = io.BytesIO()
    npy.write_array_header_1_0(head, {"descr": "<i8", "fortran_order": False, "shape": (count,)})
    return head.getvalue()


def _copy(source: BinaryIO, target: IO[bytes], array: JournalArray) -> None:
    """Carry an array over, a chunk at a time."""
    source.seek(array.offset)
    left = array.count * _ITEM_BYTES
    while left:
        chunk = source.read(min(left, _CHUNK_BYTES))
        if not chunk:
            raise OSError("the journal became shorter while it was read")
        target.write(chunk)
        left -= len(chunk)
