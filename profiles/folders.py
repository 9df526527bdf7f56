"""The folders in which a person's files are kept, as the XDG Base Directory Specification places them."""

from pathlib import Path
from typing import Literal

from profiles.errors import ProfileError, SessionError

APP_NAME = "mjbench"
_NOWHERE = Path("/nonexistent")
"""What Debian calls the home of those that have none: nobody makes it."""
Kind = Literal["config", "data", "state"]
_VARIABLES: dict[Kind, str] = {
    "config": "XDG_CONFIG_HOME",
    "data": "XDG_DATA_HOME",
    "state": "XDG_STATE_HOME",
}


def person_folder(kind: Kind) -> Path:
    """The folder for one kind of files; it need not exist, and cannot where no home is known."""
    import platformdirs

    find = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "state": platformdirs.user_state_path,
    }
    try:
        folder = find[kind](APP_NAME, appauthor=False)
    except RuntimeError:
        return _NOWHERE / APP_NAME
    # What some versions return instead would be a folder called "~" in the current one.
    return folder if folder.is_absolute() else _NOWHERE / APP_NAME


def require_home(path: Path, kind: Kind, error: type[ProfileError] | type[SessionError]) -> None:
    """Refuse to write into a home that nobody knows.

    Raises:
        ProfileError, SessionError: as `error` says; HOME is not set, and the user database does not tell.
    """
    if path.is_relative_to(_NOWHERE):
        raise error(f"this user has no home folder, expected one in HOME, or a folder in {_VARIABLES[kind]}")
