"""A session's folder: one writer, nothing lost, whatever ends it."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from engine.files import atomic_write
from profiles.errors import SessionError
from profiles.journal import JOURNAL_FILE
from profiles.lock import FolderLock, is_locked
from profiles.session import SessionStatus
from profiles.sessions import list_sessions, load_session, sessions_folder
from profiles.timings_file import read_timings
from profiles.writer import recover
from tests.profiles.session_builders import (
    CASES,
    ENDED,
    MACHINE,
    PROFILE,
    failed_trial,
    new_writer,
    sentence_of,
    timings,
    trial,
)

FINAL = ["metrics.json", "session.toml", "timings.npz"]

KEEP_WRITING = """
import os, sys
from pathlib import Path
from tests.profiles.session_builders import CASES, new_writer, trial

writer = new_writer(Path(sys.argv[1]))
print("begun", flush=True)
for case in CASES[: int(sys.argv[2])]:
    writer.append(trial(case, seed=7))
    print("kept", flush=True)
sys.stdin.read()
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Writing:
    """A real process that writes a session and waits."""

    def __init__(self, folder: Path, trials: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", KEEP_WRITING, str(folder), str(trials)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        for expected in ["begun", *["kept"] * trials]:
            assert self.process.stdout.readline().strip() == expected

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def test_a_session_lies_among_the_others_under_its_time_and_profile() -> None:
    moment = datetime(2025, 1, 31, 13, 0, 0, tzinfo=timezone(timedelta(hours=1)))
    writer = new_writer(now=moment, profile_name="/some/where/My profile!.toml")
    assert writer.folder.parent == sessions_folder()
    name, _, suffix = writer.folder.name.rpartition("-")
    assert name == "20250131T120000Z-My-profile" and len(suffix) == 4
    session = writer.close("complete", moment + timedelta(seconds=5))
    assert session.session.id == writer.folder.name
    assert session.session.started_at == "2025-01-31T12:00:00.000+00:00"
    assert session.session.finished_at == "2025-01-31T12:00:05.000+00:00"
    assert session.session.profile_name == "/some/where/My profile!.toml"
    assert datetime.fromisoformat(session.session.started_at).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("profile_name", "slug"),
    [
        ("quick", "quick"),
        ("../..", "session"),
        ("", "session"),
        ("a/session.toml", "a"),
        ("s/20250131T120000Z-quick-ab12/session.toml", "quick"),
        ("x" * 100, "x" * 40),
        ("ä\x1b\0", "session"),
    ],
)
def test_a_folder_is_named_safely(profile_name: str, slug: str) -> None:
    writer = new_writer(now=datetime(2025, 1, 31, 12, tzinfo=UTC), profile_name=profile_name)
    assert writer.folder.parent == sessions_folder()
    assert writer.folder.name.startswith(f"20250131T120000Z-{slug}-")
    writer.release()


def test_what_was_measured_comes_out(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "session")
    done, failed = trial(CASES[2], seed=1), failed_trial(CASES[0])
    writer.append(done)
    writer.append(failed)
    session = writer.close("interrupted")
    assert names(writer.folder) == FINAL
    assert session == load_session(writer.folder)
    assert session.session.status == SessionStatus.INTERRUPTED and session.session.lost == ""
    assert session.profile == PROFILE and session.machine == MACHINE
    assert session.session.order == (f"{CASES[2].id}.1", f"{CASES[0].id}.1")
    assert [(case.case, case.state, len(case.trials)) for case in session.cases] == [
        (CASES[0], "failed", 1),
        (CASES[1], "interrupted", 0),
        (CASES[2], "done", 1),
        (CASES[3], "interrupted", 0),
    ]
    record = session.cases[2]
    assert (record.id, record.renderer, record.drawn) == (CASES[2].id, done.renderer, done.drawn)
    assert (record.camera, record.steps_per_frame) == ("overview", 8)
    assert record.trials[0].metrics == done.metrics and record.trials[0].start_up == done.start_up
    assert record.trials[0].saved_frames == done.saved_frames
    kept = read_timings(writer.folder, str(record.trials[0].timings))
    for phase, expected in timings(seed=1).timed.items():
        assert np.array_equal(kept.timed[phase], expected) and kept.timed[phase].dtype == np.int64
        assert np.array_equal(kept.warmup[phase], timings(seed=1).warmup[phase])
    failure = session.cases[0].trials[0].failure
    assert failure is not None and failure.reason == "no EGL" and failure.log == "one\ntwo \x1b[31m\n"


