"""One process at a time writes a session's folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from profiles.errors import SessionError, reason, shown_path

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK_FILE = ".lock"


class FolderLock:
    """Holds a folder until `release`, or until the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Take the lock at once.

        Raises:
            SessionError: another process holds it, or it cannot be made.
        """
        from filelock import FileLock, Timeout

        self._path = folder / LOCK_FILE
        self._lock: BaseFileLock = FileLock(self._path, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise SessionError(f"{shown_path(folder)}: is being written by another process") from None
        except (OSError, NotImplementedError, ValueError) as error:
            detail = reason(error) if isinstance(error, OSError | ValueError) else "no locks here"
            raise SessionError(f"{shown_path(folder)}: cannot be locked ({detail})") from None

    def release(self) -> None:
        """Give the folder free and take the lock's file away; may be called again."""
        if self._lock.is_locked:
            # While it is held: afterwards the file may be another process's.
            self._path.unlink(missing_ok=True)
            self._lock.release()


def is_locked(folder: Path) -> bool:
    """Whether a process writes this folder now."""
    if not (folder / LOCK_FILE).is_file():
        return False
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK_FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False
    lock.release()
    return False
