"""Sessions whose run was killed, and completing them when the next run begins."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from engine.machine.reader import short_host_name
from profiles.errors import SessionError
from profiles.journal import JOURNAL_FILE, read_journal
from profiles.lock import is_locked
from profiles.session import Session
from profiles.sessions import sessions_folder
from profiles.store import SESSION_FILE
from profiles.writer import recover

_QUIET_S = 3600.0


@dataclass(frozen=True)
class KilledRun:
    """What became of a session whose run was killed."""

    folder: Path
    session: Session | None
    """None where it could not be completed."""
    error: str = ""
    """Why, in one sentence; the journal is as it was."""


def complete_killed() -> tuple[KilledRun, ...]:
    """Complete the sessions that killed runs have left on this machine; newest first, by their names.

    None of a run that goes on; none from another machine, whose run may go on there where the file system
    tells nothing of its lock; and none of whose journal nothing can be read.
    """
    found = []
    for folder in _killed_folders():
        try:
            if not _is_from_here(folder / JOURNAL_FILE):
                continue
        except (SessionError, OSError):
            # Nothing can be done about it, and the list of sessions shows it as damaged.
            continue
        try:
            found.append(KilledRun(folder, recover(folder)))
        except SessionError as error:
            if not is_locked(folder):
                found.append(KilledRun(folder, None, str(error)))
    return tuple(found)


def _is_from_here(journal: Path) -> bool:
    """Whether a journal was begun on this machine; of a name that many may have, one that is long quiet.

    Raises:
        SessionError, OSError: nothing of it can be read.
    """
    header = read_journal(journal, check_arrays=False).header
    own = os.uname().nodename
    if header.machine.hostname != short_host_name(own):
        return False
    is_name_whole = own.partition(".")[0] == header.machine.hostname
    return is_name_whole or time.time() - journal.stat().st_mtime > _QUIET_S


def _killed_folders() -> list[Path]:
    """Folders with a journal and no session file that no process writes now; of others no file is opened."""
    try:
        with os.scandir(sessions_folder()) as entries:
            # What a link points to is no folder of ours: it is completed where a person asks for it.
            folders = [
                Path(entry.path)
                for entry in entries
                if entry.name[0] != "." and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
    killed = [
        folder
        for folder in folders
        if os.path.lexists(folder / JOURNAL_FILE)
        and not os.path.lexists(folder / SESSION_FILE)
        and not is_locked(folder)
    ]
    return sorted(killed, reverse=True)
