"""The list of sessions as a plain object: what is in it, what is marked, and what is looked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from profiles.sessions import SessionEntry
from tui.dashboard.sessions.texts import local_minute, moment
from tui.text import printable

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class SessionListing:
    """Holds entries by name; shows the newest first, and only those that hold what is looked for."""

    def __init__(self) -> None:
        self._entries: dict[str, SessionEntry] = {}
        self._order: dict[str, tuple[datetime, str]] = {}
        self._texts: dict[str, str] = {}
        self._marks: list[str] = []
        self.wanted = ""
        """What a person looks for: every word of it is in what is shown."""

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def put(self, entries: Iterable[SessionEntry]) -> None:
        """Add entries, or take them in the place of those of the same name."""
        for entry in entries:
            name = entry.name
            self._entries[name] = entry
            self._order[name] = (moment(entry.started_at) or _LONG_AGO, name)
            parts = (name, entry.machine, entry.status, entry.headline, local_minute(entry.started_at))
            self._texts[name] = printable(" ".join(parts)).casefold()

    def keep(self, names: Iterable[str]) -> None:
        """Forget all entries but these."""
        for name in self._entries.keys() - set(names):
            self.drop(name)

    def drop(self, name: str) -> None:
        """Forget one entry."""
        for known in (self._entries, self._order, self._texts):
            known.pop(name, None)
        if name in self._marks:
            self._marks.remove(name)

    def rename(self, old: str, entry: SessionEntry) -> None:
        """Put an entry in the place of the one that had another name; a mark stays."""
        marks = [entry.name if name == old else name for name in self._marks]
        self.drop(old)
        self.put([entry])
        self._marks = marks

    def shown(self) -> list[SessionEntry]:
        """The entries that hold what is looked for, newest first."""
        words = self.wanted.casefold().split()
        names = [name for name, text in self._texts.items() if all(word in text for word in words)]
        return [self._entries[name] for name in sorted(names, key=self._order.__getitem__, reverse=True)]

    def toggle(self, name: str) -> bool:
        """Mark an entry, or take its mark away; False where two are marked already."""
        if name in self._marks:
            self._marks.remove(name)
        elif len(self._marks) < 2:
            self._marks.append(name)
        else:
            return False
        return True

    def mark(self, name: str) -> str:
        """`A` for the entry that was marked first, `B` for the second, "" for any other."""
        return "AB"[self._marks.index(name)] if name in self._marks else ""

    def pair(self, under_cursor: SessionEntry | None) -> tuple[SessionEntry, SessionEntry] | None:
        """The two that are marked, or the marked one and the one under the cursor; None without a second."""
        two = [self._entries[name] for name in self._marks]
        if len(two) == 1 and under_cursor is not None and under_cursor.name != two[0].name:
            two.append(under_cursor)
        return (two[0], two[1]) if len(two) == 2 else None
