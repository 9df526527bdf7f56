"""Writing a file so that at every moment either the old or the new one is there, whole."""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def atomic_write(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write` fill a new file, then put it in the place of `path`; survives a power cut at any moment.

    A link is followed, an existing file's permissions are kept. Whatever fails, `path` stays as it was and no
    temporary file is left.

    Raises:
        OSError: the folder cannot be written.
        Exception: whatever `write` raises.
    """
    target = path.resolve()
    temporary = _written_beside(target, write)
    try:
        os.replace(temporary, target)  # noqa: PTH105 (the call that the tests watch)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    sync_folder(target.parent)


def atomic_create(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """As `atomic_write`, but only where nothing, not even a broken link, has the name.

    Raises:
        FileExistsError: something has the name.
        OSError: the folder cannot be written.
        Exception: whatever `write` raises.
    """
    temporary = _written_beside(path, write)
    try:
        move_to_free_name(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise


def move_to_free_name(old: Path, new: Path) -> None:
    """Give a file, or a link itself, another name in the same folder; what has that name already stays.

    Raises:
        FileExistsError: something has the new name.
        OSError: the folder cannot be written.
    """
    try:
        os.link(old, new, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no second names for a file.
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new)) from None
        old.rename(new)
    else:
        try:
            old.unlink()
        except BaseException:
            new.unlink()
            raise
    sync_folder(new.parent)


def _written_beside(target: Path, write: Callable[[BinaryIO], None]) -> Path:
    """Write a temporary file into the folder of `target`, with the permissions of what is there."""
    temporary = target.parent / f".{os.urandom(8).hex()}.part"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(descriptor, target.stat().st_mode & 0o7777)
            write(file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    return temporary


def sync_folder(folder: Path) -> None:
    """Make names that were added to or taken from a folder last through a power cut.

    Raises:
        OSError: the folder cannot be opened, or the disk failed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems cannot do this for folders.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descriptor)
