"""Where profiles are kept: a person's own in their configuration folder, built-in ones in the package."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from engine.files import atomic_write, make_folder
from profiles.errors import Problem, ProfileError, is_of_disk, quoted, reason, shown_path
from profiles.files import atomic_create
from profiles.folders import person_folder, require_home
from profiles.profile import Profile, parse_profile, profile_table
from profiles.toml_errors import nearest
from profiles.toml_file import PROFILE_LIMIT_BYTES, SESSION_LIMIT_BYTES, parse_toml, read_limited, read_toml

SESSION_FILE = "session.toml"
"""The name of a session's file, whose table `profile` is a profile."""
PLAIN_NAME = "1 to 64 letters, digits, '.', '_' or '-', not beginning with '.' nor ending in .toml"
"""What `is_plain_name` accepts, in words."""
_SLUG = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class ProfileEntry:
    """One line of the list of profiles."""

    name: str
    origin: Literal["built-in", "own"]
    path: Path
    title: str
    error: str = ""
    """Why the file cannot be used, in one sentence; empty where it can."""
    profile: Profile | None = None
    """What the file holds, or None where it cannot be used."""


def own_profiles_folder() -> Path:
    """The folder of a person's own profiles; it need not exist."""
    return person_folder("config") / "profiles"


def builtin_profiles_folder() -> Path:
    """The folder of the profiles that come with the instrument."""
    from importlib.resources import files

    return Path(str(files("profiles") / "builtin"))


def list_profiles() -> tuple[ProfileEntry, ...]:
    """Every profile by name, built-in ones first; one's own stands in for the built-in one of the same name.

    Raises:
        ProfileError: the folder of one's own profiles cannot be read.
    """
    own = [_entry(path, "own") for path in profile_files(own_profiles_folder())]
    names = {entry.name for entry in own}
    return (*(entry for entry in list_builtin_profiles() if entry.name not in names), *own)


def list_builtin_profiles() -> tuple[ProfileEntry, ...]:
    """The profiles that come with the instrument, by name."""
    return tuple(_entry(path, "built-in") for path in profile_files(builtin_profiles_folder()))


def load_profile(name_or_path: str | Path) -> Profile:
    """Read a profile by its name, or from a path.

    A text that holds a path separator or ends in .toml is a path: of a profile, of a session's folder, or of
    its session.toml, which holds a profile too. A name is looked up among one's own first, then among the
    built-in ones.

    Raises:
        ProfileError: there is no such profile, or it is not valid.
    """
    return _load_path(profile_path(name_or_path))


def profile_path(name_or_path: str | Path) -> Path:
    """Find the file that `load_profile` reads; a path is only returned, whether or not anything is there.

    Raises:
        ProfileError: no profile has this name.
    """
    if isinstance(name_or_path, Path) or _is_path(name_or_path):
        return Path(os.path.expanduser(name_or_path))  # noqa: PTH111 (never raises)
    if _SLUG.fullmatch(name_or_path):
        for folder in (own_profiles_folder(), builtin_profiles_folder()):
            path = folder / f"{name_or_path}.toml"
            if os.path.lexists(path):
                return path
    for path in profile_files(own_profiles_folder()):  # a file that a person named as they liked
        if path.stem == name_or_path:
            return path
    raise ProfileError(f"unknown profile {quoted(name_or_path)}: {_hint(name_or_path)}")


def save_profile(name: str, profile: Profile, overwrite: bool = False, like: Path | None = None) -> Path:
    """Keep a profile among one's own, and return where.

    Over an existing file its comments and the order of its keys stay; a new one takes those of `like`.

    Raises:
        ProfileError: the name is not allowed or taken, or the file cannot be written; then nothing changed.
    """
    check_name(name)
    path = own_profiles_folder() / f"{name}.toml"
    require_home(path, "config", ProfileError)
    write_profile(path, profile, overwrite, like)
    return path


def write_profile(path: Path, profile: Profile, overwrite: bool = False, like: Path | None = None) -> None:
    """As `save_profile`, to any path.

    Raises:
        ProfileError: something is there already, or the file cannot be written; then nothing changed.
    """
    try:
        profile = parse_profile(profile_table(profile), None, check_names=False)
    except Problem as problem:
        raise ProfileError(problem.in_file(f"profile {quoted(path.stem)}")) from None
    exists = os.path.lexists(path)
    if exists and not overwrite:
        raise _exists(path)
    text = _merged(path, profile) if exists else _new_text(profile, like, path.absolute().parent)

    def write(file: BinaryIO) -> None:
        file.write(text.encode())

    try:
        make_folder(path.parent, exist_ok=True)
        (atomic_write if exists else atomic_create)(path, write)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        sentence = f"{shown_path(path)}: cannot be written ({reason(error)})"
        raise ProfileError(sentence, disk_failed=is_of_disk(error)) from None


