"""Writing files so that at every moment either the old or the new one is there, whole; folders that last."""

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

TEMPORARY_SUFFIX = ".part"
"""Of files that are being written, which are left where the writing process is killed."""
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""What some network file systems answer when the names in a folder are to be made to last."""


def atomic_write(path: Path, write: Callable[[BinaryIO], None], *, follow_links: bool = True) -> None:
    """Let `write` fill a new file, then put it in the place of `path`; survives a power cut at any moment.

    An existing file's permissions are kept. Whatever fails, `path` stays as it was and no temporary file is
    left.

    Args:
        path: the file.
        write: fills it.
        follow_links: where `path` is a link, write what it points to; else the link itself is replaced, and
            what it points to stays.

    Raises:
        OSError: the folder cannot be written.
        Exception: whatever `write` raises.
    """
    target = _resolved(path) if follow_links else path
    temporary = written_beside(target, write)
    try:
        os.replace(temporary, target)  # noqa: PTH105 (the call that the tests watch)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    sync_folder(target.parent)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError:
        # So some versions of Python tell of links in a circle.
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


def written_beside(target: Path, write: Callable[[BinaryIO], None]) -> Path:
    """Write a temporary file into the folder of `target`, with the permissions of the file that is there.

    Raises:
        OSError: the folder cannot be written; then no file is left.
        Exception: whatever `write` raises; likewise.
    """
    temporary = target.parent / f".{os.urandom(8).hex()}{TEMPORARY_SUFFIX}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with contextlib.suppress(FileNotFoundError):
                there = target.lstat().st_mode
                if stat.S_ISREG(there):
                    os.fchmod(descriptor, stat.S_IMODE(there))
            write(file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    return temporary


def make_folder(folder: Path, *, parents: bool = True, exist_ok: bool = False) -> None:
    """Make a folder that lasts through a power cut.

    Args:
        folder: its path.
        parents: make those above it too that are missing.
        exist_ok: let one be that is there already.

    Raises:
        FileExistsError: something has the name.
        OSError: it cannot be made.
    """
    try:
        try:
            folder.mkdir()
        except FileNotFoundError:
            if not parents or folder.parent == folder:
                raise
            make_folder(folder.parent, exist_ok=True)
            folder.mkdir()
    except FileExistsError:
        if not exist_ok or not folder.is_dir():
            raise
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were added to or taken from a folder last through a power cut.

    Raises:
        OSError: the folder is gone, or the disk failed.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        # It can be written and not read: its names last as they do on their own.
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)
