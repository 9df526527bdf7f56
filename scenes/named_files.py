"""The files that an MJCF file names, looked at before MuJoCo opens any of them.

MuJoCo opens whatever it is given: it would wait for ever on a pipe, and read a device until memory runs out.
Files outside the model's folder are no fault; honest models keep their meshes there.
"""

import html
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from scenes.text import quoted

LARGEST_FILE_BYTES = 512 * 1024 * 1024
"""Of all MJCF that a scene is made of, and of any single file that it names."""
MOST_NAMED_FILES = 100_000
DEEPEST_INCLUDE = 100
"""MuJoCo calls itself for every file that is included by another, until its stack is full."""
_MOST_FOLDERS = 16

_ARCHIVES = (".mjz", ".zip")
_MJCF_ENDINGS = (".xml", ".mjcf", ".urdf")
_KERNEL_FOLDERS = (Path("/proc"), Path("/sys"))

_MJCF = re.compile(rb"""<(include|model)\b((?:[^"'<>]|"[^"]*"|'[^']*')*+)""", re.IGNORECASE)
_FILES = re.compile(rb"""\bfile\w*\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_FOLDERS = re.compile(rb"""\b(?:assetdir|meshdir|texturedir)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class UnfitFileError(Exception):
    """A file must not be given to MuJoCo; the message is a clause that says which and why."""


@dataclass(frozen=True)
class _Text:
    """One file of MJCF, and what names in it are relative to."""

    path: Path
    base: Path
    """Folder of the model that it is a part of."""
    depth: int = 0
    """How many files include one another down to this."""


@dataclass
class _Names:
    """What all texts of a scene name."""

    files: dict[tuple[str, Path, Path], None] = field(default_factory=dict)
    """Value of the attribute, the text's own folder, and its model's."""
    folders: dict[str, None] = field(default_factory=lambda: {"": None})
    """Folders that assets are looked for in, as they are written."""


def check_named_files(file: Path) -> None:
    """Look whether `file` and all that it names, directly or by includes, are files that can be read.

    What is not there at all is left to MuJoCo to tell.

    Raises:
        UnfitFileError: one is a device, a pipe, a socket or too large, or there are too many.
        OSError: `file` cannot be read.
        zipfile.BadZipFile: it is called an archive and is none.
    """
    names = _Names()
    waiting = [_Text(file, file.parent)]
    seen: set[Path] = set()
    read_bytes = 0
    while waiting:
        text = waiting.pop()
        if text.path in seen:
            continue
        seen.add(text.path)
        if text.depth > DEEPEST_INCLUDE:
            raise UnfitFileError(f"more than {DEEPEST_INCLUDE} files in it include one another")
        read_bytes += _checked_size(text.path, text.path.stat(), "it" if len(seen) == 1 else "")
        if read_bytes > LARGEST_FILE_BYTES:
            raise UnfitFileError(f"it and what it includes have more than {_mib(LARGEST_FILE_BYTES)} of MJCF")
        for content in _contents(text.path):
            waiting += _read_names(text, content, names)
    for value, own, base in names.files:
        for path in _places(value, (own, base), tuple(names.folders)):
            _check_if_there(path)


def _contents(path: Path) -> Iterator[bytes]:
    """The MJCF in a file: the file itself, or all that an archive holds of it."""
    if path.suffix.lower() not in _ARCHIVES:
        yield path.read_bytes()
        return
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if (size := sum(member.file_size for member in members)) > LARGEST_FILE_BYTES:
            raise UnfitFileError(
                f"unpacked it has {_mib(size)}, and at most {_mib(LARGEST_FILE_BYTES)} are read"
            )
        for member in members:
            if member.filename.lower().endswith(_MJCF_ENDINGS):
                yield archive.read(member)


def _read_names(text: _Text, content: bytes, names: _Names) -> Iterator[_Text]:
    """Add to `names` what `content` names; yield the MJCF among it that is there."""
    own = text.path.parent
    for match in _FOLDERS.finditer(content):
        if len(names.folders) < _MOST_FOLDERS:
            names.folders[_value(match)] = None
    for match in _FILES.finditer(content):
        names.files[_value(match), own, text.base] = None
        if len(names.files) > MOST_NAMED_FILES:
            raise UnfitFileError(f"it names more than {MOST_NAMED_FILES} files")
    for element in _MJCF.finditer(content):
        for match in _FILES.finditer(element[2]):
            is_model, value = element[1].lower() == b"model", _value(match)
            for path in dict.fromkeys((text.base / value, own / value)):
                if _check_if_there(path):
                    yield _Text(path, path.parent if is_model else text.base, text.depth + 1)


def _places(value: str, bases: tuple[Path, Path], folders: tuple[str, ...]) -> Iterator[Path]:
    """Where MuJoCo may look for a file, each place once; also under its bare name, as `strippath` asks."""
    for name in dict.fromkeys((value, Path(value).name)):
        for base in dict.fromkeys(bases):
            for folder in folders:
                yield base / folder / name


def _check_if_there(path: Path) -> bool:
    """Whether there is a file that can be read; False for none, or a folder."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return False
    if stat.S_ISDIR(status.st_mode):
        return False
    _checked_size(path, status, "")
    return True


def _checked_size(path: Path, status: os.stat_result, called: str) -> int:
    """The size of a file in bytes; `called` is what the sentence calls it where not by its path."""
    who = called or f"it names {quoted(str(path))}, which"
    if not stat.S_ISREG(status.st_mode) or status.st_dev in _kernel_devices():
        raise UnfitFileError(f"{who} is no ordinary file")
    if status.st_size > LARGEST_FILE_BYTES:
        raise UnfitFileError(
            f"{who} has {_mib(status.st_size)}, and at most {_mib(LARGEST_FILE_BYTES)} are read"
        )
    return status.st_size


@cache
def _kernel_devices() -> frozenset[int]:
    """Where the kernel makes files up as they are read: some wait, and some never come to an end."""
    return frozenset(folder.stat().st_dev for folder in _KERNEL_FOLDERS if folder.is_dir())


def _value(match: re.Match[bytes]) -> str:
    """What stands between the quotes, in `'` or `"`."""
    return html.unescape(os.fsdecode(match[1] if match[1] is not None else match[2]))


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f} MiB"
