"""Renaming, deleting and duplicating profiles; built-in ones are only ever duplicated."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from engine.files import make_folder, sync_folder
from profiles.errors import ProfileError, is_of_disk, quoted, reason, shown_path
from profiles.files import atomic_create, move_to_free_name
from profiles.folders import require_home
from profiles.store import (
    builtin_profiles_folder,
    check_name,
    own_profiles_folder,
    profile_files,
    profile_path,
)
from profiles.toml_file import PROFILE_LIMIT_BYTES, read_limited

_LONGEST_NAME = 64


def rename_profile(old: str, new: str) -> Path:
    """Give one's own profile another name, valid or not, and return its new path.

    Of a link the link is renamed. Relative paths of scenes stay right: the folder is the same.

    Raises:
        ProfileError: there is no such profile, it is built in, or the new name is not allowed or taken.
    """
    path = own_profile_path(old)
    check_free_name(new)
    target = own_profiles_folder() / f"{new}.toml"
    try:
        move_to_free_name(path, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        raise _undone(path, "renamed", error) from None
    return target


def delete_profile(name: str) -> Path:
    """Delete one's own profile, valid or not, and return where it was; of a link, the link alone.

    Raises:
        ProfileError: there is no such profile, it is built in, or it cannot be deleted.
    """
    path = own_profile_path(name)
    try:
        path.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise _undone(path, "deleted", error) from None
    return path


def duplicate_profile(name: str, new: str) -> Path:
    """Copy the text of a profile, built-in or one's own, valid or not, and return where the copy is.

    Raises:
        ProfileError: there is no such profile, the new name is not allowed or taken, or a file cannot be
            read or written.
    """
    source = _find(own_profiles_folder(), name) or _find(builtin_profiles_folder(), name)
    if source is None:
        path = profile_path(name)  # says what is near
        raise ProfileError(f"{shown_path(path)}: is a path, expected the name of a profile")
    check_free_name(new)
    data = read_limited(source, PROFILE_LIMIT_BYTES, ProfileError)
    target = own_profiles_folder() / f"{new}.toml"
    require_home(target, "config", ProfileError)

    def write(file: BinaryIO) -> None:
        file.write(data)

    try:
        make_folder(target.parent, exist_ok=True)
        atomic_create(target, write)
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        raise _undone(target, "written", error) from None
    return target


def own_profile_path(name: str) -> Path:
    """Find the file, or the link, of one's own profile; valid or not.

    Raises:
        ProfileError: there is no such profile, it is built in, or it is a folder.
    """
    found = _find(own_profiles_folder(), name)
    if found is None:
        if _find(builtin_profiles_folder(), name):
            raise ProfileError(f"{quoted(name)} is built in and stays as it is, duplicate it first")
        path = profile_path(name)  # says what is near
        raise ProfileError(f"{shown_path(path)}: is a path, expected the name of one of your own profiles")
    try:
        is_folder = stat.S_ISDIR(found.lstat().st_mode)
    except OSError as error:
        raise ProfileError(f"{shown_path(found)}: cannot be read ({reason(error)})") from None
    if is_folder:
        raise ProfileError(f"{shown_path(found)}: is a folder, expected a profile's file")
    return found


def check_free_name(name: str) -> None:
    """Refuse a name that a new profile cannot have.

    Raises:
        ProfileError: the name is not allowed, or taken.
    """
    check_name(name)
    path = own_profiles_folder() / f"{name}.toml"
    if os.path.lexists(path):
        raise _taken(path)


def free_name(name: str) -> str:
    """A name that is free and much like this one: `quick-2` for `quick`; "" in the end."""
    allowed = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in name
    )
    stem = allowed.lstrip(".")[: _LONGEST_NAME - 5] or "profile"
    tried = (f"{stem}-{number}" for number in range(2, 10_000))
    return next((name for name in tried if _is_free(name)), "")


def _is_free(name: str) -> bool:
    try:
        check_free_name(name)
    except ProfileError:
        return False
    return True


def _find(folder: Path, name: str) -> Path | None:
    """The file of this name, however a person named it, or None."""
    return next((path for path in profile_files(folder) if path.stem == name), None)


def _undone(path: Path, what: str, error: OSError) -> ProfileError:
    sentence = f"{shown_path(path)}: cannot be {what} ({reason(error)})"
    return ProfileError(sentence, disk_failed=is_of_disk(error))


def _taken(path: Path) -> ProfileError:
    return ProfileError(f"{quoted(path.stem)} is the name of another profile, expected another name")
