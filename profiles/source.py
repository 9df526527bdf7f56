"""Where a loaded profile comes from, and so where it is saved."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from profiles.errors import ProfileError, reason, shown_path
from profiles.store import (
    SESSION_FILE,
    builtin_profiles_folder,
    is_session,
    own_profiles_folder,
    profile_path,
)
from profiles.toml_file import PROFILE_LIMIT_BYTES, SESSION_LIMIT_BYTES, read_limited, read_toml


class Origin(StrEnum):
    """What kind of thing a profile was loaded from."""

    BUILT_IN = "built-in"
    OWN = "own"
    FILE = "file"
    """A profile at a path that a person gave."""
    SESSION = "session"


@dataclass(frozen=True)
class Source:
    """What a profile was loaded from."""

    name: str
    """What loads it again, from any working directory: a name, or an absolute path."""
    origin: Origin
    path: Path
    """Absolute."""
    digest: bytes | None
    """Of the file's bytes, or None where it cannot be read."""

    @property
    def can_be_saved(self) -> bool:
        """Whether the file itself is a person's to change."""
        return self.origin in (Origin.OWN, Origin.FILE)


def find_source(name_or_path: str | Path) -> Source:
    """Tell what `load_profile` would read.

    Raises:
        ProfileError: no profile has this name, or the file is no TOML.
    """
    path = profile_path(name_or_path).absolute()
    if path.suffix == ".toml" and path.parent == own_profiles_folder().absolute():
        return Source(path.stem, Origin.OWN, path, digest(path))
    if path.parent == builtin_profiles_folder().absolute():
        return Source(path.stem, Origin.BUILT_IN, path, digest(path))
    if _is_session_path(path) or is_session(read_toml(path, SESSION_LIMIT_BYTES, ProfileError)):
        return Source(str(path), Origin.SESSION, path, None)
    return Source(str(path), Origin.FILE, path, digest(path))


def digest(path: Path) -> bytes | None:
    """What tells one content of a file from another, or None where it cannot be read."""
    try:
        return hashlib.sha256(read_limited(path, PROFILE_LIMIT_BYTES, ProfileError)).digest()
    except ProfileError:
        return None


def _is_session_path(path: Path) -> bool:
    try:
        return path.is_dir() or path.name == SESSION_FILE
    except OSError as error:
        raise ProfileError(f"{shown_path(path)}: cannot be read ({reason(error)})") from None
