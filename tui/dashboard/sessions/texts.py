"""A session in words: what stands in the list, and below it."""

from __future__ import annotations

from datetime import datetime

from profiles.session import SessionStatus
from profiles.sessions import DAMAGED, RUNNING, UNFINISHED, SessionEntry
from tui.text import NO_VALUE, counted, printable, three_digits

_GLYPHS = {
    SessionStatus.COMPLETE: ("✓", "+"),
    SessionStatus.INTERRUPTED: ("■", "#"),
    SessionStatus.INCOMPLETE: ("■", "#"),
    SessionStatus.FAILED: ("✗", "x"),
    RUNNING: ("▶", ">"),
    UNFINISHED: ("?", "?"),
    DAMAGED: ("!", "!"),
}
_HINTS = {
    SessionStatus.INTERRUPTED: "It was stopped by a person; what was measured until then is here.",
    SessionStatus.INCOMPLETE: "Its run was killed; what was measured until then was recovered.",
    SessionStatus.FAILED: "The instrument could not go on; what was measured until then is here.",
    RUNNING: "It is being measured now, and can be opened when it is over.",
    UNFINISHED: "Its run was killed: enter completes it from its journal.",
}
_MINUTE = len("2025-01-31T12:00")


def moment(text: str) -> datetime | None:
    """A moment of a session, None where there is no such one."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone() if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def local_minute(text: str) -> str:
    """A moment of a session as the clock on the wall showed it; as it is where there is no such one."""
    found = moment(text)
    if found is None:
        return printable(text[:_MINUTE]) or NO_VALUE
    return f"{found:%Y-%m-%d %H:%M}"


def status_text(status: str, ascii_only: bool = False) -> str:
    """A glyph and a word."""
    glyph = _GLYPHS.get(status, ("?", "?"))[ascii_only]
    return f"{glyph} {printable(status)}"


def headline_text(entry: SessionEntry, ascii_only: bool = False) -> str:
    """FPS of the fastest case, and its backend."""
    if entry.headline_fps is None:
        return "-" if ascii_only else NO_VALUE
    return printable(f"{three_digits(entry.headline_fps)} FPS on {entry.fastest_backend}")


def entry_lines(entry: SessionEntry, ascii_only: bool = False) -> list[str]:
    """All that the list knows of a session, also where its columns have no room."""
    facts = [status_text(entry.status, ascii_only)]
    if entry.status != DAMAGED:
        facts += [counted(entry.cases, "case")]
        facts += [f"on {entry.machine}"] if entry.machine else []
    if entry.headline_fps is not None:
        facts.append(f"fastest {headline_text(entry, ascii_only)}")
    lines = [entry.name, ", ".join(facts)]
    if said := entry.error or _HINTS.get(entry.status, ""):
        lines.append(said)
    return [printable(line) for line in [*lines, str(entry.folder)]]
