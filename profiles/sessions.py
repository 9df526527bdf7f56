"""Finding sessions: by name among those on this machine, or by path."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from profiles.errors import Problem, SessionError, quoted, reason, shown_path
from profiles.folders import person_folder
from profiles.held_files import may_hold_session
from profiles.journal import JOURNAL_FILE, read_journal
from profiles.lock import is_locked
from profiles.session import Session, fastest_case, parse_session
from profiles.store import SESSION_FILE
from profiles.toml_errors import nearest
from profiles.toml_file import SESSION_LIMIT_BYTES, read_toml

RUNNING = "running"
UNFINISHED = "unfinished"
"""Its run was killed; `recover` completes it."""
DAMAGED = "damaged"
_DATED = re.compile(r"\d{8}T\d{6}Z-")


@dataclass(frozen=True)
class SessionEntry:
    """One line of the list of sessions."""

    folder: Path
    id: str
    status: str
    """One of `SessionStatus`, or `running`, `unfinished` or `damaged`."""
    started_at: str = ""
    """ISO 8601 with the offset from UTC; of a damaged session, when its folder was last changed."""
    machine: str = ""
    cases: int = 0
    headline_fps: float | None = None
    """Frames/s of the fastest case, None where nothing was measured."""
    headline: str = ""
    """The same as text, with the backend; empty where nothing was measured."""
    fastest_backend: str = ""
    """The backend of that case."""
    error: str = ""
    """Why a damaged session cannot be read, in one sentence."""

    @property
    def name(self) -> str:
        """What a session is called: the name of its folder."""
        return self.folder.name

    def as_document(self) -> dict[str, Any]:
        """All of it as JSON takes it."""
        return {"name": self.name, **self.__dict__, "folder": str(self.folder)}


def sessions_folder() -> Path:
    """The folder that holds a folder for each session; it need not exist."""
    return person_folder("data") / "sessions"


def list_sessions() -> tuple[SessionEntry, ...]:
    """All sessions on this machine, newest first; unfinished and damaged ones too.

    Raises:
        SessionError: the folder of the sessions cannot be read.
    """
    entries = [read_entry(folder) for folder in session_folders()]
    return tuple(sorted(entries, key=lambda entry: (entry.started_at, entry.id), reverse=True))


def session_folders(others: bool = False) -> list[Path]:
    """The folders of all sessions, those that look newest first; none of their files is opened.

    Args:
        others: also folders beside them that hold other things only.

    Raises:
        SessionError: the folder of the sessions cannot be read.
    """
    folders = [folder for folder in _folders() if others or _may_hold_session(folder)]
    return sorted(folders, key=lambda folder: (_likely_start(folder), folder.name), reverse=True)


def read_entry(folder: Path) -> SessionEntry:
    """Read one session's line of the list; whatever is wrong with it stands in the line."""
    try:
        if (folder / JOURNAL_FILE).is_file() and not (folder / SESSION_FILE).is_file():
            return _unfinished_entry(folder)
        session = load_session(folder)
    except (SessionError, OSError) as error:
        text = str(error) if isinstance(error, SessionError) else f"cannot be read ({reason(error)})"
        return SessionEntry(folder, folder.name, DAMAGED, _changed(folder), error=text)
    fastest = fastest_case(session)
    return SessionEntry(
        folder,
        session.session.id,
        str(session.session.status),
        session.session.started_at,
        session.machine.hostname,
        len(session.cases),
        fastest[1] if fastest else None,
        f"{fastest[1]:.0f} FPS on {fastest[0].backend}" if fastest else "",
        fastest[0].backend if fastest else "",
    )


def session_folder(name_or_path: str | Path) -> Path:
    """Find the folder of a session.

    A text that holds a path separator or ends in .toml is a path, of the folder or of its session.toml; any
    other is the name of a session on this machine, or the beginning of just one.

    Raises:
        SessionError: there is no such session, or several.
    """
    if isinstance(name_or_path, Path) or os.sep in name_or_path or name_or_path.endswith(".toml"):
        path = Path(os.path.expanduser(name_or_path))  # noqa: PTH111 (never raises)
        return path.parent if path.suffix == ".toml" else path
    names = sorted((folder.name for folder in _folders()), reverse=True)
    found = [name for name in names if name.startswith(name_or_path)] if name_or_path else []
    if name_or_path in found or len(found) == 1:
        return sessions_folder() / (name_or_path if name_or_path in found else found[0])
    if found:
        raise SessionError(
            f"{quoted(name_or_path)} is the beginning of {len(found)} sessions, such as {found[0]}"
        )
    raise SessionError(f"unknown session {quoted(name_or_path)}: {_hint(name_or_path, names)}")


def load_session(name_or_path: str | Path) -> Session:
    """Read a session by its name, its folder or its session.toml; see `session_folder`.

    Whether its scenes and backends exist here is not checked.

    Raises:
        SessionError: there is no such session, it is not finished, or it is not valid.
    """
    folder = session_folder(name_or_path)
    file = Path(name_or_path) if str(name_or_path).endswith(".toml") else folder / SESSION_FILE
    name = shown_path(file)
    try:
        unfinished = not os.path.lexists(file) and (folder / JOURNAL_FILE).is_file()
    except (OSError, ValueError) as error:
        raise SessionError(f"{name}: cannot be read ({reason(error)})") from None
    if unfinished:
        state = "is being measured now"
        if not is_locked(folder):
            state = f"is not finished: complete it with mjbench-tui sessions recover {shown_path(folder)}"
        raise SessionError(f"{shown_path(folder)}: this session {state}")
    data = read_toml(file, SESSION_LIMIT_BYTES, SessionError)
    if "session" not in data and "scenes" in data:
        raise SessionError(f"{name}: is a profile, expected a session")
    try:
        return parse_session(data)
    except Problem as problem:
        raise SessionError(problem.in_file(name)) from None


def _unfinished_entry(folder: Path) -> SessionEntry:
    status = RUNNING if is_locked(folder) else UNFINISHED
    header = read_journal(folder / JOURNAL_FILE, check_arrays=False).header
    return SessionEntry(
        folder, header.id, status, header.started_at, header.machine.hostname, len(header.cases)
    )


def _changed(folder: Path) -> str:
    """When something was last put into a folder, or "" where it is gone."""
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat(timespec="seconds")
    except OSError:
        return ""


def _likely_start(folder: Path) -> str:
    """When a session began, as the name says that a run gives it, else when something was last put in."""
    return folder.name if _DATED.match(folder.name) else re.sub(r"[-:]", "", _changed(folder))


def _folders() -> list[Path]:
    """The folders of all sessions."""
    root = sessions_folder()
    try:
        return [path for path in root.iterdir() if path.is_dir() and path.name[0] != "."]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SessionError(f"{shown_path(root)}: cannot be listed ({reason(error)})") from None


def _may_hold_session(folder: Path) -> bool:
    try:
        return may_hold_session(folder)
    except OSError:
        # Why it cannot be read stands in its line of the list.
        return True


def _hint(name: str, names: list[str]) -> str:
    if near := nearest(name, names, cutoff=0.4):
        return f"did you mean {near!r}?"
    if "\0" not in name and os.path.lexists(name):
        return f"for the file or folder of this name write {quoted('./' + name)}"
    return f"the newest is {names[0]!r}" if names else "none was measured on this machine yet"
