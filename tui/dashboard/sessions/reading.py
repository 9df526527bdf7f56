"""Reading the sessions of this machine, in batches, and none again that has not changed: no Textual."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from profiles.sessions import SessionEntry, read_entry, session_folders
from profiles.store import SESSION_FILE

_FIRST_BATCH_S, _BATCH_S = 0.05, 0.25
"""How often what was read is told: at once, then on a slow clock."""


@dataclass(frozen=True)
class Batch:
    """Some of the sessions."""

    entries: Sequence[SessionEntry]
    names: Sequence[str]
    """Of all sessions that there are."""
    left: int
    """How many are still to be read."""


class SessionReader:
    """Knows in which state it has read each session."""

    def __init__(self) -> None:
        self._stamps: dict[str, tuple[int, ...] | None] = {}

    def read(self, known: Container[str], is_cancelled: Callable[[], bool]) -> Iterator[Batch]:
        """Read what has changed, newest first.

        Args:
            known: the names whose entries are still there from before.
            is_cancelled: asked between two sessions.

        Raises:
            SessionError: the folder of the sessions cannot be listed.
        """
        folders = session_folders()
        names = [folder.name for folder in folders]
        entries: list[SessionEntry] = []
        told_at = time.monotonic() - _BATCH_S + _FIRST_BATCH_S
        for left, folder in zip(reversed(range(len(folders))), folders, strict=True):
            if is_cancelled():
                return
            entries += self._read_changed(folder, known)
            if left and time.monotonic() - told_at > _BATCH_S:
                yield Batch(entries, names, left)
                entries, told_at = [], time.monotonic()
        yield Batch(entries, names, 0)

    def _read_changed(self, folder: Path, known: Container[str]) -> list[SessionEntry]:
        """The entry of a session that is not known as it is on the disk, else nothing."""
        stamp = _stamp(folder)
        if stamp is not None and stamp == self._stamps.get(folder.name) and folder.name in known:
            return []
        self._stamps[folder.name] = stamp
        return [read_entry(folder)]


def _stamp(folder: Path) -> tuple[int, ...] | None:
    """What tells one state of a finished session's file from another; None where there is no such file."""
    try:
        found = (folder / SESSION_FILE).stat()
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)
