"""Writing a session's folder: a journal while it runs, the final files when it ends or was killed."""

import contextlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.case import Case
from engine.files import make_folder, sync_folder
from engine.machine.records import Machine
from engine.pictures.records import CHECKED, PictureReport
from engine.results import Failure, TrialResult
from engine.timings import PHASES, TrialTimings
from engine.uncertainty.stopping import Standing
from profiles.errors import Problem, SessionError, is_of_disk, is_utf8, lacks_space, reason, shown_path
from profiles.final_files import session_of, write_final_files
from profiles.folders import require_home
from profiles.held_files import remove_unfinished
from profiles.journal import (
    JOURNAL_FILE,
    WARM_UP_PREFIX,
    ArrayLength,
    JournalExtension,
    JournalHeader,
    JournalPicture,
    JournalRound,
    JournalTrial,
    JournalWriter,
    read_journal,
)
from profiles.lock import LOCK_FILE, FolderLock
from profiles.profile import Profile
from profiles.session import (
    Session,
    SessionStatus,
    TrialRecord,
    check_whole,
    trial_key,
)
from profiles.sessions import load_session, sessions_folder
from profiles.store import SESSION_FILE
from profiles.worker_arrays import worker_arrays

if TYPE_CHECKING:
    from engine.events import PictureJudged
    from engine.timings import Nanoseconds

_ID = re.compile(r"\d{8}T\d{6}Z-(.+)-[0-9a-f]{4}")


class SessionWriter:
    """Keeps what a run measures; nothing of a finished trial is lost, whatever happens afterwards."""

    def __init__(self, folder: Path, lock: FolderLock, journal: JournalWriter) -> None:
        """Take over a folder; `create` makes one."""
        self.folder = folder
        self._lock = lock
        self._journal = journal
        self._written: set[str] = set()

    @classmethod
    def create(
        cls,
        profile: Profile,
        profile_name: str,
        machine: Machine,
        cases: Sequence[Case],
        *,
        now: datetime | None = None,
        output: Path | None = None,
        left_out: Mapping[str, str] | None = None,
    ) -> "SessionWriter":
        """Make a session's folder and begin its journal, so that nothing is measured that could not be kept.

        Args:
            profile: as it is effective.
            profile_name: the name or path that was asked for.
            machine: where it runs.
            cases: all that are to be run.
            now: when the run begins, with its time zone; by default, now.
            output: the folder, which must be empty or not exist; by default a new one among the sessions.
            left_out: the backends that `auto` leaves out, and why each does not work here.

        Raises:
            SessionError: the folder holds something, is in use, cannot be written, or is no text.
        """
        started = (now or datetime.now(UTC)).astimezone(UTC)
        folder, made = _given_folder(output) if output is not None else _new_folder(started, profile_name)
        header = JournalHeader(
            id=folder.name if output is None else _new_id(started, profile_name),
            profile=profile,
            profile_name=profile_name,
            machine=machine,
            cases=tuple(cases),
            tool_version=_tool_version(),
            started_at=started.isoformat(timespec="milliseconds"),
            left_out=dict(left_out or {}),
        )
        lock = None
        try:
            lock = FolderLock(folder)
            # Another process may have begun between the look and the lock.
            _refuse_used(folder)
            return cls(folder, lock, JournalWriter(folder / JOURNAL_FILE, header))
        except BaseException as error:
            if lock is not None:
                lock.release()
            if made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
            if isinstance(error, OSError):
                sentence = f"{shown_path(folder)}: cannot be written ({reason(error)})"
                raise SessionError(sentence, is_of_disk(error)) from None
            raise

    def append(self, result: TrialResult) -> None:
        """Keep one finished trial; it is on the disk when this returns.

        Raises:
            SessionError: the disk is full or failed; what was kept before stays.
            ValueError: this trial was kept before.
        """
        key = trial_key(result.case, result.trial, result.attempt)
        if key in self._written:
            raise ValueError(f"trial {key} was kept before")
        arrays = _named_arrays(result.timings)
        trial = JournalTrial(
            case=result.case,
            camera=result.camera,
            steps_per_frame=result.steps_per_frame,
            renderer=result.renderer,
            drawn=result.drawn,
            rasterizer_threads=result.rasterizer_threads,
            record=_trial_record(result, key),
            arrays=tuple(ArrayLength(name=name, count=len(array)) for name, array in arrays.items()),
        )
        try:
            self._journal.append(trial, list(arrays.values()))
        except OSError as error:
            raise _unsaved(self.folder, "a trial cannot be saved", error) from None
        self._written.add(key)

    def extend(self, profile: Profile, cases: Sequence[Case]) -> None:
        """Go on with further cases, for which `profile` asks beside those before.

        Raises:
            SessionError: the disk is full or failed; what was kept before stays.
        """
        try:
            self._journal.extend(JournalExtension(profile=profile, cases=tuple(cases)))
        except OSError as error:
            raise _unsaved(self.folder, "further cases cannot be saved", error) from None

    def end_round(self, standing: Standing) -> None:
        """Keep what is known after a round, which decided whether another one followed.

        Raises:
            SessionError: the disk is full or failed; what was kept before stays.
        """
        try:
            self._journal.end_round(JournalRound(standing=standing))
        except OSError as error:
            raise _unsaved(self.folder, "the end of a round cannot be saved", error) from None

    def judge_picture(self, judged: "PictureJudged") -> None:
        """Keep what came of comparing a case's picture: it is of all its trials that were kept before.

        Raises:
            SessionError: the disk is full or failed; what was kept before stays.
        """
        record = JournalPicture(
            case=judged.case,
            failure=judged.failure,
            finding=judged.finding,
            saved_frames=judged.saved_frames,
        )
        try:
            self._journal.judge_picture(record)
        except OSError as error:
            raise _unsaved(self.folder, "what is wrong with a picture cannot be saved", error) from None

    def close(self, status: str, now: datetime | None = None) -> Session:
        """Make the final files of the journal, take it away, and give the folder free.

        Args:
            status: one of `SessionStatus`.
            now: when the run ended, with its time zone; by default, now.

        Raises:
            SessionError: the files cannot be written; the journal stays, and `recover` can try again.
            ValueError: there is no such status.
        """
        ended = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds")
        wanted = SessionStatus(status)
        self._journal.close()
        try:
            return _finish(self.folder, wanted, ended)
        finally:
            self._lock.release()

    def release(self) -> None:
        """Leave the folder as after a kill: what was measured stays in the journal for `recover`."""
        self._journal.close()
        self._lock.release()


