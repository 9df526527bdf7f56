"""Sessions are renamed and deleted: whole, not while they run, and nothing but sessions."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from profiles.errors import SessionError
from profiles.own_sessions import DeletedSession, check_free_session_name, delete_session, rename_session
from profiles.sessions import list_sessions, load_session, sessions_folder
from profiles.writer import recover
from tests.profiles.session_builders import CASES, new_writer, sentence_of, trial


def finished() -> Path:
    writer = new_writer()
    writer.append(trial())
    writer.close("complete")
    return writer.folder


def names() -> list[str]:
    return sorted(path.name for path in sessions_folder().iterdir())


def test_a_session_has_the_name_of_its_folder_and_is_found_by_it() -> None:
    folder = finished()
    session = load_session(folder)
    (entry,) = list_sessions()
    renamed = rename_session(entry, "before-the-fix")
    assert renamed == sessions_folder() / "before-the-fix" and names() == ["before-the-fix"]
    assert load_session("before-the-fix") == load_session("before") == session
    (entry,) = list_sessions()
    assert (entry.name, entry.id) == ("before-the-fix", folder.name)
    assert json.loads(json.dumps(entry.as_document()))["name"] == "before-the-fix"
    assert not (renamed / ".lock").exists()


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "a/b", "x.toml", "a b", "a\x1b", "[red]", "x" * 65]
)
def test_a_name_that_could_be_taken_for_something_else_is_refused(name: str) -> None:
    folder = finished()
    assert "cannot be the name" in sentence_of(lambda: rename_session(folder.name, name), SessionError)
    assert names() == [folder.name]


def test_a_taken_name_and_a_session_that_is_not_there_are_refused() -> None:
    one, other = finished(), finished()
    (sessions_folder() / "link").symlink_to("nowhere")
    for name in (one.name, other.name, "link"):
        sentence = sentence_of(lambda name=name: rename_session(one.name, name), SessionError)
        assert "is the name of another session" in sentence
        assert sentence == sentence_of(lambda name=name: check_free_session_name(name), SessionError)
    for name in (one.name[:-4] + "zzzz", "..", ".", "", str(one), "\ud800"):
        assert "unknown session" in sentence_of(lambda name=name: rename_session(name, "x"), SessionError)
        assert "unknown session" in sentence_of(lambda name=name: delete_session(name), SessionError)
    assert names() == sorted([one.name, other.name, "link"])


def test_a_running_session_is_left_alone_and_a_killed_one_is_not() -> None:
    writer = new_writer()
    writer.append(trial())
    for call in (lambda: rename_session(writer.folder.name, "x"), lambda: delete_session(writer.folder.name)):
        assert "is being measured now" in sentence_of(call, SessionError)
    assert [entry.status for entry in list_sessions()] == ["running"]
    writer.release()
    renamed = rename_session(writer.folder.name, "killed")
    assert recover(renamed).session.status == "incomplete"
    assert [entry.name for entry in list_sessions()] == ["killed"]


def test_a_session_is_deleted_with_all_that_it_made() -> None:
    folder, kept = finished(), finished()
    case = CASES[0].id
    made = (
        "frames/{}.1.frame00060.png", "frames/{}.2.1.fault.png", "frames/{}.differs.png",
        "frames/{}.1.robot.2.png", "frames/.0123456789abcdef.part", "logs/{}.1.log", "logs/{}.12.3.log",
        "logs/MUJOCO_LOG.TXT", "logs/core.17", ".0123456789abcdef.part", "journal.bin",
    )  # fmt: skip
    for name in made:
        path = folder / name.format(case)
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    assert delete_session(folder.name) == DeletedSession(folder)
    assert names() == [kept.name] and DeletedSession(folder).note == ""


def test_what_a_person_put_beside_it_stays_and_is_told(tmp_path: Path) -> None:
    folder = finished()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.png").write_text("")
    theirs = ("notes.txt", "frames/deep/1.png", "frames/holiday.png", "logs/mine.log", "report.toml")
    for name in theirs:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    (folder / "frames" / f"{CASES[0].id}.1.frame00060.png").write_text("")
    (folder / "frames" / "link").symlink_to(outside)
    deleted = delete_session(folder.name)
    assert deleted.left == (
        "frames/deep", "frames/holiday.png", "frames/link", "logs/mine.log", "notes.txt", "report.toml"
    )  # fmt: skip
    assert deleted.note == (
        f"{folder}: what no session makes was left there: 'frames/deep', 'frames/holiday.png', "
        "'frames/link', 'logs/mine.log', 'notes.txt' and 1 more"
    )
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
    assert left == sorted(theirs) and (outside / "precious.png").exists()
    assert list_sessions() == ()
    assert "is no session" in sentence_of(lambda: delete_session(folder.name), SessionError)


def test_links_in_a_session_are_deleted_and_what_they_point_to_stays(tmp_path: Path) -> None:
    folder = finished()
    outside = tmp_path / "outside"
    (outside / "frames").mkdir(parents=True)
    picture = outside / "frames" / f"{CASES[0].id}.1.frame00060.png"
    for path in (picture, outside / "session.toml", outside / "metrics.json"):
        path.write_text("precious")
    for name in ("session.toml", "metrics.json", "frames"):
        if (folder / name).exists():
            (folder / name).unlink()
        (folder / name).symlink_to(outside / name)
    assert delete_session(folder.name).left == ()
    assert names() == [] and picture.read_text() == "precious"
    assert sorted(path.name for path in outside.iterdir()) == ["frames", "metrics.json", "session.toml"]


def test_of_a_link_the_link_alone_is_deleted(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(finished(), elsewhere)
    (sessions_folder() / "linked").symlink_to(elsewhere)
    (entry,) = list_sessions()
    rename_session(entry, "link")
    delete_session("link")
    assert names() == [] and load_session(elsewhere).session.status == "complete"
    assert not (elsewhere / ".lock").exists()


def test_a_damaged_session_can_be_deleted_and_a_folder_of_other_things_cannot() -> None:
    damaged = finished()
    (damaged / "session.toml").write_text("= [")
    for name in ("empty", "other"):
        (sessions_folder() / name).mkdir()
    (sessions_folder() / "other" / "thesis.tex").write_text("")
    delete_session(damaged.name)
    delete_session("empty")
    assert "is no session" in sentence_of(lambda: delete_session("other"), SessionError)
    assert names() == ["other"] and (sessions_folder() / "other" / "thesis.tex").exists()


def test_what_is_left_of_a_deletion_that_fails_is_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = finished()

    unlink = os.unlink

    def refuse(name: str, **place: int) -> None:
        if name == "metrics.json":
            raise OSError(errno.EIO, os.strerror(errno.EIO), name)
        unlink(name, **place)

    with monkeypatch.context() as broken:
        broken.setattr(os, "unlink", refuse)
        sentence = sentence_of(lambda: delete_session(folder.name), SessionError)
    assert "cannot be deleted wholly (Input/output error), what is left lies in" in sentence
    (left,) = names()
    assert left in sentence and list_sessions() == ()
    assert not (sessions_folder() / left / "session.toml").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence_and_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = finished()

    def refuse(old: Path, new: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(old))

    monkeypatch.setattr(Path, "rename", refuse)
    assert "cannot be renamed (Permission" in sentence_of(
        lambda: rename_session(folder.name, "x"), SessionError
    )
    assert "cannot be deleted (Permission" in sentence_of(lambda: delete_session(folder.name), SessionError)
    assert load_session(folder).session.status == "complete"
