"""What goes wrong with files, as one sentence, and text from outside made fit to stand in it."""

import errno
import math
from collections.abc import Mapping
from pathlib import Path

_LONGEST_QUOTE = 80
_LONGEST_DETAIL = 400


class ProfileError(Exception):
    """A profile cannot be read, used or saved; the message is one sentence that says what to do."""

    def __init__(self, sentence: str, about_scene: bool = False, disk_failed: bool = False) -> None:
        """Make one.

        Args:
            sentence: the message.
            about_scene: whether all that is wrong is a scene that does not exist here.
            disk_failed: see `is_of_disk`.
        """
        super().__init__(sentence)
        self.about_scene = about_scene
        self.disk_failed = disk_failed


class SessionError(Exception):
    """A session cannot be read or written; the message is one sentence that says what to do."""

    def __init__(self, sentence: str, disk_failed: bool = False) -> None:
        """`disk_failed` is as `is_of_disk` has it."""
        super().__init__(sentence)
        self.disk_failed = disk_failed


class Problem(Exception):  # noqa: N818 (never leaves this room)
    """What is wrong with one key, before it is known whether a file or an option is to blame."""

    def __init__(self, key: str, text: str, about_scene: bool = False) -> None:
        """`key` is dotted, as `measure.duration` or `scenes[1]`, "" for the whole; `text` follows it."""
        super().__init__(key, text)
        self.key = key
        self.text = text
        self.about_scene = about_scene

    def about(self, label: str) -> str:
        """The sentence, with `label` as its subject in the place of the key."""
        separator = " " if label and not self.text.startswith(":") else ""
        return f"{label}{separator}{self.text}".removeprefix(": ")

    def in_file(self, name: str, section: str = "") -> str:
        """The sentence about a file called `name`; `section` is the table of it that was looked at."""
        key = ".".join(part for part in (section, self.key) if part)
        return f"{name}: {self.about(key)}"


def one_line(text: str, longest: int = _LONGEST_DETAIL) -> str:
    """Escape whatever is not printable, and cut what is too long."""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text if text.isprintable() else repr(text)[1:-1]


def quoted(text: str) -> str:
    """Show text from outside in a sentence: in quotes, on one line, escaped, not too long."""
    return repr(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…")


def is_utf8(text: str) -> bool:
    """False where a name from the system holds bytes that are no text, as Python's half surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def shown_path(path: Path | str) -> str:
    """Show a path as it is, or escaped and in quotes where it holds what is not printable."""
    text = str(path)
    return text if text.isprintable() else repr(text)


def found(value: object) -> str:
    """Say in a few words what a TOML value is."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        # Beyond 4300 digits Python refuses to print a number.
        return str(value) if value.bit_length() <= 128 else f"a number of {value.bit_length()} bits"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return one_line(str(value))


def lacks_space(error: OSError | ValueError) -> bool:
    """Whether more space on the disk would have helped."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_of_disk(error: OSError | ValueError) -> bool:
    """Whether a disk is full or broken: nothing is wrong with what a person asked for."""
    return lacks_space(error) or (isinstance(error, OSError) and error.errno == errno.EIO)


def reason(error: OSError | ValueError) -> str:
    """Say why the system refused, without the path that it repeats."""
    return one_line((error.strerror if isinstance(error, OSError) else None) or str(error))
