"""Opening a file that somebody sent: nothing that has no end, or that would be waited for."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotOrdinaryError(OSError):
    """A device, a pipe or the like."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "it is no ordinary file")


def open_ordinary(path: Path) -> BinaryIO:
    """Open a file to be read.

    Raises:
        NotOrdinaryError: it is a device, a pipe or the like.
        OSError: it cannot be opened, or is a folder.
        ValueError: no file has this name.
    """
    # Looked at before: to open a device may do something to it, and a pipe without a writer is waited for.
    _check_kind(path.stat())
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _check_kind(os.fstat(descriptor))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _check_kind(found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise NotOrdinaryError
