"""The folders in which a person's files are kept, as the XDG Base Directory Specification places them."""

from pathlib import Path
from typing import Literal

from profiles.errors import ProfileError, SessionError

APP_NAME = "mjbench"
Kind = Literal["config", "data", "state"]
_VARIABLES: dict[Kind, str] = {
    "config": "XDG_CONFIG_HOME",
    "data": "XDG_DATA_HOME",
    "state": "XDG_STATE_HOME",
}


def person_folder(kind: Kind) -> Path:
    """The folder for one kind of files; it need not exist.

    It begins with "~" where nobody knows what this person's home is; see `require_home`.
    """
    import platformdirs

    find = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "state": platformdirs.user_state_path,
    }
    return find[kind](APP_NAME, appauthor=False)


def require_home(path: Path, kind: Kind, error: type[ProfileError] | type[SessionError]) -> None:
    """Refuse to write into a home that nobody knows: a folder called "~" would be made in the current one.

    Raises:
        ProfileError, SessionError: as `error` says; HOME is not set, and the user database does not tell.
    """
    if path.parts and path.parts[0] == "~":
        raise error(
            f"{path}: cannot be made, as HOME is not set and this user has no home folder, "
            f"expected one of them or {_VARIABLES[kind]}"
        )
