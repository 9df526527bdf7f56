"""One process at a time writes a session's folder."""

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from profiles.errors import SessionError, is_of_disk, reason, shown_path

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK_FILE = ".lock"
_PATIENCE_S = 0.25
"""Who only asks whether a folder is held holds it for a moment: so long it is tried again."""


class FolderLock:
    """Holds a folder until `release`, or until the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Take the lock at once.

        Raises:
            SessionError: another process holds it, or it cannot be made.
        """
        from filelock import FileLock, Timeout

        self._path = folder / LOCK_FILE
        self._lock: BaseFileLock = FileLock(
            self._path, timeout=_PATIENCE_S, poll_interval=0.01, thread_local=False
        )
        try:
            # The lock would make the folder.
            folder.stat()
            self._lock.acquire()
            self._held = self._path.stat()
        except Timeout:
            raise SessionError(f"{shown_path(folder)}: is being written by another process") from None
        except (OSError, NotImplementedError, ValueError) as error:
            self._lock.release()
            detail = reason(error) if isinstance(error, OSError | ValueError) else "no locks here"
            failed = isinstance(error, OSError) and is_of_disk(error)
            raise SessionError(f"{shown_path(folder)}: cannot be locked ({detail})", failed) from None

    def release(self) -> None:
        """Give the folder free and take the lock's file away; may be called again."""
        if self._lock.is_locked:
            # While it is held: afterwards the file may be another process's, as it is now where somebody has
            # put another folder in the place of this one.
            with contextlib.suppress(OSError):
                if os.path.samestat(self._path.lstat(), self._held):
                    self._path.unlink()
            self._lock.release()


def is_locked(folder: Path) -> bool:
    """Whether a process writes this folder now; to ask makes and changes no file."""
    import fcntl

    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(folder / LOCK_FILE, flags)
    except (OSError, ValueError):
        return False
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            # Shared, so that two who ask do not see each other.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
