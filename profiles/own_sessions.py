"""Renaming and deleting the sessions of this machine; a running one is left alone."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.files import sync_folder
from profiles.errors import SessionError, quoted, reason, shown_path
from profiles.journal import JOURNAL_FILE
from profiles.lock import LOCK_FILE, FolderLock, is_locked
from profiles.sessions import SessionEntry, session_folders, sessions_folder
from profiles.store import PLAIN_NAME, SESSION_FILE, is_plain_name
from profiles.toml_errors import nearest


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
            raise SessionError(f"{shown_path(folder)}: cannot be renamed ({reason(error)})") from None
        _remove_files(target, (LOCK_FILE,))
    return target


def delete_session(which: SessionEntry | str) -> Path:
    """Delete a session with all that is in its folder, and return where it was; of a link, the link alone.

    Whatever happens on the way, what is left is not listed as a session.

    Args:
        which: an entry of the list, or the whole name of a session.

    Raises:
        SessionError: there is no such session, it is being measured, the folder holds no session, or it
            cannot be deleted.
    """
    folder = own_session_folder(which)
    _refuse_foreign(folder)
    with _held(folder):
        hidden = folder.with_name(f".deleted-{secrets.token_hex(8)}")
        try:
            folder.rename(hidden)
            sync_folder(hidden.parent)
        except OSError as error:
            raise SessionError(f"{shown_path(folder)}: cannot be deleted ({reason(error)})") from None
        try:
            _remove(hidden)
        except OSError as error:
            sentence = f"{shown_path(folder)}: cannot be deleted wholly ({reason(error)})"
            raise SessionError(f"{sentence}, what is left lies in {shown_path(hidden)}") from None
    return folder


def own_session_folder(which: SessionEntry | str) -> Path:
    """Find the folder of a session of this machine by its whole name.

    Raises:
        SessionError: there is no such session.
    """
    name = which if isinstance(which, str) else which.name
    folders = {folder.name: folder for folder in session_folders()}
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
    """Keep every other process from writing the folder."""
    if is_locked(folder):
        raise SessionError(f"{shown_path(folder)}: is being measured now, expected a session that is over")
    lock = None
    try:
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


def _refuse_foreign(folder: Path) -> None:
    try:
        names = {path.name for path in folder.iterdir()} - {LOCK_FILE}
    except OSError as error:
        raise SessionError(f"{shown_path(folder)}: cannot be read ({reason(error)})") from None
    if names and not names & {SESSION_FILE, JOURNAL_FILE}:
        expected = f"expected {SESSION_FILE} or {JOURNAL_FILE} in it"
        raise SessionError(f"{shown_path(folder)}: is no session, {expected}; delete it by hand")


def _remove(folder: Path) -> None:
    """Remove a folder with all that is in it, or a link alone; first what makes it a session."""
    if folder.is_symlink():
        folder.unlink()
        return
    _remove_files(folder, (SESSION_FILE, JOURNAL_FILE))
    shutil.rmtree(folder)


def _remove_files(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            (folder / name).unlink()