def profile_text(profile: Profile) -> str:
    """The TOML of a profile as a new file has it."""
    import tomli_w

    return tomli_w.dumps(profile_table(profile), multiline_strings="\n" in profile.description)


def _merged(path: Path, profile: Profile) -> str:
    """The text of a person's file with what differs put in."""
    from profiles.merge import merged_text

    data = read_limited(path, PROFILE_LIMIT_BYTES, ProfileError)
    name = shown_path(path)
    parse_toml(data, name, ProfileError)
    try:
        return merged_text(data.decode("utf-8-sig"), profile, path.absolute().parent)
    except Problem as problem:
        raise ProfileError(f"{problem.in_file(name)}; it was left as it is") from None


def _new_text(profile: Profile, like: Path | None, base: Path) -> str:
    """The text of a new file in the folder `base`: that of `like` changed, where it can be."""
    from profiles.merge import merged_text

    if like is None:
        return profile_text(profile)
    try:
        data = read_limited(like, PROFILE_LIMIT_BYTES, ProfileError)
        parse_toml(data, shown_path(like), ProfileError)
        return merged_text(data.decode("utf-8-sig"), profile, base)
    except (ProfileError, Problem):
        return profile_text(profile)


def _exists(path: Path) -> ProfileError:
    return ProfileError(f"{shown_path(path)}: exists already, expected another name or leave to overwrite it")


def check_name(name: str) -> None:
    """Refuse what no profile of one's own may be called.

    Raises:
        ProfileError: the name has characters that are not allowed, or is that of a built-in profile.
    """
    if not is_plain_name(name):
        raise ProfileError(f"{quoted(name)} cannot be the name of a profile, expected {PLAIN_NAME}")
    if name.casefold() in {path.stem.casefold() for path in profile_files(builtin_profiles_folder())}:
        raise ProfileError(f"{quoted(name)} is the name of a built-in profile, expected another name")


def is_plain_name(name: str) -> bool:
    """Whether a name is easy to type, and can be taken neither for a path nor for a hidden file."""
    return bool(_SLUG.fullmatch(name)) and not name.lower().endswith(".toml")


def _is_path(text: str) -> bool:
    return os.sep in text or bool(os.altsep and os.altsep in text) or text.lower().endswith(".toml")


def profile_files(folder: Path) -> list[Path]:
    """The profiles in a folder, by name; none where it does not exist.

    Raises:
        ProfileError: the folder cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.name[0] != ".")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ProfileError(f"{shown_path(folder)}: cannot be listed ({reason(error)})") from None


def _entry(path: Path, origin: Literal["built-in", "own"]) -> ProfileEntry:
    try:
        profile = _load_path(path)
        return ProfileEntry(path.stem, origin, path, profile.title, profile=profile)
    except ProfileError as error:
        return ProfileEntry(path.stem, origin, path, "", str(error))


def _load_path(path: Path) -> Profile:
    """Read a profile, or the one inside a session."""
    try:
        session = path.name == SESSION_FILE or path.is_dir()
        file = path / SESSION_FILE if path.is_dir() else path
    except (OSError, ValueError) as error:
        raise ProfileError(f"{shown_path(path)}: cannot be read ({reason(error)})") from None
    if session and path != file and not os.path.lexists(file):
        raise ProfileError(
            f"{shown_path(path)}: is a folder without {SESSION_FILE}, expected a profile or a session"
        )
    data = read_toml(file, SESSION_LIMIT_BYTES if session else PROFILE_LIMIT_BYTES, ProfileError)
    section = "profile" if is_session(data) else ""
    try:
        return parse_profile(data["profile"] if section else data, file.absolute().parent)
    except Problem as problem:
        raise ProfileError(problem.in_file(shown_path(file), section), problem.about_scene) from None


def is_session(data: Mapping[str, object]) -> bool:
    """Whether a file's table is a session's, which holds a profile too."""
    return isinstance(data.get("profile"), dict) and isinstance(data.get("session"), dict)


def _hint(name: str) -> str:
    folders = (builtin_profiles_folder(), own_profiles_folder())
    names = [path.stem for folder in folders for path in profile_files(folder)]
    near = nearest(name, names)
    if near:
        return f"did you mean {near!r}?"
    if "\0" not in name and os.path.lexists(name):
        return f"for the file or folder of this name write {quoted('./' + name)}"
    return f"known are {', '.join(dict.fromkeys(names))}, and the path of a profile or a session"
