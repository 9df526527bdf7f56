"""Renaming and deleting sessions from the command line."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.profiles.session_builders import new_writer


@pytest.fixture
def session() -> Path:
    """A session of this machine."""
    writer = new_writer()
    writer.close("complete")
    return writer.folder


def answered(command: list[str], answer: str) -> str:
    """What the command says on a terminal where a person gives this answer."""
    here, there = pty.openpty()
    with subprocess.Popen(command, stdin=there, stdout=there, stderr=there) as process:
        os.close(there)
        os.write(here, answer.encode() + b"\n")
        said = b""
        try:
            while chunk := os.read(here, 4096):
                said += chunk
        except OSError:
            pass  # the other side is closed
        process.wait(60)
    os.close(here)
    return said.decode()


def test_a_session_is_renamed_and_deleted_after_a_question(mjbench, command, session):
    renamed = mjbench("sessions", "rename", session.name, "before")
    assert renamed.out.strip() == str(session.with_name("before"))
    listed = mjbench("sessions", "list").out
    assert "before" in listed and session.name not in listed
    assert mjbench("sessions", "show", "before").code == 0
    mjbench("sessions", "delete", "before").assert_sentence("before", "--yes")

    delete = [*command, "sessions", "delete", "before"]
    assert "nothing was deleted" in answered(delete, "no") and session.with_name("before").exists()
    assert "Delete" in answered(delete, "y") and not session.with_name("before").exists()
    assert "no session" in mjbench("sessions", "list").out


def test_deleting_with_yes_takes_whole_names_only(mjbench, session):
    answer = mjbench("sessions", "delete", session.name[:8], "--yes")
    answer.assert_sentence("unknown session", "did you mean")
    assert answer.code == 2 and session.exists()
    assert mjbench("sessions", "delete", session.name, "--yes").out.strip() == str(session)
    assert not session.exists()
    mjbench("sessions", "rename", "none", "a b").assert_sentence("unknown session 'none'")
