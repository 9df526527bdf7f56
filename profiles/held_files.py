"""What a session makes in its folder, known by its name, and taking it away; all else there is a person's."""

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.case import Effects
from engine.files import TEMPORARY_SUFFIX
from profiles.journal import JOURNAL_FILE
from profiles.lock import LOCK_FILE
from profiles.metrics_file import METRICS_FILE
from profiles.store import SESSION_FILE
from profiles.timings_file import TIMINGS_FILE

_MAKE_A_SESSION = (SESSION_FILE, JOURNAL_FILE)
"""Without one of them a folder holds no session; they go first."""
_AT_THE_TOP = (*_MAKE_A_SESSION, METRICS_FILE, TIMINGS_FILE)
_CASE = (
    rf"[A-Za-z0-9._-]+-\d+x\d+-(?:{'|'.join(Effects)})"
    r"(?:-\d+workers)?(?:-\d+worlds)?(?:-[A-Za-z0-9._+-]+)?"
)
"""What `Case.id` gives, whatever the scene is called."""
_UNFINISHED = rf"\.[0-9a-f]{{16}}{re.escape(TEMPORARY_SUFFIX)}"
_FOLDERS = {
    "": re.compile("|".join([*map(re.escape, (*_AT_THE_TOP, LOCK_FILE)), _UNFINISHED])),
    "frames": re.compile(
        rf"{_CASE}\.(?:\d+\.frame\d+|\d+\.\d+\.fault|differs|\d+\.[A-Za-z0-9._-]+)\.png(?:\.part)?"
        rf"|{_UNFINISHED}"
    ),
    # A library writes its log, and the system what is left of a process that crashed, where the process is.
    "logs": re.compile(rf"{_CASE}\.\d+(?:\.\d+)?\.log|MUJOCO_LOG\.TXT|core(?:\.\d+)?"),
}


def may_hold_session(folder: Path) -> bool:
    """Whether a folder holds a session, whole or not, or nothing at all; False where all in it is of others.

    Raises:
        OSError: it cannot be read.
    """
    if any(os.path.lexists(folder / name) for name in _AT_THE_TOP):
        return True
    with os.scandir(folder) as entries:
        return all(entry.name == LOCK_FILE for entry in entries)


def foreign_files(folder: Path) -> list[str]:
    """What in a session's folder no session makes, relative to it and sorted; links are not followed.

    Raises:
        OSError: it cannot be read.
    """
    found: list[str] = []
    with _opened(folder) as top:
        subfolders = _subfolders(top)
        found += [name for name in _names(top) if name not in subfolders and not _is_ours("", name, top)]
        for sub in subfolders:
            with _opened(sub, top) as inner:
                found += [f"{sub}/{name}" for name in _names(inner) if not _is_ours(sub, name, inner)]
    return sorted(found)


def remove_held(folder: Path) -> None:
    """Take away what a session makes, what makes the folder a session first, and folders that are empty then.

    Links are taken away themselves; nothing that they point to is touched.

    Raises:
        OSError: something cannot be taken away.
    """
    with _opened(folder) as top:
        _unlink_ours("", top, [*_MAKE_A_SESSION, *_names(top)])
        for sub in _subfolders(top):
            with _opened(sub, top) as inner:
                _unlink_ours(sub, inner, _names(inner))
            with _unless_full():
                os.rmdir(sub, dir_fd=top)
    with _unless_full():
        folder.rmdir()


def remove_unfinished(folder: Path) -> None:
    """Take away the files that a killed process was writing.

    Raises:
        OSError: something cannot be taken away.
    """
    unfinished = re.compile(_UNFINISHED)
    with _opened(folder) as top:
        _unlink_ours("", top, filter(unfinished.fullmatch, _names(top)))
        if "frames" in _subfolders(top):
            with _opened("frames", top) as inner:
                _unlink_ours("frames", inner, filter(unfinished.fullmatch, _names(inner)))


def _unlink_ours(sub: str, inside: int, names: Iterable[str]) -> None:
    for name in names:
        if _is_ours(sub, name, inside):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=inside)


@contextmanager
def _unless_full() -> Iterator[None]:
    """Let a folder be that holds something."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _is_ours(sub: str, name: str, inside: int) -> bool:
    """Whether a session makes a file of this name there; no folder is a file."""
    if not sub and name in _FOLDERS:
        # Somebody has put a link in the place of the folder.
        return _kind(name, inside) == stat.S_IFLNK
    return bool(_FOLDERS[sub].fullmatch(name)) and _kind(name, inside) in (stat.S_IFREG, stat.S_IFLNK)


def _kind(name: str, inside: int) -> int:
    """What has a name, as `stat.S_IFMT` tells it; 0 where nothing has."""
    try:
        return stat.S_IFMT(os.lstat(name, dir_fd=inside).st_mode)
    except FileNotFoundError:
        return 0


def _names(folder: int) -> list[str]:
    return os.listdir(folder)


def _subfolders(top: int) -> list[str]:
    return [sub for sub in _FOLDERS if sub and _kind(sub, top) == stat.S_IFDIR]


@contextmanager
def _opened(folder: Path | str, inside: int | None = None) -> Iterator[int]:
    """A folder by its descriptor: what is done in it is done there, whatever its name comes to stand for."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=inside)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