def recover(folder: Path) -> Session:
    """Complete the session of a run that was killed, from its journal; a finished one is only read.

    Raises:
        SessionError: the run still goes on, there is no journal, or the folder cannot be written.
    """
    if not (folder / JOURNAL_FILE).exists():
        return load_session(folder)
    lock = FolderLock(folder)
    try:
        try:
            session = load_session(folder / SESSION_FILE)
        except SessionError:
            return _finish(folder, SessionStatus.INCOMPLETE, None)
        # It was killed after its last file and before the journal was gone.
        try:
            _remove_journal(folder)
        except OSError as error:
            sentence = f"{shown_path(folder)}: its journal cannot be taken away ({reason(error)})"
            raise SessionError(sentence, is_of_disk(error)) from None
        return session
    finally:
        lock.release()


def _finish(folder: Path, status: SessionStatus, ended: str | None) -> Session:
    """Make the final files; a run whose end is not known ended with its last trial."""
    journal = read_journal(folder / JOURNAL_FILE, is_own=status is not SessionStatus.INCOMPLETE)
    if ended is None:
        moments = [entry.trial.record.ended_at for entry in journal.entries]
        ended = moments[-1] if moments else journal.header.started_at
    session = session_of(journal, status, ended)
    if status is SessionStatus.INCOMPLETE:
        _refuse_unreadable(journal.path, session)
    try:
        write_final_files(folder, journal, session)
        _remove_journal(folder)
    except OSError as error:
        raise _unsaved(folder, "cannot be written", error) from None
    return session


def _unsaved(folder: Path, what: str, error: OSError) -> SessionError:
    """Why something is not kept, and what to do: what the journal holds is safe."""
    advice = ", free some space" if lacks_space(error) else ", let it be written again"
    advice += " and recover the session: its journal is whole"
    if isinstance(error, FileNotFoundError):
        # There is no journal any more.
        advice = ""
    return SessionError(f"{shown_path(folder)}: {what} ({reason(error)}){advice}", is_of_disk(error))


def _refuse_unreadable(path: Path, session: Session) -> None:
    """A journal may come from anywhere: what could not be read as a session is not made one."""
    try:
        check_whole(session)
    except Problem as problem:
        raise SessionError(
            f"{shown_path(path)}: no session can be made of it: {problem.about(problem.key)}"
        ) from None