def test_a_case_is_done_when_all_its_trials_are() -> None:
    profile = PROFILE.override({"measure.trials": 2})
    writer = new_writer(profile=profile, cases=CASES[:2])
    for number, case in ((1, CASES[0]), (1, CASES[1]), (2, CASES[1])):
        writer.append(trial(case, number))
    session = writer.close("interrupted")
    assert [case.state for case in session.cases] == ["interrupted", "done"]
    assert [record.trial for record in session.cases[1].trials] == [1, 2]


def test_a_trial_that_ended_before_its_first_frame_has_empty_timings(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "session")
    writer.append(trial(status="interrupted", metrics=None, timings=timings(frames=0, warmup=1)))
    session = writer.close("interrupted")
    kept = read_timings(writer.folder, str(session.cases[0].trials[0].timings))
    assert all(len(array) == 0 and array.dtype == np.int64 for array in kept.timed.values())
    assert all(len(array) == 1 for array in kept.warmup.values())
    assert session.cases[0].state == "interrupted" and load_session(writer.folder) == session


def test_a_trial_is_kept_once(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "session")
    writer.append(trial())
    with pytest.raises(ValueError, match="kept before"):
        writer.append(trial())
    writer.release()


def test_a_status_that_is_none_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "session")
    with pytest.raises(ValueError, match="finished"):
        writer.close("finished")
    assert writer.close("complete").session.status == SessionStatus.COMPLETE


def test_an_empty_folder_is_used_as_it_is(tmp_path: Path) -> None:
    writer = new_writer(tmp_path)
    assert writer.folder == tmp_path
    writer.close("complete")
    assert names(tmp_path) == FINAL


def test_a_relative_folder_stays_the_same_when_the_working_directory_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    writer = new_writer(Path("out"))
    monkeypatch.chdir("/")
    writer.close("complete")
    assert names(tmp_path / "out") == FINAL


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.txt").write_text("mine")
    sentence = sentence_of(lambda: new_writer(tmp_path), SessionError)
    assert sentence == f"{tmp_path}: is not empty, expected an empty folder or a new one"
    assert names(tmp_path) == ["results.txt"]


def test_a_finished_and_an_unfinished_session_are_never_written_over(tmp_path: Path) -> None:
    finished, unfinished = new_writer(tmp_path / "finished"), new_writer(tmp_path / "unfinished")
    finished.close("complete")
    unfinished.release()
    assert "is not empty" in sentence_of(lambda: new_writer(finished.folder), SessionError)
    assert "not finished" in sentence_of(lambda: new_writer(unfinished.folder), SessionError)
    assert names(finished.folder) == FINAL and names(unfinished.folder) == [JOURNAL_FILE]


def test_a_folder_that_another_process_fills_before_the_lock_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class LateLock(FolderLock):
        def __init__(self, folder: Path) -> None:
            (folder / "results.txt").write_text("theirs")
            super().__init__(folder)

    monkeypatch.setattr("profiles.writer.FolderLock", LateLock)
    assert "is not empty" in sentence_of(lambda: new_writer(tmp_path / "session"), SessionError)
    assert names(tmp_path / "session") == ["results.txt"]


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert "is no folder" in sentence_of(lambda: new_writer(file), SessionError)
    assert "cannot be made (Not a directory)" in sentence_of(lambda: new_writer(file / "x"), SessionError)
    assert "cannot be made" in sentence_of(lambda: new_writer(tmp_path / "nul\0"), SessionError)
    assert "cannot be made (File name too long)" in sentence_of(
        lambda: new_writer(tmp_path / ("x" * 300)), SessionError
    )
    assert file.read_text() == "mine" and names(tmp_path) == ["file"]


