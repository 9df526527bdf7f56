"""Renaming and deleting the sessions of this machine; a running one is left alone."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.files import sync_folder
from profiles.errors import SessionError, is_of_disk, quoted, reason, shown_path
from profiles.held_files import foreign_files, may_hold_session, remove_held
from profiles.journal import JOURNAL_FILE
from profiles.lock import LOCK_FILE, FolderLock, is_locked
from profiles.sessions import SessionEntry, session_folders, sessions_folder
from profiles.store import PLAIN_NAME, SESSION_FILE, is_plain_name
from profiles.toml_errors import nearest

_MOST_NAMED = 5


def rename_session(which: SessionEntry | str, new: str) -> Path:
    """Give a session, damaged or not, another name, and return its new folder.

    Of a link the link is renamed.

    Args:
        which: an entry of the list, or the whole name of a session.
        new: what its folder is called from now on.

    Raises:
        SessionError: there is no such session, it is being measured, or the new name is not allowed or taken.
    """
    folder = own_session_folder(which)
    check_free_session_name(new)
    target = folder.with_name(new)
    with _held(folder):
        # An empty folder that was made since the look would be replaced: nothing is lost by that.
        try:
            folder.rename(target)
            sync_folder(target.parent)
        except FileExistsError:
            raise _taken(new) from None
        except OSError as error:
            sentence = f"{shown_path(folder)}: cannot be renamed ({reason(error)})"
            raise SessionError(sentence, is_of_disk(error)) from None
        with contextlib.suppress(OSError):
            if not target.is_symlink():
                (target / LOCK_FILE).unlink()
    return target


@dataclass(frozen=True)
class DeletedSession:
    """A session that is no more."""

    folder: Path
    """Where it was."""
    left: tuple[str, ...] = ()
    """What else lies in its folder, which stays then, relative to it."""

    @property
    def note(self) -> str:
        """Say in one sentence what was left and where, "" where nothing was."""
        if not self.left:
            return ""
        named = ", ".join(quoted(name) for name in self.left[:_MOST_NAMED])
        if len(self.left) > _MOST_NAMED:
            named += f" and {len(self.left) - _MOST_NAMED} more"
        return f"{shown_path(self.folder)}: what no session makes was left there: {named}"


def delete_session(which: SessionEntry | str) -> DeletedSession:
    """Delete a session: of its folder what a session makes, and the folder where nothing else is in it.

    Of a link the link alone is deleted. Whatever happens on the way, what is left is not listed as a session.

    Args:
        which: an entry of the list, or the whole name of a session.

    Raises:
        SessionError: there is no such session, it is being measured, the folder holds no session, or it
            cannot be deleted.
    """
    folder = own_session_folder(which)
    with _held(folder):
        try:
            if folder.is_symlink():
                folder.unlink()
                sync_folder(folder.parent)
                return DeletedSession(folder)
            left = foreign_files(folder)
            if left and not may_hold_session(folder):
                expected = f"expected {SESSION_FILE} or {JOURNAL_FILE} in it"
                raise SessionError(f"{shown_path(folder)}: is no session, {expected}; delete it by hand")
        except OSError as error:
            raise _undeleted(folder, error) from None
        # What is a person's stays where it is.
        return DeletedSession(folder, _remove_in_place(folder) if left else _remove_whole(folder))


def _remove_in_place(folder: Path) -> tuple[str, ...]:
    """Take a session out of a folder that holds other things too; what these are."""
    try:
        remove_held(folder)
        sync_folder(folder)
        return tuple(foreign_files(folder))
    except OSError as error:
        raise _undeleted(folder, error, f", what is left lies in {shown_path(folder)}") from None


def _remove_whole(folder: Path) -> tuple[str, ...]:
    """Take a session's folder away: hidden at one stroke, so that no half of it is ever listed."""
    hidden = folder.with_name(f".deleted-{secrets.token_hex(8)}")
    try:
        folder.rename(hidden)
        sync_folder(hidden.parent)
    except OSError as error:
        raise _undeleted(folder, error) from None
    try:
        remove_held(hidden)
        if not hidden.exists():
            return ()
        # Somebody has put something into it meanwhile.
        hidden.rename(folder)
        return tuple(foreign_files(folder))
    except OSError as error:
        raise _undeleted(folder, error, f", what is left lies in {shown_path(hidden)}") from None


def _undeleted(folder: Path, error: OSError, where: str = "") -> SessionError:
    wholly = " wholly" if where else ""
    sentence = f"{shown_path(folder)}: cannot be deleted{wholly} ({reason(error)}){where}"
    return SessionError(sentence, is_of_disk(error))


def own_session_folder(which: SessionEntry | str) -> Path:
    """Find the folder of a session of this machine by its whole name.

    Raises:
        SessionError: there is no such session.
    """
    name = which if isinstance(which, str) else which.name
    folders = {folder.name: folder for folder in session_folders(others=True)}
    if name in folders:
        return folders[name]
    near = nearest(name, list(folders), cutoff=0.4)
    hint = f"did you mean {near!r}?" if near else "expected the whole name of a session on this machine"
    raise SessionError(f"unknown session {quoted(name)}: {hint}")


def check_free_session_name(name: str) -> None:
    """Refuse a name that a session cannot be given.

    Raises:
        SessionError: the name is not allowed, or taken.
    """
    if not is_plain_name(name):
        raise SessionError(f"{quoted(name)} cannot be the name of a session, expected {PLAIN_NAME}")
    if os.path.lexists(sessions_folder() / name):
        raise _taken(name)


def _taken(name: str) -> SessionError:
    return SessionError(f"{quoted(name)} is the name of another session, expected another name")


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep others from writing the folder; of a link, see that nobody writes what it points to."""
    if is_locked(folder):
        raise SessionError(f"{shown_path(folder)}: is being measured now, expected a session that is over")
    lock = None
    try:
        if not folder.is_symlink():
            lock = FolderLock(folder)
    except SessionError:
        # On a full disk no lock can be made, and deleting is what helps.
        if is_locked(folder):
            raise
    try:
        yield
    finally:
        if lock is not None:
            lock.release()