def _remove_journal(folder: Path) -> None:
    """Take the journal away, and what was half written of the files when a run was killed."""
    with contextlib.suppress(OSError):
        remove_unfinished(folder)
    (folder / JOURNAL_FILE).unlink()
    sync_folder(folder)


def _new_folder(started: datetime, profile_name: str) -> tuple[Path, bool]:
    """Make a folder among the sessions, of a name that no run has that began in the same second."""
    require_home(sessions_folder(), "data", SessionError)
    parent = _as_text(sessions_folder().absolute())
    while True:
        folder = parent / _new_id(started, profile_name)
        try:
            make_folder(folder)
        except FileExistsError:
            if parent.is_dir():
                continue
            raise SessionError(f"{shown_path(parent)}: is no folder, expected one for sessions") from None
        except (OSError, ValueError) as error:
            raise SessionError(
                f"{shown_path(folder)}: cannot be made ({reason(error)}), "
                "name another place with --output or XDG_DATA_HOME",
                is_of_disk(error),
            ) from None
        return folder, True


def _given_folder(folder: Path) -> tuple[Path, bool]:
    """Make the folder unless it is there, and tell whether it was made here."""
    folder = _as_text(folder.absolute())
    try:
        make_folder(folder)
    except FileExistsError:
        if not folder.is_dir():
            raise SessionError(
                f"{shown_path(folder)}: is no folder, expected one that is empty or new"
            ) from None
        _refuse_used(folder)
        return folder, False
    except (OSError, ValueError) as error:
        sentence = f"{shown_path(folder)}: cannot be made ({reason(error)})"
        raise SessionError(sentence, is_of_disk(error)) from None
    return folder, True


def _as_text(folder: Path) -> Path:
    if not is_utf8(str(folder)):
        raise SessionError(f"{shown_path(folder)}: is not valid UTF-8, expected another folder")
    return folder


def _refuse_used(folder: Path) -> None:
    try:
        names = {path.name for path in folder.iterdir()} - {LOCK_FILE}
    except OSError as error:
        raise SessionError(f"{shown_path(folder)}: cannot be read ({reason(error)})") from None
    if JOURNAL_FILE in names:
        raise SessionError(
            f"{shown_path(folder)}: holds a session that is not finished, expected an empty folder; "
            f"mjbench-tui sessions recover {shown_path(folder)} completes it"
        )
    if names:
        raise SessionError(f"{shown_path(folder)}: is not empty, expected an empty folder or a new one")


def _new_id(started: datetime, profile_name: str) -> str:
    path = Path(profile_name)
    name = path.parent.name if path.name == SESSION_FILE else path.name.removesuffix(".toml")
    if again := _ID.fullmatch(name):
        name = again[1]
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:40] or "session"
    return f"{started:%Y%m%dT%H%M%SZ}-{slug}-{secrets.token_hex(2)}"


def _tool_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("mjbench-tui")
    except PackageNotFoundError:
        return "unknown"


def _named_arrays(timings: TrialTimings | None) -> "dict[str, Nanoseconds]":
    """The arrays of a trial by their names in the journal."""
    if timings is None:
        return {}
    warmup = {
        f"{WARM_UP_PREFIX}{phase}": timings.warmup[phase] for phase in PHASES if phase in timings.warmup
    }
    timed = {phase: timings.timed[phase] for phase in PHASES if phase in timings.timed}
    return warmup | timed | worker_arrays(timings)


def _with_plain_lines(failure: Failure | None) -> Failure | None:
    """Take carriage returns off the ends of lines: TOML's long strings have none."""
    if failure is None:
        return None
    texts = {name: getattr(failure, name).replace("\r\n", "\n") for name in ("reason", "fix", "log")}
    return msgspec.structs.replace(failure, **texts)


def _pictures_text(report: PictureReport | None) -> str:
    if report is None:
        return ""
    return report.unseen or CHECKED


def _trial_record(result: TrialResult, key: str) -> TrialRecord:
    return TrialRecord(
        trial=result.trial,
        attempt=result.attempt,
        status=result.status,
        started_at=result.started_at,
        ended_at=result.ended_at,
        timings=key if result.timings is not None else None,
        pictures=_pictures_text(result.pictures),
        saved_frames=result.saved_frames,
        metrics=result.metrics,
        failure=_with_plain_lines(result.failure),
        start_up=result.start_up,
        device=result.device,
        floor=result.floor,
        memory=result.memory,
        findings=result.findings,
    )
