"""Giving a file a name that nothing has yet; what has it already stays."""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from engine.files import sync_folder, written_beside


def atomic_create(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """As `engine.files.atomic_write`, but only where nothing, not even a broken link, has the name.

    Raises:
        FileExistsError: something has the name.
        OSError: the folder cannot be written.
        Exception: whatever `write` raises.
    """
    temporary = written_beside(path, write)
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
