"""A session in a file of another form: what forms there are, and writing one."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from engine.files import atomic_write
from profiles.errors import is_utf8, quoted, reason, shown_path
from profiles.files import atomic_create
from profiles.session import Session
from tui.output import export


class Form(Enum):
    """What a session, or the screen, is written as."""

    CSV = ("CSV", ".csv", "one row a trial, for a spreadsheet")
    JSON = ("JSON", ".json", "all figures, machine and settings")
    MARKDOWN = ("Markdown", ".md", "the result table, for a report")
    SVG = ("SVG", ".svg", "a picture of the screen behind this")

    def __init__(self, title: str, suffix: str, words: str) -> None:
        self.title = title
        self.suffix = suffix
        self.words = words


class ExportError(Exception):
    """The file cannot be written; the message is one sentence."""


class FileThereError(ExportError):
    """Something has the name: it is replaced only where a person says so."""


def session_text(session: Session, folder: Path, form: Form) -> str:
    """The session in a form that needs no screen."""
    if form is Form.JSON:
        return export.as_json(session, str(folder))
    return export.as_csv(session) if form is Form.CSV else export.as_markdown(session)


def default_name(folder: Path, form: Form) -> str:
    """What the file is called where nobody says otherwise: like the session, and easy to type."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "-" for letter in folder.name)
    return (
        plain.replace("/", "-").lstrip(".-~ ") + form.suffix
        if plain.strip(".-~ ")
        else f"session{form.suffix}"
    )


def with_suffix(path: str, old: Form, new: Form) -> str:
    """The path of another form, where a person left the suffix as it was."""
    return path.removesuffix(old.suffix) + new.suffix if path.endswith(old.suffix) else path


def export_path(text: str) -> Path:
    """The file that a person means.

    Raises:
        ExportError: no file can be there.
    """
    path = Path(os.path.expanduser(text.strip()))  # noqa: PTH111 (never raises)
    try:
        path = path.absolute()
        if not text.strip() or text.rstrip().endswith("/") or path.is_dir():
            raise ExportError(f"{quoted(text)} is a folder, expected the name of a file")
        if not path.parent.is_dir():
            raise ExportError(f"{shown_path(path.parent)}: there is no such folder, expected one that exists")
        if not is_utf8(str(path)):
            raise ExportError(f"{quoted(text)} is no text, expected the name of a file")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise ExportError(f"{shown_path(path.parent)}: cannot be written, expected another folder")
    except (OSError, ValueError) as error:
        raise ExportError(f"{quoted(text)} cannot be used ({reason(error)}), expected another name") from None
    return path


def write_export(path: Path, text: str, replace: bool = False) -> None:
    """Write a file whole, or leave all as it was.

    Raises:
        FileThereError: something has the name, and `replace` is False.
        ExportError: the file cannot be written.
    """

    def write(file: BinaryIO) -> None:
        file.write(text.encode("utf-8", "replace"))

    put: Callable[[Path, Callable[[BinaryIO], None]], None] = atomic_write if replace else atomic_create
    try:
        put(path, write)
    except FileExistsError:
        raise FileThereError(f"{shown_path(path)} exists already") from None
    except OSError as error:
        raise ExportError(f"{shown_path(path)}: cannot be written ({reason(error)})") from None
