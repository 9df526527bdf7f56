"""timings.npz: the time of every phase of every frame, for whoever wants to look closer."""

import io
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from engine.timings import PHASES, TrialTimings
from profiles.errors import SessionError, one_line, quoted, reason, shown_path
from profiles.journal import WARM_UP_PREFIX, Journal, JournalArray

if TYPE_CHECKING:
    import numpy as np

    from engine.timings import Nanoseconds

TIMINGS_FILE = "timings.npz"
_CHUNK_BYTES = 1 << 20
_ITEM_BYTES = 8


def write_timings(journal: Journal, file: BinaryIO) -> None:
    """Write the arrays of all trials as an uncompressed .npz, one chunk in memory at a time.

    `CASE.TRIAL.PHASE` holds the timed frames, `CASE.TRIAL.warmup.PHASE` those before: int64, shape (frames,),
    nanoseconds.

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
    path = folder / TIMINGS_FILE
    name = shown_path(path)
    try:
        import numpy as np

        with np.load(path, allow_pickle=False) as archive:
            warmup = _phases(archive, f"{key}.{WARM_UP_PREFIX}")
            timed = _phases(archive, f"{key}.")
    except FileNotFoundError:
        raise SessionError(f"{name}: there is no such file") from None
    except KeyError:
        raise SessionError(f"{name}: holds no timings of {quoted(key)}") from None
    except OSError as error:
        raise SessionError(f"{name}: cannot be read ({reason(error)})") from None
    except (ValueError, EOFError, NotImplementedError, zipfile.BadZipFile) as error:
        raise SessionError(f"{name}: is damaged ({one_line(str(error))})") from None
    return TrialTimings(warmup=warmup, timed=timed)


def _phases(archive: "np.lib.npyio.NpzFile", prefix: str) -> dict[str, "Nanoseconds"]:
    arrays = {phase: archive[prefix + phase] for phase in PHASES}
    for phase, array in arrays.items():
        if array.dtype.kind != "i" or array.ndim != 1 or len(array) != len(arrays[PHASES[0]]):
            raise ValueError(f"{prefix + phase} is not one whole number a frame")
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
