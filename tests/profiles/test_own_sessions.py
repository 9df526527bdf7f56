"""Sessions are renamed and deleted: whole, not while they run, and nothing but sessions."""

import json
import os
import shutil
from pathlib import Path

import pytest

from profiles.errors import SessionError
from profiles.own_sessions import check_free_session_name, delete_session, rename_session
from profiles.sessions import list_sessions, load_session, sessions_folder
from profiles.writer import recover
from tests.profiles.session_builders import new_writer, sentence_of, trial


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


def test_a_session_is_deleted_with_all_that_is_in_it_and_nothing_beyond(tmp_path: Path) -> None:
    folder, kept = finished(), finished()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("")
    (folder / "frames" / "deep").mkdir(parents=True)
    (folder / "frames" / "deep" / "1.png").write_text("")
    (folder / "frames" / "link").symlink_to(outside)
    assert delete_session(folder.name) == folder
    assert names() == [kept.name] and (outside / "precious").exists()


def test_of_a_link_the_link_alone_is_deleted(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(finished(), elsewhere)
    (sessions_folder() / "linked").symlink_to(elsewhere)
    (entry,) = list_sessions()
    rename_session(entry, "link")
    delete_session("link")
    assert names() == [] and load_session(elsewhere).session.status == "complete"


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

    def refuse(path: Path) -> None:
        raise OSError(5, os.strerror(5), str(path))

    monkeypatch.setattr(shutil, "rmtree", refuse)
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
        raise PermissionError(13, os.strerror(13), str(old))

    monkeypatch.setattr(Path, "rename", refuse)
    assert "cannot be renamed (Permission" in sentence_of(
        lambda: rename_session(folder.name, "x"), SessionError
    )
    assert "cannot be deleted (Permission" in sentence_of(lambda: delete_session(folder.name), SessionError)
    assert load_session(folder).session.status == "complete"