def test_a_disk_that_is_full_is_told_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    sentence = sentence_of(lambda: new_writer(tmp_path / "session"), SessionError)
    assert sentence == f"{tmp_path / 'session'}: cannot be written (No space left on device)"
    assert not is_locked(tmp_path / "session")


def test_a_folder_is_written_by_one_process(tmp_path: Path) -> None:
    folder = tmp_path / "session"
    writing = Writing(folder, 1)
    try:
        assert is_locked(folder)
        assert "being written by another process" in sentence_of(lambda: recover(folder), SessionError)
        assert "is being measured now" in sentence_of(lambda: load_session(folder), SessionError)
        assert "expected an empty folder" in sentence_of(lambda: new_writer(folder), SessionError)
        (folder / JOURNAL_FILE).rename(tmp_path / "elsewhere")
        assert "being written by another process" in sentence_of(lambda: new_writer(folder), SessionError)
        (tmp_path / "elsewhere").rename(folder / JOURNAL_FILE)
    finally:
        writing.kill()
    assert not is_locked(folder)
    assert recover(folder).cases[0].state == "done"


@pytest.mark.parametrize("trials", [0, 1, 3])
def test_a_killed_run_is_completed_from_its_journal(tmp_path: Path, trials: int) -> None:
    folder = tmp_path / "session"
    Writing(folder, trials).kill()
    assert "sessions recover" in sentence_of(lambda: load_session(folder), SessionError)
    session = recover(folder)
    assert session.session.status == SessionStatus.INCOMPLETE and session.session.lost == ""
    assert [case.state for case in session.cases] == ["done"] * trials + ["interrupted"] * (4 - trials)
    assert session.session.finished_at == (ENDED if trials else session.session.started_at)
    assert names(folder) == FINAL and load_session(folder) == session
    for case in session.cases[:trials]:
        kept = read_timings(folder, str(case.trials[0].timings)).timed["render"]
        assert np.array_equal(kept, timings(seed=7).timed["render"])
    assert recover(folder) == session


def test_a_torn_trial_is_said_to_be_lost(tmp_path: Path) -> None:
    folder = tmp_path / "session"
    Writing(folder, 2).kill()
    journal = folder / JOURNAL_FILE
    os.truncate(journal, journal.stat().st_size - 1)
    session = recover(folder)
    assert [case.state for case in session.cases] == ["done", "interrupted", "interrupted", "interrupted"]
    assert "is cut short" in session.session.lost and load_session(folder) == session


def test_a_kill_between_the_last_file_and_the_journals_end_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = new_writer(tmp_path / "session")
    writer.append(trial())
    with monkeypatch.context() as patch:
        patch.setattr("profiles.writer._remove_journal", lambda folder: None)
        session = writer.close("complete")
    assert JOURNAL_FILE in names(writer.folder)
    assert recover(writer.folder) == session and session.session.status == SessionStatus.COMPLETE
    assert names(writer.folder) == FINAL


@pytest.mark.parametrize("stop_at", FINAL)
def test_a_disk_that_is_full_at_the_end_leaves_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_at: str
) -> None:
    writer = new_writer(tmp_path / "session")
    writer.append(trial())

    def until_full(path: Path, write: object, **options: bool) -> None:
        if path.name == stop_at:
            raise OSError(28, "No space left on device")
        atomic_write(path, write, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr("profiles.final_files.atomic_write", until_full)
        sentence = sentence_of(lambda: writer.close("complete"), SessionError)
    assert "No space left on device" in sentence and "recover" in sentence
    assert JOURNAL_FILE in names(writer.folder) and "session.toml" not in names(writer.folder)
    assert [entry.status for entry in list_sessions()] == []
    assert recover(writer.folder).cases[0].state == "done"
    assert names(writer.folder) == FINAL


def test_the_session_file_is_the_last_to_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def traced(path: Path, write: object, **options: bool) -> None:
        assert (path.parent / JOURNAL_FILE).exists()
        written.append(path.name)
        atomic_write(path, write, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("profiles.final_files.atomic_write", traced)
    new_writer(tmp_path / "session").close("complete")
    assert written[-1] == "session.toml" and sorted(written) == FINAL
